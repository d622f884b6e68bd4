/* SPDX-License-Identifier: MIT */
/* Names within references: which bytes are escaped, that no byte is lost, and how long they get. */
#include "unit.h"

#include "ipckit.h"

#include <ctype.h>

static void round_trip(const char *name, const char *expected)
{
	struct ipck_ref ref = { .kind = IPCK_FIFO, .form = IPCK_BY_NAME };
	struct ipck_ref back;
	char text[IPCK_REF_MAX];
	int length;

	snprintf(ref.name, sizeof(ref.name), "%s", name);
	length = ipck_ref_format(&ref, text, sizeof(text));
	CHECK(length == (int)strlen(text), "%s: length %d", text, length);
	if (expected != NULL)
		assert_string_equal(text + strlen("fifo:"), expected);
	CHECK(ipck_ref_parse(text, &back) == IPCK_OK, "%s: cannot be read back", text);
	CHECK(strcmp(back.name, name) == 0, "%s: reads as another name", text);
}

static void test_every_byte(void **state)
{
	(void)state;
	for (unsigned byte = 1; byte <= 255; byte++) {
		const char name[] = { '/', 'a', (char)byte, 'b', '\0' };
		char expected[16];

		/* Above 0x7f a byte between two letters is never valid UTF-8. */
		if (byte <= 0x20 || byte >= 0x7f || strchr("\\@%", (int)byte) != NULL)
			snprintf(expected, sizeof(expected), "/a\\x%02xb", byte);
		else
			snprintf(expected, sizeof(expected), "/a%cb", (int)byte);
		round_trip(name, expected);
	}
}

static void test_every_byte_last(void **state)
{
	(void)state;
	for (unsigned byte = 1; byte <= 255; byte++) {
		const char name[] = { '/', (char)byte, '\0' };

		round_trip(name, NULL);
	}
}

static void test_every_pair(void **state)
{
	(void)state;
	for (unsigned first = 1; first <= 255; first++)
		for (unsigned second = 1; second <= 255; second++) {
			const char name[] = { '/', (char)first, (char)second, '\0' };

			round_trip(name, NULL);
		}
}

