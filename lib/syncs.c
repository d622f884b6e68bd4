/* SPDX-License-Identifier: MIT */
/* Synchronization objects in shared memory: what their bytes say, and whose process that is. */
#include "syncs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const kinds[] = {
	[IPCK_SYNC_MUTEX] = "mutex",
	[IPCK_SYNC_RWLOCK] = "rwlock",
	[IPCK_SYNC_COND] = "cond",
	[IPCK_SYNC_SEM] = "sem",
};

static const char *const states[] = {
	[IPCK_SYNC_FREE] = "free",
	[IPCK_SYNC_TAKEN] = "taken",
	[IPCK_SYNC_SHARED] = "shared",
	[IPCK_SYNC_ABANDONED] = "abandoned",
	[IPCK_SYNC_OWNER_DIED] = "owner-died",
	[IPCK_SYNC_UNUSABLE] = "not-recoverable",
	[IPCK_SYNC_NONE] = "none",
	[IPCK_SYNC_UNTOLD] = "unknown",
	[IPCK_SYNC_WAITED] = "waited-on",
};

IPCK_API const char *ipck_sync_kind_name(enum ipck_sync_kind kind)
{
	return (size_t)kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[kind] : NULL;
}

IPCK_API const char *ipck_sync_state_name(enum ipck_sync_state state)
{
	return (size_t)state < sizeof(states) / sizeof(states[0]) ? states[state] : NULL;
}

int syncs_no_memory(struct ipck_syncs *syncs)
{
	return ipck_fail(syncs->ctx, IPCK_ERR_MEMORY, "out of memory");
}

const char *syncs_text(struct ipck_syncs *syncs, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return pool_string(&syncs->pool, text);
}

#define PATIENCE 50 /* pauses of a reading, in all */

IPCK_API int ipck_syncs_read(struct ipck *ctx, const struct ipck_object *object,
			     struct ipck_peek *peek, const struct ipck_syncs_query *query,
			     struct ipck_syncs **out)
{
	struct ipck_syncs_query own;
	struct ipck_syncs *syncs;
	int rc;

	*out = NULL;
	if (!ipck_take(&own, sizeof(own), query, query->size) ||
	    ipck_sync_kind_name(own.kind) == NULL ||
	    (own.find && (own.kind != IPCK_SYNC_MUTEX || own.begin > own.end)))
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "locks: invalid argument");
	syncs = calloc(1, sizeof(*syncs));
	if (syncs == NULL)
		return ipck_fail(ctx, IPCK_ERR_MEMORY, "out of memory");
	syncs->ctx = ctx;
	syncs->object = object;
	syncs->peek = peek;
	syncs->query = &own;
	syncs->patience = PATIENCE;
	rc = own.find ? syncs_find(syncs) : syncs_read_one(syncs);
	if (rc == IPCK_OK)
		rc = syncs_add_owners(syncs);
	if (rc == IPCK_OK && own.waiting)
		rc = syncs_add_waiting(syncs);
	syncs->query = NULL;
	if (rc == IPCK_OK)
		*out = syncs;
	else
		ipck_syncs_free(syncs);
	return rc;
}

IPCK_API size_t ipck_syncs_count(const struct ipck_syncs *syncs)
{
	return syncs->count;
}

IPCK_API const struct ipck_sync *ipck_syncs_at(const struct ipck_syncs *syncs, size_t i)
{
	return i < syncs->count ? &syncs->rows[i].lock : NULL;
}

IPCK_API const struct ipck_sync_owner *ipck_sync_owner_at(const struct ipck_sync *lock, size_t i)
{
	return i < lock->owner_count ? &lock->owners[i] : NULL;
}

IPCK_API const struct ipck_wait *ipck_sync_waiting_at(const struct ipck_sync *lock, size_t i)
{
	return i < lock->waiting_count ? lock->waiting[i] : NULL;
}

IPCK_API void ipck_syncs_free(struct ipck_syncs *syncs)
{
	if (syncs == NULL)
		return;
	ipck_waits_free(syncs->waits);
	pool_free(&syncs->pool);
	free(syncs->rows);
	free(syncs);
}
