/* SPDX-License-Identifier: MIT */
/*
 * Objects that no list of their own names, found among what processes hold: POSIX objects whose
 * name is gone, and all that lives through descriptors and mappings alone.
 */
#include "insight/endpoints.h"
#include "reading.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* ---- POSIX objects without a name ---- */

/* The row that an object already has; by identity. */
static const struct reading_row *find_row(struct reading_row *const *rows, size_t count,
					  const struct identity *identity)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct identity other;
		int order;

		identity_of(&rows[middle]->object, &other);
		order = identity_compare(identity, &other);
		if (order == 0)
			return rows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static int rows_by_identity(const void *a, const void *b)
{
	const struct reading_row *const *left = a, *const *right = b;
	struct identity x, y;

	identity_of(&(*left)->object, &x);
	identity_of(&(*right)->object, &y);
	return identity_compare(&x, &y);
}

/* The reference by device and inode that means this object; NO_REF: none. */
static size_t ref_by_inode(const struct reading *reading, const struct ipck_object *object)
{
	for (size_t i = 0; i < reading->query->ref_count; i++) {
		const struct ipck_ref *ref = &reading->query->refs[i];

		if (ref->form == IPCK_BY_INODE && ref->kind == object->kind &&
		    ref->inode == object->inode && ref->major == object->major &&
		    ref->minor == object->minor)
			return i;
	}
	return NO_REF;
}

/* A semaphore by its name, as it was made; or by a temporary one of sem_open(). */
static enum ipck_kind kind_of_file(const struct use *use)
{
	const char *name = use->name != NULL ? strrchr(use->name, '/') : NULL;

	if (use->object.kind != IPCK_POSIX_SHM)
		return use->object.kind;
	return name != NULL && strncmp(name, "/sem.", 5) == 0 ? IPCK_POSIX_SEM : IPCK_POSIX_SHM;
}

/* What the scan alone tells, of a file that may not be looked at through its holder. */
static void object_from_use(const struct use *use, enum ipck_kind kind, struct ipck_object *object)
{
	*object = (struct ipck_object){ .kind = kind,
					.major = use->object.major,
					.minor = use->object.minor,
					.inode = use->object.number,
					.status = use->deleted ? IPCK_STATUS_DELETED : 0u };
	object->unknown.denied =
		IPCK_FIELD_OWNER | IPCK_FIELD_TIMES |
		(kind == IPCK_POSIX_SHM ? IPCK_POSIX_SHM_SIZE
		 : kind == IPCK_POSIX_SEM
			 ? IPCK_POSIX_SEM_VALUE
			 : IPCK_POSIX_MQ_LIMITS | IPCK_POSIX_MQ_CONTENT | IPCK_POSIX_MQ_MESSAGES);
}

/* Where it lies: the namespace that its device was listed in. */
static void live_in(struct reading *reading, const struct ipck_object *object)
{
	reading->ns = 0;
	reading->foreign = false;
	if (object->kind == IPCK_POSIX_MQ)
		return;
	for (size_t i = 0; i < reading->device_count; i++)
		if (reading->devices[i].major == object->major &&
		    reading->devices[i].minor == object->minor) {
			reading->ns = reading->devices[i].ns;
			reading->foreign = reading->devices[i].foreign;
		}
}

static int add_deleted(struct reading *reading, const struct use *use)
{
	const struct scanned_process *process = &reading->scan.processes[use->process];
	const enum ipck_kind kind = kind_of_file(use);
	struct ipck_object object = { 0 };
	int rc;

	if ((reading_kinds(reading) & kind) == 0)
		return IPCK_OK;
	/* a thread with a table of its own has its descriptors below its own number */
	rc = posix_read_deleted(reading->ctx, kind, use->tid != 0 ? use->tid : process->id.pid,
				use->fd, use->address, use->address + use->bytes, &reading->pool,
				use->name, &object);
	if (rc == IPCK_ERR_DENIED) {
		object_from_use(use, kind, &object);
		rc = IPCK_OK;
	}
	/* gone meanwhile, or its descriptor means another file by now */
	if (rc != IPCK_OK || (reading_kinds(reading) & object.kind) == 0 ||
	    object.inode != use->object.number || object.major != use->object.major ||
	    object.minor != use->object.minor)
		return rc == IPCK_ERR_MEMORY ? rc : IPCK_OK;
	if (reading->query->refs != NULL) {
		reading->ref = ref_by_inode(reading, &object);
		if (reading->ref == NO_REF)
			return IPCK_OK;
	} else if ((object.status & IPCK_STATUS_DELETED) == 0) {
		return IPCK_OK; /* it has a name: one that the selection left out, or a new one */
	}
	live_in(reading, &object);
	rc = reading_take(&object, reading);
	reading->ns = reading->ipc;
	reading->foreign = false;
	reading->ref = NO_REF;
	return rc;
}

