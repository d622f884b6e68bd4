/* SPDX-License-Identifier: MIT */
/* Which System V message queue a thread waits on: the kernel counts no such waiters. */
#ifndef SOURCE_QUEUE_WAITS_H
#define SOURCE_QUEUE_WAITS_H

#include "source/process_list.h"

enum queue_waiting {
	QUEUE_NONE,   /* it waits on no queue */
	QUEUE_KNOWN,  /* on this one */
	QUEUE_UNTOLD, /* on one, but the kernel does not tell on which */
	QUEUE_DENIED  /* whether it waits at all may not be seen */
};

struct queue_wait {
	uint64_t ns; /* IPC namespace of the thread; 0 = not to be seen */
	int32_t id;
	bool sends; /* in msgsnd(); else it is in msgrcv() */
};

/*
 * Call row() for each thread of the process that does not just wait on no queue; wait is set with
 * QUEUE_KNOWN only.  Reads /proc/PID/task/TID/syscall, which the thread does not notice, or where
 * that is refused wchan; ns/ipc of those that wait.  0, or row()'s value, which ends it.
 */
int queue_waits_each(const struct listed_process *process,
		     int (*row)(enum queue_waiting waiting, const struct queue_wait *wait,
				void *data),
		     void *data);

/* What the text of a syscall file says, but for the namespace; QUEUE_UNTOLD: nothing, ask wchan. */
enum queue_waiting queue_parse_syscall(const char *text, struct queue_wait *wait);
/* What the text of a wchan file says where the syscall is not known. */
enum queue_waiting queue_parse_wchan(const char *text);

#endif
