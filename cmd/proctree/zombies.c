/* SPDX-License-Identifier: MIT */
/* Zombies by the parents that do not ask for them: the worst first, with what helps. */
#include "chosen.h"
#include "common/json_values.h"
#include "common/program.h"
#include "leftovers.h"

#include <stdlib.h>

/* ---- Parents ---- */

static pid_t parent_of(const struct leftover *row)
{
	return row->row.process->ppid;
}

static bool is_alive(const struct leftover *row)
{
	return (row->row.process->marks & IPCK_MARK_ZOMBIE) == 0;
}

/* Those that live come last, then by parent, then by pid. */
static int by_parent(const void *a, const void *b)
{
	const struct leftover *left = a, *right = b;
	const pid_t one = left->row.process->id.pid, other = right->row.process->id.pid;

	if (is_alive(left) != is_alive(right))
		return is_alive(left) ? 1 : -1;
	if (parent_of(left) != parent_of(right))
		return parent_of(left) < parent_of(right) ? -1 : 1;
	return (one > other) - (one < other);
}

/* Those of the worst parent first, and else as they stand. */
static int by_guilt(const void *a, const void *b)
{
	const struct leftover *left = a, *right = b;

	if (!is_alive(left) && !is_alive(right) && left->guilty->count != right->guilty->count)
		return left->guilty->count > right->guilty->count ? -1 : 1;
	return by_parent(a, b);
}

/* Who is given the children of a process that ends: as far as /proc tells, its nearest reaper. */
static const struct ipck_process *heir_of(const struct look *look,
					  const struct ipck_process *process)
{
	const struct ipck_process *at = ipck_process_parent(process);

	while (at != NULL && (at->marks & IPCK_MARK_REAPER) == 0)
		at = ipck_process_parent(at);
	return at != NULL ? at : ipck_processes_find(look->processes, 1);
}

/* What it does, asked for one of its children; one that is gone says nothing. */
static void ask(const struct look *look, struct guilty *guilty, const struct leftover *rows)
{
	guilty->reaping.size = sizeof(guilty->reaping);
	guilty->error = guilty->process != NULL ? IPCK_ERR_NOT_FOUND
			: guilty->who.pid == 0  ? IPCK_ERR_OUTSIDE
						: IPCK_ERR_DENIED;
	for (size_t i = 0; guilty->process != NULL && i < guilty->count; i++) {
		guilty->error = ipck_reaping_read(look->ctx, &guilty->process->id,
						  &rows[i].row.process->id, &guilty->reaping);
		if (guilty->error == IPCK_OK)
			return;
	}
}

static void describe(const struct look *look, struct guilty *guilty, struct leftover *rows)
{
	const struct ipck_process *child = rows[0].row.process;
	const struct ipck_process *parent = ipck_process_parent(child);

	guilty->process = parent;
	guilty->lives = is_alive(&rows[0]);
	guilty->who = (struct ipck_operator){
		.pid = child->ppid,
		.state = parent != NULL     ? IPCK_OPERATOR_RUNNING
			 : child->ppid == 0 ? IPCK_OPERATOR_OUTSIDE
					    : IPCK_OPERATOR_HIDDEN,
		.command = parent != NULL ? parent->command : NULL,
	};
	ask(look, guilty, rows);
	if (parent != NULL && parent->id.pid != 1)
		guilty->heir = heir_of(look, parent);
	for (size_t i = 0; i < guilty->count; i++)
		rows[i].guilty = guilty;
}

/* The rows of each parent stand together. */
static void find_guilty(const struct look *look, struct leftover *rows, size_t count,
			struct guilty *guilty)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i += guilty[found++].count) {
		size_t end = i;

		while (end < count && parent_of(&rows[end]) == parent_of(&rows[i]) &&
		       is_alive(&rows[end]) == is_alive(&rows[i]))
			end++;
		guilty[found] = (struct guilty){ .count = end - i };
		describe(look, &guilty[found], &rows[i]);
	}
	for (size_t i = 0; i < found; i++)
		for (size_t j = 0; j < found; j++)
			if (guilty[i].heir != NULL && guilty[i].heir == guilty[j].process &&
			    !guilty[j].lives)
				guilty[i].heir_guilty = true;
}

/* ---- Showing ---- */

