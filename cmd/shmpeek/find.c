/* SPDX-License-Identifier: MIT */
/*
 * --find, --find-hex, --find-value: where these bytes are, as grep -ob has it: leftmost first, and
 * none that overlaps another.
 */
#include "common/program.h"
#include "shmpeek.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct search {
	struct peeking *peeking;
	const unsigned char *needle;
	size_t length;
	bool zeros; /* it has nothing else: it is in every hole */

	/* The last bytes before `at`, fewer than the needle has; behind them room for as many. */
	unsigned char *carry;
	size_t carried;
	unsigned char *hole; /* zeros, as many as the needle has */
	uint64_t at;         /* as far as it was searched */
	uint64_t next;       /* no match begins before */
	uint64_t hole_end;   /* of the last one */
	bool hole_found;     /* zeros were found in it */
	bool hole_counted;   /* in any */

	uint64_t found;
	bool done; /* enough, or nobody reads it */
};

struct match_row {
	struct row row;
	uint64_t offset;
};

static void get_offset(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->number = ((const struct match_row *)row)->offset;
}

static const struct column columns[] = {
	{ "REF", "ref", 0, VALUE_REF, COLUMN_JSON, 0, 0, get_row_ref, "reference of the object" },
	{ "OFFSET", "offset", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_offset,
	  "where it begins in the object" },
	{ 0 },
};

const struct column_set find_columns = { .tables = ONE_TABLE(columns) };

static void match(struct search *search, uint64_t offset)
{
	const struct match_row row = { { search->peeking }, offset };

	if (search->peeking->writer == NULL)
		printf("0x%llx\n", (unsigned long long)offset);
	else if (!writer_row(search->peeking->writer, &row))
		search->done = true;
	search->next = offset + search->length;
	search->found++;
	if (search->found == search->peeking->request->head)
		search->done = true;
}

/* Matches that lie in these bytes as a whole. */
static void search_bytes(struct search *search, uint64_t offset, const unsigned char *bytes,
			 size_t size)
{
	while (!search->done && search->next < offset + size) {
		const size_t skip = search->next > offset ? (size_t)(search->next - offset) : 0;
		const unsigned char *found =
			memmem(bytes + skip, size - skip, search->needle, search->length);

		if (found == NULL)
			return;
		match(search, offset + (uint64_t)(found - bytes));
	}
}

/* The bytes that come next: first what begins in those before, then what lies in them. */
static void feed(struct search *search, const unsigned char *bytes, size_t size)
{
	const size_t most = search->length - 1;
	const size_t joined = size < most ? size : most;
	const uint64_t begin = search->at - search->carried;
	size_t total;

	if (joined > 0)
		memcpy(search->carry + search->carried, bytes, joined);
	total = search->carried + joined;
	if (search->carried > 0)
		search_bytes(search, begin, search->carry, total);
	search_bytes(search, search->at, bytes, size);
	if (size >= most) {
		memcpy(search->carry, bytes + size - most, most);
		search->carried = most;
	} else {
		search->carried = total < most ? total : most;
		memmove(search->carry, search->carry + total - search->carried, search->carried);
	}
	search->at += size;
}

/*
 * A hole is zeros, of which as many as the needle has show all that is to be found.  Zeros
 * themselves would be found at each place of it: it counts once, even when it comes in parts.
 */
static void feed_hole(struct search *search, uint64_t bytes)
{
	const uint64_t end = search->at + bytes, found = search->found;

	if (search->hole_end != search->at)
		search->hole_found = false;
	if (search->hole_found && search->next < end)
		search->next = end;
	feed(search, search->hole, bytes < search->length ? (size_t)bytes : search->length);
	if (search->zeros && search->found > found)
		search->hole_found = search->hole_counted = true;
	if (search->hole_found && search->next < end)
		search->next = end;
	search->at = search->hole_end = end;
}

static bool begin(struct search *search, struct peeking *peeking)
{
	const struct needle *needle = &peeking->request->needle;
	unsigned char *bytes = malloc(4 * needle->length);

	*search = (struct search){ .peeking = peeking,
				   .needle = bytes,
				   .length = needle->length,
				   .at = peeking->begin,
				   .hole_end = UINT64_MAX };
	if (bytes == NULL) {
		complain("out of memory");
		return false;
	}
	for (size_t i = 0; i < needle->length; i++)
		bytes[i] = peeking->request->other_endian && needle->number
				   ? needle->bytes[needle->length - 1 - i]
				   : needle->bytes[i];
	search->hole = bytes + needle->length;
	search->carry = search->hole + needle->length;
	memset(search->hole, 0, needle->length);
	search->zeros = memcmp(bytes, search->hole, needle->length) == 0;
	return true;
}

static void search_piece(struct search *search, const struct piece *piece)
{
	search->at = piece->offset;
	if (piece->content == IPCK_CONTENT_DATA)
		feed(search, piece->data, (size_t)piece->bytes);
	else if (piece->content == IPCK_CONTENT_HOLE)
		feed_hole(search, piece->bytes);
	else
		search->carried = 0; /* what is not known matches nothing */
}

int show_find(struct peeking *peeking)
{
	struct search search;
	struct pieces pieces;
	struct piece piece;

	if (!begin(&search, peeking))
		return EXIT_PARTIAL;
	pieces_begin(&pieces, &peeking->content, peeking->begin, peeking->end);
	while (!search.done && pieces_next(&pieces, &piece)) {
		search_piece(&search, &piece);
		if (ferror(stdout) != 0)
			break;
	}
	peeking->swapped += pieces.swapped;
	peeking->unknown += pieces.unknown;
	pieces_end(&pieces);
	if (search.hole_counted)
		complain("%s: zeros are found once in each hole", peeking->ref);
	free((void *)search.needle);
	return search.found > 0 && !pieces.failed ? EXIT_DONE : EXIT_PARTIAL;
}
