/* SPDX-License-Identifier: MIT */
/* How much shared memory is that of System V segments, in all IPC namespaces. */
#include "shmem.h"
#include "source/sysv.h"
#include "source/sysv_limits.h"

struct segments {
	struct ipck *ctx;
	struct huge_pool pools[HUGE_POOLS_MAX];
	size_t pool_count;
	uint64_t count, bytes, swap;
	bool hidden; /* memory of a segment is not known */
	bool huge;   /* one may be of huge pages, which is not told */
};

static bool may_be_huge(const struct segments *segments, const struct ipck_object *object)
{
	if ((object->known & IPCK_SHM_HUGETLB) != 0)
		return object->shm.hugetlb;
	for (size_t i = 0; i < segments->pool_count; i++)
		if (segments->pools[i].pages > segments->pools[i].free && object->shm.rss > 0 &&
		    object->shm.rss % segments->pools[i].page == 0)
			return true;
	return false;
}

static int add_segment(struct ipck_object *object, void *data)
{
	struct segments *segments = data;
	const bool huge = may_be_huge(segments, object);

	segments->count++;
	if ((object->known & IPCK_SHM_RSS) == 0)
		segments->hidden = true;
	if (huge && (object->known & IPCK_SHM_HUGETLB) != 0)
		return IPCK_OK;
	segments->huge |= huge;
	segments->bytes += object->shm.rss;
	segments->swap += object->shm.swap;
	return IPCK_OK;
}

static bool huge_pages_in_use(const struct segments *segments)
{
	for (size_t i = 0; i < segments->pool_count; i++)
		if (segments->pools[i].pages > segments->pools[i].free)
			return true;
	return false;
}

/* The kernel's own sum counts huge pages too: where there are none it is all that is needed. */
static int add_segments(void *data)
{
	struct segments *segments = data;
	struct ipck_usage usage = { .known = 0 };
	int rc;

	if (huge_pages_in_use(segments))
		return sysv_each(segments->ctx, IPCK_SHM, IPCK_WANT_RSS, add_segment, segments);
	rc = sysv_read_totals(segments->ctx, IPCK_SHM, &usage);
	segments->count += usage.shm.segments;
	segments->bytes += usage.shm.rss;
	segments->swap += usage.shm.swap;
	segments->hidden |= !usage.shm.rss_known;
	return rc;
}

/* All processes of a namespace lead into it, but some may have ended meanwhile. */
static int add_namespace(struct shmem_reading *reading, const struct namespace_seen *rows,
			 size_t count, struct segments *segments)
{
	int rc = IPCK_ERR_NOT_FOUND;

	for (size_t i = 0; i < count && rc == IPCK_ERR_NOT_FOUND; i++)
		rc = namespace_run(reading->ctx, NAMESPACE_IPC, rows[i].pid, rows[i].ipc,
				   add_segments, segments);
	reading->coverage.namespaces_denied += rc == IPCK_ERR_DENIED;
	return rc;
}

bool shmem_add_sysv(struct shmem_reading *reading)
{
	const struct namespaces_seen *spaces = &reading->spaces;
	struct segments segments = { .ctx = reading->ctx };
	struct ipck_shmem_row *row = shmem_add(reading, IPCK_SHMEM_SYSV);
	size_t end;

	if (row == NULL)
		return false;
	segments.pool_count = huge_pools_read(segments.pools);
	for (size_t begin = 0; begin < spaces->count; begin = end) {
		int rc;

		for (end = begin + 1; end < spaces->count; end++)
			if (spaces->rows[end].ipc != spaces->rows[begin].ipc)
				break;
		rc = add_namespace(reading, &spaces->rows[begin], end - begin, &segments);
		if (rc != IPCK_OK && rc != IPCK_ERR_NOT_FOUND)
			shmem_bound(row, IPCK_BOUND_AT_LEAST, rc);
	}
	row->objects = segments.count;
	row->bytes = (int64_t)segments.bytes;
	if (reading->blind != 0)
		shmem_bound(row, IPCK_BOUND_AT_LEAST, reading->blind);
	if (segments.hidden)
		shmem_bound(row, IPCK_BOUND_AT_LEAST, IPCK_ERR_UNSUPPORTED);
	if (segments.huge)
		shmem_bound(row, IPCK_BOUND_AT_MOST, IPCK_ERR_UNSUPPORTED);
	/* What is in swap of segments is known, so it can be nothing else's. */
	reading->memory.swap_used -= segments.swap < reading->memory.swap_used
					     ? segments.swap
					     : reading->memory.swap_used;
	return true;
}
