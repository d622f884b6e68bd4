/* SPDX-License-Identifier: MIT */
/* Sizes, durations, numbers and keys as users type them: nothing wraps, nothing is guessed. */
#include "unit.h"

#include "ipckit.h"

#define K UINT64_C(1024)
#define M (K * K)
#define G (K * M)
#define T (K * G)
#define P (K * T)
#define E (K * P)

struct row {
	const char *text;
	int rc;
	uint64_t value;
};

#define GOOD(text, value)                                                                          \
	{                                                                                          \
		text, IPCK_OK, value                                                               \
	}
#define MALFORMED(text)                                                                            \
	{                                                                                          \
		text, IPCK_ERR_SYNTAX, 0                                                           \
	}
#define TOO_BIG(text)                                                                              \
	{                                                                                          \
		text, IPCK_ERR_RANGE, 0                                                            \
	}

#define D20 "99999999999999999999"
#define D100 D20 D20 D20 D20 D20

/* Written by a parser that succeeds, kept by one that fails. */
#define UNTOUCHED UINT64_C(0xabcdef)

static void check(const struct row *row, int rc, uint64_t value)
{
	CHECK(rc == row->rc, "\"%s\": %d, not %d", row->text, rc, row->rc);
	if (rc == IPCK_OK)
		CHECK(value == row->value, "\"%s\": %llu, not %llu", row->text,
		      (unsigned long long)value, (unsigned long long)row->value);
}

static void test_sizes(void **state)
{
	static const struct row rows[] = {
		GOOD("0", 0), GOOD("1", 1), GOOD("512", 512), GOOD("512B", 512), GOOD("512b", 512),
		GOOD("1K", K), GOOD("1k", K), GOOD("1KiB", K), GOOD("1kib", K), GOOD("0K", 0),
		GOOD("10M", 10 * M), GOOD("10MiB", 10 * M), GOOD("3G", 3 * G), GOOD("2T", 2 * T),
		GOOD("2P", 2 * P), GOOD("15E", 15 * E), GOOD("1.5K", 1536), GOOD("1.5G", G + G / 2),
		GOOD("0.5K", 512), GOOD("0.000001K", 0), GOOD("1.000000K", K),
		GOOD("0.999999K", 1023),
		/* floor(1.1 * 2^n) for n = 40, 50 and 60, by bc */
		GOOD("1.1T", UINT64_C(1209462790553)), GOOD("1.1P", UINT64_C(1238489897526886)),
		GOOD("1.1E", UINT64_C(1268213655067531673)),
		GOOD("15.999999E", UINT64_C(18446742920788047009)),
		GOOD("18446744073709551615", UINT64_MAX),
		GOOD("18014398509481983K", UINT64_MAX - 1023),
		GOOD("010", 10), /* decimal, never octal */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t value = UNTOUCHED;
		int rc = ipck_parse_size(rows[i].text, &value);

		check(&rows[i], rc, value);
	}
}

static void test_sizes_refused(void **state)
{
	static const struct row rows[] = {
		MALFORMED(""),
		MALFORMED(" "),
		MALFORMED("K"),
		MALFORMED("B"),
		MALFORMED("-1"),
		MALFORMED("+1"),
		MALFORMED("-1K"),
		MALFORMED(" 1"),
		MALFORMED("1 "),
		MALFORMED("5  "),
		MALFORMED("5 iB"),
		MALFORMED("1 K"),
		MALFORMED("1K "),
		MALFORMED("1\n"),
		MALFORMED("1KK"),
		MALFORMED("1Ki"),
		MALFORMED("1KB"),
		MALFORMED("1KiBx"),
		MALFORMED("1iB"),
		MALFORMED("1BB"),
		MALFORMED("1X"),
		MALFORMED("1,5K"),
		MALFORMED("1."),
		MALFORMED("1.K"),
		MALFORMED(".5K"),
		MALFORMED("1.5"),
		MALFORMED("1.5B"),
		MALFORMED("1.5.5K"),
		MALFORMED("1.-5K"),
		MALFORMED("0x10"),
		MALFORMED("1e3"),
		MALFORMED("1\xcb"),
		TOO_BIG("18446744073709551616"),
		TOO_BIG("18014398509481984K"),
		TOO_BIG("16E"),
		TOO_BIG("17592186044416M"),
		TOO_BIG("99999999999999E"),
		TOO_BIG("1.0000000K"), /* more digits than the library weighs */
		TOO_BIG("1." D20 "K"),
		TOO_BIG(D100),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t value = UNTOUCHED;
		int rc = ipck_parse_size(rows[i].text, &value);

		check(&rows[i], rc, value);
	}
}

