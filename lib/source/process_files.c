/* SPDX-License-Identifier: MIT */
/* What a process's folder in /proc shows behind links: its descriptors, namespaces, terminal. */
#include "source/process_files.h"

#include "base/context.h"
#include "base/lines.h"
#include "source/process_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Pseudo terminals have no folder in /sys: eight majors of 256 each, of which today's kernels use
 * the first. */
#define PTS_MAJOR 136u
#define PTS_MAJORS 8u

static int read_link(int dir, const char *name, struct pool *pool, const char **out)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(dir, name, target, sizeof(target) - 1);

	if (length < 0)
		return errno == ENOENT ? 0 : -errno; /* closed */
	target[length] = '\0';
	*out = pool_string(pool, target);
	return *out != NULL ? 0 : -ENOMEM;
}

int process_cwd(int dir, struct pool *pool, const char **cwd)
{
	*cwd = NULL;
	return read_link(dir, "cwd", pool, cwd);
}

int process_descriptors(int dir, struct pool *pool, struct ipck_process *process)
{
	static const char *const names[] = { "0", "1", "2" };
	const int fd = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	int rc = 0;

	if (stream == NULL) {
		rc = -errno;
		if (fd >= 0)
			close(fd);
		return rc;
	}
	for (size_t i = 0; rc == 0 && i < sizeof(names) / sizeof(names[0]); i++)
		rc = read_link(fd, names[i], pool, &process->standard[i]);
	errno = 0;
	while (rc == 0 && (entry = readdir(stream)) != NULL)
		if (entry->d_name[0] != '.')
			process->descriptors++;
	if (rc == 0 && errno != 0)
		rc = -errno;
	closedir(stream);
	return rc;
}

/* Does the thread live, by its open folder? */
static bool lives(int dir)
{
	struct listed_process fields;
	char text[1024];
	const char *end;
	char state = 'X';

	if (file_read(dir, "stat", text, sizeof(text)) <= 0)
		return false;
	end = strrchr(text, ')');
	return end != NULL && process_parse_fields(end + 2, &fields, &state) && state != 'Z' &&
	       state != 'X';
}

int process_living_thread(int dir)
{
	const int task = openat(dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = task >= 0 ? fdopendir(task) : NULL;
	struct dirent *entry;
	int thread = -ESRCH;

	if (stream == NULL) {
		thread = -errno;
		if (task >= 0)
			close(task);
		return thread;
	}
	while (thread < 0 && (entry = readdir(stream)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		thread = openat(task, entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (thread >= 0 && !lives(thread)) {
			close(thread);
			thread = -ESRCH;
		}
	}
	closedir(stream);
	return thread;
}

static const char *const types[IPCK_NAMESPACE_TYPES] = {
	[IPCK_NAMESPACE_CGROUP] = "cgroup", [IPCK_NAMESPACE_IPC] = "ipc",
	[IPCK_NAMESPACE_MNT] = "mnt",       [IPCK_NAMESPACE_NET] = "net",
	[IPCK_NAMESPACE_PID] = "pid",       [IPCK_NAMESPACE_TIME] = "time",
	[IPCK_NAMESPACE_USER] = "user",     [IPCK_NAMESPACE_UTS] = "uts",
};

int process_namespaces(int dir, struct ipck_process *process)
{
	for (unsigned i = 0; i < IPCK_NAMESPACE_TYPES; i++) {
		struct stat own, theirs;
		char path[40];

		snprintf(path, sizeof(path), "/proc/thread-self/ns/%s", types[i]);
		if (stat(path, &own) != 0) { /* this kernel has none of it */
			if (errno == ENOENT)
				continue;
			return -errno;
		}
		if (fstatat(dir, path + strlen("/proc/thread-self/"), &theirs, 0) != 0)
			return -errno;
		process->namespaces[i] = theirs.st_ino;
		if (theirs.st_ino != own.st_ino)
			process->foreign |= 1u << i;
	}
	return 0;
}

IPCK_API const char *ipck_namespace_type_name(enum ipck_namespace_type type)
{
	return (unsigned)type < IPCK_NAMESPACE_TYPES ? types[type] : NULL;
}

const char *process_terminal(struct pool *pool, uint32_t major, uint32_t minor)
{
	char path[64], text[1024], *name = NULL, *end;

	if (major >= PTS_MAJOR && major < PTS_MAJOR + PTS_MAJORS) {
		snprintf(text, sizeof(text), "pts/%u", minor + (major - PTS_MAJOR) * 256);
		return pool_string(pool, text);
	}
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/uevent", major, minor);
	if (file_read(AT_FDCWD, path, text, sizeof(text)) > 0)
		name = strstr(text, "DEVNAME=");
	if (name != NULL && (end = strchr(name, '\n')) != NULL) {
		*end = '\0';
		return pool_string(pool, name + strlen("DEVNAME="));
	}
	snprintf(text, sizeof(text), "%u:%u", major, minor);
	return pool_string(pool, text);
}
