/* SPDX-License-Identifier: MIT */
/* Sanitising: in a buffer of any size the output is valid UTF-8, without a control, an escape or a
 * bidi mark, and is never longer than the buffer.  What is valid is checked here by hand. */
#include "fuzz.h"

#include "ipckit.h"

/* One character, by the table of well-formed byte sequences (Unicode, table 3-7). */
static size_t character(const unsigned char *p, uint32_t *code)
{
	static const struct {
		unsigned char first, last, low, high; /* of the first byte; of the second */
		size_t length;
	} rows[] = {
		{ 0x01, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	static const unsigned char bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (p[0] < rows[i].first || p[0] > rows[i].last)
			continue;
		*code = p[0] & bits[rows[i].length];
		for (size_t j = 1; j < rows[i].length; j++) {
			if (p[j] < (j == 1 ? rows[i].low : 0x80) ||
			    p[j] > (j == 1 ? rows[i].high : 0xbf))
				return 0;
			*code = *code << 6 | (p[j] & 0x3fu);
		}
		return rows[i].length;
	}
	return 0;
}

static int is_harmless(uint32_t code)
{
	return code >= 0x20 && code != 0x7f && !(code >= 0x80 && code <= 0x9f) && code != 0x61c &&
	       code != 0x200e && code != 0x200f && !(code >= 0x2028 && code <= 0x202e) &&
	       !(code >= 0x2066 && code <= 0x2069);
}

typedef size_t cleaner(const char *text, char *buf, size_t size);

static void must_clean(cleaner *clean, const char *text, size_t room, int harmless)
{
	char *buf = malloc(room + 1); /* its own block: one byte too many is seen */
	size_t length, bytes;

	if (buf == NULL)
		abort();
	buf[0] = '\0';
	length = clean(text, buf, room);
	MUST(length < room || (room == 0 && length == 0));
	MUST(strlen(buf) == length);
	for (size_t i = 0; i < length; i += bytes) {
		uint32_t code = 0;

		bytes = character((const unsigned char *)buf + i, &code);
		MUST(bytes > 0);
		MUST(!harmless || is_harmless(code));
	}
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t small = size > 0 ? data[0] % 24 : 0;
	char *text = fuzz_string(data, size);
	char *whole = malloc(4 * size + 1);
	size_t length;

	must_clean(ipck_sanitise, text, small, 1);
	must_clean(ipck_sanitise, text, 4 * size + 1, 1);
	must_clean(ipck_utf8, text, small, 0);
	must_clean(ipck_utf8, text, 3 * size + 1, 0);
	if (whole == NULL)
		abort();
	/* With room for all nothing is lost, and what is clean stays as it is. */
	length = ipck_sanitise(text, whole, 4 * size + 1);
	MUST(length >= strlen(text));
	free(text);
	text = malloc(length + 1);
	if (text == NULL)
		abort();
	MUST(ipck_sanitise(whole, text, length + 1) == length && strcmp(whole, text) == 0);
	free(whole);
	free(text);
	return 0;
}
