/* SPDX-License-Identifier: MIT */
/* Threads in poll(), select() and epoll_wait(). */
#include "insight/waits.h"

int wait_look_poll(struct waits_reading *reading, const struct thread *thread,
		   struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_look_select(struct waits_reading *reading, const struct thread *thread,
		     struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_look_epoll(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}
