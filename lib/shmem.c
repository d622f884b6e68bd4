/* SPDX-License-Identifier: MIT */
/* Where shared memory is: the kernel's one number taken apart, and what remains of it. */
#include "shmem.h"
#include "source/memory_files.h"
#include "source/process.h"
#include "source/tmpfs.h"

#include <stdlib.h>
#include <string.h>

struct ipck_shmem {
	struct pool pool;
	struct ipck_shmem_row *rows;
	size_t count, size;
};

IPCK_API const char *ipck_shmem_source_name(enum ipck_shmem_source source)
{
	static const char *const names[] = {
		[IPCK_SHMEM_TOTAL] = "total",         [IPCK_SHMEM_SYSV] = "sysv",
		[IPCK_SHMEM_TMPFS] = "tmpfs",         [IPCK_SHMEM_MEMFD] = "memfd",
		[IPCK_SHMEM_ANONYMOUS] = "anonymous", [IPCK_SHMEM_UNEXPLAINED] = "unexplained",
	};

	return (size_t)source < sizeof(names) / sizeof(names[0]) ? names[source] : "?";
}

IPCK_API const char *ipck_bound_name(enum ipck_bound bound)
{
	static const char *const names[] = {
		[IPCK_BOUND_EXACT] = "exact",     [IPCK_BOUND_AT_LEAST] = "at-least",
		[IPCK_BOUND_AT_MOST] = "at-most", [IPCK_BOUND_ROUGH] = "rough",
		[IPCK_BOUND_UNKNOWN] = "unknown",
	};

	return (size_t)bound < sizeof(names) / sizeof(names[0]) ? names[bound] : "?";
}

/* ---- Rows ---- */

struct ipck_shmem_row *shmem_add(struct shmem_reading *reading, enum ipck_shmem_source source)
{
	struct ipck_shmem *out = reading->out;

	if (out->count == out->size) {
		const size_t size = out->size > 0 ? out->size * 2 : 16;
		void *rows = reallocarray(out->rows, size, sizeof(*out->rows));

		if (rows == NULL)
			return NULL;
		out->rows = rows;
		out->size = size;
	}
	out->rows[out->count] = (struct ipck_shmem_row){ .source = source };
	return &out->rows[out->count++];
}

void shmem_bound(struct ipck_shmem_row *row, enum ipck_bound side, int why)
{
	if (row->why == IPCK_OK || why == IPCK_ERR_DENIED)
		row->why = why;
	if (row->bound == IPCK_BOUND_EXACT || side == IPCK_BOUND_UNKNOWN)
		row->bound = side;
	else if (row->bound != side && row->bound != IPCK_BOUND_UNKNOWN)
		row->bound = IPCK_BOUND_ROUGH;
	if (row->bound == IPCK_BOUND_UNKNOWN)
		row->bytes = 0;
}

/* Blocks are counted whether they are in memory or in swap, and nothing tells which. */
static void bound_by_swap(const struct shmem_reading *reading, struct ipck_shmem_row *row)
{
	if (reading->memory.swap_used > 0 && row->bytes > 0)
		shmem_bound(row, IPCK_BOUND_AT_MOST, IPCK_ERR_UNSUPPORTED);
}

static bool add_total(struct shmem_reading *reading)
{
	const int rc = memory_read(&reading->memory);
	struct ipck_shmem_row *row = shmem_add(reading, IPCK_SHMEM_TOTAL);

	if (row == NULL)
		return false;
	row->bytes = (int64_t)reading->memory.shmem;
	if (rc != 0)
		shmem_bound(row, IPCK_BOUND_UNKNOWN, (int)ipck_reason(-rc));
	return true;
}

/* ---- tmpfs ---- */

