/* SPDX-License-Identifier: MIT */
/* Threads that wait for a lock of a file: flock(), fcntl(). */
#include "insight/wait_locks.h"

#include "base/parse.h"
#include "insight/wait_descriptor.h"
#include "source/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef F_OFD_SETLKW
#define F_OFD_SETLKW 38
#endif

/* ---- Looking ---- */

/* The file of the call's descriptor, and what is asked of it. */
static int look(struct waits_reading *reading, struct waiting *waiting, const struct lock *lock,
		const struct descriptor *descriptor)
{
	struct lock_request *request = pool_alloc(&reading->pool, sizeof(*request));
	int rc = waits_name_descriptor(reading, waiting, descriptor);

	if (rc != IPCK_OK)
		return rc;
	if (request == NULL)
		return waits_no_memory(reading);
	*request = (struct lock_request){ .lock = *lock };
	waiting->detail = request;
	if (!descriptor->path || descriptor->status.st_ino == 0)
		return IPCK_OK;
	request->known = true;
	request->file = descriptor->object;
	request->file.kind = 0;
	return (reading->want & IPCK_WAITS_WHOM) != 0 ? waits_want_holders(reading, &request->file)
						      : IPCK_OK;
}

int wait_look_flock(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	const struct lock lock = { .kind = LOCK_FLOCK,
				   .write = (waiting->call.args[1] & LOCK_EX) != 0,
				   .end = LOCK_TO_END };
	struct descriptor descriptor;
	const int rc = waits_descriptor(reading, thread, waiting->wait.fd, &descriptor);

	waiting->wait.wants = lock.write ? "exclusive lock" : "shared lock";
	return rc == IPCK_OK ? look(reading, waiting, &lock, &descriptor) : rc;
}

/* Where the bytes of a struct flock are counted from; false: not to be seen. */
static bool find_origin(const struct thread *thread, const struct descriptor *descriptor,
			short whence, int64_t *origin)
{
	char file[32], text[4096];
	const char *p = text;
	uint64_t position;

	*origin = 0;
	if (whence == SEEK_END)
		*origin = descriptor->status.st_size;
	if (whence != SEEK_CUR)
		return whence == SEEK_SET || (whence == SEEK_END && descriptor->path);
	snprintf(file, sizeof(file), "fdinfo/%d", descriptor->fd);
	if (thread_read(thread, file, text, sizeof(text)) <= 0 || !parse_literal(&p, "pos:\t") ||
	    !parse_upto(&p, 10, INT64_MAX, &position))
		return false;
	*origin = (int64_t)position;
	return true;
}

/* First and last byte, as the kernel counts them. */
static bool find_bytes(const struct flock *area, int64_t origin, struct lock *lock)
{
	int64_t start, end;

	if (__builtin_add_overflow(origin, (int64_t)area->l_start, &start) || start < 0)
		return false;
	if (__builtin_add_overflow(start, (int64_t)area->l_len - 1, &end))
		return false;
	if (area->l_len < 0) { /* those before it */
		end = start - 1;
		start += area->l_len;
	}
	lock->start = (uint64_t)start;
	lock->end = area->l_len == 0 || end == INT64_MAX ? LOCK_TO_END : (uint64_t)end;
	return start >= 0 && (area->l_len == 0 || end >= start);
}

static char *describe_bytes(struct waits_reading *reading, const struct lock *lock)
{
	const char *type = lock->write ? "write" : "read";
	const unsigned long long start = lock->start, end = lock->end;

	if (start == end)
		return waits_text(reading, "%s lock of byte %llu", type, start);
	if (lock->end != LOCK_TO_END)
		return waits_text(reading, "%s lock of bytes %llu-%llu", type, start, end);
	if (lock->start == 0)
		return waits_text(reading, "%s lock of the whole file", type);
	return waits_text(reading, "%s lock of bytes %llu to the end", type, start);
}

/* The request is a struct flock in the memory of the thread. */
int wait_look_fcntl(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	const uint32_t command = (uint32_t)waiting->call.args[1];
	struct lock lock = { .kind = command == F_OFD_SETLKW ? LOCK_OFD : LOCK_POSIX };
	struct descriptor descriptor;
	struct flock area;
	int64_t origin;
	int rc;

	if (command != F_SETLKW && command != F_OFD_SETLKW) {
		waiting->wait.what = IPCK_WAIT_OTHER;
		return wait_look_other(reading, thread, waiting);
	}
	rc = waits_descriptor(reading, thread, waiting->wait.fd, &descriptor);
	if (rc != IPCK_OK)
		return rc;
	rc = remote_read(thread->tid, waiting->call.args[2], &area, sizeof(area));
	if (rc != 0 || (area.l_type != F_RDLCK && area.l_type != F_WRLCK) ||
	    !find_origin(thread, &descriptor, area.l_whence, &origin) ||
	    !find_bytes(&area, origin, &lock)) {
		if (!thread_lasts(thread))
			return WAITS_STALE;
		waits_unknown(waiting, rc != 0 ? rc : EINVAL);
		return waits_name_descriptor(reading, waiting, &descriptor);
	}
	lock.write = area.l_type == F_WRLCK;
	waiting->wait.wants = describe_bytes(reading, &lock);
	if (waiting->wait.wants == NULL)
		return waits_no_memory(reading);
	return look(reading, waiting, &lock, &descriptor);
}

/* ---- Settling ---- */

