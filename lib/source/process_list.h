/* SPDX-License-Identifier: MIT */
/* All processes that /proc lists, one after the other: whose they are and when they started. */
#ifndef SOURCE_PROCESS_LIST_H
#define SOURCE_PROCESS_LIST_H

#include "base/context.h"

struct listed_process {
	pid_t pid;
	int dir;                      /* /proc/PID, open during the call */
	uid_t real, effective, saved; /* of its first thread */
	double started;               /* seconds since the epoch, by today's clock */
	uint64_t threads;
	bool kernel; /* a kernel thread */
};

struct process_counts {
	size_t seen, denied, vanished; /* denied: there, but their files may not be read */
};

/*
 * Call row() for each process, in the order of pids; zombies are left out: they hold and wait for
 * nothing.  Reads /proc/PID/stat and status.
 * 0; row()'s value when that is not 0, which ends it; IPCK_ERR_UNSUPPORTED (no /proc, or that of
 * another pid namespace).
 */
int process_each(struct ipck *ctx, struct process_counts *counts,
		 int (*row)(const struct listed_process *process, void *data), void *data);

/* The fields after the command of a stat text: "S 1 1 ...". False when they are not as they should
 * be. */
bool process_parse_fields(const char *fields, struct listed_process *process, char *state);
/* The user ids of a /proc/PID/status text. */
bool process_parse_uids(const char *status, struct listed_process *process);

#endif
