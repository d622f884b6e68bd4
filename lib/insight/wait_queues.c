/* SPDX-License-Identifier: MIT */
/* Threads in mq_send() and mq_receive(). */
#include "insight/waits.h"

int wait_look_mq(struct waits_reading *reading, const struct thread *thread,
		 struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}
