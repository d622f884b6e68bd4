/* SPDX-License-Identifier: MIT */
/*
 * Objects on request: reads the sources, adds what the query wants and nothing else, selects, and
 * hands each row on or keeps it in a snapshot.
 */
#include "base/names.h"
#include "base/pool.h"
#include "insight/operators.h"
#include "selection.h"
#include "source/namespace.h"
#include "source/sysv.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One answer to one query: the caches that make it cheap, and where its rows go. */
struct reading {
	struct ipck *ctx;
	struct ipck_query own;          /* the caller's, as large as this version knows it */
	const struct ipck_query *query; /* it */
	int64_t now;
	uint64_t ns;
	struct pool pool; /* names and commands */
	struct names names;
	struct processes processes;
	struct ipck_semaphore *elements; /* of the row in hand */
	size_t elements_size;
	int stopped;    /* what the caller's row function gave to end the listing */
	int row_result; /* of the row in hand: 0, or why it did not go out */
	int (*row)(const struct ipck_object *object, void *data);
	void *data;
};

#define WANTS                                                                                      \
	(IPCK_WANT_RSS | IPCK_WANT_ELEMENTS | IPCK_WANT_WAITERS | IPCK_WANT_NAMES |                \
	 IPCK_WANT_PROCESSES)

struct ipck_objects {
	struct ipck_object *rows;
	size_t count, size;
	int failed;           /* keeping a row: IPCK_ERR_MEMORY */
	struct pool strings;  /* taken over from the reading */
	struct pool elements; /* semaphores of the rows */
};

static int reading_begin(struct reading *reading, struct ipck *ctx, const struct ipck_query *query)
{
	*reading = (struct reading){ .ctx = ctx, .query = &reading->own };
	if (!ipck_take(&reading->own, sizeof(reading->own), query, query->size) ||
	    (reading->own.refs == NULL && reading->own.ref_count > 0) ||
	    (reading->own.kinds & ~(unsigned)IPCK_SYSV) != 0 ||
	    /* what this version does not know must not pass for "all" */
	    (reading->own.want & ~(unsigned)WANTS) != 0 ||
	    (reading->own.select.tests & ~(unsigned)SELECTION_TESTS) != 0)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "query: invalid argument");
	/* time() reads the same coarse clock that stamps the objects: no age comes out negative. */
	reading->now = time(NULL);
	reading->ns = namespace_own_ipc();
	reading->names.pool = &reading->pool;
	reading->processes.pool = &reading->pool;
	return IPCK_OK;
}

static void reading_end(struct reading *reading)
{
	names_free(&reading->names);
	processes_free(&reading->processes);
	pool_free(&reading->pool);
	free(reading->elements);
}

static int add_names(struct reading *reading, struct ipck_object *object)
{
	object->owner = names_user(&reading->names, object->uid);
	object->group = names_group(&reading->names, object->gid);
	object->creator = names_user(&reading->names, object->cuid);
	object->creator_group = names_group(&reading->names, object->cgid);
	if (object->owner == NULL || object->group == NULL || object->creator == NULL ||
	    object->creator_group == NULL)
		return IPCK_ERR_MEMORY;
	object->known |= IPCK_FIELD_NAMES;
	return IPCK_OK;
}

