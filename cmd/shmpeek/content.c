/* SPDX-License-Identifier: MIT */
/* Bytes to be shown: of an object, or of a file to compare with; and their pieces in order. */
#include "content.h"
#include "common/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int content_of_object(struct content *content, struct ipck *ctx, const struct ipck_object *object,
		      const struct ipck_peek_options *options)
{
	int rc;

	*content = (struct content){ .ctx = ctx, .fd = -1 };
	rc = ipck_peek_open(ctx, object, options, &content->peek);
	if (rc == IPCK_OK) {
		content->bytes = ipck_peek_about(content->peek)->bytes;
		content->holes_known = ipck_peek_about(content->peek)->holes_known;
	}
	return rc;
}

/*
 * Nothing but a regular file is opened, since opening a device can do something; its time of access
 * stays where that is ours to ask for.  Or -1 and errno; EBADF: it is no such file.
 */
static int open_file(const char *path, struct stat *status)
{
	const int handle = open(path, O_PATH | O_CLOEXEC);
	char link[48];
	int fd = -1;

	if (handle < 0)
		return -1;
	if (fstat(handle, status) == 0) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", handle);
		errno = EBADF;
		if (S_ISREG(status->st_mode))
			fd = open(link, O_RDONLY | O_CLOEXEC | O_NOATIME);
		if (fd < 0 && errno == EPERM)
			fd = open(link, O_RDONLY | O_CLOEXEC);
	}
	close(handle);
	return fd;
}

bool content_of_file(struct content *content, struct ipck *ctx, const char *path)
{
	struct stat status;

	*content = (struct content){ .ctx = ctx, .name = path, .holes_known = true };
	content->fd = open_file(path, &status);
	if (content->fd < 0 || fstat(content->fd, &status) != 0) {
		complain("%s: %s", path, errno == EBADF ? "not a regular file" : strerror(errno));
		return false;
	}
	content->bytes = (uint64_t)status.st_size;
	return true;
}

void content_close(struct content *content)
{
	ipck_peek_close(content->peek);
	if (content->fd >= 0)
		close(content->fd);
	content->peek = NULL;
	content->fd = -1;
}

static bool got_shorter(const struct content *content)
{
	complain("%s: got shorter meanwhile", content->name);
	return false;
}

static bool file_range(const struct content *content, uint64_t offset, struct ipck_range *range)
{
	off_t data = lseek(content->fd, (off_t)offset, SEEK_DATA), hole;
	struct stat status;

	*range = (struct ipck_range){ offset, content->bytes - offset, IPCK_CONTENT_DATA };
	if (data < 0 && errno != ENXIO) /* this file system does not tell: all is data */
		return true;
	if (data < 0 && fstat(content->fd, &status) == 0 &&
	    (uint64_t)status.st_size < content->bytes)
		return got_shorter(content);
	if (data < 0 || (uint64_t)data > offset) {
		range->content = IPCK_CONTENT_HOLE;
		if (data >= 0 && (uint64_t)data < content->bytes)
			range->bytes = (uint64_t)data - offset;
		return true;
	}
	hole = lseek(content->fd, (off_t)offset, SEEK_HOLE);
	if (hole > (off_t)offset && (uint64_t)hole < content->bytes)
		range->bytes = (uint64_t)hole - offset;
	return true;
}

bool content_range(const struct content *content, uint64_t offset, struct ipck_range *range)
{
	if (content->peek == NULL)
		return file_range(content, offset, range);
	if (ipck_peek_range(content->peek, offset, range) == IPCK_OK)
		return true;
	complain("%s", ipck_message(content->ctx));
	return false;
}

static bool file_read(const struct content *content, uint64_t offset, char *to, size_t size)
{
	while (size > 0) {
		ssize_t length = pread(content->fd, to, size, (off_t)offset);

		if (length < 0 && errno == EINTR)
			continue;
		if (length == 0)
			return got_shorter(content);
		if (length < 0) {
			complain("%s: %s", content->name, strerror(errno));
			return false;
		}
		to += length;
		size -= (size_t)length;
		offset += (uint64_t)length;
	}
	return true;
}

bool content_read(const struct content *content, uint64_t offset, void *to, size_t size)
{
	if (content->peek == NULL)
		return file_read(content, offset, to, size);
	if (ipck_peek_read(content->peek, offset, to, size) == IPCK_OK)
		return true;
	complain("%s", ipck_message(content->ctx));
	return false;
}

void pieces_begin(struct pieces *pieces, const struct content *content, uint64_t begin,
		  uint64_t end)
{
	*pieces = (struct pieces){ .content = content, .at = begin, .end = end };
}

bool pieces_readable(struct pieces *pieces)
{
	struct ipck_range range;

	for (uint64_t at = pieces->at; at < pieces->end; at = range.offset + range.bytes) {
		if (!content_range(pieces->content, at, &range)) {
			pieces->failed = true;
			return false;
		}
		if (at == pieces->at)
			pieces->range = range;
		if (range.bytes > pieces->end - at)
			range.bytes = pieces->end - at;
		if (range.content == IPCK_CONTENT_SWAPPED)
			pieces->swapped += range.bytes;
		if (range.content == IPCK_CONTENT_UNKNOWN)
			pieces->unknown += range.bytes;
	}
	return pieces->swapped == 0 && pieces->unknown == 0;
}

/*
 * The kernel copies page by page.  To other places than whole pages that takes up to four times as
 * long.
 */
#define PIECE_ALIGNED 4096

static bool read_data(struct pieces *pieces, struct piece *piece)
{
	const size_t most = PIECE_MAX - (size_t)(piece->offset % PIECE_ALIGNED);

	if (pieces->buffer == NULL)
		pieces->buffer = aligned_alloc(PIECE_ALIGNED, PIECE_MAX);
	if (pieces->buffer == NULL) {
		complain("out of memory");
		return false;
	}
	piece->bytes = piece->bytes < most ? piece->bytes : most;
	piece->data = pieces->buffer;
	return content_read(pieces->content, piece->offset, pieces->buffer, (size_t)piece->bytes);
}

bool pieces_next(struct pieces *pieces, struct piece *piece)
{
	const struct ipck_range *range = &pieces->range;

	if (pieces->failed || pieces->at >= pieces->end)
		return false;
	if (pieces->at >= range->offset + range->bytes &&
	    !content_range(pieces->content, pieces->at, &pieces->range)) {
		pieces->failed = true;
		return false;
	}
	*piece = (struct piece){ pieces->at, range->offset + range->bytes - pieces->at,
				 range->content, NULL };
	if (piece->bytes > pieces->end - pieces->at)
		piece->bytes = pieces->end - pieces->at;
	if (piece->content == IPCK_CONTENT_DATA && !read_data(pieces, piece)) {
		pieces->failed = true;
		return false;
	}
	if (piece->content == IPCK_CONTENT_SWAPPED)
		pieces->swapped += piece->bytes;
	if (piece->content == IPCK_CONTENT_UNKNOWN)
		pieces->unknown += piece->bytes;
	pieces->at += piece->bytes;
	return true;
}

void pieces_end(struct pieces *pieces)
{
	free(pieces->buffer);
	pieces->buffer = NULL;
}
