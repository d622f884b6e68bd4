/* SPDX-License-Identifier: MIT */
/*
 * Which lock of the C library a thread waits for, by the bytes around its word and by the arguments
 * of its call.
 */
#include "insight/pthread_layout.h"

#include <linux/futex.h>

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

bool futex_parse(const uint64_t args[6], struct futex_call *call)
{
	const uint32_t op = (uint32_t)args[1];

	*call = (struct futex_call){ .address = args[0],
				     .value = (uint32_t)args[2],
				     .words = 1,
				     .is_private = (op & FUTEX_PRIVATE_FLAG) != 0,
				     .realtime = (op & FUTEX_CLOCK_REALTIME) != 0,
				     .timeout = args[3] != 0 };
	switch (op & (uint32_t)FUTEX_CMD_MASK) {
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		call->priority_inherit = true;
		return true;
	case FUTEX_WAIT_REQUEUE_PI:
		call->requeued = true;
		return true;
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		return true;
	default:
		return false;
	}
}

/* ---- Fields ---- */

/* Is all of it there, from offset on? */
static bool covers(const struct futex_window *window, int32_t offset, size_t size)
{
	const size_t before = offset < 0 ? (size_t)-offset : 0;

	return before <= window->before && (offset < 0 ? size <= before + window->after
						       : (size_t)offset + size <= window->after);
}

static uint32_t field(const struct futex_window *window, int32_t offset)
{
	return pthread_field(window->bytes + PTHREAD_BEFORE + offset, 0);
}

uint32_t futex_word(const struct futex_window *window)
{
	return field(window, 0);
}

/* As many as may wait there? */
static bool waiters_fit(const struct futex_call *call, uint64_t waiters)
{
	const bool bounded = call->is_private && call->threads != 0;

	return waiters > 0 && waiters <= (bounded ? call->threads : PTHREAD_NUMBERS);
}

/* ---- Mutexes ---- */

static bool users_fit(uint32_t users)
{
	return users > 0 && users < PTHREAD_NUMBERS;
}

static void set_owner(struct pthread_object *object, uint32_t tid, int32_t offset)
{
	object->owner = (pid_t)tid;
	object->owner_offset = offset;
}

/* The word holds the number, and so does the field of the C library, unless it is changing. */
static bool by_word(const struct futex_call *call, const struct futex_window *window, uint32_t kind,
		    struct pthread_object *object)
{
	const uint32_t tid = futex_word(window) & PTHREAD_OWNER_BITS;

	/* the kernel wakes those of robust mutexes as if they were shared, whatever they are */
	if ((kind & (uint32_t)KIND_ROBUST) != 0 ? call->is_private
						: call->is_private == ((kind & KIND_SHARED) != 0))
		return false;
	if (!call->priority_inherit && (call->value & PTHREAD_OWNER_BITS) != tid)
		return false;
	object->by_kernel = true;
	object->robust = (kind & KIND_ROBUST) != 0;
	if (pthread_is_number(tid) && field(window, MUTEX_OWNER) == tid &&
	    users_fit(field(window, MUTEX_USERS)))
		set_owner(object, tid, 0);
	return object->owner != 0;
}

/* The word is 2: somebody has it, somebody waits. */
static bool by_field(const struct futex_call *call, const struct futex_window *window,
		     uint32_t kind, struct pthread_object *object)
{
	const uint32_t bits = (kind & KIND_PROTECT) != 0 ? ~CEILING_BITS : UINT32_MAX;
	const uint32_t owner = field(window, MUTEX_OWNER), count = field(window, MUTEX_COUNT);

	if (call->is_private == ((kind & KIND_SHARED) != 0) || (call->value & bits) != 2 ||
	    futex_word(window) != call->value || !pthread_is_number(owner) ||
	    !users_fit(field(window, MUTEX_USERS)) || !pthread_count_fits(kind, count))
		return false;
	set_owner(object, owner, MUTEX_OWNER);
	return true;
}

static bool is_mutex(const struct futex_call *call, const struct futex_window *window,
		     struct pthread_object *object)
{
	uint32_t kind, type;
	bool fits;

