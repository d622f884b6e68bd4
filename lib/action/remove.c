/* SPDX-License-Identifier: MIT */
/*
 * Removing an object that was read.  The kernel removes by bare id, so identity is read again as
 * the very last thing before.  What can slip in between is the time from one system call to the
 * next, and only an id that is handed out again within it: after the kernel's whole sequence of
 * ids, or when somebody sets kernel.*_next_id.
 */
#include "action/remove.h"
#include "action/again.h"
#include "source/namespace.h"
#include "source/sysv.h"

#include <string.h>

/*
 * IPCK_ERR_BUSY when somebody is attached or waits, or when waiters of a set may not be seen.
 * Waiters of a queue never can be.
 */
static int check_idle(struct ipck *ctx, struct ipck_object *object)
{
	if (object->kind == IPCK_SHM && object->shm.nattch > 0)
		return ipck_fail(ctx, IPCK_ERR_BUSY, "shm:%d: attached %llu times", object->id,
				 (unsigned long long)object->shm.nattch);
	if (object->kind != IPCK_SEM)
		return IPCK_OK;
	if (sysv_read_semaphores(ctx, object, false, true, NULL) != IPCK_OK)
		return IPCK_OK; /* gone: the next look will say so */
	if ((object->known & IPCK_SEM_WAITERS) == 0)
		return ipck_fail(ctx, IPCK_ERR_BUSY, "sem:%d: cannot see whether anybody waits",
				 object->id);
	if (object->sem.waiters > 0)
		return ipck_fail(ctx, IPCK_ERR_BUSY, "sem:%d: %llu waiting", object->id,
				 (unsigned long long)object->sem.waiters);
	return IPCK_OK;
}

static int remove_now(struct ipck *ctx, const struct sysv_ops *ops, int32_t id)
{
	int rc = ops->remove(id);

	if (rc == 0)
		return IPCK_OK;
	rc = ipck_reason(-rc);
	return ipck_fail(ctx, rc, "%s:%d: %s", ops->name, id,
			 rc == IPCK_ERR_DENIED      ? "permission denied: only its owner, its "
						      "creator or root may remove it"
			 : rc == IPCK_ERR_NOT_FOUND ? "already gone"
						    : ipck_strerror(rc));
}

static int remove_sysv(struct ipck *ctx, const struct ipck_object *object, bool idle_only,
		       struct ipck_remove_result *outcome)
{
	const struct sysv_ops *ops = sysv_ops(object->kind);
	struct ipck_object now;
	int rc;

	if (object->ns != namespace_own_ipc())
		return ipck_fail(ctx, IPCK_ERR_OUTSIDE, "%s:%d: in another IPC namespace",
				 ops->name, object->id);
	rc = again_read(ctx, object, &now);
	if (rc == IPCK_OK && idle_only) {
		rc = check_idle(ctx, &now);
		/* Asking each semaphore takes time: look once more. */
		if (rc == IPCK_OK && object->kind == IPCK_SEM)
			rc = again_read(ctx, object, &now);
	}
	if (rc == IPCK_OK)
		rc = remove_now(ctx, ops, object->id);
	outcome->pending = rc == IPCK_OK && object->kind == IPCK_SHM && now.shm.nattch > 0;
	return rc;
}

static int refuse_endpoint(struct ipck *ctx, const struct ipck_object *object)
{
	char text[IPCK_REF_MAX];
	struct ipck_ref ref;

	ipck_object_ref(object, false, &ref);
	if (ipck_ref_format(&ref, text, sizeof(text)) < 0)
		text[0] = '\0';
	return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED, "%s: it goes with its last holder", text);
}

IPCK_API int ipck_remove(struct ipck *ctx, const struct ipck_object *object,
			 const struct ipck_remove_options *options,
			 struct ipck_remove_result *result)
{
	struct ipck_remove_options own = { 0 };
	struct ipck_remove_result outcome = { 0 };
	int rc;

	if ((options != NULL && !ipck_take(&own, sizeof(own), options, options->size)) ||
	    (result != NULL && !ipck_take(&outcome, sizeof(outcome), result, result->size)))
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "remove: invalid argument");
	if ((object->kind & IPCK_SYSV) != 0)
		rc = remove_sysv(ctx, object, own.idle_only, &outcome);
	else if ((object->kind & IPCK_POSIX) != 0)
		rc = remove_posix(ctx, object, own.idle_only, &outcome);
	else if ((object->kind & IPCK_ENDPOINTS) != 0)
		rc = refuse_endpoint(ctx, object);
	else
		rc = ipck_fail(ctx, IPCK_ERR_ARGUMENT, "remove: invalid argument");
	if (rc == IPCK_OK && result != NULL)
		memcpy(result, &outcome, result->size);
	return rc;
}
