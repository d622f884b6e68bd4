/* SPDX-License-Identifier: MIT */
/* All processes at one look, by libproc2: what /proc/PID and its stat file say, and no more. */
#ifndef SOURCE_PROCESS_TABLE_H
#define SOURCE_PROCESS_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_row {
	pid_t pid, ppid, pgid, sid; /* 0: none, or outside of our pid namespace */
	pid_t tpgid;                /* -1: no terminal */
	const char *command;        /* raw, valid during the call */
	char state;
	bool kernel;
	uint32_t tty_major, tty_minor;
	uint64_t threads, start_time; /* clock ticks since boot */
	uid_t uid;                    /* effective */
};

/*
 * Call row() for each process, in the thread that reads them all; the caller waits.  0; row()'s
 * value when that is not 0, which ends it; or IPCK_ERR_UNSUPPORTED (no /proc of our pid namespace),
 * IPCK_ERR_MEMORY, IPCK_ERR_SYSTEM.
 */
int process_table_read(int (*row)(const struct process_row *process, void *data), void *data);

#endif
