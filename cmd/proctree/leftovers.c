/* SPDX-License-Identifier: MIT */
/* The flat views: which rows they have, orphans, and daemons. */
#include "leftovers.h"
#include "chosen.h"
#include "common/json_values.h"
#include "common/program.h"

#include <stdlib.h>

static void explain(struct leftover *leftover, uint32_t marks)
{
	const struct ipck_process *process = leftover->row.process;

	for (unsigned i = 0; i < IPCK_MARK_COUNT; i++)
		if ((process->marks & marks & 1u << i) != 0) {
			ipck_mark_reason(process, 1u << i, leftover->reason,
					 sizeof(leftover->reason));
			return;
		}
}

struct leftover *leftovers_find(struct look *look, uint32_t marks, size_t *count)
{
	const struct ipck_process *process;
	struct leftover *rows;
	size_t most = 0;

	for (size_t i = 0; (process = ipck_processes_at(look->processes, i)) != NULL; i++)
		most += (process->marks & marks) != 0;
	*count = 0;
	if (look->request->args) /* COMMAND shows them */
		look->detail_want |= IPCK_PROCESS_ARGS;
	rows = calloc(most + 1, sizeof(*rows));
	for (size_t i = 0;
	     rows != NULL && (process = ipck_processes_at(look->processes, i)) != NULL; i++) {
		if ((process->marks & marks) == 0 || !is_named(look, process))
			continue;
		row_begin(look, process, &rows[*count].row);
		explain(&rows[(*count)++], marks);
	}
	return rows;
}

/* ---- Writing ---- */

bool leftovers_write(struct look *look, struct leftover *rows, size_t count)
{
	const void **order = calloc(count + 1, sizeof(*order));
	bool good = order != NULL;

	for (size_t i = 0; good && i < count; i++)
		order[i] = &rows[i];
	if (good)
		sort_rows(order, count, &look->request->sort, look->columns.set, 0,
			  &look->request->output.style);
	for (size_t i = 0; good && i < count; i++)
		good = writer_row(look->writer, order[i]);
	free(order);
	return good;
}

void leftovers_free(struct leftover *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		row_end(&rows[i].row);
	free(rows);
}

/* ---- Orphans and daemons ---- */

/* The oldest first. */
static int by_start(const void *a, const void *b)
{
	const struct ipck_process_id *left = &((const struct leftover *)a)->row.process->id;
	const struct ipck_process_id *right = &((const struct leftover *)b)->row.process->id;

	if (left->start_time != right->start_time)
		return left->start_time < right->start_time ? -1 : 1;
	return (left->pid > right->pid) - (left->pid < right->pid);
}

static int show_marked(struct look *look, uint32_t marks)
{
	struct leftover *rows;
	size_t count;
	bool good;

	rows = leftovers_find(look, marks, &count);
	if (rows == NULL) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	qsort(rows, count, sizeof(*rows), by_start);
	good = leftovers_write(look, rows, count);
	leftovers_free(rows, count);
	return good ? EXIT_DONE : EXIT_USAGE;
}

int show_orphans(struct look *look)
{
	return show_marked(look, IPCK_MARK_ORPHAN);
}

/* [link of 0, of 1, of 2]; null: closed. */
static struct json_object *json_standard(const void *row, void *data, int *why)
{
	const struct ipck_process *detail = ((const struct row *)row)->detail;
	struct json_object *array;

	(void)data;
	*why = detail != NULL ? ipck_process_why(detail, IPCK_PROCESS_DESCRIPTORS)
			      : ((const struct row *)row)->detail_error;
	if (*why != IPCK_OK)
		return NULL;
	array = json_object_new_array_ext(3);
	for (int i = 0; array != NULL && i < 3; i++)
		json_object_array_add(array, json_outside(detail->standard[i]));
	return array;
}

int show_daemons(struct look *look)
{
	if (look->request->output.format == OUTPUT_JSON) {
		look->detail_want |= IPCK_PROCESS_DESCRIPTORS;
		look->writer->more[0] =
			(struct writer_member){ .key = "stdio", .make = json_standard };
	}
	return show_marked(look, IPCK_MARK_DAEMON | IPCK_MARK_SERVICE);
}
