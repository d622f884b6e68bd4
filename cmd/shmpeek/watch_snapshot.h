/* SPDX-License-Identifier: MIT */
/* --watch of memory: a copy of the pages that were ever written, to compare with. */
#ifndef SHMPEEK_WATCH_SNAPSHOT_H
#define SHMPEEK_WATCH_SNAPSHOT_H

#include "watch_changes.h"

#define SNAPSHOT_MAX ((uint64_t)256 << 20) /* bytes that are kept */
#define SNAPSHOT_PAGE 4096u

struct kept_page {
	uint64_t number;
	unsigned char *bytes; /* NULL: a hole by now */
};

struct kept_pages {
	struct kept_page *pages; /* in order */
	size_t count, room;
};

struct snapshot {
	const struct peeking *peeking;
	struct kept_pages kept, added; /* added: at this look */
	size_t next;                   /* of kept: the first that this look has not passed */
	size_t holes;                  /* of kept: those that became one at this look */
	uint64_t swapped, unknown;     /* bytes that the last look could not compare */
};

enum snapshot_result { SNAPSHOT_DONE, SNAPSHOT_TOO_MUCH, SNAPSHOT_FAILED };

/* Bytes of data in what is watched.  Complains. */
bool snapshot_needs(const struct peeking *peeking, uint64_t *bytes);

/*
 * Look at all up to end: what differs from the last look goes to changes (NULL: the first one),
 * and is what the next compares with.  Complains of what failed.
 */
enum snapshot_result snapshot_look(struct snapshot *snapshot, uint64_t end,
				   struct changes *changes);
void snapshot_free(struct snapshot *snapshot);

#endif
