/* SPDX-License-Identifier: MIT */
/* Inside --blocked: a row for a thread that waits, or for several that wait alike. */
#ifndef IPCLS_BLOCKED_H
#define IPCLS_BLOCKED_H

#include "ipcls.h"

struct blocked_row {
	const struct ipck_wait *wait; /* the longest of them */
	size_t threads;               /* how many wait so */
	bool one_process, one_command;
};

/* In a column's want, beside IPCK_WAITS_*: threads may differ in it, so each gets a row. */
#define BLOCKED_EACH (1u << 16)

struct blocked_rows {
	struct blocked_row *rows;
	size_t count;
};

/*
 * The waits that the request's kinds and user leave, the longest first; unless each is set, those
 * on one object, in one call and for the same ones in one row.  on: only those that wait on this
 * object; NULL: all.  False: out of memory.
 */
bool blocked_rows_make(struct blocked_rows *rows, const struct ipck_waits *waits,
		       const struct request *request, const struct ipck_object *on, bool each);
void blocked_rows_free(struct blocked_rows *rows);

#endif
