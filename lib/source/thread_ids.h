/* SPDX-License-Identifier: MIT */
/* The numbers that a thread has: one in each pid namespace from ours down to its own. */
#ifndef SOURCE_THREAD_IDS_H
#define SOURCE_THREAD_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define THREAD_IDS_MAX 33 /* pid namespaces nest no deeper */

struct thread_ids {
	size_t depth; /* 1: it lives in our pid namespace */
	pid_t ids[THREAD_IDS_MAX];
};

/* The line "NSpid:" of a /proc/PID/status text; false when it has none, or none that is sound. */
bool thread_ids_parse(const char *status, struct thread_ids *ids);
/* Of a process or thread by its folder: dir and "task/7/", or "".  0 or -errno. */
int thread_ids_read(int dir, const char *path, struct thread_ids *ids);

/* The threads of one process, as they number themselves: sorted by that number. */
struct thread_names {
	size_t depth; /* of its pid namespace */
	size_t count;
	struct thread_name {
		pid_t own, tid; /* in its namespace; in ours */
	} * rows;
};

/*
 * All threads of /proc/PID, in rows that are to be freed.  0 or -errno; EAGAIN when one of them
 * ended or could not be read, so that it may lack.
 */
int thread_names_read(int dir, struct thread_names *names);

#endif
