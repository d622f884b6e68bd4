/* SPDX-License-Identifier: MIT */
/* A second look at rows that do not fit each other, as processes come and go while we read. */
#ifndef PROCESSES_AGAIN_H
#define PROCESSES_AGAIN_H

#include "insight/sessions.h"
#include "source/process_table.h"

struct look_again {
	struct sessions *sessions; /* its nodes are by pid, before and after */
	/* Is there a process of this number by now?  process_row_read(). */
	bool (*read)(pid_t pid, char *text, struct process_row *row);
	/* Add a node behind the others; 0 or IPCK_ERR_MEMORY. */
	int (*add)(const struct process_row *row, void *data);
	void *data;
};

/*
 * A parent, a leader or a foreground group that is missing, and a parent that started after its
 * child, are looked for once more, and so is whoever named them.  Nothing else is read: most often
 * that is nothing at all.  0 or IPCK_ERR_MEMORY.
 */
int processes_look_again(const struct look_again *again);

#endif
