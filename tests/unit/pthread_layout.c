/* SPDX-License-Identifier: MIT */
/* Locks told by their bytes: constructed ones, those of this machine's C library, and garbage. */
#include "unit.h"

#include "insight/pthread_layout.h"
#include "source/remote.h"
#include "source/syscalls.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ADDRESS UINT64_C(0x7f0000001040)
#define SHARED 0
#define PRIVATE FUTEX_PRIVATE_FLAG

/* ---- Constructed ---- */

struct put {
	int32_t offset; /* from the word */
	uint32_t value;
};

struct row {
	const char *what;
	uint64_t address;
	uint32_t op, value;
	struct put puts[12];
	enum pthread_kind kind;
	int32_t offset;
	pid_t owner;
	bool by_kernel;
};

#define MUTEX(word, count, owner, users, kind)                                                     \
	{                                                                                          \
		{ 0, word }, { 4, count }, { 8, owner }, { 12, users },                            \
		{                                                                                  \
			16, kind                                                                   \
		}                                                                                  \
	}
/* base: of the lock from the word */
#define RWLOCK(base, readers, phase, queue, writer, shared)                                        \
	{                                                                                          \
		{ base, readers }, { base + 8, phase }, { base + 12, queue },                      \
			{ base + 24, writer }, { base + 28, shared },                              \
	}
#define CONDITION(base, group, uses, references, sequence)                                         \
	{                                                                                          \
		{ base, sequence }, { base + 16 + 4 * (group), references }, { base + 36, uses },  \
	}
#define BARRIER(in, round, count, shared, out)                                                     \
	{                                                                                          \
		{ -4, in }, { 0, round }, { 4, count }, { 8, shared },                             \
		{                                                                                  \
			12, out                                                                    \
		}                                                                                  \
	}
#define SEM(value, waiters, shared)                                                                \
	{                                                                                          \
		{ 0, value }, { 4, waiters },                                                      \
		{                                                                                  \
			8, shared                                                                  \
		}                                                                                  \
	}
#define THREAD(tid, link, robust)                                                                  \
	{                                                                                          \
		{ -16, link }, { -8, link }, { 0, tid }, { 8, (uint32_t)(ADDRESS + (robust)) },    \
			{ 12, (uint32_t)((ADDRESS + (robust)) >> 32) },                            \
	}
#define WAITERS FUTEX_WAITERS
#define BITSET (FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME)
#define LOCK_PI2 13

