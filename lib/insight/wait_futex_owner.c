/* SPDX-License-Identifier: MIT */
/* Who has the lock that a thread waits for: one, several that may, or nobody any more. */
#include "insight/wait_futex.h"

/* What is recorded. */
static bool number_of(struct waits_reading *reading, const struct waiting *waiting,
		      const struct futex_wait *futex, struct lock_number *number)
{
	const pid_t pid = waiting->wait.process.pid;
	struct wait_futexes *futexes = futexes_of(reading);

	*number = (struct lock_number){ .is_shared = futex->is_shared,
					.number = futex->object.owner };
	if (futex->is_shared)
		number->object = waiting->object;
	else
		number->pid = pid;
	return futexes != NULL &&
	       (!futex->object.by_waiter || lock_owners_within(&futexes->owners, pid, number));
}

/* ---- Nobody ---- */

/* A thread of that number may run that has nothing to do with it, any more. */
static const char *how_it_went(const struct waiting *waiting, const struct futex_wait *futex,
			       const struct lock_matches *matches)
{
	/* where it means the same number here */
	if (matches->ended > 0 || !lock_number_lives(waiting->wait.tid) ||
	    !lock_number_lives(futex->object.owner))
		return "is gone";
	return futex->is_shared ? "does not map it any more" : "is not of this process any more";
}

static int tell_gone(struct waits_reading *reading, struct waiting *waiting,
		     const struct futex_wait *futex, const struct lock_number *number,
		     const struct lock_matches *matches)
{
	const struct pthread_object *object = &futex->object;
	struct ipck_wait *wait = &waiting->wait;
	const int why = lock_owners_doubt(&reading->futexes->owners, number, matches);

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
			const struct futex_wait *futex, const struct lock_matches *matches)
{
	int rc = IPCK_OK;

	if (waiting->wait.why == 0)
		waiting->wait.why = IPCK_ERR_OUTSIDE;
	waiting->wait.why_text =
		waits_text(reading, "owner %d: so %zu threads are numbered, in pid namespaces",
			   (int)futex->object.owner, matches->count);
	if (waiting->wait.why_text == NULL)
		return waits_no_memory(reading);
	for (size_t i = 0; rc == IPCK_OK && i < matches->count && i < LOCK_MATCHES; i++)
		rc = waits_await(reading, waiting, matches->rows[i].pid, matches->rows[i].tid,
				 IPCK_PROOF_LAST_OP, 0);
	return rc;
}

/* A thread that has a recursive or an error-checking mutex does not wait for it. */
static void leave_out_itself(const struct waiting *waiting, const struct futex_wait *futex,
			     struct lock_matches *matches)
{
	if (futex->object.owner_may_wait || matches->count > LOCK_MATCHES)
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
	struct lock_matches matches;
	struct lock_number number;
	int rc;

	if (futex == NULL || futex->object.owner == 0)
		return IPCK_OK;
	if (!number_of(reading, waiting, futex, &number))
		return waits_no_memory(reading);
	rc = lock_owners_find(&reading->futexes->owners, &number, &matches);
	/* the scan took its time: the lock may be another's by now */
	if (rc != IPCK_OK || futex_owner_now(waiting->wait.tid, futex) != futex->object.owner)
		return rc;
	leave_out_itself(waiting, futex, &matches);
	if (matches.count == 0)
		return tell_gone(reading, waiting, futex, &number, &matches);
	if (matches.count == 1)
		return tell_one(reading, waiting, futex, matches.rows[0].pid, matches.rows[0].tid);
	return tell_several(reading, waiting, futex, &matches);
}
