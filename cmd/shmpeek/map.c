/* SPDX-License-Identifier: MIT */
/*
 * --map: what was written and what not, and how much of it is in memory.  Ranges are printed as
 * they are found: a segment may have millions.
 */
#include "common/program.h"
#include "picture.h"
#include "ranges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WINDOW ((size_t)64 << 10) /* pages whose states are asked for at once */

struct map_row {
	struct range_row range;
	uint64_t resident, swapped;
	uint64_t untold; /* bytes in memory, in swap, or nowhere */
	int why;         /* nothing is known of pages; 0: it is */
	const char *why_text;
	struct picture picture;
};

/* The whole of it, for the line below the table. */
struct map {
	struct peeking *peeking;
	const struct ipck_peek_about *about;
	unsigned char *states;
	uint64_t bytes[IPCK_CONTENT_UNKNOWN + 1];
	uint64_t resident, swapped, untold;
	int why; /* pages are not told: not asked for again */
	char why_text[256];
};

#define ROW ((const struct map_row *)row)
#define ABOUT (ipck_peek_about(ROW->range.row.peeking->content.peek))
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

/* A number of bytes, where all pages of the range are known. */
static void page_bytes(const struct map_row *row, uint64_t bytes, struct value *value)
{
	value->number = bytes;
	if (row->why == 0 && row->untold == 0)
		return;
	value->state = VALUE_UNKNOWN;
	value->why = row->why != 0 ? row->why : IPCK_ERR_UNSUPPORTED;
	value->why_text = row->why != 0 ? row->why_text
					: "not told whether its pages are in memory or in swap";
}

GETTER(get_resident)
{
	(void)style;
	page_bytes(ROW, ROW->resident, value);
}

GETTER(get_swapped)
{
	(void)style;
	page_bytes(ROW, ROW->swapped, value);
}

GETTER(get_picture)
{
	(void)style;
	value->text = value->buffer;
	picture_text(&ROW->picture, value->buffer);
}

GETTER(get_method)
{
	(void)style;
	value->text = ipck_peek_method_name(ABOUT->method);
}

GETTER(get_through)
{
	(void)style;
	value->number = (uint64_t)ABOUT->through.pid;
	if (ABOUT->through.pid == 0)
		value->state = VALUE_NONE;
}

GETTER(get_page)
{
	(void)style;
	value->number = ABOUT->page;
}

GETTER(get_holes_known)
{
	(void)style;
	value->number = ABOUT->holes_known;
}

static const struct column columns[] = {
	{ "RESIDENT", "resident", 0, VALUE_SIZE, COLUMN_JSON, 0, 0, get_resident,
	  "bytes of its data in memory" },
	{ "SWAPPED", "swapped", 0, VALUE_SIZE, COLUMN_JSON, 0, 0, get_swapped,
	  "bytes of its data in swap" },
	{ "PICTURE", "picture", 0, VALUE_TEXT, 0, 0, 0, get_picture,
	  "where it lies in the object: # in memory, s in swap, . hole, ? unknown, "
	  "d data of which that is not told" },
	{ "METHOD", "method", 0, VALUE_TEXT, 0, 0, 0, get_method, "how the object is read" },
	{ "THROUGH", "through", 0, VALUE_NUMBER, 0, 0, 0, get_through,
	  "process that it is read through" },
	{ "PAGE", "page", 0, VALUE_SIZE, 0, 0, 0, get_page, "bytes of a page" },
	{ "HOLES-KNOWN", "holes_known", 0, VALUE_BOOLEAN, 0, 0, 0, get_holes_known,
	  "whether holes are told from data" },
	{ 0 },
};

static const struct column *const map_tables[] = { range_columns, columns, NULL };
const struct column_set map_columns = { .tables = map_tables };