	if (call->address % 8 != 0 || !covers(window, 0, MUTEX_CORE))
		return false;
	kind = field(window, MUTEX_KIND);
	type = kind & TYPE_BITS;
	if ((kind & ~(uint32_t)KIND_KNOWN) != 0 ||
	    ((kind & KIND_INHERIT) != 0) != call->priority_inherit)
		return false;
	if ((kind & (KIND_INHERIT | KIND_ROBUST)) != 0)
		fits = (kind & KIND_PROTECT) == 0 && by_word(call, window, kind, object);
	else
		fits = by_field(call, window, kind, object);
	object->by_waiter = call->priority_inherit;
	object->owner_may_wait = type != TYPE_RECURSIVE && type != TYPE_ERRORCHECK;
	return fits;
}

/* ---- Read-write locks ---- */

static bool fits_rwlock(const struct futex_call *call, const struct futex_window *window,
			int32_t base)
{
	const unsigned char *lock = window->bytes + PTHREAD_BEFORE + base;

	return (call->address + (uint64_t)base) % 8 == 0 && covers(window, base, RWLOCK_CORE) &&
	       pthread_rwlock_fits(lock) &&
	       pthread_field(lock, RWLOCK_SHARED) == (call->is_private ? 0u : 1u);
}

/* Which of its words it is, and what it was to be, tells who waits for what. */
static bool is_rwlock(const struct futex_call *call, const struct futex_window *window,
		      struct pthread_object *object)
{
	const uint32_t value = call->value;
	int32_t base = 0;

	if (value != futex_word(window))
		return false;
	if (value == (PHASE_WRITE | WORD_USED) && fits_rwlock(call, window, -RWLOCK_PHASE)) {
		base = -RWLOCK_PHASE; /* the phase is to be one of readers */
		object->kind = PTHREAD_READ_LOCK;
	} else if (value == WORD_USED && fits_rwlock(call, window, -RWLOCK_PHASE)) {
		base = -RWLOCK_PHASE; /* the first writer, behind readers */
		object->kind = PTHREAD_WRITE_LOCK;
	} else if (value == (1 | WORD_USED) && fits_rwlock(call, window, -RWLOCK_QUEUE)) {
		base = -RWLOCK_QUEUE; /* a writer behind writers */
		object->kind = PTHREAD_WRITE_LOCK;
	} else if ((value & READERS_WAIT) != 0 && fits_rwlock(call, window, 0)) {
		object->kind = PTHREAD_READ_LOCK; /* behind a writer that readers keep waiting */
	} else {
		return false;
	}
	/* who waits has left its mark: readers are counted, writers lock */
	if (object->kind == PTHREAD_READ_LOCK ? field(window, base) >> READER_SHIFT == 0
					      : (field(window, base) & WRITE_LOCKED) == 0) {
		object->kind = PTHREAD_NONE;
		return false;
	}
	object->offset = base;
	object->owner_may_wait = true;
	if (field(window, base + RWLOCK_OWNER) != 0)
		set_owner(object, field(window, base + RWLOCK_OWNER), base + RWLOCK_OWNER);
	return true;
}

/* ---- Conditions, semaphores, barriers ---- */

/* Its two groups of waiters have a word each.  Who waits is counted in its own, too. */
static bool fits_condition(const struct futex_call *call, const struct futex_window *window,
			   int32_t group, int32_t *base)
{
	const int32_t start = -(COND_SIGNALS + 4 * group);
	const unsigned char *condition = window->bytes + PTHREAD_BEFORE + start;
	uint32_t uses;

	if ((call->address + (uint64_t)start) % 8 != 0 || !covers(window, start, COND_SIZE) ||
	    !pthread_cond_fits(condition))
		return false;
	*base = start;
	uses = pthread_field(condition, COND_USES);
	return waiters_fit(call, uses >> COND_WAITER_SHIFT) &&
	       (uses & COND_SHARED) == (call->is_private ? 0u : 1u) &&
	       field(window, start + COND_REFERENCES + 4 * group) >> 1 > 0 &&
	       pthread_wide(condition, COND_SEQUENCE) >> 1 >
		       pthread_wide(condition, COND_GROUP_START) >> 1;
}

