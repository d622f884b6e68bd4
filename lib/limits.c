/* SPDX-License-Identifier: MIT */
/* Limits beside what is used of them, and what users see when one is exhausted. */
#include "limit_rows.h"
#include "base/context.h"
#include "base/names.h"
#include "charges.h"
#include "source/memory.h"
#include "source/posix_limits.h"
#include "source/sysv_limits.h"
#include "usage.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

bool limits_add(struct ipck_limits *limits, const struct ipck_limit *limit)
{
	if (limits->count == limits->size) {
		const size_t size = limits->size > 0 ? limits->size * 2 : 32;
		void *rows = reallocarray(limits->rows, size, sizeof(*limits->rows));

		if (rows == NULL)
			return false;
		limits->rows = rows;
		limits->size = size;
	}
	limits->rows[limits->count++] = *limit;
	return true;
}

/* ---- Numbers that the kernel keeps one of ---- */

struct numbers {
	struct sysv_limits sysv;
	struct posix_limits posix;
};

/* Which number each row shows, as offsets into the structs that the sources fill. */
struct limit_row {
	enum ipck_kind kind;
	const char *resource, *description;
	enum ipck_unit unit;
	size_t limit;
	size_t used; /* 0: per object or per call, so nothing is "used" */
	const char *when_exhausted;
};

#define LIMIT(member) offsetof(struct numbers, member)
#define USED(member) offsetof(struct ipck_usage, member)

#define NO_SPACE "ENOSPC \"No space left on device\""
#define INVALID "EINVAL \"Invalid argument\""
#define AGAIN "EAGAIN \"Resource temporarily unavailable\""

static const struct limit_row rows[] = {
	{ IPCK_SHM, "SHMMNI", "shared memory segments", IPCK_UNIT_COUNT, LIMIT(sysv.shm.mni),
	  USED(shm.segments), "shmget: " NO_SPACE },
	{ IPCK_SHM, "SHMALL", "shared memory in all segments", IPCK_UNIT_BYTES, LIMIT(sysv.shm.all),
	  USED(shm.bytes), "shmget: " NO_SPACE },
	{ IPCK_SHM, "SHMMAX", "size of a segment", IPCK_UNIT_BYTES, LIMIT(sysv.shm.max), 0,
	  "shmget: " INVALID },
	{ IPCK_SHM, "SHMMIN", "least size of a segment", IPCK_UNIT_BYTES, LIMIT(sysv.shm.min), 0,
	  "shmget: " INVALID },
	{ IPCK_MSG, "MSGMNI", "message queues", IPCK_UNIT_COUNT, LIMIT(sysv.msg.mni),
	  USED(msg.queues), "msgget: " NO_SPACE },
	{ IPCK_MSG, "MSGMAX", "size of a message", IPCK_UNIT_BYTES, LIMIT(sysv.msg.max), 0,
	  "msgsnd: " INVALID },
	{ IPCK_MSG, "MSGMNB", "bytes in a new queue", IPCK_UNIT_BYTES, LIMIT(sysv.msg.mnb), 0,
	  "msgsnd: " AGAIN },
	{ IPCK_SEM, "SEMMNI", "semaphore sets", IPCK_UNIT_COUNT, LIMIT(sysv.sem.mni),
	  USED(sem.sets), "semget: " NO_SPACE },
	{ IPCK_SEM, "SEMMNS", "semaphores in all sets", IPCK_UNIT_COUNT, LIMIT(sysv.sem.mns),
	  USED(sem.semaphores), "semget: " NO_SPACE },
	{ IPCK_SEM, "SEMMSL", "semaphores in a set", IPCK_UNIT_COUNT, LIMIT(sysv.sem.msl), 0,
	  "semget: " INVALID },
	{ IPCK_SEM, "SEMOPM", "operations in a semop call", IPCK_UNIT_COUNT, LIMIT(sysv.sem.opm), 0,
	  "semop: E2BIG \"Argument list too long\"" },
	{ IPCK_SEM, "SEMVMX", "value of a semaphore", IPCK_UNIT_COUNT, LIMIT(sysv.sem.vmx), 0,
	  "semop: ERANGE \"Numerical result out of range\"" },
	{ IPCK_POSIX_MQ, "fs.mqueue.queues_max", "POSIX message queues", IPCK_UNIT_COUNT,
	  LIMIT(posix.queues_max), USED(posix_mq.queues), "mq_open: " NO_SPACE },
	{ IPCK_POSIX_MQ, "fs.mqueue.msg_max", "messages in a POSIX queue", IPCK_UNIT_COUNT,
	  LIMIT(posix.msg_max), 0, "mq_open: " INVALID },
	{ IPCK_POSIX_MQ, "fs.mqueue.msgsize_max", "size of a message in a POSIX queue",
	  IPCK_UNIT_BYTES, LIMIT(posix.msgsize_max), 0, "mq_open: " INVALID },
	{ IPCK_POSIX_MQ, "fs.mqueue.msg_default",
	  "messages in a POSIX queue made without attributes", IPCK_UNIT_COUNT,
	  LIMIT(posix.msg_default), 0, "mq_send: " AGAIN },
	{ IPCK_POSIX_MQ, "fs.mqueue.msgsize_default",
	  "size of a message in a POSIX queue made without attributes", IPCK_UNIT_BYTES,
	  LIMIT(posix.msgsize_default), 0, "mq_send: EMSGSIZE \"Message too long\"" },
};

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

