/* SPDX-License-Identifier: MIT */
/*
 * The verdict on an object that may be left over.  Facts are gathered as evidence, and the verdict
 * follows from the evidence alone: the surest that all of it allows.  Nothing is looked up here.
 */
#include "insight/orphans.h"

#include "base/context.h"

#include <stdlib.h>

/* See operators.c: only a start this much past a recorded second is certain to be later. */
#define SLACK_SECONDS 1.1

/* In the order of the bits: the word, and the most that can be said of an object in spite of it. */
static const struct evidence {
	const char *word;
	enum ipck_orphan allows;
} all_evidence[IPCK_EVIDENCE_COUNT] = {
	{ "unattached", IPCK_ORPHAN_PROVEN },
	{ "no-holder", IPCK_ORPHAN_PROVEN },
	{ "creator-dead", IPCK_ORPHAN_PROVEN },
	{ "operators-dead", IPCK_ORPHAN_PROVEN },
	{ "no-user-process", IPCK_ORPHAN_LIKELY },
	{ "no-record", IPCK_ORPHAN_LIKELY },
	{ "creator-pid-reused", IPCK_ORPHAN_LIKELY },
	{ "operator-pid-reused", IPCK_ORPHAN_LIKELY },
	{ "outside-pid-namespace", IPCK_ORPHAN_LIKELY },
	{ "owner-root-unprovable", IPCK_ORPHAN_NO },
	{ "not-all-inspected", IPCK_ORPHAN_NO },
	{ "inner-pid-namespace", IPCK_ORPHAN_LIKELY },
	{ "creator-runs", IPCK_ORPHAN_NO },
	{ "operator-runs", IPCK_ORPHAN_NO },
	{ "user-process", IPCK_ORPHAN_NO },
	{ "held", IPCK_ORPHAN_NO },
	{ "waited-on", IPCK_ORPHAN_NO },
	{ "recently-used", IPCK_ORPHAN_NO },
};

IPCK_API const char *ipck_evidence_name(unsigned bit)
{
	for (unsigned i = 0; i < IPCK_EVIDENCE_COUNT; i++)
		if (bit == 1u << i)
			return all_evidence[i].word;
	return NULL;
}

static enum ipck_orphan verdict(const struct ipck_object *object)
{
	enum ipck_orphan verdict = IPCK_ORPHAN_PROVEN;

	if ((object->kind & (IPCK_MSG | IPCK_SEM)) != 0) {
		/* The kernel neither records who made them nor who means to use them. */
		verdict = IPCK_ORPHAN_LIKELY;
		/* Who used it last may well run, where nobody of its user can be seen. */
		if ((object->evidence & IPCK_EVIDENCE_OUTSIDE) != 0)
			return IPCK_ORPHAN_NO;
	}
	for (unsigned i = 0; i < IPCK_EVIDENCE_COUNT; i++)
		if ((object->evidence & 1u << i) != 0 && all_evidence[i].allows < verdict)
			verdict = all_evidence[i].allows;
	return verdict;
}

static bool known(const struct ipck_object *object, uint32_t field)
{
	return (object->known & field) != 0;
}

/* A use in the future was before the clock was set back: nobody knows when. */
static unsigned judge_age(const struct ipck_object *object, const struct orphan_facts *facts)
{
	if (!known(object, IPCK_FIELD_TIMES))
		return IPCK_EVIDENCE_NOT_ALL_SEEN;
	if (object->last_used > facts->now ||
	    (uint64_t)facts->now - (uint64_t)object->last_used < facts->age)
		return IPCK_EVIDENCE_RECENTLY_USED;
	return 0;
}

/* ---- Recorded processes ---- */

/* What became of one, as the evidence bits of its role. */
static unsigned judge_operator(const struct ipck_operator *operator, unsigned gone, unsigned reused,
			       unsigned runs)
{
	switch (operator->state) {
	case IPCK_OPERATOR_NEVER:
		return 0;
	case IPCK_OPERATOR_GONE:
		return gone;
	case IPCK_OPERATOR_LATER:
		return reused;
	case IPCK_OPERATOR_RUNNING:
	case IPCK_OPERATOR_HIDDEN: /* it exists, and who it is cannot be seen */
		return runs;
	case IPCK_OPERATOR_OUTSIDE:
		return IPCK_EVIDENCE_OUTSIDE;
	default:
		return IPCK_EVIDENCE_NOT_ALL_SEEN;
	}
}