static void test_durations(void **state)
{
	static const struct row rows[] = {
		GOOD("0", 0),
		GOOD("90", 90),
		GOOD("90s", 90),
		GOOD("5m", 300),
		GOOD("2h", 7200),
		GOOD("3d", 259200),
		GOOD("2w", 1209600),
		GOOD("0d", 0),
		GOOD("9223372036854775807", INT64_MAX),
		GOOD("9223372036854775807s", INT64_MAX),
		GOOD("106751991167300d", UINT64_C(106751991167300) * 86400),
		MALFORMED(""),
		MALFORMED("s"),
		MALFORMED("-5"),
		MALFORMED("-5m"),
		MALFORMED("+5m"),
		MALFORMED(" 5m"),
		MALFORMED("5m "),
		MALFORMED("5 m"),
		MALFORMED("5mm"),
		MALFORMED("5ms"),
		MALFORMED("5M"),
		MALFORMED("5S"),
		MALFORMED("5y"),
		MALFORMED("1h30m"),
		MALFORMED("1.5h"),
		MALFORMED("5\n"),
		TOO_BIG("9223372036854775808"),
		TOO_BIG("18446744073709551615s"),
		TOO_BIG("18446744073709551616s"),
		TOO_BIG("106751991167301d"),
		TOO_BIG("213503982334602d"), /* 2^64 is passed and comes out small */
		TOO_BIG("9223372036854775807w"),
		TOO_BIG(D100 "s"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t value = UNTOUCHED;
		int rc = ipck_parse_duration(rows[i].text, &value);

		check(&rows[i], rc, value);
	}
}

static void test_numbers(void **state)
{
	static const struct row rows[] = {
		GOOD("0", 0),
		GOOD("1", 1),
		GOOD("9", 9),
		GOOD("1000", 1000),
		TOO_BIG("1001"),
		TOO_BIG("18446744073709551615"),
		TOO_BIG("18446744073709551616"),
		TOO_BIG("18446744073709551617"), /* 2^64 + 1 */
		TOO_BIG(D100),
		MALFORMED(""),
		MALFORMED(" "),
		MALFORMED("-1"),
		MALFORMED("-0"),
		MALFORMED("+1"),
		MALFORMED(" 1"),
		MALFORMED("1 "),
		MALFORMED("1\n"),
		MALFORMED("00"),
		MALFORMED("01"),
		MALFORMED("0x1"),
		MALFORMED("1x"),
		MALFORMED("9999x"),
		MALFORMED("1.0"),
		MALFORMED("1e2"),
		MALFORMED("a"),
		MALFORMED("/"),
		MALFORMED(":"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t value = UNTOUCHED;
		int rc = ipck_parse_number(rows[i].text, 1000, &value);

		check(&rows[i], rc, value);
		CHECK(rc == IPCK_OK || value == UNTOUCHED, "\"%s\": refused, but stored",
		      rows[i].text);
	}
}

static void test_number_limits(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(ipck_parse_number("18446744073709551615", UINT64_MAX, &value), IPCK_OK);
	assert_true(value == UINT64_MAX);
	assert_int_equal(ipck_parse_number("18446744073709551616", UINT64_MAX, &value),
			 IPCK_ERR_RANGE);
	assert_int_equal(ipck_parse_number("184467440737095516150", UINT64_MAX, &value),
			 IPCK_ERR_RANGE);
	assert_int_equal(ipck_parse_number("2147483647", INT32_MAX, &value), IPCK_OK);
	assert_true(value == INT32_MAX);
	assert_int_equal(ipck_parse_number("2147483648", INT32_MAX, &value), IPCK_ERR_RANGE);
	assert_int_equal(ipck_parse_number("0", 0, &value), IPCK_OK);
	assert_true(value == 0);
	assert_int_equal(ipck_parse_number("1", 0, &value), IPCK_ERR_RANGE);
}

static void test_keys(void **state)
{
	static const struct row rows[] = {
		GOOD("0", 0),
		GOOD("21554", 0x5432),
		GOOD("4294967295", UINT32_MAX),
		GOOD("2147483648", UINT64_C(1) << 31),
		GOOD("0x0", 0),
		GOOD("0x5432", 0x5432),
		GOOD("0X5432", 0x5432),
		GOOD("0xabcdef", 0xabcdef),
		GOOD("0xABCDEF", 0xabcdef),
		GOOD("0x00000001", 1),
		GOOD("0xffffffff", UINT32_MAX),
		GOOD("0x000000000000000000001", 1),
		MALFORMED(""),
		MALFORMED("x"),
		MALFORMED("0x"),
		MALFORMED("0X"),
		MALFORMED("0xg"),
		MALFORMED("0x1g"),
		MALFORMED("0x0x1"),
		MALFORMED("0x-1"),
		MALFORMED("0x+1"),
		MALFORMED("0x 1"),
		MALFORMED("0x1 "),
		MALFORMED("0x@"),
		MALFORMED("0x`"),
		MALFORMED("0x/"),
		MALFORMED("0x:"),
		MALFORMED("0xG"),
		MALFORMED("00"),
		MALFORMED("017"),
		MALFORMED("00x1"),
		MALFORMED("1x1"),
		MALFORMED("5432g"),
		MALFORMED("abc"),
		MALFORMED("-1"),
		MALFORMED(" 1"),
		TOO_BIG("4294967296"),
		TOO_BIG("0x100000000"),
		TOO_BIG("0x1ffffffff"),
		TOO_BIG("0x10000000000000001"),
		TOO_BIG("18446744073709551617"),
		TOO_BIG(D100),
		TOO_BIG("0x" D100),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t key = (uint32_t)UNTOUCHED;
		int rc = ipck_parse_key(rows[i].text, &key);

		check(&rows[i], rc, key);
		CHECK(rc == IPCK_OK || key == UNTOUCHED, "\"%s\": refused, but stored",
		      rows[i].text);
	}
}

/* One byte after a good text: only the ones that the grammar names may be taken. */
static void test_every_byte_after(void **state)
{
	(void)state;
	for (unsigned byte = 1; byte <= 255; byte++) {
		const char text[] = { '7', (char)byte, '\0' };
		bool digit = byte >= '0' && byte <= '9';
		uint64_t value;
		uint32_t key;

		CHECK((ipck_parse_size(text, &value) == IPCK_OK) ==
			      (digit || strchr("BbKkMmGgTtPpEe", (int)byte) != NULL),
		      "size 7 and byte %02x", byte);
		CHECK((ipck_parse_duration(text, &value) == IPCK_OK) ==
			      (digit || strchr("smhdw", (int)byte) != NULL),
		      "duration 7 and byte %02x", byte);
		CHECK((ipck_parse_number(text, UINT64_MAX, &value) == IPCK_OK) == digit,
		      "number 7 and byte %02x", byte);
		CHECK((ipck_parse_key(text, &key) == IPCK_OK) == digit, "key 7 and byte %02x",
		      byte);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("sizes are powers of 1024, exact to the byte", test_sizes),
		TEST("malformed and overflowing sizes are refused", test_sizes_refused),
		TEST("durations take one unit and never pass a signed second count",
		     test_durations),
		TEST("numbers are plain decimals up to the caller's limit", test_numbers),
		TEST("numbers are exact at the limits of their types", test_number_limits),
		TEST("keys are decimal or hexadecimal, of 32 bits", test_keys),
		TEST("no byte but a unit or a digit may follow a number", test_every_byte_after),
	};

	return RUN(tests);
}
