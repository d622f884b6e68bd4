/* SPDX-License-Identifier: MIT */
/* Which objects are left over, and how sure that is. */
#ifndef INSIGHT_ORPHANS_H
#define INSIGHT_ORPHANS_H

#include "base/pool.h"
#include "ipckit.h"

/* What is known of the processes of one user. */
struct orphan_user {
	uid_t uid;     /* real, effective or saved */
	double oldest; /* when the first that still runs started: seconds since the epoch */
};

/* What a verdict needs beyond the object itself; gathered once a reading. */
struct orphan_facts {
	int64_t now;
	uint64_t age;              /* seconds unused, at least */
	struct orphan_user *users; /* sorted by uid */
	size_t user_count;
	/*
	 * Of all processes: looked into; and seen, but not to be looked into: at all, for what
	 * their threads wait on (with queues only), for what they hold (the scan's to set).
	 */
	size_t processes, denied, denied_waits, denied_holdings;
	bool hidden; /* hidepid */
	bool inner;  /* not the initial pid namespace */
	/*
	 * Message queues that a thread waits in msgsnd() or msgrcv() on, by IPC namespace and id;
	 * a namespace of 0 could not be seen.  any_queue: one waits whose queue could not be told.
	 */
	struct orphan_waiter {
		uint64_t ns;
		int32_t id;
		bool sends;
	} * waiters;
	size_t waiter_count;
	bool any_queue;
};

/*
 * Look at all processes: /proc/PID/status, stat, and with queues /proc/PID/task/TID/syscall or
 * wchan.  Sets all but now, age and denied_holdings.  Processes of the caller itself count as
 * waiters, not as users: a caller knows what it uses.
 * 0, IPCK_ERR_MEMORY or IPCK_ERR_UNSUPPORTED; facts are to be freed in any case.
 */
int orphan_facts_read(struct ipck *ctx, bool queues, struct orphan_facts *facts);
void orphan_facts_free(struct orphan_facts *facts);

/*
 * Set a queue's senders_waiting and receivers_waiting from the facts, read with queues; unknown
 * where some threads were out of sight, though what was seen is counted.  Pure.
 */
void queue_count_waiters(struct ipck_object *queue, const struct orphan_facts *facts);

/*
 * Set the object's orphan and evidence, from its own fields (operators judged, waiters of a set
 * read, holders of POSIX kinds filled in) and the facts.  Pure.
 */
void orphan_judge(struct ipck_object *object, const struct orphan_facts *facts);

#endif
