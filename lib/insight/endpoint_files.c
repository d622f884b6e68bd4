/* SPDX-License-Identifier: MIT */
/* Endpoints with an inode of their own: pipes, FIFOs, memory files and shared mappings. */
#include "insight/endpoint_kinds.h"
#include "source/fill.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define STAT_BLOCK 512 /* what st_blocks counts in */
#define HAVE_SIZE (IPCK_MEMFD | IPCK_MMAP)
#define SIZES (IPCK_ENDPOINT_USED | IPCK_ENDPOINT_SIZE)

static void take_status(struct ipck_object *object, uid_t uid, gid_t gid, mode_t mode,
			uint64_t size, uint64_t blocks)
{
	object->uid = uid;
	object->gid = gid;
	object->mode = mode & 0777;
	object->known |= IPCK_FIELD_OWNER;
	if ((object->kind & HAVE_SIZE) != 0) {
		object->endpoint.size = size;
		object->endpoint.used = blocks * STAT_BLOCK;
		object->known |= SIZES;
	}
}

/* A descriptor's number may mean another file by now, and so may a name. */
static bool is_object(const struct statx *status, const struct ipck_object *object)
{
	const bool has_device = (object->kind & (IPCK_PIPE | IPCK_UNIX)) == 0;

	return status->stx_ino == object->inode &&
	       (!has_device ||
		(status->stx_dev_major == object->major && status->stx_dev_minor == object->minor));
}

/* Follows the link in /proc, which opens nothing; asks no server of a network file system. */
static int stat_path(int dir, const char *path, struct ipck_object *object)
{
	struct statx status;

	if (statx(dir, path, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &status) != 0)
		return ipck_reason(errno);
	if (!is_object(&status, object))
		return IPCK_ERR_NOT_FOUND;
	take_status(object, status.stx_uid, status.stx_gid, status.stx_mode, status.stx_size,
		    status.stx_blocks);
	return 0;
}

/* /proc/PID/map_files is for the privileged; the name as that process sees it is for all. */
static int stat_use(struct endpoint_reading *reading, const struct use *use,
		    struct ipck_object *object)
{
	char path[ENDPOINT_PATH_MAX], named[PATH_MAX + sizeof("root")];
	const int dir = endpoint_open(reading, use, "fd", path);
	int rc;

	if (dir < 0)
		return ipck_reason(-dir);
	rc = stat_path(dir, path, object);
	if (rc != IPCK_ERR_DENIED || use->fd >= 0 || use->deleted || use->name == NULL ||
	    strlen(use->name) >= PATH_MAX)
		return rc;
	snprintf(named, sizeof(named), "root%s", use->name);
	return stat_path(dir, named, object) == 0 ? 0 : rc;
}

int endpoint_owner(struct endpoint_reading *reading, const struct endpoint_group *group,
		   struct ipck_object *object)
{
	const uint32_t fields =
		IPCK_FIELD_OWNER | ((object->kind & HAVE_SIZE) != 0 ? (uint32_t)SIZES : 0);

	for (size_t i = 0; i < group->count; i++) {
		const struct use *use = &group->uses[i];

		if (use->status_known) {
			take_status(object, use->uid, use->gid, use->mode, use->size, use->blocks);
			return 0;
		}
	}
	/* of memory files the size, too, comes from there */
	if ((reading->want & IPCK_WANT_OWNER) == 0 &&
	    ((object->kind & HAVE_SIZE) == 0 || (reading->want & IPCK_WANT_ENDPOINT) == 0))
		return 0;
	return endpoint_settle(object, fields, endpoint_try(reading, group, stat_use, object));
}

/* ---- Pipes and FIFOs ---- */

static int borrow(struct endpoint_reading *reading, const struct use *use,
		  struct ipck_object *object, bool may_write)
{
	const struct fill_end end = {
		.process = reading->scan->processes[use->process].id,
		.tid = use->tid,
		.fd = use->fd,
		.may_write = may_write,
		.major = object->major,
		.minor = object->minor,
		.inode = object->inode,
	};
	struct fill fill;
	int rc;

