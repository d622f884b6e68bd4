/* SPDX-License-Identifier: MIT */
/* All processes at one look, tied to one another. */
#include "insight/process_snapshot.h"
#include "source/process.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

uint64_t process_ticks_now(void)
{
	const uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * ticks + (uint64_t)now.tv_nsec / (1000000000 / ticks);
}

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

int process_snapshot_add(const struct process_row *from, void *data)
{
	struct sessions *sessions = data;
	struct process_node *node = new_node(sessions);
	struct ipck_process *row;

	if (node == NULL)
		return IPCK_ERR_MEMORY;
	row = &node->row;
	row->id = (struct ipck_process_id){ .pid = from->pid, .start_time = from->start_time };
	row->command = pool_string(&sessions->pool, from->command);
	row->state = from->state;
	row->kernel = from->kernel;
	row->ppid = from->ppid;
	row->pgid = from->pgid > 0 ? from->pgid : 0;
	row->sid = from->sid > 0 ? from->sid : 0;
	row->tpgid = from->tpgid;
	row->tty_major = from->tty_major;
	row->tty_minor = from->tty_minor;
	row->threads = from->threads;
	row->uid = from->uid;
	return row->command != NULL ? IPCK_OK : IPCK_ERR_MEMORY;
}

int process_node_order(const void *a, const void *b)
{
	const struct process_node *left = a, *right = b;

	return (left->row.id.pid > right->row.id.pid) - (left->row.id.pid < right->row.id.pid);
}

/* Mostly the kernel lists them so; sorting what is sorted costs more than to see it. */
static void sort_rows(struct sessions *sessions)
{
	struct process_node *nodes = sessions->nodes;

	for (size_t i = 1; i < sessions->count; i++)
		if (process_node_order(&nodes[i - 1], &nodes[i]) > 0) {
			qsort(nodes, sessions->count, sizeof(*nodes), process_node_order);
			return;
		}
}

int process_snapshot_rows(struct sessions *sessions)
{
	const int rc = process_table_read(process_snapshot_add, sessions);

	sort_rows(sessions);
	return rc;
}

int process_snapshot_read(struct process_snapshot *snapshot)
{
	struct sessions *sessions = &snapshot->sessions;
	int rc;

	*snapshot = (struct process_snapshot){ .begun = process_ticks_now() };
	rc = process_snapshot_rows(sessions);
	if (rc != IPCK_OK)
		return rc;
	sessions->hidden = processes_are_hidden();
	return sessions_tie(sessions) ? IPCK_OK : IPCK_ERR_MEMORY;
}

void process_snapshot_free(struct process_snapshot *snapshot)
{
	free(snapshot->sessions.nodes);
	pool_free(&snapshot->sessions.pool);
}
