/* SPDX-License-Identifier: MIT */
/*
 * Removing an object that was read.  The kernel removes by bare id, so identity is read again
 * right before: what can slip in between is one system call's time, and only an id that the kernel
 * hands out again after its whole sequence of ids.
 */
#include "base/context.h"
#include "source/namespace.h"
#include "source/sysv.h"

static bool same(const struct ipck_object *then, const struct ipck_object *now)
{
	if (then->key != now->key || then->cuid != now->cuid || then->cgid != now->cgid)
		return false;
	/* SETVAL moves a semaphore set's ctime without changing what it is. */
	return then->kind == IPCK_SEM ? then->sem.nsems == now->sem.nsems
				      : then->ctime == now->ctime;
}

/* IPCK_ERR_BUSY when somebody is attached or waits; what cannot be told counts as busy. */
static int check_idle(struct ipck *ctx, struct ipck_object *object)
{
	if (object->kind == IPCK_SHM && object->shm.nattch > 0)
		return ipck_fail(ctx, IPCK_ERR_BUSY, "shm:%d: attached %llu times", object->id,
				 (unsigned long long)object->shm.nattch);
	if (object->kind != IPCK_SEM)
		return IPCK_OK;
	if (sysv_read_semaphores(ctx, object, false, true, NULL) != IPCK_OK)
		return IPCK_OK; /* gone: the removal will say so */
	if ((object->known & IPCK_SEM_WAITERS) == 0)
		return ipck_fail(ctx, IPCK_ERR_BUSY, "sem:%d: cannot see whether anybody waits: %s",
				 object->id,
				 ipck_strerror(ipck_object_why(object, IPCK_SEM_WAITERS)));
	if (object->sem.waiters > 0)
		return ipck_fail(ctx, IPCK_ERR_BUSY, "sem:%d: %llu waiting", object->id,
				 (unsigned long long)object->sem.waiters);
	return IPCK_OK;
}

IPCK_API int ipck_remove(struct ipck *ctx, const struct ipck_object *object,
			 const struct ipck_remove_options *options)
{
	const struct sysv_ops *ops = sysv_ops(object->kind);
	const char *kind = ipck_kind_name(object->kind);
	struct ipck_remove_options own = { 0 };
	struct ipck_object now;
	int rc;

	if (ops == NULL ||
	    (options != NULL && !ipck_take(&own, sizeof(own), options, options->size)))
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "%s:%d: invalid argument", kind,
				 object->id);
	if (object->ns != namespace_own_ipc())
		return ipck_fail(ctx, IPCK_ERR_OUTSIDE, "%s:%d: in another IPC namespace", kind,
				 object->id);
	rc = sysv_read(ctx, object->kind, object->id, &now);
	if (rc != IPCK_OK)
		return ipck_fail(ctx, rc, "%s:%d: %s", kind, object->id,
				 rc == IPCK_ERR_NOT_FOUND ? "already gone" : ipck_strerror(rc));
	if (!same(object, &now))
		return ipck_fail(ctx, IPCK_ERR_CHANGED, "%s:%d: changed since it was listed", kind,
				 object->id);
	if (own.idle_only) {
		rc = check_idle(ctx, &now);
		if (rc != IPCK_OK)
			return rc;
	}
	rc = ops->remove(object->id);
	if (rc == 0)
		return IPCK_OK;
	rc = ipck_reason(-rc);
	return ipck_fail(ctx, rc, "%s:%d: %s", kind, object->id,
			 rc == IPCK_ERR_DENIED      ? "permission denied: only its owner, its "
						      "creator or root may remove it"
			 : rc == IPCK_ERR_NOT_FOUND ? "already gone"
						    : ipck_strerror(rc));
}
