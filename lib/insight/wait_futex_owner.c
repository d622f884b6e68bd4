/* SPDX-License-Identifier: MIT */
/*
 * Who has the lock that a thread waits for.  What is recorded is a number of the owner's own pid
 * namespace: it is looked for among those who can have written it, all that map the lock.
 */
#include "insight/wait_futex.h"

#include "base/lines.h"
#include "source/process.h"
#include "source/sysv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int no_memory(struct waits_reading *reading)
{
	return ipck_fail(reading->ctx, IPCK_ERR_MEMORY, "out of memory");
}

/* ---- One process ---- */

#define MATCHES 16

struct matches {
	struct {
		pid_t pid, tid;
	} rows[MATCHES];
	size_t count; /* also of those beyond the rows */
	size_t ended; /* threads of that number that are zombies */
	int why;      /* errno of a process that could not be searched */

	/* How deep the pid namespace is that the number is of, and which; 0: its own. */
	size_t depth;
	uint64_t ns;
};

/* Its folder in /proc, or -errno. */
static int open_process(pid_t pid)
{
	char path[32];
	int dir;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir >= 0 ? dir : -errno;
}

/* A first thread that ended stays as a zombie while others of its process run. */
static bool has_ended(int dir, pid_t tid)
{
	char path[48], text[1024];
	const char *p;

	snprintf(path, sizeof(path), "task/%d/stat", (int)tid);
	if (file_read(dir, path, text, sizeof(text)) <= 0 || (p = strrchr(text, ')')) == NULL)
		return true;
	return p[1] == ' ' && (p[2] == 'Z' || p[2] == 'X');
}

static void match(struct matches *matches, int dir, pid_t pid, pid_t tid)
{
	if (has_ended(dir, tid)) {
		matches->ended++;
		return;
	}
	if (matches->count < MATCHES) {
		matches->rows[matches->count].pid = pid;
		matches->rows[matches->count].tid = tid;
	}
	matches->count++;
}

/* The threads of a process of another pid namespace, read once.  NULL: no memory. */
static const struct thread_names *names_of(struct waits_reading *reading, int dir, pid_t pid,
					   struct matches *matches)
{
	struct wait_futexes *futexes = futexes_of(reading);
	struct table_slot *slot =
		futexes != NULL ? table_slot(&futexes->names, (uint32_t)pid) : NULL;
	struct thread_names *names;
	int rc;

	if (slot == NULL)
		return NULL;
	if (slot->value == NULL) {
		names = calloc(1, sizeof(*names));
		if (names == NULL)
			return NULL;
		slot->value = names;
		rc = thread_names_read(dir, names);
		names->why = rc < 0 ? -rc : 0;
	}
	names = slot->value;
	if (names->why != 0)
		matches->why = names->why;
	return names;
}

static int by_own(const void *a, const void *b)
{
	const struct thread_name *x = a, *y = b;

	return (x->own > y->own) - (x->own < y->own);
}

static uint64_t pid_namespace(int dir)
{
	struct stat status;

	return fstatat(dir, "ns/pid", &status, 0) == 0 ? status.st_ino : 0;
}

static int search_open(struct waits_reading *reading, int dir, pid_t pid, pid_t number,
		       struct matches *matches)
{
	const struct thread_name key = { .own = number };
	const struct thread_name *found;
	const struct thread_names *names;
	struct thread_ids ids;
	struct stat status;
	char path[32];
	int rc = thread_ids_read(dir, "", &ids);

	if (rc != 0) {
		if (rc != -ESRCH && rc != -ENOENT)
			matches->why = -rc;
		return IPCK_OK;
	}
	if (matches->depth == 1 || (matches->depth == 0 && ids.depth == 1)) {
		snprintf(path, sizeof(path), "task/%d", (int)number); /* a number of ours */
		if (fstatat(dir, path, &status, 0) == 0)
			match(matches, dir, pid, number);
		return IPCK_OK;
	}
	/* below the waiter's namespace a thread has a number of that one too: it is not kept */
	if (matches->depth != 0 && matches->ns != pid_namespace(dir))
		return IPCK_OK;
	names = names_of(reading, dir, pid, matches);
	if (names == NULL)
		return no_memory(reading);
	found = names->count > 0 ? bsearch(&key, names->rows, names->count, sizeof(key), by_own)
				 : NULL;
	if (found != NULL)
		match(matches, dir, pid, found->tid);
	return IPCK_OK;
}

