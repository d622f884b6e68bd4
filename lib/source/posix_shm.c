/* SPDX-License-Identifier: MIT */
/*
 * The files on /dev/shm, in its folders too.  Only what a name means is asked, by fstatat();
 * nothing but folders and the files of semaphores is opened.
 */
#include "source/posix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define DEPTH_MAX 32 /* folders in folders; deeper ones count as not seen */

struct shm_walk {
	struct posix_walk *walk;
	void *linked; /* inodes that have more names than one and were given: tsearch(3) */
	char path[1 + DEPTH_MAX * (NAME_MAX + 1) + NAME_MAX + 1];
};

enum ipck_kind posix_shm_kind(const char *path, const struct stat *status)
{
	/* By the sizes of sem_t: 32 bytes for 64-bit programs, 16 for 32-bit ones. */
	if (strncmp(path, "sem.", 4) == 0 && path[4] != '\0' && strchr(path, '/') == NULL &&
	    (status->st_size == 32 || status->st_size == 16))
		return IPCK_POSIX_SEM;
	return IPCK_POSIX_SHM;
}

void posix_shm_fill(struct ipck_object *object, const struct stat *status)
{
	object->posix_shm = (struct ipck_posix_shm){
		.size = (uint64_t)status->st_size,
		.rss = (uint64_t)status->st_blocks * 512,
		.mtime = status->st_mtime > 0 ? status->st_mtime : 0,
		.atime = status->st_atime > 0 ? status->st_atime : 0,
	};
}

static int compare_inodes(const void *a, const void *b)
{
	const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

/* Was this file given already, by another of its names?  Or IPCK_ERR_MEMORY. */
static int given(struct shm_walk *shm, const struct stat *status)
{
	const uint64_t number = status->st_ino;
	uint64_t *inode;

	if (status->st_nlink < 2)
		return 0;
	if (tfind(&number, &shm->linked, compare_inodes) != NULL)
		return 1;
	inode = pool_alloc(shm->walk->pool, sizeof(*inode));
	if (inode == NULL)
		return posix_no_memory(shm->walk->ctx);
	*inode = number;
	if (tsearch(inode, &shm->linked, compare_inodes) == NULL)
		return posix_no_memory(shm->walk->ctx);
	return 0;
}

static void keep(void *inode)
{
	(void)inode; /* the pool's */
}

/*
 * sem_open() makes a semaphore as sem.XXXXXX, gives it its name by link() and unlinks the first.
 * While both are there, the other one is its name.
 */
static bool is_temporary(const char *name, const struct stat *status)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	return status->st_nlink > 1 && strncmp(name, "sem.", 4) == 0 && strlen(name) == 10 &&
	       strspn(name + 4, letters) == 6;
}

static int give(struct shm_walk *shm, int folder, const char *leaf, const struct stat *status)
{
	struct posix_walk *walk = shm->walk;
	const enum ipck_kind kind = posix_shm_kind(shm->path + 1, status);
	struct ipck_object object;
	char *name;
	int seen;

	if ((walk->kinds & kind) == 0)
		return IPCK_OK;
	seen = given(shm, status);
	if (seen != 0)
		return seen < 0 ? seen : IPCK_OK;
	posix_fill(&object, kind, status);
	if (kind == IPCK_POSIX_SHM) {
		posix_shm_fill(&object, status);
	} else {
		int handle = openat(folder, leaf, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		struct stat now;

		if (handle < 0 && errno == ENOENT)
			return IPCK_OK; /* gone meanwhile */
		if (handle >= 0 && fstat(handle, &now) == 0 && now.st_ino == status->st_ino &&
		    posix_is_file(walk->place, &now))
			posix_sem_fill(&object, handle);
		else
			object.unknown.denied |= IPCK_POSIX_SEM_VALUE;
		if (handle >= 0)
			close(handle);
	}
	name = pool_string(walk->pool, shm->path);
	if (name == NULL)
		return posix_no_memory(walk->ctx);
	if (kind == IPCK_POSIX_SEM) {
		/* "/sem.x" is the semaphore "/x" */
		name += 4;
		name[0] = '/';
	}
	object.name = name;
	return walk->row(&object, walk->data);
}

static int walk_folder(struct shm_walk *shm, int fd, size_t length, unsigned depth);

/* A folder in a folder; path holds its name, length bytes. */
static int enter(struct shm_walk *shm, int folder, const char *leaf, size_t length, unsigned depth)
{
	const struct posix_place *place = shm->walk->place;
	struct stat status;
	int fd;

	if (depth == DEPTH_MAX) {
		shm->walk->unseen++;
		return IPCK_OK;
	}
	fd = posix_folder(folder, leaf);
	if (fd < 0) {
		/* ENOENT and what O_NOFOLLOW says of a link: another thing by now */
		if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			shm->walk->unseen++;
		return IPCK_OK;
	}
	if (fstat(fd, &status) != 0 || major(status.st_dev) != place->major ||
	    minor(status.st_dev) != place->minor) {
		close(fd); /* something was mounted there */
		return IPCK_OK;
	}
	return walk_folder(shm, fd, length, depth + 1);
}

/*
 * One name in a folder.  late: only those that were put off; *put_off says that there are some.
 */
static int look(struct shm_walk *shm, int folder, const char *leaf, size_t length, unsigned depth,
		bool late, bool *put_off)
{
	const struct posix_place *place = shm->walk->place;
	struct stat status;

	if (strcmp(leaf, ".") == 0 || strcmp(leaf, "..") == 0)
		return IPCK_OK;
	if (fstatat(folder, leaf, &status, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) {
		if (errno != ENOENT)
			shm->walk->unseen++;
		return IPCK_OK;
	}
	shm->path[length] = '/';
	memcpy(shm->path + length + 1, leaf, strlen(leaf) + 1);
	if (posix_is_file(place, &status)) {
		const bool temporary = depth == 0 && is_temporary(leaf, &status);

		*put_off |= temporary;
		return temporary == late ? give(shm, folder, leaf, &status) : IPCK_OK;
	}
	if (late || !S_ISDIR(status.st_mode) || major(status.st_dev) != place->major ||
	    minor(status.st_dev) != place->minor)
		return IPCK_OK;
	return enter(shm, folder, leaf, length + 1 + strlen(leaf), depth);
}

/* All names of a folder, whose descriptor it closes.  path holds its own, length bytes. */
static int walk_folder(struct shm_walk *shm, int fd, size_t length, unsigned depth)
{
	DIR *folder = fdopendir(fd);
	bool put_off = false;
	int rc = IPCK_OK;

	if (folder == NULL) {
		close(fd);
		return posix_no_memory(shm->walk->ctx);
	}
	for (int pass = 0; rc == IPCK_OK && (pass == 0 || (pass == 1 && put_off)); pass++) {
		struct dirent *entry = NULL;

		while (rc == IPCK_OK && (errno = 0, entry = readdir(folder)) != NULL)
			rc = look(shm, fd, entry->d_name, length, depth, pass == 1, &put_off);
		if (rc == IPCK_OK && errno != 0)
			shm->walk->unseen++;
		rewinddir(folder);
	}
	closedir(folder);
	return rc;
}

int posix_shm_each(struct posix_walk *walk)
{
	struct shm_walk shm = { .walk = walk };
	int fd = posix_folder(walk->place->dir, ".");
	int rc;

	if (fd < 0) {
		walk->unseen++;
		return IPCK_OK;
	}
	rc = walk_folder(&shm, fd, 0, 0);
	tdestroy(shm.linked, keep);
	return rc;
}