	if (((use->access & IPCK_ACCESS_WRITE) != 0) != may_write || use->fd < 0)
		return IPCK_ERR_NOT_FOUND;
	rc = fill_read(&end, &fill);
	if (rc != 0)
		return rc;
	object->endpoint.used = fill.used;
	object->endpoint.size = fill.size;
	object->status |= (fill.used == 0 ? IPCK_STATUS_EMPTY : 0u) |
			  (fill.full ? IPCK_STATUS_FULL : 0u) |
			  (fill.no_reader ? IPCK_STATUS_NO_READER : 0u) |
			  (fill.no_writer ? IPCK_STATUS_NO_WRITER : 0u);
	reading->settled = (fill.readers_known ? IPCK_STATUS_NO_READER : 0u) |
			   (fill.writers_known ? IPCK_STATUS_NO_WRITER : 0u);
	return 0;
}

static int borrow_read_end(struct endpoint_reading *reading, const struct use *use,
			   struct ipck_object *object)
{
	return borrow(reading, use, object, false);
}

static int borrow_write_end(struct endpoint_reading *reading, const struct use *use,
			    struct ipck_object *object)
{
	return borrow(reading, use, object, true);
}

/* A read end first: a writer's SIGPIPE that is late hurts less than a reader's end of file. */
static int fill_in(struct endpoint_reading *reading, const struct endpoint_group *group,
		   struct ipck_object *object)
{
	int rc = endpoint_try(reading, group, borrow_read_end, object);

	if (rc != 0 && rc != IPCK_ERR_MEMORY) {
		const int second = endpoint_try(reading, group, borrow_write_end, object);

		rc = second != ENDPOINT_SKIP ? second : rc;
	}
	if (rc == ENDPOINT_SKIP && object->endpoint.readers == 0 && object->endpoint.writers == 0)
		rc = IPCK_ERR_UNSUPPORTED; /* opened with O_PATH only: an end of nothing */
	return endpoint_settle(object, SIZES, rc);
}

/*
 * A process that could not be looked into may have the other end, and so may one outside of our pid
 * namespace: a container's standard output is read out there.
 */
static unsigned ends_missing(const struct endpoint_reading *reading,
			     const struct ipck_object *object)
{
	const struct ipck_coverage *coverage = &reading->scan->coverage;

	if (coverage->denied > 0 || coverage->hidden || coverage->inner)
		return 0;
	return (object->endpoint.readers == 0 ? IPCK_STATUS_NO_READER : 0u) |
	       (object->endpoint.writers == 0 ? IPCK_STATUS_NO_WRITER : 0u);
}

int endpoint_pipe(struct endpoint_reading *reading, const struct endpoint_group *group,
		  struct ipck_object *object)
{
	int rc = endpoint_owner(reading, group, object);

	reading->settled = 0;
	if (rc == 0 && (reading->want & IPCK_WANT_FILL) != 0)
		rc = fill_in(reading, group, object);
	object->status |= ends_missing(reading, object) & ~reading->settled;
	return rc;
}

/* ---- Memory ---- */

static size_t mapping_processes(const struct endpoint_group *group)
{
	const struct use *last = NULL;
	size_t count = 0;

	for (size_t i = 0; i < group->count; i++) {
		if (group->uses[i].fd >= 0)
			continue;
		count += last == NULL || last->process != group->uses[i].process;
		last = &group->uses[i];
	}
	return count;
}

/* Of anonymous memory what is mapped is all that there is. */
static void size_by_areas(const struct endpoint_group *group, struct ipck_object *object)
{
	if (object->name != NULL || (object->known & IPCK_ENDPOINT_SIZE) != 0)
		return;
	for (size_t i = 0; i < group->count; i++) {
		const struct use *use = &group->uses[i];
		uint64_t end;

		if (use->fd >= 0 || __builtin_add_overflow(use->offset, use->bytes, &end))
			continue;
		if (end > object->endpoint.size)
			object->endpoint.size = end;
	}
	object->known |= IPCK_ENDPOINT_SIZE;
	object->unknown.denied &= ~(uint32_t)IPCK_ENDPOINT_SIZE;
	object->unknown.unsupported &= ~(uint32_t)IPCK_ENDPOINT_SIZE;
}

int endpoint_memory(struct endpoint_reading *reading, const struct endpoint_group *group,
		    struct ipck_object *object)
{
	int rc;

	if (object->kind == IPCK_MMAP && (reading->want & IPCK_WANT_ALL_MAPPINGS) == 0 &&
	    mapping_processes(group) < 2)
		return ENDPOINT_SKIP;
	rc = endpoint_owner(reading, group, object);
	if (rc == 0 && object->kind == IPCK_MMAP)
		size_by_areas(group, object);
	return rc;
}
