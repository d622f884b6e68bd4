/* SPDX-License-Identifier: MIT */
/* For how long a thread has slept. */
#include "source/thread_clock.h"

#include <stdlib.h>

int thread_clock_since(struct thread_clock *clock, const struct thread *thread,
		       uint64_t *nanoseconds)
{
	(void)clock;
	(void)thread;
	*nanoseconds = 0;
	return IPCK_ERR_UNSUPPORTED;
}

void thread_clock_free(struct thread_clock *clock)
{
	free(clock->cpus);
	*clock = (struct thread_clock){ 0 };
}
