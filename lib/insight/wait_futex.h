/* SPDX-License-Identifier: MIT */
/*
 * Threads in futex(), between the files that tell of them: wait_futex.c what a thread waits for,
 * wait_futex_object.c what its word lies in, wait_futex_owner.c who has the lock.
 */
#ifndef INSIGHT_WAIT_FUTEX_H
#define INSIGHT_WAIT_FUTEX_H

#include "insight/lock_owners.h"
#include "insight/pthread_layout.h"
#include "insight/waits.h"
#include "source/area_kind.h"
#include "source/posix.h"

/* One thread's, from look() for settle(). */
struct futex_wait {
	struct futex_call call;
	struct pthread_object object;
	bool is_shared; /* the word lies in memory that other processes may map: waiting.object */
	bool on_own_stack;
};

struct wait_futexes {
	bool ready;
	struct memory_devices memory;
	uint32_t shm_major, shm_minor; /* of our own /dev/shm; 0: there is none */

	/* The last object that was named: many threads wait on one. */
	struct identity last;
	const char *last_ref;
	enum ipck_kind last_kind;

	struct lock_owners owners;
};

/* What the families keep; NULL: no memory. */
struct wait_futexes *futexes_of(struct waits_reading *reading);

/* What the word lies in: wait.ref, kind, object, waiting.object.  0 or IPCK_ERR_MEMORY. */
int futex_place(struct waits_reading *reading, const struct thread *thread, struct waiting *waiting,
		struct futex_wait *futex);

/* The number that is recorded now; 0: nobody's, or it could not be read. */
pid_t futex_owner_now(pid_t tid, const struct futex_wait *futex);

#endif
