/* SPDX-License-Identifier: MIT */
/*
 * The tree by parents.  Chains may be as long as there are processes, so what is still to be
 * written lies on a stack of our own.
 */
#include "chosen.h"
#include "columns.h"
#include "common/program.h"
#include "compaction.h"

#include <stdlib.h>

struct walk {
	struct look *look;
	bool compact;
	struct branch *stack; /* the next one is the last */
	size_t count, room;
};

static bool no_memory(void)
{
	complain("out of memory");
	return false;
}

static bool push(struct walk *walk, const struct ipck_process *process, size_t depth)
{
	if (walk->count == walk->room) {
		const size_t room = walk->room * 2 + 64;
		struct branch *stack = realloc(walk->stack, room * sizeof(*stack));

		if (stack == NULL)
			return no_memory();
		walk->stack = stack;
		walk->room = room;
	}
	walk->stack[walk->count++] = (struct branch){ process, depth, 1 };
	return true;
}

/* Sorting needs rows.  Of what costs files only what they are sorted by is read. */
static bool sort(struct walk *walk, struct branch *branches, size_t count)
{
	const struct request *request = walk->look->request;
	struct look look = *walk->look;
	struct row *rows = calloc(count + 1, sizeof(*rows));
	const void **order = calloc(count + 1, sizeof(*order));
	const bool good = rows != NULL && order != NULL;

	look.detail_want = look.sort_want;
	for (size_t i = 0; good && i < count; i++) {
		row_begin(&look, branches[i].process, &rows[i]);
		order[i] = &rows[i];
	}
	if (good) {
		sort_rows(order, count, &request->sort, &process_columns, 0,
			  &request->output.style);
		for (size_t i = 0; i < count; i++)
			branches[i].process = ((const struct row *)order[i])->process;
		for (size_t i = 0; i < count; i++)
			row_end(&rows[i]);
	}
	free(rows);
	free(order);
	return good || no_memory();
}

static void turn(struct branch *branches, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		const struct branch branch = branches[i];

		branches[i] = branches[count - 1 - i];
		branches[count - 1 - i] = branch;
	}
}

/* Those that stand for themselves, and for others. */
static size_t drop_joined(struct branch *branches, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (branches[i].same > 0)
			branches[kept++] = branches[i];
	return kept;
}

/* What was pushed from here on are siblings: put them in order, the first on top. */
static bool arrange(struct walk *walk, size_t from)
{
	struct branch *siblings = walk->stack + from;
	const size_t count = walk->count - from;

	if (count < 2)
		return true;
	if (walk->look->request->sort.given && !sort(walk, siblings, count))
		return false;
	if (walk->compact && !compact(walk->look, siblings, count))
		return no_memory();
	walk->count = from + drop_joined(siblings, count);
	turn(siblings, walk->count - from);
	return true;
}

static bool push_roots(struct walk *walk)
{
	const struct ipck_process *root;

	for (size_t i = 0; (root = ipck_processes_root_at(walk->look->processes, i)) != NULL; i++)
		if (is_shown(walk->look, root) && !push(walk, root, 0))
			return false;
	return arrange(walk, 0);
}

static bool push_children(struct walk *walk, const struct branch *branch)
{
	const struct ipck_process *child;
	const size_t from = walk->count;

	for (size_t i = 0; (child = ipck_process_child_at(branch->process, i)) != NULL; i++)
		if (is_shown(walk->look, child) && !push(walk, child, branch->depth + 1))
			return false;
	return arrange(walk, from);
}

static bool write_branch(struct walk *walk, const struct branch *branch)
{
	struct row row;
	bool good;

	row_begin(walk->look, branch->process, &row);
	row.same = branch->same;
	walk->look->writer->depth = branch->depth;
	good = writer_row(walk->look->writer, &row);
	row_end(&row);
	return good;
}

/*
 * Raw fields have no tree: by pid, or in the order that was asked for.  Without those that only
 * lead to what is named: such a list may be handed to what acts on it.
 */
static bool write_flat(struct walk *walk)
{
	const struct ipck_process *process;
	bool good = true;

	for (size_t i = 0; (process = ipck_processes_at(walk->look->processes, i)) != NULL; i++)
		if (is_named(walk->look, process) && !push(walk, process, 0))
			return false;
	if (walk->look->request->sort.given && !sort(walk, walk->stack, walk->count))
		return false;
	for (size_t i = 0; good && i < walk->count; i++)
		good = write_branch(walk, &walk->stack[i]);
	return good;
}

static bool write_tree(struct walk *walk)
{
	bool good = push_roots(walk);

	while (good && walk->count > 0) {
		const struct branch branch = walk->stack[--walk->count];

		good = write_branch(walk, &branch) && push_children(walk, &branch);
	}
	return good;
}

int show_tree(struct look *look)
{
	const struct request *request = look->request;
	const enum output_format format = request->output.format;
	struct walk walk = { .look = look,
			     .compact = format == OUTPUT_TABLE && !request->all_rows &&
					!request->watch && !request->ipc };
	const bool flat = format == OUTPUT_RAW || format == OUTPUT_EXPORT;
	const bool good = flat ? write_flat(&walk) : write_tree(&walk);

	free(walk.stack);
	return good ? EXIT_DONE : EXIT_USAGE;
}
