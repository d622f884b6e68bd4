/* SPDX-License-Identifier: MIT */
/* Sizes, durations, numbers and keys: a text that is taken has only the characters of its grammar,
 * and its value is what wider arithmetic makes of the same digits. */
#include "fuzz.h"

#include "ipckit.h"

#include <errno.h>

__extension__ typedef unsigned __int128 wide;

/* The digits at the start of a text; capped far above every limit, so that it never wraps. */
static wide digits_of(const char *text)
{
	const wide cap = (wide)1 << 100;
	wide value = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		if (value < cap)
			value = value * 10 + (unsigned)(*text - '0');
	return value;
}

static void number(const char *text, uint64_t max)
{
	const size_t digits = strspn(text, "0123456789");
	const int form = digits > 0 && text[digits] == '\0' && (text[0] != '0' || digits == 1);
	uint64_t value = 0;
	int rc = ipck_parse_number(text, max, &value);

	MUST(rc == IPCK_OK || rc == IPCK_ERR_SYNTAX || rc == IPCK_ERR_RANGE);
	MUST((rc == IPCK_OK) == (form && digits_of(text) <= max));
	MUST(rc != IPCK_OK || value == digits_of(text));
}

static void key(const char *text)
{
	const int hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	uint32_t value = 0;
	int rc = ipck_parse_key(text, &value);

	MUST(rc == IPCK_OK || rc == IPCK_ERR_SYNTAX || rc == IPCK_ERR_RANGE);
	if (rc != IPCK_OK)
		return;
	MUST(text[0] != '0' || hex || text[1] == '\0');
	MUST(strspn(text + 2 * hex, hex ? "0123456789abcdefABCDEF" : "0123456789") ==
	     strlen(text + 2 * hex));
	errno = 0;
	MUST(strtoull(text, NULL, hex ? 16 : 10) == value && errno == 0);
}

static void duration(const char *text)
{
	const char *unit = text + strspn(text, "0123456789");
	wide scale = *unit == 'w'   ? 604800
		     : *unit == 'd' ? 86400
		     : *unit == 'h' ? 3600
		     : *unit == 'm' ? 60
				    : 1;
	const int form =
		unit > text && strchr("smhdw", *unit) != NULL && (*unit == '\0' || unit[1] == '\0');
	uint64_t seconds = 0;
	int rc = ipck_parse_duration(text, &seconds);

	MUST(rc == IPCK_OK || rc == IPCK_ERR_SYNTAX || rc == IPCK_ERR_RANGE);
	MUST((rc == IPCK_OK) == (form && digits_of(text) * scale <= INT64_MAX));
	MUST(rc != IPCK_OK || seconds == digits_of(text) * scale);
}

static void size(const char *text)
{
	static const char units[] = "KMGTPE";
	const char *p = text + strspn(text, "0123456789"), *unit;
	wide scale = 1, value = digits_of(text), fraction = 0;
	uint64_t bytes = 0;
	int rc = ipck_parse_size(text, &bytes);

	MUST(rc == IPCK_OK || rc == IPCK_ERR_SYNTAX || rc == IPCK_ERR_RANGE);
	if (rc != IPCK_OK)
		return;
	MUST(p > text);
	if (*p == '.') {
		const char *first = ++p;

		fraction = digits_of(p);
		for (p += strspn(p, "0123456789"); first < p; first++)
			scale *= 10;
		MUST(scale > 1);
	}
	MUST(strspn(p, "BKMGTPEIbkmgtpei") == strlen(p) && strlen(p) <= 3);
	for (unit = units; *unit != '\0' && *unit != (*p & ~0x20); unit++)
		;
	if (*p != '\0' && *unit != '\0')
		for (; unit >= units; unit--) {
			value *= 1024;
			fraction *= 1024;
		}
	else
		MUST(scale == 1);
	MUST(value + fraction / scale == bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	char *text = fuzz_string(data, length);

	number(text, UINT64_MAX);
	number(text, INT32_MAX);
	key(text);
	duration(text);
	size(text);
	free(text);
	return 0;
}
