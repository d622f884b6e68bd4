/* SPDX-License-Identifier: MIT */
/* The names in an open folder, by getdents64(2) into a buffer of our own. */
#include "base/entries.h"

#include <errno.h>

void entries_begin(struct entries *entries, int fd)
{
	entries->fd = fd;
	entries->error = 0;
	entries->begin = entries->end = 0;
}

const char *entries_next(struct entries *entries)
{
	const struct dirent64 *entry;

	if (entries->begin == entries->end) {
		const ssize_t got =
			getdents64(entries->fd, entries->buf.bytes, sizeof(entries->buf));

		entries->begin = entries->end = 0;
		if (got < 0)
			entries->error = errno;
		if (got <= 0)
			return NULL;
		entries->end = (size_t)got;
	}
	entry = (const struct dirent64 *)(const void *)(entries->buf.bytes + entries->begin);
	entries->begin += entry->d_reclen;
	return entry->d_name;
}
