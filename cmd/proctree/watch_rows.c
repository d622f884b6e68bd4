/* SPDX-License-Identifier: MIT */
/* The rows of one look, and how they differ from those of the look before. */
#include "watch_rows.h"

#include <stdlib.h>
#include <string.h>

struct comparing {
	struct watched_rows *before, *now;
	bool first;
	struct watched_row *roots, *last_root; /* gone, and below nobody */
	bool (*each)(void *data, const struct watched_row *row, enum watched_change change,
		     size_t depth);
	void *data;
};

static bool grow(void *array, size_t *room, size_t wanted)
{
	const size_t more = wanted * 2 + 64;
	void **rows;

	if (wanted < *room)
		return true;
	rows = reallocarray(*(void **)array, more, sizeof(*rows));
	if (rows == NULL)
		return false;
	*(void **)array = rows;
	*room = more;
	return true;
}

bool watched_add(struct watched_rows *rows, char *key, struct row_texts *texts)
{
	const size_t depth = texts->depth;
	struct watched_row *row = calloc(1, sizeof(*row));

	if (row == NULL || key == NULL || !grow(&rows->rows, &rows->room, rows->count) ||
	    !grow(&rows->open, &rows->open_room, depth)) {
		free(row);
		free(key);
		row_texts_free(texts);
		return false;
	}
	row->key = key;
	row->texts = *texts;
	row->above = depth > 0 ? rows->open[depth - 1] : NULL;
	rows->open[depth] = row;
	rows->rows[rows->count++] = row;
	return true;
}

void watched_free(struct watched_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		row_texts_free(&rows->rows[i]->texts);
		free(rows->rows[i]->key);
		free(rows->rows[i]);
	}
	free(rows->rows);
	free(rows->by_key);
	free(rows->open);
	*rows = (struct watched_rows){ 0 };
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp((*(struct watched_row *const *)a)->key,
		      (*(struct watched_row *const *)b)->key);
}

static bool order_by_key(struct watched_rows *rows)
{
	if (rows->by_key != NULL || rows->count == 0)
		return true;
	rows->by_key = calloc(rows->count, sizeof(struct watched_row *));
	if (rows->by_key == NULL)
		return false;
	memcpy(rows->by_key, rows->rows, rows->count * sizeof(struct watched_row *));
	qsort(rows->by_key, rows->count, sizeof(struct watched_row *), compare_keys);
	return true;
}

static struct watched_row *find(const struct watched_rows *rows, const struct watched_row *row)
{
	struct watched_row **found = NULL;

	if (rows->count > 0)
		found = bsearch(&row, rows->by_key, rows->count, sizeof(*rows->by_key),
				compare_keys);
	return found != NULL ? *found : NULL;
}

static void forget_gone(struct watched_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct watched_row *row = rows->rows[i];

		row->gone = false;
		row->first_gone = row->last_gone = row->next_gone = NULL;
	}
}

/* Put those that are gone below the ones that they were below. */
static void hang_gone(struct comparing *comparing)
{
	const struct watched_rows *before = comparing->before;

	for (size_t i = 0; i < before->count; i++) {
		struct watched_row *row = before->rows[i], *above = row->above;
		struct watched_row **first = &comparing->roots, **last = &comparing->last_root;

		row->gone = find(comparing->now, row) == NULL;
		if (!row->gone)
			continue;
		if (above != NULL && !above->gone)
			above = find(comparing->now, above);
		if (above != NULL) {
			first = &above->first_gone;
			last = &above->last_gone;
		}
		if (*first == NULL)
			*first = row;
		else
			(*last)->next_gone = row;
		*last = row;
	}
}

/* Each before those that were below it.  Not by recursion: a chain can be as long as there are
 * processes. */
static bool tell_gone(const struct comparing *comparing, const struct watched_row *row,
		      size_t depth)
{
	const size_t top = depth;

	while (row != NULL) {
		if (!comparing->each(comparing->data, row, WATCHED_GONE, depth))
			return false;
		if (row->first_gone != NULL) {
			row = row->first_gone;
			depth++;
			continue;
		}
		/* of what is gone itself the row above is in the same look */
		for (; row->next_gone == NULL && depth > top; depth--)
			row = row->above;
		row = row->next_gone;
	}
	return true;
}

/* Behind the last row below it comes what was below it and is gone. */
static bool tell_gone_above(const struct comparing *comparing, const struct watched_row *row,
			    size_t depth)
{
	for (; row != NULL && row->texts.depth >= depth; row = row->above)
		if (!tell_gone(comparing, row->first_gone, row->texts.depth + 1))
			return false;
	return true;
}

static bool tell(const struct comparing *comparing)
{
	const struct watched_rows *now = comparing->now;
	const struct watched_row *last = NULL;

	for (size_t i = 0; i < now->count; i++) {
		const struct watched_row *row = now->rows[i];
		const bool same = comparing->first || find(comparing->before, row) != NULL;

		if (!tell_gone_above(comparing, last, row->texts.depth) ||
		    !comparing->each(comparing->data, row, same ? WATCHED_SAME : WATCHED_NEW,
				     row->texts.depth))
			return false;
		last = row;
	}
	return tell_gone_above(comparing, last, 0) && tell_gone(comparing, comparing->roots, 0);
}

bool watched_compare(struct watched_rows *before, struct watched_rows *now, bool first,
		     bool (*each)(void *data, const struct watched_row *row,
				  enum watched_change change, size_t depth),
		     void *data)
{
	struct comparing comparing = {
		.before = before, .now = now, .first = first, .each = each, .data = data
	};

	if (!order_by_key(before) || !order_by_key(now))
		return false;
	forget_gone(before);
	forget_gone(now);
	hang_gone(&comparing);
	return tell(&comparing);
}
