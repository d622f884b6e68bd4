/* SPDX-License-Identifier: MIT */
/*
 * Deadlocks as the header offers them: two looks at all threads, and what had not moved between.
 *
 * Why two looks prove that all waits held at one instant, the end of the first look: at each look a
 * thread's run count is read before its call, and its call before whom it waits for.  Who has the
 * same count at both looks slept from the first count to the second, so he held all the time what
 * the first look saw him hold, and waited for what it saw him wait for.  Threads run that were made
 * while a process was looked at, and ended before the second look: so of processes that are waited
 * for as a whole the threads are counted at that instant.
 */
#include "insight/deadlocks.h"
#include "insight/waits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define USUAL_INTERVAL 100 /* milliseconds */
#define LEAST_INTERVAL 20

struct look {
	struct waits_reading reading;
	const struct ipck_wait **waits;
	struct deadlocks found;
};

struct ipck_deadlocks {
	struct look look; /* the last */
};

static int no_memory(struct ipck *ctx)
{
	return ipck_fail(ctx, IPCK_ERR_MEMORY, "out of memory");
}

static void look_end(struct look *look)
{
	deadlocks_end(&look->found);
	waits_end(&look->reading);
	free(look->waits);
}

static int look_read(struct look *look, struct ipck *ctx, unsigned want)
{
	const struct waits_reading *reading = &look->reading;
	int rc = waits_run(&look->reading, ctx, 0,
			   want | IPCK_WAITS_WHOM | IPCK_WAITS_IDLE | WAITS_RUNS);

	if (rc != IPCK_OK)
		return rc;
	look->waits = calloc(reading->count + 1, sizeof(*look->waits));
	if (look->waits == NULL)
		return no_memory(ctx);
	for (size_t i = 0; i < reading->count; i++)
		look->waits[i] = &reading->rows[i].wait;
	return IPCK_OK;
}

static int look_find(struct look *look, const unsigned char *still)
{
	if (deadlocks_find(&look->found, look->waits, still, look->reading.count) != IPCK_OK)
		return no_memory(look->reading.ctx);
	return IPCK_OK;
}

/* ---- Two looks ---- */

static bool same_process(const struct ipck_process_id *a, const struct ipck_process_id *b)
{
	return a->pid == b->pid && a->start_time == b->start_time;
}

static bool same_call(const struct syscall_state *a, const struct syscall_state *b)
{
	return a->where == SYSCALL_INSIDE && syscall_is_same(a, b);
}

static bool same_awaited(const struct ipck_wait *a, const struct ipck_wait *b)
{
	if (a->awaited_count != b->awaited_count)
		return false;
	for (size_t i = 0; i < a->awaited_count; i++) {
		const struct ipck_awaited *x = &a->awaited[i], *y = &b->awaited[i];

		if (!same_process(&x->process, &y->process) || x->tid != y->tid ||
		    x->proof != y->proof || x->gone != y->gone || x->group != y->group)
			return false;
	}
	return true;
}

/* Is it the same thread, in the same call, for the same reason? */
static unsigned char compare(const struct waiting *a, const struct waiting *b)
{
	if (!same_process(&a->wait.process, &b->wait.process) || a->wait.tid != b->wait.tid ||
	    a->runs != b->runs || !same_call(&a->call, &b->call) || a->wait.what != b->wait.what ||
	    a->wait.open != b->wait.open || !same_awaited(&a->wait, &b->wait))
		return 0;
	return a->runs != 0 ? WAIT_STILL | WAIT_STILL_SURE : WAIT_STILL;
}

static size_t end_of_process(const struct waits_reading *reading, size_t row)
{
	size_t end = row + 1;

	while (end < reading->count &&
	       same_process(&reading->rows[end].wait.process, &reading->rows[row].wait.process))
		end++;
	return end;
}

/* After the first look: which rows are all of their process, where that may matter. */
static void note_whole(const struct look *look, bool *whole)
{
	const struct waits_reading *reading = &look->reading;

	for (size_t i = 0, end; i < reading->count; i = end) {
		bool stuck = true;

		end = end_of_process(reading, i);
		for (size_t j = i; j < end; j++)
			stuck &= look->found.stuck[j];
		if (stuck && threads_count(&reading->rows[i].wait.process) == end - i)
			memset(&whole[i], true, end - i);
	}
}

