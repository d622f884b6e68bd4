/* SPDX-License-Identifier: MIT */
/*
 * The content of POSIX objects.  Shared memory and semaphores are files that can be read as such;
 * the messages of a queue cannot be read without taking them.
 */
#include "action/save.h"
#include "action/sparse.h"
#include "base/pool.h"
#include "source/posix.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *name_of(const struct save *save)
{
	return save->object->name != NULL ? save->object->name : "";
}

static int copy_file(struct save *save, int fd)
{
	struct stat before, after;
	int rc;

	if (fstat(fd, &before) != 0)
		return save_fail(save, "read", errno);
	rc = sparse_copy_file(fd, save->fd, (uint64_t)before.st_size);
	if (rc != 0)
		return save_fail(save, "saved", rc);
	if (fstat(fd, &after) != 0 || after.st_size != before.st_size)
		return ipck_fail(save->ctx, IPCK_ERR_CHANGED,
				 "%s:%s: its size changed while it was being saved",
				 posix_word(save->object->kind), name_of(save));
	save->result.bytes = (uint64_t)before.st_size;
	return IPCK_OK;
}

int save_posix_file(struct save *save, pid_t pid)
{
	struct posix_place place;
	int fd, rc = posix_shm_open(save->ctx, pid, &place);

	if (rc != IPCK_OK)
		return rc;
	rc = posix_open(save->ctx, &place, save->object, &fd, &save->result.touched);
	if (rc == IPCK_OK) {
		rc = copy_file(save, fd);
		close(fd);
	}
	posix_close(&place);
	return rc;
}

static int check_queue(const struct save *save, const struct ipck_object *now)
{
	const int why = ipck_object_why(now, IPCK_POSIX_MQ_MESSAGES);

	if (now->inode != save->object->inode || now->major != save->object->major ||
	    now->minor != save->object->minor)
		return ipck_fail(save->ctx, IPCK_ERR_CHANGED,
				 "posix-mq:%s: changed since it was listed", name_of(save));
	if (why != IPCK_OK)
		return ipck_fail(save->ctx, why, "posix-mq:%s: cannot see whether it is empty: %s",
				 name_of(save), ipck_strerror(why));
	if (now->posix_mq.messages > 0)
		return ipck_fail(save->ctx, IPCK_ERR_UNSUPPORTED,
				 "posix-mq:%s: its messages cannot be read without taking them; "
				 "removed without a copy they are lost",
				 name_of(save));
	return IPCK_OK;
}

int save_posix_mq(struct save *save)
{
	struct pool pool = { 0 };
	struct posix_place place;
	struct ipck_object now;
	int rc = posix_mq_open(save->ctx, &place);

	if (rc != IPCK_OK)
		return rc;
	rc = posix_read(save->ctx, &place, IPCK_POSIX_MQ, name_of(save), 0, &pool, &now);
	if (rc == IPCK_OK)
		rc = check_queue(save, &now);
	pool_free(&pool);
	posix_close(&place);
	return rc;
}
