/* SPDX-License-Identifier: MIT */
/* Whole files of /proc/sysvipc: headings, bad lines, cut ends, and lists taken up half way. */
#include "unit.h"

#include "files.h"
#include "source/sysv.h"

#define HEADING                                                                                    \
	"       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n"
#define ROW(id) "         0 " id "   600          1     0     0     0     0          0          1\n"

struct seen {
	int ids[8];
	size_t count, stop_after;
};

static int see(struct ipck_object *object, void *data)
{
	struct seen *seen = data;

	assert_true(seen->count < COUNT(seen->ids));
	seen->ids[seen->count++] = object->id;
	return seen->count == seen->stop_after ? IPCK_ERR_STOPPED : IPCK_OK;
}

static int list(const char *text, int first_index, int max_index, struct seen *seen)
{
	struct file file = file_of(text, strlen(text));
	const struct sysv_ops ops = { .kind = IPCK_SEM,
				      .proc_path = file.path,
				      .proc_column = "semid",
				      .parse = sysv_parse_sem };
	int rc = sysv_proc_each(&ops, first_index, max_index, see, seen);

	close(file.fd);
	return rc;
}

static void expect_ids(const struct seen *seen, const int *ids, size_t count)
{
	assert_int_equal(seen->count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(seen->ids[i], ids[i]);
}

static void test_rows(void **state)
{
	struct seen seen = { .count = 0 };

	(void)state;
	assert_int_equal(list(HEADING ROW("3") ROW("32769") ROW("7"), 0, INT32_MAX, &seen), 0);
	expect_ids(&seen, (const int[]){ 3, 32769, 7 }, 3);
}

static void test_heading_only(void **state)
{
	struct seen seen = { .count = 0 };

	(void)state;
	assert_int_equal(list(HEADING, 0, INT32_MAX, &seen), IPCK_OK);
	assert_int_equal(seen.count, 0);
}

static void test_no_list(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		ROW("3"),
		"       key      msqid perms\n" ROW("3"),
	};
	const struct sysv_ops missing = { .proc_path = "/proc/self/no-such-file",
					  .proc_column = "semid",
					  .parse = sysv_parse_sem };
	struct seen seen = { .count = 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		CHECK(list(texts[i], 0, INT32_MAX, &seen) == IPCK_ERR_UNSUPPORTED,
		      "text %zu passes for a list", i);
	assert_int_equal(sysv_proc_each(&missing, 0, INT32_MAX, see, &seen), IPCK_ERR_UNSUPPORTED);
	assert_int_equal(seen.count, 0);
}

static void test_bad_lines(void **state)
{
	struct seen seen = { .count = 0 };

	(void)state;
	assert_int_equal(
		list(HEADING ROW("1") "\n" ROW("-5") "nonsense\n" ROW("2"), 0, INT32_MAX, &seen),
		IPCK_ERR_SYSTEM);
	expect_ids(&seen, (const int[]){ 1, 2 }, 2);
}

static void test_cut_end(void **state)
{
	struct seen seen = { .count = 0 };

	(void)state;
	/* The last line would parse, with a ctime of its first digits. */
	assert_int_equal(list(HEADING ROW("1") "0 2 600 1 0 0 0 0 0 17952", 0, INT32_MAX, &seen),
			 IPCK_ERR_SYSTEM);
	expect_ids(&seen, (const int[]){ 1 }, 1);
}

static void test_stop(void **state)
{
	struct seen seen = { .stop_after = 2 };

	(void)state;
	assert_int_equal(list(HEADING ROW("1") ROW("2") ROW("3"), 0, INT32_MAX, &seen),
			 IPCK_ERR_STOPPED);
	expect_ids(&seen, (const int[]){ 1, 2 }, 2);
}

/* An id is a sequence number times 2^15 (2^24 with ipcmni_extend) plus the slot. */
static void test_from_index(void **state)
{
	const char *text = HEADING ROW("1") ROW("32770") ROW("98307") ROW("4");
	const char *wide = HEADING ROW("1") ROW("16817216") ROW("40000") ROW("50331651");
	struct seen seen = { .count = 0 };

	(void)state;
	assert_int_equal(list(text, 3, 4, &seen), IPCK_OK);
	expect_ids(&seen, (const int[]){ 98307, 4 }, 2); /* slots 3 and 4; 1 and 2 are past */
	seen = (struct seen){ .count = 0 };
	/* 16817216 = 1 * 2^24 + 40000, 50331651 = 3 * 2^24 + 3 */
	assert_int_equal(list(wide, 10000, 40000, &seen), IPCK_OK);
	expect_ids(&seen, (const int[]){ 16817216, 40000 }, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("all rows are given, in the order of the file", test_rows),
		TEST("a heading alone is an empty list", test_heading_only),
		TEST("an absent file, an empty one and another one are no list", test_no_list),
		TEST("lines that are no rows are passed over, and the list is not called whole",
		     test_bad_lines),
		TEST("a row without its newline is not given, and the list is not called whole",
		     test_cut_end),
		TEST("a row function that stops ends the list with its value", test_stop),
		TEST("a list is taken up at the slot asked for", test_from_index),
	};

	return RUN(tests);
}
