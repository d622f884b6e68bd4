/* SPDX-License-Identifier: MIT */
/*
 * POSIX objects whose name is gone: they live on in the processes that hold them, and /proc leads
 * to their files.  Only what is known to be a regular file is opened.
 */
#include "source/posix.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define SHM_FOLDER "/dev/shm"

/* "/x" of "/dev/shm/x"; of a semaphore "/x" of "/dev/shm/sem.x"; a queue's path is its name. */
static int take_name(const char *path, struct pool *pool, struct ipck_object *object)
{
	const size_t length = strlen(SHM_FOLDER);
	char *name;

	if (path == NULL)
		return IPCK_OK;
	if (object->kind != IPCK_POSIX_MQ && strncmp(path, SHM_FOLDER "/", length + 1) == 0)
		path += length;
	name = pool_string(pool, path);
	if (name == NULL)
		return IPCK_ERR_MEMORY;
	if (object->kind == IPCK_POSIX_SEM && strncmp(name, "/sem.", 5) == 0) {
		name += 4;
		name[0] = '/';
	}
	object->name = name;
	return IPCK_OK;
}

/* The kind by what the path and the file say; 0 when the file can be none of them. */
static enum ipck_kind kind_now(enum ipck_kind kind, int handle, const struct stat *status)
{
	const long magic = kind == IPCK_POSIX_MQ ? POSIX_MQUEUE_MAGIC : TMPFS_MAGIC;
	struct statfs fs;

	if (!S_ISREG(status->st_mode) || fstatfs(handle, &fs) != 0 || fs.f_type != magic)
		return 0;
	/* what the caller saw of the name stands for the name */
	return kind == IPCK_POSIX_SEM ? posix_shm_kind("sem.x", status) : kind;
}

static void fill(struct ipck_object *object, enum ipck_kind kind, int handle,
		 const struct stat *status)
{
	char path[POSIX_HANDLE_PATH];

	posix_fill(object, kind, status);
	if (status->st_nlink == 0)
		object->status |= IPCK_STATUS_DELETED;
	if (kind == IPCK_POSIX_SHM) {
		posix_shm_fill(object, status);
	} else if (kind == IPCK_POSIX_SEM) {
		posix_sem_fill(object, handle);
	} else {
		posix_handle_path(handle, path);
		posix_mq_fill(object, AT_FDCWD, path, 0);
	}
}

int posix_read_deleted(struct ipck *ctx, enum ipck_kind kind, pid_t pid, int fd, uint64_t start,
		       uint64_t end, struct pool *pool, const char *name,
		       struct ipck_object *object)
{
	struct stat status;
	char path[96];
	int handle, error, rc;

	if (fd >= 0)
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
	else
		snprintf(path, sizeof(path), "/proc/%d/map_files/%llx-%llx", (int)pid,
			 (unsigned long long)start, (unsigned long long)end);
	/* By now the descriptor may be a pipe's: O_PATH opens none. */
	handle = open(path, O_PATH | O_CLOEXEC);
	error = handle < 0 || fstat(handle, &status) != 0 ? errno : 0;
	kind = error == 0 ? kind_now(kind, handle, &status) : 0;
	if (kind != 0)
		fill(object, kind, handle, &status);
	if (handle >= 0)
		close(handle);
	if (kind == 0) {
		rc = error != 0 ? ipck_reason(error) : IPCK_ERR_NOT_FOUND;
		return ipck_fail(ctx, rc, "%s: %s", path, ipck_strerror(rc));
	}
	rc = take_name(name, pool, object);
	return rc == IPCK_OK ? rc : posix_no_memory(ctx);
}
