/* SPDX-License-Identifier: MIT */
/* The messages of a queue as a list: of each as much of its text as was asked for. */
#include "action/messages.h"
#include "base/pool.h"
#include "source/namespace.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct ipck_messages {
	struct ipck_message *rows;
	size_t count, size;
	struct pool texts;
};

struct listing {
	struct ipck *ctx;
	const struct ipck_object *queue;
	const struct ipck_messages_query *query;
	struct ipck_messages *messages;
	bool changed;
};

static int no_memory(const struct listing *listing)
{
	return ipck_fail(listing->ctx, IPCK_ERR_MEMORY, "msg:%d: out of memory",
			 listing->queue->id);
}

static int forget(void *data)
{
	struct ipck_messages *messages = ((struct listing *)data)->messages;

	messages->count = 0;
	pool_free(&messages->texts);
	return IPCK_OK;
}

static int keep(const struct ipck_message *message, void *data)
{
	const struct listing *listing = data;
	const struct ipck_messages_query *query = listing->query;
	struct ipck_messages *messages = listing->messages;
	struct ipck_message *row;
	const void *text = "";
	void *copy;

	if (query->of_type && message->type != query->type)
		return IPCK_OK;
	if (messages->count == messages->size) {
		const size_t size = messages->size > 0 ? messages->size * 2 : 64;
		struct ipck_message *rows = realloc(messages->rows, size * sizeof(*rows));

		if (rows == NULL)
			return no_memory(listing);
		messages->rows = rows;
		messages->size = size;
	}
	row = &messages->rows[messages->count];
	*row = *message;
	if (row->text_bytes > query->text_bytes)
		row->text_bytes = query->text_bytes;
	if (row->text_bytes > 0) {
		copy = pool_alloc(&messages->texts, row->text_bytes);
		if (copy == NULL)
			return no_memory(listing);
		text = memcpy(copy, message->text, row->text_bytes);
	}
	row->text = text;
	messages->count++;
	return messages->count == query->most ? MESSAGES_ENOUGH : IPCK_OK;
}

/* By a thread that is in the queue's IPC namespace. */
static int list_there(void *data)
{
	struct listing *listing = data;
	struct messages_reading reading = { .ctx = listing->ctx,
					    .queue = listing->queue,
					    .again = forget,
					    .row = keep,
					    .data = listing,
					    .first =
						    listing->query->one ? listing->query->index : 0,
					    .one = listing->query->one };

	if (listing->queue->ns != namespace_own_ipc())
		return ipck_fail(listing->ctx, IPCK_ERR_OUTSIDE, "msg:%d: in another IPC namespace",
				 listing->queue->id);
	return messages_copy(&reading, &listing->changed);
}

static int list(struct listing *listing)
{
	const struct ipck_object *queue = listing->queue;
	pid_t pid = 0; /* a process of its namespace; 0: that is ours */
	int rc = queue->foreign ? namespace_member(listing->ctx, queue->ns, &pid) : IPCK_OK;

	return rc != IPCK_OK ? rc
			     : namespace_run(listing->ctx, NAMESPACE_IPC, pid,
					     pid != 0 ? queue->ns : 0, list_there, listing);
}

IPCK_API int ipck_messages_read(struct ipck *ctx, const struct ipck_object *queue,
				const struct ipck_messages_query *query, bool *changed,
				struct ipck_messages **out)
{
	struct ipck_messages_query asked;
	struct listing listing = { .ctx = ctx, .queue = queue, .query = &asked };
	int rc;

	*out = NULL;
	*changed = false;
	/* What msgrcv(2) takes as an index is a long. */
	if (!ipck_take(&asked, sizeof(asked), query, query->size) ||
	    (asked.one && asked.index > LONG_MAX))
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "messages: invalid argument");
	if (queue->kind == IPCK_POSIX_MQ)
		return ipck_fail(
			ctx, IPCK_ERR_UNSUPPORTED,
			"posix-mq:%s: the messages of a POSIX queue cannot be read without "
			"taking them",
			queue->name != NULL ? queue->name : "");
	if (queue->kind != IPCK_MSG)
		return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED,
				 "messages: objects of kind %s have none",
				 ipck_kind_name(queue->kind));
	listing.messages = calloc(1, sizeof(*listing.messages));
	if (listing.messages == NULL)
		return no_memory(&listing);
	rc = list(&listing);
	if (rc == IPCK_OK)
		*out = listing.messages;
	else
		ipck_messages_free(listing.messages);
	*changed = listing.changed;
	return rc;
}

IPCK_API size_t ipck_messages_count(const struct ipck_messages *messages)
{
	return messages->count;
}

IPCK_API const struct ipck_message *ipck_messages_at(const struct ipck_messages *messages, size_t i)
{
	return i < messages->count ? &messages->rows[i] : NULL;
}

IPCK_API void ipck_messages_free(struct ipck_messages *messages)
{
	if (messages == NULL)
		return;
	pool_free(&messages->texts);
	free(messages->rows);
	free(messages);
}
