/* SPDX-License-Identifier: MIT */
/*
 * Threads in futex(): the locks of the C library by the bytes around the word, and that of which
 * nothing more is known.
 */
#include "insight/wait_futex.h"

#include "source/remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE UINT64_C(4096) /* the smallest: no page of any machine ends within one */

struct wait_futexes *futexes_of(struct waits_reading *reading)
{
	struct wait_futexes *futexes = reading->futexes;

	if (futexes == NULL && (futexes = calloc(1, sizeof(*futexes))) != NULL) {
		futexes->owners = (struct lock_owners){ .ctx = reading->ctx,
							.scan = &reading->scan,
							.pool = &reading->pool };
		reading->futexes = futexes;
	}
	return futexes;
}

void wait_futexes_free(struct wait_futexes *futexes)
{
	if (futexes == NULL)
		return;
	lock_owners_free(&futexes->owners);
	free(futexes);
}

/* ---- The call ---- */

#define WAITV_MOST 128u /* words of futex_waitv() */

/* struct futex_waitv of linux/futex.h, of Linux 5.16. */
struct waitv {
	uint64_t value, address;
	uint32_t flags, reserved;
};
#define WAITV_PRIVATE 128u

/* 0; or -errno of reading the first of several. */
static int parse(const struct thread *thread, enum call_family family, struct futex_call *call,
		 bool *waits)
{
	const uint64_t *args = thread->call.args;
	struct waitv first;
	int rc;

	*waits = true;
	if (family == CALL_FUTEX) {
		*waits = futex_parse(args, call);
		return 0;
	}
	*call = (struct futex_call){ .words = 1 };
	if (family == CALL_FUTEX_WAIT) { /* address, value, mask, flags, timeout, clock */
		call->address = args[0];
		call->value = (uint32_t)args[1];
		call->is_private = (args[3] & WAITV_PRIVATE) != 0;
		call->timeout = args[4] != 0;
		/* words of 32 bits alone are locks of the C library */
		call->words = (args[3] & 3) == 2 ? 1 : 0;
		return 0;
	}
	call->timeout = args[3] != 0;
	call->words = args[1] <= WAITV_MOST ? (uint32_t)args[1] : 0;
	rc = call->words > 0 ? remote_read(thread->tid, args[0], &first, sizeof(first)) : -EINVAL;
	if (rc != 0)
		return rc;
	call->address = first.address;
	call->value = (uint32_t)first.value;
	call->is_private = (first.flags & WAITV_PRIVATE) != 0;
	return 0;
}

/* ---- The bytes ---- */

/* What of the wanted bytes lies in the page of the word itself, which is there. */
static int read_page(const struct thread *thread, uint64_t address, struct futex_window *window)
{
	const uint64_t into = address % PAGE, left = PAGE - into;

	*window = (struct futex_window){ 0 };
	window->before = into < PTHREAD_BEFORE ? (size_t)into : PTHREAD_BEFORE;
	window->after = left < PTHREAD_AFTER ? (size_t)left : PTHREAD_AFTER;
	return remote_read(thread->tid, address - window->before,
			   window->bytes + PTHREAD_BEFORE - window->before,
			   window->before + window->after);
}

/*
 * The rest lies in another page: reading one that was never touched would allocate it.  A lock that
 * reaches into it was written by who waits for it.
 */
static void read_neighbours(const struct thread *thread, uint64_t address,
			    struct futex_window *window)
{
	const size_t before = PTHREAD_BEFORE - window->before,
		     after = PTHREAD_AFTER - window->after;
	const uint64_t low = address - PTHREAD_BEFORE, high = address + window->after;
	char file[48];

	snprintf(file, sizeof(file), "%spagemap", thread->path);
	if (before > 0 && address > PAGE && remote_is_touched(thread->dir, file, low) &&
	    remote_read(thread->tid, low, window->bytes, before) == 0)
		window->before = PTHREAD_BEFORE;
	if (after > 0 && high > address && remote_is_touched(thread->dir, file, high) &&
	    remote_read(thread->tid, high, window->bytes + PTHREAD_BEFORE + window->after, after) ==
		    0)
		window->after = PTHREAD_AFTER;
}

/* 0 or -errno. */
static int recognize(const struct thread *thread, struct futex_wait *futex)
{
	const struct futex_call *call = &futex->call;
	struct futex_window window;
	int rc = read_page(thread, call->address, &window);

	if (rc != 0)
		return rc;
	pthread_recognize(call, &window, &futex->object);
	if (futex->object.kind == PTHREAD_NONE &&
	    (window.before < PTHREAD_BEFORE || window.after < PTHREAD_AFTER)) {
		read_neighbours(thread, call->address, &window);
		pthread_recognize(call, &window, &futex->object);
	}
	return 0;
}

pid_t futex_owner_now(pid_t tid, const struct futex_wait *futex)
{
	/* the word and the field, which is not far from it, at once */
	const int32_t field = futex->object.owner_offset, low = field < 0 ? field : 0;
	const size_t size = (size_t)(field < 0 ? -field : field) + sizeof(uint32_t);
	unsigned char bytes[PTHREAD_BEFORE + PTHREAD_AFTER];
	uint32_t word, owner;

	if (size > sizeof(bytes) ||
	    remote_read(tid, futex->call.address + (uint64_t)(int64_t)low, bytes, size) != 0)
		return 0;
	memcpy(&word, bytes - low, sizeof(word));
	memcpy(&owner, bytes + field - low, sizeof(owner));
	if (futex->object.by_kernel)
		return (pid_t)(owner & PTHREAD_OWNER_BITS);
	return word == futex->call.value ? (pid_t)owner : 0;
}

