/* SPDX-License-Identifier: MIT */
/* Processes as operands of --signal: the set that they name, and what became of each of it. */
#ifndef IPCKILL_PROCESSES_H
#define IPCKILL_PROCESSES_H

#include "ipckill.h"

/* Is the command line one that processes can be signalled by?  Complains. */
bool processes_check(const struct request *request);
/* Find them, show and confirm a set, signal and wait.  The exit status. */
int processes_signal(struct ipck *ctx, const struct request *request);

enum process_result {
	PROCESS_PLANNED,
	PROCESS_SPARED,
	PROCESS_SIGNALLED, /* and not waited for */
	PROCESS_ENDED,
	PROCESS_SURVIVED,
	PROCESS_ESCAPED,
	PROCESS_OUTSIDE, /* it only descends from one of the set */
	PROCESS_FAILED,
	PROCESS_MISSING, /* these two: a reference */
	PROCESS_REFUSED,
	PROCESS_INTERRUPTED
};

/* A process, or a reference that names none, and what became of it. */
struct process_row {
	const struct ipck_member *member; /* NULL: a reference that names none */
	const struct ipck_ref *ref;       /* that it came with */
	enum process_result result;
	char reason[320]; /* "" where there is nothing to say */
};

struct process_run {
	struct ipck *ctx;
	const struct request *request;
	struct ipck_process_set *set;
	size_t opened; /* members before the first signal */
	int error;     /* what kept the set from being signalled */
	bool waited;   /* until they have ended, or as long as was asked for */
};

const char *process_result_word(enum process_result result);
const char *spared_word(enum ipck_spared spared); /* NULL: it is not */
/* Does the command wait for the end of those that it signals? */
bool processes_wait(const struct request *request);
/* Is it a signal that is meant to end a process? */
bool means_the_end(int signo);

/* The set before anything is done to it, as a table; false: no memory. */
bool process_table(const struct process_run *run);
/* The rows as the JSON document. */
bool process_json(const struct process_row *rows, size_t count, const struct request *request);

/* One line for each that got this signal just now, but not for those of over, count entries. */
void process_tell(const struct process_run *run, int signo, const bool *over, size_t count);
/* What became of all; the exit status. */
int process_report(const struct process_run *run);

#endif
