/* SPDX-License-Identifier: MIT */
/* Saving an object: what its kinds share.  Each kind fills the file that save.c made. */
#ifndef ACTION_SAVE_H
#define ACTION_SAVE_H

#include "base/context.h"

struct save {
	struct ipck *ctx;
	const struct ipck_object *object;
	int fd; /* the new file, empty */
	struct ipck_save_result result;
};

/* Fill the file and the result.  0 or a reason, with a message. */
int save_shm(struct save *save);
int save_msg(struct save *save);
int save_sem(struct save *save);
/* What lies in the /dev/shm that process pid sees; 0: our own. */
int save_posix_file(struct save *save, pid_t pid);
int save_posix_mq(struct save *save); /* an empty one */

/* "shm:5: cannot be WHAT: why".  error: an errno, negative or not. */
int save_fail(const struct save *save, const char *what, int error);

#endif
