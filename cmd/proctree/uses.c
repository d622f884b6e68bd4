/* SPDX-License-Identifier: MIT */
/* Which objects processes use, and what they wait for: one scan for each, put in order by pid. */
#include "uses.h"
#include "chosen.h"
#include "common/coverage.h"
#include "common/program.h"

#include <stdlib.h>
#include <string.h>

/* What watches time, files or other descriptors is between no two processes. */
#define KINDS                                                                                      \
	(IPCK_SYSV | IPCK_POSIX | IPCK_PIPE | IPCK_FIFO | IPCK_UNIX | IPCK_EVENTFD | IPCK_MEMFD |  \
	 IPCK_MMAP)

struct entry {
	struct ipck_process_id process; /* start_time 0: recorded by its number only */
	size_t rank, place;             /* of the kind, of the object */
	struct use use;
};

struct uses_index {
	struct ipck *ctx;
	const struct ipck_processes *processes;
	struct ipck_objects *objects;
	struct ipck_waits *waits;
	struct entry *entries; /* by pid, and then as they are shown */
	size_t count, room;
	struct use *uses; /* of entries, so that those of a process are an array */
	const struct ipck_wait **waiting;
	size_t waiting_count;
	struct uses **of; /* by pid's place among all processes; NULL: not asked for yet */
	struct ipck_coverage coverage, wait_coverage;
	size_t threads_denied;
};

const char *use_how_name(enum use_how how)
{
	static const char *const names[] = { "map", "fd", "last-sender", "last-receiver",
					     "last-operator" };

	return names[how];
}

/* What says most of a process comes first. */
static size_t rank_of(enum ipck_kind kind)
{
	static const enum ipck_kind order[] = {
		IPCK_SHM,      IPCK_POSIX_SHM, IPCK_MEMFD, IPCK_MMAP, IPCK_MSG,     IPCK_SEM,
		IPCK_POSIX_MQ, IPCK_POSIX_SEM, IPCK_FIFO,  IPCK_PIPE, IPCK_EVENTFD, IPCK_UNIX,
	};
	size_t rank = 0;

	while (rank < sizeof(order) / sizeof(order[0]) && order[rank] != kind)
		rank++;
	return rank;
}

/* An eventfd that one process alone has wakes its own threads; a mapping that nobody may write,
 * as of a cache of the C library, tells nobody anything. */
static bool is_shared(const struct ipck_object *object)
{
	switch (object->kind) {
	case IPCK_EVENTFD:
		return object->held > 1;
	case IPCK_MMAP:
		return object->held > 1 && object->endpoint.writers > 0;
	default:
		return true;
	}
}

static bool add(struct uses_index *index, const struct entry *entry)
{
	struct entry *entries;

	if (index->count == index->room) {
		const size_t room = index->room * 2 + 256;

		entries = reallocarray(index->entries, room, sizeof(*entries));
		if (entries == NULL)
			return false;
		index->entries = entries;
		index->room = room;
	}
	index->entries[index->count++] = *entry;
	return true;
}

/* Areas and descriptors of one process together; holders come by pid. */
static bool add_holders(struct uses_index *index, struct entry *entry)
{
	const struct ipck_object *object = entry->use.object;
	const struct ipck_holder *holder;
	const size_t first = index->count;

	for (size_t i = 0; (holder = ipck_holder_at(object, i)) != NULL; i++) {
		const enum use_how how = holder->how == IPCK_HOLDS_MAP ? USE_MAP : USE_FD;
		size_t last = index->count;

		while (last > first &&
		       index->entries[last - 1].process.pid == holder->process.pid &&
		       index->entries[last - 1].use.how != how)
			last--;
		if (last == first || index->entries[last - 1].process.pid != holder->process.pid) {
			entry->process = holder->process;
			entry->use = (struct use){ .object = object, .how = how };
			if (!add(index, entry))
				return false;
			last = index->count;
		}
		index->entries[last - 1].use.access |= holder->access;
		index->entries[last - 1].use.bytes += holder->bytes;
		index->entries[last - 1].use.descriptors += how == USE_FD;
	}
	return true;
}

static bool add_operator(struct uses_index *index, struct entry *entry,
			 const struct ipck_operator *process, enum use_how how)
{
	if (process->state != IPCK_OPERATOR_RUNNING)
		return true;
	entry->process = (struct ipck_process_id){ .pid = process->pid };
	entry->use.how = how;
	return add(index, entry);
}