static const struct row rows[] = {
	{ "a mutex", ADDRESS, SHARED, 2, MUTEX(2, 0, 77, 1, 128), PTHREAD_MUTEX, 0, 77, false },
	{ "a private one", ADDRESS, PRIVATE, 2, MUTEX(2, 0, 77, 1, 0), PTHREAD_MUTEX, 0, 77,
	  false },
	{ "with a timeout", ADDRESS, BITSET, 2, MUTEX(2, 0, 77, 9, 128), PTHREAD_MUTEX, 0, 77,
	  false },
	{ "recursive", ADDRESS, PRIVATE, 2, MUTEX(2, 3, 77, 1, 1), PTHREAD_MUTEX, 0, 77, false },
	{ "recursive, but had by nobody", ADDRESS, PRIVATE, 2, MUTEX(2, 0, 77, 1, 1), 0, 0, 0, 0 },
	{ "normal, but counted", ADDRESS, PRIVATE, 2, MUTEX(2, 1, 77, 1, 0), 0, 0, 0, 0 },
	{ "error-checking", ADDRESS, PRIVATE, 2, MUTEX(2, 0, 77, 1, 2), PTHREAD_MUTEX, 0, 77, 0 },
	{ "adaptive", ADDRESS, PRIVATE, 2, MUTEX(2, 0, 77, 1, 3), PTHREAD_MUTEX, 0, 77, false },
	{ "elided", ADDRESS, PRIVATE, 2, MUTEX(2, 0, 77, 1, 256), PTHREAD_MUTEX, 0, 77, false },
	{ "with a ceiling", ADDRESS, PRIVATE, (9u << 19) + 2, MUTEX((9u << 19) + 2, 0, 77, 1, 64),
	  PTHREAD_MUTEX, 0, 77, false },
	{ "a private wait for a shared one", ADDRESS, PRIVATE, 2, MUTEX(2, 0, 77, 1, 128), 0, 0, 0,
	  0 },
	{ "a shared wait for a private one", ADDRESS, SHARED, 2, MUTEX(2, 0, 77, 1, 0), 0, 0, 0,
	  0 },
	{ "a kind of tomorrow", ADDRESS, PRIVATE, 2, MUTEX(2, 0, 77, 1, 1024), 0, 0, 0, 0 },
	{ "nobody's", ADDRESS, PRIVATE, 2, MUTEX(2, 0, 0, 1, 0), 0, 0, 0, 0 },
	{ "a negative owner", ADDRESS, PRIVATE, 2, MUTEX(2, 0, 0xffffffff, 1, 0), 0, 0, 0, 0 },
	{ "an owner beyond all pids", ADDRESS, PRIVATE, 2, MUTEX(2, 0, 0x400000, 1, 0), 0, 0, 0,
	  0 },
	{ "the last pid", ADDRESS, PRIVATE, 2, MUTEX(2, 0, 0x3fffff, 1, 0), PTHREAD_MUTEX, 0,
	  0x3fffff, 0 },
	{ "used by nobody", ADDRESS, PRIVATE, 2, MUTEX(2, 0, 77, 0, 0), 0, 0, 0, 0 },
	{ "unlocked meanwhile", ADDRESS, PRIVATE, 2, MUTEX(0, 0, 77, 1, 0), 0, 0, 0, 0 },
	{ "a wait for another value", ADDRESS, PRIVATE, 1, MUTEX(1, 0, 77, 1, 0), 0, 0, 0, 0 },
	{ "at no place for one", ADDRESS + 4, PRIVATE, 2, MUTEX(2, 0, 77, 1, 0), 0, 0, 0, 0 },

	{ "a robust mutex", ADDRESS, SHARED, WAITERS | 77, MUTEX(WAITERS | 77, 0, 77, 1, 128 + 16),
	  PTHREAD_MUTEX, 0, 77, true },
	{ "a private robust one, waited for as if shared", ADDRESS, SHARED, WAITERS | 77,
	  MUTEX(WAITERS | 77, 0, 77, 1, 16), PTHREAD_MUTEX, 0, 77, true },
	{ "its owner died", ADDRESS, SHARED, WAITERS | 77,
	  MUTEX(WAITERS | FUTEX_OWNER_DIED, 0, 77, 1, 128 + 16), 0, 0, 0, 0 },
	{ "word and field differ", ADDRESS, SHARED, WAITERS | 77,
	  MUTEX(WAITERS | 77, 0, 78, 1, 128 + 16), 0, 0, 0, 0 },

	{ "a priority-inheritance mutex", ADDRESS, FUTEX_LOCK_PI, 0,
	  MUTEX(WAITERS | 77, 0, 77, 1, 128 + 32), PTHREAD_MUTEX, 0, 77, true },
	{ "by the later call", ADDRESS, LOCK_PI2 | PRIVATE, 0, MUTEX(WAITERS | 77, 0, 77, 1, 32),
	  PTHREAD_MUTEX, 0, 77, true },
	{ "robust too", ADDRESS, FUTEX_LOCK_PI, 0, MUTEX(WAITERS | 77, 0, 77, 1, 128 + 32 + 16),
	  PTHREAD_MUTEX, 0, 77, true },
	{ "another library's with its number in the word", ADDRESS, FUTEX_LOCK_PI, 0,
	  MUTEX(WAITERS | 77, 1, 2, 3, 4), PTHREAD_NONE, 0, 77, true },
	{ "an inheriting kind by an ordinary wait", ADDRESS, SHARED, 2,
	  MUTEX(2, 0, 77, 1, 128 + 32), 0, 0, 0, 0 },

	{ "a reader behind a writer", ADDRESS, SHARED, 3, RWLOCK(-8, 8 + 3, 3, 1, 77, 1),
	  PTHREAD_READ_LOCK, -8, 77, false },
	{ "no reader is counted", ADDRESS, SHARED, 3, RWLOCK(-8, 3, 3, 1, 77, 1), 0, 0, 0, 0 },
	{ "a writer behind a writer", ADDRESS + 4, PRIVATE, 3, RWLOCK(-12, 3, 1, 3, 77, 0),
	  PTHREAD_WRITE_LOCK, -12, 77, false },
	{ "a writer behind readers", ADDRESS, PRIVATE, 2, RWLOCK(-8, 8 + 2, 2, 1, 0, 0),
	  PTHREAD_WRITE_LOCK, -8, 0, false },
	{ "a reader behind a writer behind readers", ADDRESS, PRIVATE, 8 + 6,
	  RWLOCK(0, 8 + 6, 2, 1, 0, 0), PTHREAD_READ_LOCK, 0, 0, false },
	{ "of the wrong sharing", ADDRESS, PRIVATE, 3, RWLOCK(-8, 8 + 3, 3, 1, 77, 1), 0, 0, 0, 0 },
	{ "shared with 2", ADDRESS, SHARED, 3, RWLOCK(-8, 8 + 3, 3, 1, 77, 2), 0, 0, 0, 0 },
	{ "a phase of tomorrow", ADDRESS, SHARED, 3, RWLOCK(-12, 3, 4, 3, 77, 1), 0, 0, 0, 0 },
	{ "a negative writer", ADDRESS, SHARED, 3, RWLOCK(-8, 8 + 3, 3, 1, 0x80000000, 1), 0, 0, 0,
	  0 },

	{ "a condition's first group", ADDRESS, BITSET, 0, CONDITION(-40, 0, 8 + 1, 2, 2),
	  PTHREAD_CONDITION, -40, 0, false },
	{ "its second group", ADDRESS + 4, BITSET | PRIVATE, 0, CONDITION(-44, 1, 8, 2, 2),
	  PTHREAD_CONDITION, -44, 0, false },
	{ "nobody uses it", ADDRESS, BITSET, 0, CONDITION(-40, 0, 1, 2, 2), 0, 0, 0, 0 },
	{ "nobody refers to the group", ADDRESS, BITSET, 0, CONDITION(-40, 0, 8 + 1, 0, 2), 0, 0, 0,
	  0 },
	{ "more in a group than in all", ADDRESS, BITSET, 0, CONDITION(-40, 0, 8 + 1, 4, 2), 0, 0,
	  0, 0 },
	{ "in the other group", ADDRESS, BITSET, 0, CONDITION(-40, 1, 8 + 1, 2, 2), 0, 0, 0, 0 },
	{ "more than there are threads", ADDRESS, BITSET, 0, CONDITION(-40, 0, 0x80000001, 2, 2), 0,
	  0, 0, 0 },
	{ "nobody ever waited", ADDRESS, BITSET, 0, CONDITION(-40, 0, 8 + 1, 2, 0), 0, 0, 0, 0 },
	{ "of the wrong sharing", ADDRESS, BITSET, 0, CONDITION(-40, 0, 8, 2, 2), 0, 0, 0, 0 },

	{ "a semaphore", ADDRESS, BITSET, 0, SEM(0, 1, 128), PTHREAD_SEMAPHORE, 0, 0, false },
	{ "a private one", ADDRESS, BITSET | PRIVATE, 0, SEM(0, 1, 0), PTHREAD_SEMAPHORE, 0, 0, 0 },
	{ "posted meanwhile", ADDRESS, BITSET, 0, SEM(1, 1, 128), 0, 0, 0, 0 },
	{ "nobody waits", ADDRESS, BITSET, 0, SEM(0, 0, 128), 0, 0, 0, 0 },
	{ "of the wrong sharing", ADDRESS, BITSET, 0, SEM(0, 1, 0), 0, 0, 0, 0 },

	{ "a barrier", ADDRESS + 4, SHARED, 3, BARRIER(5, 3, 3, 128, 3), PTHREAD_BARRIER, -4, 0,
	  0 },
	{ "nobody is there", ADDRESS + 4, SHARED, 3, BARRIER(3, 3, 3, 128, 3), 0, 0, 0, 0 },
	{ "all are there", ADDRESS + 4, SHARED, 3, BARRIER(6, 3, 3, 128, 3), 0, 0, 0, 0 },
	{ "within a round", ADDRESS + 4, SHARED, 4, BARRIER(5, 4, 3, 128, 3), 0, 0, 0, 0 },
	{ "of nobody", ADDRESS + 4, SHARED, 0, BARRIER(1, 0, 0, 128, 0), 0, 0, 0, 0 },
	{ "more left than came", ADDRESS + 4, SHARED, 3, BARRIER(5, 3, 3, 128, 6), 0, 0, 0, 0 },

	{ "a thread that is joined", ADDRESS, BITSET, 77, THREAD(77, 0x1000, 16), PTHREAD_THREAD, 0,
	  77, true },
	{ "no links", ADDRESS, BITSET, 77, THREAD(77, 0, 16), 0, 0, 0, 0 },
	{ "no robust list", ADDRESS, BITSET, 77, THREAD(77, 0x1000, 24), 0, 0, 0, 0 },
	{ "a private wait for it", ADDRESS, BITSET | PRIVATE, 77, THREAD(77, 0x1000, 16), 0, 0, 0,
	  0 },
	{ "it ended", ADDRESS, BITSET, 77, THREAD(0, 0x1000, 16), 0, 0, 0, 0 },

	/* the word of musl's normal mutex is the second one, 16 says that it is had */
	{ "a mutex of musl", ADDRESS + 4, PRIVATE, 0x80000010, MUTEX(0x80000010, 1, 0, 0, 0), 0, 0,
	  0, 0 },
	{ "a robust mutex of musl", ADDRESS + 4, PRIVATE, WAITERS | 77,
	  MUTEX(WAITERS | 77, 1, 0, 0, 0), 0, 0, 0, 0 },
	{ "a semaphore of musl", ADDRESS, PRIVATE, 0x80000000, SEM(0x80000000, 1, 0), 0, 0, 0, 0 },
	{ "a mutex of Rust", ADDRESS, PRIVATE | FUTEX_WAIT_BITSET, 2, MUTEX(2, 0, 0, 0, 0), 0, 0, 0,
	  0 },
	{ "requeued to another", ADDRESS, FUTEX_WAIT_REQUEUE_PI, 0, SEM(0, 1, 128), 0, 0, 0, 0 },
	{ "at an odd address", ADDRESS + 1, SHARED, 2, MUTEX(2, 0, 77, 1, 128), 0, 0, 0, 0 },
};

