/* SPDX-License-Identifier: MIT */
/* What the pids that the kernel recorded on an object say about today's processes. */
#ifndef INSIGHT_OPERATORS_H
#define INSIGHT_OPERATORS_H

#include "ipckit.h"
#include "source/process.h"

/*
 * Settle what a recorded pid of 0 means, and with processes set, who bears each other pid today.
 * elements: the semaphores of a set, to be settled too, or NULL.
 * IPCK_ERR_MEMORY or 0.
 */
int operators_judge(struct ipck_object *object, struct ipck_semaphore *elements,
		    struct processes *processes);

#endif
