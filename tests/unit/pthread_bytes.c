/* SPDX-License-Identifier: MIT */
/*
 * Locks by their bytes alone: those of this machine's C library in every state that its calls can
 * bring them to, bytes that contradict themselves, and random ones.
 */
#include "unit.h"

#include "insight/pthread_bytes.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static union {
	pthread_mutex_t mutex;
	pthread_rwlock_t rwlock;
	pthread_cond_t cond;
	sem_t sem;
	uint32_t words[16];
	unsigned char bytes[64];
} area;

static struct pthread_bytes read_as(enum ipck_sync_kind kind)
{
	struct pthread_bytes lock;

	pthread_bytes_read(kind, area.bytes, &lock);
	return lock;
}

static pid_t own(void)
{
	return (pid_t)syscall(SYS_gettid);
}

static void is_state(const struct pthread_bytes *lock, enum ipck_sync_state state, pid_t owner,
		     unsigned attributes, const char *what)
{
	CHECK(lock->state == state && !lock->between, "%s: state %s, between %d", what,
	      ipck_sync_state_name(lock->state), lock->between);
	CHECK(lock->owner == owner, "%s: owner %d", what, (int)lock->owner);
	CHECK(lock->attributes == attributes, "%s: attributes 0x%x", what, lock->attributes);
}

/* ---- Threads ---- */

static void *run(void *act)
{
	((void (*)(void))act)();
	return NULL;
}

static pthread_t start(void (*act)(void))
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, run, (void *)act), 0);
	return thread;
}

/* Poll until the bytes say that so many wait. */
static struct pthread_bytes await(enum ipck_sync_kind kind, uint64_t waiters)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct pthread_bytes lock = read_as(kind);

	for (unsigned i = 0; i < 20000; i++) {
		if (lock.waiters >= waiters && (waiters > 0 || lock.waiters_some))
			return lock;
		nanosleep(&pause, NULL);
		lock = read_as(kind);
	}
	fail_msg("nobody came to wait");
	return lock;
}

static pid_t other;

static void lock_and_end(void)
{
	other = own();
	pthread_mutex_lock(&area.mutex);
}

static void lock_and_unlock(void)
{
	if (pthread_mutex_lock(&area.mutex) == 0)
		pthread_mutex_unlock(&area.mutex);
}

/* ---- Mutexes ---- */

static const struct type {
	const char *what;
	int type, robust, protocol, shared;
	unsigned attributes;
	bool by_kernel;
} types[] = {
#define SHARED PTHREAD_PROCESS_SHARED
#define STALLED PTHREAD_MUTEX_STALLED
#define ROBUST PTHREAD_MUTEX_ROBUST
#define NONE PTHREAD_PRIO_NONE
	{ "private", PTHREAD_MUTEX_NORMAL, STALLED, NONE, PTHREAD_PROCESS_PRIVATE, 0, false },
	{ "normal", PTHREAD_MUTEX_NORMAL, STALLED, NONE, SHARED, IPCK_SYNC_PSHARED, false },
	{ "recursive", PTHREAD_MUTEX_RECURSIVE, STALLED, NONE, SHARED,
	  IPCK_SYNC_PSHARED | IPCK_SYNC_RECURSIVE, false },
	{ "errorcheck", PTHREAD_MUTEX_ERRORCHECK, STALLED, NONE, SHARED,
	  IPCK_SYNC_PSHARED | IPCK_SYNC_ERRORCHECK, false },
	{ "adaptive", PTHREAD_MUTEX_ADAPTIVE_NP, STALLED, NONE, SHARED,
	  IPCK_SYNC_PSHARED | IPCK_SYNC_ADAPTIVE, false },
	{ "robust", PTHREAD_MUTEX_NORMAL, ROBUST, NONE, SHARED,
	  IPCK_SYNC_PSHARED | IPCK_SYNC_ROBUST, true },
	{ "robust recursive", PTHREAD_MUTEX_RECURSIVE, ROBUST, NONE, SHARED,
	  IPCK_SYNC_PSHARED | IPCK_SYNC_ROBUST | IPCK_SYNC_RECURSIVE, true },
	{ "pi", PTHREAD_MUTEX_NORMAL, STALLED, PTHREAD_PRIO_INHERIT, SHARED,
	  IPCK_SYNC_PSHARED | IPCK_SYNC_PI, true },
	{ "pi recursive", PTHREAD_MUTEX_RECURSIVE, STALLED, PTHREAD_PRIO_INHERIT, SHARED,
	  IPCK_SYNC_PSHARED | IPCK_SYNC_PI | IPCK_SYNC_RECURSIVE, true },
	{ "pi robust", PTHREAD_MUTEX_NORMAL, ROBUST, PTHREAD_PRIO_INHERIT, SHARED,
	  IPCK_SYNC_PSHARED | IPCK_SYNC_PI | IPCK_SYNC_ROBUST, true },
	{ "protect", PTHREAD_MUTEX_NORMAL, STALLED, PTHREAD_PRIO_PROTECT, SHARED,
	  IPCK_SYNC_PSHARED | IPCK_SYNC_PROTECT, false },
};

