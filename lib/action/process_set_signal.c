/* SPDX-License-Identifier: MIT */
/*
 * Signalling a set.  Signals that end a process: stop all, look for newcomers until there are none,
 * send, continue, and look once more whether anybody slipped through.  Others are sent once.
 */
#include "action/process_set.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define ROUNDS 5           /* of stopping, signalling and continuing */
#define LONGEST_STOP 10000 /* milliseconds: then it is sent though they did not all stand still */

struct sending {
	struct ipck *ctx;
	struct ipck_process_set *set;
	int signo;
	bool settled;   /* this round a look at all members standing still found nobody new */
	bool unproven;  /* in a round it did not: somebody may have slipped through */
	bool forking;   /* in a round a member may have been in the middle of it */
	uint64_t after; /* ticks when they were continued */
};

static bool ends_processes(int signo)
{
	return signo == SIGTERM || signo == SIGKILL || signo == SIGINT || signo == SIGHUP ||
	       signo == SIGQUIT || signo == SIGABRT;
}

/* A new signal: who got an earlier one gets it, too. */
static void begin(struct ipck_process_set *set)
{
	set->doubtful = false;
	/* those outside are looked for again, and are the last */
	while (set->count > 0 && set->members[set->count - 1].outsider)
		set->count--;
	for (size_t i = 0; i < set->count; i++) {
		struct set_member *member = &set->members[i];

		member->sent = member->halted = member->quiet = false;
		member->left = false;
		member->asleep_since = 0;
		if (member->row.state == IPCK_MEMBER_FAILED && member->folder >= 0) {
			member->row.state = IPCK_MEMBER_PLANNED;
			member->row.reason = 0;
		}
	}
}

static void deliver(struct sending *sending)
{
	struct ipck_process_set *set = sending->set;
	struct set_member **order = set_order(set);

	for (size_t i = 0; i < set->count; i++) {
		struct set_member *member = order != NULL ? order[i] : &set->members[i];
		struct process_stat stat;
		int error;

		if (!member_counts(member) || member->sent || member->left ||
		    !member_refresh(set, member, &stat))
			continue;
		error = member_send(member, sending->signo);
		member->sent = error == 0;
		if (error != 0) {
			member_fail(member, error);
			continue;
		}
		member->row.state = IPCK_MEMBER_SENT;
		member->row.signo = sending->signo;
	}
	free(order);
}

/*
 * Was it forked by one that handles the signal?  Its parent stood still, without such a child,
 * before it was continued; or it started after that, where all did.
 */
static bool is_made_after(const struct sending *sending, const struct set_member *member)
{
	const struct set_member *parent = set_find(sending->set, member->row.ppid);

	if (sending->signo == SIGKILL || !sending->settled)
		return false;
	return member->row.process.start_time > sending->after ||
	       (parent != NULL && (parent->left || (parent->sent && parent->quiet)));
}

/* How many of the last so many are to get the signal? */
static size_t count_missed(struct sending *sending, size_t fresh)
{
	struct ipck_process_set *set = sending->set;
	size_t missed = 0;

	for (size_t i = set->count - fresh; i < set->count; i++) {
		struct set_member *member = &set->members[i];

		member->left = is_made_after(sending, member);
		missed += member_counts(member) && !member->left;
	}
	return missed;
}

/* Stop them until a look at all of them, standing still, finds nobody new. */
static int settle(struct sending *sending)
{
	const uint64_t deadline = set_clock() + LONGEST_STOP;
	size_t fresh;
	int rc = IPCK_OK;

	sending->settled = false;
	/* An end of theirs would take its children out of a tree: so it waits for the last look. */
	for (int i = 0; rc == IPCK_OK && !sending->settled && i < SET_LOOKS; i++) {
		if (i > 0 && set_clock() >= deadline)
			break;
		set_stop(sending->set, deadline);
		rc = set_look(sending->ctx, sending->set, true, &fresh);
		sending->settled = rc == IPCK_OK && fresh == 0 && set_stands(sending->set);
	}
	return rc;
}

