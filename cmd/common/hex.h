/* SPDX-License-Identifier: MIT */
/*
 * Bytes as lines of sixteen with their offset: canonical hexadecimal and ASCII, as `hexdump -C`
 * writes it, or fields of another sort.  A line that repeats the one above becomes `*`.
 */
#ifndef COMMON_HEX_H
#define COMMON_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define HEX_LINE 16      /* bytes of one line */
#define HEX_TEXT_MAX 256 /* text of one line */

struct hex;

/* How a line comes out. */
struct hex_style {
	int digits; /* the least of an offset */
	/*
	 * Write what is behind the offset, with its newline, and return its end; less than
	 * HEX_TEXT_MAX - 16.  count bytes are to be shown; behind them is zero.  Bit i of unknown:
	 * byte i is not known.
	 */
	char *(*line)(const struct hex *hex, char *to, const unsigned char *bytes, size_t count,
		      unsigned unknown);
	bool end_of_nothing; /* write the last offset even if there was no byte */
};

struct hex {
	const struct hex_style *style;
	const void *private; /* the style's */
	FILE *out;
	uint64_t begin, offset; /* offset: of the line that is filled */
	bool all_lines;
	bool failed; /* of no use to go on: nothing can be written any more */

	/* The line that is filled, and the one above. */
	unsigned char line[HEX_LINE], above[HEX_LINE];
	size_t filled;
	unsigned unknown, above_unknown;
	bool any_above, starred; /* starred: `*` stands for it */

	size_t used;
	char text[1 << 16];
};

/* Canonical, from this offset on; all_lines: also those that repeat the one above. */
void hex_begin(struct hex *hex, FILE *out, uint64_t offset, bool all_lines);
void hex_begin_style(struct hex *hex, FILE *out, uint64_t offset, bool all_lines,
		     const struct hex_style *style, const void *private);

/*
 * The next bytes: these, zeros, or such as nobody knows, shown as "??".  Long runs of one byte cost
 * nothing unless all_lines is set.  What is complete is in out when they return.  False: out has
 * failed, leave off.
 */
bool hex_feed(struct hex *hex, const void *bytes, size_t count);
bool hex_feed_zeros(struct hex *hex, uint64_t count);
bool hex_feed_unknown(struct hex *hex, uint64_t count);

/* The line begun, and the offset at the end. */
bool hex_end(struct hex *hex);

/*
 * A canonical line by itself, of at most HEX_LINE bytes.  text: HEX_TEXT_MAX, gets no NUL.  Its
 * length.
 */
size_t hex_line(char *text, uint64_t offset, const unsigned char *bytes, size_t count);

#endif