static unsigned judge_last(const struct ipck_operator *operator)
{
	return judge_operator(operator, IPCK_EVIDENCE_OPERATORS_GONE, IPCK_EVIDENCE_OPERATOR_REUSED,
			      IPCK_EVIDENCE_OPERATOR_RUNS);
}

/* They are all dead only if each is; and nothing at all may have been recorded. */
static unsigned sum_up(unsigned operators)
{
	if (operators == 0)
		return IPCK_EVIDENCE_NO_RECORD;
	if (operators != IPCK_EVIDENCE_OPERATORS_GONE)
		operators &= ~(unsigned)IPCK_EVIDENCE_OPERATORS_GONE;
	return operators;
}

/*
 * All semaphores' last operators.  One without a pid in a set that was operated on was never used,
 * or by a process that has no number in our pid namespace, if there can be such.
 */
static unsigned judge_set_operators(const struct ipck_object *set, const struct orphan_facts *facts)
{
	const struct ipck_semaphore *elements = set->sem.semaphores;
	unsigned operators = judge_last(&set->sem.last_operator);

	if (elements == NULL && set->sem.nsems > 1)
		return operators | IPCK_EVIDENCE_NOT_ALL_SEEN;
	for (uint64_t i = 0; elements != NULL && i < set->sem.nsems; i++) {
		operators |= judge_last(&elements[i].last_operator);
		if (elements[i].last_operator.pid == 0 && set->sem.otime != 0 && facts->inner)
			operators |= IPCK_EVIDENCE_NOT_ALL_SEEN;
	}
	return sum_up(operators);
}

/* ---- Users: who may remember the id of a queue or set ---- */

static int by_uid(const void *key, const void *row)
{
	const uid_t uid = *(const uid_t *)key;
	const struct orphan_user *user = row;

	return (uid > user->uid) - (uid < user->uid);
}

static unsigned judge_user(uid_t uid, int64_t last_used, const struct orphan_facts *facts)
{
	const struct orphan_user *user;

	if (uid == 0) /* some process of root is always older */
		return IPCK_EVIDENCE_ROOT_UNPROVABLE;
	user = facts->user_count > 0 ? bsearch(&uid, facts->users, facts->user_count,
					       sizeof(*facts->users), by_uid)
				     : NULL;
	if (user != NULL && user->oldest <= (double)last_used + SLACK_SECONDS)
		return IPCK_EVIDENCE_USER_PROCESS;
	return 0;
}

static unsigned judge_users(const struct ipck_object *object, const struct orphan_facts *facts)
{
	unsigned evidence = judge_user(object->uid, object->last_used, facts) |
			    judge_user(object->cuid, object->last_used, facts);

	if (facts->denied > 0 || facts->hidden)
		evidence |= IPCK_EVIDENCE_NOT_ALL_SEEN;
	if (evidence == 0)
		evidence = IPCK_EVIDENCE_NO_USER_PROCESS;
	if (facts->inner)
		evidence |= IPCK_EVIDENCE_NOT_INITIAL_NS;
	return evidence;
}

/* ---- The kinds ---- */

/* A segment that nobody is attached to can only come back through those who know its id. */
static unsigned judge_segment(const struct ipck_object *segment)
{
	unsigned evidence = judge_last(&segment->shm.last_operator);

	evidence |= segment->shm.nattch > 0 ? IPCK_EVIDENCE_HELD : IPCK_EVIDENCE_UNATTACHED;
	/* somebody made it, whatever the clock said then */
	if (segment->shm.creator.state == IPCK_OPERATOR_NEVER)
		return evidence | IPCK_EVIDENCE_OUTSIDE;
	return evidence | judge_operator(&segment->shm.creator, IPCK_EVIDENCE_CREATOR_GONE,
					 IPCK_EVIDENCE_CREATOR_REUSED, IPCK_EVIDENCE_CREATOR_RUNS);
}

/* On this queue, or on one of its number whose namespace cannot be told. */
static bool waits_on(const struct orphan_waiter *waiter, const struct ipck_object *queue)
{
	return waiter->id == queue->id &&
	       (waiter->ns == queue->ns || waiter->ns == 0 || queue->ns == 0);
}

static bool all_waiters_seen(const struct orphan_facts *facts)
{
	return !facts->any_queue && facts->denied_waits == 0 && facts->denied == 0 &&
	       !facts->hidden;
}

