/* SPDX-License-Identifier: MIT */
/*
 * Unlinking a POSIX object that was read: in its own place, and only when the name still leads to
 * the same file.
 */
#include "action/remove.h"
#include "source/namespace.h"
#include "source/posix.h"

/*
 * IPCK_ERR_BUSY when a process holds it, or when that cannot be said.  Until the processes are
 * scanned for it here, it cannot.
 */
static int check_idle(struct ipck *ctx, const struct ipck_object *object,
		      struct ipck_remove_result *outcome)
{
	(void)outcome;
	return ipck_fail(ctx, IPCK_ERR_BUSY, "%s:%s: cannot see whether anybody holds it",
			 posix_word(object->kind), object->name != NULL ? object->name : "");
}

int remove_posix(struct ipck *ctx, const struct ipck_object *object, bool idle_only,
		 struct ipck_remove_result *outcome)
{
	const bool queue = object->kind == IPCK_POSIX_MQ;
	const bool named = object->name != NULL && (object->status & IPCK_STATUS_DELETED) == 0;
	struct posix_place place;
	int rc;

	if (named && object->ns != (queue ? namespace_own_ipc() : namespace_own_mount()))
		return ipck_fail(ctx, IPCK_ERR_OUTSIDE, "%s:%s: in another %s namespace",
				 posix_word(object->kind), object->name, queue ? "IPC" : "mount");
	rc = queue ? posix_mq_open(ctx, &place) : posix_shm_open(ctx, 0, &place);
	if (rc != IPCK_OK)
		return rc;
	if (named && idle_only)
		rc = check_idle(ctx, object, outcome);
	if (rc == IPCK_OK)
		rc = posix_unlink(ctx, &place, object);
	posix_close(&place);
	return rc;
}
