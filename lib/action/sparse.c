/* SPDX-License-Identifier: MIT */
/* Copying bytes to a file in which what is zero takes no room. */
#include "action/sparse.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 4096u /* the unit in which a hole is worth having */
#define PIECE (1u << 20)

int write_all(int fd, const void *bytes, size_t size, uint64_t offset)
{
	const char *p = bytes;

	while (size > 0) {
		ssize_t written = pwrite(fd, p, size, (off_t)offset);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? -errno : -EIO;
		p += written;
		size -= (size_t)written;
		offset += (uint64_t)written;
	}
	return 0;
}

/* Fill the buffer; a file that got shorter meanwhile reads as zeros behind its end. */
static int read_all(int fd, char *bytes, size_t size, uint64_t offset)
{
	while (size > 0) {
		ssize_t length = pread(fd, bytes, size, (off_t)offset);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return -errno;
		if (length == 0) {
			memset(bytes, 0, size);
			return 0;
		}
		bytes += length;
		size -= (size_t)length;
		offset += (uint64_t)length;
	}
	return 0;
}

static bool is_zero(const char *bytes, size_t size)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

/* The bytes of the block at this place: the last one may be cut. */
static size_t block_at(size_t at, size_t size)
{
	return size - at < BLOCK ? size - at : BLOCK;
}

int sparse_write(int to, const char *bytes, size_t size, uint64_t offset)
{
	size_t begin = 0, end;
	int rc = 0;

	while (rc == 0 && begin < size) {
		if (is_zero(bytes + begin, block_at(begin, size))) {
			begin += block_at(begin, size);
			continue;
		}
		for (end = begin; end < size && !is_zero(bytes + end, block_at(end, size));)
			end += block_at(end, size);
		rc = write_all(to, bytes + begin, end - begin, offset + begin);
		begin = end;
	}
	return rc;
}

static int copy_data(int from, int to, uint64_t begin, uint64_t end)
{
	const size_t room = end - begin < PIECE ? (size_t)(end - begin) : PIECE;
	char *buffer;
	int rc = 0;

	if (begin >= end)
		return 0;
	buffer = malloc(room);
	if (buffer == NULL)
		return -ENOMEM;
	while (rc == 0 && begin < end) {
		size_t size = end - begin < room ? (size_t)(end - begin) : room;

		rc = read_all(from, buffer, size, begin);
		if (rc == 0)
			rc = sparse_write(to, buffer, size, begin);
		begin += size;
	}
	free(buffer);
	return rc;
}

int sparse_copy_file(int from, int to, uint64_t size)
{
	uint64_t at = 0;
	int rc = 0;

	while (rc == 0 && at < size) {
		off_t data = lseek(from, (off_t)at, SEEK_DATA), hole;

		if (data < 0 && errno == ENXIO) /* nothing but a hole from here on */
			break;
		hole = data < 0 ? -1 : lseek(from, data, SEEK_HOLE);
		if (hole < 0) /* it cannot tell: all is data */
			data = (off_t)at, hole = (off_t)size;
		at = (uint64_t)hole < size ? (uint64_t)hole : size;
		rc = copy_data(from, to, (uint64_t)data, at);
	}
	return rc == 0 && ftruncate(to, (off_t)size) != 0 ? -errno : rc;
}
