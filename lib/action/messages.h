/* SPDX-License-Identifier: MIT */
/* Copying the messages of a queue, for whoever lists or saves them. */
#ifndef ACTION_MESSAGES_H
#define ACTION_MESSAGES_H

#include "base/context.h"

struct messages_reading {
	struct ipck *ctx;
	const struct ipck_object *queue; /* of our own IPC namespace, where the thread is now */
	/* What was given so far is forgotten: all comes again.  May be NULL. */
	int (*again)(void *data);
	/* A message with all of its text, valid during the call. */
	int (*row)(const struct ipck_message *message, void *data);
	void *data;
	uint64_t first; /* index to begin with */
	bool one;       /* and to end with */
};

#define MESSAGES_ENOUGH 1 /* of row(): the others are not wanted */

/*
 * Give the messages to row() until what it was given is what lay in the queue at one time, or until
 * that has failed a few times: then *changed.  With a message: IPCK_ERR_UNSUPPORTED,
 * IPCK_ERR_DENIED, IPCK_ERR_NOT_FOUND, IPCK_ERR_CHANGED (another object), IPCK_ERR_MEMORY; or what
 * a callback returned.
 */
int messages_copy(struct messages_reading *reading, bool *changed);

#endif