static struct ipck_limit limit_of(const struct limit_row *row, const struct numbers *numbers,
				  const struct ipck_usage *usage)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct ipck_limit limit = {
		.kind = row->kind,
		.resource = row->resource,
		.description = row->description,
		.unit = row->unit,
		.limit = number_at(numbers, row->limit),
		.used_known = row->used != 0 && (usage->known & row->kind) != 0,
		.when_exhausted = row->when_exhausted,
		.raw = number_at(numbers, row->limit),
	};

	limit.unlimited = sentinel(limit.limit);
	if (row->limit == LIMIT(sysv.shm.all) && !limit.unlimited)
		limit.unlimited = __builtin_mul_overflow(limit.limit, page, &limit.limit);
	if (limit.unlimited)
		limit.limit = 0;
	if (limit.used_known)
		limit.used = number_at(usage, row->used);
	return limit;
}

static bool add_numbers(struct ipck *ctx, struct ipck_limits *limits, unsigned kinds,
			bool with_usage)
{
	struct ipck_usage usage = { 0 };
	struct numbers numbers = { 0 };

	if (with_usage)
		usage_read(ctx, kinds, &usage);
	for (unsigned kind = IPCK_SHM; kind <= IPCK_SEM; kind <<= 1)
		if ((kinds & kind) != 0 &&
		    sysv_read_limits((enum ipck_kind)kind, &numbers.sysv) != 0)
			limits->missing |= kind;
	if ((kinds & IPCK_POSIX_MQ) != 0 && !posix_read_limits(&numbers.posix))
		limits->missing |= IPCK_POSIX_MQ;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct ipck_limit limit = limit_of(&rows[i], &numbers, &usage);

		if ((kinds & ~limits->missing & rows[i].kind) != 0 && !limits_add(limits, &limit))
			return false;
	}
	return true;
}

/* ---- Huge pages ---- */

