/* SPDX-License-Identifier: MIT */
/* --watch of semaphores: values, who waits, and who operated last. */
#include "watch_states.h"

static size_t count(const struct ipck_object *object)
{
	return object->kind == IPCK_SEM ? (size_t)object->sem.nsems : 1;
}

static void get(const struct ipck_object *object, size_t i, struct state *state)
{
	const struct ipck_semaphore *semaphore = ipck_semaphore_at(object, i);

	*state = (struct state){ 0 };
	state->numbers[0] = (struct state_number){ "value", object->posix_sem.value };
	state->numbers[1] = (struct state_number){ "ncount", object->posix_sem.waiters };
	if (object->kind == IPCK_POSIX_SEM || semaphore == NULL)
		return;
	state->numbers[0].number = semaphore->value;
	state->numbers[1].number = semaphore->ncount;
	state->numbers[2] = (struct state_number){ "zcount", semaphore->zcount };
	state->processes[0] =
		(struct state_process){ "last", "last_operator", &semaphore->last_operator };
}

int watch_semaphores(struct peeking *peeking)
{
	const struct state_kind kind = {
		.numbered = peeking->object->kind == IPCK_SEM,
		.count = count,
		.known = semaphores_known,
		.get = get,
	};

	return watch_states(peeking, &kind);
}
