/* SPDX-License-Identifier: MIT */
/* Who has the lock that a thread waits for: one, several that may, or nobody any more. */
#include "insight/wait_futex.h"

#include "source/sysv.h"

#include <errno.h>
#include <unistd.h>

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
		 const struct futex_wait *futex, const struct futex_owners *matches)
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
			       const struct futex_owners *matches)
{
	const int process = futex_open_process(waiting->wait.process.pid);
	const int owner = futex_open_process(futex->object.owner);
	struct thread_ids ids = { .depth = 0 };
	/* where it means the same number here */
	const bool there = matches->ended == 0 && owner >= 0 && process >= 0 &&
			   thread_ids_read(process, "", &ids) == 0 && ids.depth == 1 &&
			   thread_ids_read(owner, "", &ids) == 0 && ids.depth == 1 &&
			   !futex_has_ended(owner, futex->object.owner);

	if (process >= 0)
		close(process);
	if (owner >= 0)
		close(owner);
	if (!there)
		return "is gone";
	return futex->is_shared ? "does not map it any more" : "is not of this process any more";
}

static int tell_gone(struct waits_reading *reading, struct waiting *waiting,
		     const struct futex_wait *futex, const struct futex_owners *matches)
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
		return wait->why_text != NULL ? IPCK_OK : waits_no_memory(reading);
	}
	wait->finding =
		waits_text(reading, "owner %d %s: abandoned %s%s", (int)object->owner,
			   how_it_went(waiting, futex, matches),
			   object->kind == PTHREAD_READ_LOCK || object->kind == PTHREAD_WRITE_LOCK
				   ? "read-write lock"
				   : "mutex",
			   object->robust ? ", its robust list was not handled" : "");
	if (wait->finding == NULL)
		return waits_no_memory(reading);
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
			return waits_no_memory(reading);
	}
	if (tid == wait->tid)
		wait->finding = "it holds this lock itself";
	return waits_await(reading, waiting, pid, tid,
			   object->by_kernel ? IPCK_PROOF_KERNEL : IPCK_PROOF_LIBC, 0);
}

/* The pid namespace of the number is not recorded: any of them may be the one. */
static int tell_several(struct waits_reading *reading, struct waiting *waiting,
			const struct futex_wait *futex, const struct futex_owners *matches)
{
	int rc = IPCK_OK;

	if (waiting->wait.why == 0)
		waiting->wait.why = IPCK_ERR_OUTSIDE;
	waiting->wait.why_text =
		waits_text(reading, "owner %d: so %zu threads are numbered, in pid namespaces",
			   (int)futex->object.owner, matches->count);
	if (waiting->wait.why_text == NULL)
		return waits_no_memory(reading);
	for (size_t i = 0; rc == IPCK_OK && i < matches->count && i < FUTEX_OWNERS; i++)
		rc = waits_await(reading, waiting, matches->rows[i].pid, matches->rows[i].tid,
				 IPCK_PROOF_LAST_OP, 0);
	return rc;
}

/* A thread that has a recursive or an error-checking mutex does not wait for it. */
static void leave_out_itself(const struct waiting *waiting, const struct futex_wait *futex,
			     struct futex_owners *matches)
{
	if (futex->object.owner_may_wait || matches->count > FUTEX_OWNERS)
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
	struct futex_owners matches;
	int rc;

	if (futex == NULL || futex->object.owner == 0)
		return IPCK_OK;
	rc = futex_find_owners(reading, waiting, futex, &matches);
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
