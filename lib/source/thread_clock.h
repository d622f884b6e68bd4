/* SPDX-License-Identifier: MIT */
/* For how long a thread has slept. */
#ifndef SOURCE_THREAD_CLOCK_H
#define SOURCE_THREAD_CLOCK_H

#include "source/threads.h"

/*
 * The clock that the scheduler stamps threads with runs apart on each processor: it leaves out the
 * time of interrupts and of other guests.  Ours is read on each processor once.
 */
struct thread_clock {
	struct thread_clock_cpu {
		bool read;
		bool known;
		int64_t ahead; /* of the monotonic clock, nanoseconds */
	} * cpus;
	size_t count;
};

/*
 * Nanoseconds since the thread last ran: se.exec_start of its sched file, which stands still while
 * it sleeps, against ours on the same processor.  0, or IPCK_ERR_UNSUPPORTED (a kernel without the
 * file), IPCK_ERR_NOT_FOUND, IPCK_ERR_DENIED, IPCK_ERR_MEMORY.
 */
int thread_clock_since(struct thread_clock *clock, const struct thread *thread,
		       uint64_t *nanoseconds);
void thread_clock_free(struct thread_clock *clock);

/* se.exec_start of the text of a sched file, in nanoseconds. */
bool thread_clock_parse(const char *text, uint64_t *nanoseconds);

#endif
