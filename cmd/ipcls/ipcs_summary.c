/* SPDX-License-Identifier: MIT */
/*
 * Limits (-l) and totals (-u) of the drop-in ipcs.  It prints the kernel's own numbers, where one
 * exists even those that mean "no limit".
 */
#include "ipcs.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* The line that stands in for a kind that this kernel or container does not offer. */
static void not_configured(enum ipck_kind kind)
{
	put_format("kernel not configured for %s\n", kind == IPCK_SHM   ? "shared memory"
						     : kind == IPCK_MSG ? "message queues"
									: "semaphores");
}

/* ---- Limits ---- */

enum limit_unit {
	LIMIT_COUNT,
	LIMIT_BYTES,  /* shown in bytes */
	LIMIT_KBYTES, /* shown in kilobytes unless told otherwise */
	LIMIT_PAGES   /* likewise, and counted in pages */
};

static const struct limit_line {
	enum ipck_kind kind;
	const char *resource; /* the library's name */
	const char *label;
	enum limit_unit unit;
} limit_lines[] = {
	{ IPCK_MSG, "MSGMNI", "max queues system wide", LIMIT_COUNT },
	{ IPCK_MSG, "MSGMAX", "max size of message", LIMIT_BYTES },
	{ IPCK_MSG, "MSGMNB", "default max size of queue", LIMIT_BYTES },
	{ IPCK_SHM, "SHMMNI", "max number of segments", LIMIT_COUNT },
	{ IPCK_SHM, "SHMMAX", "max seg size", LIMIT_KBYTES },
	{ IPCK_SHM, "SHMALL", "max total shared memory", LIMIT_PAGES },
	{ IPCK_SHM, "SHMMIN", "min seg size", LIMIT_BYTES },
	{ IPCK_SEM, "SEMMNI", "max number of arrays", LIMIT_COUNT },
	{ IPCK_SEM, "SEMMSL", "max semaphores per array", LIMIT_COUNT },
	{ IPCK_SEM, "SEMMNS", "max semaphores system wide", LIMIT_COUNT },
	{ IPCK_SEM, "SEMOPM", "max ops per semop call", LIMIT_COUNT },
	{ IPCK_SEM, "SEMVMX", "semaphore max value", LIMIT_COUNT },
};

/* A product that does not fit is the largest multiple of the factor that does. */
static uint64_t multiply(uint64_t number, uint64_t factor)
{
	uint64_t product;

	if (__builtin_mul_overflow(number, factor, &product))
		return UINT64_MAX - UINT64_MAX % factor;
	return product;
}

static void put_limit(const struct limit_line *line, uint64_t raw, enum ipcs_unit unit)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	const bool kbytes =
		unit == IPCS_MIXED && (line->unit == LIMIT_KBYTES || line->unit == LIMIT_PAGES);
	char buf[NUMBER_MAX];
	size_t length;

	if (line->unit == LIMIT_PAGES)
		raw = multiply(raw, kbytes ? page / 1024 : page);
	else if (kbytes)
		raw /= 1024;
	put_text(line->label);
	if (line->unit != LIMIT_COUNT && unit != IPCS_HUMAN)
		put_text(kbytes ? " (kbytes)" : " (bytes)");
	put_text(" = ");
	if (line->unit != LIMIT_COUNT && unit == IPCS_HUMAN)
		length = human_size(raw, buf);
	else
		length = digits(raw, 10, buf);
	put_left(buf, length, 0);
	put_text("\n");
}

static const struct ipck_limit *find(const struct ipck_limits *limits, const char *resource)
{
	for (size_t i = 0; i < ipck_limits_count(limits); i++)
		if (strcmp(ipck_limits_at(limits, i)->resource, resource) == 0)
			return ipck_limits_at(limits, i);
	return NULL;
}

bool ipcs_limits(struct ipck *ctx, enum ipck_kind kind, enum ipcs_unit unit)
{
	struct ipck_limits *limits;

	if (ipck_limits_read(ctx, kind, 0, &limits) != IPCK_OK) {
		ipcs_complain("%s", ipck_message(ctx));
		return false;
	}
	if ((ipck_limits_missing(limits) & kind) != 0) {
		not_configured(kind);
		ipck_limits_free(limits);
		return true;
	}
	put_format("------ %s Limits --------\n", kind == IPCK_SHM   ? "Shared Memory"
						  : kind == IPCK_MSG ? "Messages"
								     : "Semaphore");
	for (size_t i = 0; i < sizeof(limit_lines) / sizeof(limit_lines[0]); i++) {
		const struct ipck_limit *limit;

		if (limit_lines[i].kind != kind)
			continue;
		limit = find(limits, limit_lines[i].resource);
		if (limit != NULL)
			put_limit(&limit_lines[i], limit->raw, unit);
	}
	ipck_limits_free(limits);
	return true;
}

/* ---- Totals ---- */

static void shm_usage(const struct ipck_usage *usage)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	put_text("------ Shared Memory Status --------\n");
	put_format("segments allocated %" PRIu64 "\n", usage->shm.segments);
	put_format("pages allocated %" PRIu64 "\n", usage->shm.bytes / page);
	put_format("pages resident  %" PRIu64 "\n", usage->shm.rss / page);
	put_format("pages swapped   %" PRIu64 "\n", usage->shm.swap / page);
	put_format("Swap performance: %" PRIu64 " attempts\t %" PRIu64 " successes\n",
		   usage->shm.swap_attempts, usage->shm.swap_successes);
}

static void msg_usage(const struct ipck_usage *usage, enum ipcs_unit unit)
{
	char buf[NUMBER_MAX];

	put_text("------ Messages Status --------\n");
	put_format("allocated queues = %" PRIu64 "\n", usage->msg.queues);
	put_format("used headers = %" PRIu64 "\n", usage->msg.messages);
	switch (unit) {
	case IPCS_MIXED:
		put_format("used space = %" PRIu64 " bytes\n", usage->msg.bytes);
		break;
	case IPCS_BYTES:
		put_format("used space (bytes) = %" PRIu64 "\n", usage->msg.bytes);
		break;
	case IPCS_HUMAN:
		put_text("used space = ");
		put_left(buf, human_size(usage->msg.bytes, buf), 0);
		put_text("\n");
		break;
	}
}

static void sem_usage(const struct ipck_usage *usage)
{
	put_text("------ Semaphore Status --------\n");
	put_format("used arrays = %" PRIu64 "\n", usage->sem.sets);
	put_format("allocated semaphores = %" PRIu64 "\n", usage->sem.semaphores);
}

bool ipcs_usage(struct ipck *ctx, enum ipck_kind kind, enum ipcs_unit unit)
{
	struct ipck_usage usage = { .size = sizeof(usage) };

	if (ipck_usage_read(ctx, kind, &usage) != IPCK_OK) {
		ipcs_complain("%s", ipck_message(ctx));
		return false;
	}
	if ((usage.known & kind) == 0)
		not_configured(kind);
	else if (kind == IPCK_SHM)
		shm_usage(&usage);
	else if (kind == IPCK_MSG)
		msg_usage(&usage, unit);
	else
		sem_usage(&usage);
	return true;
}
