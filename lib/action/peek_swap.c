/* SPDX-License-Identifier: MIT */
/*
 * What is in swap, by cachestat(2) (Linux 6.5), which counts pages.  On older kernels by
 * mincore(2), which takes for memory what is on its way to swap or back, and in both.
 */
#include "action/peek_swap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#ifndef SYS_cachestat
#define SYS_cachestat 451 /* everywhere but on alpha */
#endif

#define LOOK_PAGES 16384u /* looked at in one go */

bool peek_swap_is_used(void)
{
	struct sysinfo info;

	return sysinfo(&info) != 0 || info.totalswap != info.freeswap;
}

/* ---- By cachestat ---- */

static int count_pages(const void *data, uint64_t first, uint64_t pages, uint64_t *resident,
		       uint64_t *swapped)
{
	const struct ipck_peek *peek = data;
	struct {
		uint64_t offset, bytes;
	} range = { first * peek->about.page, pages * peek->about.page };
	struct {
		uint64_t cache, dirty, writeback, evicted, recently_evicted;
	} counts = { 0 };

	if (syscall(SYS_cachestat, peek->fd, &range, &counts, 0u) != 0)
		return -errno;
	*resident = counts.cache;
	*swapped = counts.evicted;
	return 0;
}

/* Are these pages all in memory, or all in swap?  1, 0 or -errno. */
static int all_are(peek_swap_count *count, const void *data, uint64_t first, uint64_t pages,
		   bool swapped)
{
	uint64_t in_memory, in_swap;
	const int rc = count(data, first, pages, &in_memory, &in_swap);

	return rc != 0 ? rc : (swapped ? in_memory : in_swap) == 0;
}

/*
 * Wider and wider, until there is another one among them, and then by halves: a call costs by its
 * pages, and most often all are in memory.
 */
int64_t peek_swap_run(peek_swap_count *count, const void *data, uint64_t first, uint64_t most,
		      bool *swapped)
{
	uint64_t same = 1, wide = 2;
	int rc = all_are(count, data, first, most, false);

	*swapped = false;
	if (rc != 0)
		return rc < 0 ? rc : (int64_t)most;
	rc = all_are(count, data, first, 1, false);
	*swapped = rc == 0;
	while (rc >= 0 && same < most) {
		wide = wide < most ? wide : most;
		rc = all_are(count, data, first, wide, *swapped);
		if (rc <= 0)
			break;
		same = wide;
		wide *= 2;
	}
	while (rc >= 0 && same < most && wide - same > 1) {
		const uint64_t middle = same + (wide - same) / 2;

		rc = all_are(count, data, first, middle, *swapped);
		*(rc > 0 ? &same : &wide) = middle;
	}
	return rc < 0 ? rc : (int64_t)same;
}

/* ---- By mincore ---- */

/*
 * Both calls tell only who owns the file or may write it; to others mincore() says that all is in
 * memory.  Nobody but an owner, or CAP_FOWNER, may set O_NOATIME.
 */
static bool is_told(int fd)
{
	const int flags = fcntl(fd, F_GETFL);
	char path[48];

	if (flags >= 0 && ((flags & O_NOATIME) != 0 || fcntl(fd, F_SETFL, flags | O_NOATIME) == 0))
		return true;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

/* As peek_swap_run(), by a mapping of our own. */
static int64_t run_in_memory(const struct ipck_peek *peek, uint64_t first, uint64_t most,
			     bool *swapped)
{
	const size_t bytes = (size_t)(most * peek->about.page);
	unsigned char states[LOOK_PAGES];
	int64_t same = 1;
	int error;
	void *map = mmap(NULL, bytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, peek->fd,
			 (off_t)(first * peek->about.page));

	if (map == MAP_FAILED)
		return -errno;
	error = mincore(map, bytes, states) != 0 ? errno : 0;
	munmap(map, bytes);
	if (error != 0)
		return -error;
	while (same < (int64_t)most && ((states[same] ^ states[0]) & 1) == 0)
		same++;
	*swapped = (states[0] & 1) == 0;
	return same;
}

int peek_swap_split(const struct ipck_peek *peek, struct ipck_range *range)
{
	const uint64_t page = peek->about.page, before = range->offset % page;
	const uint64_t first = range->offset / page;
	uint64_t most = (before + range->bytes + page - 1) / page;
	bool swapped = false;
	int64_t same;

	if (!is_told(peek->fd)) {
		range->content = IPCK_CONTENT_UNKNOWN;
		return IPCK_OK;
	}
	most = most < LOOK_PAGES ? most : LOOK_PAGES;
	same = peek_swap_run(count_pages, peek, first, most, &swapped);
	if (same < 0)
		same = run_in_memory(peek, first, most, &swapped);
	if (same < 0)
		return peek_fail(peek, "looked at", (int)same);
	if ((uint64_t)same * page - before < range->bytes)
		range->bytes = (uint64_t)same * page - before;
	range->content = swapped ? IPCK_CONTENT_SWAPPED : IPCK_CONTENT_DATA;
	return IPCK_OK;
}
