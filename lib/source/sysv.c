/* SPDX-License-Identifier: MIT */
/*
 * System V objects, whichever way the kernel gives them: the *_STAT_ANY loop, which needs no read
 * permission and costs no text, or /proc/sysvipc.  The two give the same answer.
 */
#include "source/sysv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct listing {
	struct ipck *ctx;
	const struct sysv_ops *ops;
	sysv_row *row;
	void *data;
	int max_index;
};

/* The one field that /proc/sysvipc/msg lacks. */
static void add_max_bytes(struct ipck_object *object)
{
	struct ipck_object stat;
	int rc = sysv_ops(IPCK_MSG)->stat_id(object->id, &stat);

	if (rc == 0) {
		object->msg.max_bytes = stat.msg.max_bytes;
		object->known |= IPCK_MSG_MAX_BYTES;
	} else if (ipck_reason(-rc) == IPCK_ERR_DENIED) {
		object->unknown.denied |= IPCK_MSG_MAX_BYTES;
	} else {
		object->unknown.unsupported |= IPCK_MSG_MAX_BYTES;
	}
}

static int proc_row(struct ipck_object *object, void *data)
{
	struct listing *listing = data;

	if (object->kind == IPCK_MSG)
		add_max_bytes(object);
	return listing->row(object, listing->data);
}

static int each_by_proc(struct listing *listing, int first_index)
{
	int rc = sysv_proc_each(listing->ops, first_index, listing->max_index, proc_row, listing);

	if (rc == IPCK_ERR_SYSTEM)
		ipck_fail(listing->ctx, rc, "%s: could not be read whole", listing->ops->proc_path);
	return rc;
}

static bool refused(int error)
{
	return error == -EACCES || error == -EPERM || error == -ENOSYS;
}

/* A slot that is free, or whose object was removed just now. */
static bool vacant(int error)
{
	return error == -EINVAL || error == -EIDRM;
}

/* A kernel before 4.17 takes every index for a free slot: is there really nothing? */
static int each_where_none(struct listing *listing)
{
	int rc = each_by_proc(listing, 0);

	if (rc != IPCK_ERR_UNSUPPORTED || listing->ops->count() <= 0)
		return rc == IPCK_ERR_UNSUPPORTED ? IPCK_OK : rc;
	return ipck_fail(listing->ctx, IPCK_ERR_UNSUPPORTED,
			 "%s: not listed: the kernel does not give them by index and %s is not "
			 "readable",
			 listing->ops->name, listing->ops->proc_path);
}

/* rss is set where it was asked for and only the loop is left to answer: it cannot. */
static int each_by_stat(struct listing *listing, bool rss)
{
	size_t given = 0, unseen = 0;

	for (int index = 0; index <= listing->max_index; index++) {
		struct ipck_object object;
		int rc = listing->ops->stat_index(index, &object);

		if (rc != 0 && !vacant(rc)) {
			/* A security module hides this one here, but perhaps not in the file. */
			int completed =
				unseen == 0 ? each_by_proc(listing, index) : IPCK_ERR_UNSUPPORTED;

			if (completed != IPCK_ERR_UNSUPPORTED)
				return completed;
			unseen++;
			continue;
		}
		if (rc != 0)
			continue;
		if (rss && object.kind == IPCK_SHM)
			object.unknown.unsupported |= IPCK_SHM_RSS | IPCK_SHM_SWAP;
		given++;
		rc = listing->row(&object, listing->data);
		if (rc != IPCK_OK)
			return rc;
	}
	if (unseen > 0)
		return ipck_fail(listing->ctx, IPCK_ERR_DENIED,
				 "%zu of the objects of kind %s cannot be seen: the kernel refuses "
				 "and %s is not readable",
				 unseen, listing->ops->name, listing->ops->proc_path);
	return given > 0 ? IPCK_OK : each_where_none(listing);
}

int sysv_each(struct ipck *ctx, enum ipck_kind kind, unsigned want, sysv_row *row, void *data)
{
	struct listing listing = {
		.ctx = ctx, .ops = sysv_ops(kind), .row = row, .data = data, .max_index = INT32_MAX
	};
	bool rss = kind == IPCK_SHM && (want & IPCK_WANT_RSS) != 0;
	int rc, max_index;

	if (rss) {
		rc = each_by_proc(&listing, 0);
		if (rc != IPCK_ERR_UNSUPPORTED)
			return rc;
	}
	max_index = listing.ops->max_index();
	if (max_index >= 0) {
		listing.max_index = max_index;
		return each_by_stat(&listing, rss);
	}
	rc = each_by_proc(&listing, 0);
	if (rc == IPCK_ERR_UNSUPPORTED)
		ipck_fail(ctx, rc, "%s: not listed: the kernel says \"%s\" and %s is not readable",
			  listing.ops->name, strerror(-max_index), listing.ops->proc_path);
	return rc;
}

struct search {
	int32_t id;
	uint32_t key;
	bool by_key;
	struct ipck_object *object;
};

static int match(struct ipck_object *object, void *data)
{
	struct search *search = data;

	if (search->by_key ? object->key != search->key : object->id != search->id)
		return IPCK_OK;
	*search->object = *object;
	return IPCK_ERR_STOPPED;
}

/* Where the calls refuse, with this reason: look the object up in the file. */
static int search_list(struct ipck *ctx, enum ipck_kind kind, struct search *search,
		       enum ipck_error reason)
{
	struct listing listing = { .ctx = ctx,
				   .ops = sysv_ops(kind),
				   .row = match,
				   .data = search,
				   .max_index = INT32_MAX };
	int rc = each_by_proc(&listing, 0);

	if (rc == IPCK_OK)
		return IPCK_ERR_NOT_FOUND;
	return rc == IPCK_ERR_STOPPED ? IPCK_OK : reason;
}

int sysv_read(struct ipck *ctx, enum ipck_kind kind, int32_t id, struct ipck_object *object)
{
	const struct sysv_ops *ops = sysv_ops(kind);
	const int masks[] = { 0x7fff, 0xffffff }; /* the second with ipcmni_extend */
	struct search search = { .id = id, .object = object };
	int rc;

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		if (ops->stat_index(id & masks[i], object) == 0 && object->id == id)
			return IPCK_OK;
	/* Gone, or the index call is missing or refused: the call by id tells which. */
	rc = ops->stat_id(id, object);
	if (rc == 0)
		return IPCK_OK;
	if (refused(rc))
		return search_list(ctx, kind, &search, ipck_reason(-rc));
	return ipck_reason(-rc);
}

int sysv_find_key(struct ipck *ctx, enum ipck_kind kind, uint32_t key, int32_t *id)
{
	struct ipck_object object;
	struct search search = { .key = key, .by_key = true, .object = &object };
	int rc = key != 0 ? sysv_ops(kind)->find_key(key) : -ENOENT; /* IPC_PRIVATE would create */

	if (rc >= 0) {
		*id = rc;
		return IPCK_OK;
	}
	if (!refused(rc))
		return ipck_reason(-rc);
	rc = search_list(ctx, kind, &search, ipck_reason(-rc));
	if (rc == IPCK_OK)
		*id = object.id;
	return rc;
}
