/* SPDX-License-Identifier: MIT */
/*
 * --diff: where two contents differ, line by line of a hexadecimal view.  Both are read piece by
 * piece in step, and what is a hole in both is passed over.
 */
#include "common/hex.h"
#include "common/program.h"
#include "shmpeek.h"

#include <stdio.h>
#include <string.h>

#define BLOCK ((size_t)4096)    /* compared at once; holes as that many zeros */
#define SAMPLE_MAX ((size_t)64) /* bytes of a difference in a JSON row */

static const unsigned char zeros[BLOCK];

struct side {
	struct pieces pieces;
	struct piece piece;
};

struct sample {
	unsigned char bytes[SAMPLE_MAX];
	size_t length;
};

/* Lines that differ, one behind the other.  One side may have none: it has ended. */
struct run {
	bool open;
	uint64_t begin, end; /* from the first byte that differs to behind the last */
	uint64_t lines_end;  /* where the last line ends */
	struct sample samples[2];
	/* The last line, and whether it was the same as the one before. */
	unsigned char lines[2][HEX_LINE];
	size_t line_bytes;
	bool squeezed;
};

struct diff {
	struct peeking *peeking;
	struct side sides[2];
	uint64_t at;
	struct run run;
	bool found;
	bool done; /* nobody reads it */
};

struct difference_row {
	struct row row;
	const struct run *run;
};

#define RUN (((const struct difference_row *)row)->run)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

GETTER(get_offset)
{
	(void)style;
	value->number = RUN->begin;
}

GETTER(get_bytes)
{
	(void)style;
	value->number = RUN->end - RUN->begin;
}

static void set_sample(struct value *value, const struct run *run, int side)
{
	const uint64_t bytes = run->end - run->begin;
	size_t length = run->samples[side].length;

	if (length == 0) {
		value->state = VALUE_NONE;
		return;
	}
	length = length < bytes ? length : (size_t)bytes;
	for (size_t i = 0; i < length; i++)
		sprintf(value->buffer + 2 * i, "%02x", run->samples[side].bytes[i]);
	value->text = value->buffer;
}

GETTER(get_old)
{
	(void)style;
	set_sample(value, RUN, 0);
}

GETTER(get_new)
{
	(void)style;
	set_sample(value, RUN, 1);
}

static const struct column columns[] = {
	{ "REF", "ref", 0, VALUE_REF, COLUMN_JSON, 0, 0, get_row_ref, "reference of the object" },
	{ "OFFSET", "offset", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_offset,
	  "the first byte that differs" },
	{ "BYTES", "bytes", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_bytes,
	  "to the last one that differs before 16 that do not" },
	{ "OLD", "old", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_old,
	  "the object's, the first 64 in hexadecimal; null: it has ended" },
	{ "NEW", "new", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_new, "the same of the other one" },
	{ 0 },
};

const struct column_set diff_columns = { .tables = ONE_TABLE(columns) };

static void end_run(struct diff *diff)
{
	const struct difference_row row = { { diff->peeking }, &diff->run };
	struct run *run = &diff->run;

	if (run->open && diff->peeking->writer != NULL)
		diff->done |= !writer_row(diff->peeking->writer, &row);
	else if (run->open && run->squeezed)
		printf("  %08llx\n", (unsigned long long)run->lines_end);
	run->open = run->squeezed = false;
	run->line_bytes = run->samples[0].length = run->samples[1].length = 0;
}

static void print_line(char mark, uint64_t offset, const unsigned char *bytes, size_t length)
{
	char line[2 + HEX_TEXT_MAX];

	if (bytes == NULL)
		return;
	line[0] = mark;
	line[1] = ' ';
	fwrite_unlocked(line, 1, 2 + hex_line(line + 2, offset, bytes, length), stdout);
}

static bool same_line(const unsigned char *one, const unsigned char *other)
{
	return one == NULL || memcmp(one, other, HEX_LINE) == 0;
}

static void print_lines(struct diff *diff, const unsigned char *const bytes[2], size_t length)
{
	struct run *run = &diff->run;

	if (!diff->peeking->request->all_lines && length == HEX_LINE &&
	    run->line_bytes == HEX_LINE && same_line(bytes[0], run->lines[0]) &&
	    same_line(bytes[1], run->lines[1])) {
		if (!run->squeezed)
			puts("*");
		run->squeezed = true;
		return;
	}
	run->squeezed = false;
	run->line_bytes = length;
	for (int i = 0; i < 2; i++) {
		print_line("-+"[i], diff -> at, bytes[i], length);
		if (bytes[i] != NULL)
			memcpy(run->lines[i], bytes[i], length);
	}
}

static void sample(struct run *run, const unsigned char *const bytes[2], size_t first,
		   size_t length)
{
	for (int i = 0; i < 2; i++) {
		struct sample *taken = &run->samples[i];
		size_t size = length - first;

		if (bytes[i] == NULL)
			continue;
		size = size < SAMPLE_MAX - taken->length ? size : SAMPLE_MAX - taken->length;
		memcpy(taken->bytes + taken->length, bytes[i] + first, size);
		taken->length += size;
	}
}

/* A line at diff->at that differs; NULL: that side has ended. */
static void add_line(struct diff *diff, const unsigned char *const bytes[2], size_t length)
{
	struct run *run = &diff->run;
	size_t first = 0, last = length - 1;

	if (bytes[0] != NULL && bytes[1] != NULL) {
		while (bytes[0][first] == bytes[1][first])
			first++;
		while (bytes[0][last] == bytes[1][last])
			last--;
	}
	if (!run->open)
		run->begin = diff->at + first;
	else
		first = 0;
	run->open = diff->found = true;
	run->end = diff->at + last + 1;
	run->lines_end = diff->at + length;
	if (diff->peeking->writer != NULL)
		sample(run, bytes, first, length);
	else
		print_lines(diff, bytes, length);
}

