/* SPDX-License-Identifier: MIT */
/* Rows that are ranges of an object's content, and the columns that such rows share. */
#include "ranges.h"

#define ROW ((const struct range_row *)row)

static void get_offset(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->number = ROW->range.offset;
	if (ROW->all_data)
		value->state = VALUE_NONE;
}

static void get_size(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->number = ROW->range.bytes;
}

static void get_content(const void *row, const struct style *style, struct value *value)
{
	static const char *const names[] = {
		[IPCK_CONTENT_DATA] = "data",
		[IPCK_CONTENT_HOLE] = "hole",
		[IPCK_CONTENT_SWAPPED] = "swapped",
		[IPCK_CONTENT_UNKNOWN] = "unknown",
	};

	(void)style;
	value->text = ROW->all_data ? "total" : names[ROW->range.content];
}

const struct column range_columns[] = {
	{ "REF", "ref", 0, VALUE_REF, COLUMN_JSON | COLUMN_TRUNC, 0, 0, get_row_ref,
	  "reference of the object" },
	{ "EXACT", "exact", 0, VALUE_REF, COLUMN_JSON, 0, 0, get_row_exact,
	  "reference that is refused once the object is not the same any more" },
	{ "OFFSET", "offset", 0, VALUE_OFFSET, COLUMN_JSON, 0, 0, get_offset,
	  "where the range begins" },
	{ "SIZE", "bytes", 0, VALUE_SIZE, COLUMN_JSON, 0, 0, get_size, "bytes of the range" },
	{ "CONTENT", "content", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_content,
	  "data, hole (never written), swapped or unknown; total: all data" },
	{ 0 },
};

bool merged_range(const struct content *content, uint64_t offset, uint64_t end,
		  struct ipck_range *range)
{
	struct ipck_range next;
	uint64_t at;

	if (!content_range(content, offset, range))
		return false;
	while ((at = range->offset + range->bytes) < end) {
		if (!content_range(content, at, &next))
			return false;
		if (next.content != range->content || next.bytes == 0)
			break;
		range->bytes += next.bytes;
	}
	if (range->bytes > end - offset)
		range->bytes = end - offset;
	return true;
}
