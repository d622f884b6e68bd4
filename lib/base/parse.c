/* SPDX-License-Identifier: MIT */
/*
 * Numbers with units, as users type them.  Strict: no sign, no blank, no wrap, nothing left over.
 */
#include "base/parse.h"

#include "base/context.h"

#include <string.h>
#include <strings.h>

int parse_digits(const char **text, unsigned base, uint64_t *value)
{
	const char *p = *text;

	*value = 0;
	for (;; p++) {
		unsigned digit;

		if (*p >= '0' && *p <= '9')
			digit = (unsigned)(*p - '0');
		else if (base == 16 && *p >= 'a' && *p <= 'f')
			digit = (unsigned)(*p - 'a') + 10;
		else if (base == 16 && *p >= 'A' && *p <= 'F')
			digit = (unsigned)(*p - 'A') + 10;
		else
			break;
		if (digit >= base)
			break;
		if (__builtin_mul_overflow(*value, (uint64_t)base, value) ||
		    __builtin_add_overflow(*value, (uint64_t)digit, value))
			return IPCK_ERR_RANGE;
	}
	if (p == *text)
		return IPCK_ERR_SYNTAX;
	*text = p;
	return IPCK_OK;
}

bool parse_upto(const char **text, unsigned base, uint64_t most, uint64_t *value)
{
	return parse_digits(text, base, value) == IPCK_OK && *value <= most;
}

bool parse_literal(const char **text, const char *literal)
{
	const size_t length = strlen(literal);

	if (strncmp(*text, literal, length) != 0)
		return false;
	*text += length;
	return true;
}

IPCK_API int ipck_parse_number(const char *text, uint64_t max, uint64_t *out)
{
	uint64_t value;
	int rc;

	if (text[0] == '0' && text[1] != '\0')
		return IPCK_ERR_SYNTAX; /* octal to some, decimal to others: refuse to guess */
	rc = parse_digits(&text, 10, &value);
	if (*text != '\0' && rc != IPCK_ERR_RANGE)
		return IPCK_ERR_SYNTAX;
	if (rc != IPCK_OK)
		return rc;
	if (value > max)
		return IPCK_ERR_RANGE;
	*out = value;
	return IPCK_OK;
}

IPCK_API int ipck_parse_key(const char *text, uint32_t *key)
{
	uint64_t value;
	int rc;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		text += 2;
		rc = parse_digits(&text, 16, &value);
		if (rc != IPCK_ERR_RANGE && *text != '\0')
			rc = IPCK_ERR_SYNTAX;
		else if (rc == IPCK_OK && value > UINT32_MAX)
			rc = IPCK_ERR_RANGE;
	} else {
		rc = ipck_parse_number(text, UINT32_MAX, &value);
	}
	if (rc == IPCK_OK)
		*key = (uint32_t)value;
	return rc;
}

IPCK_API int ipck_parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGTPE";
	uint64_t value, fraction = 0, scale = 1;
	unsigned shift = 0;
	const char *unit;
	int rc = parse_digits(&text, 10, &value);

	if (rc != IPCK_OK)
		return rc;
	if (*text == '.') {
		const char *first = ++text;

		rc = parse_digits(&text, 10, &fraction);
		if (rc != IPCK_OK || text - first > 6)
			return rc != IPCK_OK ? rc : IPCK_ERR_RANGE;
		for (; first < text; first++)
			scale *= 10;
	}
	/* Upper case by force: a blank would turn into the end of units. */
	if (*text > ' ' && (unit = strchr(units, *text & ~0x20)) != NULL) {
		shift = 10 * (unsigned)(unit - units + 1);
		text++;
		if (strcasecmp(text, "iB") == 0)
			text += 2;
	}
	if (shift == 0 && scale > 1)
		return IPCK_ERR_SYNTAX; /* half a byte */
	if (strcasecmp(text, "B") == 0 && shift == 0)
		text++;
	if (*text != '\0')
		return IPCK_ERR_SYNTAX;
	if (shift > 0 && value > UINT64_MAX >> shift)
		return IPCK_ERR_RANGE;
	value <<= shift;
	/* fraction and scale < 2^20 and shift <= 60: divide in two steps, so that none wraps */
	if (shift > 40) {
		uint64_t rest = (fraction << 40) % scale;

		fraction = (((fraction << 40) / scale) << (shift - 40)) +
			   (rest << (shift - 40)) / scale;
	} else {
		fraction = (fraction << shift) / scale;
	}
	if (__builtin_add_overflow(value, fraction, bytes))
		return IPCK_ERR_RANGE;
	return IPCK_OK;
}

IPCK_API int ipck_parse_duration(const char *text, uint64_t *seconds)
{
	uint64_t value, unit;
	int rc = parse_digits(&text, 10, &value);

	if (rc != IPCK_OK)
		return rc;
	switch (*text) {
	case '\0':
	case 's':
		unit = 1;
		break;
	case 'm':
		unit = 60;
		break;
	case 'h':
		unit = 3600;
		break;
	case 'd':
		unit = 86400;
		break;
	case 'w':
		unit = 7 * 86400;
		break;
	default:
		return IPCK_ERR_SYNTAX;
	}
	if (*text != '\0' && text[1] != '\0')
		return IPCK_ERR_SYNTAX;
	/* Kept within int64_t, so that "now minus this" is always a time. */
	if (__builtin_mul_overflow(value, unit, seconds) || *seconds > INT64_MAX)
		return IPCK_ERR_RANGE;
	return IPCK_OK;
}
