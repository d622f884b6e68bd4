/* SPDX-License-Identifier: MIT */
/* What is said of one object and of failures: why a field is unknown, references, reasons. */
#include "unit.h"

#include "base/context.h"

#include <errno.h>

static void test_why(void **state)
{
	const struct ipck_object object = {
		.kind = IPCK_SHM,
		.known = IPCK_SHM_RSS,
		.unknown = { .denied = IPCK_SHM_SWAP,
			     .unsupported = IPCK_SHM_HUGETLB,
			     .outside = IPCK_SHM_CPID },
	};

	(void)state;
	assert_int_equal(ipck_object_why(&object, IPCK_SHM_RSS), IPCK_OK);
	assert_int_equal(ipck_object_why(&object, IPCK_SHM_SWAP), IPCK_ERR_DENIED);
	assert_int_equal(ipck_object_why(&object, IPCK_SHM_HUGETLB), IPCK_ERR_UNSUPPORTED);
	assert_int_equal(ipck_object_why(&object, IPCK_SHM_CPID), IPCK_ERR_OUTSIDE);
	assert_int_equal(ipck_object_why(&object, IPCK_SHM_LPID), IPCK_ERR_NOT_WANTED);
	assert_int_equal(ipck_object_why(&object, IPCK_FIELD_NAMESPACE), IPCK_ERR_NOT_WANTED);
}

static void test_ref(void **state)
{
	const struct ipck_object segment = { .kind = IPCK_SHM,
					     .id = 5,
					     .key = 0x5432,
					     .ctime = 1795255949,
					     .cuid = 1000,
					     .cgid = 100,
					     .ns = 4026532201 };
	struct ipck_object other = segment;
	struct ipck_ref ref;
	char text[IPCK_REF_MAX];

	(void)state;
	memset(&ref, 0xff, sizeof(ref));
	ipck_object_ref(&segment, false, &ref);
	ipck_ref_format(&ref, text, sizeof(text));
	assert_string_equal(text, "shm:5");
	memset(&ref, 0xff, sizeof(ref));
	ipck_object_ref(&segment, true, &ref);
	ipck_ref_format(&ref, text, sizeof(text));
	assert_string_equal(text, "shm:5%0x5432.1795255949.4026532201");

	other.kind = IPCK_MSG;
	other.key = 0;
	other.ns = 0;
	ipck_object_ref(&other, true, &ref);
	ipck_ref_format(&ref, text, sizeof(text));
	assert_string_equal(text, "msg:5%0.1795255949");

	other.kind = IPCK_SEM;
	ipck_object_ref(&other, true, &ref);
	ipck_ref_format(&ref, text, sizeof(text));
	assert_string_equal(text, "sem:5%0.1000.100");
}

static void test_bytes(void **state)
{
	const struct ipck_object segment = { .kind = IPCK_SHM,
					     .shm = { .size = 4096, .rss = 8192 } };
	const struct ipck_object queue = { .kind = IPCK_MSG,
					   .msg = { .messages = 3, .bytes = 300, .max_bytes = 9 } };
	const struct ipck_object set = { .kind = IPCK_SEM, .sem = { .nsems = 250, .otime = 5 } };

	(void)state;
	assert_int_equal(ipck_object_bytes(&segment), 4096);
	assert_int_equal(ipck_object_bytes(&queue), 300);
	assert_int_equal(ipck_object_bytes(&set), 0);
}

#define LAST_REASON IPCK_ERR_FOOTPRINT

static void test_reasons_have_words(void **state)
{
	static const enum ipck_error past[] = { 1, 13, LAST_REASON - 1, -1000, INT32_MAX };

	(void)state;
	for (int reason = LAST_REASON; reason <= IPCK_OK; reason++) {
		const char *words = ipck_strerror((enum ipck_error)reason);

		CHECK(words != NULL && *words != '\0' && strcmp(words, "unknown reason") != 0,
		      "reason %d has no words", reason);
		for (int other = LAST_REASON; other < reason; other++)
			CHECK(strcmp(words, ipck_strerror((enum ipck_error)other)) != 0,
			      "reasons %d and %d share their words", reason, other);
	}
	for (size_t i = 0; i < COUNT(past); i++)
		assert_string_equal(ipck_strerror(past[i]), "unknown reason");
}

