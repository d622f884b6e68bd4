/* SPDX-License-Identifier: MIT */
/* What /proc/PID/stat, status and cmdline say of one process.  Pure: nothing is read here. */
#ifndef SOURCE_PROCESS_STATUS_H
#define SOURCE_PROCESS_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process_stat {
	const char *command; /* raw, in the text */
	char state;
	bool kernel;           /* a thread of the kernel */
	pid_t ppid, pgid, sid; /* 0: none, or outside; -1: it ends */
	uint32_t tty_major, tty_minor;
	pid_t tpgid; /* -1: no terminal */
	uint64_t threads, start_time;
};

/* The text of /proc/PID/stat, which is changed. */
bool process_stat_parse(char *text, struct process_stat *stat);

struct process_masks { /* bit N-1 for signal N */
	uint64_t thread_pending, pending, blocked, ignored, caught;
};

/* From the text of /proc/PID/status: the masks; the process that a thread belongs to. */
bool process_masks_parse(const char *status, struct process_masks *masks);
bool process_tgid_parse(const char *status, pid_t *tgid);
/* The same of its umask, which one that has ended has no more. */
bool process_umask_parse(const char *status, mode_t *umask);

/*
 * The bytes of /proc/PID/cmdline, which hold a NUL behind each argument, as one text with blanks
 * between; it has room for one byte more.  A process may have written over them.  The length, 0:
 * none.
 */
size_t process_args_join(char *text, size_t length);

#endif
