/* SPDX-License-Identifier: MIT */
/*
 * Stopping a set, so that nobody in it forks while the rest is looked for.  A signal to one process
 * does not undo a fork(2) that it is in: the child comes into being without the signal.  So a
 * member counts as quiet once its threads were all seen to be stopped, and what it forked before
 * is found by the look after that.  A signal to a whole group does reach such a child.
 */
#include "action/process_set.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PROCESS_GROUP 4   /* PIDFD_SIGNAL_PROCESS_GROUP of linux/pidfd.h, since 6.9 */
#define LONGEST_SLEEP 500 /* milliseconds that one is waited for that cannot stop: it slept on */

/* Which members are to be stopped now? */
static void choose(struct ipck_process_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct set_member *member = &set->members[i];
		struct process_stat stat;
		int error;

		member->chosen = false;
		if (!member_counts(member) || member->sent || member->left || member->halted ||
		    !member_refresh(set, member, &stat))
			continue;
		member->row.pgid = stat.pgid;
		member->row.sid = stat.sid;
		member->row.process_state = stat.state;
		if (stat_stopped(&stat)) {
			/* with its group, before it was found */
			member->halted =
				table_find(&set->stopped_groups, (uint32_t)stat.pgid) != NULL &&
				member->row.late;
			member->row.stopped = !member->halted;
			continue;
		}
		member->row.stopped = false;
		error = member_send(member, 0);
		if (error != 0)
			member_fail(member, error);
		member->chosen = error == 0;
	}
}

/* ---- A group as a whole ---- */

static bool has_ancestor(const struct ipck_process_set *set, pid_t pgid)
{
	for (size_t i = 0; i < set->ancestors.size; i++)
		if (set->ancestors.slots[i].value != NULL &&
		    getpgid((pid_t)set->ancestors.slots[i].number) == pgid)
			return true;
	return false;
}

/* Is everybody in the group to be stopped, whether we know of him or not? */
static bool is_whole(const struct ipck_process_set *set, const struct set_member *one)
{
	const pid_t pgid = one->row.pgid;

	if (pgid < 2 || pgid == getpgrp() || set->hidden || set->chain_broken ||
	    !set_names(set, pgid, one->row.sid) || has_ancestor(set, pgid))
		return false;
	for (size_t i = 0; i < set->count; i++) {
		const struct set_member *member = &set->members[i];

		if (member->row.pgid == pgid && !member->chosen && !member->halted &&
		    member->row.state != IPCK_MEMBER_ENDED &&
		    !(member->row.stopped && member->row.process_state == 'T'))
			return false;
	}
	return true;
}

/* An end does not free the number of its group before the zombie is gone, too. */
static bool holds_group(const struct set_member *member, pid_t pgid)
{
	struct process_stat stat;

	return member->folder >= 0 && member->row.pgid == pgid && member_stat(member, &stat) == 0 &&
	       stat.pgid == pgid;
}

static bool signal_group(const struct ipck_process_set *set, pid_t pgid, int signo)
{
	const struct set_member *leader = set_find(set, pgid);

	/* its folder stands for the group even when it is gone */
	if (leader != NULL && leader->folder >= 0 && leader->row.pgid == pgid &&
	    syscall(SYS_pidfd_send_signal, leader->folder, signo, NULL, PROCESS_GROUP) == 0)
		return true;
	/* The number means this group as long as a member is in it. */
	for (size_t i = set->count; i > 0; i--)
		if (holds_group(&set->members[i - 1], pgid))
			return pgid > 1 && kill(-pgid, signo) == 0;
	return false;
}

static void mark_halted(struct ipck_process_set *set, pid_t pgid)
{
	for (size_t i = 0; i < set->count; i++) {
		struct set_member *member = &set->members[i];

		if (member->chosen && member->row.pgid == pgid) {
			member->halted = true;
			member->chosen = false;
		}
	}
}

/* Also those whose members have all ended: what they forked can be on its way. */
static void stop_groups(struct ipck_process_set *set)
{
	struct table tried = { 0 };

	for (size_t i = 0; i < set->count; i++) {
		const struct set_member *one = &set->members[i];
		const pid_t pgid = one->row.pgid;
		struct table_slot *slot, *stopped;

		if (one->by_identity || one->outsider ||
		    !(one->chosen || one->row.state == IPCK_MEMBER_ENDED))
			continue;
		slot = table_slot(&tried, (uint32_t)pgid);
		stopped = slot != NULL && slot->value == NULL
				  ? table_slot(&set->stopped_groups, (uint32_t)pgid)
				  : NULL;
		if (stopped == NULL)
			continue;
		slot->value = set;
		if (!is_whole(set, one) || !signal_group(set, pgid, SIGSTOP))
			continue;
		stopped->value = set;
		mark_halted(set, pgid);
	}
	table_free(&tried);
}