static void build(const struct row *row, struct futex_call *call, struct futex_window *window)
{
	const uint64_t args[6] = { row->address, row->op, row->value };

	assert_true(futex_parse(args, call));
	*window = (struct futex_window){ .before = PTHREAD_BEFORE, .after = PTHREAD_AFTER };
	for (size_t i = 0; i < COUNT(row->puts); i++) {
		const struct put *put = &row->puts[i];

		if (put->offset != 0 || put->value != 0)
			memcpy(window->bytes + PTHREAD_BEFORE + put->offset, &put->value, 4);
	}
}

static void test_constructed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct pthread_object object;
		struct futex_window window;
		struct futex_call call;

		build(row, &call, &window);
		pthread_recognize(&call, &window, &object);
		CHECK(object.kind == row->kind && object.offset == row->offset &&
			      object.owner == row->owner && object.by_kernel == row->by_kernel,
		      "%s: kind %d at %d of %d, kernel %d", row->what, (int)object.kind,
		      object.offset, (int)object.owner, object.by_kernel);
	}
}

/* What is private to a process no more wait for than it has threads. */
static void test_threads(void **state)
{
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct pthread_object object;
		struct futex_window window;
		struct futex_call call;

		if ((row->op & PRIVATE) == 0 ||
		    (row->kind != PTHREAD_CONDITION && row->kind != PTHREAD_SEMAPHORE))
			continue;
		seen++;
		build(row, &call, &window);
		call.threads = 1;
		pthread_recognize(&call, &window, &object);
		CHECK(object.kind == row->kind, "%s: of one thread", row->what);
		/* one more waiter */
		if (object.offset == 0)
			window.bytes[PTHREAD_BEFORE + 4]++;
		else
			window.bytes[PTHREAD_BEFORE + object.offset + 36] = 16;
		pthread_recognize(&call, &window, &object);
		CHECK(object.kind == PTHREAD_NONE, "%s: of more threads than there are", row->what);
	}
	assert_int_equal(seen, 2);
}