static void make(const struct type *type)
{
	pthread_mutexattr_t attributes;

	memset(&area, 0xa5, sizeof(area)); /* what is behind a lock does not matter */
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, type->type);
	pthread_mutexattr_setrobust(&attributes, type->robust);
	pthread_mutexattr_setprotocol(&attributes, type->protocol);
	pthread_mutexattr_setpshared(&attributes, type->shared);
	assert_int_equal(pthread_mutex_init(&area.mutex, &attributes), 0);
}

static void mutexes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		const struct type *type = &types[i];
		struct pthread_bytes lock;

		make(type);
		for (unsigned round = 0; round < 3; round++) {
			lock = read_as(IPCK_SYNC_MUTEX);
			is_state(&lock, IPCK_SYNC_FREE, 0, type->attributes, type->what);
			if (pthread_mutex_lock(&area.mutex) != 0)
				break; /* to protect priorities one must be allowed to */
			lock = read_as(IPCK_SYNC_MUTEX);
			is_state(&lock, IPCK_SYNC_TAKEN, own(), type->attributes, type->what);
			CHECK(lock.by_kernel == type->by_kernel, "%s: by kernel", type->what);
			CHECK(lock.count == 1, "%s: count", type->what);
			CHECK(!lock.waiters_some, "%s: waiters", type->what);
			assert_int_equal(pthread_mutex_unlock(&area.mutex), 0);
		}
	}
}

static void recursion(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		if (types[i].type != PTHREAD_MUTEX_RECURSIVE)
			continue;
		make(&types[i]);
		for (unsigned n = 1; n <= 5; n++) {
			struct pthread_bytes lock;

			assert_int_equal(pthread_mutex_lock(&area.mutex), 0);
			lock = read_as(IPCK_SYNC_MUTEX);
			is_state(&lock, IPCK_SYNC_TAKEN, own(), types[i].attributes, types[i].what);
			CHECK(lock.count == n, "%s: count", types[i].what);
		}
		for (unsigned n = 1; n <= 5; n++) /* or the list of robust ones would break */
			pthread_mutex_unlock(&area.mutex);
	}
}

static void waited_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		struct pthread_bytes lock;
		pthread_t thread;

		/* to be as urgent as who has it is too much for another who wants it */
		if (types[i].protocol == PTHREAD_PRIO_PROTECT)
			continue;
		make(&types[i]);
		assert_int_equal(pthread_mutex_lock(&area.mutex), 0);
		thread = start(lock_and_unlock);
		lock = await(IPCK_SYNC_MUTEX, 0);
		is_state(&lock, IPCK_SYNC_TAKEN, own(), types[i].attributes, types[i].what);
		CHECK(!lock.waiters_counted, "%s: counted", types[i].what);
		assert_int_equal(pthread_mutex_unlock(&area.mutex), 0);
		pthread_join(thread, NULL);
		lock = read_as(IPCK_SYNC_MUTEX);
		is_state(&lock, IPCK_SYNC_FREE, 0, types[i].attributes, types[i].what);
	}
}

