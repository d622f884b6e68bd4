/* SPDX-License-Identifier: MIT */
/* All processes at one look, tied to one another. */
#include "insight/process_snapshot.h"
#include "source/process.h"
#include "source/process_table.h"

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

static int add_row(const struct process_row *from, void *data)
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
	row->threads = from->threads;
	row->uid = from->uid;
	return row->command != NULL ? IPCK_OK : IPCK_ERR_MEMORY;
}

static int by_pid(const void *a, const void *b)
{
	const struct process_node *left = a, *right = b;

	return (left->row.id.pid > right->row.id.pid) - (left->row.id.pid < right->row.id.pid);
}

int process_snapshot_read(struct process_snapshot *snapshot)
{
	struct sessions *sessions = &snapshot->sessions;
	int rc;

	*snapshot = (struct process_snapshot){ .begun = process_ticks_now() };
	rc = process_table_read(add_row, sessions);
	if (rc != IPCK_OK)
		return rc;
	qsort(sessions->nodes, sessions->count, sizeof(*sessions->nodes), by_pid);
	sessions->hidden = processes_are_hidden();
	return sessions_tie(sessions) ? IPCK_OK : IPCK_ERR_MEMORY;
}

void process_snapshot_free(struct process_snapshot *snapshot)
{
	free(snapshot->sessions.nodes);
	pool_free(&snapshot->sessions.pool);
}