/* What lies beyond the valid bytes is not looked at: without them it is none. */
static void test_cut(void **state)
{
	static const struct {
		const char *what;
		size_t before, after;
	} sizes[] = {
		{ "a mutex", 0, 20 },
		{ "a reader behind a writer", 8, 44 },
		{ "a writer behind a writer", 12, 40 },
		{ "a condition's first group", 40, 8 },
		{ "its second group", 44, 4 },
		{ "a semaphore", 0, 12 + 4 },
		{ "a barrier", 4, 16 },
		{ "a thread that is joined", 16, 16 },
	};
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++)
		for (size_t j = 0; j < COUNT(rows); j++) {
			struct pthread_object object;
			struct futex_window window;
			struct futex_call call;

			if (strcmp(sizes[i].what, rows[j].what) != 0)
				continue;
			seen++;
			build(&rows[j], &call, &window);
			window.before = sizes[i].before;
			window.after = sizes[i].after;
			pthread_recognize(&call, &window, &object);
			CHECK(object.kind == rows[j].kind, "%s: not of its own bytes",
			      rows[j].what);
			window.after--;
			pthread_recognize(&call, &window, &object);
			CHECK(object.kind == PTHREAD_NONE, "%s: cut behind", rows[j].what);
			window.after++;
			if (window.before == 0)
				continue;
			window.before--;
			pthread_recognize(&call, &window, &object);
			CHECK(object.kind == PTHREAD_NONE, "%s: cut before", rows[j].what);
		}
	assert_int_equal(seen, COUNT(sizes));
}