static void dead_owners(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		const struct type *type = &types[i];
		struct pthread_bytes lock;

		make(type);
		pthread_join(start(lock_and_end), NULL);
		lock = read_as(IPCK_SYNC_MUTEX);
		if (lock.state == IPCK_SYNC_FREE)
			continue; /* to protect priorities one must be allowed to */
		if (type->robust != ROBUST) {
			is_state(&lock, IPCK_SYNC_TAKEN, other, type->attributes, type->what);
			continue;
		}
		is_state(&lock, IPCK_SYNC_OWNER_DIED, other, type->attributes, type->what);
		CHECK(lock.by_kernel && !lock.inconsistent, "%s: died", type->what);
		assert_int_equal(pthread_mutex_lock(&area.mutex), EOWNERDEAD);
		lock = read_as(IPCK_SYNC_MUTEX);
		is_state(&lock, IPCK_SYNC_OWNER_DIED, own(), type->attributes, type->what);
		CHECK(lock.by_kernel && lock.inconsistent, "%s: inconsistent", type->what);
		assert_int_equal(pthread_mutex_consistent(&area.mutex), 0);
		lock = read_as(IPCK_SYNC_MUTEX);
		is_state(&lock, IPCK_SYNC_TAKEN, own(), type->attributes, type->what);
		assert_int_equal(pthread_mutex_unlock(&area.mutex), 0);
		lock = read_as(IPCK_SYNC_MUTEX);
		is_state(&lock, IPCK_SYNC_FREE, 0, type->attributes, type->what);
		pthread_join(start(lock_and_end), NULL);
		assert_int_equal(pthread_mutex_lock(&area.mutex), EOWNERDEAD);
		assert_int_equal(pthread_mutex_unlock(&area.mutex), 0);
		lock = read_as(IPCK_SYNC_MUTEX);
		is_state(&lock, IPCK_SYNC_UNUSABLE, 0, type->attributes, type->what);
		assert_int_equal(pthread_mutex_lock(&area.mutex), ENOTRECOVERABLE);
	}
}

static void destroyed(void **state)
{
	struct pthread_bytes lock;

	(void)state;
	make(&types[1]);
	assert_int_equal(pthread_mutex_destroy(&area.mutex), 0);
	lock = read_as(IPCK_SYNC_MUTEX);
	is_state(&lock, IPCK_SYNC_NONE, 0, 0, "destroyed");
	assert_true(lock.destroyed);
}

/* ---- Bytes that are none ---- */

struct mutex_row {
	const char *what;
	uint32_t words[10]; /* lock count owner users kind spins previous[2] next[2] */
	enum ipck_sync_state state;
	bool between;
};