static int add_semaphores(struct reading *reading, struct ipck_object *object)
{
	const bool values = (reading->query->want & IPCK_WANT_ELEMENTS) != 0;
	const bool waiters = (reading->query->want & IPCK_WANT_WAITERS) != 0;
	struct ipck_semaphore *elements = NULL;
	int rc;

	if (values) {
		if (object->sem.nsems > reading->elements_size) {
			elements = realloc(reading->elements,
					   (size_t)object->sem.nsems * sizeof(*elements));
			if (elements == NULL)
				return IPCK_ERR_MEMORY;
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

/* A row of a source on its way out: select first, then pay for what was wanted. */
static int on_row(struct ipck_object *object, void *data)
{
	struct reading *reading = data;
	const unsigned want = reading->query->want;
	enum verdict verdict = selection_takes(&reading->query->select, object, reading->now);
	int rc = IPCK_OK;

	reading->row_result = IPCK_OK;
	if (verdict == CANNOT_TELL && reading->query->undecided != NULL)
		++*reading->query->undecided;
	if (verdict != TAKES) {
		reading->row_result = IPCK_ERR_NOT_SELECTED;
		return IPCK_OK;
	}
	object->ns = reading->ns;
	if (reading->ns != 0)
		object->known |= IPCK_FIELD_NAMESPACE;
	else
		object->unknown.unsupported |= IPCK_FIELD_NAMESPACE;
	if (object->kind == IPCK_SEM && (want & (IPCK_WANT_ELEMENTS | IPCK_WANT_WAITERS)) != 0)
		rc = add_semaphores(reading, object);
	if (rc == IPCK_ERR_NOT_FOUND) { /* vanished meanwhile: not there, not an error */
		reading->row_result = rc;
		return IPCK_OK;
	}
	if (rc == IPCK_OK && (want & IPCK_WANT_NAMES) != 0)
		rc = add_names(reading, object);
	if (rc == IPCK_OK)
		rc = operators_judge(
			object, (want & IPCK_WANT_ELEMENTS) != 0 ? reading->elements : NULL,
			(want & IPCK_WANT_PROCESSES) != 0 ? &reading->processes : NULL);
	if (rc == IPCK_ERR_MEMORY)
		return ipck_fail(reading->ctx, rc, "%s:%d: out of memory",
				 ipck_kind_name(object->kind), object->id);
	if (rc != IPCK_OK)
		return rc;
	/* The caller's value may look like a reason of ours: keep the two apart. */
	reading->stopped = reading->row(object, reading->data);
	return reading->stopped == 0 ? IPCK_OK : IPCK_ERR_STOPPED;
}

/* ---- By reference ---- */

static bool fits(const struct ipck_ref *ref, const struct ipck_object *object)
{
	const struct ipck_generation *generation = &ref->generation;

	if (!ref->exact)
		return true;
	if (generation->key != object->key)
		return false;
	if (object->kind == IPCK_SEM)
		return generation->cuid == object->cuid && generation->cgid == object->cgid;
	return generation->ctime == object->ctime;
}

static int read_ref(struct reading *reading, const struct ipck_ref *ref, struct ipck_object *object)
{
	char text[IPCK_REF_MAX] = "?";
	int32_t id = ref->id;
	int rc = IPCK_OK;

	ipck_ref_format(ref, text, sizeof(text));
	if (sysv_ops(ref->kind) == NULL)
		return ipck_fail(reading->ctx, IPCK_ERR_UNSUPPORTED,
				 "%s: objects of this kind cannot be read", text);
	/* A caller may have made it by hand. */
	if ((ref->form != IPCK_BY_ID || ref->id < 0) && (ref->form != IPCK_BY_KEY || ref->key == 0))
		return ipck_fail(reading->ctx, IPCK_ERR_ARGUMENT, "%s: no reference", text);
	if ((ref->ns != 0 && ref->ns != reading->ns) ||
	    (ref->exact && ref->generation.ns != 0 && ref->generation.ns != reading->ns))
		return ipck_fail(reading->ctx, IPCK_ERR_OUTSIDE, "%s: in another IPC namespace",
				 text);
	if (ref->form == IPCK_BY_KEY)
		rc = sysv_find_key(reading->ctx, ref->kind, ref->key, &id);
	if (rc == IPCK_OK)
		rc = sysv_read(reading->ctx, ref->kind, id, object);
	if (rc == IPCK_OK && !fits(ref, object))
		return ipck_fail(reading->ctx, IPCK_ERR_CHANGED, "%s: changed since it was listed",
				 text);
	if (rc != IPCK_OK)
		return ipck_fail(reading->ctx, rc, "%s: %s", text,
				 rc == IPCK_ERR_NOT_FOUND ? "no such object" : ipck_strerror(rc));
	return IPCK_OK;
}

/* What a reference led to; kind 0 in the object: to nothing, or to what an earlier one names. */
struct named {
	struct ipck_object object;
	size_t number; /* of the reference */
};

static int by_kind_and_id(const void *a, const void *b)
{
	const struct ipck_object *const *left = a, *const *right = b;

	if ((*left)->kind != (*right)->kind)
		return (*left)->kind < (*right)->kind ? -1 : 1;
	if ((*left)->id != (*right)->id)
		return (*left)->id < (*right)->id ? -1 : 1;
	return (*left < *right) ? -1 : (*left > *right); /* the order of the references */
}

/* Each object once: of those that are named twice the first stays.  Fills order by kind and id. */
static size_t drop_repeated(struct named *named, size_t count, struct ipck_object **order)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		order[i] = &named[i].object;
	qsort(order, count, sizeof(struct ipck_object *), by_kind_and_id);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && order[kept - 1]->kind == order[i]->kind &&
		    order[kept - 1]->id == order[i]->id)
			order[i]->kind = 0;
		else
			order[kept++] = order[i];
	}
	return kept;
}