static void test_garbage(void **state)
{
	static const uint32_t ops[] = { SHARED, PRIVATE, BITSET, BITSET | PRIVATE };
	uint32_t found = 0;

	(void)state;
	srandom(1);
	for (size_t i = 0; i < 400000; i++) {
		const uint32_t op = ops[i % 4];
		const uint64_t args[6] = { ADDRESS + (i / 4 % 2) * 4, op };
		struct futex_window window = { .before = PTHREAD_BEFORE, .after = PTHREAD_AFTER };
		struct pthread_object object;
		struct futex_call call;

		assert_true(futex_parse(args, &call));
		for (size_t j = 0; j < sizeof(window.bytes); j++)
			window.bytes[j] = (unsigned char)(i % 3 == 0 ? random() : random() % 4);
		call.value = futex_word(&window);
		call.threads = 64;
		pthread_recognize(&call, &window, &object);
		found += object.kind != PTHREAD_NONE;
	}
	assert_int_equal(found, 0);
}

static void test_commands(void **state)
{
	static const struct {
		uint64_t op;
		bool waits, is_private, inherits;
	} commands[] = {
		{ FUTEX_WAIT, true, false, false },
		{ FUTEX_WAIT | PRIVATE, true, true, false },
		{ BITSET, true, false, false },
		{ FUTEX_LOCK_PI | PRIVATE, true, true, true },
		{ LOCK_PI2, true, false, true },
		{ FUTEX_WAIT_REQUEUE_PI, true, false, false },
		{ FUTEX_WAKE, false, false, false },
		{ FUTEX_REQUEUE, false, false, false },
		{ FUTEX_UNLOCK_PI, false, false, false },
		{ FUTEX_TRYLOCK_PI, false, false, false },
		{ 77, false, false, false },
		{ UINT64_C(1) << 32 | FUTEX_WAIT, true, false,
		  false }, /* an int: the rest is not */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		const uint64_t args[6] = { ADDRESS, commands[i].op, UINT64_C(7) << 32 | 5, 9 };
		struct futex_call call;

		CHECK(futex_parse(args, &call) == commands[i].waits, "command %u",
		      (unsigned)commands[i].op);
		CHECK(!commands[i].waits || (call.is_private == commands[i].is_private &&
					     call.priority_inherit == commands[i].inherits &&
					     call.value == 5 && call.timeout),
		      "command %u: other fields", (unsigned)commands[i].op);
	}
}

