/* SPDX-License-Identifier: MIT */
/*
 * From uses to objects: all uses with one identity are one row.  What each kind tells beyond its
 * identity and its holders is in the files beside this one.
 */
#include "insight/endpoints.h"

#include "insight/endpoint_kinds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	enum ipck_kind kind;
	endpoint_describe *describe;
} endpoint_kinds[] = {
	/* in the order of output */
	{ IPCK_PIPE, endpoint_pipe },          { IPCK_FIFO, endpoint_pipe },
	{ IPCK_UNIX, endpoint_socket },        { IPCK_EVENTFD, endpoint_eventfd },
	{ IPCK_MEMFD, endpoint_memory },       { IPCK_MMAP, endpoint_memory },
	{ IPCK_EPOLL, endpoint_anonymous },    { IPCK_TIMERFD, endpoint_anonymous },
	{ IPCK_SIGNALFD, endpoint_anonymous }, { IPCK_INOTIFY, endpoint_anonymous },
	{ IPCK_PIDFD, endpoint_anonymous },
};

#define HAVE_FILE (IPCK_FIFO | IPCK_MEMFD | IPCK_MMAP | IPCK_POSIX_MQ)
#define HAVE_DESCRIPTOR (IPCK_EPOLL | IPCK_TIMERFD | IPCK_SIGNALFD | IPCK_INOTIFY | IPCK_PIDFD)

/* Anonymous memory is a file that the kernel names and removes at once. */
static bool is_anonymous_memory(const struct use *use)
{
	return use->object.kind == IPCK_MEMFD ||
	       (use->deleted && use->name != NULL &&
		(strcmp(use->name, "/dev/zero") == 0 || strcmp(use->name, "/anon_hugepage") == 0));
}

/* What a memfd's maker called it; no name of anonymous memory. */
static const char *name_of(const struct use *use)
{
	const char *name = use->name;

	if (use->object.kind != IPCK_MEMFD)
		return is_anonymous_memory(use) ? NULL : name;
	if (name == NULL)
		return NULL;
	name += name[0] == '/';
	return strncmp(name, "memfd:", 6) == 0 ? name + 6 : name;
}

/* A file may have several names: one that still leads to it comes before one that is gone. */
static int identify_file(struct endpoint_reading *reading, const struct endpoint_group *group,
			 struct ipck_object *object)
{
	const struct use *named = NULL;
	const char *name;

	for (size_t i = 0; i < group->count && (named == NULL || named->deleted); i++)
		if (group->uses[i].name != NULL && (named == NULL || !group->uses[i].deleted))
			named = &group->uses[i];
	object->major = group->uses[0].object.major;
	object->minor = group->uses[0].object.minor;
	object->inode = group->uses[0].object.number;
	if (named == NULL)
		return 0;
	if (named->deleted && !is_anonymous_memory(named))
		object->status |= IPCK_STATUS_DELETED;
	name = name_of(named);
	if (name == NULL)
		return 0;
	object->name = pool_string(reading->pool, name);
	return object->name != NULL ? 0 : IPCK_ERR_MEMORY;
}

int endpoint_identify(struct endpoint_reading *reading, const struct endpoint_group *group,
		      struct ipck_object *object)
{
	const struct use *first = &group->uses[0];
	const struct identity *identity = &first->object;

	*object = (struct ipck_object){
		.kind = identity->kind,
		.number = identity->number,
		.fd = -1,
		.unknown.unsupported = IPCK_FIELD_TIMES | IPCK_FIELD_NAMESPACE,
	};
	if ((identity->kind & HAVE_FILE) != 0)
		return identify_file(reading, group, object);
	if ((identity->kind & (IPCK_PIPE | IPCK_UNIX)) != 0)
		object->inode = identity->number;
	else
		object->unknown.unsupported |= IPCK_FIELD_OWNER;
	if ((identity->kind & HAVE_DESCRIPTOR) != 0) {
		object->process = reading->scan->processes[first->process].id;
		object->fd = first->fd;
	}
	return 0;
}

static void path_below(const struct use *use, const char *what, char *path, size_t size)
{
	if (use->fd < 0)
		snprintf(path, size, "map_files/%llx-%llx", (unsigned long long)use->address,
			 (unsigned long long)(use->address + use->bytes));
	else if (use->tid != 0)
		snprintf(path, size, "task/%d/%s/%d", (int)use->tid, what, use->fd);
	else
		snprintf(path, size, "%s/%d", what, use->fd);
}

