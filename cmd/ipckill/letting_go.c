/* SPDX-License-Identifier: MIT */
/*
 * Waiting until objects are let go.  The end of a process is told by its pidfd; but a process may
 * also let go and live on, so the objects themselves are read again, ever less often.
 */
#include "common/program.h"
#include "interrupt.h"
#include "names.h"
#include "signalling.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define FIRST_LOOK 50 /* milliseconds */
#define LONGEST_LOOK 500

struct letting_go {
	struct ipck *ctx;
	const struct request *request;
	struct step **steps; /* those that are still to be done */
	struct ipck_ref *refs;
	int *results;
	size_t count;
	struct ipck_objects *objects; /* as they were at the last look */
};

static uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool begin(struct letting_go *wait, struct plan *plan)
{
	wait->steps = calloc(plan->count + 1, sizeof(*wait->steps));
	wait->refs = calloc(plan->count + 1, sizeof(*wait->refs));
	wait->results = calloc(plan->count + 1, sizeof(*wait->results));
	if (wait->steps == NULL || wait->refs == NULL || wait->results == NULL)
		return false;
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].result == RESULT_PLANNED) {
			/* Not exact: a mark for removal takes a segment's key while it is held. */
			ipck_object_ref(plan->steps[i].object, false, &wait->refs[wait->count]);
			wait->steps[wait->count++] = &plan->steps[i];
		}
	return true;
}

static void end(struct letting_go *wait)
{
	ipck_objects_free(wait->objects);
	free(wait->steps);
	free(wait->refs);
	free(wait->results);
}

/* A file of this name that is another one by now is nobody's we waited for. */
static bool is_other_file(const struct ipck_object *then, const struct ipck_object *now)
{
	return (then->kind & IPCK_SYSV) == 0 &&
	       (then->inode != now->inode || then->major != now->major ||
		then->minor != now->minor);
}

/* Areas and descriptors of others than ourselves. */
static size_t foreign_holders(const struct ipck_object *object)
{
	const struct ipck_holder *holder;
	size_t found = 0;

	for (size_t i = 0; (holder = ipck_holder_at(object, i)) != NULL; i++)
		found += holder->process.pid != getpid();
	return found;
}

static bool is_held(const struct letting_go *wait, const struct step *step,
		    const struct ipck_object *now)
{
	if (is_other_file(step->object, now))
		return false;
	if (now->kind == IPCK_SHM) /* the kernel's own count misses nobody */
		return now->shm.nattch > 0;
	return foreign_holders(now) > 0 || (!now->holders_complete && !wait->request->force);
}

/* Read all again.  How many are held; or SIZE_MAX when that could not be seen. */
static size_t look(struct letting_go *wait, bool names)
{
	struct ipck_query query = { .size = sizeof(query),
				    .refs = wait->refs,
				    .ref_count = wait->count,
				    .ref_results = wait->results };
	size_t held = 0, row = 0;

	for (size_t i = 0; i < wait->count; i++)
		if (names || wait->steps[i]->object->kind != IPCK_SHM)
			query.want = IPCK_WANT_HOLDERS;
	ipck_objects_free(wait->objects);
	wait->objects = NULL;
	if (ipck_objects_read(wait->ctx, &query, &wait->objects) != IPCK_OK)
		return SIZE_MAX;
	for (size_t i = 0; i < wait->count; i++)
		if (wait->results[i] == IPCK_OK) {
			const struct ipck_object *now = ipck_objects_at(wait->objects, row++);

			/* two names may lead to one object by now: its row comes once */
			held += now == NULL || is_held(wait, wait->steps[i], now);
		} else {
			held += wait->results[i] != IPCK_ERR_NOT_FOUND;
		}
	return held;
}

