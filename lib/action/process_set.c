/* SPDX-License-Identifier: MIT */
/* The processes that references name, held by descriptors, to be signalled as one. */
#include "action/process_set.h"
#include "base/context.h"

IPCK_API int ipck_process_set_open(struct ipck *ctx, const struct ipck_process_set_query *query,
				   struct ipck_process_set **out)
{
	(void)query;
	*out = NULL;
	return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED, "not built");
}

IPCK_API size_t ipck_process_set_count(const struct ipck_process_set *set)
{
	(void)set;
	return 0;
}

IPCK_API const struct ipck_member *ipck_process_set_at(const struct ipck_process_set *set, size_t i)
{
	(void)set;
	(void)i;
	return NULL;
}

IPCK_API int ipck_process_set_signal(struct ipck *ctx, struct ipck_process_set *set, int signo)
{
	(void)set;
	(void)signo;
	return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED, "not built");
}

IPCK_API int ipck_process_set_wait(struct ipck *ctx, struct ipck_process_set *set,
				   uint64_t milliseconds, size_t *left)
{
	(void)set;
	(void)milliseconds;
	*left = 0;
	return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED, "not built");
}

IPCK_API void ipck_process_set_close(struct ipck_process_set *set)
{
	(void)set;
}
