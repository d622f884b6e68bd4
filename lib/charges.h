/* SPDX-License-Identifier: MIT */
/* What the users of POSIX queues have used up of RLIMIT_MSGQUEUE. */
#ifndef CHARGES_H
#define CHARGES_H

#include "ipckit.h"

struct charge { /* of one user */
	uid_t uid;
	bool known;     /* the size of all of that user's queues could be read */
	uint64_t bytes; /* of queues in our IPC namespace; the kernel adds up those of all */
};

struct charges {
	struct charge *rows; /* by uid */
	size_t count, size;
};

/*
 * The caller, and with usage every user who owns a queue; without it nothing is known.
 * 0 or IPCK_ERR_MEMORY; charges_free() in either case.
 */
int charges_read(struct ipck *ctx, bool usage, struct charges *charges);
void charges_free(struct charges *charges);

#endif
