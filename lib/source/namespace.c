/* SPDX-License-Identifier: MIT */
/*
 * Which namespaces threads live in: the inodes behind /proc/PID/ns, and moving into one of them.
 * Only the thread that is to move ever does, so the caller's process stays where it is.
 */
#include "source/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel gives its first pid namespace this inode: PROC_PID_INIT_INO. */
#define INITIAL_PID_NAMESPACE UINT64_C(0xeffffffc)

static uint64_t inode_of(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? status.st_ino : 0;
}

/* The thread's own, not the process's: setns() moves threads. */
uint64_t namespace_own_ipc(void)
{
	return inode_of("/proc/thread-self/ns/ipc");
}

uint64_t namespace_own_mount(void)
{
	return inode_of("/proc/thread-self/ns/mnt");
}

uint64_t namespace_own_net(void)
{
	return inode_of("/proc/thread-self/ns/net");
}

bool namespace_pids_are_inner(void)
{
	return inode_of("/proc/self/ns/pid") != INITIAL_PID_NAMESPACE;
}

static int of_process(pid_t pid, const char *file, uint64_t *ns)
{
	struct stat status;
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, file);
	if (pid < 1 || stat(path, &status) != 0)
		return pid < 1 ? -ESRCH : -errno;
	*ns = status.st_ino;
	return 0;
}

int namespace_ipc_of(pid_t pid, uint64_t *ns)
{
	return of_process(pid, "ipc", ns);
}

int namespace_net_of(pid_t pid, uint64_t *ns)
{
	return of_process(pid, "net", ns);
}

/* ---- Working inside one ---- */

static const struct namespace_kind {
	const char *file, *own;
	int flag;
} kinds[] = {
	[NAMESPACE_IPC] = { "ipc", "/proc/thread-self/ns/ipc", CLONE_NEWIPC },
	[NAMESPACE_NET] = { "net", "/proc/thread-self/ns/net", CLONE_NEWNET },
};

struct visit {
	struct ipck *ctx; /* the thread's alone while the caller waits for it */
	const struct namespace_kind *kind;
	pid_t pid;
	uint64_t ns;
	int (*work)(void *data);
	void *data;
	int result;
};

static int visit_failed(const struct visit *visit, int error)
{
	enum ipck_error reason = ipck_reason(error);

	/* Not that one of a process which ended; a kernel without such namespaces says EINVAL. */
	if (error == EINVAL)
		reason = IPCK_ERR_UNSUPPORTED;
	return ipck_fail(visit->ctx, reason, "%s namespace %llu of process %d: %s",
			 visit->kind->file, (unsigned long long)visit->ns, (int)visit->pid,
			 ipck_strerror(reason));
}

static int enter(const struct visit *visit)
{
	struct stat status;
	char path[40];
	int fd, error = 0;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)visit->pid, visit->kind->file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return visit_failed(visit, errno);
	/* The number may be another process's by now, or the process may have moved. */
	if (fstat(fd, &status) != 0 || status.st_ino != visit->ns)
		error = ESRCH;
	else if (setns(fd, visit->kind->flag) != 0)
		error = errno;
	close(fd);
	return error == 0 ? IPCK_OK : visit_failed(visit, error);
}

static void *visit_thread(void *data)
{
	struct visit *visit = data;

	visit->result = enter(visit);
	if (visit->result == IPCK_OK)
		visit->result = visit->work(visit->data);
	return NULL;
}

int namespace_run(struct ipck *ctx, enum namespace_type type, pid_t pid, uint64_t ns,
		  int (*work)(void *data), void *data)
{
	struct visit visit = { ctx, &kinds[type], pid, ns, work, data, IPCK_OK };
	sigset_t all, before;
	pthread_t thread;
	int error;

	if (ns == 0 || ns == inode_of(kinds[type].own))
		return work(data);
	/* The thread inherits the mask: no handler of the caller ever runs in there. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, NULL, visit_thread, &visit);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0)
		return ipck_fail(ctx, IPCK_ERR_MEMORY, "no thread to enter a namespace: %s",
				 ipck_strerror(IPCK_ERR_MEMORY));
	pthread_join(thread, NULL);
	return visit.result;
}