static void test_letters_of_the_world(void **state)
{
	static const char *const names[] = {
		"/\xc3\xa9",         /* U+00E9 */
		"/\xd0\x96",         /* U+0416 */
		"/\xe6\x97\xa5",     /* U+65E5 */
		"/\xf0\x9f\x90\xa7", /* U+1F427 */
		"/\xef\xbf\xbd",     /* U+FFFD */
		"/\xd7\xa9",         /* U+05E9: a right-to-left letter is a letter */
		"/\xed\x9f\xbf",     /* U+D7FF, the last before the surrogates */
		"/\xee\x80\x80",     /* U+E000, the first after them */
		"/\xf4\x8f\xbf\xbf", /* U+10FFFF */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		round_trip(names[i], names[i]);
}

static void test_marks_and_invalid(void **state)
{
	static const struct {
		const char *name, *expected;
	} rows[] = {
		{ "/\xe2\x80\xae", "/\\xe2\\x80\\xae" }, /* U+202E right-to-left override */
		{ "/\xe2\x81\xa6", "/\\xe2\\x81\\xa6" }, /* U+2066 left-to-right isolate */
		{ "/\xe2\x81\xa9", "/\\xe2\\x81\\xa9" }, /* U+2069 pop isolate */
		{ "/\xe2\x80\x8f", "/\\xe2\\x80\\x8f" }, /* U+200F right-to-left mark */
		{ "/\xd8\x9c", "/\\xd8\\x9c" },          /* U+061C Arabic letter mark */
		{ "/\xe2\x80\xa8", "/\\xe2\\x80\\xa8" }, /* U+2028 line separator */
		{ "/\xc2\x9b", "/\\xc2\\x9b" },          /* U+009B: CSI */
		{ "/\xef\xbb\xbf", "/\\xef\\xbb\\xbf" }, /* U+FEFF */
		{ "/\xc0\xaf", "/\\xc0\\xaf" },          /* overlong slash */
		{ "/\xe0\x80\xaf", "/\\xe0\\x80\\xaf" }, /* the same in three bytes */
		{ "/\xf0\x80\x80\xaf", "/\\xf0\\x80\\x80\\xaf" }, /* and in four */
		{ "/\xed\xa0\x80", "/\\xed\\xa0\\x80" },          /* a surrogate */
		{ "/\xf4\x90\x80\x80", "/\\xf4\\x90\\x80\\x80" }, /* past U+10FFFF */
		{ "/\xe2\x82", "/\\xe2\\x82" },                   /* cut */
		{ "/\xf0\x9f\x90", "/\\xf0\\x9f\\x90" },          /* cut */
		{ "/\xe2\x82z", "/\\xe2\\x82z" },                 /* cut by a letter */
		{ "/\x80", "/\\x80" },                            /* a continuation alone */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		round_trip(rows[i].name, rows[i].expected);
}

static void test_longest(void **state)
{
	char name[IPCK_NAME_MAX];

	(void)state;
	for (unsigned byte = 1; byte <= 255; byte++) {
		memset(name, (int)byte, sizeof(name) - 1);
		name[0] = '/';
		name[sizeof(name) - 1] = '\0';
		round_trip(name, NULL);
	}
}

/* All that a reference can carry at once: IPCK_REF_MAX must suffice. */
static void test_longest_reference(void **state)
{
	struct ipck_ref ref = { .kind = IPCK_POSIX_SHM,
				.form = IPCK_BY_NAME,
				.ns = UINT64_MAX,
				.exact = true,
				.generation = { .major = UINT32_MAX,
						.minor = UINT32_MAX,
						.inode = UINT64_MAX,
						.ns = UINT64_MAX } };
	/* the kind, "/", escapes of four characters, "@" and 20 digits, "%" and four numbers */
	const int length =
		10 + 1 + (IPCK_NAME_MAX - 2) * 4 + 21 + 1 + 10 + 1 + 10 + 1 + 20 + 1 + 20;
	char text[IPCK_REF_MAX];

	(void)state;
	memset(ref.name, '@', sizeof(ref.name) - 1);
	ref.name[0] = '/';
	assert_int_equal(ipck_ref_format(&ref, text, sizeof(text)), length);
	assert_int_equal(strlen(text), length);
}

static void test_overlong(void **state)
{
	char text[4 * IPCK_NAME_MAX + 32] = "posix-mq:/";
	size_t used = strlen(text);
	struct ipck_ref ref;

	(void)state;
	memset(text + used, 'n', IPCK_NAME_MAX - 2);
	text[used + IPCK_NAME_MAX - 2] = '\0'; /* a name of IPCK_NAME_MAX - 1 bytes */
	assert_int_equal(ipck_ref_parse(text, &ref), IPCK_OK);
	assert_int_equal(strlen(ref.name), IPCK_NAME_MAX - 1);
	strcat(text, "n");
	assert_int_equal(ipck_ref_parse(text, &ref), IPCK_ERR_RANGE);

	for (size_t i = 0; i < IPCK_NAME_MAX - 2; i++)
		memcpy(text + used + 4 * i, "\\x40", 5);
	assert_int_equal(ipck_ref_parse(text, &ref), IPCK_OK);
	assert_int_equal(strlen(ref.name), IPCK_NAME_MAX - 1);
	strcat(text, "\\x40");
	assert_int_equal(ipck_ref_parse(text, &ref), IPCK_ERR_RANGE);
}

static void test_only_printable(void **state)
{
	struct ipck_ref ref = { .kind = IPCK_FIFO, .form = IPCK_BY_NAME, .name = "/" };
	char text[IPCK_REF_MAX];

	(void)state;
	for (unsigned byte = 1; byte <= 254; byte++)
		ref.name[byte] = (char)byte;
	assert_true(ipck_ref_format(&ref, text, sizeof(text)) > 0);
	/* 0xc2 to 0xdf followed by a continuation do not occur in rising order: all is ASCII. */
	for (const char *p = text; *p != '\0'; p++)
		CHECK(isgraph((unsigned char)*p), "byte %02x got through", (unsigned char)*p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("blanks, controls, the grammar's own characters and stray high bytes are "
		     "escaped",
		     test_every_byte),
		TEST("every byte survives at the end of a name", test_every_byte_last),
		TEST("every pair of bytes survives", test_every_pair),
		TEST("valid letters of any script are kept", test_letters_of_the_world),
		TEST("bidi marks, separators and invalid UTF-8 are escaped byte by byte",
		     test_marks_and_invalid),
		TEST("the longest name survives whatever it is made of", test_longest),
		TEST("the longest reference fits IPCK_REF_MAX", test_longest_reference),
		TEST("a name past its room is refused, counted after unescaping", test_overlong),
		TEST("a name of all bytes is written in printable ASCII", test_only_printable),
	};

	return RUN(tests);
}
