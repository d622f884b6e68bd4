/* SPDX-License-Identifier: MIT */
/*
 * Threads in msgsnd() and msgrcv(): which message, how full the queue is, and who acted last at its
 * other end.
 */
#include "insight/operators.h"
#include "insight/wait_sysv.h"

#include "source/remote.h"
#include "source/sysv.h"

#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

enum { ATTEMPTS = 8 }; /* at what changes while it is looked at */

/* ---- What is told ---- */

/* "a message of type 42".  The type and the flags, as msgrcv(2) has them. */
static char *wanted_message(struct waits_reading *reading, int64_t type, int flags)
{
	const uint64_t highest = type < 0 ? 0 - (uint64_t)type : 0;

	if (type == 0)
		return waits_text(reading, "any message");
	if (type == INT64_MIN) /* the kernel takes it so */
		return waits_text(reading, "a message of type 1 to %lld", (long long)INT64_MAX);
	if (type < 0)
		return waits_text(reading, "a message of type 1 to %llu",
				  (unsigned long long)highest);
	if ((flags & MSG_EXCEPT) != 0)
		return waits_text(reading, "a message of any type but %lld", (long long)type);
	return waits_text(reading, "a message of type %lld", (long long)type);
}

static char *wanted_room(struct waits_reading *reading, const struct ipck_message_wait *message)
{
	char type[40] = "", fill[64] = "";

	if (message->type_known)
		snprintf(type, sizeof(type), ", type %lld", (long long)message->type);
	if (message->fill_known)
		snprintf(fill, sizeof(fill), ", queue %llu/%llu",
			 (unsigned long long)message->bytes,
			 (unsigned long long)message->max_bytes);
	return waits_text(reading, "room for %llu bytes%s%s", (unsigned long long)message->size,
			  type, fill);
}

static int tell(struct waits_reading *reading, struct waiting *waiting)
{
	const struct ipck_message_wait *message = &waiting->wait.message;

	if (waiting->family == CALL_MSGSND)
		waiting->wait.wants = wanted_room(reading, message);
	else
		waiting->wait.wants = wanted_message(reading, message->type,
						     (int)(uint32_t)waiting->call.args[4]);
	return waiting->wait.wants != NULL
		       ? IPCK_OK
		       : ipck_fail(reading->ctx, IPCK_ERR_MEMORY, "out of memory");
}

/* ---- The queue ---- */

/* Could the call be done as the queue is?  Of certain types nothing can be said. */
static bool could_go_on(const struct waiting *waiting, const struct ipck_msg *queue, bool limit)
{
	const struct ipck_message_wait *message = &waiting->wait.message;

	if (waiting->family == CALL_MSGRCV)
		return message->type == 0 && queue->messages > 0;
	return limit && queue->bytes <= queue->max_bytes &&
	       message->size <= queue->max_bytes - queue->bytes &&
	       queue->messages < queue->max_bytes;
}

static void fill(struct waiting *waiting, const struct ipck_object *queue)
{
	struct ipck_message_wait *message = &waiting->wait.message;

	message->fill_known = (queue->known & IPCK_MSG_MAX_BYTES) != 0;
	message->messages = queue->msg.messages;
	message->bytes = queue->msg.bytes;
	message->max_bytes = queue->msg.max_bytes;
}

static int read_queue(struct waits_reading *reading, struct waiting *waiting)
{
	struct ipc_wait *ipc = waiting->detail;
	bool free = true;
	int rc = IPCK_OK;

	for (int attempt = 0; free && attempt < ATTEMPTS; attempt++) {
		rc = sysv_read(reading->ctx, IPCK_MSG, ipc->id, &ipc->object);
		if (rc == IPCK_OK)
			free = could_go_on(waiting, &ipc->object.msg,
					   (ipc->object.known & IPCK_MSG_MAX_BYTES) != 0);
		if (!ipc_wait_lasts(waiting))
			return WAITS_STALE;
		if (rc != IPCK_OK && rc != IPCK_ERR_NOT_FOUND)
			break;
	}
	ipc->object_known = rc == IPCK_OK;
	if (rc == IPCK_OK)
		fill(waiting, &ipc->object);
	else if (waiting->wait.why == 0)
		waiting->wait.why = rc;
	return tell(reading, waiting);
}

/* ---- Looking ---- */

static int look(struct waits_reading *reading, struct waiting *waiting)
{
	struct ipc_wait *ipc = waiting->detail;
	int rc = tell(reading, waiting); /* for a namespace that may not be entered */

	ipc->read = read_queue;
	return rc == IPCK_OK ? ipc_wait_read(reading, waiting) : rc;
}

int wait_look_msgsnd(struct waits_reading *reading, const struct thread *thread,
		     struct waiting *waiting)
{
	struct ipck_message_wait *message = &waiting->wait.message;
	int rc = ipc_wait_begin(reading, thread, waiting, IPCK_MSG);
	long type;
	int error;

	if (rc != IPCK_OK)
		return rc;
	message->size = waiting->call.args[2];
	error = remote_read(thread->tid, waiting->call.args[1], &type, sizeof(type));
	if (error != 0 && !ipc_wait_lasts(waiting))
		return WAITS_STALE;
	message->type_known = error == 0;
	if (error == 0)
		message->type = type;
	else
		waits_unknown(waiting, error);
	return look(reading, waiting);
}

int wait_look_msgrcv(struct waits_reading *reading, const struct thread *thread,
		     struct waiting *waiting)
{
	struct ipck_message_wait *message = &waiting->wait.message;
	int rc = ipc_wait_begin(reading, thread, waiting, IPCK_MSG);

	if (rc != IPCK_OK)
		return rc;
	message->size = waiting->call.args[2];
	message->type_known = true;
	message->type = (int64_t)waiting->call.args[3];
	return look(reading, waiting);
}

/* ---- On whom ---- */

int wait_settle_messages(struct waits_reading *reading, struct waiting *waiting)
{
	struct ipc_wait *ipc = waiting->detail;

	if (ipc == NULL || !ipc->object_known)
		return IPCK_OK;
	if (operators_judge(&ipc->object, NULL, &reading->processes) != IPCK_OK)
		return ipck_fail(reading->ctx, IPCK_ERR_MEMORY, "out of memory");
	if (waiting->family == CALL_MSGRCV)
		return ipc_wait_for(reading, waiting, &ipc->object.msg.sender, "sender", "");
	return ipc_wait_for(reading, waiting, &ipc->object.msg.receiver, "receiver", "");
}
