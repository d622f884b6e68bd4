/* SPDX-License-Identifier: MIT */
/* The processes that use an object: who holds it, was recorded on it last, or waits on it. */
#include "chosen.h"
#include "common/coverage.h"
#include "common/program.h"

#include <stdlib.h>

struct users {
	struct ipck *ctx;
	const struct ipck_processes *processes;
	struct chosen *chosen;
	struct ipck_ref *refs;
	int *results;
	size_t count;
	struct ipck_objects *objects;
	struct ipck_coverage coverage;
	int status;
};

/* start_time 0: whoever has the number. */
static bool name_one(struct users *users, pid_t pid, uint64_t start_time)
{
	const struct ipck_process *process = ipck_processes_find(users->processes, pid);

	if (process == NULL || (start_time != 0 && process->id.start_time != start_time))
		return false;
	users->chosen->named[place_of(users->processes, process)] = true;
	return true;
}

static bool name_operator(struct users *users, const struct ipck_operator *operator)
{
	return operator->state == IPCK_OPERATOR_RUNNING && name_one(users, operator->pid, 0);
}

/* Queues and sets are held by nobody: there is only who was last, and who waits. */
static bool name_operators(struct users *users, const struct ipck_object *object)
{
	bool found = false;

	if (object->kind == IPCK_MSG) {
		found = name_operator(users, &object->msg.sender);
		found |= name_operator(users, &object->msg.receiver);
	}
	for (uint64_t i = 0; object->kind == IPCK_SEM && i < object->sem.nsems; i++) {
		const struct ipck_semaphore *semaphore = ipck_semaphore_at(object, i);

		found |= semaphore != NULL && name_operator(users, &semaphore->last_operator);
	}
	return found;
}

static bool name_waiters(struct users *users, const struct ipck_object *object)
{
	struct ipck_waits_query query = { .size = sizeof(query),
					  .objects = &object,
					  .object_count = 1 };
	const struct ipck_wait *wait;
	struct ipck_waits *waits;
	bool found = false;

	if ((object->kind & (IPCK_MSG | IPCK_SEM)) == 0)
		return false;
	if (ipck_waits_read(users->ctx, &query, &waits) != IPCK_OK) {
		complain("%s", ipck_message(users->ctx));
		return false;
	}
	for (size_t i = 0; (wait = ipck_waits_at(waits, i)) != NULL; i++)
		found |= name_one(users, wait->process.pid, wait->process.start_time);
	ipck_waits_free(waits);
	return found;
}

static void name_users_of(struct users *users, const struct ipck_object *object)
{
	const struct ipck_holder *holder;
	struct ipck_ref ref;
	char text[IPCK_REF_MAX];
	bool found = false;

	for (size_t i = 0; (holder = ipck_holder_at(object, i)) != NULL; i++)
		found |= name_one(users, holder->process.pid, holder->process.start_time);
	found |= name_operators(users, object);
	found |= name_waiters(users, object);
	if (found)
		return;
	ipck_object_ref(object, false, &ref);
	ipck_ref_format(&ref, text, sizeof(text));
	complain("%s: no process is seen that uses it", text);
	users->status = EXIT_PARTIAL;
}

static bool collect(struct users *users, const struct request *request)
{
	users->refs = calloc(request->operand_count + 1, sizeof(*users->refs));
	users->results = calloc(request->operand_count + 1, sizeof(*users->results));
	if (users->refs == NULL || users->results == NULL)
		return false;
	for (size_t i = 0; i < request->operand_count; i++)
		if (!request->operands[i].is_user &&
		    (request->operands[i].ref.kind & IPCK_KINDS) != 0)
			users->refs[users->count++] = request->operands[i].ref;
	return true;
}

static void complain_missing(struct users *users)
{
	char text[IPCK_REF_MAX];

	for (size_t i = 0; i < users->count; i++) {
		if (users->results[i] == IPCK_OK)
			continue;
		ipck_ref_format(&users->refs[i], text, sizeof(text));
		complain("%s: %s", text, ipck_strerror(users->results[i]));
		users->status = EXIT_PARTIAL;
	}
}

static int read_objects(struct users *users)
{
	struct ipck_query query = { .size = sizeof(query),
				    .want = IPCK_WANT_HOLDERS | IPCK_WANT_PROCESSES |
					    IPCK_WANT_ELEMENTS | IPCK_WANT_WAITERS,
				    .refs = users->refs,
				    .ref_count = users->count,
				    .ref_results = users->results,
				    .coverage = &users->coverage };
	static const struct ipck_selection all;

	if (ipck_objects_read(users->ctx, &query, &users->objects) != IPCK_OK) {
		complain("%s", ipck_message(users->ctx));
		return EXIT_USAGE;
	}
	complain_missing(users);
	for (size_t i = 0; i < ipck_objects_count(users->objects); i++)
		name_users_of(users, ipck_objects_at(users->objects, i));
	coverage_complain(&users->coverage, &all);
	return users->status;
}

int name_users(struct ipck *ctx, const struct request *request,
	       const struct ipck_processes *processes, struct chosen *chosen)
{
	struct users users = { .ctx = ctx,
			       .processes = processes,
			       .chosen = chosen,
			       .coverage = { .size = sizeof(users.coverage) } };
	int status = EXIT_USAGE;

	if (!collect(&users, request))
		complain("out of memory");
	else
		status = users.count > 0 ? read_objects(&users) : EXIT_DONE;
	ipck_objects_free(users.objects);
	free(users.refs);
	free(users.results);
	return status;
}
