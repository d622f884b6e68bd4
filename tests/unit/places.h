/* SPDX-License-Identifier: MIT */
/* A /dev/shm and an IPC namespace of the test program's own, children that the kernel refuses
 * things to, and objects collected from a place. */
#ifndef PLACES_H
#define PLACES_H

#include "source/posix.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
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

/* A /dev with shm, mqueue and null: not every machine has the second. */
static inline bool places_dev(void)
{
	char null[64];
	int fd = open("/dev/null", O_PATH | O_CLOEXEC);
	bool made;

	snprintf(null, sizeof(null), "/proc/self/fd/%d", fd);
	made = fd >= 0 && mount("unit", "/dev", "tmpfs", 0, "mode=755") == 0 &&
	       mkdir("/dev/shm", 0755) == 0 && mkdir("/dev/mqueue", 0755) == 0 &&
	       mknod("/dev/null", S_IFREG | 0644, 0) == 0 &&
	       mount(null, "/dev/null", "none", MS_BIND, NULL) == 0 &&
	       mount("unit", "/dev/shm", "tmpfs", MS_NODEV | MS_NOSUID, "mode=1777") == 0;
	if (fd >= 0)
		close(fd);
	return made;
}

static bool real_root; /* not only of a user namespace: may become another user */

/* Without root, as root of a user namespace.  False: this machine refuses. */
static inline bool places_private(void)
{
	const unsigned uid = geteuid(), gid = getegid();
	char map[64];

	real_root = uid == 0;
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
	return mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 && places_dev();
}

/* The kernel answers ENOSYS to these two calls from now on; so it does to the children. */
static inline bool places_refuse_both(long first, long second)
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

/* The same for one call; valgrind 3.19, which has no filters, does not know those meant here. */
static inline bool places_refuse(long call)
{
	return (syscall(call, -1, NULL, NULL, 0) == -1 && errno == ENOSYS) ||
	       places_refuse_both(call, call);
}

/* A claim within a child, where cmocka has no say. */
#define CHILD(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "# %s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

/* Become a user without any right, for good. */
static inline bool become_nobody(void)
{
	return setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0 &&
	       setresuid(65534, 65534, 65534) == 0;
}

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

#define BOTH (IPCK_POSIX_SHM | IPCK_POSIX_SEM)

/* What process pid, 0 for ourselves, sees at /dev/shm. */
static inline int list_shm(pid_t pid, unsigned kinds, struct found *found)
{
	struct posix_place place;
	int rc;

	*found = (struct found){ 0 };
	rc = posix_shm_open(ctx, pid, &place);
	if (rc != IPCK_OK)
		return rc;
	rc = posix_each(ctx, &place, kinds, 0, &found->pool, found_row, found);
	posix_close(&place);
	return rc;
}

static inline int unlink_shm(pid_t pid, const struct ipck_object *object)
{
	struct posix_place place;
	int rc = posix_shm_open(ctx, pid, &place);

	if (rc != IPCK_OK)
		return rc;
	rc = posix_unlink(ctx, &place, object);
	posix_close(&place);
	return rc;
}

/* Before and after each test; the /dev/shm is our own. */
static inline int clear_shm(void **state)
{
	(void)state;
	return system("rm -rf /dev/shm/* 2>/dev/null") == 0 ? 0 : -1;
}

#endif
