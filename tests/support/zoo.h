/* SPDX-License-Identifier: MIT */
/*
 * What the parts of zoo share: processes with a name, and lines that tell what each one is.  A
 * shape is built by a function that zoo itself calls; it returns when nothing of it moves any more,
 * but for what its processes do before they tell of themselves.
 */
#ifndef ZOO_H
#define ZOO_H

#include <stddef.h>
#include <sys/types.h>

struct zoo_shape {
	void (*make)(void);
	size_t lines; /* that its processes tell */
};

/* Each list ends with one that has no function. */
extern const struct zoo_shape zoo_orphan_shapes[];
extern const struct zoo_shape zoo_zombie_shapes[];
extern const struct zoo_shape zoo_job_shapes[];
/* Built before zoo makes a session of its own. */
extern const struct zoo_shape zoo_outer_shapes[];

__attribute__((noreturn)) void zoo_die(const char *what);
int zoo_check(int rc, const char *what);

/* fork(2), and the child has this name. */
pid_t zoo_fork(const char *name);
/* Wait for a child of ours, which has ended or will. */
void zoo_reap(pid_t child);
/* A session of our own. */
void zoo_lead_session(void);
/* Wait until the process that forked us has ended, and we have another parent. */
void zoo_orphaned(void);

/*
 * The line of a process: its marks with a blank between, and facts of the form name=value.  "mark?"
 * is one that can only be likely, "~mark" one that may be there or not; all others must not be.
 */
__attribute__((format(printf, 3, 4))) void zoo_tell(const char *name, pid_t pid, const char *format,
						    ...);
/* Tell of ourselves, and sleep until killed. */
__attribute__((noreturn, format(printf, 1, 2))) void zoo_rest(const char *format, ...);
__attribute__((noreturn)) void zoo_sleep(void);
/* The state of a process, as /proc/PID/stat has it. */
char zoo_state(pid_t pid);

#endif
