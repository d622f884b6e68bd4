/* SPDX-License-Identifier: MIT */
/* What the arguments of a sleeping thread's system call point to. */
#ifndef INSIGHT_WAIT_MEMORY_H
#define INSIGHT_WAIT_MEMORY_H

#include "insight/waits.h"

#define WAIT_UNKNOWN 2 /* it may not be read: waiting->wait.why says why */

/* Copy size bytes from address in the thread's memory: 0, WAIT_UNKNOWN or WAITS_STALE. */
int wait_copy(const struct thread *thread, struct waiting *waiting, uint64_t address, void *to,
	      size_t size);

/* A struct timespec there, in nanoseconds; WAITS_STALE also for one that no call sleeps with. */
int wait_copy_time(const struct thread *thread, struct waiting *waiting, uint64_t address,
		   uint64_t *nanoseconds);

/* "90s": a time in words, exact below 10 seconds; for centuries "ever". */
#define WAIT_TIME_MAX 32
void wait_time_text(uint64_t nanoseconds, char text[WAIT_TIME_MAX]);

#endif