/*
 * A fork(2) that a member slept in goes on when the member is continued, and only SIGKILL keeps it
 * from making a process.
 */
static bool may_be_forking(const struct sending *sending)
{
	const struct ipck_process_set *set = sending->set;

	for (size_t i = 0; sending->signo != SIGKILL && i < set->count; i++) {
		const struct set_member *member = &set->members[i];

		if (member->halted && !member->quiet && member->blocked && member_counts(member))
			return true;
	}
	return false;
}

static int send_round(struct sending *sending, size_t *missed)
{
	struct ipck_process_set *set = sending->set;
	size_t fresh;
	int rc = settle(sending);

	*missed = 0;
	sending->forking |= may_be_forking(sending);
	deliver(sending);
	sending->after = process_ticks_now();
	set_continue(set, sending->signo, !sending->settled);
	if (rc == IPCK_OK)
		rc = set_look(sending->ctx, set, true, &fresh);
	if (rc == IPCK_OK)
		*missed = count_missed(sending, fresh);
	return rc;
}

/*
 * Can another round make up for one that did not settle?  A process that was killed forks no more,
 * and its group and session tell of all that it made.
 */
static bool can_be_proven(const struct sending *sending)
{
	if (sending->signo != SIGKILL)
		return false;
	for (size_t i = 0; i < sending->set->count; i++)
		if (sending->set->members[i].in_tree)
			return false;
	return true;
}

static int send_rounds(struct sending *sending)
{
	size_t missed = 1;
	int rc = IPCK_OK;

	for (int i = 0; rc == IPCK_OK && i < ROUNDS; i++) {
		rc = send_round(sending, &missed);
		sending->unproven =
			!sending->settled || (sending->unproven && !can_be_proven(sending));
		if (missed == 0 && !(sending->unproven && can_be_proven(sending)))
			break;
	}
	if (rc == IPCK_OK &&
	    (sending->unproven || sending->forking || sending->set->doubtful || missed > 0))
		rc = ipck_fail(sending->ctx, IPCK_ERR_BUSY,
			       "they fork faster than they are found: some may live; try again");
	return rc;
}

static int send_all(struct sending *sending)
{
	sigset_t all, before;
	int rc;

	/* Whoever interrupts the caller now would leave them stopped: that waits until they run. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	rc = send_rounds(sending);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static int first_failure(struct ipck *ctx, const struct ipck_process_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct ipck_member *row = &set->members[i].row;

		if (row->state == IPCK_MEMBER_FAILED)
			return ipck_fail(ctx, (enum ipck_error)row->reason, "pid:%d: %s",
					 (int)row->process.pid,
					 row->reason == IPCK_ERR_DENIED
						 ? "not permitted to signal it"
						 : "cannot be signalled");
	}
	return IPCK_OK;
}

/* Who has ended by now? */
static void find_ended(struct ipck_process_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct set_member *member = &set->members[i];
		struct process_stat stat;
		int error;

		if (!member_counts(member))
			continue;
		error = member_stat(member, &stat);
		if (error == ESRCH || (error == 0 && stat_ended(&stat)))
			member_fail(member, ESRCH);
	}
}

IPCK_API int ipck_process_set_signal(struct ipck *ctx, struct ipck_process_set *set, int signo)
{
	struct sending sending = { .ctx = ctx, .set = set, .signo = signo };
	int rc = IPCK_OK;

	if (signo < 0 || signo > SIGRTMAX)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "no signal %d", signo);
	begin(set);
	if (ends_processes(signo))
		rc = send_all(&sending);
	else
		deliver(&sending);
	find_ended(set);
	if (set_add_outside(set) != IPCK_OK && rc == IPCK_OK)
		rc = ipck_fail(ctx, IPCK_ERR_MEMORY, "out of memory");
	return rc != IPCK_OK ? rc : first_failure(ctx, set);
}
