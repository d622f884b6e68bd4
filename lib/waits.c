/* SPDX-License-Identifier: MIT */
/* Blocked threads as the header offers them: what was read, less what the query leaves out. */
#include "insight/waits.h"

#include <stdlib.h>
#include <string.h>

#define WANTS                                                                                      \
	(IPCK_WAITS_USERS | IPCK_WAITS_SINCE | IPCK_WAITS_WHOM | IPCK_WAITS_WCHAN | IPCK_WAITS_IDLE)

struct ipck_waits {
	struct waits_reading reading;
	const struct ipck_wait **rows;
	size_t count;
};

IPCK_API const char *ipck_proof_name(enum ipck_proof proof)
{
	static const char *const names[] = { "none", "last-op", "libc", "kernel" };

	return (size_t)proof < sizeof(names) / sizeof(names[0]) ? names[proof] : NULL;
}

IPCK_API const struct ipck_awaited *ipck_awaited_at(const struct ipck_wait *wait, size_t i)
{
	return i < wait->awaited_count ? &wait->awaited[i] : NULL;
}

IPCK_API bool ipck_wait_is_on(const struct ipck_wait *wait, const struct ipck_object *object)
{
	const struct waiting *waiting = (const struct waiting *)wait; /* its first member */
	struct identity wanted;

	_Static_assert(offsetof(struct waiting, wait) == 0, "a wait begins what knows its object");
	identity_of(object, &wanted);
	return identity_compare(&wanted, &waiting->object) == 0;
}

static bool is_called(const struct ipck_wait *wait, const struct ipck_ref *ref)
{
	char text[IPCK_REF_MAX];

	return wait->ref != NULL && ipck_ref_format(ref, text, sizeof(text)) > 0 &&
	       strcmp(text, wait->ref) == 0;
}

/* Does it wait on one of the objects that the query names? */
static bool on_object(const struct ipck_waits_query *query, const struct waiting *waiting)
{
	for (size_t i = 0; i < query->ref_count; i++)
		if (is_called(&waiting->wait, &query->refs[i]))
			return true;
	for (size_t i = 0; i < query->object_count; i++)
		if (ipck_wait_is_on(&waiting->wait, query->objects[i]))
			return true;
	return query->objects == NULL && query->refs == NULL;
}

static bool keeps(const struct ipck_waits_query *query, const struct waiting *waiting)
{
	const struct ipck_wait *wait = &waiting->wait;

	if (query->longer_than > 0 && (wait->bound == IPCK_BOUND_UNKNOWN ||
				       wait->nanoseconds / 1000000000u < query->longer_than))
		return false;
	return on_object(query, waiting);
}

static int choose(struct ipck_waits *waits, const struct ipck_waits_query *query)
{
	waits->rows = calloc(waits->reading.count + 1, sizeof(*waits->rows));
	if (waits->rows == NULL)
		return ipck_fail(waits->reading.ctx, IPCK_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < waits->reading.count; i++)
		if (keeps(query, &waits->reading.rows[i]))
			waits->rows[waits->count++] = &waits->reading.rows[i].wait;
	return IPCK_OK;
}

IPCK_API int ipck_waits_read(struct ipck *ctx, const struct ipck_waits_query *query,
			     struct ipck_waits **out)
{
	struct ipck_waits_query own;
	struct ipck_waits *waits;
	int rc;

	*out = NULL;
	if (!ipck_take(&own, sizeof(own), query, query->size) ||
	    (own.want & ~(unsigned)WANTS) != 0 || own.pid < 0 ||
	    (own.objects == NULL && own.object_count > 0) ||
	    (own.refs == NULL && own.ref_count > 0))
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "waits: invalid argument");
	waits = calloc(1, sizeof(*waits));
	if (waits == NULL)
		return ipck_fail(ctx, IPCK_ERR_MEMORY, "out of memory");
	rc = waits_run(&waits->reading, ctx, own.pid,
		       own.want | (own.longer_than > 0 ? IPCK_WAITS_SINCE : 0u));
	if (rc == IPCK_OK && own.pid != 0 && waits->reading.counts.denied > 0 &&
	    waits->reading.counts.threads == 0)
		rc = ipck_fail(ctx, IPCK_ERR_DENIED, "process %d: %s", (int)own.pid,
			       ipck_strerror(IPCK_ERR_DENIED));
	waits_tell(&waits->reading, own.coverage, own.threads_denied);
	if (rc == IPCK_OK)
		rc = choose(waits, &own);
	if (rc != IPCK_OK) {
		ipck_waits_free(waits);
		return rc;
	}
	*out = waits;
	return IPCK_OK;
}

IPCK_API size_t ipck_waits_count(const struct ipck_waits *waits)
{
	return waits->count;
}

IPCK_API const struct ipck_wait *ipck_waits_at(const struct ipck_waits *waits, size_t i)
{
	return i < waits->count ? waits->rows[i] : NULL;
}

IPCK_API void ipck_waits_free(struct ipck_waits *waits)
{
	if (waits == NULL)
		return;
	waits_end(&waits->reading);
	free(waits->rows);
	free(waits);
}
