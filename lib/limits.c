/* SPDX-License-Identifier: MIT */
/* Limits beside what is used of them, and what users see when one is exhausted. */
#include "base/context.h"
#include "source/sysv_limits.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const enum ipck_kind kinds_in_order[] = { IPCK_SHM, IPCK_MSG, IPCK_SEM };

#define LIMITS_MAX 16

struct ipck_limits {
	struct ipck_limit rows[LIMITS_MAX];
	size_t count;
	unsigned missing;
};

/* Which number each row shows, as offsets into the two structs that the source fills. */
struct limit_row {
	enum ipck_kind kind;
	const char *resource, *description;
	enum ipck_unit unit;
	size_t limit;
	size_t used; /* 0: per object or per call, so nothing is "used" */
	const char *when_exhausted;
};

#define LIMIT(member) offsetof(struct sysv_limits, member)
#define USED(member) offsetof(struct ipck_usage, member)

static const struct limit_row rows[] = {
	{ IPCK_SHM, "SHMMNI", "shared memory segments", IPCK_UNIT_COUNT, LIMIT(shm.mni),
	  USED(shm.segments), "shmget: ENOSPC \"No space left on device\"" },
	{ IPCK_SHM, "SHMALL", "shared memory in all segments", IPCK_UNIT_BYTES, LIMIT(shm.all),
	  USED(shm.bytes), "shmget: ENOSPC \"No space left on device\"" },
	{ IPCK_SHM, "SHMMAX", "size of a segment", IPCK_UNIT_BYTES, LIMIT(shm.max), 0,
	  "shmget: EINVAL \"Invalid argument\"" },
	{ IPCK_SHM, "SHMMIN", "least size of a segment", IPCK_UNIT_BYTES, LIMIT(shm.min), 0,
	  "shmget: EINVAL \"Invalid argument\"" },
	{ IPCK_MSG, "MSGMNI", "message queues", IPCK_UNIT_COUNT, LIMIT(msg.mni), USED(msg.queues),
	  "msgget: ENOSPC \"No space left on device\"" },
	{ IPCK_MSG, "MSGMAX", "size of a message", IPCK_UNIT_BYTES, LIMIT(msg.max), 0,
	  "msgsnd: EINVAL \"Invalid argument\"" },
	{ IPCK_MSG, "MSGMNB", "bytes in a new queue", IPCK_UNIT_BYTES, LIMIT(msg.mnb), 0,
	  "msgsnd: EAGAIN \"Resource temporarily unavailable\"" },
	{ IPCK_SEM, "SEMMNI", "semaphore sets", IPCK_UNIT_COUNT, LIMIT(sem.mni), USED(sem.sets),
	  "semget: ENOSPC \"No space left on device\"" },
	{ IPCK_SEM, "SEMMNS", "semaphores in all sets", IPCK_UNIT_COUNT, LIMIT(sem.mns),
	  USED(sem.semaphores), "semget: ENOSPC \"No space left on device\"" },
	{ IPCK_SEM, "SEMMSL", "semaphores in a set", IPCK_UNIT_COUNT, LIMIT(sem.msl), 0,
	  "semget: EINVAL \"Invalid argument\"" },
	{ IPCK_SEM, "SEMOPM", "operations in a semop call", IPCK_UNIT_COUNT, LIMIT(sem.opm), 0,
	  "semop: E2BIG \"Argument list too long\"" },
	{ IPCK_SEM, "SEMVMX", "value of a semaphore", IPCK_UNIT_COUNT, LIMIT(sem.vmx), 0,
	  "semop: ERANGE \"Numerical result out of range\"" },
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) <= LIMITS_MAX, "LIMITS_MAX is too small");

static uint64_t number_at(const void *base, size_t offset)
{
	uint64_t number;

	memcpy(&number, (const char *)base + offset, sizeof(number));
	return number;
}

/* The kernel's "no limit" for SHMMAX and SHMALL is a little below the largest unsigned long. */
static bool sentinel(uint64_t limit)
{
	return limit >= ULONG_MAX - (1ul << 24);
}

static void fill(struct ipck_limit *limit, const struct limit_row *row,
		 const struct sysv_limits *limits, const struct ipck_usage *usage)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	*limit = (struct ipck_limit){
		.kind = row->kind,
		.resource = row->resource,
		.description = row->description,
		.unit = row->unit,
		.limit = number_at(limits, row->limit),
		.used_known = row->used != 0 && (usage->known & row->kind) != 0,
		.when_exhausted = row->when_exhausted,
		.raw = number_at(limits, row->limit),
	};
	limit->unlimited = sentinel(limit->limit);
	if (row->limit == LIMIT(shm.all) && !limit->unlimited)
		limit->unlimited = __builtin_mul_overflow(limit->limit, page, &limit->limit);
	if (limit->unlimited)
		limit->limit = 0;
	if (limit->used_known)
		limit->used = number_at(usage, row->used);
}

/* ---- Totals ---- */

static void read_usages(struct ipck *ctx, unsigned kinds, struct ipck_usage *usage)
{
	for (size_t i = 0; i < sizeof(kinds_in_order) / sizeof(kinds_in_order[0]); i++)
		if ((kinds & kinds_in_order[i]) != 0 &&
		    sysv_read_totals(ctx, kinds_in_order[i], usage) == IPCK_OK)
			usage->known |= kinds_in_order[i];
}

IPCK_API int ipck_usage_read(struct ipck *ctx, unsigned kinds, struct ipck_usage *usage)
{
	const size_t size = usage->size;
	struct ipck_usage own = { 0 };

	if (size < sizeof(size) || size > sizeof(own) || (kinds & ~(unsigned)IPCK_SYSV) != 0)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "usage: invalid argument");
	read_usages(ctx, kinds, &own);
	own.size = size;
	memcpy(usage, &own, size);
	return IPCK_OK;
}

/* ---- Limits ---- */

IPCK_API int ipck_limits_read(struct ipck *ctx, unsigned kinds, bool with_usage,
			      struct ipck_limits **out)
{
	struct ipck_limits *limits = calloc(1, sizeof(*limits));
	struct ipck_usage usage = { 0 };
	struct sysv_limits numbers = { 0 };

	*out = limits;
	if ((kinds & ~(unsigned)IPCK_SYSV) != 0) {
		free(limits);
		*out = NULL;
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "limits: invalid argument");
	}
	if (limits == NULL)
		return ipck_fail(ctx, IPCK_ERR_MEMORY, "limits: out of memory");
	if (with_usage)
		read_usages(ctx, kinds, &usage);
	for (size_t i = 0; i < sizeof(kinds_in_order) / sizeof(kinds_in_order[0]); i++)
		if ((kinds & kinds_in_order[i]) != 0 &&
		    sysv_read_limits(kinds_in_order[i], &numbers) != 0)
			limits->missing |= kinds_in_order[i];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((kinds & rows[i].kind) != 0 && (limits->missing & rows[i].kind) == 0)
			fill(&limits->rows[limits->count++], &rows[i], &numbers, &usage);
	return IPCK_OK;
}

IPCK_API size_t ipck_limits_count(const struct ipck_limits *limits)
{
	return limits->count;
}

IPCK_API const struct ipck_limit *ipck_limits_at(const struct ipck_limits *limits, size_t i)
{
	return i < limits->count ? &limits->rows[i] : NULL;
}

IPCK_API unsigned ipck_limits_missing(const struct ipck_limits *limits)
{
	return limits->missing;
}

IPCK_API void ipck_limits_free(struct ipck_limits *limits)
{
	free(limits);
}
