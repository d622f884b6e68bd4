/* SPDX-License-Identifier: MIT */
/* What the steps of ipckill share: the request, and the plan that it leads to. */
#ifndef IPCKILL_H
#define IPCKILL_H

#include "common/operands.h"
#include "common/selecting.h"
#include "common/writer.h"

struct request {
	bool all, dry_run, ask_each, yes, force, verbose, json;
	const char *save_dir; /* --save */
	int signo, then;      /* --signal, --then; 0: none */
	bool keep, wait;      /* --keep; --timeout was given */
	uint64_t timeout;     /* seconds */
	struct selecting selecting;
	struct operands operands;
	struct writer_options output;
};

enum result {
	RESULT_PLANNED,
	RESULT_REMOVED,
	RESULT_SIGNALLED, /* --keep */
	RESULT_REFUSED,
	RESULT_FAILED,
	RESULT_SKIPPED,
	RESULT_MISSING,
	RESULT_INTERRUPTED
};

#define STEP_FILE_MAX 256

/* One object, or a reference that names none, and what became of it. */
struct step {
	const struct ipck_object *object; /* NULL: the reference names no object */
	const struct ipck_ref *named;     /* that reference */
	enum result result;
	char reason[320];         /* "" where there is nothing to say */
	char file[STEP_FILE_MAX]; /* that it was saved to; "": none */
};

/* Not done, and why: refused, or failed, as the reason (enum ipck_error) has it. */
__attribute__((format(printf, 3, 4))) void step_fail(struct step *step, int rc, const char *format,
						     ...);
/* The library's message without the reference, which stands before it in the report anyway. */
const char *reason_only(const char *message);

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
/* What is about to be done, on standard output. */
bool plan_print(const struct plan *plan, const struct request *request);
size_t plan_pending(const struct plan *plan); /* steps that are still to be done */

/* What a set is confirmed by, once. */
struct question {
	size_t pending;   /* things to be done; 0: there is nothing to ask */
	const char *done; /* "removed": what is then not done */
	bool (*show)(const void *shown, const struct request *request);
	const void *shown;
};
/* Show it and ask, unless -y answers it.  EXIT_DONE: go on. */
int confirm(const struct request *request, const struct question *question, const char *words);

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

struct targets;
/* Between these two all steps, in text or as JSON.  The first one begins a JSON array. */
void report_begin(const struct request *request);
void report_step(const struct step *step, const struct request *request,
		 const struct targets *targets, bool first);
void report_end(const struct request *request);
bool step_went_wrong(const struct step *step);
/* The object in words, for a question or with -v. */
const char *step_description(const struct step *step, char *buf, size_t size);

#endif
