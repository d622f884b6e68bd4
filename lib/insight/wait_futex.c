/* SPDX-License-Identifier: MIT */
/* Threads in futex(): the mutexes, conditions and semaphores of the C library. */
#include "insight/waits.h"

#include <stdlib.h>

int wait_look_futex(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_settle_futex(struct waits_reading *reading, struct waiting *waiting)
{
	(void)reading;
	(void)waiting;
	return IPCK_OK;
}

struct wait_futexes {
	int nothing;
};

void wait_futexes_free(struct wait_futexes *futexes)
{
	free(futexes);
}
