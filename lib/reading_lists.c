/* SPDX-License-Identifier: MIT */
/*
 * Lists: the objects of one kind after the other, in our own namespaces or in each that a process
 * of ours lives in.
 */
#include "reading.h"
#include "selection.h"
#include "source/sysv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

/* A kind that failed is no reason to keep the others back. */
static bool only_this_kind(int rc)
{
	return rc == IPCK_ERR_UNSUPPORTED || rc == IPCK_ERR_DENIED || rc == IPCK_ERR_SYSTEM;
}

/*
 * A kind failed, after one that had failed earlier with that message: both are told, and a kind
 * that was not listed at all outweighs one of which only some objects are out of sight.
 */
static int join_failures(struct ipck *ctx, int earlier, const char *told, int rc)
{
	char now[sizeof(ctx->message)];

	if (earlier == IPCK_OK)
		return rc;
	memcpy(now, ctx->message, sizeof(now));
	if (strcmp(now, told) == 0)
		return earlier;
	return ipck_fail(ctx, rc == IPCK_ERR_DENIED ? earlier : rc, "%s; %s", told, now);
}

int reading_device(struct reading *reading, const struct posix_place *place, bool *news)
{
	struct scan_device *devices;

	*news = true;
	for (size_t i = 0; i < reading->device_count; i++)
		if (reading->devices[i].major == place->major &&
		    reading->devices[i].minor == place->minor)
			*news = false;
	if (!*news)
		return IPCK_OK;
	if (reading->device_count == reading->device_size) {
		size_t size = reading->device_size > 0 ? reading->device_size * 2 : 4;

		devices = realloc(reading->devices, size * sizeof(*devices));
		if (devices == NULL)
			return reading_memory(reading);
		reading->devices = devices;
		reading->device_size = size;
	}
	reading->devices[reading->device_count++] =
		(struct scan_device){ place->major, place->minor, reading->ns, reading->foreign };
	return IPCK_OK;
}

/* ---- Inside one namespace ---- */

static int list_queues(struct reading *reading)
{
	struct posix_place place;
	int rc = posix_mq_open(reading->ctx, &place);

	if (rc != IPCK_OK) /* none of them, so the kind is not there for us */
		return rc == IPCK_ERR_DENIED ? IPCK_ERR_UNSUPPORTED : rc;
	rc = posix_each(reading->ctx, &place, IPCK_POSIX_MQ, reading->want, &reading->pool,
			reading_take, reading);
	posix_close(&place);
	return rc;
}

/*
 * Does the file system hold more than the files with a name that were just listed?  Then some are
 * deleted but open or mapped still.  When not all were listed one cannot say, and looks.
 */
static bool has_leftovers(const struct reading *reading, const struct posix_place *place,
			  unsigned kinds, size_t first)
{
	const unsigned both = IPCK_POSIX_SHM | IPCK_POSIX_SEM;
	struct statfs status;
	uint64_t listed = 0;

	if (reading->query->select.tests != 0 || kinds != both ||
	    fstatfs(place->dir, &status) != 0 || status.f_blocks == 0)
		return true;
	for (size_t i = first; i < reading->row_count; i++)
		if (reading->rows[i].object.kind == IPCK_POSIX_SHM)
			listed += reading->rows[i].object.posix_shm.rss;
		else
			listed += (uint64_t)status.f_bsize; /* of a semaphore: its page */
	return (uint64_t)(status.f_blocks - status.f_bfree) * (uint64_t)status.f_bsize > listed;
}

/* POSIX shared memory and semaphores of the /dev/shm that a process sees; each device once. */
static int list_files(struct reading *reading, pid_t pid, unsigned kinds)
{
	const size_t first = reading->row_count;
	struct posix_place place;
	bool news;
	int rc = posix_shm_open(reading->ctx, pid, &place);

	if (rc != IPCK_OK)
		return rc == IPCK_ERR_DENIED && pid == 0 ? IPCK_ERR_UNSUPPORTED : rc;
	rc = reading_device(reading, &place, &news);
	if (rc == IPCK_OK && news)
		rc = posix_each(reading->ctx, &place, kinds, reading->want, &reading->pool,
				reading_take, reading);
	if (news)
		reading->leftovers |= has_leftovers(reading, &place, kinds, first);
	posix_close(&place);
	return rc;
}

/* The kinds that an IPC namespace holds, read by a thread that is in it. */
static int list_inside(void *data)
{
	static const enum ipck_kind order[] = { IPCK_SHM, IPCK_MSG, IPCK_SEM, IPCK_POSIX_MQ };
	struct reading *reading = data;
	const struct ipck_query *query = reading->query;
	char told[sizeof(reading->ctx->message)];
	int result = IPCK_OK;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		int rc;

		if ((query->kinds & order[i]) == 0 ||
		    !ipck_selection_applies(&query->select, order[i]))
			continue;
		memcpy(told, reading->ctx->message, sizeof(told));
		rc = order[i] == IPCK_POSIX_MQ ? list_queues(reading)
					       : sysv_each(reading->ctx, order[i], reading->want,
							   reading_take, reading);
		if (rc != IPCK_OK && !only_this_kind(rc))
			return rc;
		if (rc != IPCK_OK)
			result = join_failures(reading->ctx, result, told, rc);
	}
	return result;
}

