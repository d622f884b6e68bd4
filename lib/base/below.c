/* SPDX-License-Identifier: MIT */
/* openat2() where there is one, else component by component, which refuses the same. */
#include "base/below.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The next component into name; false at the end of the path. */
static bool next_component(const char **path, char *name, size_t size)
{
	const char *begin = *path + strspn(*path, "/");
	const size_t length = strcspn(begin, "/");

	*path = begin + length;
	if (length == 0 || length >= size)
		return false;
	memcpy(name, begin, length);
	name[length] = '\0';
	return true;
}

static int step_by_step(int root, const char *path, int flags)
{
	const int folder = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(root, ".", folder);
	char name[256];

	while (fd >= 0 && next_component(&path, name, sizeof(name))) {
		const bool last = path[strspn(path, "/")] == '\0';
		int next = -1, error = ELOOP;

		if (strcmp(name, "..") != 0) {
			next = openat(fd, name, last ? flags | O_NOFOLLOW : folder);
			error = errno;
		}
		close(fd);
		errno = error;
		fd = next;
	}
	return fd;
}

/* openat2() where there is one; ENOSYS also of seccomp profiles that do not know it. */
static int resolve(int root, const char *path, int flags, unsigned links)
{
	struct open_how how = { .flags = (unsigned)flags,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | links };
	const long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

	if (fd < 0 && errno == EPERM)
		errno = ENOSYS;
	return (int)fd;
}

int open_below(int root, const char *path, int flags)
{
	const int fd = resolve(root, path, flags, RESOLVE_NO_SYMLINKS);

	return fd < 0 && errno == ENOSYS ? step_by_step(root, path, flags) : fd;
}

/* ---- With links ---- */

/* head, up to length, then "/" and tail, into text.  False: too long. */
static bool join(char *text, const char *head, size_t length, const char *tail)
{
	char whole[PATH_MAX];
	const int got = snprintf(whole, sizeof(whole), "%.*s/%s", (int)length, head, tail);

	if (got < 0 || (size_t)got >= sizeof(whole))
		return false;
	memcpy(text, whole, (size_t)got + 1);
	return true;
}

/* Without the component that ends at length. */
static size_t parent(const char *text, size_t length)
{
	while (length > 0 && text[length - 1] == '/')
		length--;
	while (length > 0 && text[length - 1] != '/')
		length--;
	return length;
}

/*
 * Walk as far as the first ".." or link: then text is what it stands for, and *again is set.  What
 * was walked before is free of both, so that the text of it may be cut.
 */
static int walk(int root, char *text, bool *again)
{
	int fd = openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[256], target[PATH_MAX];
	const char *rest = text;
	size_t before = 0;

	*again = false;
	while (fd >= 0 && next_component(&rest, name, sizeof(name))) {
		const bool up = strcmp(name, "..") == 0;
		const int next = up ? -1 : openat(fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		const ssize_t length =
			next < 0 ? -1 : readlinkat(next, "", target, sizeof(target) - 1);
		const int error = errno;

		close(fd);
		fd = next;
		errno = error;
		if (up || length > 0) {
			target[up ? 0 : length] = '\0';
			before = up ? parent(text, before) : before;
			*again = join(target, target, strlen(target), rest) &&
				 join(text, text, target[0] == '/' && !up ? 0 : before, target);
			errno = ELOOP;
			if (fd >= 0)
				close(fd);
			return -1;
		}
		before = (size_t)(rest - text);
	}
	return fd;
}

int path_inside(int root, const char *path)
{
	enum { LINKS = 40, PARENTS = 64 }; /* as the kernel has it; and each ".." */
	int fd = resolve(root, path, O_PATH | O_CLOEXEC, 0);
	char text[PATH_MAX];
	bool again = true;

	if (fd >= 0 || errno != ENOSYS)
		return fd;
	if (strlen(path) >= sizeof(text)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(text, path);
	for (int i = 0; again && i < LINKS + PARENTS; i++)
		fd = walk(root, text, &again);
	return fd;
}
