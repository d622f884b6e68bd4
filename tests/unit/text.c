/* SPDX-License-Identifier: MIT */
/* Outside strings and numbers made fit to show, also where the buffer is short. */
#include "unit.h"

#include "base/text.h"
#include "ipckit.h"

static void test_decode(void **state)
{
	static const struct {
		const char *text;
		size_t length;
		uint32_t code;
	} rows[] = {
		{ "A", 1, 'A' },
		{ "\x7f", 1, 0x7f },
		{ "", 1, 0 },
		{ "\xc2\x80", 2, 0x80 },
		{ "\xdf\xbf", 2, 0x7ff },
		{ "\xe0\xa0\x80", 3, 0x800 },
		{ "\xe2\x82\xac", 3, 0x20ac },
		{ "\xed\x9f\xbf", 3, 0xd7ff },
		{ "\xee\x80\x80", 3, 0xe000 },
		{ "\xef\xbf\xbf", 3, 0xffff },
		{ "\xf0\x90\x80\x80", 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\x80", 0, 0 }, /* a continuation alone */
		{ "\xbf", 0, 0 },
		{ "\xc0\x80", 0, 0 },         /* overlong NUL */
		{ "\xc1\xbf", 0, 0 },         /* overlong DEL */
		{ "\xe0\x9f\xbf", 0, 0 },     /* overlong U+07FF */
		{ "\xf0\x8f\xbf\xbf", 0, 0 }, /* overlong U+FFFF */
		{ "\xed\xa0\x80", 0, 0 },     /* the first surrogate */
		{ "\xed\xbf\xbf", 0, 0 },     /* the last one */
		{ "\xf4\x90\x80\x80", 0, 0 }, /* U+110000 */
		{ "\xf5\x80\x80\x80", 0, 0 },
		{ "\xf8\x88\x80\x80\x80", 0, 0 },
		{ "\xff", 0, 0 },
		{ "\xfe", 0, 0 },
		{ "\xc3", 0, 0 }, /* cut by the end */
		{ "\xe2\x82", 0, 0 },
		{ "\xf0\x9f\x90", 0, 0 },
		{ "\xc3(", 0, 0 }, /* cut by a letter */
		{ "\xe2\x82(", 0, 0 },
		{ "\xf0\x9f\x90(", 0, 0 },
		{ "\xe2\x28\xa1", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t code = 0xbad;
		size_t length = text_decode(rows[i].text, &code);

		CHECK(length == rows[i].length, "row %zu: %zu bytes", i, length);
		CHECK(length == 0 || code == rows[i].code, "row %zu: U+%04X", i, code);
	}
}

static void test_treacherous(void **state)
{
	/* Unicode's Bidi_Control, line and paragraph separators, C1, and what has no width. */
	static const uint32_t bad[] = { 0x80,   0x85,   0x9b,   0x9f,   0xad,   0x61c,   0x200b,
					0x200c, 0x200d, 0x200e, 0x200f, 0x2028, 0x2029,  0x202a,
					0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2066,  0x2067,
					0x2068, 0x2069, 0x206f, 0xfeff, 0xfff9, 0xe0001, 0xe007f };
	static const uint32_t good[] = { ' ',    'A',    0xa0,    0xac,    0xae,   0x5d0,
					 0x61b,  0x61d,  0x200a,  0x2010,  0x2027, 0x202f,
					 0x205f, 0x2070, 0x4e00,  0xfefe,  0xff00, 0xfff8,
					 0xfffc, 0xfffd, 0x1f427, 0xdffff, 0xe0080 };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		CHECK(text_is_treacherous(bad[i]), "U+%04X passes", bad[i]);
	for (size_t i = 0; i < COUNT(good); i++)
		CHECK(!text_is_treacherous(good[i]), "U+%04X is refused", good[i]);
}

static void test_sanitise_bytes(void **state)
{
	(void)state;
	for (unsigned byte = 1; byte <= 255; byte++) {
		const char text[] = { 'a', (char)byte, 'b', '\0' };
		char expected[16], got[16];
		size_t length = ipck_sanitise(text, got, sizeof(got));

		if (byte < 0x20 || byte >= 0x7f)
			snprintf(expected, sizeof(expected), "a\\x%02xb", byte);
		else
			snprintf(expected, sizeof(expected), "a%cb", (int)byte);
		assert_string_equal(got, expected);
		CHECK(length == strlen(expected), "byte %02x: length %zu", byte, length);
	}
}

static void test_sanitise_text(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "", "" },
		{ "plain text, kept", "plain text, kept" },
		{ "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x90\xa7", "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x90\xa7" },
		{ "\x1b[2J", "\\x1b[2J" },
		{ "\x1b]0;title\x07", "\\x1b]0;title\\x07" },
		{ "a\r\nb", "a\\x0d\\x0ab" },
		{ "\xc2\x9b"
		  "31m",
		  "\\xc2\\x9b31m" },
		{ "abc\xe2\x80\xae"
		  "fed",
		  "abc\\xe2\\x80\\xaefed" },
		{ "\xe2\x81\xa6x\xe2\x81\xa9", "\\xe2\\x81\\xa6x\\xe2\\x81\\xa9" },
		{ "\xe2\x80\xa8", "\\xe2\\x80\\xa8" },
		{ "\xc0\x9b", "\\xc0\\x9b" },
		{ "\xe2\x82", "\\xe2\\x82" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
		{ "\\x41", "\\x41" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char got[128];
		size_t length = ipck_sanitise(rows[i].text, got, sizeof(got));

		assert_string_equal(got, rows[i].expected);
		CHECK(length == strlen(rows[i].expected), "row %zu: length %zu", i, length);
	}
}

static void test_utf8(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "", "" },
		{ "plain\x1b\n\x7f", "plain\x1b\n\x7f" }, /* JSON escapes these itself */
		{ "\xc3\xa9\xf0\x9f\x90\xa7", "\xc3\xa9\xf0\x9f\x90\xa7" },
		{ "\xe2\x80\xae", "\xe2\x80\xae" },
		{ "a\xff"
		  "b",
		  "a\xef\xbf\xbd"
		  "b" },
		{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe2\x82z", "\xef\xbf\xbd\xef\xbf\xbdz" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char got[64];
		size_t length = ipck_utf8(rows[i].text, got, sizeof(got));

		assert_string_equal(got, rows[i].expected);
		CHECK(length == strlen(rows[i].expected), "row %zu: length %zu", i, length);
	}
}

typedef size_t cleaner(const char *text, char *buf, size_t size);

/* ends: where the written text may end, in bytes; the last is its whole length. */
static void check_cuts(cleaner *clean, const char *text, const char *whole, const size_t *ends,
		       size_t count)
{
	for (size_t size = 0; size <= ends[count - 1] + 2; size++) {
		char got[64];
		size_t length, expected = 0;

		for (size_t i = 0; i < count; i++)
			if (ends[i] < size)
				expected = ends[i];
		memset(got, '#', sizeof(got));
		length = clean(text, got, size);
		CHECK(length == expected, "in %zu bytes: length %zu, not %zu", size, length,
		      expected);
		CHECK(memcmp(got, whole, length) == 0, "in %zu bytes: another text", size);
		CHECK(size == 0 || got[length] == '\0', "in %zu bytes: not ended", size);
		CHECK(got[size] == '#', "wrote past %zu bytes", size);
	}
}

static void test_cuts(void **state)
{
	const size_t sanitised[] = { 0, 1, 3, 7, 11, 14, 26, 27 };
	const size_t valid[] = { 0, 1, 3, 4, 7, 10, 13, 14 };
	const char *text = "a\xc3\xa9\x1b\xff\xe2\x82\xac\xe2\x80\xaez";

	(void)state;
	check_cuts(ipck_sanitise, text, "a\xc3\xa9\\x1b\\xff\xe2\x82\xac\\xe2\\x80\\xaez",
		   sanitised, COUNT(sanitised));
	check_cuts(ipck_utf8, text, "a\xc3\xa9\x1b\xef\xbf\xbd\xe2\x82\xac\xe2\x80\xaez", valid,
		   COUNT(valid));
}

#define K UINT64_C(1024)

static void test_format_size(void **state)
{
	/* The exact quotient, rounded once, halves up. */
	static const struct {
		uint64_t bytes;
		const char *expected;
	} rows[] = {
		{ 0, "0" },
		{ 1, "1" },
		{ 1023, "1023" },
		{ 1024, "1K" },
		{ 1025, "1K" },
		{ 1075, "1K" },   /* 1.0498 */
		{ 1076, "1.1K" }, /* 1.0508 */
		{ 1536, "1.5K" },
		{ 1945, "1.9K" }, /* 1.8994 */
		{ 1997, "2K" },   /* 1.9502 */
		{ 10 * K, "10K" },
		{ 10 * K + 512, "10.5K" },
		{ 70000, "68.4K" },
		{ 99 * K + 1023, "100K" },
		{ 100 * K + 511, "100K" },
		{ 100 * K + 512, "101K" },
		{ 100 * K + 470, "100K" }, /* 100.459: not 100.5, then 101 */
		{ 1023 * K + 511, "1023K" },
		{ 1023 * K + 512, "1M" },
		{ 1024 * K - 1, "1M" },
		{ K * K, "1M" },
		{ K * K + 471 * K + 921, "1.5M" }, /* 1.4608 */
		{ K * K + 460 * K + 921, "1.5M" }, /* 1.45010 */
		{ K * K + 460 * K, "1.4M" },       /* 1.44922 */
		{ 2 * K * K * K, "2G" },
		{ 3 * K * K * K * K / 2, "1.5T" },
		{ K * K * K * K * K, "1P" },
		{ K * K * K * K * K * K, "1E" },
		{ UINT64_C(15) << 60, "15E" },
		{ (UINT64_C(15) << 60) + (UINT64_C(1) << 59), "15.5E" },
		{ UINT64_MAX, "16E" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char got[32];
		size_t length = ipck_format_size(rows[i].bytes, got, sizeof(got));

		assert_string_equal(got, rows[i].expected);
		assert_int_equal(length, strlen(rows[i].expected));
	}
}

static void test_format_duration(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *expected;
	} rows[] = {
		{ 0, "0s" },
		{ 1, "1s" },
		{ 90, "90s" },
		{ 119, "119s" },
		{ 120, "2m" },
		{ 179, "2m" },
		{ 5400, "90m" },
		{ 7199, "119m" },
		{ 7200, "2h" },
		{ 172799, "47h" },
		{ 172800, "2d" },
		{ 86400 * 365, "365d" },
		{ UINT64_MAX, "213503982334601d" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char got[32];
		size_t length = ipck_format_duration(rows[i].seconds, got, sizeof(got));

		assert_string_equal(got, rows[i].expected);
		assert_int_equal(length, strlen(rows[i].expected));
	}
}

static void test_format_small(void **state)
{
	const char *whole_size = "15.5E", *whole_duration = "213503982334601d";

	(void)state;
	for (size_t size = 0; size <= 16; size++) {
		char got[32];

		memset(got, '#', sizeof(got));
		ipck_format_size((UINT64_C(15) << 60) + (UINT64_C(1) << 59), got, size);
		CHECK(got[size] == '#', "a size wrote past %zu bytes", size);
		CHECK(size == 0 ||
			      (strlen(got) < size && strncmp(got, whole_size, strlen(got)) == 0),
		      "a size in %zu bytes", size);
		memset(got, '#', sizeof(got));
		ipck_format_duration(UINT64_MAX, got, size);
		CHECK(got[size] == '#', "a duration wrote past %zu bytes", size);
		CHECK(size == 0 || (strlen(got) == size - 1 &&
				    strncmp(got, whole_duration, size - 1) == 0),
		      "a duration in %zu bytes", size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("UTF-8 is decoded, and overlong, cut or surrogate forms are not", test_decode),
		TEST("characters that move or hide others are known", test_treacherous),
		TEST("sanitising escapes every control, DEL and stray high byte",
		     test_sanitise_bytes),
		TEST("sanitising disarms escape sequences and bidi marks and keeps letters",
		     test_sanitise_text),
		TEST("each byte of invalid UTF-8 becomes one replacement character", test_utf8),
		TEST("short buffers cut at whole characters and whole escapes", test_cuts),
		TEST("sizes show the nearest value, with tenths below 100", test_format_size),
		TEST("durations show the largest unit that leaves two", test_format_duration),
		TEST("sizes and durations never write past their buffer", test_format_small),
	};

	return RUN(tests);
}
