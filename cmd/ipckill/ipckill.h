/* SPDX-License-Identifier: MIT */
/* What the steps of ipckill share: the request, and the plan that it leads to. */
#ifndef IPCKILL_H
#define IPCKILL_H

#include "common/operands.h"
#include "common/selecting.h"
#include "common/writer.h"

struct request {
	bool all, dry_run, ask_each, yes, force, verbose, json;
	struct selecting selecting;
	struct operands operands;
	struct writer_options output;
};

enum result {
	RESULT_PLANNED,
	RESULT_REMOVED,
	RESULT_REFUSED,
	RESULT_FAILED,
	RESULT_SKIPPED,
	RESULT_MISSING
};

/* One object, or a reference that names none, and what became of it. */
struct step {
	const struct ipck_object *object; /* NULL: the reference names no object */
	const struct ipck_ref *named;     /* that reference */
	enum result result;
	char reason[160]; /* "" where there is nothing to say */
};

/* The reference of a step as it is to be shown.  buf holds IPCK_REF_MAX bytes. */
const char *step_ref(const struct step *step, char *buf);

struct plan {
	struct ipck_objects *objects;
	struct step *steps;
	size_t count;
	bool from_set; /* a selection or standard input made it: confirm, and spare what is used */
};

/* Resolve every reference, or list the selection.  EXIT_USAGE when nothing may be done. */
int plan_make(struct ipck *ctx, struct request *request, struct plan *plan);
void plan_free(struct plan *plan);
/* The table of what is about to be removed, on standard output. */
bool plan_print(const struct plan *plan, const struct request *request);
size_t plan_pending(const struct plan *plan); /* steps that are still to be done */

enum answer { ANSWER_YES, ANSWER_NO, ANSWER_NO_TERMINAL };

/* Is there a terminal to ask on? */
bool can_ask(void);
/* Ask there.  All but "y" and "yes" mean no. */
__attribute__((format(printf, 1, 2))) enum answer ask(const char *format, ...);

/*
 * Carry the plan out, or with --dry-run only say so, and report each step as soon as it is done:
 * an interrupted run leaves no removal untold.  The exit status.
 */
int plan_carry_out(struct ipck *ctx, const struct request *request, struct plan *plan);

#endif
