/* SPDX-License-Identifier: MIT */
/*
 * --strings: what strings(1) -t x prints.  A state machine over the pieces, so that a string may
 * cross them and be of any length: it is printed while it goes on.
 */
#include "common/program.h"
#include "shmpeek.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)4096) /* bytes of a string in a JSON row */
#define SEQUENCE_MAX 4          /* bytes of a character in UTF-8 */
#define STRIDE_MAX 64

enum { END, PLAIN, FIRST, NEXT }; /* what a byte is: FIRST and NEXT of a sequence */

struct scan {
	const struct request *request;
	struct writer *writer; /* NULL: text */
	bool escape;           /* the locale cannot show what is beyond ASCII */
	unsigned char class[256];

	/* The string that goes on. */
	uint64_t start, bytes, characters;
	bool shown; /* long enough; its text so far has been printed */
	char *kept; /* its text until then; of a row: the first of it */
	size_t kept_bytes;
	/* The sequence that goes on behind it. */
	char sequence[SEQUENCE_MAX + 1];
	size_t sequence_bytes, sequence_length;

	uint64_t found;
	bool done; /* enough, or nobody reads it */
};

struct string_row {
	struct row row;
	uint64_t offset, bytes;
	const char *text;
	bool cut;
};

#define ROW ((const struct string_row *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

GETTER(get_offset)
{
	(void)style;
	value->number = ROW->offset;
}

GETTER(get_bytes)
{
	(void)style;
	value->number = ROW->bytes;
}

/* A copy: the writer takes the same address for the same text. */
GETTER(get_text)
{
	(void)style;
	_Static_assert(sizeof(value->buffer) > TEXT_MAX, "the text of a row fits");
	value->text = strcpy(value->buffer, ROW->text);
}

GETTER(get_cut)
{
	(void)style;
	value->number = ROW->cut;
}

static const struct column columns[] = {
	{ "REF", "ref", 0, VALUE_REF, COLUMN_JSON, 0, 0, get_row_ref, "reference of the object" },
	{ "OFFSET", "offset", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_offset,
	  "where the string begins in the object" },
	{ "BYTES", "bytes", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_bytes, "its length" },
	{ "TEXT", "text", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_text,
	  "the string, at most 4096 bytes of it" },
	{ "CUT", "cut", 0, VALUE_BOOLEAN, COLUMN_JSON, 0, 0, get_cut,
	  "whether it is longer than text" },
	{ 0 },
};

const struct column_set string_columns = { .tables = ONE_TABLE(columns) };

static void fill_classes(struct scan *scan)
{
	memset(scan->class + 0x20, PLAIN, 0x7f - 0x20);
	scan->class['\t'] = PLAIN;
	if (!scan->request->utf8)
		return;
	memset(scan->class + 0x80, NEXT, 0xc0 - 0x80);
	memset(scan->class + 0xc2, FIRST, 0xf5 - 0xc2);
}

/* Kept are only printable characters: what is written here is harmless. */
static void print(const struct scan *scan, const char *text, size_t length)
{
	if (!scan->escape) {
		fwrite_unlocked(text, 1, length, stdout);
		return;
	}
	for (size_t i = 0; i < length; i++)
		if ((text[i] & 0x80) == 0)
			putc_unlocked(text[i], stdout);
		else
			printf("\\x%02x", (unsigned char)text[i]);
}

/* One or more whole characters that belong to the string. */
static void add(struct scan *scan, uint64_t offset, const char *text, size_t length,
		uint64_t characters)
{
	const size_t room = TEXT_MAX - scan->kept_bytes;

	if (scan->bytes == 0)
		scan->start = offset;
	if (scan->writer != NULL) {
		if (scan->kept_bytes == scan->bytes && (length <= room || characters == length)) {
			memcpy(scan->kept + scan->kept_bytes, text, length < room ? length : room);
			scan->kept_bytes += length < room ? length : room;
		}
	} else if (!scan->shown && scan->characters + characters < scan->request->least_string) {
		memcpy(scan->kept + scan->kept_bytes, text, length);
		scan->kept_bytes += length;
	} else {
		if (!scan->shown) {
			printf("%7llx ", (unsigned long long)scan->start);
			print(scan, scan->kept, scan->kept_bytes);
			scan->shown = true;
		}
		print(scan, text, length);
	}
	scan->bytes += length;
	scan->characters += characters;
}

static void write_string(struct scan *scan, const struct peeking *peeking)
{
	const struct string_row row = {
		{ peeking }, scan->start, scan->bytes, scan->kept, scan->bytes > scan->kept_bytes
	};

	scan->kept[scan->kept_bytes] = '\0';
	if (!writer_row(scan->writer, &row))
		scan->done = true;
}