/* Bytes of both sides, or of one.  Lines begin at a multiple of their length. */
static void compare(struct diff *diff, const unsigned char *one, const unsigned char *other,
		    size_t size)
{
	const bool both = one != NULL && other != NULL;

	if (both && memcmp(one, other, size) == 0) {
		end_run(diff);
		diff->at += size;
		return;
	}
	while (size > 0 && !diff->done) {
		const size_t room = HEX_LINE - (size_t)(diff->at % HEX_LINE);
		const size_t length = room < size ? room : size;

		if (both && memcmp(one, other, length) == 0)
			end_run(diff);
		else
			add_line(diff, (const unsigned char *const[]){ one, other }, length);
		one = one != NULL ? one + length : NULL;
		other = other != NULL ? other + length : NULL;
		size -= length;
		diff->at += length;
	}
}

/* Has this side a piece at diff->at? */
static bool reach(struct diff *diff, struct side *side)
{
	while (diff->at >= side->piece.offset + side->piece.bytes)
		if (!pieces_next(&side->pieces, &side->piece))
			return false;
	return true;
}

static uint64_t left(const struct diff *diff, const struct side *side)
{
	return side->piece.offset + side->piece.bytes - diff->at;
}

static bool is_known(const struct side *side)
{
	return side->piece.content == IPCK_CONTENT_DATA || side->piece.content == IPCK_CONTENT_HOLE;
}

static const unsigned char *bytes_at(const struct diff *diff, const struct side *side)
{
	return side->piece.data != NULL ? side->piece.data + (diff->at - side->piece.offset)
					: zeros;
}

static uint64_t least(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

static void compare_both(struct diff *diff)
{
	struct side *one = &diff->sides[0], *other = &diff->sides[1];

	while (!diff->done && reach(diff, one) && reach(diff, other)) {
		const uint64_t bytes = least(left(diff, one), left(diff, other));

		if (!is_known(one) || !is_known(other) ||
		    (one->piece.data == NULL && other->piece.data == NULL)) {
			end_run(diff);
			diff->at += bytes;
			continue;
		}
		compare(diff, bytes_at(diff, one), bytes_at(diff, other),
			(size_t)least(bytes, BLOCK - diff->at % BLOCK));
		diff->done |= ferror(stdout) != 0;
	}
	end_run(diff);
}

/* All lines of a hole are the same: when they would not be shown, only the last is looked at. */
static void pass_over(struct diff *diff, const struct side *side)
{
	const uint64_t end = side->piece.offset + side->piece.bytes,
		       last = (end - 1) / HEX_LINE * HEX_LINE;

	if (side->piece.data == NULL && last > diff->at &&
	    (diff->run.squeezed || diff->peeking->writer != NULL))
		diff->at = last;
}

/* What only one side has. */
static void show_tail(struct diff *diff, int which)
{
	struct side *side = &diff->sides[which];

	while (!diff->done && reach(diff, side)) {
		const uint64_t bytes = left(diff, side);
		const unsigned char *data = bytes_at(diff, side);

		if (!is_known(side)) {
			end_run(diff);
			diff->at += bytes;
			continue;
		}
		compare(diff, which == 0 ? data : NULL, which == 1 ? data : NULL,
			(size_t)least(bytes, BLOCK - diff->at % BLOCK));
		pass_over(diff, side);
		diff->done |= ferror(stdout) != 0;
	}
	end_run(diff);
}

/* Where the other side ends, as -l has it. */
static uint64_t other_end(const struct peeking *peeking)
{
	const struct distance *length = &peeking->request->length;
	const uint64_t bytes = peeking->request->other_content.bytes;
	uint64_t end = bytes;

	if (length->given && length->from_end)
		end = least(end, peeking->end);
	else if (length->given && length->bytes < UINT64_MAX - peeking->begin)
		end = least(end, peeking->begin + length->bytes);
	return end > peeking->begin ? end : peeking->begin;
}

/* What could not be compared is said of the side that it is on. */
static int end_sides(struct diff *diff)
{
	struct side *const one = &diff->sides[0], *const other = &diff->sides[1];
	const struct peeking unshown = { .ref = diff->peeking->request->other,
					 .swapped = other->pieces.swapped,
					 .unknown = other->pieces.unknown };
	const bool failed = one->pieces.failed || other->pieces.failed;

	diff->peeking->swapped += one->pieces.swapped;
	diff->peeking->unknown += one->pieces.unknown;
	complain_unshown(&unshown);
	pieces_end(&one->pieces);
	pieces_end(&other->pieces);
	return failed || diff->found || unshown.swapped + unshown.unknown > 0 ? EXIT_PARTIAL
									      : EXIT_DONE;
}

int show_diff(struct peeking *peeking)
{
	const struct content *other = &peeking->request->other_content;
	const uint64_t ends[] = { peeking->end, other_end(peeking) };
	struct diff diff = { .peeking = peeking, .at = peeking->begin };

	if (ends[0] != ends[1]) {
		complain("%s has %llu bytes, %s %llu", peeking->ref,
			 (unsigned long long)peeking->content.bytes, peeking->request->other,
			 (unsigned long long)other->bytes);
		diff.found = true;
	}
	pieces_begin(&diff.sides[0].pieces, &peeking->content, peeking->begin, ends[0]);
	pieces_begin(&diff.sides[1].pieces, other, peeking->begin, ends[1]);
	compare_both(&diff);
	for (int i = 0; i < 2; i++)
		if (ends[i] > ends[1 - i] && !diff.sides[0].pieces.failed &&
		    !diff.sides[1].pieces.failed)
			show_tail(&diff, i);
	return end_sides(&diff);
}
