/* SPDX-License-Identifier: MIT */
/* A segment that is attached to this process, between the files of that: see peek_attach.c. */
#ifndef ACTION_PEEK_ATTACH_H
#define ACTION_PEEK_ATTACH_H

#include "action/peek.h"

struct attached { /* what private points to */
	char *address;
	uint64_t mapped; /* bytes, whole pages */
	bool settled;    /* when it was attached, what is not in memory was never written */
	bool told;       /* mincore(2) tells what is in memory */
};

/* Read from the attachment itself from now on, which close() gives up.  0 or a reason. */
int peek_attached_take(struct ipck_peek *peek, char *address, uint64_t mapped);

#endif
