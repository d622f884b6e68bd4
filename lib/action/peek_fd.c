/* SPDX-License-Identifier: MIT */
/*
 * Content that lies behind a descriptor: the file knows its holes, and neither seeking nor reading
 * allocates one.
 */
#include "action/peek.h"
#include "action/peek_swap.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
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

static int data_and_holes(struct ipck_peek *peek, uint64_t offset, struct ipck_range *out)
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
	if (hole == (off_t)offset) /* it was given back just now */
		hole = (off_t)(offset + peek->about.page - offset % peek->about.page);
	if (hole > (off_t)offset && (uint64_t)hole < size)
		out->bytes = (uint64_t)hole - offset;
	return IPCK_OK;
}

/* Told at once: the machine may begin to swap while the rest is read. */
#define AT_ONCE ((uint64_t)64 << 20)

/*
 * The same, and what of the data is in swap: in parts, whose next ones need no search for the end
 * of the data, which goes through all of its pages.
 */
static int look(struct ipck_peek *peek, uint64_t offset, struct ipck_range *out)
{
	int rc = IPCK_OK;

	if (offset == peek->data_next && offset < peek->data_end)
		*out = (struct ipck_range){ offset, peek->data_end - offset, IPCK_CONTENT_DATA };
	else
		rc = data_and_holes(peek, offset, out);
	peek->data_end = 0;
	/* huge pages are never in swap */
	if (rc != IPCK_OK || out->content != IPCK_CONTENT_DATA || !peek->about.holes_known)
		return rc;
	peek->data_end = offset + out->bytes;
	if (peek_swap_is_used())
		rc = peek_swap_split(peek, out);
	else if (out->bytes > AT_ONCE)
		out->bytes = AT_ONCE;
	peek->data_next = offset + out->bytes;
	return rc;
}

static int fd_range(struct ipck_peek *peek, uint64_t offset, struct ipck_range *out)
{
	return (peek->may_change & IPCK_CHANGES_SWAP) != 0 ? data_and_holes(peek, offset, out)
							   : look(peek, offset, out);
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

/* Which huge pages are there is not told, but whether all are, or none. */
static int huge_pages(const struct ipck_peek *peek, size_t count, unsigned char *states)
{
	struct stat status;
	unsigned char state = IPCK_PAGE_UNKNOWN;

	if (fstat(peek->fd, &status) != 0)
		return peek_fail(peek, "looked at", errno);
	if (status.st_blocks == 0)
		state = 0;
	else if ((uint64_t)status.st_blocks * 512 >= (uint64_t)status.st_size)
		state = IPCK_PAGE_RESIDENT;
	memset(states, state, count);
	return IPCK_OK;
}

/* What was written is in memory or in swap. */
static int fd_pages(struct ipck_peek *peek, uint64_t offset, size_t count, unsigned char *states)
{
	static const unsigned char state_of[] = { [IPCK_CONTENT_DATA] = IPCK_PAGE_RESIDENT,
						  [IPCK_CONTENT_HOLE] = 0,
						  [IPCK_CONTENT_SWAPPED] = IPCK_PAGE_SWAPPED,
						  [IPCK_CONTENT_UNKNOWN] = IPCK_PAGE_UNKNOWN };
	const uint64_t page = peek->about.page;
	struct ipck_range range;
	int rc = IPCK_OK;

	if (!peek->about.holes_known)
		return huge_pages(peek, count, states);
	for (size_t at = 0, part; rc == IPCK_OK && at < count; at += part) {
		rc = look(peek, offset + at * page, &range);
		if (rc != IPCK_OK)
			break;
		part = (size_t)((range.bytes + page - 1) / page);
		part = part < count - at ? part : count - at;
		memset(states + at, state_of[range.content], part);
	}
	return rc;
}

const struct peek_source peek_fd_source = { fd_range, fd_read, fd_pages, NULL };

int peek_fd_take(struct ipck_peek *peek, int fd)
{
	struct stat status;
	struct statfs fs;

	if (fstat(fd, &status) != 0)
		return peek_fail(peek, "read", errno);
	peek->fd = fd;
	peek->source = &peek_fd_source;
	peek->about.bytes = (uint64_t)status.st_size;
	peek->about.page = (uint64_t)sysconf(_SC_PAGESIZE);
	peek->about.holes_known = true;
	/* files of huge pages take any offset for data */
	if (fstatfs(fd, &fs) == 0 && fs.f_type == HUGETLBFS_MAGIC) {
		peek->about.page = (uint64_t)fs.f_bsize;
		peek->about.holes_known = false;
	}
	return IPCK_OK;
}
