/* SPDX-License-Identifier: MIT */
/* The part of a process's page that tells which locks of files it holds. */
#include "common/row_json.h"
#include "process.h"

#include <json-c/json.h>
#include <stdio.h>

#define LOCK ((const struct ipck_file_lock *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

GETTER(get_type)
{
	(void)style;
	value->text = ipck_lock_type_name(LOCK->type);
}

GETTER(get_mode)
{
	(void)style;
	value->text = LOCK->write ? "exclusive" : "shared";
}

GETTER(get_bytes)
{
	(void)style;
	value->text = value->buffer;
	if (LOCK->start == 0 && LOCK->end == UINT64_MAX)
		value->text = "all";
	else if (LOCK->end == UINT64_MAX)
		snprintf(value->buffer, sizeof(value->buffer), "%llu-",
			 (unsigned long long)LOCK->start);
	else
		snprintf(value->buffer, sizeof(value->buffer), "%llu-%llu",
			 (unsigned long long)LOCK->start, (unsigned long long)LOCK->end);
}

GETTER(get_start)
{
	(void)style;
	value->number = LOCK->start;
}

GETTER(get_end)
{
	(void)style;
	value->number = LOCK->end;
	if (LOCK->end == UINT64_MAX)
		value->state = VALUE_NONE;
}

GETTER(get_fd)
{
	(void)style;
	value->number = (uint64_t)LOCK->fd;
}

GETTER(get_path)
{
	(void)style;
	value->text = LOCK->path;
	if (*LOCK->path == '\0')
		value->state = VALUE_NONE;
}

static const struct column columns[] = {
	{ "LOCK", "type", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_type, "how it was taken" },
	{ "MODE", "mode", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_mode, "exclusive or shared" },
	{ "BYTES", "", 0, VALUE_TEXT, 0, 0, 0, get_bytes, "which of the file" },
	{ "START", "start", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_start, "the first of them" },
	{ "END", "end", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_end, "the last of them" },
	{ "FD", "fd", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_fd, "descriptor" },
	{ "FILE", "path", 0, VALUE_TEXT, COLUMN_JSON | COLUMN_TRUNC, 0, 0, get_path, "what file" },
	{ 0 },
};

static const struct column_set lock_columns = { .tables = ONE_TABLE(columns) };

bool print_locks(const struct process_page *page)
{
	const struct ipck_process *process = page->process;
	const struct ipck_file_lock *lock;
	struct column_list list;
	struct writer writer;

	if (process->lock_count == 0)
		return true;
	putchar('\n');
	column_list_fill(&list, &lock_columns, NULL, "LOCK,MODE,BYTES,FD,FILE", 0);
	writer_open(&writer, &page->request->output);
	writer_begin(&writer, &list, "locks");
	for (size_t i = 0; (lock = ipck_process_lock_at(process, i)) != NULL && !writer.failed; i++)
		writer_row(&writer, lock);
	writer_end(&writer);
	return writer_close(&writer);
}

struct json_object *locks_json(const struct ipck_process *process, int *why)
{
	const struct ipck_file_lock *lock;
	struct json_object *array;
	struct column_list list;

	*why = ipck_process_why(process, IPCK_PROCESS_LOCKS);
	if (*why != IPCK_OK)
		return NULL;
	array = json_object_new_array();
	column_list_json(&list, &lock_columns, 0);
	for (size_t i = 0; (lock = ipck_process_lock_at(process, i)) != NULL; i++)
		json_object_array_add(array, writer_json_object(&list, lock));
	return array;
}
