/* SPDX-License-Identifier: MIT */
/*
 * Content out of an attachment of our own, where the file behind it may not be opened.  Reading a
 * page that was never written would allocate it, and mincore(2) tells what is in memory, but not
 * whether the rest was never written or is in swap.  It was never written when the pages in memory
 * are all that /proc/sysvipc/shm counts, and none is in swap.
 *
 * Nothing is read by touching it: a page that cannot be had would end the whole process (SIGBUS).
 * /proc/self/mem gives an error for it, and is there where process_vm_readv(2) is refused.
 */
#include "action/peek_attach.h"
#include "action/peek_holders.h"
#include "action/peek_swap.h"
#include "source/sysv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define LOOK_PAGES 16384u /* looked at in one go */
/* With leave for both, what may be there or not is read as well. */
#define ALL ((unsigned)IPCK_CHANGES_PAGES | IPCK_CHANGES_SWAP)

static struct attached *attached_of(const struct ipck_peek *peek)
{
	return peek->private;
}

/* One byte a page; offset is a multiple of the page.  0 or -errno. */
static int look(const struct ipck_peek *peek, uint64_t offset, size_t count, unsigned char *states)
{
	const uint64_t page = peek->about.page;

	return mincore(attached_of(peek)->address + offset, count * page, states) != 0 ? -errno : 0;
}

/* ---- What the kernel counts ---- */

static int add_rss(void *data)
{
	struct ipck_object *object = data;

	sysv_add_rss(&object, 1);
	return IPCK_OK;
}

/* Bytes in memory, and in swap; false where that is not told. */
static bool count_rss(const struct ipck_peek *peek, uint64_t *rss, uint64_t *swap)
{
	struct ipck_object now = peek->object;
	const uint32_t both = IPCK_SHM_RSS | IPCK_SHM_SWAP;

	now.known &= ~both;
	if (peek_inside(peek, add_rss, &now) != IPCK_OK || (now.known & both) != both)
		return false;
	*rss = now.shm.rss;
	*swap = now.shm.swap;
	return true;
}

static bool is_swapped(const struct ipck_peek *peek)
{
	uint64_t rss, swap;

	return peek_swap_is_used() && (!count_rss(peek, &rss, &swap) || swap != 0);
}

static int count_resident(const struct ipck_peek *peek, uint64_t *bytes)
{
	const uint64_t page = peek->about.page;
	const uint64_t pages = (peek->about.bytes + page - 1) / page;
	unsigned char states[LOOK_PAGES];
	int rc = 0;

	*bytes = 0;
	for (uint64_t at = 0; rc == 0 && at < pages; at += LOOK_PAGES) {
		const size_t count = pages - at < LOOK_PAGES ? (size_t)(pages - at) : LOOK_PAGES;

		rc = look(peek, at * page, count, states);
		for (size_t i = 0; rc == 0 && i < count; i++)
			*bytes += (states[i] & 1) * page;
	}
	return rc;
}

/*
 * The sum is asked for after the pages: what came to memory in between makes the two differ, and
 * is worth another try.  More pages than the sum: some are in swap and in memory at a time, or
 * mincore(2) said yes to all of them.
 */
static void settle(const struct ipck_peek *peek)
{
	enum { TRIES = 4 };
	struct attached *attached = attached_of(peek);
	uint64_t resident, rss, swap;

	attached->told = false;
	for (int i = 0; i < TRIES && !attached->settled; i++) {
		if (count_resident(peek, &resident) != 0 || !count_rss(peek, &rss, &swap))
			return;
		/* what is in both is data, whose way out of swap needs leave */
		attached->told =
			resident <= rss + ((peek->may_change & IPCK_CHANGES_SWAP) != 0 ? swap : 0);
		attached->settled = resident == rss && swap == 0;
		if (swap != 0)
			return;
	}
}

/* ---- The source ---- */

/*
 * Of pages that were not in memory a moment ago.  What was there when all was settled can have gone
 * nowhere but to swap; if nothing of it is there now, and the pages are still not in memory, they
 * were not written meanwhile.
 */
static bool never_written(const struct ipck_peek *peek, uint64_t offset, size_t count)
{
	unsigned char states[LOOK_PAGES];
	struct sysinfo info;

	if (!attached_of(peek)->settled)
		return false;
	if (sysinfo(&info) == 0 && info.totalswap == 0)
		return true;
	if (is_swapped(peek))
		return false;
	for (size_t part; count > 0; count -= part, offset += part * peek->about.page) {
		part = count < LOOK_PAGES ? count : LOOK_PAGES;
		if (look(peek, offset, part, states) != 0)
			return false;
		for (size_t i = 0; i < part; i++)
			if ((states[i] & 1) != 0)
				return false;
	}
	return true;
}

static enum ipck_content content_of(const struct ipck_peek *peek, uint64_t offset, size_t count,
				    bool resident)
{
	const bool told = attached_of(peek)->told;

	if (told && !resident && never_written(peek, offset, count))
		return IPCK_CONTENT_HOLE;
	return (told && resident) || (peek->may_change & ALL) == ALL ? IPCK_CONTENT_DATA
								     : IPCK_CONTENT_UNKNOWN;
}

