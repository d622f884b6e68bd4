/* SPDX-License-Identifier: MIT */
/* --watch of memory: does the object still live? */
#ifndef SHMPEEK_WATCH_LIFE_H
#define SHMPEEK_WATCH_LIFE_H

#include "shmpeek.h"

struct life {
	const struct peeking *peeking;
	uint64_t end;               /* of content: less than peeking->end once it was truncated */
	char ended[128];            /* why it is over */
	bool marked, grown, unseen; /* said already */
	bool holder_ended;          /* the one that it was opened through */
	uint64_t next_scan;         /* of watch_clock() */
};

void life_begin(struct life *life, const struct peeking *peeking);

/*
 * False: the object is gone, and ended says how.  What is new but no end is said on stderr, once.
 * A segment or a name costs a system call or two.  A file that has no name costs a scan of all
 * processes, so that is done once a second at most.
 */
bool life_goes_on(struct life *life);

#endif
