/* SPDX-License-Identifier: MIT */
/*
 * One look at an object that is waited for.  System V objects and POSIX queues tell in one call;
 * who has something else open or mapped is known only by a scan of all processes.
 */
#include "action/wait_look.h"
#include "base/pool.h"
#include "source/fill.h"
#include "source/namespace.h"
#include "source/posix.h"
#include "source/process.h"
#include "source/scan.h"
#include "source/sysv.h"

struct look {
	struct ipck *ctx;
	enum ipck_state state;
	struct watched *watched;
	pid_t pid; /* a process of the object's namespace; 0: that is ours */
};

static int look_fail(const struct look *look, int reason, const char *what)
{
	char text[IPCK_REF_MAX];
	struct ipck_ref ref;

	ipck_object_ref(&look->watched->now, false, &ref);
	if (ipck_ref_format(&ref, text, sizeof(text)) < 0)
		text[0] = '\0';
	return ipck_fail(look->ctx, reason, "%s: %s: %s", text, what, ipck_strerror(reason));
}

/* ---- System V ---- */

/* A time that was set once is never 0 again. */
static bool forgot(int64_t then, int64_t now)
{
	return then != 0 && now == 0;
}

/*
 * Does the id mean another object by now?  Less strict than before a removal: a change of its owner
 * or mode moves ctime, and marking a segment for removal takes its key, but both leave it there.
 */
static bool is_another(const struct ipck_object *then, const struct ipck_object *now)
{
	const bool marked = now->kind == IPCK_SHM && now->shm.dest && now->key == 0;

	if ((then->key != now->key && !marked) || then->cuid != now->cuid ||
	    then->cgid != now->cgid)
		return true;
	switch (now->kind) {
	case IPCK_SHM:
		return then->shm.creator.pid != now->shm.creator.pid ||
		       then->shm.size != now->shm.size || forgot(then->shm.atime, now->shm.atime) ||
		       forgot(then->shm.dtime, now->shm.dtime);
	case IPCK_MSG:
		return forgot(then->msg.stime, now->msg.stime) ||
		       forgot(then->msg.rtime, now->msg.rtime);
	default:
		return then->sem.nsems != now->sem.nsems || forgot(then->sem.otime, now->sem.otime);
	}
}

static bool in_state(const struct ipck_object *object, enum ipck_state state)
{
	switch (state) {
	case IPCK_UNTIL_UNATTACHED:
		return object->shm.nattch == 0;
	case IPCK_UNTIL_DRAINED:
		return object->msg.messages == 0;
	default:
		return false;
	}
}

static int look_sysv(struct look *look)
{
	struct watched *watched = look->watched;
	struct ipck_object now;
	int rc = sysv_read(look->ctx, watched->now.kind, watched->now.id, &now);

	if (rc != IPCK_OK && rc != IPCK_ERR_NOT_FOUND)
		return look_fail(look, rc, "cannot be looked at");
	watched->gone = rc == IPCK_ERR_NOT_FOUND || is_another(&watched->now, &now);
	watched->reached = watched->gone || in_state(&now, look->state);
	if (!watched->gone) {
		now.ns = watched->now.ns;
		now.foreign = watched->now.foreign;
		watched->now = now;
	}
	return IPCK_OK;
}

/* ---- Files ---- */

/* Is the name still there and means the same file; and is the queue empty? */
static int look_name(struct look *look)
{
	struct watched *watched = look->watched;
	const struct ipck_object *then = &watched->now;
	const bool queue = then->kind == IPCK_POSIX_MQ;
	struct pool pool = { 0 };
	struct posix_place place;
	struct ipck_object now;
	int rc = queue ? posix_mq_open(look->ctx, &place)
		       : posix_shm_open(look->ctx, look->pid, &place);

	if (rc != IPCK_OK)
		return rc;
	rc = posix_read(look->ctx, &place, then->kind, then->name != NULL ? then->name : "", 0,
			&pool, &now);
	watched->gone = rc == IPCK_ERR_NOT_FOUND ||
			(rc == IPCK_OK && (now.inode != then->inode || now.major != then->major ||
					   now.minor != then->minor));
	watched->reached = watched->gone;
	if (rc == IPCK_OK && !watched->gone && look->state == IPCK_UNTIL_DRAINED) {
		rc = ipck_object_why(&now, IPCK_POSIX_MQ_MESSAGES);
		watched->reached = rc == IPCK_OK && now.posix_mq.messages == 0;
		if (rc != IPCK_OK)
			look_fail(look, rc, "cannot see whether it is empty");
	}
	pool_free(&pool);
	posix_close(&place);
	return watched->gone ? IPCK_OK : rc;
}

/* ---- What processes hold ---- */

