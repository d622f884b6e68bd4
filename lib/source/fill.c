/* SPDX-License-Identifier: MIT */
/*
 * A pipe tells how full it is only through a descriptor.  Opening /proc/PID/fd/N would make a new
 * end, which the kernel counts; pidfd_getfd() shares the one that there is.
 */
#include "source/fill.h"

#include "base/context.h"
#include "base/lines.h"
#include "source/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#define PIDFD_THREAD_FLAG O_EXCL /* PIDFD_THREAD, Linux 6.9 */

static int open_process(const struct fill_end *end)
{
	const pid_t pid = end->tid != 0 ? end->tid : end->process.pid;
	const unsigned flags = end->tid != 0 ? PIDFD_THREAD_FLAG : 0;
	int pidfd = (int)syscall(SYS_pidfd_open, pid, flags);

	if (pidfd < 0)
		return errno == EINVAL ? -ENOSYS : -errno;
	return pidfd;
}

/* Asked after the pidfd was opened: from then on the number cannot go to another process unseen. */
static bool is_same(const struct ipck_process_id *process)
{
	char path[32], text[1024];
	const char *command;
	uint64_t start_time;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)process->pid);
	return file_read(AT_FDCWD, path, text, sizeof(text)) > 0 &&
	       process_parse_stat(text, &command, &start_time) && start_time == process->start_time;
}

static int look(int fd, const struct fill_end *end, struct fill *fill)
{
	struct pollfd events = { .fd = fd, .events = POLLOUT };
	struct stat status;
	int bytes = 0, size;

	if (fstat(fd, &status) != 0)
		return -errno;
	if (!S_ISFIFO(status.st_mode) || status.st_ino != end->inode ||
	    ((end->major != 0 || end->minor != 0) &&
	     status.st_dev != makedev(end->major, end->minor)))
		return -ENOENT;
	size = fcntl(fd, F_GETPIPE_SZ);
	if (size < 0 || ioctl(fd, FIONREAD, &bytes) != 0 || poll(&events, 1, 0) < 0)
		return -errno;
	*fill = (struct fill){ .used = (uint64_t)bytes, .size = (uint64_t)size };
	/* Pages that are not filled to their end make a pipe full early: only poll() knows. */
	fill->full = bytes >= size;
	fill->readers_known = end->may_write;
	if (end->may_write) {
		fill->no_reader = (events.revents & POLLERR) != 0;
		fill->full = (events.revents & POLLOUT) == 0;
	} else {
		fill->no_writer = (events.revents & POLLHUP) != 0;
		fill->writers_known = fill->no_writer || (end->major == 0 && end->minor == 0);
	}
	return 0;
}

static int borrow(int pidfd, const struct fill_end *end, struct fill *fill)
{
	int fd = (int)syscall(SYS_pidfd_getfd, pidfd, end->fd, 0);
	int rc;

	if (fd < 0)
		return errno == EBADF ? -ENOENT : -errno;
	rc = look(fd, end, fill);
	close(fd);
	return rc;
}

int fill_read(const struct fill_end *end, struct fill *fill)
{
	sigset_t all, before;
	int pidfd = open_process(end), rc;

	if (pidfd < 0)
		return ipck_reason(-pidfd);
	if (!is_same(&end->process)) {
		close(pidfd);
		return IPCK_ERR_NOT_FOUND;
	}
	/* A signal that stopped or ended us here would keep the end from being closed in time. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = borrow(pidfd, end, fill);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(pidfd);
	return ipck_reason(-rc);
}