#define LIVE 0x7f00, 0x7fff
static const struct mutex_row mutex_rows[] = {
	{ "all zero", { 0 }, IPCK_SYNC_FREE, false },
	{ "taken", { 1, 0, 4711, 1, 128 }, IPCK_SYNC_TAKEN, false },
	{ "users on a condition", { 0, 0, 0, 3, 128 }, IPCK_SYNC_FREE, false },
	{ "a word above 2", { 3, 0, 4711, 1, 128 }, IPCK_SYNC_NONE, false },
	{ "an owner that is no number", { 1, 0, 0x400000, 1, 128 }, IPCK_SYNC_NONE, false },
	{ "too many users", { 1, 0, 4711, 0x400000, 128 }, IPCK_SYNC_NONE, false },
	{ "an unknown kind", { 1, 0, 4711, 1, 128 | 4 }, IPCK_SYNC_NONE, false },
	{ "a high kind", { 1, 0, 4711, 1, 128 | 0x10000 }, IPCK_SYNC_NONE, false },
	{ "two protocols", { 0, 0, 0, 0, 128 | 32 | 64 }, IPCK_SYNC_NONE, false },
	{ "robust, with protection", { 0, 0, 0, 0, 128 | 16 | 64 }, IPCK_SYNC_NONE, false },
	{ "spins", { 0, 0, 0, 0, 128, 1 }, IPCK_SYNC_NONE, false },
	{ "spins of an adaptive one", { 0, 0, 0, 0, 131, 100 }, IPCK_SYNC_FREE, false },
	{ "spins below zero", { 0, 0, 0, 0, 131, 0xffff }, IPCK_SYNC_NONE, false },
	{ "elision", { 0, 0, 0, 0, 128, 0x10000 }, IPCK_SYNC_NONE, false },
	{ "elision of one that may", { 0, 0, 0, 0, 128 | 256, 0x30000 }, IPCK_SYNC_FREE, false },
	{ "a link", { 0, 0, 0, 0, 128, 0, LIVE }, IPCK_SYNC_NONE, false },
	{ "links of a robust one",
	  { 4711, 1, 4711, 1, 144, 0, LIVE, LIVE },
	  IPCK_SYNC_TAKEN,
	  false },
	{ "a crooked link", { 4711, 1, 4711, 1, 144, 0, 0x7f02, 0, LIVE }, IPCK_SYNC_NONE, false },
	{ "a small link", { 4711, 1, 4711, 1, 144, 0, 8, 0, LIVE }, IPCK_SYNC_NONE, false },
	{ "a link of the kernel",
	  { 4711, 1, 4711, 1, 144, 0, 0, ~0u, LIVE },
	  IPCK_SYNC_NONE,
	  false },
	{ "counted, but not recursive", { 1, 1, 4711, 1, 128 }, IPCK_SYNC_NONE, true },
	{ "recursive, but not counted", { 1, 0, 4711, 1, 129 }, IPCK_SYNC_NONE, true },
	{ "free, and counted", { 0, 1, 0, 0, 129 }, IPCK_SYNC_NONE, true },
	{ "free, and owned", { 0, 0, 4711, 1, 128 }, IPCK_SYNC_NONE, true },
	{ "taken by nobody", { 1, 0, 0, 0, 128 }, IPCK_SYNC_TAKEN, true },
	{ "taken, without users", { 1, 0, 4711, 0, 128 }, IPCK_SYNC_NONE, true },
	{ "the word is ahead", { 4711, 1, 0, 0, 144 }, IPCK_SYNC_TAKEN, true },
	{ "another owner than the word's", { 4711, 1, 4712, 1, 144 }, IPCK_SYNC_NONE, true },
	{ "a robust word that is no number", { 0x400000, 1, 4711, 1, 144 }, IPCK_SYNC_NONE, false },
	{ "free, but in a list", { 0, 1, 0, 0, 144, 0, LIVE, LIVE }, IPCK_SYNC_NONE, true },
	{ "waiters, and nobody has it", { 0x80000000, 1, 0, 0, 144 }, IPCK_SYNC_NONE, false },
	{ "died, but not robust", { 0x40000000, 1, 4711, 1, 160 }, IPCK_SYNC_NONE, false },
	{ "died", { 0xc0000000, 1, 4711, 1, 144 }, IPCK_SYNC_OWNER_DIED, false },
	{ "a strange owner", { 0, 1, 0x7ffffffd, 0, 144 }, IPCK_SYNC_NONE, false },
	{ "not recoverable", { 0, 1, 0x7ffffffe, 0, 144 }, IPCK_SYNC_UNUSABLE, false },
	{ "the same, but not robust", { 0, 1, 0x7ffffffe, 0, 160 }, IPCK_SYNC_NONE, false },
	{ "a ceiling", { 7 << 19, 0, 0, 0, 128 | 64 }, IPCK_SYNC_FREE, false },
	{ "under a ceiling", { 7 << 19 | 2, 1, 4711, 1, 128 | 64 }, IPCK_SYNC_TAKEN, false },
	{ "no ceiling", { 0, 0, 0, 0, 128 | 64 }, IPCK_SYNC_NONE, false },
	{ "too high a ceiling", { 100 << 19, 0, 0, 0, 128 | 64 }, IPCK_SYNC_NONE, false },
	{ "spins of one that the kernel knows", { 0, 0, 0, 0, 147, 18 }, IPCK_SYNC_NONE, false },
	{ "elision of a recursive one", { 0, 0, 0, 0, 129 | 256 }, IPCK_SYNC_NONE, false },
	{ "elision, and none", { 0, 0, 0, 0, 128 | 256 | 512 }, IPCK_SYNC_NONE, false },
	{ "a ceiling of none", { 7 << 19, 0, 0, 0, 128 }, IPCK_SYNC_NONE, false },
};

