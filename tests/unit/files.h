/* SPDX-License-Identifier: MIT */
/* Files that exist only in memory, with a path that they can be opened by. */
#ifndef FILES_H
#define FILES_H

#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

struct file {
	int fd;
	char path[32];
};

static inline struct file file_of(const void *bytes, size_t length)
{
	struct file file = { .fd = memfd_create("unit", MFD_CLOEXEC) };

	assert_true(file.fd >= 0);
	assert_true(write(file.fd, bytes, length) == (ssize_t)length);
	/* Opened anew by this path, reading starts at the beginning. */
	snprintf(file.path, sizeof(file.path), "/proc/self/fd/%d", file.fd);
	return file;
}

#endif
