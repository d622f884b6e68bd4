/* SPDX-License-Identifier: MIT */
/* Threads that wait for a time or a signal. */
#include "insight/waits.h"

int wait_look_sleep(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_look_signal(struct waits_reading *reading, const struct thread *thread,
		     struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}
