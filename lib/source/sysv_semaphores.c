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

int sysv_semaphore(int32_t id, uint32_t index, enum sysv_semaphore_number number)
{
	static const int commands[] = { [SEMAPHORE_VALUE] = GETVAL,
					[SEMAPHORE_NCOUNT] = GETNCNT,
					[SEMAPHORE_ZCOUNT] = GETZCNT,
					[SEMAPHORE_PID] = GETPID };
	int got = index <= INT_MAX
			  ? semctl(id, (int)index, commands[number], (union semun){ .val = 0 })
			  : -1;

	if (got >= 0)
		return got;
	return index <= INT_MAX ? -errno : -EINVAL;
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

static int read_waiters(struct ipck_object *object, struct ipck_semaphore *elements)
{
	uint64_t waiters = 0;
	struct ipck_operator *operator= & object->sem.last_operator;

	for (size_t i = 0; i < object->sem.nsems; i++) {
		const uint32_t index = (uint32_t)i;
		int ncount = sysv_semaphore(object->id, index, SEMAPHORE_NCOUNT);
		int zcount =
			ncount < 0 ? ncount : sysv_semaphore(object->id, index, SEMAPHORE_ZCOUNT);
		int pid = zcount < 0 ? zcount : sysv_semaphore(object->id, index, SEMAPHORE_PID);

		if (pid < 0)
			return refuse(object, IPCK_SEM_WAITERS | IPCK_SEM_LPID, -pid);
		waiters += (uint64_t)ncount + (uint64_t)zcount;
		if (operator->pid == 0)
			operator->pid = pid;
		else if (pid != 0 && pid != operator->pid)
			operator->others++;
		if (elements != NULL) {
			elements[i].ncount = (uint32_t)ncount;
			elements[i].zcount = (uint32_t)zcount;
			elements[i].last_operator.pid = pid;
			elements[i].last_operator.state = IPCK_OPERATOR_UNASKED;
		}
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
