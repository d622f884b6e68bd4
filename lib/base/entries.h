/* SPDX-License-Identifier: MIT */
/* The names in an open folder, without what readdir(3) asks the kernel and allocates besides. */
#ifndef BASE_ENTRIES_H
#define BASE_ENTRIES_H

#include <dirent.h>
#include <stddef.h>
#include <sys/types.h>

struct entries {
	int fd;            /* the caller's, who closes it */
	int error;         /* errno of a failed read; 0 at a clean end */
	size_t begin, end; /* what was read and not handed out */
	union {
		struct dirent64 first; /* aligned for any */
		char bytes[8192];
	} buf;
};

/* fd, opened for reading, from where it stands. */
void entries_begin(struct entries *entries, int fd);
/* The next name, "." and ".." too, valid until the next call; NULL at the end. */
const char *entries_next(struct entries *entries);

#endif
