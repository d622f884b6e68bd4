/* SPDX-License-Identifier: MIT */
/* Nodes of sessions, made of rows of the process table, and in the order of their pids. */
#ifndef INSIGHT_PROCESS_NODES_H
#define INSIGHT_PROCESS_NODES_H

#include "insight/sessions.h"
#include "source/process_table.h"

/* One more behind the others, with all that the row says; NULL: no memory. */
struct process_node *process_node_add(struct sessions *sessions, const struct process_row *from);
/* What can change of a process while it lives, as a later row of the same one says it. */
void process_node_update(struct ipck_process *row, const struct process_row *from);
/* Put them in the order of their pids. */
void process_nodes_sort(struct sessions *sessions);

#endif