static bool add_file_system(struct shmem_reading *reading, const struct tmpfs *tmpfs)
{
	struct ipck_shmem_row *row = shmem_add(reading, IPCK_SHMEM_TMPFS);

	if (row == NULL)
		return false;
	row->where = tmpfs->path;
	row->ns = tmpfs->ns;
	row->major = tmpfs->major;
	row->minor = tmpfs->minor;
	row->bytes = (int64_t)tmpfs->used;
	if (tmpfs->why != 0)
		shmem_bound(row, IPCK_BOUND_UNKNOWN, tmpfs->why);
	else if (!tmpfs->limited) /* files without a name are not counted */
		shmem_bound(row, IPCK_BOUND_AT_LEAST,
			    tmpfs->files_why != 0 ? tmpfs->files_why : IPCK_ERR_UNSUPPORTED);
	bound_by_swap(reading, row);
	row->parts_known = tmpfs->why == 0 && tmpfs->shm && tmpfs->limited && tmpfs->files_why == 0;
	if (row->parts_known) {
		const uint64_t named = tmpfs->listed + tmpfs->nested;

		row->listed = tmpfs->listed;
		row->nested = tmpfs->nested;
		row->deleted = tmpfs->used > named ? tmpfs->used - named : 0;
	}
	return true;
}

static int by_mount(const void *a, const void *b)
{
	const struct namespace_seen *left = a, *right = b;

	if (left->mount != right->mount)
		return left->mount < right->mount ? -1 : 1;
	return (left->pid > right->pid) - (left->pid < right->pid);
}

/* Our own mounts first, then those of each other mount namespace, through one of its processes. */
static int find_file_systems(struct shmem_reading *reading, struct tmpfs_list *list)
{
	const uint64_t own = namespace_own_mount();
	struct namespaces_seen *spaces = &reading->spaces;
	uint64_t done = own;
	int rc = tmpfs_add(0, 0, list);

	if (spaces->count > 0) /* the segments have been read: nobody needs the other order */
		qsort(spaces->rows, spaces->count, sizeof(*spaces->rows), by_mount);
	for (size_t i = 0; i < spaces->count && rc != IPCK_ERR_MEMORY; i++) {
		const struct namespace_seen *space = &spaces->rows[i];
		int one;

		if (space->mount == own || space->mount == done)
			continue;
		one = tmpfs_add(space->pid, space->mount, list);
		if (one == IPCK_OK)
			done = space->mount;
		else if (one != IPCK_ERR_NOT_FOUND && rc == IPCK_OK)
			rc = one;
		reading->coverage.namespaces_denied += one == IPCK_ERR_DENIED;
	}
	return rc;
}

/* *incomplete: why there may be more of them. */
static bool add_tmpfs(struct shmem_reading *reading, int *incomplete)
{
	struct tmpfs_list list = { .pool = &reading->out->pool };
	bool good = true;

	*incomplete = find_file_systems(reading, &list);
	for (size_t i = 0; i < list.count && good; i++)
		good = add_file_system(reading, &list.rows[i]);
	tmpfs_free(&list);
	return good && *incomplete != IPCK_ERR_MEMORY;
}

/* ---- Memory without a file ---- */

static bool add_of_kind(struct shmem_reading *reading, enum ipck_shmem_source source,
			enum ipck_kind kind, const struct scan *scan, int failed)
{
	struct ipck_shmem_row *row = shmem_add(reading, source);
	struct memory_files files;

	if (row == NULL)
		return false;
	if (failed != IPCK_OK) {
		shmem_bound(row, IPCK_BOUND_UNKNOWN, failed);
		return true;
	}
	memory_files_add_up(scan, kind, &files);
	row->objects = files.objects;
	row->bytes = (int64_t)files.bytes;
	if (files.why != IPCK_OK)
		shmem_bound(row, IPCK_BOUND_AT_LEAST, files.why);
	if (reading->blind != 0)
		shmem_bound(row, IPCK_BOUND_AT_LEAST, reading->blind);
	if (reading->coverage.denied < scan->coverage.denied)
		reading->coverage.denied = scan->coverage.denied;
	if (scan->coverage.denied > 0)
		shmem_bound(row, IPCK_BOUND_AT_LEAST, IPCK_ERR_DENIED);
	bound_by_swap(reading, row);
	return true;
}

static bool add_memory_files(struct shmem_reading *reading)
{
	const struct scan_query query = { .kinds = IPCK_MEMFD | IPCK_MMAP };
	struct scan scan;
	const int rc = scan_run(reading->ctx, &query, &scan);
	bool good = rc != IPCK_ERR_MEMORY;

	good = good && add_of_kind(reading, IPCK_SHMEM_MEMFD, IPCK_MEMFD, &scan, rc);
	good = good && add_of_kind(reading, IPCK_SHMEM_ANONYMOUS, IPCK_MMAP, &scan, rc);
	if (rc == IPCK_OK)
		scan_free(&scan);
	return good;
}