/* Has somebody who holds it the open file that the call is on? */
static bool is_of_its_file(const struct waiting *waiting, const struct held_lock *held)
{
	const struct ipck_wait *wait = &waiting->wait;
	long order;

	if (held->count == 0)
		return false;
	order = syscall(SYS_kcmp, wait->tid, lock_member_task(&held->members[0]), KCMP_FILE,
			wait->fd, held->members[0].fd);
	for (size_t i = 0; order < 0 && i < held->count; i++) /* not compared by this kernel */
		if (held->members[i].pid == wait->process.pid && held->members[i].fd == wait->fd)
			return true;
	return order == 0;
}

/*
 * Its own locks are in nobody's way: POSIX of the process, the others of the open file.  Who waits
 * in flock() has given up the lock that it had: one that was stopped in there has got it.
 */
static bool is_own(const struct waiting *waiting, const struct lock *wanted,
		   const struct held_lock *held)
{
	if (wanted->kind != held->lock.kind)
		return false;
	if (wanted->kind == LOCK_POSIX)
		return held->lock.pid == waiting->wait.process.pid;
	return is_of_its_file(waiting, held);
}

/* Its descriptors can be seen, and none of them is of this open file. */
static bool was_looked_into(pid_t pid)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Nobody was found to have the open file that is locked: whoever took it is the next best. */
static int await_taker(struct waits_reading *reading, struct waiting *waiting,
		       const struct held_lock *held, unsigned group)
{
	const pid_t pid = held->lock.pid;
	struct ipck_wait *wait = &waiting->wait;

	if (pid > 0 && (held->lock.kind == LOCK_POSIX || !was_looked_into(pid))) {
		const struct process *taker = process_look(&reading->processes, pid);

		if (taker == NULL)
			return waits_no_memory(reading);
		if (held->lock.kind == LOCK_POSIX || taker->presence != PROCESS_GONE)
			return waits_await(reading, waiting, pid, 0, IPCK_PROOF_KERNEL, group);
		wait->finding = waits_text(reading,
					   "process %d, which took the lock, is gone: who has "
					   "its open file now is not seen",
					   (int)pid);
		if (wait->finding == NULL)
			return waits_no_memory(reading);
		if (reading->coverage.denied == 0 && !reading->coverage.hidden &&
		    !reading->coverage.inner)
			return waits_await(reading, waiting, pid, 0, IPCK_PROOF_KERNEL, group);
	}
	wait->open = true;
	if (wait->why == 0) {
		wait->why = reading->coverage.denied > 0 || reading->coverage.hidden
				    ? IPCK_ERR_DENIED
				    : IPCK_ERR_OUTSIDE;
		wait->why_text = "who holds the lock is not to be seen";
	}
	return IPCK_OK;
}

/*
 * May a process that was not looked into have the open file, too?  Then it can give the lock back.
 * With all rights only those are left that a security module guards: they are not suspected.
 */
static bool may_be_shared(const struct waits_reading *reading, const struct lock *lock)
{
	if (lock->kind == LOCK_POSIX)
		return false;
	return reading->unprivileged || reading->coverage.hidden ||
	       (reading->coverage.inner && lock->kind == LOCK_FLOCK && lock->pid <= 0);
}

static int await_lock(struct waits_reading *reading, struct waiting *waiting,
		      const struct held_lock *held, unsigned group)
{
	const pid_t self = waiting->wait.process.pid;
	bool own = true;
	int rc = IPCK_OK;

	if (held->count == 0)
		return await_taker(reading, waiting, held, group);
	waiting->wait.open |= may_be_shared(reading, &held->lock);
	for (size_t i = 0; rc == IPCK_OK && i < held->count; i++) {
		const struct lock_member *member = &held->members[i];

		own &= member->pid == self;
		rc = waits_await(reading, waiting, member->pid, member->tid, IPCK_PROOF_KERNEL,
				 group);
	}
	if (own && waiting->wait.threads <= 1 && waiting->wait.finding == NULL)
		waiting->wait.finding = "this process holds it itself, by another open file";
	return rc;
}

/* All that stand in the way have to go: each is a group of its own. */
int wait_settle_locks(struct waits_reading *reading, struct waiting *waiting)
{
	const struct lock_request *request = waiting->detail;
	const struct locked_file *file;
	struct ipck_wait *wait = &waiting->wait;
	unsigned group = 0;
	int rc, why;

	if (request == NULL || !request->known)
		return IPCK_OK;
	why = wait_locks_of(reading, waiting, &file);
	if (why == IPCK_ERR_MEMORY)
		return why;
	rc = IPCK_OK;
	for (size_t i = 0; rc == IPCK_OK && i < file->count; i++) {
		const struct held_lock *held = &file->rows[i];
		const size_t before = wait->awaited_count;

		if (!lock_conflicts(&held->lock, &request->lock) ||
		    is_own(waiting, &request->lock, held))
			continue;
		rc = await_lock(reading, waiting, held, group);
		group += wait->awaited_count > before;
	}
	if (rc == IPCK_OK && wait->awaited_count == 0)
		wait->open = true;
	/* one that was stopped does not wait: nobody need hold anything */
	if (rc == IPCK_OK && wait->awaited_count == 0 && wait->why == 0 && wait->finding == NULL) {
		wait->why = why != 0                  ? why
			    : reading->coverage.inner ? IPCK_ERR_OUTSIDE
						      : IPCK_ERR_UNSUPPORTED;
		wait->why_text = why != 0 ? "/proc/locks cannot be read"
				 : reading->coverage.inner
					 ? "whoever holds it is not in this pid namespace"
					 : "no holder is recorded: it may be on a file server";
	}
	return rc;
}