/* Up to an offset, or a bit further; or to less far. */
static int range_upto(struct ipck_peek *peek, uint64_t offset, uint64_t end, struct ipck_range *out)
{
	const uint64_t page = peek->about.page, before = offset % page;
	uint64_t pages = (before + end - offset + page - 1) / page, same = 1;
	unsigned char states[LOOK_PAGES];
	int rc;

	pages = pages < LOOK_PAGES ? pages : LOOK_PAGES;
	rc = look(peek, offset - before, (size_t)pages, states);
	if (rc != 0)
		return peek_fail(peek, "looked at", rc);
	while (same < pages && ((states[same] ^ states[0]) & 1) == 0)
		same++;
	*out = (struct ipck_range){ offset, same * page - before,
				    content_of(peek, offset - before, (size_t)same,
					       (states[0] & 1) != 0) };
	if (out->bytes > peek->about.bytes - offset)
		out->bytes = peek->about.bytes - offset;
	return IPCK_OK;
}

static int attached_range(struct ipck_peek *peek, uint64_t offset, struct ipck_range *out)
{
	return range_upto(peek, offset, peek->about.bytes, out);
}

/* What is read becomes part of our memory, with what lies around it: it is let go of at once. */
static void let_go(const struct attached *attached, uint64_t begin, uint64_t end)
{
	enum { AROUND = 1 << 16 };
	const uint64_t first = (uint64_t)(uintptr_t)attached->address;
	const uint64_t from = begin / AROUND * AROUND, to = (end + AROUND - 1) / AROUND * AROUND;
	const uint64_t skip = from > first ? from - first : 0;
	const uint64_t upto = to - first < attached->mapped ? to - first : attached->mapped;

	madvise(attached->address + skip, upto - skip, MADV_DONTNEED);
}

static int read_data(struct ipck_peek *peek, uint64_t offset, void *to, size_t size)
{
	const struct attached *attached = attached_of(peek);
	const uint64_t at = (uint64_t)(uintptr_t)attached->address + offset;
	size_t done = 0;

	while (done < size) {
		const ssize_t length =
			pread(peek->fd, (char *)to + done, size - done, (off_t)(at + done));

		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			return peek_fail(peek, "read", length < 0 ? errno : EIO);
		done += (size_t)length;
	}
	let_go(attached, at, at + size);
	return IPCK_OK;
}

/* To read what was never written would allocate it: that is told before, and is zero. */
static int attached_read(struct ipck_peek *peek, uint64_t offset, void *to, size_t size)
{
	enum { PIECE = 1 << 20 };
	struct ipck_range range;
	int rc = IPCK_OK;

	for (size_t part; rc == IPCK_OK && size > 0; size -= part) {
		part = size < PIECE ? size : PIECE;
		rc = range_upto(peek, offset, offset + part, &range);
		if (rc != IPCK_OK)
			break;
		part = range.bytes < part ? (size_t)range.bytes : part;
		if (range.content == IPCK_CONTENT_HOLE)
			memset(to, 0, part);
		else
			rc = read_data(peek, offset, to, part);
		to = (char *)to + part;
		offset += part;
	}
	return rc;
}

static int attached_pages(struct ipck_peek *peek, uint64_t offset, size_t count,
			  unsigned char *states)
{
	const struct attached *attached = attached_of(peek);
	int rc = look(peek, offset, count, states);

	if (rc != 0)
		return peek_fail(peek, "looked at", rc);
	if (!attached->told) {
		memset(states, IPCK_PAGE_UNKNOWN, count);
		return IPCK_OK;
	}
	for (size_t i = 0, end; i < count; i = end) {
		unsigned char state = IPCK_PAGE_RESIDENT;

		for (end = i; end < count && (states[end] & 1) == (states[i] & 1); end++)
			;
		if ((states[i] & 1) == 0)
			state = never_written(peek, offset + i * peek->about.page, end - i)
					? 0
					: IPCK_PAGE_UNKNOWN;
		memset(states + i, state, end - i);
	}
	return IPCK_OK;
}

static void attached_close(struct ipck_peek *peek)
{
	shmdt(attached_of(peek)->address);
	free(peek->private);
}

static const struct peek_source attached_source = { attached_range, attached_read, attached_pages,
						    attached_close };

int peek_attached_take(struct ipck_peek *peek, char *address, uint64_t mapped)
{
	const int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	struct attached *attached;

	if (memory < 0)
		return peek_fail(peek, "read", errno);
	attached = calloc(1, sizeof(*attached));
	if (attached == NULL) {
		close(memory);
		return ipck_fail(peek->ctx, IPCK_ERR_MEMORY, "out of memory");
	}
	peek->fd = memory;
	attached->address = address;
	attached->mapped = mapped;
	peek->private = attached;
	peek->source = &attached_source;
	peek->about.bytes = peek->object.shm.size;
	peek->about.page = (uint64_t)sysconf(_SC_PAGESIZE);
	peek->about.changes = IPCK_CHANGES_ATTACHMENT;
	settle(peek);
	peek->about.holes_known = attached->settled;
	if (!attached->settled && (peek->may_change & ALL) == ALL)
		peek->about.changes |= ALL;
	return IPCK_OK;
}
