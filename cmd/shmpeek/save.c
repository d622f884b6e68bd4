/* SPDX-License-Identifier: MIT */
/* --save: the bytes into a new file, which has holes wherever there would be only zeros. */
#include "common/program.h"
#include "shmpeek.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)4096) /* what a file system leaves out at the least */

static bool fail(const char *path)
{
	complain("%s: %s", path, strerror(errno));
	return false;
}

static bool put(int fd, const char *path, const unsigned char *bytes, size_t size, uint64_t at)
{
	while (size > 0) {
		ssize_t length = pwrite(fd, bytes, size, (off_t)at);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return fail(path);
		bytes += length;
		size -= (size_t)length;
		at += (uint64_t)length;
	}
	return true;
}

static bool all_zero(const unsigned char *bytes, size_t size)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

/* Up to the end of a block of the file. */
static size_t block_at(uint64_t at, size_t left)
{
	const size_t block = BLOCK - (size_t)(at % BLOCK);

	return block < left ? block : left;
}

/* Blocks with anything in them; neighbours are written at once. */
static bool put_data(int fd, const char *path, const struct piece *piece, uint64_t at)
{
	const size_t size = (size_t)piece->bytes;
	size_t begin = 0, end = 0;

	for (size_t block; end < size; end += block) {
		block = block_at(at + end, size - end);
		if (!all_zero(piece->data + end, block))
			continue;
		if (!put(fd, path, piece->data + begin, end - begin, at + begin))
			return false;
		begin = end + block;
	}
	return put(fd, path, piece->data + begin, end - begin, at + begin);
}

static int save_pieces(struct pieces *pieces, int fd, const char *path)
{
	const uint64_t begin = pieces->at;
	int status = EXIT_DONE;
	struct piece piece;

	while (status == EXIT_DONE && pieces_next(pieces, &piece))
		if (piece.content == IPCK_CONTENT_DATA)
			status = put_data(fd, path, &piece, piece.offset - begin) ? EXIT_DONE
										  : EXIT_USAGE;
		else if (piece.content != IPCK_CONTENT_HOLE)
			status = EXIT_PARTIAL;
	return status == EXIT_DONE && pieces->failed ? EXIT_PARTIAL : status;
}

/* Its length, and all of it on the disk. */
static bool finish(int fd, const char *path, uint64_t bytes)
{
	if (ftruncate(fd, (off_t)bytes) != 0 || fsync(fd) != 0)
		return fail(path);
	return true;
}

static int save(struct pieces *pieces, const char *path)
{
	const uint64_t bytes = pieces->end - pieces->at;
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int status;

	if (fd < 0) {
		complain("%s: %s", path, errno == EEXIST ? "already exists" : strerror(errno));
		return EXIT_USAGE;
	}
	status = save_pieces(pieces, fd, path);
	if (status == EXIT_DONE && !finish(fd, path, bytes))
		status = EXIT_USAGE;
	if (close(fd) != 0 && status == EXIT_DONE) {
		fail(path);
		status = EXIT_USAGE;
	}
	/* Half a copy is none. */
	if (status != EXIT_DONE && unlink(path) != 0)
		fail(path);
	return status;
}

int show_save(struct peeking *peeking)
{
	int status = EXIT_PARTIAL;
	struct pieces pieces;

	pieces_begin(&pieces, &peeking->content, peeking->begin, peeking->end);
	if (pieces_readable(&pieces))
		status = save(&pieces, peeking->request->save_file);
	pieces_end(&pieces);
	peeking->swapped += pieces.swapped;
	peeking->unknown += pieces.unknown;
	return status;
}
