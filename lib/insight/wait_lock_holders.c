/* SPDX-License-Identifier: MIT */
/*
 * Who holds the locks of a file.  /proc/locks knows who took each; an open file description may
 * have passed to others since, by fork() or through a socket, and its lock with it: those are found
 * by the fdinfo of all that have the file open.
 */
#include "insight/wait_locks.h"

#include "source/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct wait_locks {
	struct locks all; /* /proc/locks */
	int why;          /* why that could not be read */
	struct locked_file *files;
};

void wait_locks_free(struct wait_locks *locks)
{
	if (locks == NULL)
		return;
	while (locks->files != NULL) {
		struct locked_file *file = locks->files;

		locks->files = file->next;
		for (size_t i = 0; i < file->count; i++)
			free(file->rows[i].members);
		free(file->rows);
		free(file);
	}
	locks_free(&locks->all);
	free(locks);
}

pid_t lock_member_task(const struct lock_member *member)
{
	return member->tid != 0 ? member->tid : member->pid;
}

/* ---- Keeping ---- */

static struct held_lock *add_lock(struct locked_file *file, const struct lock *lock)
{
	if (file->count == file->size) {
		const size_t size = file->size * 2 + 8;
		struct held_lock *rows = reallocarray(file->rows, size, sizeof(*rows));

		if (rows == NULL)
			return NULL;
		file->rows = rows;
		file->size = size;
	}
	file->rows[file->count] = (struct held_lock){ .lock = *lock };
	return &file->rows[file->count++];
}

static bool add_member(struct held_lock *held, const struct lock_member *member)
{
	if (held->count == held->size) {
		const size_t size = held->size * 2 + 2;
		struct lock_member *members = reallocarray(held->members, size, sizeof(*members));

		if (members == NULL)
			return false;
		held->members = members;
		held->size = size;
	}
	held->members[held->count++] = *member;
	return true;
}

/* ---- By fdinfo ---- */

/* One open file?  Where the kernel does not compare, whoever took it by the same number is. */
static bool is_same_file(const struct lock_member *a, const struct lock_member *b)
{
	return syscall(SYS_kcmp, lock_member_task(a), lock_member_task(b), KCMP_FILE, a->fd,
		       b->fd) <= 0;
}

static bool keep_lock(struct locked_file *file, const struct lock *lock,
		      const struct lock_member *member)
{
	struct held_lock *held = NULL;

	for (size_t i = 0; held == NULL && i < file->count; i++)
		if (file->rows[i].lock.pid == lock->pid &&
		    lock_is_alike(&file->rows[i].lock, lock) &&
		    is_same_file(&file->rows[i].members[0], member))
			held = &file->rows[i];
	if (held == NULL)
		held = add_lock(file, lock);
	return held != NULL && add_member(held, member);
}

/* The number may be of another file by now. */
static bool still_is(const char *path, const struct identity *file)
{
	struct stat status;

	return descriptor_status(AT_FDCWD, path, &status) && status.st_ino == file->number &&
	       major(status.st_dev) == file->major && minor(status.st_dev) == file->minor;
}

static int look_at_use(struct waits_reading *reading, struct locked_file *file,
		       const struct use *use)
{
	const struct lock_member member = { .pid = reading->scan.processes[use->process].id.pid,
					    .tid = use->tid,
					    .fd = use->fd };
	struct locks found = { 0 };
	char path[80];
	bool kept = true;
	int rc;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)lock_member_task(&member), use->fd);
	rc = locks_of_descriptor(path, &found);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)lock_member_task(&member), use->fd);
	for (size_t i = 0; kept && i < found.count && still_is(path, &file->file); i++)
		if (found.rows[i].kind == LOCK_FLOCK || found.rows[i].kind == LOCK_OFD)
			kept = keep_lock(file, &found.rows[i], &member);
	locks_free(&found);
	return kept && rc != -ENOMEM ? IPCK_OK : waits_no_memory(reading);
}

