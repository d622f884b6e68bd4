/* SPDX-License-Identifier: MIT */
/* The columns of IPC objects: the one table behind lists, detail pages, plans and JSON. */
#ifndef COMMON_OBJECT_COLUMNS_H
#define COMMON_OBJECT_COLUMNS_H

#include "common/columns.h"

/* Rows: struct ipck_object.  Of one kind, or of several, where some lack what others have. */
extern const struct column_set object_columns, mixed_columns;

/* The kinds that are listed, in the order of output. */
struct object_kind {
	enum ipck_kind kind;
	const char *json;         /* "posix_shm": the key of its array */
	const char *plural;       /* "shared memory segments" */
	const char *default_list; /* columns of the default table */
	const char *times, *pids, *creators, *orphaned;
	const char *detail; /* of the page of one object */
	const char *plan;   /* of what is about to be removed */
};

extern const struct object_kind object_kinds[]; /* ends with kind 0 */
extern const struct object_kind all_endpoints;  /* IPCK_ENDPOINTS in one table */
const struct object_kind *object_kind_of(enum ipck_kind kind);

#endif
