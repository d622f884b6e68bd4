/* SPDX-License-Identifier: MIT */
/*
 * Waits on what lives in IPC namespaces, between the files that decode them: System V semaphores
 * and queues, POSIX queues.
 */
#ifndef INSIGHT_WAIT_SYSV_H
#define INSIGHT_WAIT_SYSV_H

#include "insight/waits.h"

#include "base/table.h"

/* What these families keep over all rows. */
struct wait_sysv {
	/* The file system of POSIX queues that was asked for last: of which namespace. */
	uint64_t mq_ns;
	uint32_t mq_major, mq_minor;
	int mq_error; /* why that is not known; 0: it is */
	/*
	 * What was read of a semaphore that many may wait for, struct seen_semaphore by a hash of
	 * its name: each of them would have the kernel go through all of them once more.
	 */
	struct table semaphores;
	enum { INNER_UNASKED, INNER_NO, INNER_YES } inner; /* namespace_pids_are_inner() */
};

/* Read what a thread waits for in its namespace.  0, IPCK_ERR_MEMORY or WAITS_STALE. */
typedef int ipc_wait_reader(struct waits_reading *reading, struct waiting *waiting);

/* What these families keep as waiting->detail. */
struct ipc_wait {
	char path[48]; /* "/proc/PID/task/TID/" */
	uint64_t ns;   /* the IPC namespace of the thread; 0: not to be seen */
	int32_t id;    /* of the set or queue */
	size_t count;  /* of operations */
	ipc_wait_reader *read;
	bool pending; /* still to be read: the namespace is not our own */
	bool stale;   /* the thread has gone on: the row is left out */
	struct ipck_object
		object; /* as it was read last, and of a set the one semaphore's operator */
	bool object_known;
};

/* reading->sysv; NULL: no memory, with a message. */
struct wait_sysv *ipc_wait_kept(struct waits_reading *reading);
/*
 * waiting->detail, with the thread's namespace; of System V objects, whose id is the first
 * argument, also wait.ref and the identity.  0, IPCK_ERR_MEMORY or WAITS_STALE.
 */
int ipc_wait_begin(struct waits_reading *reading, const struct thread *thread,
		   struct waiting *waiting, enum ipck_kind kind);
/* Does the thread live in our own namespace? */
bool ipc_wait_is_ours(const struct waits_reading *reading, const struct waiting *waiting);
/* Read: at once where that is so; else wait_sysv_visit() will. */
int ipc_wait_read(struct waits_reading *reading, struct waiting *waiting);
/* Does it sleep in the same call still, with the same arguments? */
bool ipc_wait_lasts(const struct waiting *waiting);
/*
 * In settle(): it waits for the one who acted last, if that is not its own process.  what:
 * "sender"; outcome: ": ...", to end the finding that this one has exited, or NULL: no finding.
 * 0 or IPCK_ERR_MEMORY.
 */
int ipc_wait_for(struct waits_reading *reading, struct waiting *waiting,
		 const struct ipck_operator *operator, const char * what, const char *outcome);

#endif
