/* SPDX-License-Identifier: MIT */
/*
 * Waiting until objects are in a state.  The kernel tells nobody of it, so they are looked at, at
 * intervals that double from a fiftieth to half of a second, and are longer where a look is dear:
 * looking never takes more than a twentieth of the time.
 */
#include "action/wait_look.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define FIRST_SLEEP 20 /* milliseconds */
#define LONGEST_SLEEP 500
#define SHARE 20 /* a look and the sleep after it, in looks */

struct waiting {
	struct ipck *ctx;
	enum ipck_state state;
	struct watched *objects;
	size_t count, left;
};

/* Milliseconds of a clock that nobody sets. */
static uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int look_at_all(struct waiting *waiting)
{
	int rc = IPCK_OK;

	waiting->left = 0;
	for (size_t i = 0; rc == IPCK_OK && i < waiting->count; i++) {
		struct watched *watched = &waiting->objects[i];

		/* All are to be so at one time: those that were are looked at again. */
		if (!watched->gone)
			rc = wait_look(waiting->ctx, waiting->state, watched);
		waiting->left += !watched->reached;
	}
	return rc;
}

static int wait_for(struct waiting *waiting, uint64_t timeout)
{
	const uint64_t begun = clock_now();
	const uint64_t limit = timeout <= UINT64_MAX / 1000 ? timeout * 1000 : UINT64_MAX;
	uint64_t sleep = FIRST_SLEEP;

	for (;;) {
		const uint64_t before = clock_now();
		int rc = look_at_all(waiting);
		const uint64_t now = clock_now(), spent = now - begun;
		uint64_t length = (now - before) * SHARE > sleep ? (now - before) * SHARE : sleep;
		struct timespec pause;

		if (rc != IPCK_OK || waiting->left == 0)
			return rc;
		if (spent >= limit)
			return ipck_fail(waiting->ctx, IPCK_ERR_BUSY,
					 "%zu of %zu not so when the time was over", waiting->left,
					 waiting->count);
		if (length > limit - spent)
			length = limit - spent;
		pause.tv_sec = (time_t)(length / 1000);
		pause.tv_nsec = (long)(length % 1000) * 1000000;
		if (nanosleep(&pause, NULL) != 0 && errno == EINTR)
			return ipck_fail(waiting->ctx, IPCK_ERR_STOPPED,
					 "a signal ended the waiting");
		sleep = sleep * 2 < LONGEST_SLEEP ? sleep * 2 : LONGEST_SLEEP;
	}
}

/* Can the object be waited for at all? */
static int check(struct ipck *ctx, const struct ipck_object *object, enum ipck_state state)
{
	const char *kind = ipck_kind_name(object->kind);
	const unsigned kinds =
		state == IPCK_UNTIL_UNATTACHED ? IPCK_KINDS & ~(unsigned)(IPCK_MSG | IPCK_SEM)
		: state == IPCK_UNTIL_DRAINED  ? IPCK_MSG | IPCK_POSIX_MQ | IPCK_PIPE | IPCK_FIFO
					       : IPCK_KINDS;

	if ((kinds & object->kind) == 0)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "%s: %s", kind,
				 state == IPCK_UNTIL_UNATTACHED
					 ? "the kernel does not record who uses one"
					 : "nothing that could be drained");
	return IPCK_OK;
}

IPCK_API int ipck_wait(struct ipck *ctx, const struct ipck_object *const *objects, size_t count,
		       enum ipck_state state, uint64_t timeout, bool *reached)
{
	struct waiting waiting = { .ctx = ctx, .state = state, .count = count };
	int rc = IPCK_OK;

	if (state > IPCK_UNTIL_DRAINED)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "wait: no such state");
	for (size_t i = 0; rc == IPCK_OK && i < count; i++) {
		reached[i] = false;
		rc = check(ctx, objects[i], state);
	}
	if (rc != IPCK_OK)
		return rc;
	waiting.objects = calloc(count + 1, sizeof(*waiting.objects));
	if (waiting.objects == NULL)
		return ipck_fail(ctx, IPCK_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++)
		waiting.objects[i].now = *objects[i];
	rc = wait_for(&waiting, timeout);
	for (size_t i = 0; i < count; i++)
		reached[i] = waiting.objects[i].reached;
	free(waiting.objects);
	return rc;
}
