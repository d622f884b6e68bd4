/* SPDX-License-Identifier: MIT */
/* --signal: the processes that hold the objects of a plan, and making them let go. */
#ifndef IPCKILL_SIGNALLING_H
#define IPCKILL_SIGNALLING_H

#include "ipckill.h"

enum sending { SENDING_PLANNED, SENDING_SENT, SENDING_GONE, SENDING_FAILED };

struct target { /* a process that gets the signal, once however much it holds */
	struct ipck_process_id process;
	uid_t uid;
	const char *command; /* raw; the plan's objects own it */
	enum sending result;
	int pidfd; /* -1: none, or it has ended */
};

struct targets {
	struct target *rows; /* by pid */
	size_t count;
};

/* Refuse what has no holders to signal, and what --signal alone could not remove. */
void signalling_check(const struct request *request, struct step *step);
/* The holders of all that is still to be done; never ourselves.  False: no memory. */
bool signalling_find(const struct plan *plan, struct targets *targets);
void signalling_free(struct targets *targets);
const struct target *signalling_target(const struct targets *targets,
				       const struct ipck_holder *holder);

/* "signalled TERM: cat[12] (uid 0)", without the end of the line. */
void signalling_tell(const char *verb, int signo, const char *command, pid_t pid, uid_t uid);
/* "would signal TERM: cat[12] (uid 0)", one line each. */
void signalling_print(const struct targets *targets, const struct request *request);
/* Send it to each, and say so. */
void signalling_send(struct ipck *ctx, const struct request *request, struct targets *targets);
/*
 * Wait until nobody holds any object that is still to be done, or the time is over.  Then no step
 * is left to be done: those that are held are refused with the names of who holds them, and the
 * others since one was not let go.  What went with its holders is removed.
 */
void signalling_wait(struct ipck *ctx, const struct request *request, struct plan *plan,
		     struct targets *targets);

/* Is it the first process of this pid namespace, or one that this command descends from? */
bool is_init_or_ancestor(pid_t pid);

#endif
