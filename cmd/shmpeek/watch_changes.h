/* SPDX-License-Identifier: MIT */
/* --watch of memory: old and new bytes, as they are compared, into lines of what differs. */
#ifndef SHMPEEK_WATCH_CHANGES_H
#define SHMPEEK_WATCH_CHANGES_H

#include "shmpeek.h"

#define CHANGE_MAX 4096 /* bytes of a line of JSON */
#define ELEMENT_MAX 16

struct changes {
	const struct peeking *peeking;
	char *ref;        /* as JSON has it; text: NULL */
	size_t element;   /* --as: bytes of one; else 0 */
	uint64_t offset;  /* of what is gathered below */
	size_t bytes;     /* of it */
	size_t differing; /* of it, up to the last that differs */
	bool unknown;     /* an element, bytes of which nobody knows */
	unsigned char before[CHANGE_MAX], now[CHANGE_MAX];
};

/* Complains. */
bool changes_begin(struct changes *changes, const struct peeking *peeking);
void changes_free(struct changes *changes);

/* The next bytes in order.  What is left out between is zero, before and now. */
void changes_feed(struct changes *changes, uint64_t offset, const unsigned char *before,
		  const unsigned char *now, size_t bytes);
/* These cannot be compared. */
void changes_feed_unknown(struct changes *changes, uint64_t offset, uint64_t bytes);
/* All is told up to here. */
void changes_flush(struct changes *changes);

/* Lines of JSON, or of text; for watch_changes.c. */
void changes_print_begin(const struct changes *changes);
void changes_print(const struct changes *changes, size_t bytes);

#endif
