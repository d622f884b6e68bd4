/* SPDX-License-Identifier: MIT */
/*
 * An object through the file behind a mapping of one of its holders: no time and no count of a
 * segment changes, and its file knows what was never written.
 */
#include "action/peek_holders.h"
#include "source/area_kind.h"
#include "source/posix.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define RIGHTS "CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE"

/* A file of huge pages ends with the last of them, and a block is one. */
static bool has_size(const struct stat *status, uint64_t size)
{
	const uint64_t file = (uint64_t)status->st_size, block = (uint64_t)status->st_blksize;

	return file == size || (file > size && file % block == 0 && file - size < block);
}

/*
 * Segments are the kernel's own files: on a device where else only memory files are, which bear
 * other names, and with the id for a number.  The key is that of the making.
 */
static bool is_segment(const struct ipck_object *object, int handle, const struct stat *status)
{
	struct memory_devices devices = { .count = 0 };
	char path[POSIX_HANDLE_PATH], link[64] = "", name[16];
	const size_t key = object->shm.dest ? 5 : 13; /* marked for removal it has lost its key */

	posix_handle_path(handle, path);
	if (readlink(path, link, sizeof(link) - 1) < 0)
		return false;
	snprintf(name, sizeof(name), "/SYSV%08" PRIx32, object->key);
	memory_devices_find(&devices);
	return status->st_ino == (uint32_t)object->id && strncmp(link, name, key) == 0 &&
	       memory_devices_have(&devices, major(status->st_dev), minor(status->st_dev)) &&
	       has_size(status, object->shm.size);
}

static bool is_object(const struct ipck_object *object, int handle)
{
	struct stat status;

	if (fstat(handle, &status) != 0 || !S_ISREG(status.st_mode))
		return false;
	if (object->kind == IPCK_SHM)
		return is_segment(object, handle, &status);
	return status.st_ino == object->inode && major(status.st_dev) == object->major &&
	       minor(status.st_dev) == object->minor;
}

/*
 * 0 or an errno.  Anything may be mapped there by now: it is looked at by a descriptor that opens
 * nothing, and only what that one stands for is opened.
 */
static int open_area(const struct ipck_peek *peek, const struct ipck_process_id *process,
		     const struct use *use, int *fd, bool *touched)
{
	char path[96];
	int handle, error = ENOENT;

	snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, (int)process->pid,
		 use->address, use->address + use->bytes);
	handle = open(path, O_PATH | O_CLOEXEC);
	if (handle < 0)
		return errno;
	if (is_object(&peek->object, handle) && peek_holder_stays(peek, process))
		error = posix_open_handle(handle, fd, touched);
	close(handle);
	return error;
}

/* 0 or an errno: ENOENT when nobody who was found has it any more. */
static int open_any(struct ipck_peek *peek, const struct peek_holders *holders, int *fd,
		    bool *touched)
{
	int why = ENOENT;

	for (size_t i = 0; i < holders->count; i++) {
		const struct ipck_process_id *process =
			&peek_holder(holders, &holders->uses[i])->id;
		int error;

		if (holders->uses[i].fd >= 0)
			continue;
		error = open_area(peek, process, &holders->uses[i], fd, touched);
		if (error == 0)
			peek->about.through = *process;
		if (error == 0 || error == EPERM) /* that is a right of ours, whoever the holder */
			return error;
		if (error != ENOENT && error != ESRCH)
			why = error;
	}
	return why;
}

static int refuse(const struct ipck_peek *peek, int error, bool any)
{
	if (!any)
		return peek_no_holder(peek, IPCK_ERR_FOOTPRINT, RIGHTS " and CAP_SYS_PTRACE");
	if (error == EPERM || error == EACCES)
		return ipck_fail(peek->ctx, IPCK_ERR_FOOTPRINT,
				 "%s: needs %s to be read through a process that has it attached",
				 peek->ref, error == EPERM ? RIGHTS : RIGHTS " and CAP_SYS_PTRACE");
	if (error == ENOENT || error == ESRCH)
		return ipck_fail(peek->ctx, IPCK_ERR_FOOTPRINT,
				 "%s: who had it attached has let go of it", peek->ref);
	return peek_fail(peek, "read through who has it attached", error);
}

/* First one holder, which is found quickest; then all that there are. */
static int open_through(struct ipck_peek *peek, const struct ipck_object *now, int *fd,
			bool *touched)
{
	struct peek_holders holders;
	int error = ENOENT, rc = IPCK_OK;
	bool any = false;

	for (uint64_t enough = now != NULL ? 1 : 0;; enough = 0) {
		rc = peek_holders_find(peek, now, enough, &holders);
		if (rc != IPCK_OK)
			return rc;
		error = open_any(peek, &holders, fd, touched);
		any |= peek_holders_map(&holders);
		peek_holders_free(&holders);
		if (error == 0 || error == EPERM || enough == 0)
			break;
	}
	return error == 0 ? IPCK_OK : refuse(peek, error, any);
}

static int take(struct ipck_peek *peek, int fd, bool touched)
{
	struct ipck_object now;
	int rc = IPCK_OK;

	if (peek->object.kind == IPCK_SHM) /* is what was opened still what the id means? */
		rc = peek_again(peek, &now);
	else if (touched && (peek->may_change & IPCK_CHANGES_ATIME) == 0)
		rc = ipck_fail(peek->ctx, IPCK_ERR_FOOTPRINT,
			       "%s: only its owner, or CAP_FOWNER, can read it without moving "
			       "its time of access",
			       peek->ref);
	if (rc == IPCK_OK)
		rc = peek_fd_take(peek, fd);
	if (rc != IPCK_OK)
		return rc;
	peek->about.method = IPCK_PEEK_MAP_FILES;
	if (peek->object.kind == IPCK_SHM)
		peek->about.bytes = peek->object.shm.size; /* huge pages: the file has more */
	else if (touched)
		peek->about.changes = IPCK_CHANGES_ATIME;
	return IPCK_OK;
}

int peek_map_files(struct ipck_peek *peek)
{
	const bool segment = peek->object.kind == IPCK_SHM;
	struct ipck_object now;
	bool touched = false;
	int fd, rc = segment ? peek_again(peek, &now) : IPCK_OK;

	if (rc != IPCK_OK)
		return rc;
	if (segment && now.shm.nattch == 0)
		return ipck_fail(peek->ctx, IPCK_ERR_FOOTPRINT, "%s: nobody has it attached",
				 peek->ref);
	rc = open_through(peek, segment ? &now : NULL, &fd, &touched);
	if (rc != IPCK_OK)
		return rc;
	rc = take(peek, fd, touched);
	if (rc != IPCK_OK) {
		peek->about.through = (struct ipck_process_id){ 0 };
		close(fd);
	}
	return rc;
}
