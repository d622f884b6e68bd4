/* SPDX-License-Identifier: MIT */
/* A second look at rows whose parent, session leader or foreground group is not among the rows. */
#include "processes_again.h"

#include "insight/process_snapshot.h"
#include "source/process_row.h"

#include <stdlib.h>

static void sort(struct sessions *sessions)
{
	qsort(sessions->nodes, sessions->count, sizeof(*sessions->nodes), process_node_order);
}

static void update(struct ipck_process *row, const struct process_row *from)
{
	if (row->kernel || row->id.start_time != from->start_time)
		return;
	row->state = from->state;
	row->threads = from->threads;
	row->ppid = from->ppid;
	row->pgid = from->pgid > 0 ? from->pgid : 0;
	row->sid = from->sid > 0 ? from->sid : 0;
	row->tpgid = from->tpgid;
	row->tty_major = from->tty_major;
	row->tty_minor = from->tty_minor;
}

/* Read one again: its row is brought up to date, or added. */
static int read_again(const struct look_again *again, pid_t pid)
{
	struct process_node *node = sessions_find(again->sessions, pid);
	struct process_row from;
	char text[PROCESS_ROW_TEXT];
	int rc;

	if (!again->read(pid, text, &from))
		return IPCK_OK;
	if (node != NULL) {
		update(&node->row, &from);
		return IPCK_OK;
	}
	rc = again->add(&from, again->data);
	if (rc == IPCK_OK)
		sort(again->sessions);
	return rc;
}

/* ---- Parents and leaders ---- */

static bool is_missing(const struct sessions *sessions, pid_t pid)
{
	return pid > 0 && sessions_find(sessions, pid) == NULL;
}

static int by_number(const void *a, const void *b)
{
	const pid_t left = *(const pid_t *)a, right = *(const pid_t *)b;

	return (left > right) - (left < right);
}

/* The numbers of the missing, each once; *numbers is to be freed. */
static bool find_missing(const struct sessions *sessions, pid_t **numbers, size_t *count)
{
	size_t used = 0, kept = 0;
	pid_t *all = malloc((2 * sessions->count + 1) * sizeof(*all));

	if (all == NULL)
		return false;
	for (size_t i = 0; i < sessions->count; i++) {
		const struct ipck_process *row = &sessions->nodes[i].row;

		if (row->kernel)
			continue;
		if (is_missing(sessions, row->ppid))
			all[used++] = row->ppid;
		if (is_missing(sessions, row->sid))
			all[used++] = row->sid;
	}
	qsort(all, used, sizeof(all[0]), by_number);
	for (size_t i = 0; i < used; i++)
		if (i == 0 || all[i] != all[i - 1])
			all[kept++] = all[i];
	*numbers = all;
	*count = kept;
	return true;
}

static int add_missing(const struct look_again *again)
{
	struct process_row from;
	char text[PROCESS_ROW_TEXT];
	const size_t before = again->sessions->count;
	int rc = IPCK_OK;
	pid_t *numbers;
	size_t count;

	if (!find_missing(again->sessions, &numbers, &count))
		return IPCK_ERR_MEMORY;
	for (size_t i = 0; rc == IPCK_OK && i < count; i++)
		if (again->read(numbers[i], text, &from))
			rc = again->add(&from, again->data);
	free(numbers);
	if (again->sessions->count != before)
		sort(again->sessions);
	return rc;
}

/* A child of a parent that ended meanwhile has another one by now. */
static void ask_children(const struct look_again *again)
{
	struct sessions *sessions = again->sessions;

	for (size_t i = 0; i < sessions->count; i++) {
		struct ipck_process *row = &sessions->nodes[i].row;
		const struct process_node *parent = sessions_find(sessions, row->ppid);
		struct process_row from;
		char text[PROCESS_ROW_TEXT];

		if (row->kernel || row->ppid == 0 ||
		    (parent != NULL && parent->row.id.start_time <= row->id.start_time))
			continue;
		if (again->read(row->id.pid, text, &from))
			update(row, &from);
	}
}

/* ---- Foreground groups ---- */

static bool group_lives(const struct sessions *sessions, pid_t pgid)
{
	const struct process_node *leader = sessions_find(sessions, pgid);

	if (leader != NULL && leader->row.pgid == pgid && process_is_live(&leader->row))
		return true;
	for (size_t i = 0; i < sessions->count; i++)
		if (sessions->nodes[i].row.pgid == pgid && process_is_live(&sessions->nodes[i].row))
			return true;
	return false;
}

/* A terminal had another foreground group once its last row was read: so it is for all of it. */
static void set_foreground(struct sessions *sessions, const struct ipck_process old, pid_t tpgid)
{
	for (size_t i = 0; i < sessions->count; i++) {
		struct ipck_process *row = &sessions->nodes[i].row;

		if (row->tty_major == old.tty_major && row->tty_minor == old.tty_minor &&
		    row->tpgid == old.tpgid)
			row->tpgid = tpgid;
	}
}

static int ask_terminal(const struct look_again *again, const struct ipck_process old)
{
	struct process_row from;
	char text[PROCESS_ROW_TEXT];

	if (!again->read(old.id.pid, text, &from) || from.start_time != old.id.start_time ||
	    from.tty_major != old.tty_major || from.tty_minor != old.tty_minor ||
	    from.tpgid == old.tpgid)
		return IPCK_OK;
	set_foreground(again->sessions, old, from.tpgid);
	/* a command that was started meanwhile */
	return from.tpgid > 0 && !group_lives(again->sessions, from.tpgid)
		       ? read_again(again, from.tpgid)
		       : IPCK_OK;
}

static int ask_terminals(const struct look_again *again)
{
	struct ipck_process last = { 0 };
	int rc = IPCK_OK;

	for (size_t i = 0; rc == IPCK_OK && i < again->sessions->count; i++) {
		const struct ipck_process row = again->sessions->nodes[i].row;

		if (row.kernel || !has_terminal(&row) || row.tpgid <= 0 ||
		    (row.tpgid == last.tpgid && row.tty_major == last.tty_major &&
		     row.tty_minor == last.tty_minor))
			continue;
		last = row;
		if (!group_lives(again->sessions, row.tpgid))
			rc = ask_terminal(again, row);
	}
	return rc;
}

int processes_look_again(const struct look_again *again)
{
	int rc = add_missing(again);

	if (rc != IPCK_OK)
		return rc;
	ask_children(again);
	return ask_terminals(again);
}
