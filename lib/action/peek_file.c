/* SPDX-License-Identifier: MIT */
/* POSIX shared memory, POSIX semaphores and memory files, as the files that they are. */
#include "action/peek.h"
#include "source/namespace.h"
#include "source/posix.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static int take(struct ipck_peek *peek, int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0) {
		close(fd);
		return peek_fail(peek, "read", errno);
	}
	peek->fd = fd;
	peek->source = &peek_fd_source;
	peek->about = (struct ipck_peek_about){ .bytes = (uint64_t)status.st_size,
						.page = (uint64_t)sysconf(_SC_PAGESIZE),
						.method = IPCK_PEEK_FILE,
						.holes_known = true };
	return IPCK_OK;
}

int peek_file(struct ipck_peek *peek)
{
	struct posix_place place;
	bool touched = false;
	pid_t pid = 0;
	int fd, rc = peek->object.foreign ? namespace_member(peek->ctx, peek->object.ns, &pid)
					  : IPCK_OK;

	if (rc == IPCK_OK)
		rc = posix_shm_open(peek->ctx, pid, &place);
	if (rc != IPCK_OK)
		return rc;
	rc = posix_open(peek->ctx, &place, &peek->object, &fd, &touched);
	posix_close(&place);
	return rc == IPCK_OK ? take(peek, fd) : rc;
}