/* Pages of one state, one behind the other. */
static void add_run(struct map_row *row, uint64_t begin, uint64_t end, unsigned state)
{
	const uint64_t from = row->range.range.offset, to = from + row->range.range.bytes;
	enum picture_mark mark = PICTURE_HOLE;

	begin = begin > from ? begin : from;
	end = end < to ? end : to;
	if (begin >= end)
		return;
	if ((state & IPCK_PAGE_RESIDENT) != 0) {
		row->resident += end - begin;
		mark = PICTURE_RESIDENT;
	} else if ((state & IPCK_PAGE_SWAPPED) != 0) {
		row->swapped += end - begin;
		mark = PICTURE_SWAPPED;
	} else if ((state & IPCK_PAGE_UNKNOWN) != 0) {
		row->untold += end - begin;
		mark = row->range.range.content == IPCK_CONTENT_DATA ? PICTURE_DATA
								     : PICTURE_UNKNOWN;
	}
	picture_add(&row->picture, begin, end, mark);
}

static void add_window(struct map_row *row, uint64_t offset, uint64_t page,
		       const unsigned char *states, size_t count)
{
	size_t begin = 0;

	for (size_t i = 1; i <= count; i++) {
		if (i < count && states[i] == states[begin])
			continue;
		add_run(row, offset + begin * page, offset + i * page, states[begin]);
		begin = i;
	}
}

static void pages_untold(struct map *map, int why)
{
	map->why = why;
	ipck_sanitise(ipck_message(map->peeking->ctx), map->why_text, sizeof(map->why_text));
	complain("%s; RESIDENT and SWAPPED are unknown", map->why_text);
}

/* Which pages of the range are where. */
static void look_at_pages(struct map *map, struct map_row *row)
{
	const uint64_t page = map->about->page;
	const uint64_t end = row->range.range.offset + row->range.range.bytes;
	uint64_t at = row->range.range.offset / page * page;

	while (map->why == 0 && at < end) {
		const uint64_t pages = (end - at + page - 1) / page;
		const size_t count = pages < WINDOW ? (size_t)pages : WINDOW;
		const int rc = ipck_peek_pages(map->peeking->content.peek, at, count, map->states);

		if (rc != IPCK_OK) {
			pages_untold(map, rc);
			break;
		}
		add_window(row, at, page, map->states, count);
		at += count * page;
	}
	if (map->why == 0)
		return;
	row->why = map->why;
	row->why_text = map->why_text;
	picture_begin(&row->picture, map->about->bytes);
	picture_add(&row->picture, row->range.range.offset, end,
		    row->range.range.content == IPCK_CONTENT_DATA      ? PICTURE_DATA
		    : row->range.range.content == IPCK_CONTENT_SWAPPED ? PICTURE_SWAPPED
								       : PICTURE_UNKNOWN);
}

static bool show_range(struct map *map, const struct ipck_range *range)
{
	struct map_row row = { .range = { { map->peeking }, *range, false } };

	picture_begin(&row.picture, map->about->bytes);
	if (range->content == IPCK_CONTENT_HOLE)
		picture_add(&row.picture, range->offset, range->offset + range->bytes,
			    PICTURE_HOLE);
	else
		look_at_pages(map, &row);
	map->bytes[range->content] += range->bytes;
	map->resident += row.resident;
	map->swapped += row.swapped;
	map->untold += row.untold;
	return writer_row(map->peeking->writer, &row);
}

static const char *size_text(const struct map *map, uint64_t bytes, char *text)
{
	const struct value value = { .state = VALUE_SET, .number = bytes };

	value_text(&value, VALUE_SIZE, &map->peeking->request->output.style, text);
	return text;
}

/*
 * Memory that the file has beyond its data: fallocate(2) and posix_fallocate(3) set it aside, and
 * until it is written SEEK_DATA and mincore(2) know nothing of it.
 */
