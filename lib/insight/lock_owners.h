/* SPDX-License-Identifier: MIT */
/*
 * Who bears the number that is recorded in a lock.  It is one of the owner's own pid namespace, so
 * it is looked for among those who can have written it: all that map the lock.
 */
#ifndef INSIGHT_LOCK_OWNERS_H
#define INSIGHT_LOCK_OWNERS_H

#include "base/pool.h"
#include "base/table.h"
#include "source/scan.h"

/* The searches of one reading: begun as { ctx, scan, pool }, and freed by lock_owners_free(). */
struct lock_owners {
	struct ipck *ctx;
	const struct scan *scan; /* who maps the objects that locks lie in */
	struct pool *pool;
	struct table processes; /* that map a lock, by pid */
	struct table searches;  /* by a hash */
};

/* What is looked for. */
struct lock_number {
	bool is_shared;
	struct identity object; /* is_shared: what the lock lies in */
	pid_t pid;              /* else the process that it lies in */
	pid_t number;
	/* How deep the pid namespace is that the number is of, and which; 0: the owner's own. */
	size_t depth;
	uint64_t ns;
};

#define LOCK_MATCHES 16

/* Who bears it. */
struct lock_matches {
	struct {
		pid_t pid, tid;
	} rows[LOCK_MATCHES];
	size_t count; /* also of those beyond the rows */
	size_t ended; /* threads of that number that are zombies */
	int why;      /* errno of a process that could not be searched */
};

/* Among those that map it.  0 or IPCK_ERR_MEMORY, with a message. */
int lock_owners_find(struct lock_owners *owners, const struct lock_number *number,
		     struct lock_matches *matches);
/* The number is one of the pid namespace that this process lives in.  False: no memory. */
bool lock_owners_within(struct lock_owners *owners, pid_t pid, struct lock_number *number);
/* Why it cannot be said that nobody bears it, where nobody was found; 0: it can. */
int lock_owners_doubt(struct lock_owners *owners, const struct lock_number *number,
		      const struct lock_matches *matches);
void lock_owners_free(struct lock_owners *owners);

/* Its folder in /proc, or -errno. */
int lock_open_process(pid_t pid);
/* A first thread that ended stays as a zombie while others of its process run. */
bool lock_thread_has_ended(int dir, pid_t tid);
/* Does a thread of that number run that has a number in our own pid namespace only? */
bool lock_number_lives(pid_t number);

#endif