/* Its threads of that number. */
static int search(struct waits_reading *reading, pid_t pid, pid_t number, struct matches *matches)
{
	const int dir = open_process(pid);
	int rc;

	if (dir < 0) {
		if (dir != -ENOENT && dir != -ESRCH)
			matches->why = -dir;
		return IPCK_OK;
	}
	rc = search_open(reading, dir, pid, number, matches);
	close(dir);
	return rc;
}

/* ---- All that map it ---- */

/* The number is one of the waiter's pid namespace. */
static void count_as_waiter(const struct waiting *waiting, struct matches *matches)
{
	const int dir = open_process(waiting->wait.process.pid);
	struct thread_ids ids;

	if (dir < 0)
		return;
	if (thread_ids_read(dir, "", &ids) == 0) {
		matches->depth = ids.depth;
		matches->ns = pid_namespace(dir);
	}
	close(dir);
}

static int search_all(struct waits_reading *reading, struct waiting *waiting,
		      const struct futex_wait *futex, struct matches *matches)
{
	const pid_t number = futex->object.owner;
	const struct use *uses;
	size_t count;
	pid_t last = 0;
	int rc = IPCK_OK;

	if (futex->object.by_waiter)
		count_as_waiter(waiting, matches);
	if (!futex->is_shared)
		return search(reading, waiting->wait.process.pid, number, matches);
	uses = scan_find(&reading->scan, &waiting->object, &count);
	for (size_t i = 0; rc == IPCK_OK && i < count; i++) {
		const pid_t pid = reading->scan.processes[uses[i].process].id.pid;

		if (uses[i].fd >= 0 || pid == last) /* by pid, areas first */
			continue;
		last = pid;
		rc = search(reading, pid, number, matches);
	}
	return rc;
}

/* ---- Nobody ---- */

/* Is the segment attached as often as we have seen it, so that nobody has it out of our sight? */
static bool all_attachments_seen(struct waits_reading *reading, const struct identity *segment)
{
	struct ipck_object object;
	uint64_t seen = 0;
	const struct use *uses;
	size_t count;

	if (segment->kind != IPCK_SHM || segment->ns != reading->ipc ||
	    sysv_read(reading->ctx, IPCK_SHM, (int32_t)segment->number, &object) != IPCK_OK)
		return false;
	uses = scan_find(&reading->scan, segment, &count);
	for (size_t i = 0; i < count; i++)
		seen += uses[i].fd < 0;
	return seen == object.shm.nattch;
}

/* Why it cannot be said that the owner is gone; 0: it can. */
static int doubt(struct waits_reading *reading, const struct waiting *waiting,
		 const struct futex_wait *futex, const struct matches *matches)
{
	const struct ipck_coverage *coverage = &reading->scan.coverage;

	if (matches->why != 0)
		return matches->why == EAGAIN ? IPCK_ERR_CHANGED : ipck_reason(matches->why);
	if (!futex->is_shared || all_attachments_seen(reading, &waiting->object))
		return 0;
	if (coverage->denied > 0 || coverage->hidden)
		return IPCK_ERR_DENIED;
	return coverage->inner ? IPCK_ERR_OUTSIDE : 0;
}

/* A thread of that number may run that has nothing to do with it, any more. */
static const char *how_it_went(const struct waiting *waiting, const struct futex_wait *futex,
			       const struct matches *matches)
{
	const int process = open_process(waiting->wait.process.pid);
	const int owner = open_process(futex->object.owner);
	struct thread_ids ids = { .depth = 0 };
	/* where it means the same number here */
	const bool there = matches->ended == 0 && owner >= 0 && process >= 0 &&
			   thread_ids_read(process, "", &ids) == 0 && ids.depth == 1 &&
			   thread_ids_read(owner, "", &ids) == 0 && ids.depth == 1 &&
			   !has_ended(owner, futex->object.owner);

	if (process >= 0)
		close(process);
	if (owner >= 0)
		close(owner);
	if (!there)
		return "is gone";
	return futex->is_shared ? "does not map it any more" : "is not of this process any more";
}

