/* SPDX-License-Identifier: MIT */
/* The rows of one look, and how they differ from those of the look before. */
#ifndef PROCTREE_WATCH_ROWS_H
#define PROCTREE_WATCH_ROWS_H

#include "common/writer.h"

struct watched_row {
	char *key; /* who it is: a row of another look with this key is the same one */
	struct row_texts texts;
	struct watched_row *above; /* in the tree; NULL: none */
	bool gone;                 /* the look behind this one lacks it */
	/* Those that are gone and were below it, in their order. */
	struct watched_row *first_gone, *last_gone, *next_gone;
};

struct watched_rows {
	struct watched_row **rows; /* in the order of the view */
	size_t count, room;
	struct watched_row **by_key;
	struct watched_row **open; /* by depth: the last row of it */
	size_t open_room;
};

/* One more row, whose key and texts are the rows' own from now on; false: out of memory. */
bool watched_add(struct watched_rows *rows, char *key, struct row_texts *texts);
void watched_free(struct watched_rows *rows);

enum watched_change { WATCHED_SAME, WATCHED_NEW, WATCHED_GONE };

/*
 * All rows of now, in their order, and those of before that are gone below the last one that they
 * were below, if it lives, else at the end.  Before any other look before is empty, and no row is
 * new.  False: out of memory, or each() was false.
 */
bool watched_compare(struct watched_rows *before, struct watched_rows *now, bool first,
		     bool (*each)(void *data, const struct watched_row *row,
				  enum watched_change change, size_t depth),
		     void *data);

#endif