/* POSIX objects that somebody holds and no name leads to. */
static int add_unnamed(struct reading *reading)
{
	const size_t count = reading->row_count;
	struct reading_row **order = calloc(count + 1, sizeof(*order));
	int rc = IPCK_OK;

	if (order == NULL)
		return reading_memory(reading);
	/* rows may move when more are kept: compare copies of what there is now */
	struct reading_row *rows = malloc((count + 1) * sizeof(*rows));

	if (rows == NULL) {
		free(order);
		return reading_memory(reading);
	}
	if (count > 0)
		memcpy(rows, reading->rows, count * sizeof(*rows));
	for (size_t i = 0; i < count; i++)
		order[i] = &rows[i];
	qsort(order, count, sizeof(*order), rows_by_identity);
	for (size_t i = 0; rc == IPCK_OK && i < reading->scan.use_count; i++) {
		const struct use *use = &reading->scan.uses[i];

		if ((use->object.kind & IPCK_POSIX) == 0 ||
		    (i > 0 && identity_compare(&use->object, &use[-1].object) == 0) ||
		    find_row(order, count, &use->object) != NULL)
			continue;
		rc = add_deleted(reading, use);
	}
	free(order);
	free(rows);
	return rc;
}

/* ---- Endpoints ---- */

static bool means_descriptor(const struct ipck_ref *ref, const struct reading *reading,
			     const struct ipck_object *object)
{
	struct identity identity;
	const struct use *uses;
	size_t count;

	identity_of(object, &identity);
	uses = scan_find(&reading->scan, &identity, &count);
	for (size_t i = 0; i < count; i++)
		if (uses[i].fd == ref->fd &&
		    reading->scan.processes[uses[i].process].id.pid == ref->pid)
			return true;
	return false;
}

/* A FIFO's path leads to it from here, or is what its holder calls it. */
static bool means_path(const struct ipck_ref *ref, const struct ipck_object *object)
{
	struct stat status;

	if (ref->exact) /* the generation tells */
		return ref->generation.inode == object->inode &&
		       ref->generation.major == object->major &&
		       ref->generation.minor == object->minor;
	if (stat(ref->name, &status) == 0)
		return status.st_ino == object->inode && major(status.st_dev) == object->major &&
		       minor(status.st_dev) == object->minor;
	return object->name != NULL && strcmp(object->name, ref->name) == 0;
}

static bool means(const struct ipck_ref *ref, const struct reading *reading,
		  const struct ipck_object *object)
{
	if (ref->kind != object->kind)
		return false;
	switch (ref->form) {
	case IPCK_BY_NUMBER:
		return ref->number == object->number;
	case IPCK_BY_INODE:
		return ref->inode == object->inode && ref->major == object->major &&
		       ref->minor == object->minor;
	case IPCK_BY_DESCRIPTOR:
		return means_descriptor(ref, reading, object);
	default:
		return means_path(ref, object);
	}
}

/* An object that is named twice is listed once, and found by both names. */
static void find_again(struct reading *reading, size_t first, const struct ipck_object *object)
{
	const struct ipck_query *query = reading->query;

	for (size_t i = first + 1; query->ref_results != NULL && i < query->ref_count; i++)
		if (means(&query->refs[i], reading, object))
			query->ref_results[i] = reading_fits(&query->refs[i], object)
							? reading->row_result
							: reading_changed(reading, &query->refs[i]);
}

/* Does the path lead to it from here, too, or only where its holder lives? */
static bool path_leads_elsewhere(const struct ipck_object *object)
{
	struct stat status;

	return object->kind == IPCK_FIFO && object->name != NULL &&
	       (stat(object->name, &status) != 0 || status.st_ino != object->inode ||
		major(status.st_dev) != object->major || minor(status.st_dev) != object->minor);
}

static int take_endpoint(struct ipck_object *object, void *data)
{
	struct reading *reading = data;
	const struct ipck_query *query = reading->query;
	int rc = IPCK_OK;

	object->foreign = path_leads_elsewhere(object);
	if (query->refs == NULL)
		return reading_take(object, reading);
	for (size_t i = 0; i < query->ref_count; i++) {
		if (!means(&query->refs[i], reading, object))
			continue;
		if (!reading_fits(&query->refs[i], object)) {
			rc = reading_changed(reading, &query->refs[i]);
			if (query->ref_results != NULL) {
				query->ref_results[i] = rc;
				rc = IPCK_OK;
			}
		} else {
			reading->ref = i;
			rc = reading_take(object, reading);
			if (query->ref_results != NULL && rc == IPCK_OK)
				query->ref_results[i] = reading->row_result;
			reading->ref = NO_REF;
		}
		if (rc == IPCK_OK)
			find_again(reading, i, object);
		break;
	}
	return rc;
}

static int add_endpoints(struct reading *reading)
{
	const unsigned asked = reading_kinds(reading) & IPCK_ENDPOINTS;
	unsigned want = reading->want;

	if (asked == 0)
		return IPCK_OK;
	if (reading->query->refs != NULL) /* it was asked for by name, whoever maps it */
		want |= IPCK_WANT_ALL_MAPPINGS;
	return endpoints_each(reading->ctx, &reading->scan, asked, want, &reading->pool,
			      take_endpoint, reading);
}

int reading_found(struct reading *reading)
{
	int rc = add_unnamed(reading);

	return rc == IPCK_OK ? add_endpoints(reading) : rc;
}
