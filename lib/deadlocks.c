/* SPDX-License-Identifier: MIT */
/* Deadlocks as the header offers them. */
#include "insight/waits.h"

#include <stdlib.h>

struct ipck_deadlocks {
	size_t count;
};

IPCK_API int ipck_deadlocks_read(struct ipck *ctx, const struct ipck_deadlocks_query *query,
				 struct ipck_deadlocks **out)
{
	(void)query;
	*out = NULL;
	return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED, "deadlocks: not built yet");
}

IPCK_API size_t ipck_deadlocks_count(const struct ipck_deadlocks *deadlocks)
{
	return deadlocks->count;
}

IPCK_API const struct ipck_deadlock *ipck_deadlocks_at(const struct ipck_deadlocks *deadlocks,
						       size_t i)
{
	(void)deadlocks;
	(void)i;
	return NULL;
}

IPCK_API const struct ipck_deadlock_member *ipck_deadlock_member_at(
	const struct ipck_deadlock *deadlock, size_t i)
{
	(void)deadlock;
	(void)i;
	return NULL;
}

IPCK_API void ipck_deadlocks_free(struct ipck_deadlocks *deadlocks)
{
	free(deadlocks);
}
