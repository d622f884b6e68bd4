/* SPDX-License-Identifier: MIT */
/* Putting identical leaves of a tree together: 5*[nginx]. */
#ifndef PROCTREE_COMPACTION_H
#define PROCTREE_COMPACTION_H

#include "proctree.h"

/* A process that is to be shown, somewhere in the tree. */
struct branch {
	const struct ipck_process *process;
	size_t depth;
	size_t same; /* processes that it stands for; 0: another one stands for it */
};

/* Has it no child that is shown? */
bool is_leaf(const struct look *look, const struct ipck_process *process);

/*
 * Siblings without children that differ in nothing that is shown but their pid: the first stands
 * for all of them, the others are left with 0.  False: no memory.
 */
bool compact(const struct look *look, struct branch *siblings, size_t count);

#endif