/* ---- Of this C library ---- */

static union {
	pthread_mutex_t mutex;
	pthread_rwlock_t rwlock;
	pthread_cond_t condition;
	pthread_barrier_t barrier;
	sem_t semaphore;
	unsigned char bytes[64];
} lock;
static pthread_mutex_t beside; /* of the condition */
static pthread_t other;
static struct timespec limit;

static void wait_mutex(void)
{
	pthread_mutex_lock(&lock.mutex);
	pthread_mutex_unlock(&lock.mutex);
}

static void wait_mutex_timed(void)
{
	pthread_mutex_timedlock(&lock.mutex, &limit);
	pthread_mutex_unlock(&lock.mutex);
}

static void wait_mutex_clock(void)
{
	pthread_mutex_clocklock(&lock.mutex, CLOCK_MONOTONIC, &limit);
	pthread_mutex_unlock(&lock.mutex);
}

static void wait_read(void)
{
	pthread_rwlock_rdlock(&lock.rwlock);
	pthread_rwlock_unlock(&lock.rwlock);
}

static void wait_read_timed(void)
{
	pthread_rwlock_timedrdlock(&lock.rwlock, &limit);
	pthread_rwlock_unlock(&lock.rwlock);
}

static void wait_write(void)
{
	pthread_rwlock_wrlock(&lock.rwlock);
	pthread_rwlock_unlock(&lock.rwlock);
}

static void wait_write_clock(void)
{
	pthread_rwlock_clockwrlock(&lock.rwlock, CLOCK_MONOTONIC, &limit);
	pthread_rwlock_unlock(&lock.rwlock);
}

static void wait_condition(void)
{
	pthread_mutex_lock(&beside);
	pthread_cond_wait(&lock.condition, &beside);
	pthread_mutex_unlock(&beside);
}

static void wait_condition_clock(void)
{
	pthread_mutex_lock(&beside);
	pthread_cond_clockwait(&lock.condition, &beside, CLOCK_MONOTONIC, &limit);
	pthread_mutex_unlock(&beside);
}

static void wait_semaphore(void)
{
	sem_wait(&lock.semaphore);
}

static void wait_semaphore_clock(void)
{
	sem_clockwait(&lock.semaphore, CLOCK_MONOTONIC, &limit);
}

static void wait_barrier(void)
{
	pthread_barrier_wait(&lock.barrier);
}

static void wait_join(void)
{
	pthread_join(other, NULL);
}

static void *run(void *data)
{
	void (*const *work)(void) = data;

	(*work)();
	return NULL;
}

/* The system call that a thread of ours sleeps in; false: it does not yet. */
static bool asleep_in(pid_t tid, struct futex_call *call)
{
	struct syscall_state at;
	char path[64], text[256];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0 && syscall_parse(text, &at) && at.where == SYSCALL_INSIDE &&
	       at.number == SYS_futex && futex_parse(at.args, call);
}

struct thread_start {
	void (*work)(void);
	_Atomic pid_t tid;
};

static void *say_and_run(void *data)
{
	struct thread_start *start = data;
	void (*work)(void) = start->work;

	start->tid = (pid_t)syscall(SYS_gettid);
	return run(&work);
}

/* Park a thread in work(), look at what it waits on, then have it let go by release(). */
static struct pthread_object parked(const char *what, void (*work)(void), void (*release)(void),
				    bool is_private)
{
	struct thread_start start = { .work = work };
	struct pthread_object object = { 0 };
	struct futex_window window = { .before = PTHREAD_BEFORE, .after = PTHREAD_AFTER };
	struct futex_call call;
	pthread_t thread;
	uint64_t seen = 0;

	assert_int_equal(pthread_create(&thread, NULL, say_and_run, &start), 0);
	/* the same call, at the lock itself, twice: start-up waits for nothing there */
	for (int i = 0; i < 200000 && seen < 2; i++) {
		const bool at = start.tid != 0 && asleep_in(start.tid, &call);

		seen = at && call.is_private == is_private ? seen + 1 : 0;
		usleep(100);
	}
	CHECK(seen == 2, "%s: does not wait", what);
	assert_int_equal(remote_read(getpid(), call.address - PTHREAD_BEFORE, window.bytes,
				     sizeof(window.bytes)),
			 0);
	pthread_recognize(&call, &window, &object);
	CHECK(object.kind == PTHREAD_THREAD ||
		      call.address + (uint64_t)(int64_t)object.offset == (uint64_t)(uintptr_t)&lock,
	      "%s: at %d", what, object.offset);
	release();
	pthread_join(thread, NULL);
	return object;
}

