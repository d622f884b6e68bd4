/* SPDX-License-Identifier: MIT */
/* The IPC namespaces in use: who lives in each, and how much there is in it. */
#include "base/context.h"
#include "source/container.h"
#include "source/namespace.h"
#include "source/posix.h"
#include "source/process.h"
#include "source/sysv_limits.h"

#include <stdlib.h>
#include <string.h>

struct ipck_namespaces {
	struct pool pool;
	struct ipck_namespace *rows;
	size_t count;
};

/* One reading. */
struct reading {
	struct ipck *ctx;
	struct ipck_namespaces *out;
	struct processes processes;
	struct containers containers;
	struct ipck_coverage coverage;
};

static void unknown(struct ipck_namespace *row, int why)
{
	/* Being denied is what the user can do something about. */
	if (row->why == IPCK_OK || why == IPCK_ERR_DENIED)
		row->why = why;
}

static void count_sysv(struct ipck *ctx, struct ipck_namespace *row, enum ipck_kind kind)
{
	struct ipck_usage usage = { .known = 0 };
	const int rc = sysv_read_totals(ctx, kind, &usage);

	if (rc != IPCK_OK) {
		unknown(row, rc);
		return;
	}
	row->known |= kind;
	if (kind == IPCK_SHM) {
		row->shm.objects = usage.shm.segments;
		row->shm.bytes = usage.shm.bytes;
	} else if (kind == IPCK_MSG) {
		row->msg.objects = usage.msg.queues;
		row->msg.bytes = usage.msg.bytes;
	} else {
		row->sem.objects = usage.sem.sets;
	}
}

static int count_posix(struct ipck_object *object, void *data)
{
	struct ipck_namespace *row = data;

	switch (object->kind) {
	case IPCK_POSIX_SHM:
		row->posix_shm.objects++;
		row->posix_shm.bytes += object->posix_shm.rss;
		break;
	case IPCK_POSIX_SEM:
		row->posix_sem.objects++;
		break;
	default:
		/* Their bytes would have to be read from the queues' files, which shows. */
		row->posix_mq.objects++;
		break;
	}
	return IPCK_OK;
}

/* The objects of one place, which is closed.  0, or why not all of them were counted. */
static int count_place(struct ipck *ctx, struct posix_place *place, unsigned kinds,
		       struct ipck_namespace *row)
{
	struct pool pool = { 0 };
	const int rc = posix_each(ctx, place, kinds, 0, &pool, count_posix, row);

	pool_free(&pool);
	posix_close(place);
	return rc;
}

struct counting {
	struct ipck *ctx;
	struct ipck_namespace *row;
};

/* In the thread that entered the namespace. */
static int count_inside(void *data)
{
	struct counting *counting = data;
	struct posix_place queues;
	int rc;

	count_sysv(counting->ctx, counting->row, IPCK_SHM);
	count_sysv(counting->ctx, counting->row, IPCK_MSG);
	count_sysv(counting->ctx, counting->row, IPCK_SEM);
	rc = posix_mq_open(counting->ctx, &queues);
	if (rc == IPCK_OK)
		rc = count_place(counting->ctx, &queues, IPCK_POSIX_MQ, counting->row);
	if (rc == IPCK_OK)
		counting->row->known |= IPCK_POSIX_MQ;
	else
		unknown(counting->row, rc);
	return IPCK_OK;
}

/* Any of its processes leads there; one that ended meanwhile does not. */
static void enter_and_count(struct reading *reading, const struct namespace_seen *seen,
			    size_t count, struct ipck_namespace *row)
{
	struct counting counting = { reading->ctx, row };
	int rc = IPCK_ERR_NOT_FOUND;

	for (size_t i = 0; i < count && rc == IPCK_ERR_NOT_FOUND; i++)
		rc = namespace_run(reading->ctx, NAMESPACE_IPC, seen[i].pid, row->ns, count_inside,
				   &counting);
	if (rc != IPCK_OK) {
		unknown(row, rc);
		reading->coverage.namespaces_denied += rc == IPCK_ERR_DENIED;
	}
}

/* Was this device met before?  If not, it is from now on. */
static bool met(struct posix_place *places, size_t *count, const struct posix_place *place)
{
	for (size_t i = 0; i < *count; i++)
		if (places[i].major == place->major && places[i].minor == place->minor)
			return true;
	places[(*count)++] = *place;
	return false;
}

/* One /dev/shm that processes of the namespace see; none, or one that is no tmpfs, holds nothing.
 */
static int count_shm(struct reading *reading, pid_t pid, struct posix_place *places, size_t *count,
		     struct ipck_namespace *row)
{
	struct posix_place place;
	const int rc = posix_shm_open(reading->ctx, pid, &place);

	if (rc != IPCK_OK)
		return rc == IPCK_ERR_UNSUPPORTED ? IPCK_OK : rc;
	if (met(places, count, &place)) {
		posix_close(&place);
		return IPCK_OK;
	}
	return count_place(reading->ctx, &place, IPCK_POSIX_SHM | IPCK_POSIX_SEM, row);
}

