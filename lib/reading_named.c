/* SPDX-License-Identifier: MIT */
/* What references name: each looked up where it lives, and given out in their order, once. */
#include "reading.h"
#include "source/sysv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

bool reading_fits(const struct ipck_ref *ref, const struct ipck_object *object)
{
	const struct ipck_generation *generation = &ref->generation;

	if (!ref->exact)
		return true;
	switch (object->kind) {
	case IPCK_SHM:
	case IPCK_MSG:
		return generation->key == object->key && generation->ctime == object->ctime;
	case IPCK_SEM:
		return generation->key == object->key && generation->cuid == object->cuid &&
		       generation->cgid == object->cgid;
	case IPCK_EPOLL:
	case IPCK_TIMERFD:
	case IPCK_SIGNALFD:
	case IPCK_INOTIFY:
	case IPCK_PIDFD:
		return generation->start_time == object->process.start_time;
	default:
		return generation->inode == object->inode && generation->major == object->major &&
		       generation->minor == object->minor;
	}
}

int reading_changed(struct reading *reading, const struct ipck_ref *ref)
{
	char text[IPCK_REF_MAX] = "?";

	ipck_ref_format(ref, text, sizeof(text));
	return ipck_fail(reading->ctx, IPCK_ERR_CHANGED, "%s: changed since it was listed", text);
}

/* ---- Where it lives ---- */

/* One lookup, to be made by a thread that is in the right IPC namespace. */
struct lookup {
	struct reading *reading;
	const struct ipck_ref *ref;
	struct ipck_object *object;
	pid_t pid; /* a process of that mount namespace; 0: our own */
};

static int look_up_sysv(struct lookup *lookup)
{
	const struct ipck_ref *ref = lookup->ref;
	struct ipck *ctx = lookup->reading->ctx;
	int32_t id = ref->id;
	int rc = IPCK_OK;

	if (ref->form == IPCK_BY_KEY)
		rc = sysv_find_key(ctx, ref->kind, ref->key, &id);
	if (rc == IPCK_OK)
		rc = sysv_read(ctx, ref->kind, id, lookup->object);
	/* here, since only this thread is where its text is right */
	if (rc == IPCK_OK && ref->kind == IPCK_SHM && lookup->reading->foreign &&
	    (lookup->reading->want & IPCK_WANT_RSS) != 0)
		sysv_add_rss(&lookup->object, 1);
	return rc;
}

static int look_up_posix(struct lookup *lookup)
{
	struct reading *reading = lookup->reading;
	const struct ipck_ref *ref = lookup->ref;
	struct posix_place place;
	bool news;
	int rc = ref->kind == IPCK_POSIX_MQ ? posix_mq_open(reading->ctx, &place)
					    : posix_shm_open(reading->ctx, lookup->pid, &place);

	if (rc != IPCK_OK)
		return rc;
	if (ref->kind != IPCK_POSIX_MQ)
		rc = reading_device(reading, &place, &news);
	if (rc == IPCK_OK)
		rc = posix_read(reading->ctx, &place, ref->kind, ref->name, reading->want,
				&reading->pool, lookup->object);
	posix_close(&place);
	return rc;
}

static int look_up(void *data)
{
	struct lookup *lookup = data;
	int rc =
		(lookup->ref->kind & IPCK_SYSV) != 0 ? look_up_sysv(lookup) : look_up_posix(lookup);

	if (rc != IPCK_OK || !reading_fits(lookup->ref, lookup->object))
		return rc;
	/* selected, completed and kept while in there */
	return reading_take(lookup->object, lookup->reading);
}

static bool in_mount_namespace(const struct ipck_ref *ref)
{
	return (ref->kind & (IPCK_POSIX_SHM | IPCK_POSIX_SEM)) != 0;
}

/* A process of the reference's namespace; 0: it is our own. */
static int find_process(struct reading *reading, const struct ipck_ref *ref, pid_t *pid)
{
	const bool mount = in_mount_namespace(ref);
	const uint64_t own = mount ? namespace_own_mount() : reading->ipc;
	int rc;

	*pid = 0;
	reading->ns = own;
	reading->foreign = false;
	if (ref->ns == 0 || ref->ns == own)
		return IPCK_OK;
	rc = reading_namespaces(reading);
	if (rc != IPCK_OK)
		return rc;
	for (size_t i = 0; i < reading->seen.count; i++) {
		const struct namespace_seen *seen = &reading->seen.rows[i];

		if ((mount ? seen->mount : seen->ipc) != ref->ns)
			continue;
		*pid = seen->pid;
		reading->ns = ref->ns;
		reading->foreign = true;
		return IPCK_OK;
	}
	return IPCK_ERR_OUTSIDE;
}

static int explain(struct reading *reading, const struct ipck_ref *ref, int rc)
{
	char text[IPCK_REF_MAX] = "?";

	ipck_ref_format(ref, text, sizeof(text));
	return ipck_fail(reading->ctx, rc, "%s: %s", text,
			 rc == IPCK_ERR_NOT_FOUND ? "no such object"
			 : rc == IPCK_ERR_OUTSIDE ? "in another namespace, where no process that "
						    "we can see lives"
						  : ipck_strerror(rc));
}

