/* SPDX-License-Identifier: MIT */
/* Reading an object again, right before or after something is done with it. */
#include "action/again.h"
#include "source/sysv.h"

static bool same(const struct ipck_object *then, const struct ipck_object *now)
{
	if (then->key != now->key || then->cuid != now->cuid || then->cgid != now->cgid)
		return false;
	/* ctime counts seconds: the creating process tells apart what was made within one. */
	if (then->kind == IPCK_SHM && then->shm.creator.pid != now->shm.creator.pid)
		return false;
	/* SETVAL moves a semaphore set's ctime without changing what it is. */
	return then->kind == IPCK_SEM ? then->sem.nsems == now->sem.nsems
				      : then->ctime == now->ctime;
}

int again_read(struct ipck *ctx, const struct ipck_object *object, struct ipck_object *now)
{
	const char *name = ipck_kind_name(object->kind);
	int rc = sysv_read(ctx, object->kind, object->id, now);

	if (rc != IPCK_OK)
		return ipck_fail(ctx, rc, "%s:%d: %s", name, object->id,
				 rc == IPCK_ERR_NOT_FOUND ? "already gone" : ipck_strerror(rc));
	if (!same(object, now))
		return ipck_fail(ctx, IPCK_ERR_CHANGED, "%s:%d: changed since it was listed", name,
				 object->id);
	return IPCK_OK;
}
