/* SPDX-License-Identifier: MIT */
/* All processes at one look, tied to one another. */
#include "insight/process_snapshot.h"
#include "insight/process_nodes.h"
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

static int add_row(const struct process_row *from, void *data)
{
	return process_node_add(data, from) != NULL ? IPCK_OK : IPCK_ERR_MEMORY;
}

int process_snapshot_read(struct process_snapshot *snapshot)
{
	struct sessions *sessions = &snapshot->sessions;
	int rc;

	*snapshot = (struct process_snapshot){ .begun = process_ticks_now() };
	rc = process_table_read(add_row, sessions);
	if (rc != IPCK_OK)
		return rc;
	process_nodes_sort(sessions);
	sessions->hidden = processes_are_hidden();
	return sessions_tie(sessions) ? IPCK_OK : IPCK_ERR_MEMORY;
}

void process_snapshot_free(struct process_snapshot *snapshot)
{
	free(snapshot->sessions.nodes);
	pool_free(&snapshot->sessions.pool);
}
