/* SPDX-License-Identifier: MIT */
/* Between the files about waits on descriptors: what one is on, and who has the far end of it. */
#ifndef INSIGHT_WAIT_DESCRIPTOR_H
#define INSIGHT_WAIT_DESCRIPTOR_H

#include "insight/waits.h"

#include <sys/stat.h>

struct descriptor {
	/* Kind 0: of none of IPCK_KINDS; then device and inode, as far as it has a path. */
	struct identity object;
	const char *link; /* a path without " (deleted)", or "socket:[4711]"; raw, in the pool */
	int fd;
	int error; /* errno of why it cannot be told; else 0 */
	bool path, deleted;
	struct stat status; /* with path only */
};

/* 0, IPCK_ERR_MEMORY or WAITS_STALE. */
int waits_descriptor(struct waits_reading *reading, const struct thread *thread, int fd,
		     struct descriptor *descriptor);
/* wait.ref, kind, object and waiting.object of it, or why not. */
int waits_name_descriptor(struct waits_reading *reading, struct waiting *waiting,
			  const struct descriptor *descriptor);
/* The FIFO that a path leads to, as the process sees it. */
int waits_name_fifo(struct waits_reading *reading, struct waiting *waiting, const char *path,
		    bool deleted, const struct stat *status);
bool descriptor_is_terminal(const struct descriptor *descriptor);

/* ---- The far end: wait_ends.c ---- */

/*
 * In look(): who has the far end, or can act on the object, with this access (0: any).
 * open: others than those who have it can end the wait.
 */
int waits_want_end(struct waits_reading *reading, struct waiting *waiting,
		   const struct identity *object, unsigned access, bool open);
/* The far ends of a unix socket that is read, or written. */
int waits_want_peers(struct waits_reading *reading, const struct thread *thread,
		     struct waiting *waiting, bool reads);
/* Who listens at that name in the network namespace of the thread. */
int waits_want_listener(struct waits_reading *reading, const struct thread *thread,
			struct waiting *waiting, const char *name);

#endif