static void expect(const char *what, struct pthread_object object, enum pthread_kind kind,
		   pid_t owner, bool by_kernel)
{
	CHECK(object.kind == kind && object.owner == owner && object.by_kernel == by_kernel,
	      "%s: kind %d of %d, kernel %d", what, (int)object.kind, (int)object.owner,
	      object.by_kernel);
}

static void unlock_mutex(void)
{
	pthread_mutex_unlock(&lock.mutex);
}

static void test_mutexes(void **state)
{
	static const int types[] = { PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE,
				     PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_ADAPTIVE_NP };
	static void (*const waits[])(void) = { wait_mutex, wait_mutex_timed, wait_mutex_clock };
	const pid_t self = (pid_t)syscall(SYS_gettid);
	uint32_t word = 0;
	/* before Linux 5.14, and in valgrind, there is no such call */
	const bool has_pi2 = syscall(SYS_futex, &word, LOCK_PI2 | PRIVATE, 0, NULL, NULL, 0) == 0;

	(void)state;
	/* type, sharing, robust, protocol, call */
	for (unsigned i = 0; i < 4 * 2 * 2 * 2 * 3; i++) {
		const int type = types[i % 4];
		const bool shared = i / 4 % 2, robust = i / 8 % 2, inherits = i / 16 % 2;
		pthread_mutexattr_t attributes;
		char what[64];

		if (inherits && !has_pi2 && waits[i / 32] == wait_mutex_clock)
			continue;
		snprintf(what, sizeof(what), "type %d shared %d robust %d inherits %d call %u",
			 type, shared, robust, inherits, i / 32);
		pthread_mutexattr_init(&attributes);
		pthread_mutexattr_settype(&attributes, type);
		pthread_mutexattr_setpshared(&attributes, shared);
		pthread_mutexattr_setrobust(&attributes, robust);
		pthread_mutexattr_setprotocol(&attributes,
					      inherits ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE);
		memset(&lock, 0xa5, sizeof(lock)); /* the memory was used before */
		assert_int_equal(pthread_mutex_init(&lock.mutex, &attributes), 0);
		pthread_mutex_lock(&lock.mutex);
		expect(what, parked(what, waits[i / 32], unlock_mutex, !shared && !robust),
		       PTHREAD_MUTEX, self, robust || inherits);
		pthread_mutex_destroy(&lock.mutex);
	}
}

static void unlock_rwlock(void)
{
	pthread_rwlock_unlock(&lock.rwlock);
}

static void test_rwlocks(void **state)
{
	static const struct {
		void (*wait)(void);
		bool behind_writer, reads;
	} waits[] = {
		{ wait_read, true, true },    { wait_read_timed, true, true },
		{ wait_write, true, false },  { wait_write_clock, true, false },
		{ wait_write, false, false }, { wait_write_clock, false, false },
	};
	const pid_t self = (pid_t)syscall(SYS_gettid);

	(void)state;
	for (unsigned i = 0; i < COUNT(waits) * 2 * 3; i++) {
		const unsigned row = i % COUNT(waits), shared = i / COUNT(waits) % 2,
			       kind = i / COUNT(waits) / 2;
		pthread_rwlockattr_t attributes;
		char what[64];

		snprintf(what, sizeof(what), "row %u shared %u kind %u", row, shared, kind);
		pthread_rwlockattr_init(&attributes);
		pthread_rwlockattr_setpshared(&attributes, (int)shared);
		pthread_rwlockattr_setkind_np(&attributes, (int)kind);
		memset(&lock, 0xa5, sizeof(lock));
		assert_int_equal(pthread_rwlock_init(&lock.rwlock, &attributes), 0);
		if (waits[row].behind_writer)
			pthread_rwlock_wrlock(&lock.rwlock);
		else
			pthread_rwlock_rdlock(&lock.rwlock);
		expect(what, parked(what, waits[row].wait, unlock_rwlock, !shared),
		       waits[row].reads ? PTHREAD_READ_LOCK : PTHREAD_WRITE_LOCK,
		       waits[row].behind_writer ? self : 0, false);
		pthread_rwlock_destroy(&lock.rwlock);
	}
}