static unsigned file_kinds(const struct reading *reading)
{
	const struct ipck_selection *select = &reading->query->select;
	unsigned kinds = reading->query->kinds & (IPCK_POSIX_SHM | IPCK_POSIX_SEM);

	if (!ipck_selection_applies(select, IPCK_POSIX_SHM))
		kinds &= ~(unsigned)IPCK_POSIX_SHM;
	if (!ipck_selection_applies(select, IPCK_POSIX_SEM))
		kinds &= ~(unsigned)IPCK_POSIX_SEM;
	return kinds;
}

static int list_own(struct reading *reading)
{
	const unsigned files = file_kinds(reading);
	char told[sizeof(reading->ctx->message)];
	int result = list_inside(reading), rc;

	if (files == 0 || (result != IPCK_OK && !only_this_kind(result)))
		return result;
	memcpy(told, reading->ctx->message, sizeof(told));
	reading->mount = namespace_own_mount();
	reading->ns = reading->mount;
	rc = list_files(reading, 0, files);
	reading->ns = reading->ipc;
	if (rc == IPCK_OK)
		return result;
	return only_this_kind(rc) ? join_failures(reading->ctx, result, told, rc) : rc;
}

/* ---- All over the system ---- */

static bool chosen(const struct reading *reading, const struct namespace_seen *seen)
{
	return reading->query->where == IPCK_NS_ALL || seen->ipc == reading->query->ns ||
	       seen->mount == reading->query->ns;
}

/* Was this IPC namespace met in an earlier row? */
static bool met(const struct reading *reading, size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (reading->seen.rows[i].ipc == reading->seen.rows[row].ipc &&
		    chosen(reading, &reading->seen.rows[i]))
			return true;
	return false;
}

static int note_denied(struct reading *reading, int result, int rc)
{
	if (rc == IPCK_OK || rc == IPCK_ERR_NOT_FOUND || rc == IPCK_ERR_UNSUPPORTED)
		return result; /* gone meanwhile, or it has none of these */
	reading->coverage.namespaces_denied++;
	return result == IPCK_OK ? IPCK_ERR_DENIED : result;
}

/* Whoever led into a namespace may have ended just now: any other of its processes leads there. */
static bool led_by_another(struct reading *reading, int rc, uint64_t ns, pid_t *pid)
{
	return rc == IPCK_ERR_NOT_FOUND && namespace_member(reading->ctx, ns, pid) == IPCK_OK &&
	       *pid != 0;
}

static int list_objects(struct reading *reading, const struct namespace_seen *seen)
{
	const uint64_t ns = reading->foreign ? seen->ipc : 0;
	pid_t pid;
	int rc = namespace_run(reading->ctx, NAMESPACE_IPC, seen->pid, ns, list_inside, reading);

	if (led_by_another(reading, rc, seen->ipc, &pid))
		rc = namespace_run(reading->ctx, NAMESPACE_IPC, pid, ns, list_inside, reading);
	return rc;
}

static int list_namespace(struct reading *reading, const struct namespace_seen *seen, bool again,
			  int result)
{
	const unsigned files = file_kinds(reading);
	pid_t pid;
	int rc = IPCK_OK;

	if (!again) {
		reading->ns = seen->ipc;
		reading->foreign = seen->ipc != reading->ipc;
		rc = list_objects(reading, seen);
		if (rc != IPCK_OK && rc != IPCK_ERR_NOT_FOUND && !only_this_kind(rc))
			return rc;
		result = note_denied(reading, result, rc);
	}
	if (files == 0)
		return result;
	reading->ns = seen->mount;
	reading->foreign = seen->mount != reading->mount;
	rc = list_files(reading, reading->foreign ? seen->pid : 0, files);
	if (led_by_another(reading, rc, seen->mount, &pid))
		rc = list_files(reading, pid, files);
	if (rc != IPCK_OK && rc != IPCK_ERR_NOT_FOUND && !only_this_kind(rc))
		return rc;
	return note_denied(reading, result, rc);
}

static int list_everywhere(struct reading *reading)
{
	int result = reading_namespaces(reading);
	bool any = false;

	if (result != IPCK_OK)
		return result;
	reading->mount = namespace_own_mount();
	reading->coverage.namespaces_denied += reading->seen.denied;
	for (size_t i = 0; i < reading->seen.count; i++) {
		const struct namespace_seen *seen = &reading->seen.rows[i];

		if (!chosen(reading, seen))
			continue;
		any = true;
		result = list_namespace(reading, seen, met(reading, i), result);
		if (result != IPCK_OK && !only_this_kind(result))
			return result;
	}
	reading->ns = reading->ipc;
	reading->foreign = false;
	if (!any && reading->query->where == IPCK_NS_ONE)
		return ipck_fail(reading->ctx, IPCK_ERR_NOT_FOUND,
				 "namespace %llu: no process that we can see lives in it",
				 (unsigned long long)reading->query->ns);
	return result;
}

int reading_lists(struct reading *reading)
{
	return reading->query->where == IPCK_NS_OWN ? list_own(reading) : list_everywhere(reading);
}