static uint64_t set_aside(const struct map *map)
{
	const struct peeking *peeking = map->peeking;
	const struct ipck_object *object = peeking->object;
	const uint64_t page = map->about->page;
	const uint64_t seen = (map->resident + map->swapped + page - 1) / page * page;
	uint64_t allocated = 0;

	if (object->kind == IPCK_POSIX_SHM && (object->known & IPCK_POSIX_SHM_SIZE) != 0)
		allocated = object->posix_shm.rss;
	if (object->kind == IPCK_MEMFD && (object->known & IPCK_ENDPOINT_USED) != 0)
		allocated = object->endpoint.used;
	return map->why == 0 && map->untold == 0 && map->about->holes_known &&
			       peeking->begin == 0 && peeking->end == map->about->bytes &&
			       allocated > seen
		       ? allocated - seen
		       : 0;
}

/* "shm:5: data 12K, holes 8M; in memory 8K, in swap ?", "shm:5: pages of 4K; by method ..." */
static void note_totals(const struct map *map)
{
	struct writer *writer = map->peeking->writer;
	const uint64_t data = map->bytes[IPCK_CONTENT_DATA] + map->bytes[IPCK_CONTENT_SWAPPED];
	const uint64_t unknown_bytes = map->bytes[IPCK_CONTENT_UNKNOWN];
	const bool pages_known = map->why == 0 && map->untold == 0;
	char text[6][32], through[32] = "";

	writer_note(writer, "%s: data %s, holes %s%s%s; in memory %s, in swap %s%s%s",
		    map->peeking->ref, size_text(map, data, text[0]),
		    map->about->holes_known ? size_text(map, map->bytes[IPCK_CONTENT_HOLE], text[1])
					    : "?",
		    unknown_bytes > 0 ? ", unknown " : "",
		    unknown_bytes > 0 ? size_text(map, unknown_bytes, text[2]) : "",
		    pages_known ? size_text(map, map->resident, text[3]) : "?",
		    pages_known ? size_text(map, map->swapped, text[4]) : "?",
		    set_aside(map) > 0 ? ", set aside " : "",
		    set_aside(map) > 0 ? size_text(map, set_aside(map), text[5]) : "");
	if (map->about->through.pid != 0)
		snprintf(through, sizeof(through), " of process %d", map->about->through.pid);
	writer_note(writer, "%s: pages of %s, read by method %s%s", map->peeking->ref,
		    size_text(map, map->about->page, text[0]),
		    ipck_peek_method_name(map->about->method), through);
}

static int complain_of_unknowns(const struct map *map)
{
	const uint64_t bytes = map->bytes[IPCK_CONTENT_UNKNOWN];
	char size[32];

	/* What is attached is told page by page: what is no hole for certain is unknown. */
	if (map->about->method == IPCK_PEEK_VM)
		complain(
			"%s: method vm does not tell holes: what was never written looks like data",
			map->peeking->ref);
	else if (!map->about->holes_known && map->about->page > (uint64_t)sysconf(_SC_PAGESIZE))
		complain("%s: huge pages do not tell holes: what was never written looks like data",
			 map->peeking->ref);
	ipck_format_size(bytes > 0 ? bytes : map->untold, size, sizeof(size));
	if (bytes > 0)
		complain("%s: of %s it cannot be told whether they were written", map->peeking->ref,
			 size);
	else if (map->untold > 0)
		complain("%s: of %s it cannot be told whether they are in memory or in swap",
			 map->peeking->ref, size);
	return bytes > 0 ? EXIT_PARTIAL : EXIT_DONE;
}

int show_map(struct peeking *peeking)
{
	struct map map = { .peeking = peeking,
			   .about = ipck_peek_about(peeking->content.peek),
			   .states = malloc(WINDOW) };
	struct ipck_range range;
	uint64_t at = peeking->begin;
	int status = EXIT_DONE;

	if (map.states == NULL) {
		complain("out of memory");
		return EXIT_PARTIAL;
	}
	while (at < peeking->end) {
		if (!merged_range(&peeking->content, at, peeking->end, &range)) {
			status = EXIT_PARTIAL;
			break;
		}
		if (!show_range(&map, &range))
			break;
		at += range.bytes;
	}
	free(map.states);
	note_totals(&map);
	return complain_of_unknowns(&map) == EXIT_DONE ? status : EXIT_PARTIAL;
}
