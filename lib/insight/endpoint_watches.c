/* SPDX-License-Identifier: MIT */
/*
 * Behind the lines of an epoll set: a descriptor's number as it was when it was added, and the
 * inode of the file.  The number may mean another file by now, or none, while the set still watches
 * the first one: nothing is named that does not fit both.
 */
#include "insight/endpoint_watches.h"

#include "base/lines.h"
#include "source/fdinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct watching {
	struct endpoint_reading *reading;
	const struct use *use; /* of the set */
	struct ipck_watch *rows;
	uint32_t count, size;
};

/* ---- Who has which descriptor ---- */

static int compare_fd(const struct use *a, const struct use *b)
{
	if (a->process != b->process)
		return a->process < b->process ? -1 : 1;
	if (a->tid != b->tid)
		return a->tid < b->tid ? -1 : 1;
	return (a->fd > b->fd) - (a->fd < b->fd);
}

static int by_fd(const void *a, const void *b)
{
	return compare_fd(*(const struct use *const *)a, *(const struct use *const *)b);
}

/* The devices that the inodes of pipes and sockets are on: those of any pipe, any socket. */
static void learn_devices(struct endpoint_reading *reading)
{
	int pipes[2], sockets[2];
	struct stat status;

	if (pipe2(pipes, O_CLOEXEC) == 0) {
		if (fstat(pipes[0], &status) == 0)
			reading->pipes = (struct endpoint_device){ major(status.st_dev),
								   minor(status.st_dev) };
		close(pipes[0]);
		close(pipes[1]);
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0) {
		if (fstat(sockets[0], &status) == 0)
			reading->socket_files = (struct endpoint_device){ major(status.st_dev),
									  minor(status.st_dev) };
		close(sockets[0]);
		close(sockets[1]);
	}
}

static int prepare(struct endpoint_reading *reading)
{
	const struct scan *scan = reading->scan;

	if (reading->by_fd != NULL)
		return 0;
	reading->by_fd = calloc(scan->use_count + 1, sizeof(*reading->by_fd));
	if (reading->by_fd == NULL)
		return IPCK_ERR_MEMORY;
	for (size_t i = 0; i < scan->use_count; i++)
		if (scan->uses[i].fd >= 0)
			reading->by_fd[reading->by_fd_count++] = &scan->uses[i];
	qsort(reading->by_fd, reading->by_fd_count, sizeof(*reading->by_fd), by_fd);
	learn_devices(reading);
	return endpoint_list_sockets(reading);
}

/* The same process's use of that descriptor; NULL: none of the kinds of this scan. */
static const struct use *find_fd(const struct watching *watching, int fd)
{
	struct use wanted = *watching->use;
	const struct use *key = &wanted, *const * found;

	wanted.fd = fd;
	found = bsearch(&key, watching->reading->by_fd, watching->reading->by_fd_count,
			sizeof(*watching->reading->by_fd), by_fd);
	return found != NULL ? *found : NULL;
}

/* ---- What a line names ---- */

static bool on_device(const struct fdinfo_watch *watch, const struct endpoint_device *device)
{
	return (device->major != 0 || device->minor != 0) && watch->major == device->major &&
	       watch->minor == device->minor;
}

/* Does the descriptor still mean what is watched?  Kernels before 4.13 do not tell what that is. */
static bool is_watched(const char *path, const struct fdinfo_watch *watch)
{
	struct statx status;

	if (watch->major == 0 && watch->minor == 0 && watch->inode == 0)
		return true;
	return statx(AT_FDCWD, path, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_INO, &status) ==
		       0 &&
	       status.stx_ino == watch->inode && status.stx_dev_major == watch->major &&
	       status.stx_dev_minor == watch->minor;
}

static int keep_text(struct endpoint_reading *reading, const char *text, const char **ref)
{
	*ref = pool_string(reading->pool, text);
	return *ref != NULL ? 0 : IPCK_ERR_MEMORY;
}

static int keep_object(struct endpoint_reading *reading, const struct ipck_object *object,
		       const char **ref)
{
	char text[IPCK_REF_MAX];
	struct ipck_ref parts;

	ipck_object_ref(object, false, &parts);
	return ipck_ref_format(&parts, text, sizeof(text)) > 0 ? keep_text(reading, text, ref) : 0;
}

static int name_inode(struct endpoint_reading *reading, enum ipck_kind kind, uint64_t inode,
		      const char **ref)
{
	const struct ipck_object object = { .kind = kind, .number = inode, .inode = inode };

	return keep_object(reading, &object, ref);
}

static int name_socket(struct watching *watching, const struct fdinfo_watch *watch,
		       const char *path, const char **ref)
{
	struct endpoint_reading *reading = watching->reading;
	char text[40];

	if (unix_sockets_find(&reading->sockets, watch->inode) != NULL ||
	    (is_watched(path, watch) && unix_socket_ask(path) > 0))
		return name_inode(reading, IPCK_UNIX, watch->inode, ref);
	snprintf(text, sizeof(text), "socket:[%llu]", (unsigned long long)watch->inode);
	return keep_text(reading, text, ref);
}

