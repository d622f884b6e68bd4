/* SPDX-License-Identifier: MIT */
/* Threads that wait for a lock of a file: flock(), fcntl(). */
#include "insight/waits.h"

#include <stdlib.h>

int wait_look_flock(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_look_fcntl(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_settle_locks(struct waits_reading *reading, struct waiting *waiting)
{
	(void)reading;
	(void)waiting;
	return IPCK_OK;
}

struct wait_locks {
	int nothing;
};

void wait_locks_free(struct wait_locks *locks)
{
	free(locks);
}
