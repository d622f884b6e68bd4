/* SPDX-License-Identifier: MIT */
/* The numbers of threads in pid namespaces, from /proc/PID/task/TID/status. */
#include "source/thread_ids.h"

#include "base/lines.h"
#include "base/parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool thread_ids_parse(const char *status, struct thread_ids *ids)
{
	const char *p = strstr(status, "\nNSpid:");
	uint64_t number;

	if (p == NULL || !parse_literal(&p, "\nNSpid:"))
		return false;
	for (ids->depth = 0; *p == '\t' && ids->depth < THREAD_IDS_MAX; ids->depth++) {
		p++;
		if (!parse_upto(&p, 10, INT32_MAX, &number) || number == 0)
			return false;
		ids->ids[ids->depth] = (pid_t)number;
	}
	return ids->depth > 0 && *p == '\n';
}

int thread_ids_read(int dir, const char *path, struct thread_ids *ids)
{
	char file[48], text[8192];
	long got;

	snprintf(file, sizeof(file), "%sstatus", path);
	got = file_read(dir, file, text, sizeof(text));
	if (got <= 0)
		return got < 0 ? (int)got : -ESRCH;
	return thread_ids_parse(text, ids) ? 0 : -EIO;
}

static int add(struct thread_names *names, size_t *size, pid_t own, pid_t tid)
{
	if (names->count == *size) {
		const size_t wider = *size > 0 ? *size * 2 : 16;
		struct thread_name *rows = realloc(names->rows, wider * sizeof(*rows));

		if (rows == NULL)
			return -ENOMEM;
		names->rows = rows;
		*size = wider;
	}
	names->rows[names->count++] = (struct thread_name){ own, tid };
	return 0;
}

static int by_own(const void *a, const void *b)
{
	const struct thread_name *x = a, *y = b;

	return (x->own > y->own) - (x->own < y->own);
}

/* rc: -EAGAIN when a thread's file could not be read. */
static int read_tasks(int dir, DIR *stream, struct thread_names *names)
{
	struct dirent *entry;
	size_t size = 0;
	int rc = 0;

	while (rc != -ENOMEM && (entry = readdir(stream)) != NULL) {
		const char *p = entry->d_name;
		struct thread_ids ids;
		char path[32];
		uint64_t tid;

		if (!parse_upto(&p, 10, INT32_MAX, &tid) || *p != '\0')
			continue;
		snprintf(path, sizeof(path), "task/%d/", (int)tid);
		if (thread_ids_read(dir, path, &ids) != 0) {
			rc = -EAGAIN;
			continue;
		}
		names->depth = ids.depth;
		if (add(names, &size, ids.ids[ids.depth - 1], ids.ids[0]) != 0)
			rc = -ENOMEM;
	}
	return rc;
}

int thread_names_read(int dir, struct thread_names *names)
{
	const int fd = openat(dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	int rc = stream == NULL ? -errno : 0;

	*names = (struct thread_names){ 0 };
	if (stream == NULL) {
		if (fd >= 0)
			close(fd);
		return rc;
	}
	rc = read_tasks(dir, stream, names);
	closedir(stream);
	if (names->count > 0)
		qsort(names->rows, names->count, sizeof(*names->rows), by_own);
	return rc;
}
