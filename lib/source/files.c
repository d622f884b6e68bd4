/* SPDX-License-Identifier: MIT */
/* A walk by open folders, so that nobody who renames one can lead it elsewhere. */
#include "source/files.h"

#include "base/context.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 64 /* a descriptor each */

struct walk {
	struct files files;
	dev_t device;
	int why; /* the first reason for what was not seen */
	struct linked {
		ino_t inode;
		uint64_t bytes;
		bool nested;
	} * linked; /* files with several names: counted at the end */
	size_t count, size;
};

static void missed(struct walk *walk, int why)
{
	if (walk->why == IPCK_OK)
		walk->why = why;
}

static void add_linked(struct walk *walk, const struct stat *status, uint64_t bytes, bool nested)
{
	if (walk->count == walk->size) {
		const size_t size = walk->size > 0 ? walk->size * 2 : 64;
		void *linked = reallocarray(walk->linked, size, sizeof(*walk->linked));

		if (linked == NULL) {
			missed(walk, IPCK_ERR_MEMORY);
			return;
		}
		walk->linked = linked;
		walk->size = size;
	}
	walk->linked[walk->count++] = (struct linked){ status->st_ino, bytes, nested };
}

static void walk_folder(struct walk *walk, int parent, const char *name, unsigned depth);

static void add_entry(struct walk *walk, int folder, const char *name, unsigned depth)
{
	struct stat status;
	uint64_t bytes;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return;
	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) {
		if (errno != ENOENT) /* else it was removed meanwhile */
			missed(walk, ipck_reason(errno));
		return;
	}
	if (status.st_dev != walk->device)
		return;
	bytes = (uint64_t)status.st_blocks * 512;
	if (S_ISDIR(status.st_mode))
		walk_folder(walk, folder, name, depth + 1);
	else if (status.st_nlink > 1)
		add_linked(walk, &status, bytes, depth > 0);
	else if (depth > 0)
		walk->files.nested += bytes;
	else
		walk->files.listed += bytes;
}

/* O_NOATIME, since looking is not using; only the owner and root may say so. */
static int open_folder(int parent, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	const int fd = openat(parent, name, flags | O_NOATIME);

	return fd < 0 && errno == EPERM ? openat(parent, name, flags) : fd;
}

static void walk_folder(struct walk *walk, int parent, const char *name, unsigned depth)
{
	const int fd = depth < DEPTH_MAX ? open_folder(parent, name) : (errno = EMFILE, -1);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	if (folder == NULL) {
		if (errno != ENOENT)
			missed(walk, ipck_reason(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((errno = 0, entry = readdir(folder)) != NULL)
		add_entry(walk, fd, entry->d_name, depth);
	if (errno != 0)
		missed(walk, ipck_reason(errno));
	closedir(folder);
}

static int by_inode(const void *a, const void *b)
{
	const struct linked *left = a, *right = b;

	if (left->inode != right->inode)
		return left->inode < right->inode ? -1 : 1;
	return left->nested - right->nested;
}

static void add_up_linked(struct walk *walk)
{
	if (walk->count > 0)
		qsort(walk->linked, walk->count, sizeof(*walk->linked), by_inode);
	for (size_t i = 0; i < walk->count; i++) {
		const struct linked *file = &walk->linked[i];

		if (i > 0 && file->inode == walk->linked[i - 1].inode)
			continue;
		*(file->nested ? &walk->files.nested : &walk->files.listed) += file->bytes;
	}
}

int files_add_up(int folder, struct files *files)
{
	struct walk walk = { 0 };
	struct stat status;

	*files = (struct files){ 0 };
	if (fstat(folder, &status) != 0)
		return ipck_reason(errno);
	walk.device = status.st_dev;
	walk_folder(&walk, folder, ".", 0);
	add_up_linked(&walk);
	free(walk.linked);
	*files = walk.files;
	return walk.why;
}