static int tell_gone(struct waits_reading *reading, struct waiting *waiting,
		     const struct futex_wait *futex, const struct matches *matches)
{
	const struct pthread_object *object = &futex->object;
	struct ipck_wait *wait = &waiting->wait;
	const int why = doubt(reading, waiting, futex, matches);

	if (object->kind == PTHREAD_THREAD)
		return IPCK_OK; /* it just ended */
	if (why != 0) {
		if (wait->why == 0)
			wait->why = why;
		wait->why_text = waits_text(reading, "owner %d is not to be seen from here",
					    (int)object->owner);
		return wait->why_text != NULL ? IPCK_OK : no_memory(reading);
	}
	wait->finding =
		waits_text(reading, "owner %d %s: abandoned %s%s", (int)object->owner,
			   how_it_went(waiting, futex, matches),
			   object->kind == PTHREAD_READ_LOCK || object->kind == PTHREAD_WRITE_LOCK
				   ? "read-write lock"
				   : "mutex",
			   object->robust ? ", its robust list was not handled" : "");
	if (wait->finding == NULL)
		return no_memory(reading);
	return waits_await_gone(reading, waiting, object->owner,
				object->by_kernel ? IPCK_PROOF_KERNEL : IPCK_PROOF_LIBC, 0);
}

/* ---- One or several ---- */

static int tell_one(struct waits_reading *reading, struct waiting *waiting,
		    const struct futex_wait *futex, pid_t pid, pid_t tid)
{
	const struct pthread_object *object = &futex->object;
	struct ipck_wait *wait = &waiting->wait;

	if (object->kind == PTHREAD_THREAD && tid != object->owner) {
		wait->wants = waits_text(reading, "the end of thread %d", (int)tid);
		if (wait->wants == NULL)
			return no_memory(reading);
	}
	if (tid == wait->tid)
		wait->finding = "it holds this lock itself";
	return waits_await(reading, waiting, pid, tid,
			   object->by_kernel ? IPCK_PROOF_KERNEL : IPCK_PROOF_LIBC, 0);
}

/* The pid namespace of the number is not recorded: any of them may be the one. */
static int tell_several(struct waits_reading *reading, struct waiting *waiting,
			const struct futex_wait *futex, const struct matches *matches)
{
	int rc = IPCK_OK;

	if (waiting->wait.why == 0)
		waiting->wait.why = IPCK_ERR_OUTSIDE;
	waiting->wait.why_text =
		waits_text(reading, "owner %d: so %zu threads are numbered, in pid namespaces",
			   (int)futex->object.owner, matches->count);
	if (waiting->wait.why_text == NULL)
		return no_memory(reading);
	for (size_t i = 0; rc == IPCK_OK && i < matches->count && i < MATCHES; i++)
		rc = waits_await(reading, waiting, matches->rows[i].pid, matches->rows[i].tid,
				 IPCK_PROOF_LAST_OP, 0);
	return rc;
}

/* A thread that has a recursive or an error-checking mutex does not wait for it. */
static void leave_out_itself(const struct waiting *waiting, const struct futex_wait *futex,
			     struct matches *matches)
{
	if (futex->object.owner_may_wait || matches->count > MATCHES)
		return;
	for (size_t i = 0; i < matches->count; i++)
		if (matches->rows[i].tid == waiting->wait.tid) {
			matches->rows[i] = matches->rows[--matches->count];
			return;
		}
}

int wait_settle_futex(struct waits_reading *reading, struct waiting *waiting)
{
	const struct futex_wait *futex = waiting->detail;
	struct matches matches = { .count = 0 };
	int rc;

	if (futex == NULL || futex->object.owner == 0)
		return IPCK_OK;
	rc = search_all(reading, waiting, futex, &matches);
	/* the scan took its time: the lock may be another's by now */
	if (rc != IPCK_OK || futex_owner_now(waiting->wait.tid, futex) != futex->object.owner)
		return rc;
	leave_out_itself(waiting, futex, &matches);
	if (matches.count == 0)
		return tell_gone(reading, waiting, futex, &matches);
	if (matches.count == 1)
		return tell_one(reading, waiting, futex, matches.rows[0].pid, matches.rows[0].tid);
	return tell_several(reading, waiting, futex, &matches);
}
