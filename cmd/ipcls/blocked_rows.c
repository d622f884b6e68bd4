/* SPDX-License-Identifier: MIT */
/* --blocked: which threads get a row, and which share one. */
#include "blocked.h"

#include <stdlib.h>
#include <string.h>

static int by_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

/* ---- Waiting alike ---- */

/* Is the object the same one whoever's it is?  Private memory and descriptors are not. */
static bool everybodys(const struct ipck_wait *wait)
{
	return wait->ref != NULL || (wait->object != NULL && *wait->object == '/');
}

/* Those who are recorded to hold it; who merely has the other end differs from waiter to waiter. */
static size_t recorded(const struct ipck_wait *wait)
{
	size_t count = 0;

	while (count < wait->awaited_count &&
	       ipck_awaited_at(wait, count)->proof >= IPCK_PROOF_LIBC)
		count++;
	return count;
}

static int by_awaited(const struct ipck_wait *a, const struct ipck_wait *b)
{
	const size_t count = recorded(a);
	int order = by_number(count, recorded(b));

	for (size_t i = 0; order == 0 && i < count; i++) {
		const struct ipck_awaited *one = ipck_awaited_at(a, i),
					  *other = ipck_awaited_at(b, i);

		order = by_number((uint64_t)one->process.pid, (uint64_t)other->process.pid);
		if (order == 0)
			order = by_number((uint64_t)one->tid, (uint64_t)other->tid);
		if (order == 0)
			order = by_number(one->group, other->group);
	}
	return order;
}

/* 0: the two share a row. */
static int by_likeness(const struct ipck_wait *a, const struct ipck_wait *b)
{
	int order = by_number(a->what, b->what);

	if (order == 0)
		order = by_text(a->object, b->object);
	if (order == 0)
		order = by_text(a->call, b->call);
	if (order == 0)
		order = by_text(a->finding, b->finding);
	if (order == 0 && a->what == IPCK_WAIT_SEMAPHORE) /* to grow, or to be zero */
		order = by_number(a->semaphore.op == 0, b->semaphore.op == 0);
	if (order == 0 && !(everybodys(a) && everybodys(b)))
		order = by_number((uint64_t)a->process.pid, (uint64_t)b->process.pid);
	return order != 0 ? order : by_awaited(a, b);
}

/* ---- Order ---- */

/* Longest first; where that is not known, last. */
static int by_age(const struct ipck_wait *a, const struct ipck_wait *b)
{
	const bool known_a = a->bound != IPCK_BOUND_UNKNOWN,
		   known_b = b->bound != IPCK_BOUND_UNKNOWN;
	int order = by_number(known_b, known_a);

	if (order == 0 && known_a)
		order = by_number(b->nanoseconds, a->nanoseconds);
	if (order == 0)
		order = by_number((uint64_t)a->process.pid, (uint64_t)b->process.pid);
	return order != 0 ? order : by_number((uint64_t)a->tid, (uint64_t)b->tid);
}

static int compare_age(const void *a, const void *b)
{
	const struct blocked_row *left = a, *right = b;

	return by_age(left->wait, right->wait);
}

static int compare_likeness(const void *a, const void *b)
{
	const struct blocked_row *left = a, *right = b;
	int order = by_likeness(left->wait, right->wait);

	return order != 0 ? order : by_age(left->wait, right->wait);
}

static void collapse(struct blocked_rows *rows)
{
	size_t kept = 0;

	qsort(rows->rows, rows->count, sizeof(*rows->rows), compare_likeness);
	for (size_t i = 0; i < rows->count; i++) {
		const struct ipck_wait *wait = rows->rows[i].wait;
		struct blocked_row *row = kept > 0 ? &rows->rows[kept - 1] : NULL;

		if (row == NULL || by_likeness(row->wait, wait) != 0) {
			rows->rows[kept++] = rows->rows[i];
			continue;
		}
		row->threads++;
		row->one_process &= row->wait->process.pid == wait->process.pid;
		row->one_command &= by_text(row->wait->command, wait->command) == 0;
	}
	rows->count = kept;
}

/* ---- All together ---- */

static bool asked_for(const struct request *request, const struct ipck_wait *wait)
{
	return (request->selecting.kinds == 0 || (request->selecting.kinds & wait->kind) != 0) &&
	       (!request->user_given || request->user == wait->uid);
}

bool blocked_rows_make(struct blocked_rows *rows, const struct ipck_waits *waits,
		       const struct request *request, const struct ipck_object *on, bool each)
{
	const struct ipck_wait *wait;

	*rows = (struct blocked_rows){ .rows = calloc(ipck_waits_count(waits) + 1,
						      sizeof(*rows->rows)) };
	if (rows->rows == NULL)
		return false;
	for (size_t i = 0; (wait = ipck_waits_at(waits, i)) != NULL; i++)
		if (asked_for(request, wait) && (on == NULL || ipck_wait_is_on(wait, on)))
			rows->rows[rows->count++] = (struct blocked_row){ wait, 1, true, true };
	if (!each)
		collapse(rows);
	if (rows->count > 1)
		qsort(rows->rows, rows->count, sizeof(*rows->rows), compare_age);
	return true;
}

void blocked_rows_free(struct blocked_rows *rows)
{
	free(rows->rows);
}
