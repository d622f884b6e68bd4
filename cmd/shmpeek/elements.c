/* SPDX-License-Identifier: MIT */
/* --as: bytes as numbers of one type, sixteen bytes a line, as `od -A x -t TYPE` writes them. */
#include "common/hex.h"
#include "common/program.h"
#include "shmpeek.h"

#include <ctype.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum class { SIGNED, UNSIGNED, HEXADECIMAL, OCTAL, FLOATING, CHARACTER };

static const struct element_type {
	const char *name;
	size_t size;
	enum class class;
	int width; /* characters of a field, without the space before it */
} types[] = {
	{ "i8", 1, SIGNED, 4 },       { "i16", 2, SIGNED, 6 },
	{ "i32", 4, SIGNED, 11 },     { "i64", 8, SIGNED, 20 },
	{ "u8", 1, UNSIGNED, 3 },     { "u16", 2, UNSIGNED, 5 },
	{ "u32", 4, UNSIGNED, 10 },   { "u64", 8, UNSIGNED, 20 },
	{ "x8", 1, HEXADECIMAL, 2 },  { "x16", 2, HEXADECIMAL, 4 },
	{ "x32", 4, HEXADECIMAL, 8 }, { "x64", 8, HEXADECIMAL, 16 },
	{ "o8", 1, OCTAL, 3 },        { "o16", 2, OCTAL, 6 },
	{ "o32", 4, OCTAL, 11 },      { "o64", 8, OCTAL, 22 },
	{ "f32", 4, FLOATING, 15 },   { "f64", 8, FLOATING, 24 },
	{ "c", 1, CHARACTER, 3 },     { "ptr", sizeof(void *), HEXADECIMAL, 2 * sizeof(void *) },
};

struct elements {
	const struct element_type *type;
	bool other_endian;
};

static const struct element_type *find_type(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

bool element_type_known(const char *name)
{
	return find_type(name) != NULL;
}

/* Into width characters, from the right; what is left is filled with pad.  Its first digit. */
static char *put_number(char *to, int width, uint64_t value, unsigned base, char pad)
{
	while (width > 0) {
		to[--width] = "0123456789abcdef"[value % base];
		value /= base;
		if (value == 0)
			break;
	}
	memset(to, pad, (size_t)width);
	return to + width;
}

static void put_text(char *to, int width, const char *text)
{
	const int length = (int)strlen(text);

	memset(to, ' ', (size_t)width);
	memcpy(to + width - length, text, (size_t)length);
}

static void put_signed(char *to, int width, uint64_t bits, size_t size)
{
	const unsigned unused = 64 - 8 * (unsigned)size;
	const int64_t value = (int64_t)(bits << unused) >> unused;

	const uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char *first = put_number(to, width, magnitude, 10, ' ');

	if (value < 0)
		first[-1] = '-';
}

/* The fewest digits that tell it from every other number of its type, as od(1) does. */
static void put_floating(char *to, int width, uint64_t bits, size_t size)
{
	const uint32_t half = (uint32_t)bits;
	char text[64];
	double wide;
	float narrow;

	memcpy(&wide, &bits, sizeof(wide));
	memcpy(&narrow, &half, sizeof(narrow));
	if (size == sizeof(float)) {
		int digits = narrow < FLT_MIN && narrow > -FLT_MIN ? 1 : FLT_DIG;

		do
			snprintf(text, sizeof(text), "%.*g", digits, (double)narrow);
		while (strtof(text, NULL) != narrow && digits++ < FLT_DECIMAL_DIG);
	} else {
		int digits = wide < DBL_MIN && wide > -DBL_MIN ? 1 : DBL_DIG;

		do
			snprintf(text, sizeof(text), "%.*g", digits, wide);
		while (strtod(text, NULL) != wide && digits++ < DBL_DECIMAL_DIG);
	}
	put_text(to, width, text);
}

static void put_character(char *to, int width, unsigned char byte)
{
	static const char *const escapes[256] = {
		['\0'] = "\\0", ['\a'] = "\\a", ['\b'] = "\\b", ['\t'] = "\\t",
		['\n'] = "\\n", ['\v'] = "\\v", ['\f'] = "\\f", ['\r'] = "\\r",
	};
	const char text[] = { (char)byte, '\0' };

	if (escapes[byte] != NULL)
		put_text(to, width, escapes[byte]);
	else if (isprint(byte))
		put_text(to, width, text);
	else
		put_number(to, width, byte, 8, '0');
}

/* What the bytes are in the order of this machine. */
static uint64_t load(const struct elements *elements, const unsigned char *bytes)
{
	const size_t size = elements->type->size;
	const bool little = (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) != elements->other_endian;
	uint64_t bits = 0;

	for (size_t i = 0; i < size; i++)
		bits = bits << 8 | bytes[little ? size - 1 - i : i];
	return bits;
}

static void put_element(char *to, const struct element_type *type, uint64_t bits)
{
	switch (type->class) {
	case SIGNED:
		put_signed(to, type->width, bits, type->size);
		break;
	case UNSIGNED:
		put_number(to, type->width, bits, 10, ' ');
		break;
	case HEXADECIMAL:
		put_number(to, type->width, bits, 16, '0');
		break;
	case OCTAL:
		put_number(to, type->width, bits, 8, '0');
		break;
	case FLOATING:
		put_floating(to, type->width, bits, type->size);
		break;
	case CHARACTER:
		put_character(to, type->width, (unsigned char)bits);
		break;
	}
}

size_t element_size(const char *name)
{
	return find_type(name)->size;
}

const char *element_text(const struct request *request, const unsigned char *bytes, char *buf)
{
	const struct elements elements = { find_type(request->element_type),
					   request->other_endian };

	put_element(buf, elements.type, load(&elements, bytes));
	buf[elements.type->width] = '\0';
	return buf + strspn(buf, " ");
}

/* An element that is not complete is so with zeros behind its bytes. */
static char *put_elements(const struct hex *hex, char *to, const unsigned char *bytes, size_t count,
			  unsigned unknown)
{
	const struct elements *elements = hex->private;
	const struct element_type *type = elements->type;
	const unsigned whole = (1u << type->size) - 1;

	for (size_t at = 0; at < count; at += type->size) {
		*to++ = ' ';
		if ((unknown >> at & whole) != 0)
			put_text(to, type->width, "?");
		else
			put_element(to, type, load(elements, bytes + at));
		to += type->width;
	}
	*to++ = '\n';
	return to;
}

int show_elements(struct peeking *peeking)
{
	static const struct hex_style style = { .digits = 6,
						.line = put_elements,
						.end_of_nothing = true };
	const struct request *request = peeking->request;
	const struct elements elements = { find_type(request->element_type),
					   request->other_endian };
	struct hex hex;

	hex_begin_style(&hex, stdout, peeking->begin, request->all_lines, &style, &elements);
	return show_lines(peeking, &hex);
}