void endpoint_path(const struct endpoint_reading *reading, const struct use *use, const char *what,
		   char path[ENDPOINT_PATH_MAX])
{
	const int length = snprintf(path, ENDPOINT_PATH_MAX, "/proc/%d/",
				    (int)reading->scan->processes[use->process].id.pid);

	path_below(use, what, path + length, ENDPOINT_PATH_MAX - (size_t)length);
}

static void close_folder(struct endpoint_reading *reading)
{
	if (reading->open_folder >= 0)
		close(reading->open_folder);
	reading->open_folder = -1;
}

int endpoint_open(struct endpoint_reading *reading, const struct use *use, const char *what,
		  char path[ENDPOINT_PATH_MAX])
{
	path_below(use, what, path, ENDPOINT_PATH_MAX);
	if (reading->open_folder < 0 || reading->open_process != use->process) {
		char folder[32];

		close_folder(reading);
		snprintf(folder, sizeof(folder), "/proc/%d",
			 (int)reading->scan->processes[use->process].id.pid);
		reading->open_folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
		reading->open_process = use->process;
		if (reading->open_folder < 0)
			return -errno;
	}
	return reading->open_folder;
}

int endpoint_try(struct endpoint_reading *reading, const struct endpoint_group *group,
		 int (*look)(struct endpoint_reading *reading, const struct use *use,
			     struct ipck_object *object),
		 struct ipck_object *object)
{
	int result = ENDPOINT_SKIP;

	for (size_t i = 0; i < group->count; i++) {
		const int rc = look(reading, &group->uses[i], object);

		if (rc == 0 || rc == IPCK_ERR_MEMORY)
			return rc;
		if (rc != IPCK_ERR_NOT_FOUND)
			result = rc;
	}
	return result;
}

int endpoint_settle(struct ipck_object *object, uint32_t fields, int rc)
{
	switch (rc) {
	case 0:
		object->known |= fields;
		return 0;
	case ENDPOINT_SKIP:
	case IPCK_ERR_MEMORY:
		return rc;
	case IPCK_ERR_DENIED:
		object->unknown.denied |= fields;
		return 0;
	case IPCK_ERR_OUTSIDE:
		object->unknown.outside |= fields;
		return 0;
	default:
		object->unknown.unsupported |= fields;
		return 0;
	}
}

static void count_ends(const struct endpoint_group *group, struct ipck_endpoint *endpoint)
{
	for (size_t i = 0; i < group->count; i++) {
		endpoint->readers += (group->uses[i].access & IPCK_ACCESS_READ) != 0;
		endpoint->writers += (group->uses[i].access & IPCK_ACCESS_WRITE) != 0;
	}
}

static size_t same_object(const struct scan *scan, size_t first)
{
	size_t end = first + 1;

	while (end < scan->use_count &&
	       identity_compare(&scan->uses[first].object, &scan->uses[end].object) == 0)
		end++;
	return end - first;
}

static int each_of_kind(struct endpoint_reading *reading, size_t k,
			int (*row)(struct ipck_object *object, void *data), void *data)
{
	const struct scan *scan = reading->scan;
	struct endpoint_group group;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < scan->use_count; i += group.count) {
		struct ipck_object object;

		group.uses = &scan->uses[i];
		group.count = 1;
		if (group.uses->object.kind != endpoint_kinds[k].kind)
			continue;
		group.count = same_object(scan, i);
		rc = endpoint_identify(reading, &group, &object);
		if (rc != 0)
			return rc;
		count_ends(&group, &object.endpoint);
		rc = endpoint_kinds[k].describe(reading, &group, &object);
		if (rc == 0)
			rc = row(&object, data);
		else if (rc == ENDPOINT_SKIP)
			rc = 0;
	}
	return rc;
}

int endpoints_each(struct ipck *ctx, const struct scan *scan, unsigned kinds, unsigned want,
		   struct pool *pool, int (*row)(struct ipck_object *object, void *data),
		   void *data)
{
	struct endpoint_reading reading = {
		.ctx = ctx,
		.scan = scan,
		.want = want,
		.pool = pool,
		.open_folder = -1,
		.sockets.pool = pool,
	};
	int rc = 0;

	for (size_t k = 0; rc == 0 && k < sizeof(endpoint_kinds) / sizeof(endpoint_kinds[0]); k++)
		if ((kinds & endpoint_kinds[k].kind) != 0)
			rc = each_of_kind(&reading, k, row, data);
	close_folder(&reading);
	unix_sockets_free(&reading.sockets);
	free(reading.by_fd);
	return rc != 0 ? rc : reading.failed;
}
