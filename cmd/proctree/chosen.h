/* SPDX-License-Identifier: MIT */
/* Which processes a view shows: those that operands and options name, and what ties them in. */
#ifndef PROCTREE_CHOSEN_H
#define PROCTREE_CHOSEN_H

#include "proctree.h"

struct chosen {
	bool all; /* nothing was named: all of them */
	/* By place in ipck_processes_at(): named or selected; shown, since it is named, or above or
	 * below one that is. */
	bool *named, *shown;
};

/* EXIT_DONE; EXIT_PARTIAL when an operand names nothing, which is complained of; EXIT_USAGE. */
int chosen_make(struct ipck *ctx, const struct request *request,
		const struct ipck_processes *processes, struct chosen *chosen);
void chosen_free(struct chosen *chosen);

bool is_shown(const struct look *look, const struct ipck_process *process);
bool is_named(const struct look *look, const struct ipck_process *process);

/* Operands as they are typed: PID, USER or REF.  Complains. */
bool operand_parse(const char *text, struct operand *operand);

#endif
