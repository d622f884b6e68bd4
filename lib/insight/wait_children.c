/* SPDX-License-Identifier: MIT */
/* Threads that wait for a child: wait4(), waitid(), vfork(). */
#include "insight/waits.h"

#include <stdlib.h>

int wait_look_wait(struct waits_reading *reading, const struct thread *thread,
		   struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_look_vfork(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_settle_children(struct waits_reading *reading, struct waiting *waiting)
{
	(void)reading;
	(void)waiting;
	return IPCK_OK;
}

struct wait_children {
	int nothing;
};

void wait_children_free(struct wait_children *children)
{
	free(children);
}
