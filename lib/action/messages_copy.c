/* SPDX-License-Identifier: MIT */
/*
 * Copying messages without taking them out: msgrcv(2) with MSG_COPY gives the message of an index.
 * Whoever receives meanwhile moves the others to lower indices, so that some would be missed.  The
 * queue's counters are compared before and after; and where its times, which count seconds, cannot
 * tell, the copy is made twice.
 */
#include "action/again.h"
#include "action/messages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <time.h>

#ifndef MSG_COPY
#define MSG_COPY 040000 /* the kernel's, since 3.8; <sys/msg.h> has it for GNU programs only */
#endif

#define TRIES 5
#define LEAST_ROOM 64

struct copy {
	const struct messages_reading *reading;
	struct {
		long type;
		char text[];
	} * message;
	size_t room; /* bytes of its text */
	/* Of this time through: */
	uint64_t count;
	bool whole;      /* came to the end of the queue */
	bool summed;     /* sum is wanted */
	uint64_t sum;    /* of all that was given */
	bool sum_before; /* there is one of the time before */
	uint64_t last_sum;
};

static int grow(struct copy *copy, size_t room)
{
	void *grown =
		room <= SIZE_MAX / 4 ? realloc(copy->message, sizeof(*copy->message) + room) : NULL;

	if (grown == NULL)
		return ipck_fail(copy->reading->ctx, IPCK_ERR_MEMORY, "msg:%d: out of memory",
				 copy->reading->queue->id);
	copy->message = grown;
	copy->room = room;
	return IPCK_OK;
}

/* Room for twice the mean: the kernel copies all of the room in each call, filled or not. */
static int first_room(struct copy *copy)
{
	const struct ipck_msg *queue = &copy->reading->queue->msg;
	const uint64_t mean = queue->messages > 0 ? queue->bytes / queue->messages : 0;

	return grow(copy, mean <= SIZE_MAX / 8 ? 2 * (size_t)mean + LEAST_ROOM : LEAST_ROOM);
}

static int copy_fail(const struct copy *copy, uint64_t index, int error)
{
	const struct messages_reading *reading = copy->reading;
	const int id = reading->queue->id;
	struct ipck_object now;
	int rc;

	if (error == ENOSYS)
		return ipck_fail(reading->ctx, IPCK_ERR_UNSUPPORTED,
				 "msg:%d: this kernel cannot copy messages "
				 "(CONFIG_CHECKPOINT_RESTORE)",
				 id);
	if (error == ENOMSG)
		return ipck_fail(reading->ctx, IPCK_ERR_NOT_FOUND,
				 "msg:%d: there is no message %llu", id, (unsigned long long)index);
	if (error == EACCES)
		return ipck_fail(reading->ctx, IPCK_ERR_DENIED,
				 "msg:%d: its messages cannot be read: permission denied: it takes "
				 "read permission on the queue",
				 id);
	rc = again_read(reading->ctx, reading->queue, &now);
	if (rc != IPCK_OK)
		return rc;
	/* Of a queue that is still there: longer than what the kernel would send today. */
	if (error == EINVAL)
		return ipck_fail(reading->ctx, IPCK_ERR_UNSUPPORTED,
				 "msg:%d: a message is longer than kernel.msgmax: it cannot be "
				 "copied; its index is %llu",
				 id, (unsigned long long)index);
	return ipck_fail(reading->ctx, ipck_reason(error),
			 "msg:%d: its messages cannot be read: %s", id, strerror(error));
}

static void add_up(struct copy *copy, const void *bytes, size_t size)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < size; i++) /* FNV-1a */
		copy->sum = (copy->sum ^ p[i]) * UINT64_C(0x100000001b3);
}

/* row()'s value. */
static int give(struct copy *copy, uint64_t index, size_t bytes)
{
	const struct messages_reading *reading = copy->reading;
	const struct ipck_message message = { .index = index,
					      .type = copy->message->type,
					      .bytes = bytes,
					      .text = copy->message->text,
					      .text_bytes = bytes };

	if (copy->summed) {
		add_up(copy, &message.type, sizeof(message.type));
		add_up(copy, &message.bytes, sizeof(message.bytes));
		add_up(copy, message.text, bytes);
	}
	copy->count++;
	return reading->row(&message, reading->data);
}

/* The messages one after the other. */
static int copy_all(struct copy *copy)
{
	const struct messages_reading *reading = copy->reading;
	uint64_t index = reading->first;
	int rc = IPCK_OK;

	copy->whole = false;
	while (rc == IPCK_OK) {
		const ssize_t length = msgrcv(reading->queue->id, copy->message, copy->room,
					      (long)index, MSG_COPY | IPC_NOWAIT);

		if (length >= 0) {
			rc = give(copy, index++, (size_t)length);
			if (reading->one && rc == IPCK_OK)
				rc = MESSAGES_ENOUGH;
		} else if (errno == ENOMSG && !reading->one) {
			copy->whole = true;
			return IPCK_OK;
		} else if (errno == E2BIG) { /* twice the room may do */
			rc = grow(copy, copy->room * 2);
		} else if (errno != EINTR) {
			rc = copy_fail(copy, index, errno);
		}
	}
	return rc == MESSAGES_ENOUGH ? IPCK_OK : rc;
}

/* Of the head alone it does not matter what is sent meanwhile. */
static bool moved(const struct copy *copy, const struct ipck_msg *before,
		  const struct ipck_msg *after)
{
	if (before->receiver.pid != after->receiver.pid || before->rtime != after->rtime ||
	    before->messages > after->messages)
		return true;
	return copy->whole &&
	       (before->messages != after->messages || before->bytes != after->bytes ||
		before->sender.pid != after->sender.pid || before->stime != after->stime ||
		copy->reading->first + copy->count != after->messages);
}

static int copy_once(struct copy *copy, bool *certain)
{
	const struct messages_reading *reading = copy->reading;
	const time_t begun = time(NULL);
	struct ipck_object before, after;
	int rc = again_read(reading->ctx, reading->queue, &before);

	if (rc != IPCK_OK)
		return rc;
	/* Within a second a process may receive one and send another, and nothing tells of it. */
	copy->summed = before.msg.rtime >= (int64_t)begun && !reading->one;
	copy->count = 0;
	copy->sum = UINT64_C(0xcbf29ce484222325);
	rc = copy_all(copy);
	if (rc == IPCK_OK)
		rc = again_read(reading->ctx, reading->queue, &after);
	if (rc != IPCK_OK)
		return rc;
	*certain = reading->one ||
		   (!moved(copy, &before.msg, &after.msg) &&
		    (!copy->summed || (copy->sum_before && copy->last_sum == copy->sum)));
	copy->sum_before = copy->summed;
	copy->last_sum = copy->sum;
	return IPCK_OK;
}

int messages_copy(struct messages_reading *reading, bool *changed)
{
	struct copy copy = { .reading = reading };
	bool certain = false;
	int rc = first_room(&copy);

	for (int tries = 0; rc == IPCK_OK && !certain && tries <= TRIES; tries++) {
		if (tries > 0 && reading->again != NULL)
			rc = reading->again(reading->data);
		if (rc == IPCK_OK)
			rc = copy_once(&copy, &certain);
	}
	*changed = rc == IPCK_OK && !certain;
	free(copy.message);
	return rc;
}