/* Give the objects out in the order of their references. */
static int give_out(struct reading *reading, struct named *named, size_t count)
{
	const struct ipck_query *query = reading->query;
	struct ipck_object **order = calloc(count + 1, sizeof(struct ipck_object *));
	size_t kept, segments = 0;
	int rc = IPCK_OK;

	if (order == NULL)
		return ipck_fail(reading->ctx, IPCK_ERR_MEMORY, "out of memory");
	kept = drop_repeated(named, count, order);
	if ((query->want & IPCK_WANT_RSS) != 0) {
		while (segments < kept && order[segments]->kind == IPCK_SHM)
			segments++;
		sysv_add_rss(order, segments);
	}
	free(order);
	for (size_t i = 0; rc == IPCK_OK && i < count; i++) {
		if (named[i].object.kind == 0)
			continue;
		rc = on_row(&named[i].object, reading);
		if (query->ref_results != NULL)
			query->ref_results[named[i].number] = reading->row_result;
	}
	return rc;
}

static int each_ref(struct reading *reading)
{
	const struct ipck_query *query = reading->query;
	struct named *named = calloc(query->ref_count + 1, sizeof(*named));
	size_t count = 0;
	int rc = IPCK_OK;

	if (named == NULL)
		return ipck_fail(reading->ctx, IPCK_ERR_MEMORY, "out of memory");
	for (size_t i = 0; rc == IPCK_OK && i < query->ref_count; i++) {
		int result = read_ref(reading, &query->refs[i], &named[count].object);

		if (query->ref_results != NULL)
			query->ref_results[i] = result;
		else
			rc = result;
		if (result == IPCK_OK)
			named[count++].number = i;
	}
	if (rc == IPCK_OK)
		rc = give_out(reading, named, count);
	free(named);
	return rc;
}

/* ---- Lists ---- */

/*
 * A kind failed, after one that had failed earlier with that message: both are told, and a kind
 * that was not listed at all outweighs one of which only some objects are out of sight.
 */
static int join_failures(struct ipck *ctx, int earlier, const char *told, int rc)
{
	char now[sizeof(ctx->message)];

	memcpy(now, ctx->message, sizeof(now));
	return ipck_fail(ctx, rc == IPCK_ERR_DENIED ? earlier : rc, "%s; %s", told, now);
}

