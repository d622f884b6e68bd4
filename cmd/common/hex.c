/* SPDX-License-Identifier: MIT */
/* Bytes as lines of sixteen with their offset, and the canonical style of these. */
#include "common/hex.h"
#include "common/program.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define ALL_UNKNOWN ((1u << HEX_LINE) - 1)

static struct {
	char pair[256][4]; /* "7f " */
	char ascii[256];
} table;

/* Printable is what is so in the locale, as in hexdump(1). */
static void fill_table(void)
{
	static const char digits[] = "0123456789abcdef";

	for (int byte = 0; byte < 256; byte++) {
		table.pair[byte][0] = digits[byte >> 4];
		table.pair[byte][1] = digits[byte & 15];
		table.pair[byte][2] = ' ';
		table.ascii[byte] = isprint(byte) ? (char)byte : '.';
	}
}

static char *put_pairs(char *to, const unsigned char *bytes)
{
	for (size_t i = 0; i < HEX_LINE / 2; i++, to += 3)
		memcpy(to, table.pair[bytes[i]], 4);
	*to++ = ' ';
	return to;
}

/* A line that is not complete, or not known. */
static char *put_odd_line(char *to, const unsigned char *bytes, size_t count, unsigned unknown)
{
	for (size_t i = 0; i < HEX_LINE; i++, to += 3) {
		if (i == HEX_LINE / 2)
			*to++ = ' ';
		memcpy(to,
		       i >= count                ? "   "
		       : (unknown >> i & 1) != 0 ? "?? "
						 : table.pair[bytes[i]],
		       3);
	}
	memcpy(to, " |", 2);
	to += 2;
	for (size_t i = 0; i < count; i++)
		*to++ = (unknown >> i & 1) != 0 ? '?' : table.ascii[bytes[i]];
	memcpy(to, "|\n", 2);
	return to + 2;
}

static char *canonical_line(const struct hex *hex, char *to, const unsigned char *bytes,
			    size_t count, unsigned unknown)
{
	(void)hex;
	memcpy(to, "  ", 2);
	to += 2;
	if (count < HEX_LINE || unknown != 0)
		return put_odd_line(to, bytes, count, unknown);
	to = put_pairs(to, bytes);
	to = put_pairs(to, bytes + HEX_LINE / 2);
	*to++ = '|';
	for (size_t i = 0; i < HEX_LINE; i++)
		*to++ = table.ascii[bytes[i]];
	memcpy(to, "|\n", 2);
	return to + 2;
}

static const struct hex_style canonical = { .digits = 8, .line = canonical_line };

/* At least so many digits. */
static char *put_offset(char *to, uint64_t offset, int digits)
{
	while (digits < 16 && offset >> 4 * digits != 0)
		digits++;
	if ((digits & 1) != 0)
		*to++ = table.pair[offset >> 4 * --digits & 15][1];
	for (; digits > 0; digits -= 2, to += 2)
		memcpy(to, table.pair[offset >> 4 * (digits - 2) & 255], 2);
	return to;
}

size_t hex_line(char *text, uint64_t offset, const unsigned char *bytes, size_t count)
{
	if (table.ascii[0] == '\0')
		fill_table();
	return (size_t)(canonical_line(NULL, put_offset(text, offset, canonical.digits), bytes,
				       count, 0) -
			text);
}

void hex_begin_style(struct hex *hex, FILE *out, uint64_t offset, bool all_lines,
		     const struct hex_style *style, const void *private)
{
	fill_table();
	hex->style = style;
	hex->private = private;
	hex->out = out;
	hex->begin = hex->offset = offset;
	hex->all_lines = all_lines;
	hex->failed = ferror(out) != 0;
	hex->filled = hex->used = 0;
	hex->unknown = 0;
	hex->any_above = hex->starred = false;
}

void hex_begin(struct hex *hex, FILE *out, uint64_t offset, bool all_lines)
{
	hex_begin_style(hex, out, offset, all_lines, &canonical, NULL);
}

static bool flush(struct hex *hex)
{
	errno = 0;
	if (hex->used > 0 && fwrite(hex->text, 1, hex->used, hex->out) != hex->used) {
		hex->failed = true;
		if (hex->out == stdout)
			program_lost(errno != 0 ? errno : EIO);
	}
	hex->used = 0;
	return !hex->failed;
}

