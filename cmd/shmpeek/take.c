/* SPDX-License-Identifier: MIT */
/* Operands of options: places, types, and what is to be found. */
#include "common/program.h"
#include "common/selecting.h"
#include "shmpeek.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Hexadecimal digits, nothing else. */
static int parse_hex(const char *text, uint64_t most, uint64_t *number)
{
	const size_t digits = strspn(text, "0123456789abcdefABCDEF");

	if (digits == 0 || text[digits] != '\0')
		return IPCK_ERR_SYNTAX;
	if (digits > 16)
		return IPCK_ERR_RANGE;
	*number = strtoull(text, NULL, 16);
	return *number <= most ? IPCK_OK : IPCK_ERR_RANGE;
}

/* "4096", "0x1000", "4K". */
static int parse_bytes(const char *text, uint64_t *bytes)
{
	return strncmp(text, "0x", 2) == 0 ? parse_hex(text + 2, UINT64_MAX, bytes)
					   : ipck_parse_size(text, bytes);
}

bool take_distance(const struct options *options, int code, struct distance *distance)
{
	const char *text = options->operand;
	int rc;

	distance->given = true;
	distance->from_end = text[0] == '-';
	/* Offsets that hexdump and this program print look like that, and are hexadecimal. */
	if (strspn(text + distance->from_end, "0123456789") > 1 &&
	    text[distance->from_end] == '0') {
		complain("%s: %s: begins with 0: hexadecimal is 0x%s", options_name(options, code),
			 text, text + distance->from_end);
		return false;
	}
	rc = parse_bytes(text + distance->from_end, &distance->bytes);
	if (rc != IPCK_OK)
		complain_operand(options, code, rc, "bytes like 512 0x200 4K, or -512");
	return rc == IPCK_OK;
}

bool take_method(const struct options *options, int code, struct request *request)
{
	const char *name;

	for (int i = 0; (name = ipck_peek_method_name((enum ipck_peek_method)i)) != NULL; i++)
		if (strcmp(options->operand, name) == 0) {
			request->method = (enum ipck_peek_method)i;
			return true;
		}
	complain("%s: %s: not auto, map-files, file, attach or vm", options_name(options, code),
		 options->operand);
	return false;
}

bool take_endian(const struct options *options, int code, struct request *request)
{
	static const char *const words[] = { "little", "big", NULL };
	const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	int choice = 0;

	if (!take_word(options, code, words, "little or big", &choice))
		return false;
	request->other_endian = (choice == 1) != big;
	return true;
}

bool take_type(const struct options *options, int code, struct request *request)
{
	const char *name;

	for (int i = 0; (name = ipck_sync_kind_name((enum ipck_sync_kind)i)) != NULL; i++)
		if (strcmp(options->operand, name) == 0) {
			request->view = VIEW_SYNCS;
			request->sync = (enum ipck_sync_kind)i;
			return true;
		}
	request->element_type = options->operand;
	if (element_type_known(options->operand))
		return true;
	complain("%s: %s: not a type: u8 i16 x32 o64 f32 f64 c ptr, mutex rwlock cond sem",
		 options_name(options, code), options->operand);
	return false;
}

bool take_text(const struct options *options, int code, struct needle *needle)
{
	needle->length = strlen(options->operand);
	needle->bytes = malloc(needle->length + 1);
	if (needle->length == 0)
		complain("%s: nothing to be found", options_name(options, code));
	else if (needle->bytes == NULL)
		complain("out of memory");
	else
		memcpy(needle->bytes, options->operand, needle->length + 1);
	return needle->length > 0 && needle->bytes != NULL;
}

