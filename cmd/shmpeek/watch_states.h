/* SPDX-License-Identifier: MIT */
/* --watch of what a few numbers say all of: a semaphore, the counters of a queue. */
#ifndef SHMPEEK_WATCH_STATES_H
#define SHMPEEK_WATCH_STATES_H

#include "shmpeek.h"

#define STATE_NUMBERS 3
#define STATE_PROCESSES 2

struct state {
	struct state_number {
		const char *name; /* NULL: no more */
		uint64_t number;
	} numbers[STATE_NUMBERS];
	struct state_process {
		const char *name, *json; /* "last", "last_operator"; NULL: no more */
		const struct ipck_operator *process;
	} processes[STATE_PROCESSES];
};

struct state_kind {
	bool numbered; /* several a object: which one is told */
	size_t (*count)(const struct ipck_object *object);
	/* Are they known?  Complains. */
	bool (*known)(const struct peeking *peeking, const struct ipck_object *object);
	void (*get)(const struct ipck_object *object, size_t i, struct state *state);
};

/* The view, then a line for each state that changed; with -J one line for each state first. */
int watch_states(struct peeking *peeking, const struct state_kind *kind);

#endif
