/* SPDX-License-Identifier: MIT */
/* Choosing columns by name, and ordering rows by one. */
#include "common/columns.h"
#include "common/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void column_value(const struct column_set *set, const struct column *column, const void *row,
		  const struct style *style, struct value *value)
{
	/* Field by field: clearing the buffer as well would cost more than all the rest. */
	value->state = VALUE_SET;
	value->alert = ALERT_NONE;
	value->why = 0;
	value->why_text = NULL;
	value->text = NULL;
	value->negative = false;
	value->at_least = false;
	value->word_count = 0;
	/* One table may show rows of several kinds, and a column that some of them lack. */
	if (set->kind != NULL && column->kinds != 0 && (column->kinds & set->kind(row)) == 0) {
		value->state = VALUE_NONE;
		return;
	}
	value->why = column->field != 0 ? set->why(row, column->field) : 0;
	if (value->why == 0)
		column->get(row, style, value);
	else
		value->state = VALUE_UNKNOWN;
}

static bool has_kind(const struct column *column, unsigned kinds)
{
	return column->kinds == 0 || (column->kinds & kinds) != 0;
}

const struct column *column_find(const struct column_set *set, const char *name, unsigned kind)
{
	for (const struct column *const *table = set->tables; *table != NULL; table++)
		for (const struct column *column = *table; column->name != NULL; column++)
			if (has_kind(column, kind) && strcasecmp(column->name, name) == 0)
				return column;
	return NULL;
}

/* The next name of a list; false at the end.  A name too long for any column stays too long. */
static bool next_name(const char **text, char *name, size_t size)
{
	size_t length;

	if (*text == NULL)
		return false;
	length = strcspn(*text, ",");
	snprintf(name, size, "%.*s", (int)(length < size ? length : size - 1), *text);
	*text = (*text)[length] == ',' ? *text + length + 1 : NULL;
	return true;
}

void column_list_add(struct column_list *list, const char *text, unsigned kind)
{
	char name[40];

	while (next_name(&text, name, sizeof(name))) {
		const struct column *column = column_find(list->set, name, kind);

		if (column != NULL && list->count < COLUMNS_MAX)
			list->columns[list->count++] = column;
	}
}

void column_list_insert(struct column_list *list, const char *text, unsigned kind)
{
	size_t place = 0;
	char name[40];

	while (place < list->count && (list->columns[place]->flags & COLUMN_TREE) == 0)
		place++;
	while (next_name(&text, name, sizeof(name))) {
		const struct column *column = column_find(list->set, name, kind);
		size_t i = 0;

		while (i < list->count && list->columns[i] != column)
			i++;
		if (column == NULL || i < list->count || list->count == COLUMNS_MAX)
			continue;
		memmove(&list->columns[place + 1], &list->columns[place],
			(list->count - place) * sizeof(list->columns[0]));
		list->columns[place++] = column;
		list->count++;
	}
}

void column_list_fill(struct column_list *list, const struct column_set *set, const char *text,
		      const char *base, unsigned kind)
{
	*list = (struct column_list){ .set = set };
	if (text == NULL || *text == '+')
		column_list_add(list, base, kind);
	if (text != NULL)
		column_list_add(list, *text == '+' ? text + 1 : text, kind);
}

bool column_check(const struct column_set *set, const char *name, unsigned kinds)
{
	if (column_find(set, name, kinds) != NULL)
		return true;
	complain("%s: %s; see %s --list-columns", *name != '\0' ? name : "''",
		 column_find(set, name, ~0u) != NULL ? "no column of the kinds to be shown"
						     : "no such column",
		 program_name());
	return false;
}

bool column_list_check(const struct column_set *set, const char *text, unsigned kinds)
{
	char name[40];
	size_t count = 0;

	if (*text == '+')
		text++;
	while (next_name(&text, name, sizeof(name))) {
		if (!column_check(set, name, kinds))
			return false;
		if (++count > COLUMNS_MAX / 2) {
			complain("%s: more than %d columns", name, COLUMNS_MAX / 2);
			return false;
		}
	}
	return true;
}

void column_list_json(struct column_list *list, const struct column_set *set, unsigned kind)
{
	*list = (struct column_list){ .set = set };
	for (const struct column *const *table = set->tables; *table != NULL; table++)
		for (const struct column *column = *table; column->name != NULL; column++)
			if (has_kind(column, kind) &&
			    (column->flags & (COLUMN_JSON | COLUMN_JSON_DEAR)) != 0 &&
			    list->count < COLUMNS_MAX)
				list->columns[list->count++] = column;
	list->implied = list->count;
}

unsigned column_list_wants(const struct column_list *list)
{
	unsigned want = 0;

	for (size_t i = 0; i < list->count; i++)
		if (i >= list->implied || (list->columns[i]->flags & COLUMN_JSON_DEAR) == 0)
			want |= list->columns[i]->want;
	return want;
}

bool sort_order_parse(const char *text, struct sort_order *order)
{
	const char *colon = strchr(text, ':');
	size_t length = colon != NULL ? (size_t)(colon - text) : strlen(text);

	*order = (struct sort_order){ .given = true, .direction_given = colon != NULL };
	if (colon != NULL)
		order->descending = strcmp(colon + 1, "desc") == 0;
	if (length == 0 || length >= sizeof(order->name) ||
	    (colon != NULL && !order->descending && strcmp(colon + 1, "asc") != 0)) {
		complain("%s: not a sort order: COLUMN, COLUMN:asc or COLUMN:desc", text);
		return false;
	}
	memcpy(order->name, text, length);
	return true;
}

struct sorted {
	const void *row;
	size_t position;
	struct value value;
};

struct comparison {
	enum value_type type;
	bool descending;
};

static int compare(const void *a, const void *b, void *data)
{
	const struct sorted *const *left = a, *const *right = b;
	const struct comparison *by = data;
	int order = value_compare(&(*left)->value, &(*right)->value, by->type, by->descending);

	if (order == 0)
		order = (*left)->position < (*right)->position ? -1 : 1;
	return order;
}

void sort_rows(const void **rows, size_t count, const struct sort_order *order,
	       const struct column_set *set, unsigned kind, const struct style *style)
{
	const struct column *column = order->given ? column_find(set, order->name, kind) : NULL;
	struct comparison by;
	struct sorted *values, **pointers;

	if (column == NULL || count < 2)
		return;
	by.type = column->type;
	by.descending = order->direction_given ? order->descending : column->type == VALUE_SIZE;
	values = malloc(count * sizeof(*values));
	pointers = malloc(count * sizeof(*pointers));
	if (values != NULL && pointers != NULL) {
		for (size_t i = 0; i < count; i++) {
			values[i].row = rows[i];
			values[i].position = i;
			column_value(set, column, rows[i], style, &values[i].value);
			pointers[i] = &values[i];
		}
		qsort_r(pointers, count, sizeof(*pointers), compare, &by);
		for (size_t i = 0; i < count; i++)
			rows[i] = pointers[i]->row;
	} else {
		complain("not sorted: out of memory");
	}
	free(values);
	free(pointers);
}
