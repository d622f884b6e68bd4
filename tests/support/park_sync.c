/* SPDX-License-Identifier: MIT */
/*
 * The parked states of the other pthread objects: read-write locks, conditions, semaphores,
 * barriers, threads that are joined, and a futex of nobody's kind.
 */
#include "park.h"
#include "park_memory.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void *place;
static int shared;

static void choose(const struct park_memory *memory)
{
	place = park_place(memory);
	shared = memory->ref[0] != 'n';
}

static struct timespec later(void)
{
	return (struct timespec){ .tv_sec = time(NULL) + PARK_LONG };
}

/* Start it as a child, or as a thread where the memory is private, and tell. */
static void tell(const struct park_memory *memory, void (*act)(void *data), const char *call,
		 const char *rest)
{
	const pid_t tid = shared ? park_start(act, NULL) : park_thread(act, NULL).tid;

	park_tell(shared ? tid : getpid(), tid, call, "%s %s idle=no", park_where(memory), rest);
}

static const char nobody[] = "on=none evidence=none timeout=no";
static const char nobody_timed[] = "on=none evidence=none timeout=yes";

/* ---- Read-write locks ---- */

static void read_lock(void *data)
{
	(void)data;
	pthread_rwlock_rdlock(place);
}

static void read_lock_timed(void *data)
{
	const struct timespec limit = later();

	(void)data;
	pthread_rwlock_timedrdlock(place, &limit);
}

static void write_lock(void *data)
{
	(void)data;
	pthread_rwlock_wrlock(place);
}

static void read_lock_and_rest(void *data)
{
	read_lock(data);
	park_rest();
}

static void write_lock_and_rest(void *data)
{
	write_lock(data);
	park_rest();
}

static void tell_rwlock(struct park_memory memory, bool holds_write, void (*wants)(void *data))
{
	void (*hold)(void *data) = holds_write ? write_lock_and_rest : read_lock_and_rest;
	pthread_rwlockattr_t attributes;
	char rest[96];
	pid_t holder;

	choose(&memory);
	pthread_rwlockattr_init(&attributes);
	pthread_rwlockattr_setpshared(&attributes, shared);
	pthread_rwlock_init(place, &attributes);
	holder = shared ? park_holder(hold, NULL) : park_thread(hold, NULL).tid;
	park_rests(shared ? holder : getpid(), holder);
	snprintf(rest, sizeof(rest), "on=%d/%d evidence=libc timeout=%s",
		 shared ? holder : getpid(), holder, wants == read_lock_timed ? "yes" : "no");
	tell(&memory, wants,
	     wants == write_lock ? "pthread_rwlock_wrlock" : "pthread_rwlock_rdlock",
	     holds_write ? rest : nobody);
}

static void rwlock_read(void)
{
	tell_rwlock(park_segment(), true, read_lock);
}

static void rwlock_timed(void)
{
	tell_rwlock(park_segment(), true, read_lock_timed);
}

static void rwlock_write(void)
{
	tell_rwlock(park_segment(), true, write_lock);
}

static void rwlock_write_behind_readers(void)
{
	tell_rwlock(park_segment(), false, write_lock);
}

static void rwlock_private(void)
{
	tell_rwlock(park_private(), true, read_lock);
}

static void rwlock_private_write(void)
{
	tell_rwlock(park_private(), true, write_lock);
}

/* ---- Conditions ---- */

static struct condition {
	pthread_cond_t condition;
	pthread_mutex_t mutex;
} * condition;

static void wait_condition(void *data)
{
	(void)data;
	pthread_mutex_lock(&condition->mutex);
	pthread_cond_wait(&condition->condition, &condition->mutex);
}

static void wait_condition_timed(void *data)
{
	const struct timespec limit = later();

	(void)data;
	pthread_mutex_lock(&condition->mutex);
	pthread_cond_timedwait(&condition->condition, &condition->mutex, &limit);
}

static void tell_condition(struct park_memory memory, bool timed)
{
	pthread_condattr_t attributes;
	pthread_mutexattr_t mutex_attributes;

	choose(&memory);
	condition = place;
	pthread_condattr_init(&attributes);
	pthread_condattr_setpshared(&attributes, shared);
	pthread_cond_init(&condition->condition, &attributes);
	pthread_mutexattr_init(&mutex_attributes);
	pthread_mutexattr_setpshared(&mutex_attributes, shared);
	pthread_mutex_init(&condition->mutex, &mutex_attributes);
	tell(&memory, timed ? wait_condition_timed : wait_condition, "pthread_cond_wait",
	     timed ? nobody_timed : nobody);
}

