/* SPDX-License-Identifier: MIT */
/* Who waits on the object of a page, and how many more do that could not be seen. */
#include "waiters.h"
#include "blocked.h"
#include "common/program.h"
#include "common/row_json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#define WAITER_COLUMNS "WAITER,SINCE,CALL,WANTS,HELD-BY,EVIDENCE"

bool waiters_read(struct ipck *ctx, const struct ipck_objects *objects, struct waiters *waiters)
{
	const size_t count = ipck_objects_count(objects);
	const struct ipck_object **wanted = calloc(count + 1, sizeof(*wanted));
	const struct ipck_waits_query query = {
		.size = sizeof(query),
		.want = IPCK_WAITS_IDLE | IPCK_WAITS_SINCE | IPCK_WAITS_WHOM | IPCK_WAITS_USERS,
		.objects = wanted,
		.object_count = count,
		.threads_denied = &waiters->denied,
	};

	*waiters = (struct waiters){ 0 };
	for (size_t i = 0; wanted != NULL && i < count; i++)
		wanted[i] = ipck_objects_at(objects, i);
	waiters->why =
		wanted != NULL ? ipck_waits_read(ctx, &query, &waiters->waits) : IPCK_ERR_MEMORY;
	free(wanted);
	if (waiters->why == IPCK_ERR_MEMORY)
		complain("out of memory");
	return waiters->why != IPCK_ERR_MEMORY;
}

void waiters_free(struct waiters *waiters)
{
	ipck_waits_free(waiters->waits);
}

/* How many threads the kernel, or the C library, counts; false where nobody counts them. */
static bool counted(const struct ipck_object *object, uint64_t *count)
{
	if (object->kind == IPCK_SEM && ipck_object_why(object, IPCK_SEM_WAITERS) == 0)
		*count = object->sem.waiters;
	else if (object->kind == IPCK_POSIX_SEM &&
		 ipck_object_why(object, IPCK_POSIX_SEM_VALUE) == 0)
		*count = object->posix_sem.waiters;
	else
		return false;
	return true;
}

/* What the table lacks, as far as somebody counts. */
static void print_unseen(const struct waiters *waiters, const struct ipck_object *object,
			 uint64_t seen)
{
	uint64_t count;

	if (!counted(object, &count)) {
		if (waiters->denied > 0)
			printf("\n  %zu thread%s could not be inspected, and may wait on it.\n",
			       waiters->denied, waiters->denied == 1 ? "" : "s");
	} else if (count > seen) {
		printf("\n  %llu%s thread%s wait%s on it that could not be seen.\n",
		       (unsigned long long)(count - seen), seen > 0 ? " more" : "",
		       count - seen == 1 ? "" : "s", count - seen == 1 ? "s" : "");
	} else if (count == 0 && seen == 0) {
		puts("\n  Nobody waits on it.");
	}
}

static bool write_rows(const struct blocked_rows *rows, const struct request *request)
{
	struct column_list list;
	struct writer writer;

	putchar('\n');
	column_list_fill(&list, &blocked_columns, NULL, WAITER_COLUMNS, 0);
	writer_open(&writer, &request->output);
	writer_begin(&writer, &list, "waiting");
	for (size_t i = 0; i < rows->count && !writer.failed; i++)
		writer_row(&writer, &rows->rows[i]);
	writer_end(&writer);
	return writer_close(&writer);
}

bool print_waiters(const struct waiters *waiters, const struct ipck_object *object,
		   const struct request *request)
{
	struct blocked_rows rows;
	uint64_t seen = 0;
	bool good = true;

	if (waiters->waits == NULL) {
		printf("\n  Who waits on it could not be seen (%s).\n",
		       ipck_strerror(waiters->why));
		return true;
	}
	if (!blocked_rows_make(&rows, waiters->waits, request, object, false)) {
		complain("out of memory");
		return false;
	}
	for (size_t i = 0; i < rows.count; i++)
		seen += rows.rows[i].threads;
	if (rows.count > 0)
		good = write_rows(&rows, request);
	print_unseen(waiters, object, seen);
	blocked_rows_free(&rows);
	return good;
}

struct json_object *waiters_json(const struct waiters *waiters, const struct ipck_object *object,
				 const struct request *request)
{
	struct json_object *array = NULL;
	struct column_list list;
	struct blocked_rows rows;

	if (waiters->waits == NULL ||
	    !blocked_rows_make(&rows, waiters->waits, request, object, true))
		return NULL;
	column_list_json(&list, &blocked_columns, 0);
	array = json_object_new_array_ext((int)rows.count);
	for (size_t i = 0; array != NULL && i < rows.count; i++)
		json_object_array_add(array, writer_json_object(&list, &rows.rows[i]));
	blocked_rows_free(&rows);
	return array;
}