static int look_at_uses(struct waits_reading *reading, struct locked_file *file)
{
	size_t count;
	const struct use *uses = scan_find(&reading->scan, &file->file, &count);
	int rc = IPCK_OK;

	for (size_t i = 0; rc == IPCK_OK && i < count; i++)
		rc = look_at_use(reading, file, &uses[i]);
	return rc;
}

/* ---- By /proc/locks ---- */

static bool is_at(const struct lock *lock, const struct lock *place)
{
	return lock->has_file && lock->inode == place->inode && lock->major == place->major &&
	       lock->minor == place->minor;
}

/*
 * The device and inode that the kernel's list has for the file.  btrfs and overlayfs show others in
 * stat(): then those of a lock in its fdinfo, or of the waiting request itself.
 */
static struct lock place_of(const struct wait_locks *locks, const struct locked_file *file,
			    const struct waiting *waiting)
{
	const struct lock_request *request = waiting->detail;
	const struct lock as_stat = { .has_file = true,
				      .major = file->file.major,
				      .minor = file->file.minor,
				      .inode = file->file.number };
	const struct lock *own = NULL;
	size_t candidates = 0;

	for (size_t i = 0; i < locks->all.count; i++) {
		const struct lock *row = &locks->all.rows[i];

		if (is_at(row, &as_stat))
			return as_stat;
		if (row->waits && row->has_file && lock_is_alike(row, &request->lock) &&
		    row->pid == (row->kind == LOCK_OFD ? -1 : waiting->wait.process.pid)) {
			own = row;
			candidates++;
		}
	}
	if (file->count > 0 && file->rows[0].lock.has_file)
		return file->rows[0].lock;
	return candidates == 1 ? *own : as_stat;
}

/* A lock that fdinfo told of, each only once. */
static bool take_listed(struct locked_file *file, const struct lock *lock)
{
	for (size_t i = 0; i < file->count; i++) {
		struct held_lock *held = &file->rows[i];

		if (!held->listed && held->lock.pid == lock->pid &&
		    lock_is_alike(&held->lock, lock)) {
			held->listed = true;
			return true;
		}
	}
	return false;
}

static int add_listed(struct waits_reading *reading, struct locked_file *file,
		      const struct waiting *waiting)
{
	const struct wait_locks *locks = reading->locks;
	const struct lock place = place_of(locks, file, waiting);

	for (size_t i = 0; i < locks->all.count; i++) {
		const struct lock *lock = &locks->all.rows[i];
		struct held_lock *held;

		if (lock->waits || !is_at(lock, &place) || take_listed(file, lock))
			continue;
		held = add_lock(file, lock);
		if (held == NULL)
			return waits_no_memory(reading);
		held->listed = true;
	}
	return IPCK_OK;
}

/* ---- The whole ---- */

static int start(struct waits_reading *reading)
{
	int rc;

	reading->locks = calloc(1, sizeof(*reading->locks));
	rc = reading->locks != NULL ? locks_read(&reading->locks->all) : -ENOMEM;
	if (rc == -ENOMEM)
		return waits_no_memory(reading);
	reading->locks->why = rc == 0 ? IPCK_OK : (int)ipck_reason(-rc);
	return IPCK_OK;
}

int wait_locks_of(struct waits_reading *reading, const struct waiting *waiting,
		  const struct locked_file **out)
{
	const struct lock_request *request = waiting->detail;
	struct locked_file *file;
	int rc = reading->locks == NULL ? start(reading) : IPCK_OK;

	if (rc != IPCK_OK)
		return rc;
	for (file = reading->locks->files; file != NULL; file = file->next)
		if (identity_compare(&file->file, &request->file) == 0)
			break;
	*out = file;
	if (file != NULL)
		return reading->locks->why;
	file = calloc(1, sizeof(*file));
	if (file == NULL)
		return waits_no_memory(reading);
	file->file = request->file;
	file->next = reading->locks->files;
	reading->locks->files = file;
	*out = file;
	rc = look_at_uses(reading, file);
	if (rc == IPCK_OK)
		rc = add_listed(reading, file, waiting);
	return rc == IPCK_OK ? reading->locks->why : rc;
}
