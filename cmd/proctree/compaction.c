/* SPDX-License-Identifier: MIT */
/*
 * Putting identical leaves of a tree together.  What the snapshot knows is compared first; only
 * those that are alike in that are asked for all cells, some of which cost files.
 */
#include "compaction.h"
#include "chosen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct leaf {
	struct branch *branch;
	char *cells; /* all of them, as text; NULL: not made yet */
};

bool is_leaf(const struct look *look, const struct ipck_process *process)
{
	const struct ipck_process *child;

	for (size_t i = 0; (child = ipck_process_child_at(process, i)) != NULL; i++)
		if (is_shown(look, child))
			return false;
	return true;
}

/* Whoever was named, or is highlighted, keeps a row. */
static bool may_join(const struct look *look, const struct ipck_process *process)
{
	return is_leaf(look, process) && !is_own(look, process) && !is_named_itself(look, process);
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_processes(const struct ipck_process *a, const struct ipck_process *b)
{
	int order = strcmp(a->command, b->command);

	order = order != 0 ? order : ORDER(a->state, b->state);
	order = order != 0 ? order : ORDER(a->uid, b->uid);
	order = order != 0 ? order : ORDER(a->ppid, b->ppid); /* roots may have any, unseen */
	order = order != 0 ? order : ORDER(a->tty_major, b->tty_major);
	order = order != 0 ? order : ORDER(a->tty_minor, b->tty_minor);
	order = order != 0 ? order : ORDER(a->marks, b->marks);
	return order != 0 ? order : ORDER(a->likely, b->likely);
}

static int by_process(const void *a, const void *b)
{
	const struct leaf *left = a, *right = b;
	const int order = compare_processes(left->branch->process, right->branch->process);

	return order != 0 ? order : ORDER(left->branch, right->branch);
}

static int by_cells(const void *a, const void *b)
{
	const struct leaf *left = a, *right = b;
	const int order = strcmp(left->cells, right->cells);

	return order != 0 ? order : ORDER(left->branch, right->branch);
}

/*
 * Siblings that are alike as processes are so in these columns, too.  That is most that are ever
 * shown, and to make texts of them took longer than all the rest of it.
 */
static bool may_differ(const struct look *look, const struct column *column)
{
	static const char *const alike[] = { "PID", "PPID", "TTY", "S", "USER", "UID", "MARKS" };

	for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++)
		if (strcmp(column->name, alike[i]) == 0)
			return false;
	return look->request->args || strcmp(column->name, "COMMAND") != 0;
}

static bool any_may_differ(const struct look *look)
{
	for (size_t i = 0; i < look->columns.count; i++)
		if (may_differ(look, look->columns.columns[i]))
			return true;
	return false;
}

/* All cells of its row in which it may differ; NULL: no memory. */
static char *make_cells(const struct look *look, const struct ipck_process *process)
{
	char *cells = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&cells, &size);
	struct row row;
	bool good = stream != NULL;

	if (stream == NULL)
		return NULL;
	row_begin(look, process, &row);
	for (size_t i = 0; i < look->columns.count; i++) {
		const struct column *column = look->columns.columns[i];
		struct value value;
		char *text;

		if (!may_differ(look, column))
			continue;
		column_value(look->columns.set, column, &row, &look->request->output.style, &value);
		text = value_text_whole(&value, column->type, &look->request->output.style);
		good = good && text != NULL;
		fprintf(stream, "%s\n", text != NULL ? text : "");
		free(text);
	}
	row_end(&row);
	if (fclose(stream) != 0 || !good) {
		free(cells);
		return NULL;
	}
	return cells;
}

/* Leaves that are alike as processes. */
static bool join(const struct look *look, struct leaf *leaves, size_t count)
{
	bool good = true;

	if (count < 2)
		return true;
	if (!any_may_differ(look)) {
		leaves[0].branch->same = count;
		for (size_t i = 1; i < count; i++)
			leaves[i].branch->same = 0;
		return true;
	}
	for (size_t i = 0; i < count; i++) {
		leaves[i].cells = make_cells(look, leaves[i].branch->process);
		good = good && leaves[i].cells != NULL;
	}
	if (good)
		qsort(leaves, count, sizeof(*leaves), by_cells);
	for (size_t i = 0, first = 0; good && i < count; i++) {
		if (i == first)
			continue;
		if (strcmp(leaves[i].cells, leaves[first].cells) != 0) {
			first = i;
			continue;
		}
		leaves[first].branch->same++;
		leaves[i].branch->same = 0;
	}
	for (size_t i = 0; i < count; i++)
		free(leaves[i].cells);
	return good;
}

bool compact(const struct look *look, struct branch *siblings, size_t count)
{
	struct leaf *leaves = count > 1 ? calloc(count, sizeof(*leaves)) : NULL;
	size_t used = 0;
	bool good = true;

	if (leaves == NULL)
		return count < 2;
	for (size_t i = 0; i < count; i++)
		if (may_join(look, siblings[i].process))
			leaves[used++].branch = &siblings[i];
	qsort(leaves, used, sizeof(*leaves), by_process);
	for (size_t i = 0, end; good && i < used; i = end) {
		for (end = i + 1; end < used && compare_processes(leaves[end].branch->process,
								  leaves[i].branch->process) == 0;
		     end++)
			continue;
		good = join(look, leaves + i, end - i);
	}
	free(leaves);
	return good;
}
