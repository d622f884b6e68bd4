/* SPDX-License-Identifier: MIT */
/* Removing, between the files of it: one for each family of kinds. */
#ifndef ACTION_REMOVE_H
#define ACTION_REMOVE_H

#include "base/context.h"

/*
 * Unlink a POSIX object, as ipck_remove() says: a queue of the calling thread's IPC namespace, or
 * what lies in the /dev/shm that process pid sees (0: we).
 */
int remove_posix(struct ipck *ctx, const struct ipck_object *object, pid_t pid, bool idle_only,
		 struct ipck_remove_result *outcome);

#endif
