/* SPDX-License-Identifier: MIT */
/*
 * What the parts of park share: children, threads, and waiting until each is really asleep.
 * Every state is made by a process of its own, so that no state inherits another's descriptors.
 */
#ifndef PARK_H
#define PARK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct park_state {
	const char *name;
	void (*make)(void);
};

/* The states, each list ended by one without a name. */
extern const struct park_state park_ipc_states[];
extern const struct park_state park_descriptor_states[];
extern const struct park_state park_counter_states[];
extern const struct park_state park_file_lock_states[];
extern const struct park_state park_mutex_states[];
extern const struct park_state park_sync_states[];
extern const struct park_state park_event_states[];
extern const struct park_state park_sleep_states[];

extern const char *park_state;    /* the one that is made */
extern unsigned long *park_board; /* shared with all children: what they tell */

#define PARK_LONG 100000 /* seconds: a time limit that no test reaches */

__attribute__((noreturn)) void park_die(const char *what);
int park_check(int rc, const char *what);

/* A path for this state in the folder of this run, and a name for POSIX objects; not freed. */
const char *park_path(void);
const char *park_object(void);

/* A child that dies with its parent and ends when act() returns. */
pid_t park_start(void (*act)(void *data), void *data);

struct park_thread {
	pthread_t thread;
	pid_t tid;
};

struct park_thread park_thread(void (*act)(void *data), void *data);

/* Sleep for ever: what a holder does.  And wait until one does. */
__attribute__((noreturn)) void park_rest(void);
void park_rests(pid_t pid, pid_t tid);
pid_t park_holder(void (*act)(void *data), void *data); /* start, and wait until it rests */

/* Wait until the thread sleeps in the system call that stands behind this name. */
void park_asleep(pid_t pid, pid_t tid, const char *call);
/* The same, then stop and continue it, and wait until it sleeps in restart_syscall. */
void park_restart(pid_t pid, const char *call);

/* Print the line of a thread that is asleep: the rest of it is what the format says. */
__attribute__((format(printf, 4, 5))) void park_line(pid_t pid, pid_t tid, const char *call,
						     const char *format, ...);
/* park_asleep() and park_line(). */
__attribute__((format(printf, 4, 5))) void park_tell(pid_t pid, pid_t tid, const char *call,
						     const char *format, ...);

unsigned long long park_inode(int fd);

#endif
