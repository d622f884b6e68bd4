/* SPDX-License-Identifier: MIT */
/*
 * Content that lies behind a descriptor: the file knows its holes, and neither seeking nor reading
 * allocates one.
 */
#include "action/peek.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* What it had when it was opened is not zero, but gone. */
static int shorter(const struct ipck_peek *peek)
{
	return ipck_fail(peek->ctx, IPCK_ERR_CHANGED, "%s: got shorter while it was read",
			 peek->ref);
}

static bool is_shorter(const struct ipck_peek *peek)
{
	struct stat status;

	return fstat(peek->fd, &status) == 0 && (uint64_t)status.st_size < peek->about.bytes;
}

static int fd_range(struct ipck_peek *peek, uint64_t offset, struct ipck_range *out)
{
	const uint64_t size = peek->about.bytes;
	off_t data, hole;

	*out = (struct ipck_range){ offset, size - offset, IPCK_CONTENT_DATA };
	if (!peek->about.holes_known)
		return IPCK_OK;
	data = lseek(peek->fd, (off_t)offset, SEEK_DATA);
	if (data < 0 && errno != ENXIO)
		return peek_fail(peek, "read", errno);
	if (data < 0 && is_shorter(peek))
		return shorter(peek);
	if (data < 0 || (uint64_t)data > offset) { /* ENXIO: nothing but a hole from here on */
		out->content = IPCK_CONTENT_HOLE;
		if (data >= 0 && (uint64_t)data < size)
			out->bytes = (uint64_t)data - offset;
		return IPCK_OK;
	}
	hole = lseek(peek->fd, (off_t)offset, SEEK_HOLE);
	if (hole < 0 && errno != ENXIO)
		return peek_fail(peek, "read", errno);
	if (hole > (off_t)offset && (uint64_t)hole < size)
		out->bytes = (uint64_t)hole - offset;
	return IPCK_OK;
}

static int fd_read(struct ipck_peek *peek, uint64_t offset, void *to, size_t size)
{
	char *p = to;

	while (size > 0) {
		ssize_t length = pread(peek->fd, p, size, (off_t)offset);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return peek_fail(peek, "read", errno);
		if (length == 0)
			return shorter(peek);
		p += length;
		size -= (size_t)length;
		offset += (uint64_t)length;
	}
	return IPCK_OK;
}

static int fd_pages(struct ipck_peek *peek, uint64_t offset, size_t count, unsigned char *states)
{
	(void)offset, (void)count, (void)states;
	return ipck_fail(peek->ctx, IPCK_ERR_UNSUPPORTED, "%s: its pages are not told", peek->ref);
}

const struct peek_source peek_fd_source = { fd_range, fd_read, fd_pages, NULL };
