/* SPDX-License-Identifier: MIT */
/* A /dev/shm and an IPC namespace of the test program's own, children that the kernel refuses
 * things to, and objects collected from a place. */
#ifndef PLACES_H
#define PLACES_H

#include "source/posix.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static inline bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return written;
}

/* Without root, as root of a user namespace.  False: this machine refuses. */
static inline bool places_private(void)
{
	const unsigned uid = geteuid(), gid = getegid();
	char map[64];

	if (unshare(CLONE_NEWNS | CLONE_NEWIPC | (uid != 0 ? CLONE_NEWUSER : 0)) != 0)
		return false;
	if (uid != 0) {
		snprintf(map, sizeof(map), "0 %u 1", uid);
		if (!write_text("/proc/self/setgroups", "deny") ||
		    !write_text("/proc/self/uid_map", map))
			return false;
		snprintf(map, sizeof(map), "0 %u 1", gid);
		if (!write_text("/proc/self/gid_map", map))
			return false;
	}
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("unit", "/dev/shm", "tmpfs", MS_NODEV | MS_NOSUID, "mode=1777") == 0;
}

/* The kernel answers ENOSYS to these calls from now on; so it does to the children. */
static inline bool places_refuse(long first, long second)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)first, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)second, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = COUNT(filter), .filter = filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* A claim within a child, where cmocka has no say. */
#define CHILD(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "# %s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

/* Run a function in a child, which must end well. */
static inline void in_child(void (*work)(void))
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		work();
		_exit(0);
	}
	assert_true(waitpid(pid, &status, 0) == pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A child that prepares something and stays.  0: it could not. */
static inline pid_t stays(bool (*prepare)(void))
{
	int ready[2];
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
		close(ready[0]);
		if (!prepare() || write(ready[1], "r", 1) != 1)
			_exit(1);
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1) {
		waitpid(pid, NULL, 0);
		pid = 0;
	}
	close(ready[0]);
	return pid;
}

static inline void ends(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static struct ipck *ctx; /* made by main() */

struct found {
	struct ipck_object objects[64];
	size_t count;
	struct pool pool;
};

static inline int found_row(struct ipck_object *object, void *data)
{
	struct found *found = data;

	if (found->count == COUNT(found->objects))
		return IPCK_ERR_STOPPED;
	found->objects[found->count++] = *object;
	return IPCK_OK;
}

/* The object of that kind and name; NULL: none, or two. */
static inline const struct ipck_object *found_one(const struct found *found, enum ipck_kind kind,
						  const char *name)
{
	const struct ipck_object *one = NULL;

	for (size_t i = 0; i < found->count; i++) {
		const struct ipck_object *object = &found->objects[i];

		if (object->kind != kind || strcmp(object->name, name) != 0)
			continue;
		if (one != NULL)
			return NULL;
		one = object;
	}
	return one;
}

static inline void found_free(struct found *found)
{
	pool_free(&found->pool);
	*found = (struct found){ 0 };
}

#endif
