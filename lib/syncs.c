/* SPDX-License-Identifier: MIT */
/* Synchronization objects in shared memory: what their bytes say, and whose process that is. */
#include "base/context.h"

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
};

IPCK_API const char *ipck_sync_kind_name(enum ipck_sync_kind kind)
{
	return (size_t)kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[kind] : NULL;
}

IPCK_API const char *ipck_sync_state_name(enum ipck_sync_state state)
{
	return (size_t)state < sizeof(states) / sizeof(states[0]) ? states[state] : NULL;
}

IPCK_API int ipck_syncs_read(struct ipck *ctx, const struct ipck_object *object,
			     struct ipck_peek *peek, const struct ipck_syncs_query *query,
			     struct ipck_syncs **out)
{
	(void)object, (void)peek, (void)query;
	*out = NULL;
	return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED, "not yet");
}

IPCK_API size_t ipck_syncs_count(const struct ipck_syncs *syncs)
{
	(void)syncs;
	return 0;
}

IPCK_API const struct ipck_sync *ipck_syncs_at(const struct ipck_syncs *syncs, size_t i)
{
	(void)syncs, (void)i;
	return NULL;
}

IPCK_API const struct ipck_sync_owner *ipck_sync_owner_at(const struct ipck_sync *sync, size_t i)
{
	return i < sync->owner_count ? &sync->owners[i] : NULL;
}

IPCK_API void ipck_syncs_free(struct ipck_syncs *syncs)
{
	(void)syncs;
}
