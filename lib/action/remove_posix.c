/* SPDX-License-Identifier: MIT */
/*
 * Unlinking a POSIX object that was read: in its own place, and only when the name still leads to
 * the same file.
 */
#include "action/remove.h"
#include "source/namespace.h"
#include "source/posix.h"
#include "source/scan.h"

static const char *name_of(const struct ipck_object *object)
{
	return object->name != NULL ? object->name : "";
}

/*
 * Scan the processes for this one object.  IPCK_ERR_BUSY when one holds it, or when some could not
 * be looked into: idle is what everybody was asked about.
 */
static int check_idle(struct ipck *ctx, const struct ipck_object *object)
{
	const struct scan_device device = { .major = object->major, .minor = object->minor };
	struct identity wanted;
	const struct scan_query query = { .kinds = object->kind,
					  .all_areas = true,
					  .in_flight = true,
					  .devices = &device,
					  .device_count = 1,
					  .wanted = &wanted,
					  .wanted_count = 1 };
	struct scan scan;
	int rc;

	identity_of(object, &wanted);
	rc = scan_run(ctx, &query, &scan);
	if (rc == IPCK_OK && scan.use_count > 0)
		rc = ipck_fail(ctx, IPCK_ERR_BUSY, "%s:%s: held by process %d",
			       posix_word(object->kind), name_of(object),
			       (int)scan.processes[scan.uses[0].process].id.pid);
	else if (rc == IPCK_OK && (scan.coverage.denied > 0 || scan.coverage.hidden))
		rc = ipck_fail(ctx, IPCK_ERR_BUSY, "%s:%s: cannot see whether anybody holds it",
			       posix_word(object->kind), name_of(object));
	scan_free(&scan);
	return rc;
}

int remove_posix(struct ipck *ctx, const struct ipck_object *object, pid_t pid, bool idle_only,
		 struct ipck_remove_result *outcome)
{
	const bool queue = object->kind == IPCK_POSIX_MQ;
	const bool named = object->name != NULL && (object->status & IPCK_STATUS_DELETED) == 0;
	const uint64_t own = queue ? namespace_own_ipc() : namespace_own_mount();
	struct posix_place place;
	int rc;

	if (named && pid == 0 && object->ns != own)
		return ipck_fail(ctx, IPCK_ERR_OUTSIDE, "%s:%s: in another %s namespace",
				 posix_word(object->kind), object->name, queue ? "IPC" : "mount");
	rc = queue ? posix_mq_open(ctx, &place) : posix_shm_open(ctx, pid, &place);
	if (rc != IPCK_OK)
		return rc;
	if (named && idle_only)
		rc = check_idle(ctx, object);
	if (rc == IPCK_OK)
		rc = posix_unlink(ctx, &place, object);
	posix_close(&place);
	/* who held it when it was read may have let go since: then nobody does */
	outcome->pending = rc == IPCK_OK && object->held > 0 && !(named && idle_only);
	return rc;
}