static void contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mutex_rows); i++) {
		const struct mutex_row *row = &mutex_rows[i];
		struct pthread_bytes lock;

		memset(&area, 0xa5, sizeof(area));
		memcpy(area.words, row->words, sizeof(row->words));
		lock = read_as(IPCK_SYNC_MUTEX);
		CHECK(lock.state == row->state, "%s: %s", row->what,
		      ipck_sync_state_name(lock.state));
		CHECK(lock.between == row->between, "%s: between %d", row->what, lock.between);
	}
}

/* ---- Read-write locks ---- */

static void read_lock(void)
{
	pthread_rwlock_rdlock(&area.rwlock);
	pthread_rwlock_unlock(&area.rwlock);
}

static void write_lock(void)
{
	pthread_rwlock_wrlock(&area.rwlock);
	pthread_rwlock_unlock(&area.rwlock);
}

static void make_rwlock(int kind)
{
	pthread_rwlockattr_t attributes;

	memset(&area, 0xa5, sizeof(area));
	pthread_rwlockattr_init(&attributes);
	pthread_rwlockattr_setpshared(&attributes, SHARED);
	pthread_rwlockattr_setkind_np(&attributes, kind);
	assert_int_equal(pthread_rwlock_init(&area.rwlock, &attributes), 0);
}

static void is_waited(const struct pthread_bytes *lock, uint64_t readers, uint64_t writers)
{
	CHECK(lock->readers_waiting == readers && lock->writers_waiting == writers,
	      "%llu readers, %llu writers wait", (unsigned long long)lock->readers_waiting,
	      (unsigned long long)lock->writers_waiting);
	assert_int_equal(lock->waiters, readers + writers);
}

static void rwlocks(void **state)
{
	struct pthread_bytes lock;
	pthread_t threads[3];

	(void)state;
	make_rwlock(PTHREAD_RWLOCK_DEFAULT_NP);
	for (unsigned round = 0; round < 3; round++) {
		lock = read_as(IPCK_SYNC_RWLOCK);
		is_state(&lock, IPCK_SYNC_FREE, 0, IPCK_SYNC_PSHARED, "free");
		for (unsigned n = 1; n <= 3; n++) {
			pthread_rwlock_rdlock(&area.rwlock);
			lock = read_as(IPCK_SYNC_RWLOCK);
			is_state(&lock, IPCK_SYNC_SHARED, 0, IPCK_SYNC_PSHARED, "readers");
			assert_int_equal(lock.count, n);
		}
		threads[0] = start(write_lock);
		lock = await(IPCK_SYNC_RWLOCK, 1);
		is_state(&lock, IPCK_SYNC_SHARED, 0, IPCK_SYNC_PSHARED, "a writer waits");
		is_waited(&lock, 0, 1);
		for (unsigned n = 0; n < 3; n++)
			pthread_rwlock_unlock(&area.rwlock);
		pthread_join(threads[0], NULL);
		pthread_rwlock_wrlock(&area.rwlock);
		lock = read_as(IPCK_SYNC_RWLOCK);
		is_state(&lock, IPCK_SYNC_TAKEN, own(), IPCK_SYNC_PSHARED, "a writer");
		threads[0] = start(read_lock);
		threads[1] = start(read_lock);
		lock = await(IPCK_SYNC_RWLOCK, 2);
		assert_true(lock.waiters_counted);
		threads[2] = start(write_lock);
		do
			lock = read_as(IPCK_SYNC_RWLOCK);
		while (lock.waiters_counted);
		is_state(&lock, IPCK_SYNC_TAKEN, own(), IPCK_SYNC_PSHARED, "behind a writer");
		is_waited(&lock, 2, 0);
		assert_true(lock.waiters_some);
		pthread_rwlock_unlock(&area.rwlock);
		for (unsigned i = 0; i < 3; i++)
			pthread_join(threads[i], NULL);
	}
}