/* ---- What it waits for ---- */

static int describe(struct waits_reading *reading, struct waiting *waiting,
		    const struct futex_wait *futex)
{
	static const struct {
		enum ipck_wait_for what;
		const char *call, *wants;
	} texts[] = {
		[PTHREAD_NONE] = { IPCK_WAIT_FUTEX, NULL, "a wake-up" },
		[PTHREAD_MUTEX] = { IPCK_WAIT_MUTEX, "pthread_mutex_lock", "lock" },
		[PTHREAD_READ_LOCK] = { IPCK_WAIT_RWLOCK, "pthread_rwlock_rdlock", "read lock" },
		[PTHREAD_WRITE_LOCK] = { IPCK_WAIT_RWLOCK, "pthread_rwlock_wrlock", "write lock" },
		[PTHREAD_CONDITION] = { IPCK_WAIT_CONDITION, "pthread_cond_wait", "a signal" },
		[PTHREAD_SEMAPHORE] = { IPCK_WAIT_POSIX_SEM, "sem_wait", "a post" },
		[PTHREAD_BARRIER] = { IPCK_WAIT_BARRIER, "pthread_barrier_wait", NULL },
		[PTHREAD_THREAD] = { IPCK_WAIT_THREAD, "pthread_join", NULL },
	};
	struct ipck_wait *wait = &waiting->wait;
	const struct pthread_object *object = &futex->object;

	wait->what = texts[object->kind].what;
	wait->wants = texts[object->kind].wants;
	wait->open = object->owner == 0;
	wait->timeout = futex->call.timeout;
	if (texts[object->kind].call != NULL)
		wait->call = texts[object->kind].call;
	if (object->kind == PTHREAD_NONE && futex->call.priority_inherit)
		wait->wants = "lock";
	if (object->kind == PTHREAD_BARRIER)
		wait->wants = waits_text(reading, "%u of %u threads are there", object->here,
					 object->count);
	if (object->kind == PTHREAD_THREAD)
		wait->wants = waits_text(reading, "the end of thread %d", (int)object->owner);
	if (futex->call.words > 1)
		wait->wants =
			waits_text(reading, "a wake-up on any of %u words", futex->call.words);
	return wait->wants != NULL ? IPCK_OK : waits_no_memory(reading);
}

/*
 * pthread_mutex_lock() of a priority-inheritance mutex that would deadlock, or whose owner ended,
 * never returns: it waits on a word of its own stack that nobody else knows.
 */
static void note_parked(struct waiting *waiting, const struct futex_wait *futex)
{
	const struct futex_call *call = &futex->call;

	if (futex->object.kind == PTHREAD_NONE && futex->on_own_stack && call->value == 0 &&
	    call->words == 1 && !call->timeout && call->realtime && !call->priority_inherit)
		waiting->wait.finding =
			"waits on its own stack, as the C library does for ever after EDEADLK or "
			"ESRCH from a priority-inheritance mutex";
}

static int look_closer(struct waits_reading *reading, const struct thread *thread,
		       struct waiting *waiting, struct futex_wait *futex)
{
	int rc = recognize(thread, futex);

	if (rc == -ESRCH || (rc == -EFAULT && !thread_lasts(thread)))
		return WAITS_STALE;
	if (rc != 0)
		waits_unknown(waiting, rc);
	rc = futex_place(reading, thread, waiting, futex);
	if (rc == IPCK_OK)
		rc = describe(reading, waiting, futex);
	if (rc != IPCK_OK)
		return rc;
	note_parked(waiting, futex);
	if (futex->object.owner == 0)
		return IPCK_OK;
	/* what was read belongs to the call only if that goes on */
	if (!thread_lasts(thread))
		return WAITS_STALE;
	if (futex_owner_now(thread->tid, futex) != futex->object.owner)
		return WAITS_STALE;
	if (futex->is_shared && (reading->want & IPCK_WAITS_WHOM) != 0)
		return waits_want_holders(reading, &waiting->object);
	return IPCK_OK;
}

int wait_look_futex(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	struct futex_wait futex = { 0 }, *kept;
	bool waits;
	int rc = parse(thread, waiting->family, &futex.call, &waits);

	waiting->wait.what = IPCK_WAIT_FUTEX;
	waiting->wait.open = true;
	if (rc != 0) {
		if (!thread_lasts(thread))
			return WAITS_STALE;
		waits_unknown(waiting, rc);
		return IPCK_OK;
	}
	if (!waits)
		return IPCK_OK;
	futex.call.threads = thread->threads < UINT32_MAX ? (uint32_t)thread->threads : 0;
	rc = look_closer(reading, thread, waiting, &futex);
	if (rc != IPCK_OK)
		return rc;
	kept = pool_alloc(&reading->pool, sizeof(*kept));
	if (kept == NULL)
		return waits_no_memory(reading);
	*kept = futex;
	waiting->detail = kept;
	return IPCK_OK;
}