static int digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* "deadbeef", "de ad be ef", "de:ad:be:ef", "0xde 0xad": pairs, never half a byte. */
static bool parse_pairs(const char *text, struct needle *needle)
{
	bool apart = true; /* nothing stands right before */

	while (*text != '\0') {
		if (*text == ' ' || *text == ':') {
			apart = true;
			text++;
			continue;
		}
		if (apart && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
			text += 2;
		if (digit(text[0]) < 0 || digit(text[1]) < 0)
			return false;
		needle->bytes[needle->length++] =
			(unsigned char)(digit(text[0]) << 4 | digit(text[1]));
		text += 2;
		apart = false;
	}
	return needle->length > 0;
}

bool take_hex(const struct options *options, int code, struct needle *needle)
{
	needle->bytes = malloc(strlen(options->operand) / 2 + 1);
	if (needle->bytes == NULL) {
		complain("out of memory");
		return false;
	}
	if (parse_pairs(options->operand, needle))
		return true;
	complain("%s: %s: not pairs of hexadecimal digits like \"de ad be ef\" or deadbeef",
		 options_name(options, code), options->operand);
	return false;
}

static int parse_unsigned(const char *text, uint64_t most, uint64_t *number)
{
	return strncmp(text, "0x", 2) == 0 ? parse_hex(text + 2, most, number)
					   : ipck_parse_number(text, most, number);
}

static int parse_signed(const char *text, uint64_t most, uint64_t *number)
{
	const bool negative = text[0] == '-';
	const int rc = parse_unsigned(text + negative, negative ? most + 1 : most, number);

	if (rc == IPCK_OK && negative)
		*number = -*number;
	return rc;
}

/* Of what does not fit the type only the nearest is found, but never infinity, nor zero. */
static int parse_float(const char *text, size_t size, uint64_t *number)
{
	double value;
	float small;
	uint32_t bits;
	char *end;

	if (strspn(text, "+ \t\n\v\f\r") > 0)
		return IPCK_ERR_SYNTAX;
	errno = 0;
	if (size == sizeof(small)) {
		small = strtof(text, &end);
		memcpy(&bits, &small, sizeof(bits));
		*number = bits;
		value = (double)small;
	} else {
		value = strtod(text, &end);
		memcpy(number, &value, sizeof(*number));
	}
	if (end == text || *end != '\0' || isnan(value)) /* many patterns of bits are no number */
		return IPCK_ERR_SYNTAX;
	return errno == ERANGE && (isinf(value) || fpclassify(value) == FP_ZERO) ? IPCK_ERR_RANGE
										 : IPCK_OK;
}

/* "u32:": its letter and bytes; what follows, or NULL. */
static const char *parse_type(const char *text, char *letter, size_t *size)
{
	static const struct {
		const char *name;
		size_t size;
	} types[] = {
		{ "u8:", 1 },  { "u16:", 2 }, { "u32:", 4 },
		{ "u64:", 8 }, { "i8:", 1 },  { "i16:", 2 },
		{ "i32:", 4 }, { "i64:", 8 }, { "x8:", 1 },
		{ "x16:", 2 }, { "x32:", 4 }, { "x64:", 8 },
		{ "f32:", 4 }, { "f64:", 8 }, { "ptr:", sizeof(void *) },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const size_t length = strlen(types[i].name);

		if (strncmp(text, types[i].name, length) != 0)
			continue;
		*letter = text[0];
		*size = types[i].size;
		return text + length;
	}
	return NULL;
}

static int parse_value(const char *text, char letter, size_t size, uint64_t *number)
{
	const uint64_t most = UINT64_MAX >> (64 - 8 * size);

	switch (letter) {
	case 'u':
		if (text[0] == '-' && parse_signed(text, INT64_MAX, number) == IPCK_OK)
			return IPCK_ERR_RANGE;
		return parse_unsigned(text, most, number);
	case 'i':
		return parse_signed(text, most >> 1, number);
	case 'f':
		return parse_float(text, size, number);
	default: /* hexadecimal anyway: 0x may be left out */
		return parse_hex(text + (strncmp(text, "0x", 2) == 0 ? 2 : 0), most, number);
	}
}

bool take_value(const struct options *options, int code, struct needle *needle)
{
	const bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
	uint64_t number = 0;
	size_t size = 0;
	char letter = 0;
	const char *text = parse_type(options->operand, &letter, &size);
	const int rc = text == NULL ? IPCK_ERR_SYNTAX : parse_value(text, letter, size, &number);

	if (rc != IPCK_OK) {
		complain_operand(options, code, rc, "a type and a number like u32:123 or f64:0.5");
		return false;
	}
	needle->bytes = malloc(size);
	if (needle->bytes == NULL) {
		complain("out of memory");
		return false;
	}
	for (size_t i = 0; i < size; i++)
		needle->bytes[little ? i : size - 1 - i] = (unsigned char)(number >> (8 * i));
	needle->length = size;
	needle->number = true;
	return true;
}
