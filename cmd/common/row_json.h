/* SPDX-License-Identifier: MIT */
/* One row as JSON, for files other than standard output. */
#ifndef COMMON_ROW_JSON_H
#define COMMON_ROW_JSON_H

#include "common/columns.h"

struct json_object;

/*
 * The object that -J prints for a row, with the members of more behind its own; to be freed.  NULL:
 * no memory.
 */
char *writer_json_text(const struct column_list *columns, const void *row,
		       struct json_object *more);
/* The same as a value of its own, to be put into another one; NULL: no memory. */
struct json_object *writer_json_object(const struct column_list *columns, const void *row);

#endif
