/* SPDX-License-Identifier: MIT */
/* Each queue is charged in full to its owner when it is made, whatever it holds. */
#include "charges.h"
#include "base/context.h"
#include "source/posix.h"
#include "source/posix_limits.h"

#include <stdlib.h>
#include <unistd.h>

static struct charge *charge_of(struct charges *charges, uid_t uid)
{
	for (size_t i = 0; i < charges->count; i++)
		if (charges->rows[i].uid == uid)
			return &charges->rows[i];
	if (charges->count == charges->size) {
		const size_t size = charges->size > 0 ? charges->size * 2 : 16;
		void *rows = reallocarray(charges->rows, size, sizeof(*charges->rows));

		if (rows == NULL)
			return NULL;
		charges->rows = rows;
		charges->size = size;
	}
	charges->rows[charges->count] = (struct charge){ .uid = uid, .known = true };
	return &charges->rows[charges->count++];
}

static int add_charge(struct ipck_object *object, void *data)
{
	struct charge *charge = charge_of(data, object->uid);

	if (charge == NULL)
		return IPCK_ERR_MEMORY;
	charge->bytes += posix_queue_charge(object->posix_mq.max_messages,
					    object->posix_mq.max_message_size);
	if ((object->known & IPCK_POSIX_MQ_LIMITS) == 0)
		charge->known = false;
	return IPCK_OK;
}

static int by_uid(const void *a, const void *b)
{
	const struct charge *left = a, *right = b;

	return (left->uid > right->uid) - (left->uid < right->uid);
}

static int add_queues(struct ipck *ctx, struct charges *charges)
{
	struct pool pool = { 0 };
	struct posix_place place;
	int rc = posix_mq_open(ctx, &place);

	if (rc != IPCK_OK)
		return rc;
	rc = posix_each(ctx, &place, IPCK_POSIX_MQ, 0, &pool, add_charge, charges);
	posix_close(&place);
	pool_free(&pool);
	return rc;
}

int charges_read(struct ipck *ctx, bool usage, struct charges *charges)
{
	int rc = IPCK_ERR_NOT_WANTED;

	*charges = (struct charges){ 0 };
	if (charge_of(charges, getuid()) == NULL)
		return IPCK_ERR_MEMORY;
	if (usage)
		rc = add_queues(ctx, charges);
	for (size_t i = 0; rc != IPCK_OK && i < charges->count; i++)
		charges->rows[i].known = false;
	qsort(charges->rows, charges->count, sizeof(*charges->rows), by_uid);
	return rc == IPCK_ERR_MEMORY ? rc : IPCK_OK;
}

void charges_free(struct charges *charges)
{
	free(charges->rows);
	*charges = (struct charges){ 0 };
}
