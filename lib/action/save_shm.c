/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a segment.  Reading a page that was never written would allocate it, so what is
 * resident is found out first: through /proc/self/map_files, whose file knows its holes; without
 * the right to that by mincore(2), when it accounts for all that /proc/sysvipc/shm counts and
 * nothing is in swap.  Where neither tells, all is read.
 *
 * Nothing is read by touching it: a page that cannot be had would end the whole process (SIGBUS).
 */
#include "action/save.h"
#include "action/sparse.h"
#include "source/sysv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

struct segment {
	struct save *save;
	char *address;
	uint64_t size, page;
};

static uint64_t pages(const struct segment *segment)
{
	return segment->size / segment->page + (segment->size % segment->page != 0);
}

/* The file behind our own mapping of the segment; needs CAP_CHECKPOINT_RESTORE.  -1: no. */
static int open_file(const struct segment *segment)
{
	char path[80];

	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx",
		 (unsigned long)segment->address,
		 (unsigned long)segment->address + (unsigned long)(pages(segment) * segment->page));
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* One byte a page, set when it is in memory; NULL when that is not all there is. */
static unsigned char *resident(const struct segment *segment)
{
	const size_t count = (size_t)pages(segment);
	unsigned char *in_memory = malloc(count);
	struct ipck_object now = *segment->save->object, *list = &now;
	uint64_t found = 0;

	if (in_memory == NULL || mincore(segment->address, (size_t)segment->size, in_memory) != 0)
		goto none;
	for (size_t i = 0; i < count; i++)
		found += in_memory[i] & 1;
	/* Asked for after the pages: what came to memory in between makes the two differ. */
	now.known &= ~(uint32_t)(IPCK_SHM_RSS | IPCK_SHM_SWAP);
	sysv_add_rss(&list, 1);
	if ((now.known & IPCK_SHM_RSS) == 0 || (now.known & IPCK_SHM_SWAP) == 0 ||
	    now.shm.swap != 0 || now.shm.rss != found * segment->page)
		goto none;
	return in_memory;
none:
	free(in_memory);
	return NULL;
}

/* Through /proc/self/mem: what cannot be read is an error there, and no signal. */
static int copy_memory(const struct segment *segment, const unsigned char *in_memory)
{
	struct sparse copy = { .base = (uint64_t)(uintptr_t)segment->address,
			       .to = segment->save->fd };
	uint64_t begin = 0;
	int rc = 0;

	copy.from = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	if (copy.from < 0)
		return -errno;
	for (uint64_t i = 0; in_memory != NULL && rc == 0 && i < pages(segment); i++) {
		if ((in_memory[i] & 1) != 0)
			continue;
		rc = sparse_copy(&copy, begin, i * segment->page);
		begin = (i + 1) * segment->page;
	}
	if (rc == 0)
		rc = sparse_copy(&copy, begin, segment->size);
	close(copy.from);
	return rc == 0 && ftruncate(copy.to, (off_t)segment->size) != 0 ? -errno : rc;
}

static int copy_segment(const struct segment *segment)
{
	int fd = open_file(segment), rc;
	unsigned char *in_memory;

	if (fd >= 0) {
		rc = sparse_copy_file(fd, segment->save->fd, segment->size);
		close(fd);
		return rc;
	}
	in_memory = resident(segment);
	rc = copy_memory(segment, in_memory);
	free(in_memory);
	return rc;
}

int save_shm(struct save *save)
{
	struct segment segment = { .save = save,
				   .size = save->object->shm.size,
				   .page = (uint64_t)sysconf(_SC_PAGESIZE) };
	int rc;

	if (segment.size > SIZE_MAX || segment.size > INT64_MAX)
		return save_fail(save, "saved", EFBIG);
	segment.address = shmat(save->object->id, NULL, SHM_RDONLY);
	if (segment.address == (void *)-1)
		return save_fail(save, "attached", errno);
	save->result.touched = true;
	save->result.bytes = segment.size;
	rc = copy_segment(&segment);
	shmdt(segment.address);
	return rc == 0 ? IPCK_OK : save_fail(save, "saved", rc);
}