static void preferred_writers(void **state)
{
	const unsigned attributes = IPCK_SYNC_PSHARED | IPCK_SYNC_PREFER_WRITER;
	struct pthread_bytes lock;
	pthread_t writer, reader;

	(void)state;
	make_rwlock(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_rdlock(&area.rwlock);
	writer = start(write_lock);
	await(IPCK_SYNC_RWLOCK, 1);
	reader = start(read_lock);
	do
		lock = read_as(IPCK_SYNC_RWLOCK);
	while (lock.waiters_counted);
	is_state(&lock, IPCK_SYNC_SHARED, 0, attributes, "a reader behind a writer");
	is_waited(&lock, 0, 1);
	assert_true(lock.waiters_some);
	pthread_rwlock_unlock(&area.rwlock);
	pthread_join(writer, NULL);
	pthread_join(reader, NULL);
	pthread_rwlock_wrlock(&area.rwlock);
	writer = start(write_lock);
	lock = await(IPCK_SYNC_RWLOCK, 1);
	is_state(&lock, IPCK_SYNC_TAKEN, own(), attributes, "a writer behind a writer");
	is_waited(&lock, 0, 1);
	assert_true(lock.waiters_counted);
	pthread_rwlock_unlock(&area.rwlock);
	pthread_join(writer, NULL);
	area.words[4] = 1; /* padding */
	lock = read_as(IPCK_SYNC_RWLOCK);
	is_state(&lock, IPCK_SYNC_NONE, 0, 0, "padding");
}

/* ---- Conditions and semaphores ---- */

static pthread_mutex_t beside;

static void wait_cond(void)
{
	pthread_mutex_lock(&beside);
	pthread_cond_wait(&area.cond, &beside);
	pthread_mutex_unlock(&beside);
}

static void conditions(void **state)
{
	pthread_condattr_t attributes;
	struct pthread_bytes lock;
	pthread_t threads[3];

	(void)state;
	memset(&area, 0xa5, sizeof(area));
	pthread_condattr_init(&attributes);
	pthread_condattr_setpshared(&attributes, SHARED);
	assert_int_equal(pthread_cond_init(&area.cond, &attributes), 0);
	for (unsigned round = 0; round < 5; round++) {
		lock = read_as(IPCK_SYNC_COND);
		is_state(&lock, IPCK_SYNC_FREE, 0, IPCK_SYNC_PSHARED, "nobody waits");
		assert_int_equal(lock.waiters, 0);
		for (unsigned i = 0; i < COUNT(threads); i++) {
			threads[i] = start(wait_cond);
			lock = await(IPCK_SYNC_COND, i + 1);
			is_state(&lock, IPCK_SYNC_WAITED, 0, IPCK_SYNC_PSHARED, "somebody waits");
			assert_int_equal(lock.waiters, i + 1);
		}
		pthread_mutex_lock(&beside);
		pthread_cond_broadcast(&area.cond);
		pthread_mutex_unlock(&beside);
		for (unsigned i = 0; i < COUNT(threads); i++)
			pthread_join(threads[i], NULL);
	}
	memset(&area, 0xa5, sizeof(area));
	lock = read_as(IPCK_SYNC_COND);
	is_state(&lock, IPCK_SYNC_NONE, 0, 0, "garbage");
}

/* Who waits on a condition gives the mutex back, and is counted among its users. */
static void mutex_of_condition(void **state)
{
	static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
	const struct timespec limit = { 0 };
	struct pthread_bytes lock;

	(void)state;
	make(&types[1]);
	pthread_mutex_lock(&area.mutex);
	pthread_cond_timedwait(&cond, &area.mutex, &limit);
	lock = read_as(IPCK_SYNC_MUTEX);
	is_state(&lock, IPCK_SYNC_TAKEN, own(), IPCK_SYNC_PSHARED, "after a wait");
	pthread_mutex_unlock(&area.mutex);
	lock = read_as(IPCK_SYNC_MUTEX);
	is_state(&lock, IPCK_SYNC_FREE, 0, IPCK_SYNC_PSHARED, "after that");
}

static void wait_sem(void)
{
	sem_wait(&area.sem);
}

static void semaphores(void **state)
{
	struct pthread_bytes lock;
	pthread_t threads[2];

	(void)state;
	for (int shared = 0; shared <= 1; shared++) {
		const unsigned attributes = shared ? IPCK_SYNC_PSHARED : 0;

		memset(&area, 0xa5, sizeof(area));
		assert_int_equal(sem_init(&area.sem, shared, 2), 0);
		lock = read_as(IPCK_SYNC_SEM);
		is_state(&lock, IPCK_SYNC_FREE, 0, attributes, "free");
		assert_int_equal(lock.count, 2);
		wait_sem();
		wait_sem();
		lock = read_as(IPCK_SYNC_SEM);
		is_state(&lock, IPCK_SYNC_TAKEN, 0, attributes, "taken");
		assert_int_equal(lock.count, 0);
		for (unsigned i = 0; i < COUNT(threads); i++) {
			threads[i] = start(wait_sem);
			lock = await(IPCK_SYNC_SEM, i + 1);
			is_state(&lock, IPCK_SYNC_TAKEN, 0, attributes, "waited for");
			assert_int_equal(lock.waiters, i + 1);
		}
		for (unsigned i = 0; i < COUNT(threads); i++)
			sem_post(&area.sem);
		for (unsigned i = 0; i < COUNT(threads); i++)
			pthread_join(threads[i], NULL);
	}
	memset(&area, 0xa5, sizeof(area));
	lock = read_as(IPCK_SYNC_SEM);
	is_state(&lock, IPCK_SYNC_NONE, 0, 0, "garbage");
}

/* ---- Finding ---- */

static size_t found_in(const unsigned char *bytes, size_t size)
{
	struct pthread_bytes lock;
	size_t found = 0, at = 0;

	while ((at = pthread_bytes_find(bytes, at, size)) < size) {
		pthread_bytes_read(IPCK_SYNC_MUTEX, bytes + at, &lock);
		found += pthread_bytes_shared_mutex(&lock);
		at += 8;
	}
	return found;
}

static void none_in_noise(void **state)
{
	static _Alignas(8) unsigned char bytes[1 << 16];
	uint64_t number = 88172645463325252u;

	(void)state;
	for (unsigned round = 0; round < (in_valgrind() ? 4 : 512); round++) {
		for (size_t i = 0; i < sizeof(bytes); i++) {
			number ^= number << 13;
			number ^= number >> 7;
			number ^= number << 17;
			/* also noise of small numbers, as tables of them are */
			bytes[i] = round % 2 == 0 || i % 4 == 0 ? (unsigned char)number : 0;
		}
		assert_int_equal(found_in(bytes, sizeof(bytes)), 0);
	}
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(found_in(bytes, sizeof(bytes)), 0);
	memset(bytes, ' ', sizeof(bytes));
	assert_int_equal(found_in(bytes, sizeof(bytes)), 0);
}

/* At the very end, and not when a part of it lacks. */
static void found_whole(void **state)
{
	static _Alignas(8) unsigned char bytes[256];

	(void)state;
	make(&types[5]);
	for (size_t at = 0; at + 40 <= sizeof(bytes); at += 8) {
		memset(bytes, 0xa5, sizeof(bytes));
		memcpy(bytes + at, area.bytes, 40);
		assert_int_equal(found_in(bytes, sizeof(bytes)), 1);
		assert_int_equal(pthread_bytes_find(bytes, 0, sizeof(bytes)), at);
		assert_int_equal(found_in(bytes, at + 40), 1);
		assert_int_equal(found_in(bytes, at + 39), 0);
	}
	make(&types[0]); /* one that is not shared */
	memcpy(bytes, area.bytes, 40);
	assert_int_equal(found_in(bytes, 40), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("Mutexes of every type, free and taken", mutexes),
		TEST("How often a recursive one is locked", recursion),
		TEST("That somebody waits for it", waited_for),
		TEST("Owners that ended, and who mends what they left", dead_owners),
		TEST("A mutex that was destroyed", destroyed),
		TEST("Fields that contradict each other", contradictions),
		TEST("A mutex that conditions were waited on with", mutex_of_condition),
		TEST("Read-write locks, and who waits behind whom", rwlocks),
		TEST("Writers that go first", preferred_writers),
		TEST("Conditions, group after group", conditions),
		TEST("Semaphores", semaphores),
		TEST("No mutex in noise", none_in_noise),
		TEST("Mutexes are found whole or not at all", found_whole),
	};

	return RUN(tests);
}