static void condition_shared(void)
{
	tell_condition(park_segment(), false);
}

static void condition_private(void)
{
	tell_condition(park_private(), false);
}

static void condition_timed(void)
{
	tell_condition(park_segment(), true);
}

/* ---- Semaphores and barriers ---- */

static void wait_semaphore(void *data)
{
	(void)data;
	sem_wait(place);
}

static void wait_semaphore_timed(void *data)
{
	const struct timespec limit = later();

	(void)data;
	sem_timedwait(place, &limit);
}

static void tell_semaphore(struct park_memory memory, bool timed)
{
	choose(&memory);
	park_check(sem_init(place, shared, 0), "sem_init");
	tell(&memory, timed ? wait_semaphore_timed : wait_semaphore, "sem_wait",
	     timed ? nobody_timed : nobody);
}

static void semaphore_shared(void)
{
	tell_semaphore(park_segment(), false);
}

static void semaphore_private(void)
{
	tell_semaphore(park_private(), false);
}

static void semaphore_timed(void)
{
	tell_semaphore(park_posix_shm(), true);
}

static void semaphore_named(void)
{
	const char *name = park_object();
	pid_t waiter;

	place = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
	if (place == SEM_FAILED)
		park_die(name);
	waiter = park_start(wait_semaphore, NULL);
	park_tell(waiter, waiter, "sem_wait", "ref=posix-sem:%s %s idle=no", name, nobody);
}

static void wait_barrier(void *data)
{
	(void)data;
	pthread_barrier_wait(place);
}

static void tell_barrier(struct park_memory memory)
{
	pthread_barrierattr_t attributes;

	choose(&memory);
	pthread_barrierattr_init(&attributes);
	pthread_barrierattr_setpshared(&attributes, shared);
	pthread_barrier_init(place, &attributes, 2);
	tell(&memory, wait_barrier, "pthread_barrier_wait", nobody);
}

static void barrier(void)
{
	tell_barrier(park_segment());
}

static void barrier_private(void)
{
	tell_barrier(park_private());
}

/* ---- Threads, and a plain futex ---- */

static struct park_thread joined;

static void rest(void *data)
{
	(void)data;
	park_rest();
}

static void join_it(void *data)
{
	(void)data;
	pthread_join(joined.thread, NULL);
}

static void join_timed(void *data)
{
	const struct timespec limit = later();

	(void)data;
	pthread_timedjoin_np(joined.thread, NULL, &limit);
}

static void tell_join(void (*joins)(void *data))
{
	pid_t waiter;

	joined = park_thread(rest, NULL);
	waiter = park_thread(joins, NULL).tid;
	park_tell(getpid(), waiter, "pthread_join",
		  "ref=none on=%d/%d evidence=kernel timeout=%s idle=no", getpid(), joined.tid,
		  joins == join_timed ? "yes" : "no");
}

static void state_join(void)
{
	tell_join(join_it);
}

static void state_join_timed(void)
{
	tell_join(join_timed);
}

/* No lock of the C library looks like this. */
static void wait_word(void *data)
{
	uint32_t *words = place;

	(void)data;
	words[0] = 0xdead;
	syscall(SYS_futex, words, FUTEX_WAIT | (shared ? 0 : FUTEX_PRIVATE_FLAG), 0xdead, NULL);
}

static void tell_word(struct park_memory memory)
{
	choose(&memory);
	for (int i = 0; i < 64; i++)
		((uint32_t *)place)[i] = 0xabadcafe;
	tell(&memory, wait_word, "futex", nobody);
}

static void futex_raw(void)
{
	tell_word(park_segment());
}

static void futex_private(void)
{
	tell_word(park_private());
}

const struct park_state park_sync_states[] = {
	{ "rwlock-read", rwlock_read },
	{ "rwlock-write", rwlock_write },
	{ "rwlock-write-behind-readers", rwlock_write_behind_readers },
	{ "rwlock-timed", rwlock_timed },
	{ "rwlock-private", rwlock_private },
	{ "rwlock-private-write", rwlock_private_write },
	{ "cond-shared", condition_shared },
	{ "cond-private", condition_private },
	{ "cond-timed", condition_timed },
	{ "sem-shared", semaphore_shared },
	{ "sem-named", semaphore_named },
	{ "sem-private", semaphore_private },
	{ "sem-timed", semaphore_timed },
	{ "barrier", barrier },
	{ "barrier-private", barrier_private },
	{ "join", state_join },
	{ "join-timed", state_join_timed },
	{ "futex-raw", futex_raw },
	{ "futex-private", futex_private },
	{ NULL, NULL },
};
