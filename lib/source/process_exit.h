/* SPDX-License-Identifier: MIT */
/* How a process ended that its parent did not ask yet. */
#ifndef SOURCE_PROCESS_EXIT_H
#define SOURCE_PROCESS_EXIT_H

#include <stdbool.h>
#include <stdint.h>

/* A process whose first thread alone has ended is none that has: its others live. */
bool process_has_ended(char state, uint64_t threads);

/* What wait(2) will say, from the text of /proc/PID/stat behind the command: "Z 1 1 ...". */
bool process_exit_parse(const char *fields, int *status);

/*
 * The wait status of the zombie whose folder in /proc is dir, and which started then.  0 or -errno:
 * -ENOENT, -ESRCH: it is gone, or it is no zombie of that start; -EACCES: the kernel keeps it from
 * us; -EOPNOTSUPP: this kernel does not tell whether it does.
 */
int process_exit_status(int dir, uint64_t start_time, int *status);

#endif
