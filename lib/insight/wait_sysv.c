/* SPDX-License-Identifier: MIT */
/* Threads in semop(), msgsnd() and msgrcv(). */
#include "insight/waits.h"

#include <stdlib.h>

int wait_look_semop(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_look_msgsnd(struct waits_reading *reading, const struct thread *thread,
		     struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_look_msgrcv(struct waits_reading *reading, const struct thread *thread,
		     struct waiting *waiting)
{
	return wait_look_other(reading, thread, waiting);
}

int wait_settle_sysv(struct waits_reading *reading, struct waiting *waiting)
{
	(void)reading;
	(void)waiting;
	return IPCK_OK;
}

struct wait_sysv {
	int nothing;
};

void wait_sysv_free(struct wait_sysv *sysv)
{
	free(sysv);
}
