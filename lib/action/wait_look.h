/* SPDX-License-Identifier: MIT */
/* One look at an object that is waited for: is it in the state by now? */
#ifndef ACTION_WAIT_LOOK_H
#define ACTION_WAIT_LOOK_H

#include "base/context.h"

struct watched {
	struct ipck_object now; /* as it was seen last; its strings are the caller's */
	bool gone;              /* for good: what bears its name later is another one */
	bool reached;
};

/* Sets gone and reached.  0, or why that can never be told, with a message. */
int wait_look(struct ipck *ctx, enum ipck_state state, struct watched *watched);

#endif
