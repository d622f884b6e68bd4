/* SPDX-License-Identifier: MIT */
/* The second part of -u: the kernel's sum of shared memory, taken apart. */
#include "common/coverage.h"
#include "common/program.h"
#include "ipcls.h"

#include <stdio.h>
#include <string.h>

#define ROW ((const struct ipck_shmem_row *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

GETTER(get_source)
{
	(void)style;
	value->text = ipck_shmem_source_name(ROW->source);
}

GETTER(get_where)
{
	(void)style;
	value->text = ROW->where;
	if (ROW->where == NULL)
		value->state = VALUE_NONE;
}

GETTER(get_namespace)
{
	(void)style;
	value->number = ROW->ns;
	if (ROW->ns == 0)
		value->state = VALUE_NONE;
}

GETTER(get_device)
{
	(void)style;
	if (ROW->where == NULL) {
		value->state = VALUE_NONE;
		return;
	}
	snprintf(value->buffer, sizeof(value->buffer), "%u:%u", ROW->major, ROW->minor);
	value->text = value->buffer;
}

static bool counts_objects(const struct ipck_shmem_row *row)
{
	return row->source == IPCK_SHMEM_SYSV || row->source == IPCK_SHMEM_MEMFD ||
	       row->source == IPCK_SHMEM_ANONYMOUS;
}

GETTER(get_objects)
{
	(void)style;
	value->number = ROW->objects;
	if (!counts_objects(ROW))
		value->state = VALUE_NONE;
}

static bool is_known(const struct ipck_shmem_row *row, struct value *value)
{
	if (row->bound != IPCK_BOUND_UNKNOWN)
		return true;
	value->state = VALUE_UNKNOWN;
	value->why = row->why;
	return false;
}

GETTER(get_bytes)
{
	const struct style sizes = { .bytes = style->bytes };

	if (!is_known(ROW, value))
		return;
	value->negative = ROW->bytes < 0;
	value->number = value->negative ? (uint64_t)-ROW->bytes : (uint64_t)ROW->bytes;
	value->buffer[0] = '-';
	value_text(value, VALUE_SIZE, &sizes, value->buffer + value->negative);
	value->text = value->buffer;
}

GETTER(get_bound)
{
	(void)style;
	value->text = ipck_bound_name(ROW->bound);
	value->alert = ROW->bound == IPCK_BOUND_EXACT ? ALERT_NONE : ALERT_NOTICE;
}

GETTER(get_why)
{
	(void)style;
	value->text = ipck_strerror(ROW->why);
	if (ROW->why == IPCK_OK)
		value->state = VALUE_NONE;
}

static void get_part(const struct ipck_shmem_row *row, uint64_t bytes, struct value *value)
{
	value->number = bytes;
	if (!row->parts_known)
		value->state = VALUE_NONE;
}

GETTER(get_listed)
{
	(void)style;
	get_part(ROW, ROW->listed, value);
}

GETTER(get_nested)
{
	(void)style;
	get_part(ROW, ROW->nested, value);
}

GETTER(get_deleted)
{
	(void)style;
	get_part(ROW, ROW->deleted, value);
}

static const struct column columns[] = {
	{ "SOURCE", "source", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_source,
	  "total, sysv, tmpfs, memfd, anonymous or unexplained" },
	{ "WHERE", "where", 0, VALUE_TEXT, COLUMN_JSON | COLUMN_TRUNC, 0, 0, get_where,
	  "where a tmpfs is mounted" },
	{ "MOUNT-NS", "mount_ns", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_namespace,
	  "the mount namespace that sees it there, when it is not ours" },
	{ "DEVICE", "device", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_device, "of a tmpfs" },
	{ "OBJECTS", "objects", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_objects,
	  "segments, memory files, mapped areas" },
	{ "BYTES", "bytes", 0, VALUE_AMOUNT, COLUMN_JSON, 0, 0, get_bytes, "how much there is" },
	{ "BOUND", "bound", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_bound,
	  "exact, at-least, at-most, rough or unknown" },
	{ "WHY", "why", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_why, "why it is not exact" },
	{ "FILES", "files", 0, VALUE_SIZE, COLUMN_JSON, 0, 0, get_listed,
	  "bytes of the files in a /dev/shm" },
	{ "SUBFOLDERS", "subfolders", 0, VALUE_SIZE, COLUMN_JSON, 0, 0, get_nested,
	  "bytes of the files in its folders" },
	{ "DELETED", "deleted", 0, VALUE_SIZE, COLUMN_JSON, 0, 0, get_deleted,
	  "bytes of deleted files that are open or mapped still" },
	{ 0 },
};

const struct column_set shmem_columns = { .tables = ONE_TABLE(columns) };

bool write_shmem(struct ipck *ctx, const struct request *request, struct writer *writer)
{
	struct ipck_coverage coverage = { .size = sizeof(coverage) };
	struct ipck_shmem *shmem;
	struct column_list list;

	if (ipck_shmem_read(ctx, &coverage, &shmem) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		return false;
	}
	table_columns(&list, request, &shmem_columns,
		      "SOURCE,WHERE,OBJECTS,BYTES,BOUND,FILES,SUBFOLDERS,DELETED");
	writer_begin(writer, &list, "shmem");
	for (size_t i = 0; i < ipck_shmem_count(shmem) && !writer->failed; i++)
		writer_row(writer, ipck_shmem_at(shmem, i));
	writer_end(writer);
	ipck_shmem_free(shmem);
	coverage_complain(&coverage, &request->selecting.selection);
	return true;
}
