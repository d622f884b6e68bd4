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

/* One removal, to be done by a thread that is in the object's IPC namespace. */
struct removal {
	struct ipck *ctx;
	const struct ipck_object *object;
	bool idle_only;
	struct ipck_remove_result outcome;
};

static int remove_sysv(void *data)
{
	struct removal *removal = data;
	const struct ipck_object *object = removal->object;
	const struct sysv_ops *ops = sysv_ops(object->kind);
	struct ipck *ctx = removal->ctx;
	struct ipck_object now;
	int rc;

	if (object->ns != namespace_own_ipc())
		return ipck_fail(ctx, IPCK_ERR_OUTSIDE, "%s:%d: in another IPC namespace",
				 ops->name, object->id);
	rc = again_read(ctx, object, &now);
	if (rc == IPCK_OK && removal->idle_only) {
		rc = check_idle(ctx, &now);
		/* Asking each semaphore takes time: look once more. */
		if (rc == IPCK_OK && object->kind == IPCK_SEM)
			rc = again_read(ctx, object, &now);
	}
	if (rc == IPCK_OK)
		rc = remove_now(ctx, ops, object->id);
	removal->outcome.pending = rc == IPCK_OK && object->kind == IPCK_SHM && now.shm.nattch > 0;
	return rc;
}

static int remove_queue(void *data)
{
	struct removal *removal = data;

	return remove_posix(removal->ctx, removal->object, 0, removal->idle_only,
			    &removal->outcome);
}

/* Where the object lives; pid: a process of its namespace, 0 when that is ours. */
static int remove_there(struct removal *removal, pid_t pid)
{
	const struct ipck_object *object = removal->object;

	if ((object->kind & (IPCK_POSIX_SHM | IPCK_POSIX_SEM)) != 0)
		return remove_posix(removal->ctx, object, pid, removal->idle_only,
				    &removal->outcome);
	return namespace_run(removal->ctx, NAMESPACE_IPC, pid, pid != 0 ? object->ns : 0,
			     object->kind == IPCK_POSIX_MQ ? remove_queue : remove_sysv, removal);
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
	struct removal removal = { .ctx = ctx, .object = object };
	struct ipck_remove_options own = { 0 };
	pid_t pid = 0;
	int rc = IPCK_OK;

	if ((options != NULL && !ipck_take(&own, sizeof(own), options, options->size)) ||
	    (result != NULL &&
	     !ipck_take(&removal.outcome, sizeof(removal.outcome), result, result->size)) ||
	    (object->kind & IPCK_KINDS) == 0)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "remove: invalid argument");
	if ((object->kind & IPCK_ENDPOINTS) != 0)
		return refuse_endpoint(ctx, object);
	removal.idle_only = own.idle_only;
	if (object->foreign)
		rc = namespace_member(ctx, object->ns, &pid);
	if (rc == IPCK_OK)
		rc = remove_there(&removal, pid);
	if (rc == IPCK_OK && result != NULL)
		memcpy(result, &removal.outcome, result->size);
	return rc;
}