static int name_use(struct endpoint_reading *reading, const struct use *use, const char **ref)
{
	struct endpoint_group group;
	struct ipck_object object;

	group.uses = scan_find(reading->scan, &use->object, &group.count);
	if (group.uses == NULL)
		return 0;
	if (endpoint_identify(reading, &group, &object) != 0)
		return IPCK_ERR_MEMORY;
	return keep_object(reading, &object, ref);
}

/* A terminal, a device, another kind of anonymous inode: as /proc/PID/fd shows it. */
static int name_link(struct endpoint_reading *reading, const char *path, const char **ref)
{
	char target[PATH_MAX];
	const ssize_t length = readlink(path, target, sizeof(target) - 1);

	if (length <= 0)
		return 0;
	target[length] = '\0';
	return keep_text(reading, target, ref);
}

static int name_watched(struct watching *watching, const struct fdinfo_watch *watch,
			const char **ref)
{
	struct endpoint_reading *reading = watching->reading;
	const struct use *use = find_fd(watching, watch->number);
	struct use target = *watching->use;
	char path[ENDPOINT_PATH_MAX];

	target.fd = watch->number;
	endpoint_path(reading, &target, "fd", path);
	if (on_device(watch, &reading->pipes))
		return name_inode(reading, IPCK_PIPE, watch->inode, ref);
	if (on_device(watch, &reading->socket_files))
		return name_socket(watching, watch, path, ref);
	if (!is_watched(path, watch))
		return 0;
	if (use != NULL && use->object.kind != IPCK_UNIX)
		return name_use(reading, use, ref);
	return name_link(reading, path, ref);
}

/* ---- The lines ---- */

static int add(struct watching *watching, const struct fdinfo_watch *watch, const char *ref)
{
	if (watching->count == watching->size) {
		const uint32_t size = watching->size > 0 ? watching->size * 2 : 8;
		struct ipck_watch *rows;

		if (size <= watching->size)
			return IPCK_ERR_MEMORY;
		rows = pool_alloc(watching->reading->pool, size * sizeof(*rows));
		if (rows == NULL)
			return IPCK_ERR_MEMORY;
		if (watching->count > 0)
			memcpy(rows, watching->rows, watching->count * sizeof(*rows));
		watching->rows = rows;
		watching->size = size;
	}
	watching->rows[watching->count++] =
		(struct ipck_watch){ .fd = watch->number, .events = watch->events, .ref = ref };
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct ipck_watch *left = a, *right = b;

	return (left->fd > right->fd) - (left->fd < right->fd);
}

static int read_lines(struct watching *watching, struct lines *lines, enum ipck_kind kind)
{
	const bool epoll = kind == IPCK_EPOLL;
	size_t length;
	char *line;
	int rc = 0;

	while (rc == 0 && (line = lines_next(lines, &length)) != NULL) {
		struct fdinfo_watch watch;
		const char *ref = NULL;
		const enum fdinfo_line what = epoll ? fdinfo_parse_epoll(line, &watch)
						    : fdinfo_parse_inotify(line, &watch);

		if (what == FDINFO_BAD)
			return IPCK_ERR_UNSUPPORTED;
		if (what == FDINFO_OTHER)
			continue;
		if (epoll)
			rc = name_watched(watching, &watch, &ref);
		if (rc == 0)
			rc = add(watching, &watch, ref);
	}
	return rc == 0 && lines->error != 0 ? (int)ipck_reason(lines->error) : rc;
}

static int look(struct endpoint_reading *reading, const struct use *use, struct ipck_object *object)
{
	struct watching watching = { .reading = reading, .use = use };
	char path[ENDPOINT_PATH_MAX];
	struct lines lines;
	int rc;

	endpoint_path(reading, use, "fdinfo", path);
	rc = lines_open(&lines, path);
	if (rc != 0)
		return ipck_reason(-rc);
	rc = read_lines(&watching, &lines, object->kind);
	lines_close(&lines);
	if (rc != 0)
		return rc;
	if (watching.count > 0)
		qsort(watching.rows, watching.count, sizeof(*watching.rows), by_number);
	object->endpoint.watches = watching.rows;
	object->endpoint.watch_count = watching.count;
	return 0;
}

int endpoint_look_epoll(struct endpoint_reading *reading, const struct use *use,
			struct ipck_object *object)
{
	const int rc = prepare(reading);

	return rc != 0 ? rc : look(reading, use, object);
}

int endpoint_look_inotify(struct endpoint_reading *reading, const struct use *use,
			  struct ipck_object *object)
{
	return look(reading, use, object);
}
