/* SPDX-License-Identifier: MIT */
/* Threads in a call of which no more than its name is known: what it is on, where it sleeps. */
#include "insight/waits.h"

int wait_look_other(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	(void)reading;
	(void)thread;
	(void)waiting;
	return IPCK_OK;
}
