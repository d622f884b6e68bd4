/* SPDX-License-Identifier: MIT */
/* The locks of files that one process holds. */
#ifndef SOURCE_PROCESS_LOCKS_H
#define SOURCE_PROCESS_LOCKS_H

#include "base/pool.h"
#include "ipckit.h"

/*
 * From the fdinfo of each descriptor, below the open folder /proc/PID: locks of its open files and
 * its own.  A lock that several descriptors show is listed once.  0 or -errno.
 */
int process_locks(int dir, struct pool *pool, struct ipck_process *process);

#endif
