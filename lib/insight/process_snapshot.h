/* SPDX-License-Identifier: MIT */
/* All processes at one look, tied to one another: what choosing some of them by needs. */
#ifndef INSIGHT_PROCESS_SNAPSHOT_H
#define INSIGHT_PROCESS_SNAPSHOT_H

#include "insight/sessions.h"

struct process_snapshot {
	struct sessions sessions;
	/* Clock ticks since boot when it was begun: who started in an earlier tick was there. */
	uint64_t begun;
};

/* The clock that start times are read from, now. */
uint64_t process_ticks_now(void);
/*
 * Of the rows what process_node_add() sets.  0, or as process_table_read(); to be freed in any
 * case.
 */
int process_snapshot_read(struct process_snapshot *snapshot);
void process_snapshot_free(struct process_snapshot *snapshot);

#endif
