/* SPDX-License-Identifier: MIT */
/*
 * What only a scan of the processes shows: holders, objects that live through them alone, and the
 * verdict on those that nobody holds.  All rows are there by now; then they are given out.
 */
#include "insight/holders.h"
#include "kind.h"
#include "reading.h"
#include "selection.h"

#include <stdlib.h>

#define FILES (IPCK_POSIX_SHM | IPCK_POSIX_SEM)
#define HELD (IPCK_SHM | IPCK_POSIX) /* kinds with a list of their own that have holders */

static bool tests(const struct reading *reading, unsigned test)
{
	return (reading->query->select.tests & test) != 0;
}

/* ---- What to scan for ---- */

static unsigned kinds_to_scan(const struct reading *reading)
{
	const unsigned asked = reading_kinds(reading);
	unsigned scan = asked & IPCK_ENDPOINTS, present = 0;

	for (size_t i = 0; i < reading->row_count; i++)
		if (reading->rows[i].object.kind != IPCK_SHM ||
		    reading->rows[i].object.shm.nattch > 0)
			present |= reading->rows[i].object.kind;
	if ((reading->want & IPCK_WANT_HOLDERS) != 0 || tests(reading, IPCK_SELECT_USED_BY))
		scan |= present & HELD;
	if ((reading->want & IPCK_WANT_ORPHAN) != 0)
		scan |= present & IPCK_POSIX;
	if (reading->leftovers)
		scan |= asked & FILES;
	for (size_t i = 0; reading->query->refs != NULL && i < reading->query->ref_count; i++)
		if (reading->query->refs[i].form == IPCK_BY_INODE)
			scan |= reading->query->refs[i].kind;
	/* what an epoll set watches is told by what the same process holds */
	if ((scan & IPCK_EPOLL) != 0 && (reading->want & IPCK_WANT_ENDPOINT) != 0)
		scan |= IPCK_POSIX_MQ | (IPCK_ENDPOINTS & ~(unsigned)IPCK_MMAP);
	return scan;
}

static int by_identity(const void *a, const void *b)
{
	return identity_compare(a, b);
}

/* Segments alone are asked for: the scan may end when their attachments are all accounted for. */
static int want_segments(struct reading *reading, struct scan_query *query)
{
	struct identity *wanted = calloc(reading->row_count + 1, sizeof(*wanted));
	pid_t *first = calloc(2 * reading->row_count + 1, sizeof(*first));

	if (wanted == NULL || first == NULL) {
		free(wanted);
		free(first);
		return reading_memory(reading);
	}
	for (size_t i = 0; i < reading->row_count; i++) {
		const struct ipck_object *object = &reading->rows[i].object;

		if (object->kind != IPCK_SHM || object->shm.nattch == 0)
			continue;
		identity_of(object, &wanted[query->wanted_count++]);
		query->attachments += object->shm.nattch;
		if (object->shm.creator.pid > 0)
			first[query->first_count++] = object->shm.creator.pid;
		if (object->shm.last_operator.pid > 0)
			first[query->first_count++] = object->shm.last_operator.pid;
	}
	qsort(wanted, query->wanted_count, sizeof(*wanted), by_identity);
	query->wanted = wanted;
	query->first = first;
	return IPCK_OK;
}

static int add_device(struct reading *reading, const struct ipck_ref *ref)
{
	const struct posix_place place = { .major = ref->major, .minor = ref->minor };
	bool news;
	int rc;

	reading->ns = 0; /* it was not met in any namespace */
	rc = reading_device(reading, &place, &news);
	reading->ns = reading->ipc;
	return rc;
}

static int scan(struct reading *reading)
{
	const unsigned kinds = kinds_to_scan(reading);
	struct scan_query query = { .kinds = kinds,
				    .flags = (reading->want & IPCK_WANT_FLAGS) != 0,
				    .in_flight = (reading->want & IPCK_WANT_ORPHAN) != 0,
				    /* a private mapping of a file holds it as well */
				    .all_areas = (reading->want & IPCK_WANT_ORPHAN) != 0 ||
						 (kinds & (IPCK_POSIX_SHM | IPCK_POSIX_SEM)) != 0 };
	int rc = IPCK_OK;

	if (kinds == 0)
		return IPCK_OK;
	for (size_t i = 0; reading->query->refs != NULL && i < reading->query->ref_count; i++)
		if (rc == IPCK_OK && (reading->query->refs[i].kind & FILES) != 0 &&
		    reading->query->refs[i].form == IPCK_BY_INODE)
			rc = add_device(reading, &reading->query->refs[i]);
	query.devices = reading->devices;
	query.device_count = reading->device_count;
	if (rc == IPCK_OK && kinds == IPCK_SHM)
		rc = want_segments(reading, &query);
	/* who else is at it does not matter when only the names of what it uses are asked for */
	if (tests(reading, IPCK_SELECT_USED_BY) && (reading->want & IPCK_WANT_HOLDERS) == 0 &&
	    (kinds & IPCK_ENDPOINTS) == 0)
		query.only = reading->query->select.used_by;
	if (rc == IPCK_OK)
		rc = scan_run(reading->ctx, &query, &reading->scan);
	free((void *)query.wanted);
	free((void *)query.first);
	reading->scan.coverage.namespaces_denied = reading->coverage.namespaces_denied;
	reading->coverage = reading->scan.coverage;
	return rc;
}

/* ---- Holders and verdicts ---- */