/* Each semaphore of a set has a last operator of its own; a process is told of once. */
static bool add_set(struct uses_index *index, struct entry *entry)
{
	const struct ipck_semaphore *semaphore;
	const size_t first = index->count;

	for (size_t i = 0; (semaphore = ipck_semaphore_at(entry->use.object, i)) != NULL; i++) {
		size_t j = first;

		while (j < index->count &&
		       index->entries[j].process.pid != semaphore->last_operator.pid)
			j++;
		if (j == index->count &&
		    !add_operator(index, entry, &semaphore->last_operator, USE_LAST_OPERATOR))
			return false;
	}
	return true;
}

static bool add_object(struct uses_index *index, size_t place)
{
	const struct ipck_object *object = ipck_objects_at(index->objects, place);
	struct entry entry = { .rank = rank_of(object->kind),
			       .place = place,
			       .use = { .object = object } };

	switch (object->kind) {
	case IPCK_MSG:
		return add_operator(index, &entry, &object->msg.sender, USE_LAST_SENDER) &&
		       add_operator(index, &entry, &object->msg.receiver, USE_LAST_RECEIVER);
	case IPCK_SEM:
		return add_set(index, &entry);
	default:
		return !is_shared(object) || add_holders(index, &entry);
	}
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;

	if (one->process.pid != other->process.pid)
		return one->process.pid < other->process.pid ? -1 : 1;
	if (one->rank != other->rank)
		return one->rank < other->rank ? -1 : 1;
	if (one->place != other->place)
		return one->place < other->place ? -1 : 1;
	return (int)one->use.how - (int)other->use.how;
}

static bool index_objects(struct uses_index *index)
{
	const size_t objects = ipck_objects_count(index->objects);

	for (size_t i = 0; i < objects; i++)
		if (!add_object(index, i))
			return false;
	if (index->count > 0)
		qsort(index->entries, index->count, sizeof(*index->entries), compare_entries);
	index->uses = calloc(index->count + 1, sizeof(*index->uses));
	for (size_t i = 0; index->uses != NULL && i < index->count; i++)
		index->uses[i] = index->entries[i].use;
	return index->uses != NULL;
}

/* Where a signal stopped it is where it stands, and nothing that it waits for: tgkill(2), as of
 * a process that stopped itself. */
static bool only_stopped(const struct uses_index *index, const struct ipck_wait *wait)
{
	const struct ipck_process *process =
		ipck_processes_find(index->processes, wait->process.pid);

	return process != NULL && (process->state == 'T' || process->state == 't') &&
	       wait->ref == NULL && wait->object == NULL && wait->awaited_count == 0;
}

static bool index_waits(struct uses_index *index)
{
	const size_t count = ipck_waits_count(index->waits);

	index->waiting = calloc(count + 1, sizeof(const struct ipck_wait *));
	for (size_t i = 0; index->waiting != NULL && i < count; i++) {
		const struct ipck_wait *wait = ipck_waits_at(index->waits, i);

		if (!only_stopped(index, wait))
			index->waiting[index->waiting_count++] = wait;
	}
	return index->waiting != NULL;
}

/* Kinds that are not there, and namespaces out of sight, end well: the rest is shown. */
static bool read_both(struct uses_index *index)
{
	const struct ipck_query query = { .size = sizeof(query),
					  .kinds = KINDS,
					  .want = IPCK_WANT_HOLDERS | IPCK_WANT_PROCESSES |
						  IPCK_WANT_ELEMENTS | IPCK_WANT_WAITERS,
					  .where = IPCK_NS_ALL,
					  .coverage = &index->coverage };
	const struct ipck_waits_query asked = { .size = sizeof(asked),
						.want = IPCK_WAITS_SINCE | IPCK_WAITS_WHOM,
						.coverage = &index->wait_coverage,
						.threads_denied = &index->threads_denied };

	ipck_objects_read(index->ctx, &query, &index->objects);
	if (index->objects == NULL ||
	    ipck_waits_read(index->ctx, &asked, &index->waits) != IPCK_OK) {
		complain("%s", ipck_message(index->ctx));
		return false;
	}
	if (index_objects(index) && index_waits(index))
		return true;
	complain("out of memory");
	return false;
}

bool uses_read(struct look *look)
{
	struct uses_index *index;

	if (!look->request->ipc && (look->want & USES_WANT) == 0)
		return true;
	index = look->uses = calloc(1, sizeof(*index));
	if (index == NULL) {
		complain("out of memory");
		return false;
	}
	index->ctx = look->ctx;
	index->processes = look->processes;
	index->coverage.size = index->wait_coverage.size = sizeof(index->coverage);
	index->of = calloc(ipck_processes_count(look->processes) + 1, sizeof(*index->of));
	if (index->of == NULL) {
		complain("out of memory");
		return false;
	}
	return read_both(index);
}