static bool add_huge_pages(struct ipck_limits *limits, bool with_usage)
{
	struct huge_pool pools[HUGE_POOLS_MAX];
	const size_t count = huge_pools_read(pools);
	char name[64];

	for (size_t i = 0; i < count; i++) {
		const uint64_t room = huge_pool_limit(&pools[i]);
		const bool known = with_usage && (room > 0 || pools[i].pages > 0);
		struct ipck_limit limit = {
			.kind = IPCK_SHM,
			.description = "huge pages of this size, also of segments",
			.unit = IPCK_UNIT_BYTES,
			.limit = room,
			.used_known = known,
			.used = known ? huge_pool_used(&pools[i]) : 0,
			.when_exhausted = "shmget SHM_HUGETLB: ENOMEM \"Cannot allocate memory\"",
			.raw = pools[i].pages,
		};

		snprintf(name, sizeof(name), "hugepages-%llukB",
			 (unsigned long long)(pools[i].page / 1024));
		limit.resource = pool_string(&limits->pool, name);
		if (limit.resource == NULL || !limits_add(limits, &limit))
			return false;
	}
	return true;
}

/* ---- RLIMIT_MSGQUEUE ---- */

static bool add_user(struct ipck_limits *limits, struct names *names, const struct charge *charge)
{
	struct rlimit rlimit = { RLIM_INFINITY, RLIM_INFINITY };
	struct ipck_limit limit = {
		.kind = IPCK_POSIX_MQ,
		.description = "POSIX queues of this user, with room for all their messages",
		.unit = IPCK_UNIT_BYTES,
		.used_known = charge->known,
		.used = charge->known ? charge->bytes : 0,
		.when_exhausted = "mq_open: EMFILE \"Too many open files\"",
	};
	const char *user = names_user(names, charge->uid);
	char name[320];

	if (user == NULL)
		return false;
	getrlimit(RLIMIT_MSGQUEUE, &rlimit);
	limit.unlimited = rlimit.rlim_cur == RLIM_INFINITY;
	limit.limit = limit.unlimited ? 0 : rlimit.rlim_cur;
	limit.raw = rlimit.rlim_cur;
	snprintf(name, sizeof(name), "RLIMIT_MSGQUEUE:%.256s", user);
	limit.resource = pool_string(&limits->pool, name);
	return limit.resource != NULL && limits_add(limits, &limit);
}

static bool add_users(struct ipck *ctx, struct ipck_limits *limits, bool with_usage)
{
	struct names names = { .pool = &limits->pool };
	struct charges charges;
	bool good = charges_read(ctx, with_usage, &charges) == IPCK_OK;

	for (size_t i = 0; i < charges.count && good; i++)
		good = add_user(limits, &names, &charges.rows[i]);
	charges_free(&charges);
	names_free(&names);
	return good;
}

/* ---- All ---- */

static bool fill(struct ipck *ctx, struct ipck_limits *limits, unsigned kinds, unsigned want)
{
	const bool with_usage = (want & IPCK_LIMITS_USED) != 0;

	return add_numbers(ctx, limits, kinds, with_usage) &&
	       ((kinds & IPCK_SHM) == 0 || add_huge_pages(limits, with_usage)) &&
	       ((kinds & (IPCK_POSIX_SHM | IPCK_POSIX_SEM)) == 0 ||
		limits_add_dev_shm(ctx, limits, want)) &&
	       ((kinds & ~limits->missing & IPCK_POSIX_MQ) == 0 ||
		add_users(ctx, limits, with_usage));
}

IPCK_API int ipck_limits_read(struct ipck *ctx, unsigned kinds, unsigned want,
			      struct ipck_limits **out)
{
	*out = NULL;
	if ((kinds & ~(unsigned)(IPCK_SYSV | IPCK_POSIX)) != 0 ||
	    (want & ~(unsigned)(IPCK_LIMITS_USED | IPCK_LIMITS_EACH)) != 0)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "limits: invalid argument");
	*out = calloc(1, sizeof(**out));
	if (*out != NULL && fill(ctx, *out, kinds, want))
		return IPCK_OK;
	ipck_limits_free(*out);
	*out = NULL;
	return ipck_fail(ctx, IPCK_ERR_MEMORY, "limits: out of memory");
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
	if (limits == NULL)
		return;
	pool_free(&limits->pool);
	free(limits->rows);
	free(limits);
}