static int each_kind(struct reading *reading)
{
	static const enum ipck_kind order[] = { IPCK_SHM, IPCK_MSG, IPCK_SEM };
	const struct ipck_query *query = reading->query;
	char told[sizeof(reading->ctx->message)];
	int result = IPCK_OK;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		int rc;

		if ((query->kinds & order[i]) == 0 ||
		    !ipck_selection_applies(&query->select, order[i]))
			continue;
		memcpy(told, reading->ctx->message, sizeof(told));
		rc = sysv_each(reading->ctx, order[i], query->want, on_row, reading);
		if (rc == IPCK_OK)
			continue;
		if (rc != IPCK_ERR_UNSUPPORTED && rc != IPCK_ERR_DENIED && rc != IPCK_ERR_SYSTEM)
			return rc;
		/* this kind only: the others are still listed */
		result = result == IPCK_OK ? rc : join_failures(reading->ctx, result, told, rc);
	}
	return result;
}

static int answer(struct reading *reading)
{
	int rc = reading->query->refs != NULL ? each_ref(reading) : each_kind(reading);

	return rc == IPCK_ERR_STOPPED ? reading->stopped : rc;
}

IPCK_API int ipck_objects_each(struct ipck *ctx, const struct ipck_query *query,
			       int (*row)(const struct ipck_object *object, void *data), void *data)
{
	struct reading reading;
	int rc = reading_begin(&reading, ctx, query);

	reading.row = row;
	reading.data = data;
	if (rc == IPCK_OK)
		rc = answer(&reading);
	reading_end(&reading);
	return rc;
}

/* ---- Snapshots ---- */

static int keep(const struct ipck_object *object, void *data)
{
	struct ipck_objects *objects = data;
	struct ipck_object *kept;

	if (objects->count == objects->size) {
		size_t size = objects->size > 0 ? objects->size * 2 : 64;
		struct ipck_object *rows = realloc(objects->rows, size * sizeof(*rows));

		if (rows == NULL)
			return objects->failed = IPCK_ERR_MEMORY;
		objects->rows = rows;
		objects->size = size;
	}
	kept = &objects->rows[objects->count];
	*kept = *object;
	if (object->kind == IPCK_SEM && object->sem.semaphores != NULL) {
		size_t bytes = (size_t)object->sem.nsems * sizeof(*object->sem.semaphores);
		void *copy = pool_alloc(&objects->elements, bytes);

		if (copy == NULL)
			return objects->failed = IPCK_ERR_MEMORY;
		kept->sem.semaphores = memcpy(copy, object->sem.semaphores, bytes);
	}
	objects->count++;
	return IPCK_OK;
}

IPCK_API int ipck_objects_read(struct ipck *ctx, const struct ipck_query *query,
			       struct ipck_objects **out)
{
	struct ipck_objects *objects = calloc(1, sizeof(*objects));
	struct reading reading;
	int rc;

	*out = NULL;
	if (objects == NULL)
		return ipck_fail(ctx, IPCK_ERR_MEMORY, "out of memory");
	rc = reading_begin(&reading, ctx, query);
	reading.row = keep;
	reading.data = objects;
	if (rc == IPCK_OK)
		rc = answer(&reading);
	objects->strings = reading.pool;
	reading.pool = (struct pool){ 0 };
	reading_end(&reading);
	if (objects->failed != 0)
		rc = ipck_fail(ctx, objects->failed, "out of memory");
	if (rc == IPCK_OK || rc == IPCK_ERR_UNSUPPORTED || rc == IPCK_ERR_DENIED ||
	    rc == IPCK_ERR_SYSTEM)
		*out = objects; /* what could be seen */
	else
		ipck_objects_free(objects);
	return rc;
}

IPCK_API size_t ipck_objects_count(const struct ipck_objects *objects)
{
	return objects->count;
}

IPCK_API const struct ipck_object *ipck_objects_at(const struct ipck_objects *objects, size_t i)
{
	return i < objects->count ? &objects->rows[i] : NULL;
}

IPCK_API void ipck_objects_free(struct ipck_objects *objects)
{
	if (objects == NULL)
		return;
	free(objects->rows);
	pool_free(&objects->strings);
	pool_free(&objects->elements);
	free(objects);
}