static void tell(struct look *look, const struct leftover *row)
{
	const struct guilty *guilty = row->guilty;
	char name[VALUE_TEXT_MAX], says[128];
	const struct value parent = { .state = VALUE_SET, .process = &guilty->who };
	const struct value child = { .state = VALUE_SET,
				     .process = &(struct ipck_operator){
					     .pid = row->row.process->id.pid,
					     .state = IPCK_OPERATOR_RUNNING,
					     .command = row->row.process->command } };

	if (guilty->lives) {
		value_text(&child, VALUE_PROCESS, &look->request->output.style, name);
		writer_note(look->writer, "%s is alive, only its first thread has ended: leave it",
			    name);
		return;
	}
	guilty_says(guilty, says, sizeof(says));
	value_text(&parent, VALUE_PROCESS, &look->request->output.style, name);
	if (guilty->who.pid == 1)
		writer_note(look->writer, "init does not reap: %zu zombie%s; %s %s: %s",
			    guilty->count, guilty->count == 1 ? "" : "s", name, says, row->advice);
	else
		writer_note(look->writer, "%s %s: %zu zombie%s; %s", name, says, guilty->count,
			    guilty->count == 1 ? "" : "s", row->advice);
}

static const char *answer_word(const struct ipck_reaping *reaping)
{
	return reaping->ignores == IPCK_UNKNOWN ? NULL
	       : reaping->ignores == IPCK_YES   ? "ignored"
	       : reaping->catches == IPCK_YES   ? "caught"
	       : reaping->blocks == IPCK_YES    ? "blocked"
						: "default";
}

static struct json_object *json_answer(bool known, enum ipck_answer answer)
{
	return known && answer != IPCK_UNKNOWN ? json_object_new_boolean(answer == IPCK_YES) : NULL;
}

/* A member that is null says so in "unknown", too. */
static void put_answer(struct json_object *object, struct json_object *unknown, const char *key,
		       struct json_object *value, const char *reason)
{
	json_object_object_add(object, key, value);
	if (value == NULL)
		json_object_object_add(unknown, key, json_object_new_string(reason));
}

/* {pid command sigchld waiting waiting_for_others}, and why any of them is unknown. */
static struct json_object *json_guilty(const void *row, void *data, int *why)
{
	const struct guilty *guilty = ((const struct leftover *)row)->guilty;
	const bool known = guilty->error == IPCK_OK;
	const struct ipck_reaping *reaping = &guilty->reaping;
	const char *sigchld = known ? answer_word(reaping) : NULL;
	struct json_object *object, *unknown;
	const char *reason = ipck_strerror(known ? reaping->why : guilty->error);

	(void)data;
	if (guilty->who.pid == 0) {
		*why = IPCK_ERR_OUTSIDE;
		return NULL;
	}
	object = json_object_new_object();
	unknown = json_object_new_object();
	if (object == NULL || unknown == NULL) {
		json_object_put(object);
		json_object_put(unknown);
		return NULL;
	}
	json_object_object_add(object, "pid", json_object_new_int(guilty->who.pid));
	json_object_object_add(object, "command", json_outside(guilty->who.command));
	put_answer(object, unknown, "sigchld",
		   sigchld != NULL ? json_object_new_string(sigchld) : NULL, reason);
	put_answer(object, unknown, "waiting", json_answer(known, reaping->waits), reason);
	put_answer(object, unknown, "waiting_for_others",
		   json_answer(known, reaping->waits_for_others), reason);
	if (json_object_object_length(unknown) > 0)
		json_object_object_add(object, "unknown", unknown);
	else
		json_object_put(unknown);
	return object;
}

int show_zombies(struct look *look)
{
	struct guilty *guilty = NULL;
	struct leftover *rows;
	size_t count;
	bool good;

	rows = leftovers_find(look, IPCK_MARK_ZOMBIE | IPCK_MARK_ZOMBIE_LEADER, &count);
	if (rows != NULL)
		guilty = calloc(count + 1, sizeof(*guilty));
	if (guilty == NULL) {
		complain("out of memory");
		leftovers_free(rows, count);
		return EXIT_USAGE;
	}
	qsort(rows, count, sizeof(*rows), by_parent);
	find_guilty(look, rows, count, guilty);
	qsort(rows, count, sizeof(*rows), by_guilt);
	look->writer->more[0] = (struct writer_member){ .key = "parent", .make = json_guilty };
	for (size_t i = 0; i < count; i++) {
		guilty_advice(rows[i].guilty, rows[i].advice, sizeof(rows[i].advice));
		if (i == 0 || rows[i].guilty != rows[i - 1].guilty || rows[i].guilty->lives)
			tell(look, &rows[i]);
	}
	good = leftovers_write(look, rows, count);
	leftovers_free(rows, count);
	free(guilty);
	return good ? EXIT_DONE : EXIT_USAGE;
}
