/* SPDX-License-Identifier: MIT */
/* How full a pipe or FIFO is: one end of it, borrowed from its process for a moment. */
#ifndef SOURCE_FILL_H
#define SOURCE_FILL_H

#include "ipckit.h"

struct fill_end {
	struct ipck_process_id process;
	pid_t tid; /* a thread with a descriptor table of its own; 0 = the process's */
	int fd;
	bool may_write;
	uint32_t major, minor; /* of a FIFO; of a pipe 0 */
	uint64_t inode;
};

struct fill {
	uint64_t used, size; /* bytes */
	bool full;           /* no byte more fits; may be so with less than size used */
	/*
	 * Of the other end, as the kernel counts: whether anybody has it.  A write end tells of
	 * readers, the read end of a pipe of writers; that of a FIFO only when it had some.
	 */
	bool readers_known, writers_known;
	bool no_reader, no_writer;
};

/*
 * Borrow that end by pidfd_getfd(2), with all signals blocked meanwhile, and give it back at once.
 * While we have it, the other end's process sees no end of file or SIGPIPE.  Nothing is read from
 * it, and none of its flags is changed.  Needs PTRACE_MODE_ATTACH on the process.
 * 0, IPCK_ERR_DENIED, IPCK_ERR_NOT_FOUND (the process, or this end, is gone or another one),
 * IPCK_ERR_UNSUPPORTED or IPCK_ERR_SYSTEM.
 */
int fill_read(const struct fill_end *end, struct fill *fill);

#endif
