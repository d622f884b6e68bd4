/* SPDX-License-Identifier: MIT */
/*
 * Waiting until objects are in a state.  The kernel tells nobody of it, so they are looked at: one
 * call each, at intervals that double from a fiftieth to half of a second.
 */
#include "base/context.h"
#include "source/namespace.h"
#include "source/sysv.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define FIRST_SLEEP 20 /* milliseconds */
#define LONGEST_SLEEP 500

struct watched {
	struct ipck_object now; /* as it was seen last */
	bool gone;              /* for good: what bears its name later is another one */
	bool reached;
};

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

/* A time that was set once is never 0 again. */
static bool forgot(int64_t then, int64_t now)
{
	return then != 0 && now == 0;
}

/*
 * Does the id mean another object by now?  Less strict than before a removal: a change of its owner
 * or mode moves ctime, and marking a segment for removal takes its key, but both leave it there.
 */
static bool is_another(const struct ipck_object *then, const struct ipck_object *now)
{
	const bool marked = now->kind == IPCK_SHM && now->shm.dest && now->key == 0;

	if ((then->key != now->key && !marked) || then->cuid != now->cuid ||
	    then->cgid != now->cgid)
		return true;
	switch (now->kind) {
	case IPCK_SHM:
		return then->shm.creator.pid != now->shm.creator.pid ||
		       then->shm.size != now->shm.size || forgot(then->shm.atime, now->shm.atime) ||
		       forgot(then->shm.dtime, now->shm.dtime);
	case IPCK_MSG:
		return forgot(then->msg.stime, now->msg.stime) ||
		       forgot(then->msg.rtime, now->msg.rtime);
	default:
		return then->sem.nsems != now->sem.nsems || forgot(then->sem.otime, now->sem.otime);
	}
}

static bool in_state(const struct ipck_object *object, enum ipck_state state)
{
	switch (state) {
	case IPCK_UNTIL_UNATTACHED:
		return object->shm.nattch == 0;
	case IPCK_UNTIL_DRAINED:
		return object->msg.messages == 0;
	default:
		return false;
	}
}

/* One look.  Sets reached; IPCK_ERR_DENIED when it can never be told. */
static int look(struct waiting *waiting, struct watched *watched)
{
	struct ipck_object now;
	int rc = sysv_read(waiting->ctx, watched->now.kind, watched->now.id, &now);

	if (rc != IPCK_OK && rc != IPCK_ERR_NOT_FOUND)
		return ipck_fail(waiting->ctx, rc, "%s:%d: %s", ipck_kind_name(watched->now.kind),
				 watched->now.id, ipck_strerror(rc));
	watched->gone = rc == IPCK_ERR_NOT_FOUND || is_another(&watched->now, &now);
	watched->reached = watched->gone || in_state(&now, waiting->state);
	if (!watched->gone)
		watched->now = now;
	return IPCK_OK;
}

static int look_at_all(struct waiting *waiting)
{
	int rc = IPCK_OK;

	waiting->left = 0;
	for (size_t i = 0; rc == IPCK_OK && i < waiting->count; i++) {
		struct watched *watched = &waiting->objects[i];

		/* All are to be so at one time: those that were are looked at again. */
		if (!watched->gone)
			rc = look(waiting, watched);
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
		int rc = look_at_all(waiting);
		uint64_t spent = clock_now() - begun;
		struct timespec pause;

		if (rc != IPCK_OK || waiting->left == 0)
			return rc;
		if (spent >= limit)
			return ipck_fail(waiting->ctx, IPCK_ERR_BUSY,
					 "%zu of %zu not so when the time was over", waiting->left,
					 waiting->count);
		if (sleep > limit - spent)
			sleep = limit - spent;
		pause.tv_sec = (time_t)(sleep / 1000);
		pause.tv_nsec = (long)(sleep % 1000) * 1000000;
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
	if (sysv_ops(object->kind) == NULL)
		return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED, "%s: cannot be waited for yet", kind);
	if (object->ns != namespace_own_ipc())
		return ipck_fail(ctx, IPCK_ERR_OUTSIDE, "%s:%d: in another IPC namespace", kind,
				 object->id);
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
