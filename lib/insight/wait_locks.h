/* SPDX-License-Identifier: MIT */
/* Between the files about waits for locks: the request, and who holds what of a file. */
#ifndef INSIGHT_WAIT_LOCKS_H
#define INSIGHT_WAIT_LOCKS_H

#include "insight/waits.h"
#include "source/locks.h"

struct lock_request { /* the detail of these waits */
	struct lock lock;
	struct identity file; /* kind 0: device and inode as stat() has them */
	bool known;           /* the file is */
};

struct lock_member {    /* a process that has the open file which the lock is of */
	pid_t pid, tid; /* tid: a thread with descriptors of its own; or 0 */
	int fd;
};

struct held_lock {
	struct lock lock;
	struct lock_member *members; /* of FLOCK and OFD locks: as far as they were found */
	size_t count, size;
	bool listed; /* in /proc/locks */
};

struct locked_file {
	struct locked_file *next;
	struct identity file;
	struct held_lock *rows;
	size_t count, size;
};

/*
 * The locks of the file that a request waits for, whoever holds them: from /proc/locks, read once
 * in a reading, and the fdinfo of all that have the file open.
 * 0, IPCK_ERR_MEMORY, or why /proc/locks cannot be read, and then only what fdinfo tells.
 */
int wait_locks_of(struct waits_reading *reading, const struct waiting *waiting,
		  const struct locked_file **file);

/* The thread or process that a member's descriptor is found by. */
pid_t lock_member_task(const struct lock_member *member);

#endif
