/* SPDX-License-Identifier: MIT */
/*
 * Reading a proc file line by line.  A seq_file hands out about a page a read whatever is asked,
 * so a larger buffer gains nothing; stdio's 1 KiB on proc files costs four times the reads.
 */
#include "base/lines.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ssize_t read_some(int fd, void *buf, size_t size)
{
	ssize_t got;

	do
		got = read(fd, buf, size);
	while (got < 0 && errno == EINTR);
	return got;
}

int lines_open(struct lines *lines, const char *path)
{
	lines->error = 0;
	lines->begin = lines->end = 0;
	lines->fd = open(path, O_RDONLY | O_CLOEXEC);
	return lines->fd < 0 ? -errno : 0;
}

char *lines_next(struct lines *lines, size_t *length)
{
	size_t searched = 0;

	for (;;) {
		char *line = lines->buf + lines->begin;
		size_t unread = lines->end - lines->begin;
		char *newline = memchr(line + searched, '\n', unread - searched);
		ssize_t got;

		if (newline != NULL) {
			*newline = '\0';
			*length = (size_t)(newline - line);
			lines->begin += *length + 1;
			return line;
		}
		searched = unread;
		if (lines->begin > 0) {
			memmove(lines->buf, line, unread);
			lines->begin = 0;
			lines->end = unread;
		}
		if (lines->end == sizeof(lines->buf)) {
			lines->error = EFBIG;
			return NULL;
		}
		got = read_some(lines->fd, lines->buf + lines->end,
				sizeof(lines->buf) - lines->end);
		if (got <= 0) {
			if (got < 0)
				lines->error = errno;
			else if (lines->end > lines->begin)
				lines->error = EIO; /* cut within a line */
			return NULL;
		}
		lines->end += (size_t)got;
	}
}

void lines_close(struct lines *lines)
{
	if (lines->fd >= 0)
		close(lines->fd);
	lines->fd = -1;
}

long file_read(int dir, const char *path, char *buf, size_t size)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t got = 0;
	int error;

	if (fd < 0)
		return -errno;
	while (used < size - 1 && (got = read_some(fd, buf + used, size - 1 - used)) > 0)
		used += (size_t)got;
	error = errno;
	close(fd);
	if (got < 0)
		return -error;
	buf[used] = '\0';
	return (long)used;
}

long file_read_once(int dir, const char *path, char *buf, size_t size)
{
	const int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t got;
	int error;

	if (fd < 0)
		return -errno;
	got = read_some(fd, buf, size - 1);
	error = errno;
	close(fd);
	if (got < 0)
		return -error;
	buf[got] = '\0';
	return (long)got;
}

bool file_numbers(int dir, const char *path, uint64_t *const *numbers, size_t count)
{
	char text[128], *rest = text;

	if (file_read(dir, path, text, sizeof(text)) <= 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		rest += strspn(rest, " \t");
		if (!isdigit((unsigned char)*rest)) /* strtoull() would take a sign */
			return false;
		errno = 0;
		*numbers[i] = strtoull(rest, &rest, 10);
		if (errno != 0)
			return false;
	}
	return true;
}
