/* SPDX-License-Identifier: MIT */
/*
 * The locks of files that one process holds: what the kernel tells with each of its descriptors.
 * /proc/locks names who took a lock, which may be the parent that a descriptor came from.
 */
#include "source/process_locks.h"

#include "base/context.h"
#include "base/lines.h"
#include "base/parse.h"
#include "source/locks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The locks of a process, with the descriptor of each. */
struct found {
	struct lock lock;
	int fd;
};

struct finding {
	struct found *rows;
	size_t count, size;
};

/* The process's own show with each descriptor of the file, those of an open file with each copy. */
static bool is_known(const struct finding *finding, const struct lock *lock)
{
	for (size_t i = 0; i < finding->count; i++) {
		const struct lock *other = &finding->rows[i].lock;

		if (lock_is_alike(lock, other) && lock->inode == other->inode &&
		    lock->major == other->major && lock->minor == other->minor)
			return true;
	}
	return false;
}

static int add(struct finding *finding, const struct lock *lock, int fd)
{
	if (lock->waits || is_known(finding, lock))
		return 0;
	if (finding->count == finding->size) {
		const size_t size = finding->size * 2 + 16;
		struct found *rows = reallocarray(finding->rows, size, sizeof(*rows));

		if (rows == NULL)
			return -ENOMEM;
		finding->rows = rows;
		finding->size = size;
	}
	finding->rows[finding->count++] = (struct found){ *lock, fd };
	return 0;
}

/* Lines of a lock stand behind at most as many bytes of others as fit into this text. */
static int look_at(int folder, const char *name, int fd, struct finding *finding)
{
	char text[16384], *line = text, *end;
	long got = file_read(folder, name, text, sizeof(text));
	int rc = 0;

	if (got < 0) /* closed meanwhile */
		return got == -ENOENT ? 0 : (int)got;
	while (rc == 0 && (end = strchr(line, '\n')) != NULL) {
		const char *p = line;
		struct lock lock;

		*end = '\0';
		if (parse_literal(&p, "lock:\t") && lock_parse(p, &lock))
			rc = add(finding, &lock, fd);
		line = end + 1;
	}
	return rc;
}

static int find(int dir, struct finding *finding)
{
	const int folder = openat(dir, "fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = folder >= 0 ? fdopendir(folder) : NULL;
	struct dirent *entry;
	int rc = stream == NULL ? -errno : 0;

	if (stream == NULL) {
		if (folder >= 0)
			close(folder);
		return rc;
	}
	while (rc == 0 && (entry = readdir(stream)) != NULL) {
		const char *p = entry->d_name;
		uint64_t fd;

		if (parse_upto(&p, 10, INT_MAX, &fd) && *p == '\0')
			rc = look_at(folder, entry->d_name, (int)fd, finding);
	}
	closedir(stream);
	return rc;
}

static enum ipck_lock_type type_of(enum lock_kind kind)
{
	switch (kind) {
	case LOCK_FLOCK:
		return IPCK_LOCK_FLOCK;
	case LOCK_POSIX:
		return IPCK_LOCK_POSIX;
	case LOCK_OFD:
		return IPCK_LOCK_OFD;
	case LOCK_LEASE:
		return IPCK_LOCK_LEASE;
	default:
		return IPCK_LOCK_OTHER;
	}
}

static int give(int dir, const struct finding *finding, struct pool *pool,
		struct ipck_process *process)
{
	struct ipck_file_lock *rows = pool_alloc(pool, (finding->count + 1) * sizeof(*rows));

	if (rows == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < finding->count; i++) {
		const struct lock *lock = &finding->rows[i].lock;
		char name[32], path[PATH_MAX];
		ssize_t length;

		snprintf(name, sizeof(name), "fd/%d", finding->rows[i].fd);
		length = readlinkat(dir, name, path, sizeof(path) - 1);
		path[length > 0 ? length : 0] = '\0';
		rows[i] = (struct ipck_file_lock){ .type = type_of(lock->kind),
						   .write = lock->write,
						   .start = lock->start,
						   .end = lock->end,
						   .fd = finding->rows[i].fd,
						   .path = pool_string(pool, path) };
		if (rows[i].path == NULL)
			return -ENOMEM;
	}
	process->locks = rows;
	process->lock_count = finding->count;
	return 0;
}

int process_locks(int dir, struct pool *pool, struct ipck_process *process)
{
	struct finding finding = { 0 };
	int rc = find(dir, &finding);

	if (rc == 0)
		rc = give(dir, &finding, pool, process);
	free(finding.rows);
	return rc;
}

IPCK_API const char *ipck_lock_type_name(enum ipck_lock_type type)
{
	static const char *const names[] = { "flock", "posix", "ofd", "lease", "other" };

	return (unsigned)type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}
