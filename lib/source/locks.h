/* SPDX-License-Identifier: MIT */
/*
 * Locks of files, as /proc/locks and the "lock:" lines of /proc/PID/fdinfo/FD have them.  The first
 * leaves out those of processes outside the pid namespace of /proc, and those whose taker ended
 * there; the second has all of its open file, by whomever.
 */
#ifndef SOURCE_LOCKS_H
#define SOURCE_LOCKS_H

#include "base/context.h"

#include <sys/types.h>

#define LOCK_TO_END UINT64_MAX /* end: the end of the file, wherever that will be */

struct lock {
	enum lock_kind {
		LOCK_FLOCK,
		LOCK_POSIX, /* of a process */
		LOCK_OFD,   /* of an open file description */
		LOCK_LEASE, /* and delegations */
		LOCK_OTHER
	} kind;
	bool write;
	bool waits; /* a request that waits for others */
	/* Who took it: -1 of an OFD lock, 0 outside of our pid namespace or gone. */
	pid_t pid;
	bool has_file;         /* else the rest is not known */
	uint32_t major, minor; /* of the file system; on some, stat() shows other numbers */
	uint64_t inode;
	uint64_t start, end; /* bytes, the last one included */
};

/* A line of /proc/locks, or what stands behind "lock:\t".  False: it is none. */
bool lock_parse(const char *line, struct lock *lock);

/* May one of them only be had when the other is given up?  Kinds, types and bytes; not owners. */
bool lock_conflicts(const struct lock *lock, const struct lock *other);

/* Are they of one kind and type, on the same bytes? */
bool lock_is_alike(const struct lock *lock, const struct lock *other);

struct locks {
	struct lock *rows; /* in the kernel's order */
	size_t count, size;
};

/* Read /proc/locks.  0; -errno, ENOMEM among them; or -EBADMSG for a line that is none. */
int locks_read(struct locks *locks);
void locks_free(struct locks *locks);

/* Add the locks of the open file of a descriptor: "/proc/PID/fdinfo/3".  0 or -errno. */
int locks_of_descriptor(const char *path, struct locks *locks);

#endif
