/* SPDX-License-Identifier: MIT */
/* --watch of memory: a copy of the pages that were ever written, to compare with. */
#include "watch_snapshot.h"
#include "common/program.h"

#include <stdlib.h>
#include <string.h>

static const unsigned char zeros[SNAPSHOT_PAGE];

bool snapshot_needs(const struct peeking *peeking, uint64_t *bytes)
{
	struct ipck_range range;

	*bytes = 0;
	for (uint64_t at = peeking->begin; at < peeking->end; at = range.offset + range.bytes) {
		uint64_t end;

		if (!content_range(&peeking->content, at, &range))
			return false;
		end = range.offset + range.bytes < peeking->end ? range.offset + range.bytes
								: peeking->end;
		if (range.content == IPCK_CONTENT_DATA)
			*bytes += end - at;
	}
	return true;
}

static bool append(struct kept_pages *pages, uint64_t number, unsigned char *bytes)
{
	if (pages->count == pages->room) {
		const size_t room = pages->room > 0 ? 2 * pages->room : 64;
		struct kept_page *grown = reallocarray(pages->pages, room, sizeof(*grown));

		if (grown == NULL)
			return false;
		pages->pages = grown;
		pages->room = room;
	}
	pages->pages[pages->count++] = (struct kept_page){ number, bytes };
	return true;
}

/* The copy of a page; a page that was a hole until now is zero.  NULL: no memory. */
static unsigned char *copy_of(struct snapshot *snapshot, uint64_t number)
{
	struct kept_pages *kept = &snapshot->kept, *added = &snapshot->added;
	unsigned char *bytes;

	while (snapshot->next < kept->count && kept->pages[snapshot->next].number < number)
		snapshot->next++;
	if (snapshot->next < kept->count && kept->pages[snapshot->next].number == number)
		return kept->pages[snapshot->next].bytes;
	if (added->count > 0 && added->pages[added->count - 1].number == number)
		return added->pages[added->count - 1].bytes;
	bytes = calloc(1, SNAPSHOT_PAGE);
	if (bytes != NULL && append(added, number, bytes))
		return bytes;
	free(bytes);
	return NULL;
}

static enum snapshot_result look_at_data(struct snapshot *snapshot, const struct piece *piece,
					 struct changes *changes)
{
	uint64_t done = 0, count;

	for (; done < piece->bytes; done += count) {
		const uint64_t offset = piece->offset + done, at = offset % SNAPSHOT_PAGE;
		unsigned char *copy = copy_of(snapshot, offset / SNAPSHOT_PAGE);

		if (copy == NULL) {
			complain("out of memory");
			return SNAPSHOT_FAILED;
		}
		count = SNAPSHOT_PAGE - at < piece->bytes - done ? SNAPSHOT_PAGE - at
								 : piece->bytes - done;
		if (changes != NULL)
			changes_feed(changes, offset, copy + at, piece->data + done, (size_t)count);
		memcpy(copy + at, piece->data + done, (size_t)count);
		if ((snapshot->kept.count + snapshot->added.count) * SNAPSHOT_PAGE >
		    SNAPSHOT_MAX + 2 * SNAPSHOT_PAGE) /* the first and last may be parts */
			return SNAPSHOT_TOO_MUCH;
	}
	return SNAPSHOT_DONE;
}

/* What was data may be a hole by now: somebody gave pages back, and they read as zeros. */
static void look_at_hole(struct snapshot *snapshot, const struct piece *piece,
			 struct changes *changes)
{
	const uint64_t end = piece->offset + piece->bytes;
	struct kept_pages *kept = &snapshot->kept;

	for (; snapshot->next < kept->count; snapshot->next++) {
		struct kept_page *page = &kept->pages[snapshot->next];
		uint64_t from = page->number * SNAPSHOT_PAGE, to = from + SNAPSHOT_PAGE;

		if (to <= piece->offset)
			continue;
		if (from >= end)
			return;
		from = from > piece->offset ? from : piece->offset;
		to = to < end ? to : end;
		if (changes != NULL)
			changes_feed(changes, from, page->bytes + from % SNAPSHOT_PAGE, zeros,
				     (size_t)(to - from));
		memset(page->bytes + from % SNAPSHOT_PAGE, 0, (size_t)(to - from));
		if (to < (page->number + 1) * SNAPSHOT_PAGE && to < snapshot->peeking->end)
			return; /* a part of it lies in the next piece */
		if (memcmp(page->bytes, zeros, SNAPSHOT_PAGE) == 0) {
			free(page->bytes);
			page->bytes = NULL;
			snapshot->holes++;
		}
	}
}

/* Holes out of the table, new pages into it, in order. */
static bool settle(struct snapshot *snapshot)
{
	struct kept_pages *kept = &snapshot->kept, *added = &snapshot->added, all = { 0 };
	size_t k = 0, a = 0;
	bool good = true;

	if (added->count == 0 && snapshot->holes == 0)
		return true;
	while (good && (k < kept->count || a < added->count)) {
		const bool old =
			a == added->count ||
			(k < kept->count && kept->pages[k].number < added->pages[a].number);
		const struct kept_page *page = old ? &kept->pages[k++] : &added->pages[a++];

		if (page->bytes != NULL)
			good = append(&all, page->number, page->bytes);
	}
	if (!good) {
		complain("out of memory");
		free(all.pages);
		return false;
	}
	free(kept->pages);
	*kept = all;
	added->count = 0;
	snapshot->holes = 0;
	return true;
}

enum snapshot_result snapshot_look(struct snapshot *snapshot, uint64_t end, struct changes *changes)
{
	enum snapshot_result result = SNAPSHOT_DONE;
	struct pieces pieces;
	struct piece piece;

	snapshot->next = 0;
	pieces_begin(&pieces, &snapshot->peeking->content, snapshot->peeking->begin, end);
	while (result == SNAPSHOT_DONE && pieces_next(&pieces, &piece))
		if (piece.content == IPCK_CONTENT_DATA)
			result = look_at_data(snapshot, &piece, changes);
		else if (piece.content == IPCK_CONTENT_HOLE)
			look_at_hole(snapshot, &piece, changes);
		else if (changes != NULL)
			changes_feed_unknown(changes, piece.offset, piece.bytes);
	if (changes != NULL)
		changes_flush(changes);
	snapshot->swapped = pieces.swapped;
	snapshot->unknown = pieces.unknown;
	if (pieces.failed || (result == SNAPSHOT_DONE && !settle(snapshot)))
		result = SNAPSHOT_FAILED;
	pieces_end(&pieces);
	return result;
}

static void free_pages(struct kept_pages *pages)
{
	for (size_t i = 0; i < pages->count; i++)
		free(pages->pages[i].bytes);
	free(pages->pages);
}

void snapshot_free(struct snapshot *snapshot)
{
	free_pages(&snapshot->kept);
	free_pages(&snapshot->added);
}