static void signal_condition(void)
{
	pthread_mutex_lock(&beside);
	pthread_cond_signal(&lock.condition);
	pthread_mutex_unlock(&beside);
}

/* Its groups of waiters change places with each signal. */
static void test_conditions(void **state)
{
	(void)state;
	for (int shared = 0; shared < 2; shared++) {
		pthread_condattr_t attributes;

		pthread_condattr_init(&attributes);
		pthread_condattr_setpshared(&attributes, shared);
		memset(&lock, 0xa5, sizeof(lock));
		pthread_cond_init(&lock.condition, &attributes);
		for (int i = 0; i < 6; i++)
			expect("condition",
			       parked("condition",
				      i % 2 == 0 ? wait_condition : wait_condition_clock,
				      signal_condition, !shared),
			       PTHREAD_CONDITION, 0, false);
		pthread_cond_destroy(&lock.condition);
	}
}

static void post(void)
{
	sem_post(&lock.semaphore);
}

static void test_semaphores(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		memset(&lock, 0xa5, sizeof(lock));
		sem_init(&lock.semaphore, i % 2, 0);
		expect("semaphore",
		       parked("semaphore", i / 2 == 0 ? wait_semaphore : wait_semaphore_clock, post,
			      i % 2 == 0),
		       PTHREAD_SEMAPHORE, 0, false);
	}
}

static void test_barriers(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		pthread_barrierattr_t attributes;
		struct pthread_object object;

		pthread_barrierattr_init(&attributes);
		pthread_barrierattr_setpshared(&attributes, i % 2);
		if (i < 2) { /* then its next rounds */
			memset(&lock, 0xa5, sizeof(lock));
			pthread_barrier_init(&lock.barrier, &attributes, 2);
		}
		object = parked("barrier", wait_barrier, wait_barrier, i < 2 ? i == 0 : false);
		expect("barrier", object, PTHREAD_BARRIER, 0, false);
		assert_int_equal(object.here, 1);
		assert_int_equal(object.count, 2);
	}
}

static int wake_up[2];
static _Atomic pid_t other_tid;

static void *read_one(void *data)
{
	char byte;

	other_tid = (pid_t)syscall(SYS_gettid);
	return read(wake_up[0], &byte, 1) == 1 ? data : NULL;
}

static void let_other_go(void)
{
	assert_int_equal(write(wake_up[1], "x", 1), 1);
}

static void test_joins(void **state)
{
	struct pthread_object object;

	(void)state;
	assert_int_equal(pipe(wake_up), 0);
	assert_int_equal(pthread_create(&other, NULL, read_one, NULL), 0);
	while (other_tid == 0)
		sched_yield();
	object = parked("join", wait_join, let_other_go, false);
	expect("join", object, PTHREAD_THREAD, other_tid, true);
	close(wake_up[0]);
	close(wake_up[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("Only the commands that wait are taken", test_commands),
		TEST("Every field must fit", test_constructed),
		TEST("Bytes that are not there make it none", test_cut),
		TEST("No more wait than there are threads", test_threads),
		TEST("Garbage is no lock", test_garbage),
		TEST("Mutexes of every type, call and sharing", test_mutexes),
		TEST("Read-write locks behind readers and writers", test_rwlocks),
		TEST("Conditions, group after group", test_conditions),
		TEST("Semaphores", test_semaphores),
		TEST("Barriers, round after round", test_barriers),
		TEST("Threads that are joined", test_joins),
	};

	clock_gettime(CLOCK_REALTIME, &limit); /* later than all of CLOCK_MONOTONIC too */
	limit.tv_sec += 1000;
	return RUN(tests);
}
