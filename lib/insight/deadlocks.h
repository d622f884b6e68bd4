/* SPDX-License-Identifier: MIT */
/*
 * Deadlocks among threads whose waits were read: sets that wait for one another, so that none can
 * ever go on by itself.  Pure: nothing is read here.
 */
#ifndef INSIGHT_DEADLOCKS_H
#define INSIGHT_DEADLOCKS_H

#include "insight/wait_graph.h"

struct found_deadlock {
	struct ipck_deadlock deadlock;
	struct ipck_deadlock_member *members;
};

struct deadlocks {
	struct pool pool;             /* keeps all of it */
	struct found_deadlock *found; /* the confirmed ones first, else by their first thread */
	size_t count;
	bool *stuck; /* of each thread: it waits in a deadlock or behind one, be it suspected */
};

/*
 * The deadlocks of all threads that sleep, the idle ones included, by pid and then tid; a thread
 * that is not among them runs.  still: WAIT_STILL* of each by comparison with an earlier look;
 * NULL: this is the first one, and nothing is certain.  The waits must outlive the result.
 * 0 or IPCK_ERR_MEMORY; deadlocks_end() always.
 */
int deadlocks_find(struct deadlocks *deadlocks, const struct ipck_wait *const *waits,
		   const unsigned char *still, size_t count);
void deadlocks_end(struct deadlocks *deadlocks);

#endif
