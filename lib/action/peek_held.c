/* SPDX-License-Identifier: MIT */
/*
 * Files that have no name: memory files, and POSIX objects that were unlinked.  They are reached
 * through a process that holds them.
 */
#include "action/peek.h"
#include "base/pool.h"
#include "insight/holders.h"
#include "source/posix.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Who holds it, where the reading did not ask for that. */
static int find_holders(struct ipck_peek *peek, struct pool *pool, struct ipck_object *object)
{
	const struct scan_device device = { .major = object->major,
					    .minor = object->minor,
					    .ns = object->ns,
					    .foreign = object->foreign };
	struct identity wanted;
	const struct scan_query query = { .kinds = object->kind,
					  .all_areas = true,
					  .without_users = true,
					  .devices = &device,
					  .device_count = object->kind == IPCK_MEMFD ? 0 : 1,
					  .wanted = &wanted,
					  .wanted_count = 1 };
	struct scan scan;
	int rc;

	identity_of(object, &wanted);
	rc = scan_run(peek->ctx, &query, &scan);
	if (rc != IPCK_OK)
		return rc;
	rc = holders_add(&scan, object, pool, NULL, NULL);
	scan_free(&scan);
	return rc == IPCK_OK ? rc : ipck_fail(peek->ctx, rc, "out of memory");
}

static void path_of(const struct ipck_holder *holder, char *path, size_t size)
{
	const pid_t task = holder->tid != 0 ? holder->tid : holder->process.pid;

	if (holder->how == IPCK_HOLDS_FD)
		snprintf(path, size, "/proc/%d/fd/%d", (int)task, holder->fd);
	else
		snprintf(path, size, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, (int)task,
			 holder->address, holder->address + holder->bytes);
}

/*
 * 0 or an errno.  The number or the address may mean anything by now, be it another file, a FIFO or
 * a device: it is looked at by a descriptor that opens nothing, and only what that one stands for
 * is opened.
 */
static int open_through(const struct ipck_object *object, const struct ipck_holder *holder, int *fd,
			bool *touched)
{
	struct stat status;
	char path[96];
	int handle, error;

	path_of(holder, path, sizeof(path));
	handle = open(path, O_PATH | O_CLOEXEC);
	if (handle < 0)
		return errno;
	error = fstat(handle, &status) != 0 ? errno : 0;
	if (error == 0 &&
	    (!S_ISREG(status.st_mode) || status.st_ino != object->inode ||
	     major(status.st_dev) != object->major || minor(status.st_dev) != object->minor))
		error = ENOENT;
	if (error == 0)
		error = posix_open_handle(handle, fd, touched);
	close(handle);
	return error;
}

int peek_held_open(struct ipck_peek *peek, int *fd, bool *touched, struct ipck_process_id *through)
{
	struct ipck_object object = peek->object;
	struct pool pool = { 0 };
	int rc = IPCK_OK, why = ENOENT;

	if ((object.known & IPCK_FIELD_HOLDERS) == 0)
		rc = find_holders(peek, &pool, &object);
	for (size_t i = 0; rc == IPCK_OK && i < object.holder_count; i++) {
		const int error = open_through(&object, &object.holders[i], fd, touched);

		/* one that has let go of it says nothing of the others */
		if (error != ENOENT && error != ESRCH)
			why = error;
		if (error == 0) {
			*through = object.holders[i].process;
			break;
		}
	}
	pool_free(&pool);
	if (rc != IPCK_OK || why == 0)
		return rc;
	return peek_fail(peek, "read through who holds it", why);
}
