/* SPDX-License-Identifier: MIT */
/* --stats: what sort of data each range holds: zero pages, entropy, share of text. */
#include "common/program.h"
#include "histogram.h"
#include "ranges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stats_row {
	struct range_row range;
	uint64_t pages, zero_pages; /* that the range touches, that are zero as far as it does */
	uint64_t bytes[256];
};

/* A page whose end is in a piece still to come. */
struct open_page {
	bool open, zero;
};

struct stats {
	struct stats_row row, all;
	struct histogram *histogram;
	struct open_page page;
	uint64_t page_bytes;
};

#define ROW ((const struct stats_row *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

/* Only of data; false: the value says what there is instead. */
static bool of_data(const struct stats_row *row, struct value *value)
{
	switch (row->range.range.content) {
	case IPCK_CONTENT_DATA:
		value->state = row->range.range.bytes > 0 ? VALUE_SET : VALUE_NONE;
		return value->state == VALUE_SET;
	case IPCK_CONTENT_HOLE:
		value->state = VALUE_NONE;
		return false;
	default:
		value->state = VALUE_UNKNOWN;
		value->why = IPCK_ERR_FOOTPRINT;
		value->why_text = row->range.range.content == IPCK_CONTENT_SWAPPED
					  ? "in swap: reading it would bring it into memory"
					  : "not known to be there";
		return false;
	}
}

GETTER(get_pages)
{
	(void)style;
	value->number = ROW->pages;
}

GETTER(get_zero_pages)
{
	(void)style;
	if (of_data(ROW, value))
		value->number = ROW->zero_pages;
}

GETTER(get_zero_bytes)
{
	(void)style;
	if (of_data(ROW, value))
		value->number = ROW->bytes[0];
}

GETTER(get_entropy)
{
	(void)style;
	if (of_data(ROW, value))
		value->number = histogram_entropy(ROW->bytes);
}

GETTER(get_text)
{
	(void)style;
	if (of_data(ROW, value))
		value->number = histogram_text(ROW->bytes);
}

GETTER(get_distinct)
{
	(void)style;
	if (!of_data(ROW, value))
		return;
	value->number = 0;
	for (size_t i = 0; i < 256; i++)
		value->number += ROW->bytes[i] > 0;
}

static const struct column columns[] = {
	{ "ZERO-PAGES", "zero_pages", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_zero_pages,
	  "pages of data that hold nothing but zeros" },
	{ "ENTROPY", "entropy", 0, VALUE_DECIMAL, COLUMN_JSON, 0, 0, get_entropy,
	  "bits in a byte, by how often each byte is there: 0 to 8" },
	{ "TEXT%", "text_percent", 0, VALUE_PERCENT, COLUMN_JSON, 0, 0, get_text,
	  "share of printable ASCII, blanks and line ends" },
	{ "DISTINCT", "distinct", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_distinct,
	  "how many different bytes there are: 1 to 256" },
	{ "PAGES", "pages", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_pages,
	  "pages that the range touches" },
	{ "ZERO-BYTES", "zero_bytes", 0, VALUE_SIZE, COLUMN_JSON, 0, 0, get_zero_bytes,
	  "bytes of data that are zero" },
	{ 0 },
};

static const struct column *const stats_tables[] = { range_columns, columns, NULL };
const struct column_set stats_columns = { .tables = stats_tables };

static void close_page(struct stats *stats)
{
	if (stats->page.open && stats->page.zero)
		stats->row.zero_pages++;
	stats->page.open = false;
}

/* Page by page: zero ones are told by their first bytes, and cost no more than that. */
static void count_data(struct stats *stats, const struct piece *piece)
{
	const unsigned char *data = piece->data;
	uint64_t at = piece->offset, left = piece->bytes;

	while (left > 0) {
		const uint64_t rest = stats->page_bytes - at % stats->page_bytes;
		const size_t length = (size_t)(rest < left ? rest : left);
		const bool zero = histogram_is_zero(data, length);

		if (zero)
			stats->row.bytes[0] += length;
		else
			histogram_add(stats->histogram, data, length);
		stats->page.zero = zero && (!stats->page.open || stats->page.zero);
		stats->page.open = true;
		if (length == rest)
			close_page(stats);
		data += length;
		at += length;
		left -= length;
	}
}

/* All that is data, in one more row. */
static void add_to_all(struct stats *stats)
{
	struct stats_row *all = &stats->all;

	if (stats->row.range.range.content != IPCK_CONTENT_DATA)
		return;
	all->range.range.bytes += stats->row.range.range.bytes;
	all->pages += stats->row.pages;
	all->zero_pages += stats->row.zero_pages;
	for (size_t i = 0; i < 256; i++)
		all->bytes[i] += stats->row.bytes[i];
}

static bool show_row(struct stats *stats, struct peeking *peeking)
{
	struct stats_row *row = &stats->row;
	const struct ipck_range *range = &row->range.range;

	if (range->bytes == 0)
		return true;
	close_page(stats);
	histogram_take(stats->histogram, row->bytes);
	row->pages = (range->offset + range->bytes - 1) / stats->page_bytes -
		     range->offset / stats->page_bytes + 1;
	add_to_all(stats);
	return writer_row(peeking->writer, row);
}

static bool show_pieces(struct stats *stats, struct peeking *peeking, struct pieces *pieces)
{
	struct ipck_range *range = &stats->row.range.range;
	struct piece piece;

	while (pieces_next(pieces, &piece)) {
		if (range->bytes == 0 || piece.content != range->content) {
			if (!show_row(stats, peeking))
				return false;
			stats->row = (struct stats_row){
				.range = { { peeking }, { piece.offset, 0, piece.content }, false }
			};
		}
		range->bytes += piece.bytes;
		if (piece.content == IPCK_CONTENT_DATA)
			count_data(stats, &piece);
	}
	return show_row(stats, peeking) && writer_row(peeking->writer, &stats->all);
}

int show_stats(struct peeking *peeking)
{
	const uint64_t page = ipck_peek_about(peeking->content.peek)->page;
	struct stats stats = { .page_bytes = page > 0 ? page : 4096,
			       .histogram = calloc(1, sizeof(*stats.histogram)) };
	struct pieces pieces;
	bool written;

	if (stats.histogram == NULL) {
		complain("out of memory");
		return EXIT_PARTIAL;
	}
	stats.all.range = (struct range_row){ { peeking }, { 0 }, true };
	pieces_begin(&pieces, &peeking->content, peeking->begin, peeking->end);
	written = show_pieces(&stats, peeking, &pieces);
	pieces_end(&pieces);
	free(stats.histogram);
	peeking->swapped += pieces.swapped;
	peeking->unknown += pieces.unknown;
	return written && !pieces.failed ? EXIT_DONE : EXIT_PARTIAL;
}
