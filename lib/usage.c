/* SPDX-License-Identifier: MIT */
/* Totals of each kind. */
#include "usage.h"
#include "base/context.h"
#include "source/posix.h"
#include "source/sysv_limits.h"

#include <string.h>

static int add_posix(struct ipck_object *object, void *data)
{
	struct ipck_usage *usage = data;

	switch (object->kind) {
	case IPCK_POSIX_SHM:
		usage->posix_shm.objects++;
		usage->posix_shm.bytes += object->posix_shm.rss;
		break;
	case IPCK_POSIX_SEM:
		usage->posix_sem.objects++;
		break;
	default:
		usage->posix_mq.queues++;
		usage->posix_mq.messages += object->posix_mq.messages;
		if ((object->known & IPCK_POSIX_MQ_MESSAGES) == 0)
			usage->posix_mq.messages_known = false;
		break;
	}
	return IPCK_OK;
}

/* The kinds that live in one place. */
static void read_posix(struct ipck *ctx, unsigned kinds,
		       int (*open)(struct ipck *ctx, struct posix_place *place),
		       struct ipck_usage *usage)
{
	struct pool pool = { 0 };
	struct posix_place place;
	int rc;

	if (kinds == 0 || open(ctx, &place) != IPCK_OK)
		return;
	rc = posix_each(ctx, &place, kinds, 0, &pool, add_posix, usage);
	if (rc == IPCK_OK || rc == IPCK_ERR_DENIED)
		usage->known |= kinds;
	if (rc == IPCK_ERR_DENIED)
		usage->partial |= kinds;
	posix_close(&place);
	pool_free(&pool);
}

static int open_own_shm(struct ipck *ctx, struct posix_place *place)
{
	return posix_shm_open(ctx, 0, place);
}

void usage_read(struct ipck *ctx, unsigned kinds, struct ipck_usage *usage)
{
	for (unsigned kind = IPCK_SHM; kind <= IPCK_SEM; kind <<= 1)
		if ((kinds & kind) != 0 &&
		    sysv_read_totals(ctx, (enum ipck_kind)kind, usage) == IPCK_OK)
			usage->known |= kind;
	usage->posix_mq.messages_known = true;
	read_posix(ctx, kinds & (IPCK_POSIX_SHM | IPCK_POSIX_SEM), open_own_shm, usage);
	read_posix(ctx, kinds & IPCK_POSIX_MQ, posix_mq_open, usage);
}

IPCK_API int ipck_usage_read(struct ipck *ctx, unsigned kinds, struct ipck_usage *usage)
{
	const size_t size = usage->size;
	struct ipck_usage own = { 0 };

	if (size < sizeof(size) || size > sizeof(own) ||
	    (kinds & ~(unsigned)(IPCK_SYSV | IPCK_POSIX)) != 0)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "usage: invalid argument");
	usage_read(ctx, kinds, &own);
	own.size = size;
	memcpy(usage, &own, size);
	return IPCK_OK;
}