/* Each /dev/shm of its mount namespaces, each device once.  False: no memory. */
static bool count_shared_memory(struct reading *reading, const struct namespace_seen *seen,
				size_t count, struct ipck_namespace *row)
{
	struct posix_place *places = calloc(count, sizeof(*places));
	const uint64_t own = namespace_own_mount();
	size_t place_count = 0;
	int result = IPCK_OK;

	if (places == NULL)
		return false;
	for (size_t i = 0; i < count; i++) {
		int rc = i > 0 && seen[i].mount == seen[i - 1].mount
				 ? IPCK_OK
				 : count_shm(reading, seen[i].mount == own ? 0 : seen[i].pid,
					     places, &place_count, row);

		/* Being denied is what the user can do something about. */
		if (rc != IPCK_OK && result != IPCK_ERR_DENIED)
			result = rc;
	}
	free(places);
	if (result == IPCK_OK)
		row->known |= IPCK_POSIX_SHM | IPCK_POSIX_SEM;
	else
		unknown(row, result);
	return result != IPCK_ERR_MEMORY;
}

/* Who lives there, from the rows of one IPC namespace.  False: no memory. */
static bool describe(struct reading *reading, const struct namespace_seen *seen, size_t count,
		     uint64_t own, struct ipck_namespace *row)
{
	const struct process *process;
	bool memory = true;

	*row = (struct ipck_namespace){ .ns = seen->ipc, .own = seen->ipc == own };
	for (size_t i = 0; i < count; i++) {
		row->processes += seen[i].processes;
		if (i == 0 || seen[i].pid < row->process.pid)
			row->process = (struct ipck_process_id){ seen[i].pid, seen[i].start_time };
	}
	process = process_look(&reading->processes, row->process.pid);
	if (process == NULL)
		return false;
	row->command = process->command;
	row->container = container_of(&reading->containers, row->process.pid, &memory);
	if (row->container != NULL && *row->container == '\0')
		row->container = NULL;
	return memory;
}

static bool fill(struct reading *reading, const struct namespaces_seen *seen, bool usage)
{
	struct ipck_namespaces *out = reading->out;
	const uint64_t own = namespace_own_ipc();
	size_t end;

	out->rows = pool_alloc(&out->pool, (seen->count + 1) * sizeof(*out->rows));
	if (out->rows == NULL)
		return false;
	for (size_t begin = 0; begin < seen->count; begin = end) {
		struct ipck_namespace *row = &out->rows[out->count++];

		for (end = begin + 1; end < seen->count; end++)
			if (seen->rows[end].ipc != seen->rows[begin].ipc)
				break;
		if (!describe(reading, &seen->rows[begin], end - begin, own, row))
			return false;
		if (!usage)
			continue;
		enter_and_count(reading, &seen->rows[begin], end - begin, row);
		if (!count_shared_memory(reading, &seen->rows[begin], end - begin, row))
			return false;
	}
	return true;
}

static void cover(struct reading *reading, const struct namespaces_seen *seen,
		  struct ipck_coverage *coverage)
{
	const size_t size = coverage->size;

	reading->coverage.size = size;
	reading->coverage.processes = seen->processes;
	reading->coverage.denied = seen->denied;
	reading->coverage.vanished = seen->vanished;
	reading->coverage.hidden = processes_are_hidden();
	reading->coverage.inner = namespace_pids_are_inner();
	memcpy(coverage, &reading->coverage, size);
}

IPCK_API int ipck_namespaces_read(struct ipck *ctx, bool usage, struct ipck_coverage *coverage,
				  struct ipck_namespaces **out)
{
	struct reading reading = { .ctx = ctx };
	struct ipck_coverage own;
	struct namespaces_seen seen;
	int rc;

	*out = NULL;
	if (coverage != NULL && !ipck_take(&own, sizeof(own), coverage, coverage->size))
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "namespaces: invalid argument");
	reading.out = calloc(1, sizeof(*reading.out));
	if (reading.out == NULL)
		return ipck_fail(ctx, IPCK_ERR_MEMORY, "namespaces: out of memory");
	reading.processes.pool = reading.containers.pool = &reading.out->pool;
	rc = namespaces_find(ctx, &seen);
	if (rc == IPCK_OK && !fill(&reading, &seen, usage))
		rc = ipck_fail(ctx, IPCK_ERR_MEMORY, "namespaces: out of memory");
	if (rc == IPCK_OK && coverage != NULL)
		cover(&reading, &seen, coverage);
	namespaces_free(&seen);
	processes_free(&reading.processes);
	containers_free(&reading.containers);
	if (rc == IPCK_OK)
		*out = reading.out;
	else
		ipck_namespaces_free(reading.out);
	return rc;
}

IPCK_API size_t ipck_namespaces_count(const struct ipck_namespaces *namespaces)
{
	return namespaces->count;
}

IPCK_API const struct ipck_namespace *ipck_namespaces_at(const struct ipck_namespaces *namespaces,
							 size_t i)
{
	return i < namespaces->count ? &namespaces->rows[i] : NULL;
}

IPCK_API void ipck_namespaces_free(struct ipck_namespaces *namespaces)
{
	if (namespaces != NULL)
		pool_free(&namespaces->pool);
	free(namespaces);
}

IPCK_API int ipck_namespace_of(struct ipck *ctx, pid_t pid, uint64_t *ns)
{
	const int rc = namespace_ipc_of(pid, ns);
	const enum ipck_error reason = ipck_reason(-rc);

	return rc == 0 ? IPCK_OK
		       : ipck_fail(ctx, reason, "pid %d: %s", (int)pid,
				   reason == IPCK_ERR_NOT_FOUND ? "no such process"
								: ipck_strerror(reason));
}