/* Sleep until the time of the next look, or all processes that were signalled have ended. */
static void sleep_until(struct targets *targets, uint64_t when)
{
	struct pollfd *pollers = calloc(targets->count + 1, sizeof(*pollers));
	uint64_t now;
	size_t count, left = 1;

	while (left > 0 && !interrupted() && (now = clock_now()) < when) {
		count = 0;
		for (size_t i = 0; pollers != NULL && i < targets->count; i++)
			if (targets->rows[i].pidfd >= 0)
				pollers[count++] = (struct pollfd){ .fd = targets->rows[i].pidfd,
								    .events = POLLIN };
		interruptible_poll(pollers, count, (int)(when - now));
		left = count > 0 ? count : 1; /* without any, the time alone counts */
		for (size_t i = 0, j = 0; i < targets->count && j < count; i++) {
			if (targets->rows[i].pidfd < 0 || pollers[j++].revents == 0)
				continue;
			close(targets->rows[i].pidfd);
			targets->rows[i].pidfd = -1;
			left--;
		}
	}
	free(pollers);
}

static void name_holders(const struct ipck_object *object, struct names *names)
{
	const struct ipck_holder *holder;
	pid_t last = 0;

	*names = (struct names){ 0 };
	for (size_t i = 0; (holder = ipck_holder_at(object, i)) != NULL; i++)
		if (holder->process.pid != getpid() && holder->process.pid != last) {
			last = holder->process.pid;
			names_add(names, holder->command, last);
		}
	if (names->processes == 0)
		snprintf(names->text, sizeof(names->text), "processes that cannot be seen");
}

/* The verdict on each, with the last look in hand. */
static void judge(struct letting_go *wait, size_t held)
{
	struct names names;
	char after[32];
	size_t row = 0;

	ipck_format_duration(wait->request->timeout, after, sizeof(after));
	for (size_t i = 0; i < wait->count; i++) {
		struct step *step = wait->steps[i];
		const struct ipck_object *now = NULL;

		if (held != SIZE_MAX && wait->results[i] == IPCK_OK)
			now = ipck_objects_at(wait->objects, row++);
		if (interrupted())
			continue; /* the caller tells it */
		if (held == SIZE_MAX) {
			step_fail(step, IPCK_ERR_BUSY, "cannot see whether it is held: %s",
				  ipck_message(wait->ctx));
		} else if (now == NULL && wait->results[i] != IPCK_ERR_NOT_FOUND) {
			step_fail(step, IPCK_ERR_BUSY, "cannot see whether it is held: %s",
				  ipck_strerror(wait->results[i]));
		} else if (now == NULL && !wait->request->keep) {
			step->result = RESULT_REMOVED;
			snprintf(step->reason, sizeof(step->reason), "went with its holders");
		} else if (now != NULL && is_held(wait, step, now)) {
			name_holders(now, &names);
			step_fail(step, IPCK_ERR_BUSY, "after %s still held by %s", after,
				  names_end(&names));
		} else if (held > 0 && !wait->request->keep) {
			step_fail(step, IPCK_ERR_BUSY,
				  "not removed: another object of this run is still held");
		}
	}
}

void signalling_wait(struct ipck *ctx, const struct request *request, struct plan *plan,
		     struct targets *targets)
{
	struct letting_go wait = { .ctx = ctx, .request = request };
	const uint64_t begun = clock_now();
	const uint64_t until = request->timeout < (UINT64_MAX - begun) / 1000
				       ? begun + request->timeout * 1000
				       : UINT64_MAX;
	uint64_t pause = FIRST_LOOK, now;
	size_t held = SIZE_MAX;

	if (!begin(&wait, plan)) {
		for (size_t i = 0; i < plan->count; i++)
			if (plan->steps[i].result == RESULT_PLANNED)
				step_fail(&plan->steps[i], IPCK_ERR_MEMORY, "out of memory");
		wait.count = 0;
	} else {
		while ((held = look(&wait, false)) > 0 && held != SIZE_MAX && !interrupted() &&
		       (now = clock_now()) < until) {
			sleep_until(targets, until - now < pause ? until : now + pause);
			pause = pause * 2 < LONGEST_LOOK ? pause * 2 : LONGEST_LOOK;
		}
		if (held > 0 && held != SIZE_MAX)
			held = look(&wait, true); /* who it is */
	}
	judge(&wait, held);
	end(&wait);
}
