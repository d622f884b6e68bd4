/* SPDX-License-Identifier: MIT */
/* The bytes themselves: to standard output, which is a file, a pipe or a device. */
#include "common/program.h"
#include "shmpeek.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZEROS ((size_t)64 << 10) /* written at once of a hole, where there can be none */

struct raw {
	bool sparse; /* what is left out of the file is zero */
	int error;   /* errno of what failed */
};

static bool put(struct raw *raw, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t length = write(STDOUT_FILENO, at, size);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0) {
			raw->error = errno;
			return false;
		}
		at += length;
		size -= (size_t)length;
	}
	return true;
}

static bool put_zeros(struct raw *raw, uint64_t count)
{
	static const char zeros[ZEROS];

	if (raw->sparse) {
		if (lseek(STDOUT_FILENO, (off_t)count, SEEK_CUR) < 0)
			raw->error = errno;
		return raw->error == 0;
	}
	for (size_t part; count > 0; count -= part) {
		part = count < ZEROS ? (size_t)count : ZEROS;
		if (!put(raw, zeros, part))
			return false;
	}
	return true;
}

static bool put_piece(struct raw *raw, const struct piece *piece)
{
	if (piece->content == IPCK_CONTENT_DATA)
		return put(raw, piece->data, (size_t)piece->bytes);
	return piece->content == IPCK_CONTENT_HOLE && put_zeros(raw, piece->bytes);
}

/* At the end of a regular file: what is seeked over there will be zero. */
static bool at_end_of_file(void)
{
	const int flags = fcntl(STDOUT_FILENO, F_GETFL);
	const off_t at = lseek(STDOUT_FILENO, 0, SEEK_CUR);
	struct stat status;

	return flags >= 0 && (flags & O_APPEND) == 0 && at >= 0 &&
	       fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode) &&
	       at >= status.st_size;
}

/* A hole at the end is not there before the file is that long. */
static void end_file(struct raw *raw)
{
	const off_t at = lseek(STDOUT_FILENO, 0, SEEK_CUR);

	if (at < 0 || ftruncate(STDOUT_FILENO, at) != 0)
		raw->error = errno;
}

int show_raw(struct peeking *peeking)
{
	struct pieces pieces;
	struct piece piece;
	struct raw raw = { 0 };

	pieces_begin(&pieces, &peeking->content, peeking->begin, peeking->end);
	if (pieces_readable(&pieces)) {
		program_flush();
		raw.sparse = at_end_of_file();
		while (pieces_next(&pieces, &piece) && put_piece(&raw, &piece))
			;
		if (raw.sparse && raw.error == 0)
			end_file(&raw);
	}
	pieces_end(&pieces);
	if (raw.error != 0)
		program_lost(raw.error);
	peeking->swapped += pieces.swapped;
	peeking->unknown += pieces.unknown;
	return pieces.failed ? EXIT_PARTIAL : EXIT_DONE;
}
