/* SPDX-License-Identifier: MIT */
/* Inside --watch: the looks, and how the last of them is shown. */
#ifndef PROCTREE_WATCH_H
#define PROCTREE_WATCH_H

#include "proctree.h"
#include "watch_rows.h"

struct watching {
	struct request *request;
	const struct view_row *view;
	struct column_list columns;
	struct watched_rows before, now;
	bool on_screen; /* once and for all: a terminal that is gone is none any more */
	bool first;
	size_t processes, zombies, orphans; /* of those that are shown */
	size_t widths[COLUMNS_MAX];         /* of the columns in a file */
};

/* Let the rows of this look be taken by watching, or, when that is NULL, be printed. */
void watch_look(struct watching *watching, struct look *look, struct writer *writer);

/* Three ways to show what is new and gone; false: out of memory. */
bool watch_screen(struct watching *watching); /* a terminal: all rows again */
bool watch_log(struct watching *watching);    /* a file: the rows of the first look, then changes */
bool watch_json(struct watching *watching);   /* one object a line */

#endif
