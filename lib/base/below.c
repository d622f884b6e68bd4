/* SPDX-License-Identifier: MIT */
/* openat2() where there is one, else component by component, which refuses the same. */
#include "base/below.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
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

static int resolve(int root, const char *path, int flags, unsigned links)
{
	struct open_how how = { .flags = (unsigned)flags,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | links };
	const long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

	/* ENOSYS before Linux 5.6; seccomp profiles that do not know it say EPERM. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return step_by_step(root, path, flags);
	return (int)fd;
}

int open_below(int root, const char *path, int flags)
{
	return resolve(root, path, flags, RESOLVE_NO_SYMLINKS);
}

int open_inside(int root, const char *path, int flags)
{
	return resolve(root, path, flags, 0);
}