/* Room for one line more. */
static char *room(struct hex *hex)
{
	if (sizeof(hex->text) - hex->used < HEX_TEXT_MAX)
		flush(hex);
	return hex->text + hex->used;
}

static void put_line(struct hex *hex, const unsigned char *bytes, size_t count, unsigned unknown)
{
	char *to = put_offset(room(hex), hex->offset, hex->style->digits);

	to = hex->style->line(hex, to, bytes, count, unknown);
	hex->used = (size_t)(to - hex->text);
}

/* Is it as the one above, so that it is not shown?  Stars it once. */
static bool repeats(struct hex *hex, const unsigned char *bytes, unsigned unknown)
{
	if (hex->all_lines || !hex->any_above || unknown != hex->above_unknown ||
	    memcmp(bytes, hex->above, HEX_LINE) != 0)
		return false;
	if (!hex->starred) {
		memcpy(room(hex), "*\n", 2);
		hex->used += 2;
	}
	hex->starred = true;
	return true;
}

static void full_line(struct hex *hex, const unsigned char *bytes, unsigned unknown)
{
	if (!repeats(hex, bytes, unknown)) {
		put_line(hex, bytes, HEX_LINE, unknown);
		memcpy(hex->above, bytes, HEX_LINE);
		hex->above_unknown = unknown;
		hex->any_above = true;
		hex->starred = false;
	}
	hex->offset += HEX_LINE;
}

/* As many bytes as the line begun still takes, or fewer; bytes NULL: zeros.  How many it took. */
static size_t fill_line(struct hex *hex, const unsigned char *bytes, uint64_t count, bool known)
{
	const size_t space = HEX_LINE - hex->filled, part = count < space ? (size_t)count : space;

	if (bytes != NULL)
		memcpy(hex->line + hex->filled, bytes, part);
	else
		memset(hex->line + hex->filled, 0, part);
	if (!known)
		hex->unknown |= ((1u << part) - 1) << hex->filled;
	hex->filled += part;
	if (hex->filled == HEX_LINE) {
		full_line(hex, hex->line, hex->unknown);
		hex->filled = 0;
		hex->unknown = 0;
	}
	return part;
}

bool hex_feed(struct hex *hex, const void *data, size_t count)
{
	const unsigned char *bytes = data;

	while (count > 0 && !hex->failed) {
		if (hex->filled == 0 && count >= HEX_LINE) {
			full_line(hex, bytes, 0);
			bytes += HEX_LINE;
			count -= HEX_LINE;
		} else {
			const size_t part = fill_line(hex, bytes, count, true);

			bytes += part;
			count -= part;
		}
	}
	return flush(hex);
}

static bool feed_alike(struct hex *hex, uint64_t count, bool known)
{
	const unsigned char zeros[HEX_LINE] = { 0 };
	const unsigned unknown = known ? 0 : ALL_UNKNOWN;

	while (count > 0 && !hex->failed) {
		if (hex->filled > 0 || count < HEX_LINE) {
			count -= fill_line(hex, NULL, count, known);
		} else if (hex->starred && repeats(hex, zeros, unknown)) {
			hex->offset += count - count % HEX_LINE;
			count %= HEX_LINE;
		} else {
			full_line(hex, zeros, unknown);
			count -= HEX_LINE;
		}
	}
	return flush(hex);
}

bool hex_feed_zeros(struct hex *hex, uint64_t count)
{
	return feed_alike(hex, count, true);
}

bool hex_feed_unknown(struct hex *hex, uint64_t count)
{
	return feed_alike(hex, count, false);
}

bool hex_end(struct hex *hex)
{
	const uint64_t end = hex->offset + hex->filled;
	char *to;

	if (hex->filled > 0) {
		memset(hex->line + hex->filled, 0, HEX_LINE - hex->filled);
		put_line(hex, hex->line, hex->filled, hex->unknown);
	}
	hex->offset = end;
	hex->filled = 0;
	if (end > hex->begin || hex->style->end_of_nothing) {
		to = put_offset(room(hex), end, hex->style->digits);
		*to++ = '\n';
		hex->used = (size_t)(to - hex->text);
	}
	return flush(hex);
}