static bool is_condition(const struct futex_call *call, const struct futex_window *window,
			 struct pthread_object *object)
{
	return call->value == 0 && (fits_condition(call, window, 0, &object->offset) ||
				    fits_condition(call, window, 1, &object->offset));
}

static bool is_semaphore(const struct futex_call *call, const struct futex_window *window)
{
	return call->address % 8 == 0 && covers(window, 0, SEM_CORE) && call->value == 0 &&
	       futex_word(window) == 0 && waiters_fit(call, field(window, SEM_WAITERS)) &&
	       field(window, SEM_SHARED) == (call->is_private ? 0u : (uint32_t)IS_SHARED);
}

enum { BARRIER_ROUND = 4, BARRIER_COUNT = 8, BARRIER_SHARED = 12, BARRIER_OUT = 16 };

static bool is_barrier(const struct futex_call *call, const struct futex_window *window,
		       struct pthread_object *object)
{
	const int32_t base = -BARRIER_ROUND;
	uint32_t in, count;

	if ((call->address + (uint64_t)base) % 8 != 0 || !covers(window, base, BARRIER_OUT + 4))
		return false;
	in = field(window, base);
	count = field(window, base + BARRIER_COUNT);
	if (futex_word(window) != call->value || in <= call->value || in - call->value >= count ||
	    call->value % count != 0 || field(window, base + BARRIER_OUT) > in ||
	    field(window, base + BARRIER_SHARED) != (call->is_private ? 0u : (uint32_t)IS_SHARED))
		return false;
	object->offset = base;
	object->here = in - call->value;
	object->count = count;
	return true;
}

/* ---- Threads ---- */

enum { THREAD_LINKS = -16, THREAD_ROBUST = 8, THREAD_ROBUST_LIST = 16 };

static uint64_t wide(const struct futex_window *window, int32_t offset)
{
	return pthread_wide(window->bytes + PTHREAD_BEFORE + offset, 0);
}

/*
 * The descriptor of a thread: the word is its number, which the kernel clears when it ends.  Links
 * to other threads come before it, then where the list of its robust mutexes ends: at its head.
 */
static bool is_thread(const struct futex_call *call, const struct futex_window *window,
		      struct pthread_object *object)
{
	if (call->is_private || call->address % 8 != 0 || call->value != futex_word(window) ||
	    !pthread_is_number(call->value) ||
	    !covers(window, THREAD_LINKS, THREAD_ROBUST_LIST + 16) ||
	    wide(window, THREAD_LINKS) == 0 || wide(window, THREAD_LINKS + 8) == 0 ||
	    wide(window, THREAD_ROBUST) != call->address + THREAD_ROBUST_LIST)
		return false;
	object->by_kernel = true;
	set_owner(object, call->value, 0);
	return true;
}

/* ---- All ---- */

void pthread_recognize(const struct futex_call *call, const struct futex_window *window,
		       struct pthread_object *object)
{
	const struct pthread_object none = { 0 };

	*object = none;
	if (call->words != 1 || call->requeued || call->address % 4 != 0 || window->after < 4)
		return;
	if (is_mutex(call, window, object)) {
		object->kind = PTHREAD_MUTEX;
		return;
	}
	*object = none;
	if (call->priority_inherit) {
		/* some other library's: the kernel goes by the word alone */
		object->by_kernel = object->by_waiter = true;
		if (pthread_is_number(futex_word(window) & PTHREAD_OWNER_BITS))
			set_owner(object, futex_word(window) & PTHREAD_OWNER_BITS, 0);
		return;
	}
	/* those of which most is known come first */
	if (is_thread(call, window, object)) {
		object->kind = PTHREAD_THREAD;
		return;
	}
	if (is_rwlock(call, window, object))
		return;
	*object = none;
	if (is_condition(call, window, object)) {
		object->kind = PTHREAD_CONDITION;
		return;
	}
	*object = none;
	if (is_barrier(call, window, object))
		object->kind = PTHREAD_BARRIER;
	else if (is_semaphore(call, window))
		object->kind = PTHREAD_SEMAPHORE;
}
