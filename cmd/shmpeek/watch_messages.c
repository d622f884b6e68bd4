/* SPDX-License-Identifier: MIT */
/* --watch of a queue: its messages, then how many there are. */
#include "watch_states.h"

static size_t count(const struct ipck_object *object)
{
	(void)object;
	return 1;
}

static bool known(const struct peeking *peeking, const struct ipck_object *object)
{
	(void)peeking, (void)object;
	return true;
}

static void get(const struct ipck_object *object, size_t i, struct state *state)
{
	const struct ipck_msg *queue = &object->msg;

	(void)i;
	*state = (struct state){
		{ { "messages", queue->messages }, { "bytes", queue->bytes } },
		{ { "sender", "sender", &queue->sender },
		  { "receiver", "receiver", &queue->receiver } },
	};
}

int watch_messages(struct peeking *peeking)
{
	static const struct state_kind kind = { .count = count, .known = known, .get = get };

	return watch_states(peeking, &kind);
}
