/* SPDX-License-Identifier: MIT */
/*
 * Sending a signal to one process and no later one with its number.  A pidfd does not keep the
 * number from being given again, but it stays with its process: so it is opened first, then the
 * start time behind the number is compared, and then the signal goes through the descriptor.
 */
#include "action/send.h"
#include "base/context.h"
#include "source/process.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel lacks the call, or a filter for system calls answers in its place. */
static bool missing(int error)
{
	return error == ENOSYS || error == EPERM || error == EACCES;
}

static int signal_fail(struct ipck *ctx, pid_t pid, int signo, int error)
{
	if (error == ESRCH)
		return ipck_fail(ctx, IPCK_ERR_NOT_FOUND, "pid:%d: no such process", (int)pid);
	if (error == EPERM || error == EACCES)
		return ipck_fail(ctx, IPCK_ERR_DENIED, "pid:%d: not permitted to signal it",
				 (int)pid);
	if (error == EINVAL)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "pid:%d: no signal %d", (int)pid, signo);
	return ipck_fail(ctx, IPCK_ERR_SYSTEM, "pid:%d: cannot be signalled: %s", (int)pid,
			 strerror(error));
}

/* fd: -1 where there are no pidfds.  0 or an errno. */
static int send_signal(int fd, pid_t pid, int signo)
{
	const int error = fd >= 0 ? send_through(fd, signo) : ENOSYS;

	if (error != ENOSYS)
		return error;
	return kill(pid, signo) == 0 ? 0 : errno;
}

/* Is this number still that process's? */
static int compare(struct ipck *ctx, const struct ipck_process_id *process, int fd)
{
	uint64_t start_time;
	int rc = process_start_time(process->pid, &start_time);

	if (rc == IPCK_ERR_NOT_FOUND && send_signal(fd, process->pid, 0) != ESRCH)
		return ipck_fail(ctx, IPCK_ERR_DENIED,
				 "pid:%d: hidden: cannot see whether it is still the same process",
				 (int)process->pid);
	if (rc == IPCK_ERR_NOT_FOUND)
		return signal_fail(ctx, process->pid, 0, ESRCH);
	if (rc != IPCK_OK)
		return ipck_fail(ctx, rc,
				 "pid:%d: not signalled: /proc shows another pid namespace",
				 (int)process->pid);
	if (start_time != process->start_time)
		return ipck_fail(ctx, IPCK_ERR_CHANGED,
				 "pid:%d: another process has the number by now",
				 (int)process->pid);
	return IPCK_OK;
}

IPCK_API int ipck_signal(struct ipck *ctx, const struct ipck_process_id *process, int signo,
			 int *pidfd)
{
	const pid_t pid = process->pid;
	int fd, rc, error;

	if (pidfd != NULL)
		*pidfd = -1;
	/* Below 1 are groups and "all". */
	if (pid < 1)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "pid:%d: not a process", (int)pid);
	if (signo < 0 || signo > SIGRTMAX)
		return signal_fail(ctx, pid, signo, EINVAL);
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0 && !missing(errno) && errno != EMFILE && errno != ENFILE)
		/* EINVAL and ENOENT: a thread's number, or a process on its way out. */
		return signal_fail(ctx, pid, signo,
				   errno == EINVAL || errno == ENOENT ? ESRCH : errno);
	rc = compare(ctx, process, fd);
	if (rc == IPCK_OK && signo != 0) {
		error = send_signal(fd, pid, signo);
		if (error != 0)
			rc = signal_fail(ctx, pid, signo, error);
	}
	if (rc == IPCK_OK && pidfd != NULL)
		*pidfd = fd;
	else if (fd >= 0)
		close(fd);
	return rc;
}
