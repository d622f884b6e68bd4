/* SPDX-License-Identifier: MIT */
/* Nodes of sessions, made of rows of the process table, and in the order of their pids. */
#include "insight/process_nodes.h"

#include <stdlib.h>

static struct process_node *new_node(struct sessions *sessions)
{
	if (sessions->count == sessions->room) {
		const size_t room = sessions->room > 0 ? sessions->room * 2 : 256;
		struct process_node *nodes = realloc(sessions->nodes, room * sizeof(*nodes));

		if (nodes == NULL)
			return NULL;
		sessions->nodes = nodes;
		sessions->room = room;
	}
	sessions->nodes[sessions->count] = (struct process_node){ 0 };
	return &sessions->nodes[sessions->count++];
}

void process_node_update(struct ipck_process *row, const struct process_row *from)
{
	row->state = from->state;
	row->threads = from->threads;
	row->ppid = from->ppid;
	row->pgid = from->pgid > 0 ? from->pgid : 0;
	row->sid = from->sid > 0 ? from->sid : 0;
	row->tpgid = from->tpgid;
	row->tty_major = from->tty_major;
	row->tty_minor = from->tty_minor;
}

struct process_node *process_node_add(struct sessions *sessions, const struct process_row *from)
{
	struct process_node *node = new_node(sessions);
	struct ipck_process *row;

	if (node == NULL)
		return NULL;
	row = &node->row;
	row->id = (struct ipck_process_id){ .pid = from->pid, .start_time = from->start_time };
	row->command = pool_string(&sessions->pool, from->command);
	row->kernel = from->kernel;
	row->uid = from->uid;
	process_node_update(row, from);
	return row->command != NULL ? node : NULL;
}

static int by_pid(const void *a, const void *b)
{
	const struct process_node *left = a, *right = b;

	return (left->row.id.pid > right->row.id.pid) - (left->row.id.pid < right->row.id.pid);
}

void process_nodes_sort(struct sessions *sessions)
{
	const struct process_node *nodes = sessions->nodes;

	/* mostly the kernel lists them so, and to see that costs less than to sort */
	for (size_t i = 1; i < sessions->count; i++)
		if (by_pid(&nodes[i - 1], &nodes[i]) > 0) {
			qsort(sessions->nodes, sessions->count, sizeof(*nodes), by_pid);
			return;
		}
}
