/* SPDX-License-Identifier: MIT */
/*
 * The messages of a queue, copied without taking them out: msgrcv(2) with MSG_COPY gives the
 * message of an index.  Whoever receives meanwhile moves the others to lower indices, so the
 * queue's counters are compared before and after, and the copy is made again when they moved.
 */
#include "action/again.h"
#include "action/save.h"
#include "action/sparse.h"
#include "source/sysv.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <unistd.h>

#ifndef MSG_COPY
#define MSG_COPY 040000 /* the kernel's, since 3.8; <sys/msg.h> has it for GNU programs only */
#endif

#define TRIES 5
#define FIRST_ROOM 8192 /* the default of kernel.msgmax */

struct copy {
	struct save *save;
	struct {
		long type;
		char text[];
	} * message;
	size_t room; /* bytes of its text */
	size_t listed;
};

static int grow(struct copy *copy, size_t room)
{
	void *grown = realloc(copy->message, sizeof(*copy->message) + room);

	if (grown == NULL)
		return -ENOMEM;
	copy->message = grown;
	copy->room = room;
	return 0;
}

static int keep(struct copy *copy, size_t bytes)
{
	struct ipck_save_result *result = &copy->save->result;
	struct ipck_saved_message *messages = result->messages;

	if (result->message_count == copy->listed) {
		size_t size = copy->listed > 0 ? copy->listed * 2 : 64;

		messages = realloc(messages, size * sizeof(*messages));
		if (messages == NULL)
			return -ENOMEM;
		result->messages = messages;
		copy->listed = size;
	}
	messages[result->message_count++] = (struct ipck_saved_message){
		.type = copy->message->type, .offset = result->bytes, .bytes = bytes
	};
	return write_all(copy->save->fd, copy->message->text, bytes, result->bytes);
}

/* The messages one after the other.  0 or -errno. */
static int copy_all(struct copy *copy)
{
	struct ipck_save_result *result = &copy->save->result;
	int rc = copy->message == NULL ? grow(copy, FIRST_ROOM) : 0;

	result->bytes = 0;
	result->message_count = 0;
	while (rc == 0) {
		ssize_t length = msgrcv(copy->save->object->id, copy->message, copy->room,
					(long)result->message_count, MSG_COPY | IPC_NOWAIT);

		if (length < 0 && errno == ENOMSG)
			return 0;
		if (length < 0 && errno == EINTR)
			continue;
		/* It says E2BIG for what a buffer of twice the size may take. */
		if (length < 0 && errno == E2BIG && copy->room <= SIZE_MAX / 4)
			rc = grow(copy, copy->room * 2);
		else if (length < 0)
			return -errno;
		else {
			rc = keep(copy, (size_t)length);
			result->bytes += (uint64_t)length;
		}
	}
	return rc;
}

static bool moved(const struct ipck_object *a, const struct ipck_object *b)
{
	return a->msg.messages != b->msg.messages || a->msg.bytes != b->msg.bytes ||
	       a->msg.sender.pid != b->msg.sender.pid ||
	       a->msg.receiver.pid != b->msg.receiver.pid || a->msg.stime != b->msg.stime ||
	       a->msg.rtime != b->msg.rtime;
}

static int copy_fail(struct copy *copy, int error)
{
	struct save *save = copy->save;
	struct ipck_object now;

	if (error == -ENOSYS)
		return ipck_fail(save->ctx, IPCK_ERR_UNSUPPORTED,
				 "msg:%d: this kernel cannot copy messages "
				 "(CONFIG_CHECKPOINT_RESTORE)",
				 save->object->id);
	/* EINVAL of a queue that is still there: longer than what the kernel would send today. */
	if (error == -EINVAL && again_read(save->ctx, save->object, &now) == IPCK_OK)
		return ipck_fail(save->ctx, IPCK_ERR_UNSUPPORTED,
				 "msg:%d: a message is longer than kernel.msgmax: it cannot be "
				 "copied",
				 save->object->id);
	return save_fail(save, "saved", error);
}

int save_msg(struct save *save)
{
	struct copy copy = { .save = save };
	struct ipck_object before, after;
	int rc = again_read(save->ctx, save->object, &before);

	for (int tries = 0; rc == IPCK_OK; tries++) {
		rc = copy_all(&copy);
		if (rc != 0) {
			rc = copy_fail(&copy, rc);
			break;
		}
		rc = again_read(save->ctx, save->object, &after);
		if (rc != IPCK_OK ||
		    (!moved(&before, &after) && after.msg.messages == save->result.message_count))
			break;
		before = after;
		if (tries == TRIES)
			rc = ipck_fail(save->ctx, IPCK_ERR_CHANGED,
				       "msg:%d: messages come and go while it is being saved",
				       save->object->id);
		else if (ftruncate(save->fd, 0) != 0)
			rc = save_fail(save, "written", errno);
	}
	free(copy.message);
	return rc;
}
