/* SPDX-License-Identifier: MIT */
/*
 * The single semaphores of a set.  GETALL is one call and one consistent picture; waiters and last
 * operators have no such call and cost three a semaphore.
 */
#include "source/sysv.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/sem.h>

union semun {
	int val;
	unsigned short *array;
};

static int semaphore_call(int32_t id, int number, int command)
{
	int value = semctl(id, number, command, (union semun){ .val = 0 });

	return value < 0 ? -errno : value;
}

/* What a refusal means for these fields; IPCK_ERR_NOT_FOUND when the set is gone. */
static int refuse(struct ipck_object *object, uint32_t fields, int error)
{
	enum ipck_error reason = ipck_reason(error);

	if (reason == IPCK_ERR_NOT_FOUND)
		return reason;
	if (reason == IPCK_ERR_DENIED)
		object->unknown.denied |= fields;
	else
		object->unknown.unsupported |= fields;
	return IPCK_OK;
}

static int read_values(struct ipck_object *object, struct ipck_semaphore *elements)
{
	size_t count = (size_t)object->sem.nsems;
	/*
	 * The kernel writes as many as the set has now.  Should the id have been reused since,
	 * there is room for any set that a sane SEMMSL allows.
	 */
	size_t room = count > UINT16_MAX ? count : UINT16_MAX;
	unsigned short *values = malloc(room * sizeof(*values));
	int rc = IPCK_OK;

	if (values == NULL)
		return IPCK_ERR_MEMORY;
	if (semctl(object->id, 0, GETALL, (union semun){ .array = values }) < 0) {
		rc = refuse(object, IPCK_SEM_VALUES, errno);
	} else {
		for (size_t i = 0; i < count; i++)
			elements[i].value = values[i];
		object->known |= IPCK_SEM_VALUES;
	}
	free(values);
	return rc;
}

/* Who waits for it, and who used it last.  0 or -errno. */
static int read_counts(int32_t id, int number, struct ipck_semaphore *semaphore)
{
	int ncount = semaphore_call(id, number, GETNCNT);
	int zcount = ncount < 0 ? ncount : semaphore_call(id, number, GETZCNT);
	int pid = zcount < 0 ? zcount : semaphore_call(id, number, GETPID);

	if (pid < 0)
		return pid;
	semaphore->ncount = (uint32_t)ncount;
	semaphore->zcount = (uint32_t)zcount;
	semaphore->last_operator =
		(struct ipck_operator){ .pid = pid, .state = IPCK_OPERATOR_UNASKED };
	return 0;
}

int sysv_semaphore_value(int32_t id, uint32_t number)
{
	return number <= INT_MAX ? semaphore_call(id, (int)number, GETVAL) : -EINVAL;
}

int sysv_read_semaphore(int32_t id, uint32_t number, struct ipck_semaphore *semaphore)
{
	int value = sysv_semaphore_value(id, number);

	if (value < 0)
		return value;
	semaphore->value = (uint32_t)value;
	return read_counts(id, (int)number, semaphore);
}

static int read_waiters(struct ipck_object *object, struct ipck_semaphore *elements)
{
	uint64_t waiters = 0;
	struct ipck_operator *operator= & object->sem.last_operator;

	for (size_t i = 0; i < object->sem.nsems; i++) {
		struct ipck_semaphore own, *semaphore = elements != NULL ? &elements[i] : &own;
		int rc = read_counts(object->id, (int)i, semaphore);
		pid_t pid;

		if (rc != 0)
			return refuse(object, IPCK_SEM_WAITERS | IPCK_SEM_LPID, -rc);
		waiters += (uint64_t)semaphore->ncount + semaphore->zcount;
		pid = semaphore->last_operator.pid;
		if (operator->pid == 0)
			operator->pid = pid;
		else if (pid != 0 && pid != operator->pid)
			operator->others++;
	}
	object->sem.waiters = waiters;
	object->known |= IPCK_SEM_WAITERS;
	return IPCK_OK;
}

int sysv_read_semaphores(struct ipck *ctx, struct ipck_object *object, bool values, bool waiters,
			 struct ipck_semaphore *elements)
{
	int rc = IPCK_OK;

	if (values)
		rc = read_values(object, elements);
	if (rc == IPCK_OK && waiters)
		rc = read_waiters(object, elements);
	if (rc == IPCK_ERR_MEMORY)
		ipck_fail(ctx, rc, "sem:%d: out of memory", object->id);
	return rc;
}
