/* SPDX-License-Identifier: MIT */
/* Saving a queue: the texts of its messages one after the other, and where each begins. */
#include "action/messages.h"
#include "action/save.h"
#include "action/sparse.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct saved {
	struct save *save;
	size_t size; /* of result.messages */
};

static int save_again(void *data)
{
	struct save *save = ((struct saved *)data)->save;

	save->result.bytes = 0;
	save->result.message_count = 0;
	return ftruncate(save->fd, 0) == 0 ? IPCK_OK : save_fail(save, "written", errno);
}

static int save_message(const struct ipck_message *message, void *data)
{
	struct saved *saved = data;
	struct save *save = saved->save;
	struct ipck_save_result *result = &save->result;
	struct ipck_saved_message *messages = result->messages;
	int rc;

	if (result->message_count == saved->size) {
		const size_t size = saved->size > 0 ? saved->size * 2 : 64;

		messages = realloc(messages, size * sizeof(*messages));
		if (messages == NULL)
			return save_fail(save, "saved", ENOMEM);
		result->messages = messages;
		saved->size = size;
	}
	messages[result->message_count++] = (struct ipck_saved_message){ .type = message->type,
									 .offset = result->bytes,
									 .bytes = message->bytes };
	rc = write_all(save->fd, message->text, message->text_bytes, result->bytes);
	if (rc != 0)
		return save_fail(save, "written", rc);
	result->bytes += message->bytes;
	return IPCK_OK;
}

int save_msg(struct save *save)
{
	struct saved saved = { .save = save };
	struct messages_reading reading = { .ctx = save->ctx,
					    .queue = save->object,
					    .again = save_again,
					    .row = save_message,
					    .data = &saved };
	bool changed;
	int rc = messages_copy(&reading, &changed);

	return rc == IPCK_OK && changed
		       ? ipck_fail(save->ctx, IPCK_ERR_CHANGED,
				   "msg:%d: messages come and go while it is being saved",
				   save->object->id)
		       : rc;
}