void queue_count_waiters(struct ipck_object *queue, const struct orphan_facts *facts)
{
	bool certain = all_waiters_seen(facts);

	for (size_t i = 0; i < facts->waiter_count; i++) {
		const struct orphan_waiter *waiter = &facts->waiters[i];

		if (!waits_on(waiter, queue))
			continue;
		if (waiter->ns == 0 || queue->ns == 0)
			certain = false;
		else if (waiter->sends)
			queue->msg.senders_waiting++;
		else
			queue->msg.receivers_waiting++;
	}
	if (certain)
		queue->known |= IPCK_MSG_WAITERS;
	else
		queue->unknown.denied |= IPCK_MSG_WAITERS;
}

static unsigned judge_queue_waiters(const struct ipck_object *queue,
				    const struct orphan_facts *facts)
{
	for (size_t i = 0; i < facts->waiter_count; i++)
		if (waits_on(&facts->waiters[i], queue))
			return IPCK_EVIDENCE_WAITED_ON;
	return all_waiters_seen(facts) ? 0 : IPCK_EVIDENCE_NOT_ALL_SEEN;
}

static unsigned judge_queue(const struct ipck_object *queue, const struct orphan_facts *facts)
{
	return sum_up(judge_last(&queue->msg.sender) | judge_last(&queue->msg.receiver)) |
	       judge_queue_waiters(queue, facts) | judge_users(queue, facts);
}

static unsigned judge_set(const struct ipck_object *set, const struct orphan_facts *facts)
{
	unsigned evidence = judge_users(set, facts);

	if (!known(set, IPCK_SEM_WAITERS))
		return evidence | IPCK_EVIDENCE_NOT_ALL_SEEN;
	if (set->sem.waiters > 0)
		evidence |= IPCK_EVIDENCE_WAITED_ON;
	return evidence | judge_set_operators(set, facts);
}

/* POSIX objects: whoever uses them has them open or maps them. */
static unsigned judge_file(const struct ipck_object *object, const struct orphan_facts *facts)
{
	unsigned evidence = 0;

	if (object->kind == IPCK_POSIX_SEM && known(object, IPCK_POSIX_SEM_VALUE) &&
	    object->posix_sem.waiters > 0)
		evidence |= IPCK_EVIDENCE_WAITED_ON;
	/* who asked to be told of a message has the queue open, even if it is not to be seen */
	if (object->kind == IPCK_POSIX_MQ && known(object, IPCK_POSIX_MQ_CONTENT) &&
	    object->posix_mq.notify_pid > 0)
		evidence |= IPCK_EVIDENCE_HELD;
	if (!known(object, IPCK_FIELD_HOLDERS))
		return evidence | IPCK_EVIDENCE_NOT_ALL_SEEN;
	if (object->held > 0 || evidence == IPCK_EVIDENCE_HELD)
		return evidence | IPCK_EVIDENCE_HELD;
	evidence |= IPCK_EVIDENCE_NO_HOLDER;
	if (facts->denied > 0 || facts->denied_holdings > 0 || facts->hidden)
		evidence |= IPCK_EVIDENCE_NOT_ALL_SEEN;
	if (facts->inner)
		evidence |= IPCK_EVIDENCE_NOT_INITIAL_NS;
	else if (!object->holders_complete)
		evidence |= IPCK_EVIDENCE_NOT_ALL_SEEN;
	return evidence;
}

void orphan_judge(struct ipck_object *object, const struct orphan_facts *facts)
{
	unsigned evidence = 0;

	switch (object->kind) {
	case IPCK_SHM:
		evidence = judge_segment(object) | judge_age(object, facts);
		break;
	case IPCK_MSG:
		evidence = judge_queue(object, facts) | judge_age(object, facts);
		break;
	case IPCK_SEM:
		evidence = judge_set(object, facts) | judge_age(object, facts);
		break;
	case IPCK_POSIX_SHM:
	case IPCK_POSIX_SEM:
	case IPCK_POSIX_MQ:
		evidence = judge_file(object, facts) | judge_age(object, facts);
		break;
	default: /* whatever lives through its holders alone */
		evidence = IPCK_EVIDENCE_HELD;
		break;
	}
	object->evidence = evidence;
	object->orphan = verdict(object);
	object->known |= IPCK_FIELD_ORPHAN;
}
