/* SPDX-License-Identifier: MIT */
/* All processes at one look: their rows alone, or tied to one another. */
#ifndef INSIGHT_PROCESS_SNAPSHOT_H
#define INSIGHT_PROCESS_SNAPSHOT_H

#include "insight/sessions.h"
#include "source/process_table.h"

struct process_snapshot {
	struct sessions sessions;
	/* Clock ticks since boot when it was begun: who started in an earlier tick was there. */
	uint64_t begun;
};

/* The clock that start times are read from, now. */
uint64_t process_ticks_now(void);

/* A node behind the others; data: the sessions.  0 or IPCK_ERR_MEMORY. */
int process_snapshot_add(const struct process_row *row, void *data);
/* Nodes of all processes, by pid, not tied yet.  0, or as process_table_read(). */
int process_snapshot_rows(struct sessions *sessions);
int process_node_order(const void *a, const void *b); /* by pid, for qsort(3) */
/* Of the rows is set what a row of the table tells.  As before; to be freed in any case. */
int process_snapshot_read(struct process_snapshot *snapshot);
void process_snapshot_free(struct process_snapshot *snapshot);

#endif
