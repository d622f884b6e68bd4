/* SPDX-License-Identifier: MIT */
/* Which namespaces a process lives in: the inodes behind /proc/PID/ns. */
#include "source/namespace.h"

#include <sys/stat.h>

uint64_t namespace_own_ipc(void)
{
	struct stat status;

	/* The thread's own, not the process's: setns() moves threads. */
	if (stat("/proc/thread-self/ns/ipc", &status) != 0)
		return 0;
	return status.st_ino;
}
