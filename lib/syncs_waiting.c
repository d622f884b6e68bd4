/* SPDX-License-Identifier: MIT */
/* Which threads wait for the locks that were read: by the calls that all threads are in. */
#include "insight/waits.h"
#include "syncs.h"

#include <stdlib.h>

static bool somebody_waits(const struct ipck_syncs *syncs)
{
	for (size_t i = 0; i < syncs->count; i++)
		if (syncs->rows[i].lock.waiters_some)
			return true;
	return false;
}

/* The lock that it waits for; NULL: another one. */
static struct ipck_sync *lock_of(struct ipck_syncs *syncs, const struct ipck_wait *wait)
{
	const uint64_t offset = ((const struct waiting *)wait)->offset; /* its first member */
	size_t low = 0, high = syncs->count;

	while (low < high) { /* the first that begins behind it */
		const size_t middle = low + (high - low) / 2;

		if (syncs->rows[middle].lock.offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	/* within: a word of it that was not recognized as such */
	return offset - syncs->rows[low - 1].lock.offset <
			       pthread_bytes_size(syncs->rows[low - 1].lock.kind)
		       ? &syncs->rows[low - 1].lock
		       : NULL;
}

/* Each lock's threads one behind the other, in one array. */
static int give_out(struct ipck_syncs *syncs)
{
	const size_t count = ipck_waits_count(syncs->waits);
	const struct ipck_wait **all = pool_alloc(&syncs->pool, (count + 1) * sizeof(*all));
	struct ipck_sync *lock;
	size_t at = 0;

	if (all == NULL)
		return syncs_no_memory(syncs);
	for (size_t i = 0; i < count; i++)
		if ((lock = lock_of(syncs, ipck_waits_at(syncs->waits, i))) != NULL)
			lock->waiting_count++;
	for (size_t i = 0; i < syncs->count; i++) {
		lock = &syncs->rows[i].lock;
		lock->waiting = lock->waiting_count > 0 ? all + at : NULL;
		at += lock->waiting_count;
		lock->waiting_count = 0;
	}
	for (size_t i = 0; i < count; i++) {
		const struct ipck_wait *wait = ipck_waits_at(syncs->waits, i);

		if ((lock = lock_of(syncs, wait)) != NULL)
			all[(lock->waiting - all) + (ptrdiff_t)lock->waiting_count++] = wait;
	}
	return IPCK_OK;
}

int syncs_add_waiting(struct ipck_syncs *syncs)
{
	struct ipck_coverage coverage = { .size = sizeof(coverage) };
	size_t denied = 0;
	const struct ipck_waits_query query = { .size = sizeof(query),
						.objects = &syncs->object,
						.object_count = 1,
						.coverage = &coverage,
						.threads_denied = &denied };
	int rc, why = 0;

	if (!somebody_waits(syncs))
		return IPCK_OK;
	rc = ipck_waits_read(syncs->ctx, &query, &syncs->waits);
	if (rc == IPCK_ERR_UNSUPPORTED || rc == IPCK_ERR_DENIED)
		why = rc;
	else if (rc != IPCK_OK)
		return rc;
	else if (denied > 0 || coverage.denied > 0 || coverage.hidden)
		why = IPCK_ERR_DENIED;
	else if (coverage.inner)
		why = IPCK_ERR_OUTSIDE;
	for (size_t i = 0; i < syncs->count; i++)
		syncs->rows[i].lock.waiting_why = why;
	return syncs->waits != NULL ? give_out(syncs) : IPCK_OK;
}
