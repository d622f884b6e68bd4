/* SPDX-License-Identifier: MIT */
/* Reading a proc file line by line, without stdio: few large reads, no allocation. */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lines {
	int fd;
	int error;         /* errno of a failed read; 0 at a clean end */
	size_t begin, end; /* unread bytes in buf */
	char buf[16384];
};

int lines_open(struct lines *lines, const char *path); /* 0 or -errno */
/* The next line without its newline, valid until the next call; NULL at the end.
 * A line longer than the buffer ends the reading with EFBIG; a last line that lacks its newline
 * was cut: it is dropped, and the reading ends with EIO. */
char *lines_next(struct lines *lines, size_t *length);
void lines_close(struct lines *lines);

/* Read a whole small file, at most size - 1 bytes, and end it with NUL.  The length or -errno. */
long file_read(int dir, const char *path, char *buf, size_t size);

/*
 * The same by one read, of a file that the kernel writes as a whole (/proc/PID/stat, not maps):
 * what that read does not give is not there.
 */
long file_read_once(int dir, const char *path, char *buf, size_t size);

/* The unsigned decimal numbers that a small file begins with: all of them, or false. */
bool file_numbers(int dir, const char *path, uint64_t *const *numbers, size_t count);

#endif
