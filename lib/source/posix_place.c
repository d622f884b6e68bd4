/* SPDX-License-Identifier: MIT */
/*
 * The tmpfs on /dev/shm, our own or the one that another process sees.  Whoever lives in a
 * container can put anything there: no link is followed, no way out of its root exists.
 */
#include "source/posix.h"

#include "base/below.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define FOLDER (O_PATH | O_DIRECTORY | O_CLOEXEC)

/* /dev/shm of a process, or -1 and errno.  *root_error tells failures of the process from others.
 */
static int shm_of(pid_t pid, bool *no_process)
{
	char path[64];
	int root, fd, error;

	snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
	root = open(path, FOLDER);
	*no_process = root < 0 && (errno == ENOENT || errno == ESRCH);
	if (root < 0)
		return -1;
	fd = open_below(root, "dev/shm", FOLDER);
	error = errno;
	close(root);
	errno = error;
	return fd;
}

static int fail(struct ipck *ctx, enum ipck_error reason, pid_t pid, const char *why)
{
	if (pid == 0)
		return ipck_fail(ctx, reason, "/dev/shm: %s", why);
	return ipck_fail(ctx, reason, "/proc/%d/root/dev/shm: %s", (int)pid, why);
}

int posix_shm_open(struct ipck *ctx, pid_t pid, struct posix_place *place)
{
	struct statfs fs;
	struct stat status;
	bool no_process = false;

	*place = (struct posix_place){ .pid = pid };
	/* Our own is where the C library goes, and may be a link that root made. */
	place->dir = pid == 0 ? open("/dev/shm", FOLDER) : shm_of(pid, &no_process);
	if (place->dir < 0) {
		switch (errno) {
		case EACCES:
		case EPERM:
			return fail(ctx, IPCK_ERR_DENIED, pid, "permission denied");
		case ENOMEM:
			return posix_no_memory(ctx);
		default:
			return no_process ? fail(ctx, IPCK_ERR_NOT_FOUND, pid, "no such process")
					  : fail(ctx, IPCK_ERR_UNSUPPORTED, pid, "not there");
		}
	}
	if (fstatfs(place->dir, &fs) != 0 || fs.f_type != TMPFS_MAGIC ||
	    fstat(place->dir, &status) != 0) {
		posix_close(place);
		return fail(ctx, IPCK_ERR_UNSUPPORTED, pid, "no tmpfs");
	}
	place->major = major(status.st_dev);
	place->minor = minor(status.st_dev);
	return IPCK_OK;
}
