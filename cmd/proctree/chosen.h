/* SPDX-License-Identifier: MIT */
/* Which processes a view shows: those that operands and options name, and what ties them in. */
#ifndef PROCTREE_CHOSEN_H
#define PROCTREE_CHOSEN_H

#include "proctree.h"

struct chosen {
	bool all;     /* nothing was named: all of them */
	bool nothing; /* what was named is not there, and that is complained of */
	/* By place in ipck_processes_at(): named or selected; shown, since it is named, or above or
	 * below one that is; own: this process, or above it. */
	bool *named, *shown, *own;
};

/* EXIT_DONE; EXIT_PARTIAL when an operand names nothing, which is complained of; EXIT_USAGE. */
int chosen_make(struct ipck *ctx, const struct request *request,
		const struct ipck_processes *processes, struct chosen *chosen);
void chosen_free(struct chosen *chosen);

bool is_shown(const struct look *look, const struct ipck_process *process);
bool is_named(const struct look *look, const struct ipck_process *process);
/*
 * Is it chosen for a flat list?  A process that an operand names stands for all below it, too; who
 * is only above has no place there.
 */
bool is_listed(const struct look *look, const struct ipck_process *process);
bool is_own(const struct look *look, const struct ipck_process *process);

/*
 * Name the processes that use the objects among the operands: who holds them, was recorded on them
 * last, or waits on them.  EXIT_DONE; EXIT_PARTIAL when there is no such object, or nobody uses it,
 * which is complained of; EXIT_USAGE.
 */
int name_users(struct ipck *ctx, const struct request *request,
	       const struct ipck_processes *processes, struct chosen *chosen);
/* The processes's place in ipck_processes_at(). */
size_t place_of(const struct ipck_processes *processes, const struct ipck_process *process);

#endif