void uses_free(struct uses_index *index)
{
	if (index == NULL)
		return;
	for (size_t i = 0; index->of != NULL && i < ipck_processes_count(index->processes); i++) {
		if (index->of[i] == NULL)
			continue;
		free(index->of[i]->text);
		free(index->of[i]->wait_text);
		free(index->of[i]);
	}
	free(index->of);
	free(index->entries);
	free(index->uses);
	free(index->waiting);
	ipck_waits_free(index->waits);
	ipck_objects_free(index->objects);
	free(index);
}

void uses_complain(const struct uses_index *index)
{
	static const struct ipck_selection all = { .tests = 0 };

	if (index == NULL)
		return;
	coverage_complain(&index->coverage, &all);
	if (index->coverage.denied == 0)
		coverage_complain(&index->wait_coverage, &all);
	if (index->wait_coverage.denied == 0 && index->threads_denied > 0)
		complain("what %zu threads wait for could not be seen: %s; %s",
			 index->threads_denied, ipck_strerror(IPCK_ERR_DENIED), coverage_remedy());
}

/* ---- One process ---- */

static void find_uses(const struct uses_index *index, const struct ipck_process *process,
		      struct uses *uses)
{
	size_t first = 0, high = index->count;

	while (first < high) {
		const size_t middle = first + (high - first) / 2;

		if (index->entries[middle].process.pid < process->id.pid)
			first = middle + 1;
		else
			high = middle;
	}
	uses->uses = index->uses + first;
	for (; first + uses->count < index->count; uses->count++) {
		const struct ipck_process_id *id = &index->entries[first + uses->count].process;

		/* a later process of that number is another one */
		if (id->pid != process->id.pid ||
		    (id->start_time != 0 && id->start_time != process->id.start_time))
			break;
	}
}

static void find_waits(const struct uses_index *index, const struct ipck_process *process,
		       struct uses *uses)
{
	size_t first = 0, high = index->waiting_count;

	while (first < high) {
		const size_t middle = first + (high - first) / 2;

		if (index->waiting[middle]->process.pid < process->id.pid)
			first = middle + 1;
		else
			high = middle;
	}
	uses->waits = index->waiting + first;
	while (first + uses->wait_count < index->waiting_count &&
	       index->waiting[first + uses->wait_count]->process.pid == process->id.pid &&
	       index->waiting[first + uses->wait_count]->process.start_time ==
		       process->id.start_time)
		uses->wait_count++;
}

/* A scan says only how many it could not look into: was this one of them? */
static void find_reasons(const struct uses_index *index, const struct ipck_process *process,
			 struct uses *uses)
{
	const struct ipck_ref ref = { .kind = IPCK_PROCESS,
				      .form = IPCK_BY_PID,
				      .pid = process->id.pid,
				      .exact = true,
				      .generation = { .start_time = process->id.start_time } };
	const struct ipck_waits_query query = { .size = sizeof(query), .pid = process->id.pid };
	const struct ipck_process *detail = NULL;
	struct ipck_waits *waits = NULL;
	size_t denied = 0;
	struct ipck_waits_query asked = query;

	if (process->kernel || process->state == 'Z' || process->state == 'X')
		return;
	if (index->coverage.denied > 0 &&
	    ipck_process_read(index->ctx, &ref, IPCK_PROCESS_NAMESPACES, &detail) == IPCK_OK &&
	    ipck_process_why(detail, IPCK_PROCESS_NAMESPACES) == IPCK_ERR_DENIED)
		uses->why = IPCK_ERR_DENIED;
	ipck_process_free(detail);
	if (index->wait_coverage.denied == 0 && index->threads_denied == 0)
		return;
	asked.threads_denied = &denied;
	if (ipck_waits_read(index->ctx, &asked, &waits) == IPCK_ERR_DENIED || denied > 0)
		uses->wait_why = IPCK_ERR_DENIED;
	ipck_waits_free(waits);
}

const struct uses *uses_of(struct uses_index *index, const struct ipck_process *process)
{
	struct uses **uses;

	if (index == NULL)
		return NULL;
	uses = &index->of[place_of(index->processes, process)];
	if (*uses != NULL)
		return *uses;
	*uses = calloc(1, sizeof(**uses));
	if (*uses != NULL) {
		find_uses(index, process, *uses);
		find_waits(index, process, *uses);
		find_reasons(index, process, *uses);
	}
	return *uses;
}
