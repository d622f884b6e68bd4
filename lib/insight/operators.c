/* SPDX-License-Identifier: MIT */
/*
 * Creators and last operators.  The kernel keeps a bare pid; whether today's process of that number
 * is the one follows from when it started and when the object was last acted on.
 */
#include "insight/operators.h"

/*
 * Object times are whole seconds of the coarse clock (up to a tick late), start times hundredths:
 * only a start past the end of the recorded second proves another process.
 */
#define SLACK_SECONDS 1.1

static int judge(struct ipck_object *object, uint32_t field, struct ipck_operator *operator,
		 int64_t acted, struct processes *processes)
{
	const struct process *process;

	if (operator->pid == 0) {
		/* No pid but a time: the process cannot be seen from our pid namespace. */
		operator->state = acted != 0 ? IPCK_OPERATOR_OUTSIDE : IPCK_OPERATOR_NEVER;
		if (acted != 0)
			object->unknown.outside |= field;
		else
			object->known |= field;
		return IPCK_OK;
	}
	object->known |= field;
	if (processes == NULL)
		return IPCK_OK;
	process = process_look(processes, operator->pid);
	if (process == NULL)
		return IPCK_ERR_MEMORY;
	operator->command = process->command;
	if (process->presence == PROCESS_GONE)
		operator->state = IPCK_OPERATOR_GONE;
	else if (process->presence == PROCESS_HIDDEN)
		operator->state = IPCK_OPERATOR_HIDDEN;
	else if (process->started > (double)acted + SLACK_SECONDS)
		operator->state = IPCK_OPERATOR_LATER;
	else
		operator->state = IPCK_OPERATOR_RUNNING;
	return IPCK_OK;
}

static int64_t latest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * Semaphores record a pid each but share the set's times.  SETVAL and SETALL record a pid and move
 * ctime only.  A pid of 0 on a set with an otime may be an element that nobody has used yet.
 */
static int judge_set(struct ipck_object *set, struct ipck_semaphore *elements,
		     struct processes *processes)
{
	const int64_t acted = latest(set->sem.otime, set->ctime);
	struct ipck_operator *last = &set->sem.last_operator;
	int rc =
		judge(set, IPCK_SEM_LPID, last, last->pid != 0 ? acted : set->sem.otime, processes);

	for (uint64_t i = 0; rc == IPCK_OK && elements != NULL && i < set->sem.nsems; i++)
		rc = judge(set, 0, &elements[i].last_operator,
			   elements[i].last_operator.pid != 0 ? acted : 0, processes);
	return rc;
}

int operators_judge(struct ipck_object *object, struct ipck_semaphore *elements,
		    struct processes *processes)
{
	int rc = IPCK_OK;

	switch (object->kind) {
	case IPCK_SHM:
		rc = judge(object, IPCK_SHM_CPID, &object->shm.creator, object->ctime, processes);
		if (rc == IPCK_OK)
			rc = judge(object, IPCK_SHM_LPID, &object->shm.last_operator,
				   latest(object->shm.atime, object->shm.dtime), processes);
		break;
	case IPCK_MSG:
		rc = judge(object, IPCK_MSG_LSPID, &object->msg.sender, object->msg.stime,
			   processes);
		if (rc == IPCK_OK)
			rc = judge(object, IPCK_MSG_LRPID, &object->msg.receiver, object->msg.rtime,
				   processes);
		break;
	case IPCK_SEM:
		if ((object->known & IPCK_SEM_WAITERS) != 0)
			rc = judge_set(object, elements, processes);
		break;
	default:
		break;
	}
	return rc;
}
