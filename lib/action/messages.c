/* SPDX-License-Identifier: MIT */
/* The messages of a queue, without taking one out: msgrcv(2) with MSG_COPY. */
#include "base/context.h"

IPCK_API int ipck_messages_read(struct ipck *ctx, const struct ipck_object *queue,
				const struct ipck_messages_query *query, bool *changed,
				struct ipck_messages **out)
{
	(void)query, (void)changed;
	*out = NULL;
	return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED, "msg:%d: not yet", queue->id);
}

IPCK_API size_t ipck_messages_count(const struct ipck_messages *messages)
{
	(void)messages;
	return 0;
}

IPCK_API const struct ipck_message *ipck_messages_at(const struct ipck_messages *messages, size_t i)
{
	(void)messages, (void)i;
	return NULL;
}

IPCK_API void ipck_messages_free(struct ipck_messages *messages)
{
	(void)messages;
}
