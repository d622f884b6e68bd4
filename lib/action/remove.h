/* SPDX-License-Identifier: MIT */
/* Removing, between the files of it: one for each family of kinds. */
#ifndef ACTION_REMOVE_H
#define ACTION_REMOVE_H

#include "base/context.h"

/* Unlink a POSIX object, as ipck_remove() says. */
int remove_posix(struct ipck *ctx, const struct ipck_object *object, bool idle_only,
		 struct ipck_remove_result *outcome);

#endif
