/* SPDX-License-Identifier: MIT */
/* What a process's folder in /proc shows behind links: its descriptors, namespaces, terminal. */
#ifndef SOURCE_PROCESS_FILES_H
#define SOURCE_PROCESS_FILES_H

#include "base/pool.h"
#include "ipckit.h"

/* All take the open folder /proc/PID and return 0 or -errno; -ESRCH, -ENOENT: it has ended. */

/*
 * The folder of a thread that lives, for a process whose first thread has ended: that one has left
 * its memory, descriptors and namespaces.  To be closed.
 */
int process_living_thread(int dir);

/* How many descriptors are open, and what 0, 1 and 2 are on. */
int process_descriptors(int dir, struct pool *pool, struct ipck_process *process);
/* The inodes of its namespaces, and which are not ours. */
int process_namespaces(int dir, struct ipck_process *process);

/* Its working directory; NULL: it has none, as one that has ended. */
int process_cwd(int dir, struct pool *pool, const char **cwd);

/* "pts/3", by the number of a device; the number itself where nothing names it.  NULL: no memory.
 */
const char *process_terminal(struct pool *pool, uint32_t major, uint32_t minor);

#endif
