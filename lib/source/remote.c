/* SPDX-License-Identifier: MIT */
/* The memory of another process, by process_vm_readv(2). */
#include "source/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

int remote_read(pid_t tid, uint64_t address, void *to, size_t size)
{
	struct iovec own = { .iov_base = to, .iov_len = size };
	struct iovec theirs = { .iov_base = (void *)(uintptr_t)address, .iov_len = size };
	ssize_t got;

	if (address == 0 || address + size < address)
		return -EFAULT;
	got = process_vm_readv(tid, &own, 1, &theirs, 1, 0);
	if (got < 0)
		return -errno;
	return (size_t)got == size ? 0 : -EFAULT;
}

int remote_string(pid_t tid, uint64_t address, char *to, size_t size)
{
	enum { PAGE = 4096 }; /* the smallest: no part crosses the end of a larger one */
	size_t used = 0;

	while (used < size) {
		const uint64_t at = address + used;
		size_t part = PAGE - (size_t)(at % PAGE);
		int rc;

		if (part > size - used)
			part = size - used;
		rc = at >= address ? remote_read(tid, at, to + used, part) : -EFAULT;
		if (rc != 0)
			return rc;
		if (memchr(to + used, '\0', part) != NULL)
			return 0;
		used += part;
	}
	return -ENAMETOOLONG;
}

bool remote_is_touched(int dir, const char *file, uint64_t address)
{
	const uint64_t there = UINT64_C(3) << 62; /* in memory, or in swap */
	const uint64_t page = address / (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t entry = 0;
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return false;
	got = pread(fd, &entry, sizeof(entry), (off_t)(page * sizeof(entry)));
	close(fd);
	return got == (ssize_t)sizeof(entry) && (entry & there) != 0;
}
