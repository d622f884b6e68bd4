/* SPDX-License-Identifier: MIT */
/* Links of /proc are followed by stat() alone: nothing is opened, nothing is mapped. */
#include "source/memory_files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/*
 * The kernel keeps memory files and shared anonymous memory on one tmpfs that is mounted nowhere;
 * those of huge pages are elsewhere.  A memory file of our own, gone at once, tells its device.
 */
static bool home_of_memory_files(dev_t *device)
{
	const int fd = memfd_create("ipckit", MFD_CLOEXEC);
	struct stat status;
	bool good;

	if (fd < 0)
		return false;
	good = fstat(fd, &status) == 0;
	close(fd);
	*device = status.st_dev;
	return good;
}

/* Another object may be behind the same number or address by now. */
static int read_blocks(const struct use *use, pid_t pid, uint64_t *bytes)
{
	struct stat status;
	char path[96];

	if (use->status_known) {
		*bytes = use->blocks * 512;
		return IPCK_OK;
	}
	if (use->fd < 0)
		snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, pid,
			 use->address, use->address + use->bytes);
	else if (use->tid != 0)
		snprintf(path, sizeof(path), "/proc/%d/task/%d/fd/%d", pid, use->tid, use->fd);
	else
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, use->fd);
	if (stat(path, &status) != 0)
		return (int)ipck_reason(errno);
	if (status.st_ino != use->object.number || major(status.st_dev) != use->object.major ||
	    minor(status.st_dev) != use->object.minor)
		return IPCK_ERR_NOT_FOUND;
	*bytes = (uint64_t)status.st_blocks * 512;
	return IPCK_OK;
}

/* Any of its uses leads to it.  What has none any more is gone, with its memory. */
static void add_object(const struct scan *scan, const struct use *uses, size_t count,
		       struct memory_files *files)
{
	int why = IPCK_ERR_NOT_FOUND;
	uint64_t bytes = 0;

	for (size_t i = 0; i < count && why != IPCK_OK; i++) {
		const int rc =
			read_blocks(&uses[i], scan->processes[uses[i].process].id.pid, &bytes);

		if (rc != IPCK_ERR_NOT_FOUND)
			why = rc;
	}
	if (why == IPCK_ERR_NOT_FOUND)
		return;
	files->objects++;
	files->bytes += bytes;
	if (why != IPCK_OK)
		files->why = why;
}

/* Anonymous memory bears the name of the device by which it was once made. */
static bool is_memory(const struct use *use, enum ipck_kind kind)
{
	return use->object.kind == kind &&
	       (kind == IPCK_MEMFD || (use->name != NULL && strcmp(use->name, "/dev/zero") == 0));
}

void memory_files_add_up(const struct scan *scan, enum ipck_kind kind, struct memory_files *files)
{
	dev_t home = 0;
	const bool known = home_of_memory_files(&home);
	size_t end;

	*files = (struct memory_files){ 0 };
	for (size_t begin = 0; begin < scan->use_count; begin = end) {
		const struct use *use = &scan->uses[begin];

		for (end = begin + 1; end < scan->use_count; end++)
			if (identity_compare(&use->object, &scan->uses[end].object) != 0)
				break;
		if (!is_memory(use, kind) || (known && (use->object.major != major(home) ||
							use->object.minor != minor(home))))
			continue;
		add_object(scan, use, end - begin, files);
	}
}