/* ---- All ---- */

/* Where a part is too small the rest is too large, and the other way round. */
static void bound_rest(struct ipck_shmem_row *rest, const struct ipck_shmem_row *part)
{
	if (part->bound == IPCK_BOUND_UNKNOWN && part->source == IPCK_SHMEM_TOTAL)
		shmem_bound(rest, IPCK_BOUND_UNKNOWN, part->why);
	if (part->bound == IPCK_BOUND_AT_LEAST || part->bound == IPCK_BOUND_ROUGH ||
	    part->bound == IPCK_BOUND_UNKNOWN)
		shmem_bound(rest, IPCK_BOUND_AT_MOST, part->why);
	if (part->bound == IPCK_BOUND_AT_MOST || part->bound == IPCK_BOUND_ROUGH)
		shmem_bound(rest, IPCK_BOUND_AT_LEAST, part->why);
}

static bool add_rest(struct shmem_reading *reading, int incomplete)
{
	struct ipck_shmem_row *rest = shmem_add(reading, IPCK_SHMEM_UNEXPLAINED);
	const struct ipck_shmem_row *rows = reading->out->rows;

	if (rest == NULL)
		return false;
	rest->bytes = rows[0].bytes;
	for (const struct ipck_shmem_row *row = rows + 1; row < rest; row++)
		rest->bytes -= row->bytes;
	for (const struct ipck_shmem_row *row = rows; row < rest; row++)
		bound_rest(rest, row);
	if (incomplete != IPCK_OK)
		shmem_bound(rest, IPCK_BOUND_AT_MOST, incomplete);
	if (reading->blind != 0)
		shmem_bound(rest, IPCK_BOUND_AT_MOST, reading->blind);
	return true;
}

/* The total is read first: what others take meanwhile makes the rest too small, not too large. */
static bool fill(struct shmem_reading *reading)
{
	int incomplete = IPCK_OK;

	return add_total(reading) && shmem_add_sysv(reading) && add_tmpfs(reading, &incomplete) &&
	       add_memory_files(reading) && add_rest(reading, incomplete);
}

static void look_around(struct shmem_reading *reading)
{
	struct ipck_coverage *coverage = &reading->coverage;

	coverage->processes = reading->spaces.processes;
	coverage->denied = reading->spaces.denied;
	coverage->vanished = reading->spaces.vanished;
	coverage->hidden = processes_are_hidden();
	coverage->inner = namespace_pids_are_inner();
	if (coverage->hidden || coverage->denied > 0)
		reading->blind = IPCK_ERR_DENIED;
	else if (coverage->inner)
		reading->blind = IPCK_ERR_OUTSIDE;
}

IPCK_API int ipck_shmem_read(struct ipck *ctx, struct ipck_coverage *coverage,
			     struct ipck_shmem **out)
{
	struct shmem_reading reading = { .ctx = ctx };
	int rc;

	*out = NULL;
	if (coverage != NULL &&
	    !ipck_take(&reading.coverage, sizeof(reading.coverage), coverage, coverage->size))
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "shared memory: invalid argument");
	rc = namespaces_find(ctx, &reading.spaces);
	if (rc != IPCK_OK)
		return rc;
	reading.out = calloc(1, sizeof(*reading.out));
	look_around(&reading);
	if (reading.out == NULL || !fill(&reading))
		rc = ipck_fail(ctx, IPCK_ERR_MEMORY, "shared memory: out of memory");
	if (rc == IPCK_OK && coverage != NULL) {
		reading.coverage.size = coverage->size;
		memcpy(coverage, &reading.coverage, coverage->size);
	}
	namespaces_free(&reading.spaces);
	if (rc == IPCK_OK)
		*out = reading.out;
	else
		ipck_shmem_free(reading.out);
	return rc;
}

IPCK_API size_t ipck_shmem_count(const struct ipck_shmem *shmem)
{
	return shmem->count;
}

IPCK_API const struct ipck_shmem_row *ipck_shmem_at(const struct ipck_shmem *shmem, size_t i)
{
	return i < shmem->count ? &shmem->rows[i] : NULL;
}

IPCK_API void ipck_shmem_free(struct ipck_shmem *shmem)
{
	if (shmem == NULL)
		return;
	pool_free(&shmem->pool);
	free(shmem->rows);
	free(shmem);
}
