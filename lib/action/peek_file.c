/* SPDX-License-Identifier: MIT */
/* POSIX shared memory, POSIX semaphores and memory files, as the files that they are. */
#include "action/peek.h"
#include "source/namespace.h"
#include "source/posix.h"

#include <sys/statvfs.h>
#include <unistd.h>

/* By the name in the /dev/shm that it was found in. */
static int open_named(struct ipck_peek *peek, int *fd, bool *touched)
{
	struct posix_place place;
	pid_t pid = 0;
	int rc =
		peek->object.foreign ? namespace_member(peek->ctx, peek->object.ns, &pid) : IPCK_OK;

	if (rc == IPCK_OK)
		rc = posix_shm_open(peek->ctx, pid, &place);
	if (rc != IPCK_OK)
		return rc;
	rc = posix_open(peek->ctx, &place, &peek->object, fd, touched);
	posix_close(&place);
	return rc;
}

/* Opened without O_NOATIME, may its time of access move all the same?  Some mounts have none. */
static bool moves_time(int fd)
{
	struct statvfs fs;

	return fstatvfs(fd, &fs) != 0 || (fs.f_flag & (ST_NOATIME | ST_RDONLY)) == 0;
}

static int take(struct ipck_peek *peek, int fd, bool touched)
{
	int rc;

	if (touched && (peek->may_change & IPCK_CHANGES_ATIME) == 0)
		return ipck_fail(peek->ctx, IPCK_ERR_FOOTPRINT,
				 "%s: only its owner, or CAP_FOWNER, can read it without moving "
				 "its time of access",
				 peek->ref);
	rc = peek_fd_take(peek, fd);
	if (rc != IPCK_OK)
		return rc;
	peek->about.method = touched ? IPCK_PEEK_ATTACH : IPCK_PEEK_FILE;
	peek->about.changes = touched ? IPCK_CHANGES_ATIME : 0;
	return IPCK_OK;
}

int peek_file(struct ipck_peek *peek)
{
	const struct ipck_object *object = &peek->object;
	/* what was met in no namespace was found through its holders alone */
	const bool named = object->kind != IPCK_MEMFD && object->name != NULL && object->ns != 0 &&
			   (object->status & IPCK_STATUS_DELETED) == 0;
	struct ipck_process_id through = { 0 };
	bool touched = false;
	int fd, rc = named ? open_named(peek, &fd, &touched)
			   : peek_held_open(peek, &fd, &touched, &through);

	if (rc != IPCK_OK)
		return rc;
	rc = take(peek, fd, touched && moves_time(fd));
	if (rc == IPCK_OK)
		peek->about.through = through;
	else
		close(fd);
	return rc;
}
