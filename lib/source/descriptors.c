/* SPDX-License-Identifier: MIT */
/* The links of /proc/PID/fd, and statx() through them, which asks no server of a file system. */
#include "source/descriptors.h"

#include "base/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>

/* "pipe:[4711]" and "socket:[4711]": the inode is unique on a device of their own. */
static bool numbered(const char *link, const char *name, uint64_t *number)
{
	const char *p = link;

	return parse_literal(&p, name) && parse_literal(&p, ":[") &&
	       parse_upto(&p, 10, UINT64_MAX, number) && strcmp(p, "]") == 0;
}

static const struct {
	const char *link;
	enum ipck_kind kind;
} anonymous[] = {
	{ "anon_inode:[eventfd]", IPCK_EVENTFD }, { "anon_inode:[eventpoll]", IPCK_EPOLL },
	{ "anon_inode:[timerfd]", IPCK_TIMERFD }, { "anon_inode:[signalfd]", IPCK_SIGNALFD },
	{ "anon_inode:inotify", IPCK_INOTIFY },   { "anon_inode:[pidfd]", IPCK_PIDFD },
};

enum ipck_kind descriptor_of_link(const char *link, uint64_t *number)
{
	if (numbered(link, "pipe", number))
		return IPCK_PIPE;
	if (numbered(link, "socket", number))
		return IPCK_UNIX;
	if (numbered(link, "pidfd", number))
		return IPCK_PIDFD;
	for (size_t i = 0; i < sizeof(anonymous) / sizeof(anonymous[0]); i++)
		if (strcmp(link, anonymous[i].link) == 0)
			return anonymous[i].kind;
	return 0;
}

enum ipck_kind descriptor_of_file(const char *link, const struct stat *status, bool memory)
{
	if (S_ISFIFO(status->st_mode))
		return IPCK_FIFO;
	return memory && S_ISREG(status->st_mode) && strncmp(link, "/memfd:", 7) == 0 ? IPCK_MEMFD
										      : 0;
}

bool descriptor_status(int dir, const char *path, struct stat *status)
{
	struct statx known;

	if (statx(dir, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &known) !=
	    0) /* EINVAL: glibc's stand-in for it does not know the flag */
		return (errno == ENOSYS || errno == EINVAL) && fstatat(dir, path, status, 0) == 0;
	*status = (struct stat){ .st_dev = makedev(known.stx_dev_major, known.stx_dev_minor),
				 .st_ino = known.stx_ino,
				 .st_nlink = known.stx_nlink,
				 .st_rdev = makedev(known.stx_rdev_major, known.stx_rdev_minor),
				 .st_mode = known.stx_mode,
				 .st_uid = known.stx_uid,
				 .st_gid = known.stx_gid,
				 .st_size = (off_t)known.stx_size,
				 .st_blocks = (blkcnt_t)known.stx_blocks };
	return true;
}

bool descriptor_cut_deleted(char *path)
{
	static const char mark[] = " (deleted)";
	const size_t length = strlen(path), cut = sizeof(mark) - 1;

	if (length <= cut || strcmp(path + length - cut, mark) != 0)
		return false;
	path[length - cut] = '\0';
	return true;
}