static int by_thread(const struct ipck_wait *a, const struct ipck_wait *b)
{
	if (a->process.pid != b->process.pid)
		return a->process.pid < b->process.pid ? -1 : 1;
	return a->tid < b->tid ? -1 : a->tid > b->tid;
}

/* What of the second look was so at the first. */
static void compare_all(const struct look *first, const bool *whole, const struct look *second,
			unsigned char *still)
{
	const struct waits_reading *before = &first->reading, *after = &second->reading;
	size_t i = 0;

	for (size_t j = 0; j < after->count && i < before->count;) {
		const int order = by_thread(&before->rows[i].wait, &after->rows[j].wait);

		if (order == 0) {
			still[j] = compare(&before->rows[i], &after->rows[j]);
			if (whole[i])
				still[j] |= WAIT_STILL_WHOLE;
		}
		i += order <= 0;
		j += order >= 0;
	}
}

static void wait_interval(uint64_t milliseconds)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += (time_t)(milliseconds / 1000);
	end.tv_nsec += (long)(milliseconds % 1000) * 1000000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_nsec -= 1000000000;
		end.tv_sec++;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
		;
}

/* The second look, when the first has found something: it takes its place. */
static int look_again(struct look *first, struct ipck *ctx,
		      const struct ipck_deadlocks_query *query)
{
	bool *whole = calloc(first->reading.count + 1, sizeof(*whole));
	struct look second = { 0 };
	unsigned char *still = NULL;
	int rc = IPCK_ERR_MEMORY;

	if (whole == NULL)
		return no_memory(ctx);
	note_whole(first, whole);
	wait_interval(query->interval > 0 ? query->interval : USUAL_INTERVAL);
	rc = look_read(&second, ctx, query->want);
	if (rc == IPCK_OK) {
		still = calloc(second.reading.count + 1, sizeof(*still));
		rc = still == NULL ? no_memory(ctx) : IPCK_OK;
	}
	if (rc == IPCK_OK) {
		compare_all(first, whole, &second, still);
		rc = look_find(&second, still);
	}
	free(still);
	free(whole);
	look_end(first);
	*first = second;
	return rc;
}

/* ---- What the header offers ---- */

IPCK_API int ipck_deadlocks_read(struct ipck *ctx, const struct ipck_deadlocks_query *query,
				 struct ipck_deadlocks **out)
{
	struct ipck_deadlocks_query own;
	struct ipck_deadlocks *deadlocks;
	struct look *look;
	int rc;

	*out = NULL;
	if (!ipck_take(&own, sizeof(own), query, query->size) ||
	    (own.want & ~(unsigned)(IPCK_WAITS_USERS | IPCK_WAITS_SINCE)) != 0 ||
	    (own.interval > 0 && own.interval < LEAST_INTERVAL) || own.interval > INT32_MAX)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "deadlocks: invalid argument");
	deadlocks = calloc(1, sizeof(*deadlocks));
	if (deadlocks == NULL)
		return no_memory(ctx);
	look = &deadlocks->look;
	rc = look_read(look, ctx, own.want);
	if (rc == IPCK_OK)
		rc = look_find(look, NULL);
	if (rc == IPCK_OK && look->found.count > 0)
		rc = look_again(look, ctx, &own);
	waits_tell(&look->reading, own.coverage, own.threads_denied);
	if (rc != IPCK_OK) {
		ipck_deadlocks_free(deadlocks);
		return rc;
	}
	*out = deadlocks;
	return IPCK_OK;
}

IPCK_API size_t ipck_deadlocks_count(const struct ipck_deadlocks *deadlocks)
{
	return deadlocks->look.found.count;
}

IPCK_API const struct ipck_deadlock *ipck_deadlocks_at(const struct ipck_deadlocks *deadlocks,
						       size_t i)
{
	const struct deadlocks *found = &deadlocks->look.found;

	return i < found->count ? &found->found[i].deadlock : NULL;
}

IPCK_API const struct ipck_deadlock_member *ipck_deadlock_member_at(
	const struct ipck_deadlock *deadlock, size_t i)
{
	/* Each is the first member of what was found. */
	const struct found_deadlock *found = (const struct found_deadlock *)(const void *)deadlock;

	return i < deadlock->member_count ? &found->members[i] : NULL;
}

IPCK_API void ipck_deadlocks_free(struct ipck_deadlocks *deadlocks)
{
	if (deadlocks == NULL)
		return;
	look_end(&deadlocks->look);
	free(deadlocks);
}
