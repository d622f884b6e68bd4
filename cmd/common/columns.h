/* SPDX-License-Identifier: MIT */
/* Columns as data.  One row of a table is a column in text, JSON, --help and --list-columns. */
#ifndef COMMON_COLUMNS_H
#define COMMON_COLUMNS_H

#include "common/value.h"

enum {
	COLUMN_JSON = 1u << 0,      /* part of every JSON row */
	COLUMN_JSON_ONLY = 1u << 1, /* no text form worth a column */
	COLUMN_TRUNC = 1u << 2,     /* may be cut to fit a terminal */
	COLUMN_JSON_DEAR = 1u << 3, /* part of every JSON row, but paid for only when asked for */
	COLUMN_TREE = 1u << 4,      /* the lines of a tree stand before it */
	/* Its texts live no longer than their row: the same pointer may be another text. */
	COLUMN_FLEETING = 1u << 5
};

struct column {
	const char *name; /* "LAST-OPERATOR": unique for each kind */
	const char *json; /* "last_operator" */
	unsigned kinds;   /* kinds of row that have it; 0: all */
	enum value_type type;
	unsigned flags;
	unsigned want;  /* IPCK_WANT_* that fill it */
	uint32_t field; /* the field that may be unknown; 0: always known */
	void (*get)(const void *row, const struct style *style, struct value *value);
	const char *help;
};

/* The columns of one sort of row, and how that sort says why a field is unknown. */
struct column_set {
	const struct column *const *tables; /* each ends with a NULL name; the last is NULL */
	int (*why)(const void *row, uint32_t field); /* NULL: everything is known */
	unsigned (*kind)(const void *row);           /* NULL: all rows are of one kind */
};
#define ONE_TABLE(columns) ((const struct column *const[]){ columns, NULL })

#define COLUMNS_MAX 64

/* A choice of columns, in the order of output. */
struct column_list {
	const struct column_set *set;
	const struct column *columns[COLUMNS_MAX];
	size_t count;
	size_t implied; /* the first so many came with JSON: the dear ones are not paid for */
};

void column_value(const struct column_set *set, const struct column *column, const void *row,
		  const struct style *style, struct value *value);

/* The column of this name for one of the kinds; case does not matter.  NULL: none. */
const struct column *column_find(const struct column_set *set, const char *name, unsigned kind);

/*
 * Columns by names, "REF,SIZE", for one kind; those that the kind lacks are passed over.
 * With a leading '+' the names are added to those of base.  NULL text: base alone.
 */
void column_list_fill(struct column_list *list, const struct column_set *set, const char *text,
		      const char *base, unsigned kind);

/* Add columns by names; those that the kind lacks are passed over. */
void column_list_add(struct column_list *list, const char *text, unsigned kind);

/* Likewise, but those that are not there yet, and before the one that a tree is drawn in. */
void column_list_insert(struct column_list *list, const char *text, unsigned kind);

/* Does this column exist for at least one of the kinds?  Complains and returns false. */
bool column_check(const struct column_set *set, const char *name, unsigned kinds);
/* Does each name in the text exist for at least one of the kinds?  Complains and returns false. */
bool column_list_check(const struct column_set *set, const char *text, unsigned kinds);

/* All columns that belong to every JSON row of a kind. */
void column_list_json(struct column_list *list, const struct column_set *set, unsigned kind);

unsigned column_list_wants(const struct column_list *list);

/* A sort order, "SIZE" or "SIZE:asc". */
struct sort_order {
	char name[32];
	bool given, descending, direction_given;
};

bool sort_order_parse(const char *text, struct sort_order *order); /* complains */

/* Sort rows (pointers) by the order's column, where the kind has it; equal rows keep their order.
 */
void sort_rows(const void **rows, size_t count, const struct sort_order *order,
	       const struct column_set *set, unsigned kind, const struct style *style);

#endif