static void end_string(struct scan *scan, const struct peeking *peeking)
{
	if (scan->bytes > 0 && scan->characters >= scan->request->least_string) {
		if (scan->writer != NULL)
			write_string(scan, peeking);
		else
			putc_unlocked('\n', stdout);
		scan->found++;
		if (scan->found == scan->request->head)
			scan->done = true;
	}
	scan->bytes = scan->characters = 0;
	scan->kept_bytes = scan->sequence_bytes = 0;
	scan->shown = false;
}

/* The next byte of a sequence; false: it is none. */
static bool continue_sequence(struct scan *scan, uint64_t offset, unsigned char byte)
{
	char harmless[4 * SEQUENCE_MAX + 1];

	if (scan->class[byte] != NEXT)
		return false;
	scan->sequence[scan->sequence_bytes++] = (char)byte;
	if (scan->sequence_bytes < scan->sequence_length)
		return true;
	scan->sequence[scan->sequence_bytes] = '\0';
	/* What is no character, or a treacherous one, would become longer. */
	if (ipck_sanitise(scan->sequence, harmless, sizeof(harmless)) != scan->sequence_length)
		return false;
	add(scan, offset + 1 - scan->sequence_length, scan->sequence, scan->sequence_length, 1);
	scan->sequence_bytes = 0;
	return true;
}

static void begin_sequence(struct scan *scan, unsigned char byte)
{
	scan->sequence[0] = (char)byte;
	scan->sequence_bytes = 1;
	scan->sequence_length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/*
 * Where the next string may begin.  One that is long enough has no END among its bytes, and that
 * many at least: most bytes that are no text need not be looked at.  STRIDE_MAX: what is looked at
 * in vain may be looked at again from each of its bytes.
 */
static const unsigned char *skip(const struct scan *scan, const unsigned char *at,
				 const unsigned char *end)
{
	const uint64_t least = scan->request->least_string;
	const size_t stride = least < STRIDE_MAX ? (size_t)least : STRIDE_MAX;

	while (at < end) {
		const unsigned char *last = (size_t)(end - at) > stride ? at + stride : end;
		const unsigned char *first = last;

		while (first > at && scan->class[first[-1]] != END)
			first--;
		if (first == at)
			return at;
		at = first;
	}
	return end;
}

static void scan_data(struct scan *scan, const struct piece *piece, const struct peeking *peeking)
{
	const unsigned char *const end = piece->data + piece->bytes, *at = piece->data;

	while (at < end && !scan->done) {
		const uint64_t offset = piece->offset + (uint64_t)(at - piece->data);
		const unsigned char *run;

		if (scan->sequence_bytes > 0) {
			if (continue_sequence(scan, offset, *at))
				at++;
			else
				end_string(scan, peeking);
			continue;
		}
		if (scan->bytes == 0) {
			run = skip(scan, at, end);
			if (run > at) {
				at = run;
				continue;
			}
		}
		for (run = at; run < end && scan->class[*run] == PLAIN; run++)
			;
		if (run > at)
			add(scan, offset, (const char *)at, (size_t)(run - at),
			    (uint64_t)(run - at));
		else if (scan->class[*at] == FIRST)
			begin_sequence(scan, *run++);
		else {
			end_string(scan, peeking);
			run++;
		}
		at = run;
	}
}

static bool begin(struct scan *scan, const struct peeking *peeking)
{
	const struct request *request = peeking->request;

	*scan = (struct scan){ .request = request, .writer = peeking->writer };
	scan->escape = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	fill_classes(scan);
	scan->kept = malloc(scan->writer != NULL ? TEXT_MAX + 1
						 : SEQUENCE_MAX * request->least_string + 1);
	if (scan->kept == NULL)
		complain("out of memory");
	return scan->kept != NULL;
}

int show_strings(struct peeking *peeking)
{
	struct pieces pieces;
	struct piece piece;
	struct scan scan;

	if (!begin(&scan, peeking))
		return EXIT_PARTIAL;
	pieces_begin(&pieces, &peeking->content, peeking->begin, peeking->end);
	while (!scan.done && pieces_next(&pieces, &piece)) {
		if (piece.content == IPCK_CONTENT_DATA)
			scan_data(&scan, &piece, peeking);
		else
			end_string(&scan, peeking);
		if (ferror(stdout) != 0)
			break;
	}
	if (!scan.done)
		end_string(&scan, peeking);
	peeking->swapped += pieces.swapped;
	peeking->unknown += pieces.unknown;
	pieces_end(&pieces);
	free(scan.kept);
	return pieces.failed ? EXIT_PARTIAL : EXIT_DONE;
}
