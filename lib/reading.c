/* SPDX-License-Identifier: MIT */
/*
 * Rows on their way out: select first, then pay for what was wanted, and for nothing else.
 */
#include "reading.h"
#include "insight/operators.h"
#include "kind.h"
#include "selection.h"
#include "source/sysv.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WANTS                                                                                      \
	(IPCK_WANT_RSS | IPCK_WANT_ELEMENTS | IPCK_WANT_WAITERS | IPCK_WANT_NAMES |                \
	 IPCK_WANT_PROCESSES | IPCK_WANT_HOLDERS | IPCK_WANT_ORPHAN | IPCK_WANT_CONTAINERS |       \
	 IPCK_WANT_CONTENT | IPCK_WANT_FILL | IPCK_WANT_ALL_MAPPINGS | IPCK_WANT_ENDPOINT |        \
	 IPCK_WANT_OWNER | IPCK_WANT_FLAGS | IPCK_WANT_QUEUE_WAITERS)

/* What the verdict on orphans, or the use by a process, needs to know of each object. */
#define WANTS_OF_JUDGES (IPCK_WANT_ELEMENTS | IPCK_WANT_WAITERS | IPCK_WANT_PROCESSES)

static bool valid(const struct ipck_query *query)
{
	return (query->refs != NULL || query->ref_count == 0) &&
	       /* what this version does not know must not pass for "all" */
	       (query->kinds & ~(unsigned)IPCK_KINDS) == 0 &&
	       (query->want & ~(unsigned)WANTS) == 0 &&
	       (query->select.tests & ~(unsigned)SELECTION_TESTS) == 0 &&
	       (unsigned)query->where <= IPCK_NS_ALL &&
	       (query->where != IPCK_NS_ONE || query->ns != 0) &&
	       (query->coverage == NULL || query->coverage->size >= sizeof(size_t));
}

unsigned reading_kinds(const struct reading *reading)
{
	const struct ipck_query *query = reading->query;
	unsigned kinds = query->refs != NULL ? 0 : query->kinds;

	for (size_t i = 0; query->refs != NULL && i < query->ref_count; i++)
		kinds |= query->refs[i].kind;
	return kinds;
}

/* Rows must wait when the processes are to be scanned for them, or when a helper thread reads them.
 */
static bool must_wait(const struct reading *reading)
{
	const struct ipck_query *query = reading->query;
	const unsigned kinds = reading_kinds(reading);

	for (size_t i = 0; query->refs != NULL && i < query->ref_count; i++)
		if (query->refs[i].form == IPCK_BY_INODE)
			return true;
	return (reading->want & (IPCK_WANT_HOLDERS | IPCK_WANT_ORPHAN)) != 0 ||
	       ((reading->want & IPCK_WANT_QUEUE_WAITERS) != 0 && (kinds & IPCK_MSG) != 0) ||
	       (query->select.tests & SELECTION_LATE) != 0 || (kinds & IPCK_ENDPOINTS) != 0 ||
	       /* files without a name are found among the holders */
	       (kinds & (IPCK_POSIX_SHM | IPCK_POSIX_SEM)) != 0 || query->where != IPCK_NS_OWN;
}

int reading_begin(struct reading *reading, struct ipck *ctx, const struct ipck_query *query)
{
	*reading = (struct reading){ .ctx = ctx, .query = &reading->own, .ref = NO_REF };
	if (!ipck_take(&reading->own, sizeof(reading->own), query, query->size) ||
	    !valid(&reading->own))
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "query: invalid argument");
	reading->want = reading->own.want;
	if ((reading->own.select.tests & IPCK_SELECT_ORPHANED) != 0)
		reading->want |= IPCK_WANT_ORPHAN;
	if ((reading->want & IPCK_WANT_ORPHAN) != 0 ||
	    (reading->own.select.tests & IPCK_SELECT_USED_BY) != 0)
		reading->want |= WANTS_OF_JUDGES;
	if ((reading->own.select.tests & IPCK_SELECT_OWNER) != 0)
		reading->want |= IPCK_WANT_OWNER;
	if ((reading->own.select.tests & IPCK_SELECT_LARGER_THAN) != 0)
		reading->want |= IPCK_WANT_ENDPOINT;
	/* not looked for, since none of them would be taken */
	for (const struct kind *kind = all_kinds; kind->kind != 0; kind++)
		if (!ipck_selection_applies(&reading->own.select, kind->kind))
			reading->own.kinds &= ~(unsigned)kind->kind;
	reading->deferred = must_wait(reading);
	/* time() reads the same coarse clock that stamps the objects: no age comes out negative. */
	reading->now = time(NULL);
	reading->ipc = namespace_own_ipc();
	reading->ns = reading->ipc;
	reading->names.pool = &reading->pool;
	reading->processes.pool = &reading->pool;
	reading->containers.pool = &reading->pool;
	return IPCK_OK;
}