/* Look a System V or POSIX object up and take it.  Kept rows tell whether it went anywhere. */
static int read_ref(struct reading *reading, const struct ipck_ref *ref)
{
	struct ipck_object object = { 0 };
	struct lookup lookup = { reading, ref, &object, 0 };
	int rc = find_process(reading, ref, &lookup.pid);

	/* an exact reference of another namespace's list says so by '@' */
	if (rc == IPCK_OK && ref->exact && ref->generation.ns != 0 &&
	    ref->generation.ns != reading->ns)
		return explain(reading, ref, IPCK_ERR_OUTSIDE);
	if (rc == IPCK_OK && in_mount_namespace(ref))
		rc = look_up(&lookup);
	else if (rc == IPCK_OK)
		rc = namespace_run(reading->ctx, NAMESPACE_IPC, lookup.pid,
				   reading->foreign ? reading->ns : 0, look_up, &lookup);
	if (rc == IPCK_OK && object.kind != 0 && !reading_fits(ref, &object))
		return reading_changed(reading, ref);
	if (rc == IPCK_ERR_MEMORY || rc == IPCK_OK)
		return rc == IPCK_OK ? reading->row_result : rc;
	return explain(reading, ref, rc);
}

/* ---- Giving out ---- */

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_identity(const void *a, const void *b)
{
	const struct reading_row *const *left = a, *const *right = b;
	const struct ipck_object *x = &(*left)->object, *y = &(*right)->object;
	int order = compare(x->kind, y->kind);

	if (order == 0)
		order = compare(x->ns, y->ns);
	if (order == 0)
		order = compare((uint32_t)x->id, (uint32_t)y->id);
	if (order == 0)
		order = compare((uint64_t)x->major << 32 | x->minor,
				(uint64_t)y->major << 32 | y->minor);
	if (order == 0)
		order = compare(x->inode, y->inode);
	return order;
}

static int by_identity_and_place(const void *a, const void *b)
{
	const struct reading_row *const *left = a, *const *right = b;
	int order = by_identity(a, b);

	if (order == 0) /* the order of the references */
		order = *left < *right ? -1 : *left > *right;
	return order;
}

/* Each object once: of those that are named twice the first stays.  Fills order by identity. */
static size_t drop_repeated(struct reading *reading, struct reading_row **order)
{
	size_t kept = 0;

	for (size_t i = 0; i < reading->row_count; i++)
		order[i] = &reading->rows[i];
	qsort(order, reading->row_count, sizeof(*order), by_identity_and_place);
	for (size_t i = 0; i < reading->row_count; i++) {
		if (kept > 0 && by_identity(&order[kept - 1], &order[i]) == 0)
			order[i]->object.kind = 0;
		else
			order[kept++] = order[i];
	}
	return kept;
}

static int settle(struct reading *reading)
{
	struct reading_row **order = calloc(reading->row_count + 1, sizeof(*order));
	struct ipck_object **segments = calloc(reading->row_count + 1, sizeof(*segments));
	size_t kept, count = 0;

	if (order == NULL || segments == NULL) {
		free(order);
		free(segments);
		return reading_memory(reading);
	}
	kept = drop_repeated(reading, order);
	for (size_t i = 0; i < kept; i++)
		if (order[i]->object.kind == IPCK_SHM && !order[i]->object.foreign)
			segments[count++] = &order[i]->object;
	if ((reading->want & IPCK_WANT_RSS) != 0)
		sysv_add_rss(segments, count);
	free(order);
	free(segments);
	return IPCK_OK;
}

static int give_out(struct reading *reading)
{
	int rc = IPCK_OK;

	for (size_t i = 0; rc == IPCK_OK && i < reading->row_count; i++) {
		struct reading_row *row = &reading->rows[i];

		if (row->object.kind == 0)
			continue;
		rc = reading_give(reading, &row->object);
		if (reading->query->ref_results != NULL && row->ref != NO_REF)
			reading->query->ref_results[row->ref] = reading->row_result;
	}
	return rc;
}

/* Among the holders only: endpoints, and objects that lost their name. */
static bool only_held(const struct ipck_ref *ref)
{
	return (ref->kind & IPCK_ENDPOINTS) != 0 || ref->form == IPCK_BY_INODE;
}

int reading_named(struct reading *reading)
{
	const struct ipck_query *query = reading->query;
	const bool deferred = reading->deferred;
	int rc = IPCK_OK;

	reading->deferred = true; /* kept first: rss is read for all of them at once */
	for (size_t i = 0; rc == IPCK_OK && i < query->ref_count; i++) {
		const struct ipck_ref *ref = &query->refs[i];
		char text[8];
		int result;

		reading->ref = i;
		/* A caller may have made it by hand. */
		if (ipck_ref_format(ref, text, sizeof(text)) == IPCK_ERR_ARGUMENT)
			result = ipck_fail(reading->ctx, IPCK_ERR_ARGUMENT,
					   "reference %zu: no reference", i + 1);
		else if ((ref->kind & IPCK_PROCESSES) != 0)
			result = ipck_fail(reading->ctx, IPCK_ERR_ARGUMENT,
					   "%s:%d: names %s, not an object",
					   ipck_kind_name(ref->kind), (int)ref->pid,
					   ref->kind == IPCK_PROCESS ? "a process" : "processes");
		else
			result = only_held(ref) ? IPCK_ERR_NOT_FOUND : read_ref(reading, ref);
		if (query->ref_results != NULL)
			query->ref_results[i] = result;
		else if (!only_held(ref))
			rc = result == IPCK_ERR_NOT_SELECTED ? IPCK_OK : result;
		if (result == IPCK_ERR_MEMORY)
			rc = result;
	}
	reading->ref = NO_REF;
	reading->ns = reading->ipc;
	reading->foreign = false;
	reading->deferred = deferred;
	if (rc == IPCK_OK)
		rc = settle(reading);
	if (rc == IPCK_OK && !deferred)
		rc = give_out(reading);
	return rc;
}