static void test_errno(void **state)
{
	static const struct {
		int error, reason;
	} rows[] = {
		{ 0, IPCK_OK },
		{ ENOMEM, IPCK_ERR_MEMORY },
		{ EACCES, IPCK_ERR_DENIED },
		{ EPERM, IPCK_ERR_DENIED },
		{ EINVAL, IPCK_ERR_NOT_FOUND },
		{ EIDRM, IPCK_ERR_NOT_FOUND },
		{ ENOENT, IPCK_ERR_NOT_FOUND },
		{ ESRCH, IPCK_ERR_NOT_FOUND },
		{ ENOSYS, IPCK_ERR_UNSUPPORTED },
		{ ENOTTY, IPCK_ERR_UNSUPPORTED },
		{ EIO, IPCK_ERR_SYSTEM },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK((int)ipck_reason(rows[i].error) == rows[i].reason, "%s: %d",
		      strerror(rows[i].error), (int)ipck_reason(rows[i].error));
}

static void test_message(void **state)
{
	struct ipck *ctx = NULL;
	char name[2000];

	(void)state;
	assert_int_equal(ipck_open(NULL, &ctx), IPCK_OK);
	assert_string_equal(ipck_message(ctx), "");
	assert_int_equal(ipck_fail(ctx, IPCK_ERR_BUSY, "%s:%d: in\x1b[2J use", "shm", 7),
			 IPCK_ERR_BUSY);
	assert_string_equal(ipck_message(ctx), "shm:7: in\\x1b[2J use");
	memset(name, '\x1b', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ipck_fail(ctx, IPCK_ERR_BUSY, "%s", name);
	assert_true(strlen(ipck_message(ctx)) > 400); /* cut, and whole escapes only */
	assert_int_equal(strlen(ipck_message(ctx)) % 4, 0);
	assert_null(strchr(ipck_message(ctx), '\x1b'));
	ipck_close(ctx);
	ipck_close(NULL);
}

static int never(const struct ipck_object *object, void *data)
{
	(void)object;
	(void)data;
	fail_msg("a row was given");
	return 0;
}

/* Nothing of these reaches the kernel: a selection that is not understood must not select all. */
static void test_queries(void **state)
{
	const struct ipck_ref no_key = { .kind = IPCK_MSG, .form = IPCK_BY_KEY };
	const struct ipck_ref named = { .kind = IPCK_SHM, .form = IPCK_BY_NAME };
	const struct ipck_ref negative = { .kind = IPCK_SEM, .form = IPCK_BY_ID, .id = -1 };
	const struct ipck_query queries[] = {
		{ .size = sizeof(queries[0]), .kinds = IPCK_SYSV, .want = 1u << 30 },
		{ .size = sizeof(queries[0]), .kinds = IPCK_SYSV, .select = { .tests = 1u << 30 } },
		{ .size = sizeof(queries[0]), .kinds = 1u << 30 },
		{ .size = sizeof(queries[0]) + 8, .kinds = IPCK_SYSV },
		{ .size = 4, .kinds = IPCK_SYSV },
		{ .size = sizeof(queries[0]), .refs = &no_key, .ref_count = 1 },
		{ .size = sizeof(queries[0]), .refs = &named, .ref_count = 1 },
		{ .size = sizeof(queries[0]), .refs = &negative, .ref_count = 1 },
	};
	struct ipck *ctx;

	(void)state;
	assert_int_equal(ipck_open(NULL, &ctx), IPCK_OK);
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		assert_int_equal(ipck_objects_each(ctx, &queries[i], never, NULL),
				 IPCK_ERR_ARGUMENT);
	ipck_close(ctx);
}

static void test_open_options(void **state)
{
	struct ipck_options none = { .size = 0 }, whole = { .size = sizeof(whole) };
	struct ipck *ctx = (struct ipck *)&none;

	(void)state;
	assert_int_equal(ipck_open(&none, &ctx), IPCK_ERR_ARGUMENT);
	assert_null(ctx);
	assert_int_equal(ipck_open(&whole, &ctx), IPCK_OK);
	assert_non_null(ctx);
	ipck_close(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("an unknown field has its reason, and one not asked for its own", test_why),
		TEST("an exact reference holds what makes an object itself", test_ref),
		TEST("an object's bytes are its size or what is queued", test_bytes),
		TEST("every reason has words of its own", test_reasons_have_words),
		TEST("every errno has a reason", test_errno),
		TEST("a message is kept, cut and made safe to print", test_message),
		TEST("queries of what this version does not know are refused", test_queries),
		TEST("a context is opened by options of their full size", test_open_options),
	};

	return RUN(tests);
}