int reading_add_held(struct reading *reading, struct ipck_object *object)
{
	const bool posix_verdict =
		(reading->want & IPCK_WANT_ORPHAN) != 0 && (object->kind & IPCK_POSIX) != 0;
	const bool wanted = (reading->want & IPCK_WANT_HOLDERS) != 0 || posix_verdict ||
			    tests(reading, IPCK_SELECT_USED_BY);
	int rc = IPCK_OK;

	if ((object->kind & (IPCK_MSG | IPCK_SEM)) != 0 && wanted)
		object->unknown.unsupported |= IPCK_FIELD_HOLDERS;
	else if (wanted && reading->blind)
		object->unknown.unsupported |= IPCK_FIELD_HOLDERS;
	else if (wanted || (object->kind & IPCK_ENDPOINTS) != 0)
		rc = holders_add(&reading->scan, object, &reading->pool,
				 (reading->want & IPCK_WANT_NAMES) != 0 ? &reading->names : NULL,
				 (reading->want & IPCK_WANT_CONTAINERS) != 0 ? &reading->containers
									     : NULL);
	if (rc != IPCK_OK)
		return rc;
	if (object->kind == IPCK_MSG && (reading->want & IPCK_WANT_QUEUE_WAITERS) != 0) {
		if (reading->blind)
			object->unknown.unsupported |= IPCK_MSG_WAITERS;
		else
			queue_count_waiters(object, &reading->facts);
	}
	if ((reading->want & IPCK_WANT_ORPHAN) != 0 && reading->blind)
		object->unknown.unsupported |= IPCK_FIELD_ORPHAN;
	else if ((reading->want & IPCK_WANT_ORPHAN) != 0)
		orphan_judge(object, &reading->facts);
	return selection_keeps(&reading->query->select, object) ? IPCK_OK : IPCK_ERR_NOT_SELECTED;
}

/* Does a verdict, or the number of those who wait on a queue, ask for a look at all threads? */
static bool wants_facts(const struct reading *reading)
{
	for (size_t i = 0; i < reading->row_count; i++)
		if (reading->rows[i].object.kind == IPCK_MSG &&
		    (reading->want & IPCK_WANT_QUEUE_WAITERS) != 0)
			return true;
	return (reading->want & IPCK_WANT_ORPHAN) != 0;
}

static int read_facts(struct reading *reading)
{
	bool queues = false;
	size_t denied, seen;
	int rc;

	for (size_t i = 0; i < reading->row_count; i++)
		queues |= reading->rows[i].object.kind == IPCK_MSG;
	rc = orphan_facts_read(reading->ctx, queues, &reading->facts);
	reading->facts.now = reading->now;
	reading->facts.age = reading->query->select.orphan_age;
	reading->facts.denied_holdings = reading->scan.coverage.denied;
	denied = reading->facts.denied + reading->facts.denied_waits;
	seen = reading->facts.processes - reading->facts.denied_waits;
	/* of two looks at the same processes, the one that saw less */
	if (denied > reading->coverage.denied || reading->coverage.processes == 0) {
		reading->coverage.denied = denied;
		reading->coverage.processes = seen;
	}
	reading->coverage.hidden |= reading->facts.hidden;
	reading->coverage.inner |= reading->facts.inner;
	return rc;
}

/* ---- Giving out ---- */

static int give_row(struct reading *reading, struct reading_row *row)
{
	int rc = reading_give(reading, &row->object);

	if (reading->query->ref_results != NULL && row->ref != NO_REF)
		reading->query->ref_results[row->ref] = reading->row_result;
	return rc;
}

static int by_ref(const void *a, const void *b)
{
	const struct reading_row *left = a, *right = b;

	return left->ref < right->ref ? -1 : left->ref > right->ref;
}

/* In the order of kinds, or of the references. */
static int give_all(struct reading *reading)
{
	int rc = IPCK_OK;

	if (reading->query->refs != NULL) {
		if (reading->row_count > 1)
			qsort(reading->rows, reading->row_count, sizeof(*reading->rows), by_ref);
		for (size_t i = 0; rc == IPCK_OK && i < reading->row_count; i++)
			if (reading->rows[i].object.kind != 0)
				rc = give_row(reading, &reading->rows[i]);
		return rc;
	}
	for (const struct kind *kind = all_kinds; rc == IPCK_OK && kind->kind != 0; kind++)
		for (size_t i = 0; rc == IPCK_OK && i < reading->row_count; i++)
			if (reading->rows[i].object.kind == kind->kind)
				rc = give_row(reading, &reading->rows[i]);
	return rc;
}

int reading_held(struct reading *reading)
{
	int rc = scan(reading), result = IPCK_OK;

	if (rc == IPCK_ERR_UNSUPPORTED) { /* no /proc: what is there is told without its holders */
		reading->blind = true;
		rc = IPCK_OK;
		if ((reading_kinds(reading) & IPCK_ENDPOINTS) != 0 ||
		    tests(reading, SELECTION_LATE))
			result = IPCK_ERR_UNSUPPORTED;
	} else if (rc == IPCK_OK) {
		rc = reading_found(reading);
		if (rc == IPCK_ERR_UNSUPPORTED || rc == IPCK_ERR_DENIED) {
			result = rc; /* one kind of them: the others are there */
			rc = IPCK_OK;
		}
	}
	if (rc == IPCK_OK && wants_facts(reading) && !reading->blind)
		rc = read_facts(reading);
	if (rc == IPCK_ERR_UNSUPPORTED) {
		reading->blind = true;
		rc = IPCK_OK;
	}
	if (rc == IPCK_OK)
		rc = give_all(reading);
	return rc == IPCK_OK ? result : rc;
}