/* Borrow an end of the pipe from one of its holders. */
static int look_into_pipe(struct look *look, const struct scan *scan, const struct use *uses,
			  size_t count)
{
	const struct ipck_object *pipe = &look->watched->now;
	struct fill fill;
	int rc = IPCK_ERR_NOT_FOUND;

	for (size_t i = 0; rc != IPCK_OK && i < count; i++) {
		const struct fill_end end = {
			.process = scan->processes[uses[i].process].id,
			.tid = uses[i].tid,
			.fd = uses[i].fd,
			.may_write = (uses[i].access & IPCK_ACCESS_WRITE) != 0,
			.major = pipe->kind == IPCK_FIFO ? pipe->major : 0,
			.minor = pipe->kind == IPCK_FIFO ? pipe->minor : 0,
			.inode = uses[i].object.number,
		};

		if (uses[i].fd >= 0)
			rc = fill_read(&end, &fill);
	}
	if (rc == IPCK_OK)
		look->watched->reached = fill.used == 0;
	else if (rc != IPCK_ERR_NOT_FOUND) /* else all of them just ended: look again */
		return look_fail(look, rc, "cannot see what it holds");
	return IPCK_OK;
}

static int judge_scan(struct look *look, const struct scan *scan, const struct identity *wanted)
{
	struct watched *watched = look->watched;
	const bool endpoint = (watched->now.kind & IPCK_ENDPOINTS) != 0;
	size_t count = 0;
	const struct use *uses = scan_find(scan, wanted, &count);

	watched->reached = count == 0;
	if (count == 0 && (scan->coverage.denied > 0 || scan->coverage.hidden))
		return look_fail(look, IPCK_ERR_DENIED, "cannot see whether anybody holds it");
	watched->gone = endpoint && count == 0;
	if (count > 0 && look->state == IPCK_UNTIL_DRAINED)
		return look_into_pipe(look, scan, uses, count);
	return IPCK_OK;
}

static int look_at_holders(struct look *look)
{
	const struct ipck_object *object = &look->watched->now;
	const struct scan_device device = { .major = object->major, .minor = object->minor };
	struct identity wanted;
	const struct scan_query query = { .kinds = object->kind,
					  .all_areas = true,
					  .devices = &device,
					  .device_count = (object->kind & IPCK_POSIX) != 0,
					  .wanted = &wanted,
					  .wanted_count = 1 };
	struct scan scan;
	int rc;

	identity_of(object, &wanted);
	rc = scan_run(look->ctx, &query, &scan);
	if (rc == IPCK_OK)
		rc = judge_scan(look, &scan, &wanted);
	scan_free(&scan);
	return rc;
}

/* By a thread that is in the object's IPC namespace. */
static int look_there(void *data)
{
	struct look *look = data;
	const struct ipck_object *object = &look->watched->now;

	if (object->ns != namespace_own_ipc())
		return look_fail(look, IPCK_ERR_OUTSIDE, "cannot be looked at");
	return object->kind == IPCK_POSIX_MQ ? look_name(look) : look_sysv(look);
}

/*
 * Nobody that we can see lives in its namespace.  Where we can see all, it went with the last who
 * did, unless somebody keeps the namespace by a descriptor or a mount.
 */
static int look_where_nobody_lives(struct look *look)
{
	struct namespaces_seen seen;
	int rc = namespaces_find(look->ctx, &seen);
	const bool all_seen = rc == IPCK_OK && seen.denied == 0 && !processes_are_hidden();

	if (rc != IPCK_OK)
		return rc;
	namespaces_free(&seen);
	look->watched->gone = look->watched->reached = all_seen;
	return all_seen ? IPCK_OK : look_fail(look, IPCK_ERR_OUTSIDE, "cannot be looked at");
}

static int look_where_it_lives(struct look *look)
{
	const struct ipck_object *object = &look->watched->now;

	if ((object->kind & (IPCK_POSIX_SHM | IPCK_POSIX_SEM)) != 0)
		return look_name(look);
	return namespace_run(look->ctx, NAMESPACE_IPC, look->pid, look->pid != 0 ? object->ns : 0,
			     look_there, look);
}

int wait_look(struct ipck *ctx, enum ipck_state state, struct watched *watched)
{
	struct look look = { .ctx = ctx, .state = state, .watched = watched };
	const struct ipck_object *object = &watched->now;
	int rc;

	if ((object->kind & IPCK_ENDPOINTS) != 0 || (object->status & IPCK_STATUS_DELETED) != 0 ||
	    ((object->kind & IPCK_POSIX) != 0 && state == IPCK_UNTIL_UNATTACHED))
		return look_at_holders(&look);
	if (!object->foreign)
		return look_where_it_lives(&look);
	rc = namespace_member(ctx, object->ns, &look.pid);
	if (rc == IPCK_ERR_OUTSIDE)
		return look_where_nobody_lives(&look);
	if (rc == IPCK_OK)
		rc = look_where_it_lives(&look);
	/* The process that led there ended just now: another one may, at the next look. */
	if (rc == IPCK_ERR_NOT_FOUND) {
		watched->reached = false;
		return IPCK_OK;
	}
	return rc;
}
