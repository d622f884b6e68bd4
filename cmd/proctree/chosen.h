/* SPDX-License-Identifier: MIT */
/* Which processes a view shows: those that operands and options name, and what ties them in. */
#ifndef PROCTREE_CHOSEN_H
#define PROCTREE_CHOSEN_H

#include "proctree.h"

struct chosen {
	bool all;     /* nothing was named: all of them */
	bool nothing; /* what was named is not there, and that is complained of */
	/*
	 * By place in ipck_processes_at().  whole: an operand names it with all that descends from
	 * it; itself: so, or otherwise.  named: it, or such a descendant, and selected: what flat
	 * lists have.  shown: in trees also what is above or below one that is named.  own: this
	 * process, or above it.
	 */
	bool *whole, *itself, *named, *shown, *own;
};

/* EXIT_DONE; EXIT_PARTIAL when an operand names nothing, which is complained of; EXIT_USAGE. */
int chosen_make(struct ipck *ctx, const struct request *request,
		const struct ipck_processes *processes, struct chosen *chosen);
void chosen_free(struct chosen *chosen);

bool is_shown(const struct look *look, const struct ipck_process *process);
bool is_named(const struct look *look, const struct ipck_process *process);
bool is_named_itself(const struct look *look, const struct ipck_process *process);
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
