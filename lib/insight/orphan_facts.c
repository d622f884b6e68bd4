/* SPDX-License-Identifier: MIT */
/*
 * What all processes together say of orphans: since when each user has processes, and which message
 * queues threads wait on.
 */
#include "insight/orphans.h"
#include "source/namespace.h"
#include "source/process.h"
#include "source/queue_waits.h"

#include <stdlib.h>
#include <unistd.h>

struct gathering {
	struct orphan_facts *facts;
	size_t user_size, waiter_size;
	bool queues;
	bool denied; /* of the process in hand: what one of its threads waits on */
};

/* Room for one more; false: no memory. */
static bool grow(void **rows, size_t count, size_t *size, size_t row_size)
{
	const size_t larger = *size > 0 ? *size * 2 : 64;
	void *grown;

	if (count < *size)
		return true;
	grown = reallocarray(*rows, larger, row_size);
	if (grown == NULL)
		return false;
	*rows = grown;
	*size = larger;
	return true;
}

static bool add_user(struct gathering *gathering, uid_t uid, double started)
{
	struct orphan_facts *facts = gathering->facts;

	if (!grow((void **)&facts->users, facts->user_count, &gathering->user_size,
		  sizeof(*facts->users)))
		return false;
	facts->users[facts->user_count++] = (struct orphan_user){ uid, started };
	return true;
}

static int add_wait(enum queue_waiting waiting, const struct queue_wait *wait, void *data)
{
	struct gathering *gathering = data;
	struct orphan_facts *facts = gathering->facts;

	if (waiting == QUEUE_DENIED)
		gathering->denied = true;
	else if (waiting == QUEUE_UNTOLD)
		facts->any_queue = true;
	if (waiting != QUEUE_KNOWN)
		return IPCK_OK;
	if (!grow((void **)&facts->waiters, facts->waiter_count, &gathering->waiter_size,
		  sizeof(*facts->waiters)))
		return IPCK_ERR_MEMORY;
	facts->waiters[facts->waiter_count++] =
		(struct orphan_waiter){ wait->ns, wait->id, wait->sends };
	return IPCK_OK;
}

static int add_process(const struct listed_process *process, void *data)
{
	struct gathering *gathering = data;
	int rc = IPCK_OK;

	if (process->pid != getpid() && !process->kernel) {
		if (!add_user(gathering, process->real, process->started))
			return IPCK_ERR_MEMORY;
		if (process->effective != process->real &&
		    !add_user(gathering, process->effective, process->started))
			return IPCK_ERR_MEMORY;
		if (process->saved != process->real && process->saved != process->effective &&
		    !add_user(gathering, process->saved, process->started))
			return IPCK_ERR_MEMORY;
	}
	if (gathering->queues) {
		gathering->denied = false;
		rc = queue_waits_each(process, add_wait, gathering);
		gathering->facts->denied_waits += gathering->denied;
	}
	return rc;
}

static int by_uid_and_age(const void *a, const void *b)
{
	const struct orphan_user *left = a, *right = b;

	if (left->uid != right->uid)
		return left->uid < right->uid ? -1 : 1;
	return (left->oldest > right->oldest) - (left->oldest < right->oldest);
}

/* One row for each user: the oldest. */
static void compact(struct orphan_facts *facts)
{
	size_t kept = 0;

	if (facts->user_count > 1)
		qsort(facts->users, facts->user_count, sizeof(*facts->users), by_uid_and_age);
	for (size_t i = 0; i < facts->user_count; i++)
		if (kept == 0 || facts->users[kept - 1].uid != facts->users[i].uid)
			facts->users[kept++] = facts->users[i];
	facts->user_count = kept;
}

int orphan_facts_read(struct ipck *ctx, bool queues, struct orphan_facts *facts)
{
	struct gathering gathering = { .facts = facts, .queues = queues };
	struct process_counts counts;
	int rc;

	*facts = (struct orphan_facts){ .hidden = processes_are_hidden(),
					.inner = namespace_pids_are_inner() };
	rc = process_each(ctx, &counts, add_process, &gathering);
	facts->processes = counts.seen;
	facts->denied = counts.denied;
	compact(facts);
	if (rc == IPCK_ERR_MEMORY)
		ipck_fail(ctx, rc, "processes: out of memory");
	return rc;
}

void orphan_facts_free(struct orphan_facts *facts)
{
	free(facts->users);
	free(facts->waiters);
	*facts = (struct orphan_facts){ 0 };
}