void reading_end(struct reading *reading)
{
	names_free(&reading->names);
	processes_free(&reading->processes);
	containers_free(&reading->containers);
	namespaces_free(&reading->seen);
	pool_free(&reading->pool);
	scan_free(&reading->scan);
	orphan_facts_free(&reading->facts);
	free(reading->elements);
	free(reading->rows);
	free(reading->devices);
}

int reading_memory(struct reading *reading)
{
	return ipck_fail(reading->ctx, IPCK_ERR_MEMORY, "out of memory");
}

int reading_namespaces(struct reading *reading)
{
	if (reading->seen_read)
		return IPCK_OK;
	reading->seen_read = true;
	return namespaces_find(reading->ctx, &reading->seen);
}

int reading_run(struct reading *reading)
{
	const struct ipck_query *query = reading->query;
	int rc = query->refs != NULL ? reading_named(reading) : reading_lists(reading);
	int held = IPCK_OK;

	if (reading->deferred && (rc == IPCK_OK || rc == IPCK_ERR_UNSUPPORTED ||
				  rc == IPCK_ERR_DENIED || rc == IPCK_ERR_SYSTEM))
		held = reading_held(reading);
	if (query->coverage != NULL) {
		const size_t size = query->coverage->size;

		reading->coverage.size = size;
		memcpy(query->coverage, &reading->coverage,
		       size < sizeof(reading->coverage) ? size : sizeof(reading->coverage));
	}
	if (held != IPCK_OK)
		rc = held;
	return rc == IPCK_ERR_STOPPED ? reading->stopped : rc;
}

/* ---- Taking ---- */

static int read_semaphores(struct reading *reading, struct ipck_object *object)
{
	const bool values = (reading->want & IPCK_WANT_ELEMENTS) != 0;
	const bool waiters = (reading->want & IPCK_WANT_WAITERS) != 0;
	struct ipck_semaphore *elements = NULL;
	int rc;

	if (values) {
		if (object->sem.nsems > reading->elements_size) {
			elements = realloc(reading->elements,
					   (size_t)object->sem.nsems * sizeof(*elements));
			if (elements == NULL)
				return reading_memory(reading);
			reading->elements = elements;
			reading->elements_size = (size_t)object->sem.nsems;
		}
		elements = reading->elements;
		memset(elements, 0, (size_t)object->sem.nsems * sizeof(*elements));
	}
	rc = sysv_read_semaphores(reading->ctx, object, values, waiters, elements);
	if (rc == IPCK_OK)
		object->sem.semaphores = elements;
	return rc;
}

int reading_keep(struct reading *reading, const struct ipck_object *object)
{
	struct reading_row *row;

	if (reading->row_count == reading->row_size) {
		size_t size = reading->row_size > 0 ? reading->row_size * 2 : 64;
		struct reading_row *rows = realloc(reading->rows, size * sizeof(*rows));

		if (rows == NULL)
			return reading_memory(reading);
		reading->rows = rows;
		reading->row_size = size;
	}
	row = &reading->rows[reading->row_count];
	row->object = *object;
	row->ref = reading->ref;
	if (object->kind == IPCK_SEM && object->sem.semaphores != NULL) {
		size_t bytes = (size_t)object->sem.nsems * sizeof(*object->sem.semaphores);
		void *copy = pool_alloc(&reading->pool, bytes);

		if (copy == NULL)
			return reading_memory(reading);
		row->object.sem.semaphores = memcpy(copy, object->sem.semaphores, bytes);
	}
	reading->row_count++;
	return IPCK_OK;
}

static void place(const struct reading *reading, struct ipck_object *object)
{
	if ((object->kind & IPCK_SYSV) != 0)
		object->known |= IPCK_FIELD_OWNER | IPCK_FIELD_TIMES;
	if (object->kind == IPCK_POSIX_SHM)
		object->known |= IPCK_POSIX_SHM_SIZE & ~object->unknown.denied;
	if ((object->kind & IPCK_ENDPOINTS) != 0) {
		object->unknown.unsupported |= IPCK_FIELD_NAMESPACE;
		return;
	}
	object->ns = reading->ns;
	object->foreign = reading->foreign;
	if (reading->ns != 0)
		object->known |= IPCK_FIELD_NAMESPACE;
	else
		object->unknown.unsupported |= IPCK_FIELD_NAMESPACE;
}

