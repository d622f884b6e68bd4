/* SPDX-License-Identifier: MIT */
/*
 * Content that lies behind a descriptor: the file knows its holes, and neither seeking nor reading
 * allocates one.
 */
#include "action/peek.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Looked at in one go: what of the swap is told of one range, and what is mapped for it. */
#define LOOK_PAGES 16384u
#define WINDOW ((uint64_t)1 << 30)

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

/* ---- What is in memory ---- */

bool peek_swap_is_used(void)
{
	struct sysinfo info;

	return sysinfo(&info) != 0 || info.totalswap != info.freeswap;
}

/*
 * mincore(2) says that all is in memory to who neither owns the file nor may write it.  Only an
 * owner, or CAP_FOWNER, may set O_NOATIME.
 */
static bool mincore_tells(int fd)
{
	const int flags = fcntl(fd, F_GETFL);
	char path[48];

	if (flags >= 0 && ((flags & O_NOATIME) != 0 || fcntl(fd, F_SETFL, flags | O_NOATIME) == 0))
		return true;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

/*
 * One byte a page, bit 0 of it: is it in memory?  By a mapping of our own, which reserves nothing:
 * a file of huge pages would keep what is reserved.  offset is a multiple of the page.
 */
static int look(const struct ipck_peek *peek, uint64_t offset, size_t count, unsigned char *states)
{
	const uint64_t page = peek->about.page;

	while (count > 0) {
		const size_t part = count < WINDOW / page ? count : (size_t)(WINDOW / page);
		void *map = mmap(NULL, part * page, PROT_READ, MAP_SHARED | MAP_NORESERVE, peek->fd,
				 (off_t)offset);
		int error;

		if (map == MAP_FAILED)
			return peek_fail(peek, "mapped", errno);
		error = mincore(map, part * page, states) != 0 ? errno : 0;
		munmap(map, part * page);
		if (error != 0)
			return peek_fail(peek, "looked at", error);
		offset += part * page;
		states += part;
		count -= part;
	}
	return IPCK_OK;
}

/* The part of a range of data that is all in memory, or all in swap. */
static int split(const struct ipck_peek *peek, struct ipck_range *range)
{
	const uint64_t page = peek->about.page, before = range->offset % page;
	unsigned char states[LOOK_PAGES];
	uint64_t pages = (before + range->bytes + page - 1) / page, same = 1;
	int rc;

	if (!mincore_tells(peek->fd)) {
		range->content = IPCK_CONTENT_UNKNOWN;
		return IPCK_OK;
	}
	pages = pages < LOOK_PAGES ? pages : LOOK_PAGES;
	rc = look(peek, range->offset - before, (size_t)pages, states);
	if (rc != IPCK_OK)
		return rc;
	while (same < pages && ((states[same] ^ states[0]) & 1) == 0)
		same++;
	if (same * page - before < range->bytes)
		range->bytes = same * page - before;
	if ((states[0] & 1) == 0)
		range->content = IPCK_CONTENT_SWAPPED;
	return IPCK_OK;
}

/* ---- The source ---- */

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
	if (hole > (off_t)offset && (uint64_t)hole < size)
		out->bytes = (uint64_t)hole - offset;
	return IPCK_OK;
}

static int fd_range(struct ipck_peek *peek, uint64_t offset, struct ipck_range *out)
{
	int rc = data_and_holes(peek, offset, out);

	if (rc != IPCK_OK || out->content != IPCK_CONTENT_DATA || !peek->about.holes_known ||
	    (peek->may_change & IPCK_CHANGES_SWAP) != 0 || !peek_swap_is_used())
		return rc;
	return split(peek, out);
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

/*
 * Huge pages are never in swap, but which are there is not told: only whether all are, or none.
 * mincore(2) knows those alone that the caller itself has touched.
 */
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

/* Pages that are not in memory, or of which that is not known: are they data? */
static int judge(struct ipck_peek *peek, uint64_t offset, size_t count, unsigned char state,
		 unsigned char *states)
{
	const uint64_t page = peek->about.page;
	struct ipck_range range;
	size_t at = 0;

	while (at < count) {
		const uint64_t begin = offset + at * page;
		int rc = data_and_holes(peek, begin, &range);
		size_t part = (size_t)((range.bytes + page - 1) / page);

		if (rc != IPCK_OK)
			return rc;
		part = part < count - at ? part : count - at;
		memset(states + at, range.content == IPCK_CONTENT_DATA ? state : 0, part);
		at += part;
	}
	return IPCK_OK;
}

static int fd_pages(struct ipck_peek *peek, uint64_t offset, size_t count, unsigned char *states)
{
	const uint64_t page = peek->about.page;
	unsigned char absent;
	int rc;

	if (!peek->about.holes_known)
		return huge_pages(peek, count, states);
	if (!mincore_tells(peek->fd))
		return judge(peek, offset, count, IPCK_PAGE_UNKNOWN, states);
	rc = look(peek, offset, count, states);
	/* where no swap is used, what is there by now came into memory since */
	absent = peek_swap_is_used() ? IPCK_PAGE_SWAPPED : IPCK_PAGE_RESIDENT;
	for (size_t i = 0, end; rc == IPCK_OK && i < count; i = end) {
		for (end = i; end < count && (states[end] & 1) == (states[i] & 1); end++)
			;
		if ((states[i] & 1) == 0)
			rc = judge(peek, offset + i * page, end - i, absent, states + i);
		else
			memset(states + i, IPCK_PAGE_RESIDENT, end - i);
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