/* ---- Waiting ---- */

/* Is it worth waiting for that it stands still? */
static bool is_awaited(struct set_member *member, uint64_t now)
{
	struct process_stat stat;
	uint64_t runs = 0;
	const int error = member_stat(member, &stat);
	enum stance stance = STANCE_ASLEEP; /* one that is hidden by now */

	if (error == ESRCH || (error == 0 && stat_ended(&stat))) {
		member_fail(member, ESRCH);
		return false;
	}
	if (error == 0)
		stance = member_stance(member, &stat, &runs);
	member->quiet = stance == STANCE_STOPPED;
	member->blocked = stance == STANCE_BLOCKED;
	if (stance == STANCE_STOPPED || stance == STANCE_MOVING)
		member->asleep_since = 0;
	else if (member->asleep_since == 0 || member->runs != runs)
		member->asleep_since = now;
	member->runs = runs;
	return !member->quiet &&
	       (member->asleep_since == 0 || now - member->asleep_since < LONGEST_SLEEP);
}

static void wait_quiet(struct ipck_process_set *set, uint64_t deadline)
{
	const struct timespec pause = { .tv_nsec = 500000 };

	for (;;) {
		const uint64_t now = set_clock();
		size_t awaited = 0;

		for (size_t i = 0; i < set->count; i++) {
			struct set_member *member = &set->members[i];

			awaited += member->halted && !member->quiet &&
				   member->row.state != IPCK_MEMBER_ENDED &&
				   is_awaited(member, now);
		}
		if (awaited == 0 || now >= deadline)
			return;
		nanosleep(&pause, NULL);
	}
}

static bool stands(struct set_member *member)
{
	struct process_stat stat;
	uint64_t runs;
	enum stance stance;
	const int error = member_stat(member, &stat);

	if (error == ESRCH || (error == 0 && stat_ended(&stat))) {
		member_fail(member, ESRCH);
		return true;
	}
	if (error != 0)
		return false;
	if (!member->halted)
		return stat_stopped(&stat);
	stance = member_stance(member, &stat, &runs);
	if (stance == STANCE_STOPPED ||
	    (stance != STANCE_MOVING && !member->quiet && member->runs == runs))
		return true;
	if (member->quiet)
		member_send(member, SIGSTOP);
	member->quiet = false;
	member->asleep_since = 0;
	return false;
}

bool set_stands(struct ipck_process_set *set)
{
	bool all = true;

	for (size_t i = 0; i < set->count; i++) {
		struct set_member *member = &set->members[i];

		if (member_counts(member) && !member->sent && !member->left)
			all &= stands(member);
	}
	return all;
}

/* ---- All ---- */

void set_stop(struct ipck_process_set *set, uint64_t deadline)
{
	choose(set);
	stop_groups(set);
	for (size_t i = 0; i < set->count; i++) {
		struct set_member *member = &set->members[i];
		int error;

		if (!member->chosen)
			continue;
		error = member_send(member, SIGSTOP);
		if (error != 0)
			member_fail(member, error);
		member->halted = error == 0;
	}
	wait_quiet(set, deadline);
}

/* The groups as a whole, but those of them stay stopped that were before. */
static void continue_groups(struct ipck_process_set *set)
{
	for (size_t i = 0; i < set->stopped_groups.size; i++)
		if (set->stopped_groups.slots[i].value != NULL)
			signal_group(set, (pid_t)set->stopped_groups.slots[i].number, SIGCONT);
	for (size_t i = 0; i < set->count; i++)
		if (set->members[i].row.stopped && member_counts(&set->members[i]))
			member_send(&set->members[i], SIGSTOP);
}

static int later_first(const void *a, const void *b)
{
	const struct ipck_process_id *left = &(*(struct set_member *const *)a)->row.process;
	const struct ipck_process_id *right = &(*(struct set_member *const *)b)->row.process;

	if (left->start_time != right->start_time)
		return left->start_time < right->start_time ? 1 : -1;
	return (left->pid < right->pid) - (left->pid > right->pid);
}

struct set_member **set_order(const struct ipck_process_set *set)
{
	struct set_member **order = calloc(set->count + 1, sizeof(struct set_member *));

	for (size_t i = 0; order != NULL && i < set->count; i++)
		order[i] = &set->members[i];
	if (order != NULL)
		qsort(order, set->count, sizeof(struct set_member *), later_first);
	return order;
}

void set_continue(struct ipck_process_set *set, int signo, bool unseen)
{
	struct set_member **order = set_order(set);

	if (unseen)
		continue_groups(set);
	for (size_t i = 0; i < set->count; i++) {
		struct set_member *member = order != NULL ? order[i] : &set->members[i];

		if (member->halted && !(signo == SIGKILL && member->sent))
			member_send(member, SIGCONT);
		member->halted = false;
	}
	free(order);
	table_free(&set->stopped_groups);
}