int reading_take(struct ipck_object *object, void *data)
{
	struct reading *reading = data;
	enum verdict verdict;
	int rc = IPCK_OK;

	place(reading, object);
	verdict = selection_takes(&reading->query->select, object, reading->now);
	reading->row_result = IPCK_OK;
	if (verdict == CANNOT_TELL && reading->query->undecided != NULL)
		++*reading->query->undecided;
	if (verdict != TAKES) {
		reading->row_result = IPCK_ERR_NOT_SELECTED;
		return IPCK_OK;
	}
	/* Here and now: a set of another namespace can be asked from inside only. */
	if (object->kind == IPCK_SEM &&
	    (reading->want & (IPCK_WANT_ELEMENTS | IPCK_WANT_WAITERS)) != 0)
		rc = read_semaphores(reading, object);
	if (rc == IPCK_ERR_NOT_FOUND) { /* vanished meanwhile: not there, not an error */
		reading->row_result = rc;
		return IPCK_OK;
	}
	if (rc != IPCK_OK)
		return rc;
	return reading->deferred ? reading_keep(reading, object) : reading_give(reading, object);
}

/* ---- Giving ---- */

static bool add_names(struct reading *reading, struct ipck_object *object)
{
	struct names *names = &reading->names;

	if ((object->known & IPCK_FIELD_OWNER) == 0) {
		if ((object->unknown.denied & IPCK_FIELD_OWNER) != 0)
			object->unknown.denied |= IPCK_FIELD_NAMES;
		else if ((object->unknown.unsupported & IPCK_FIELD_OWNER) != 0)
			object->unknown.unsupported |= IPCK_FIELD_NAMES;
		return true; /* or nobody wanted the owner, nor then the name */
	}
	object->owner = names_user(names, object->uid);
	object->group = names_group(names, object->gid);
	if (object->owner == NULL || object->group == NULL)
		return false;
	object->known |= IPCK_FIELD_NAMES;
	if ((object->kind & IPCK_SYSV) == 0)
		return true;
	object->creator = names_user(names, object->cuid);
	object->creator_group = names_group(names, object->cgid);
	return object->creator != NULL && object->creator_group != NULL;
}

/* The container of the first process that lives in the object's namespace. */
static int add_container(struct reading *reading, struct ipck_object *object)
{
	const bool by_mount = (object->kind & (IPCK_POSIX_SHM | IPCK_POSIX_SEM)) != 0;
	pid_t pid = object->process.pid;
	bool memory = true;

	if ((object->kind & IPCK_ENDPOINTS) != 0) {
		if (object->holder_count > 0)
			pid = object->holders[0].process.pid;
	} else {
		int rc = reading_namespaces(reading);

		if (rc == IPCK_ERR_UNSUPPORTED) { /* no /proc */
			object->unknown.unsupported |= IPCK_FIELD_CONTAINER;
			return IPCK_OK;
		}
		if (rc != IPCK_OK)
			return rc;
		pid = 0;
		for (size_t i = 0; i < reading->seen.count; i++) {
			const struct namespace_seen *seen = &reading->seen.rows[i];

			if ((by_mount ? seen->mount : seen->ipc) == object->ns &&
			    (pid == 0 || seen->pid < pid))
				pid = seen->pid;
		}
	}
	object->container = pid > 0 ? container_of(&reading->containers, pid, &memory) : NULL;
	if (!memory)
		return reading_memory(reading);
	if (object->container == NULL)
		object->unknown.denied |= IPCK_FIELD_CONTAINER;
	else
		object->known |= IPCK_FIELD_CONTAINER;
	return IPCK_OK;
}

int reading_give(struct reading *reading, struct ipck_object *object)
{
	/* the elements are ours: the buffer of the row in hand, or in the pool */
	struct ipck_semaphore *elements =
		object->kind == IPCK_SEM ? (struct ipck_semaphore *)object->sem.semaphores : NULL;
	int rc = operators_judge(object, elements,
				 (reading->want & IPCK_WANT_PROCESSES) != 0 ? &reading->processes
									    : NULL);

	reading->row_result = IPCK_OK;
	if (rc == IPCK_OK && reading->deferred)
		rc = reading_add_held(reading, object);
	if (rc == IPCK_ERR_NOT_SELECTED) {
		reading->row_result = rc;
		return IPCK_OK;
	}
	if (rc == IPCK_OK && (reading->want & IPCK_WANT_NAMES) != 0 && !add_names(reading, object))
		rc = IPCK_ERR_MEMORY;
	if (rc == IPCK_ERR_MEMORY)
		return reading_memory(reading);
	if (rc == IPCK_OK && (reading->want & IPCK_WANT_CONTAINERS) != 0)
		rc = add_container(reading, object);
	if (rc != IPCK_OK)
		return rc;
	/* The caller's value may look like a reason of ours: keep the two apart. */
	reading->stopped = reading->row(object, reading->data);
	return reading->stopped == 0 ? IPCK_OK : IPCK_ERR_STOPPED;
}
