/* SPDX-License-Identifier: MIT */
/*
 * The parked states of pthread mutexes: where they lie, of which type they are, who has them.
 */
#include "park.h"
#include "park_memory.h"
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t *mutex;

static void lock(void *data)
{
	(void)data;
	errno = pthread_mutex_lock(mutex);
	if (errno != 0)
		park_die("pthread_mutex_lock");
}

static void lock_and_rest(void *data)
{
	lock(data);
	park_rest();
}

static void lock_timed(void *data)
{
	const struct timespec limit = { .tv_sec = time(NULL) + PARK_LONG };

	(void)data;
	pthread_mutex_timedlock(mutex, &limit);
}

static void make_mutex(const struct park_memory *memory, int type, int robust, int protocol)
{
	pthread_mutexattr_t attributes;

	mutex = park_place(memory);
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, memory->ref[0] == 'n' ? PTHREAD_PROCESS_PRIVATE
									: PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_settype(&attributes, type);
	pthread_mutexattr_setrobust(&attributes, robust);
	pthread_mutexattr_setprotocol(&attributes, protocol);
	errno = pthread_mutex_init(mutex, &attributes);
	if (errno != 0)
		park_die("pthread_mutex_init");
}

static void make_normal(const struct park_memory *memory)
{
	make_mutex(memory, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
}

static void tell(const struct park_memory *memory, pid_t pid, pid_t tid, const char *rest)
{
	park_tell(pid, tid, "pthread_mutex_lock", "%s %s idle=no", park_where(memory), rest);
}

/* One process has the mutex, another wants it. */
static void between_processes(const struct park_memory *memory, void (*wants)(void *data),
			      const char *evidence)
{
	const pid_t owner = park_holder(lock_and_rest, NULL);
	const pid_t waiter = park_start(wants, NULL);
	char rest[96];

	snprintf(rest, sizeof(rest), "on=%d/%d evidence=%s timeout=%s", owner, owner, evidence,
		 wants == lock_timed ? "yes" : "no");
	tell(memory, waiter, waiter, rest);
}

static void in_memory(struct park_memory memory)
{
	make_normal(&memory);
	between_processes(&memory, lock, "libc");
}

static void mutex_shm(void)
{
	in_memory(park_segment());
}

static void mutex_posix_shm(void)
{
	in_memory(park_posix_shm());
}

static void mutex_memfd(void)
{
	in_memory(park_memfd());
}

static void mutex_anonymous(void)
{
	in_memory(park_anonymous());
}

static void mutex_file(void)
{
	in_memory(park_file());
}

/* ---- Types ---- */

static void of_type(int type, int robust, int protocol, const char *evidence)
{
	const struct park_memory memory = park_segment();

	make_mutex(&memory, type, robust, protocol);
	between_processes(&memory, lock, evidence);
}

static void mutex_recursive(void)
{
	of_type(PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE, "libc");
}

static void mutex_errorcheck(void)
{
	of_type(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE, "libc");
}

static void mutex_adaptive(void)
{
	of_type(PTHREAD_MUTEX_ADAPTIVE_NP, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE, "libc");
}

static void mutex_robust(void)
{
	of_type(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE, "kernel");
}

static void mutex_pi(void)
{
	of_type(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT, "kernel");
}

static void mutex_timed(void)
{
	const struct park_memory memory = park_segment();

	make_normal(&memory);
	between_processes(&memory, lock_timed, "libc");
}

static void mutex_pi_timed(void)
{
	const struct park_memory memory = park_segment();

	make_mutex(&memory, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT);
	between_processes(&memory, lock_timed, "kernel");
}

/* The owner has the segment at another address. */
static void lock_elsewhere(void *data)
{
	mutex = park_place(data);
	lock_and_rest(data);
}

static void mutex_elsewhere(void)
{
	const struct park_memory memory = park_segment();
	struct park_memory other = memory;
	char rest[96];
	pid_t owner, waiter;

	other.area = park_attach_again(&memory);
	make_normal(&memory);
	owner = park_holder(lock_elsewhere, &other);
	waiter = park_start(lock, NULL);
	snprintf(rest, sizeof(rest), "on=%d/%d evidence=libc timeout=no", owner, owner);
	tell(&memory, waiter, waiter, rest);
}

/* Stopped and continued: its call starts again as restart_syscall, and is the same wait still. */
static void stopped_mutex(void)
{
	const struct park_memory memory = park_segment();
	pid_t owner, waiter;

	make_normal(&memory);
	owner = park_holder(lock_and_rest, NULL);
	waiter = park_start(lock_timed, NULL);
	park_restart(waiter, "pthread_mutex_lock");
	park_line(waiter, waiter, "pthread_mutex_lock",
		  "%s on=%d/%d evidence=libc timeout=yes idle=no", park_where(&memory), owner,
		  owner);
}

/* ---- Threads ---- */

static void mutex_of_threads(int robust, int protocol, const char *evidence)
{
	const struct park_memory memory = park_private();
	char rest[96];
	pid_t owner, waiter;

	make_mutex(&memory, PTHREAD_MUTEX_NORMAL, robust, protocol);
	owner = park_thread(lock_and_rest, NULL).tid;
	park_rests(getpid(), owner);
	waiter = park_thread(lock, NULL).tid;
	snprintf(rest, sizeof(rest), "on=%d/%d evidence=%s timeout=no", getpid(), owner, evidence);
	tell(&memory, getpid(), waiter, rest);
}

static void mutex_private(void)
{
	mutex_of_threads(PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE, "libc");
}

/* Its page is mapped from the program's file, and a copy of this process's own. */
static void mutex_static(void)
{
	static pthread_mutex_t written = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
	pid_t owner, waiter;

	mutex = &written;
	owner = park_thread(lock_and_rest, NULL).tid;
	park_rests(getpid(), owner);
	waiter = park_thread(lock, NULL).tid;
	park_tell(getpid(), waiter, "pthread_mutex_lock",
		  "ref=none object=private_%p on=%d/%d evidence=libc timeout=no idle=no",
		  (void *)mutex, getpid(), owner);
}

static void mutex_private_robust(void)
{
	mutex_of_threads(PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE, "kernel");
}

static void mutex_private_pi(void)
{
	mutex_of_threads(PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT, "kernel");
}

static void lock_in_thread(void *data)
{
	const pid_t owner = park_thread(lock_and_rest, data).tid;

	park_rests(getpid(), owner);
	*park_board = (unsigned long)owner;
	park_rest();
}

static void mutex_thread_owner(void)
{
	const struct park_memory memory = park_segment();
	char rest[96];
	pid_t owner, waiter;

	make_normal(&memory);
	owner = park_holder(lock_in_thread, NULL);
	waiter = park_start(lock, NULL);
	snprintf(rest, sizeof(rest), "on=%d/%lu evidence=libc timeout=no", owner, *park_board);
	tell(&memory, waiter, waiter, rest);
}

/* The thread waits for itself. */
static void lock_twice(void *data)
{
	lock(data);
	lock(data);
}

static void mutex_twice(void)
{
	const struct park_memory memory = park_private();
	char rest[96];
	pid_t waiter;

	make_normal(&memory);
	waiter = park_start(lock_twice, NULL);
	snprintf(rest, sizeof(rest), "on=%d/%d evidence=libc timeout=no", waiter, waiter);
	tell(&memory, waiter, waiter, rest);
}

/* ---- Owners that are gone, or elsewhere ---- */

static void mutex_abandoned(void)
{
	const struct park_memory memory = park_segment();
	char rest[96];
	pid_t owner, waiter;

	make_normal(&memory);
	owner = park_start(lock, NULL);
	waitpid(owner, NULL, 0);
	waiter = park_start(lock, NULL);
	snprintf(rest, sizeof(rest), "on=none gone=%d timeout=no finding=abandoned", owner);
	tell(&memory, waiter, waiter, rest);
}

static void mutex_dead_thread(void)
{
	const struct park_memory memory = park_private();
	struct park_thread owner;
	char rest[96];
	pid_t waiter;

	make_normal(&memory);
	owner = park_thread(lock, NULL);
	pthread_join(owner.thread, NULL);
	waiter = park_thread(lock, NULL).tid;
	snprintf(rest, sizeof(rest), "on=none gone=%d timeout=no finding=abandoned", owner.tid);
	tell(&memory, getpid(), waiter, rest);
}

/* The first process of a pid namespace of its own: its pid is 1 there, and another here. */
static void lock_inside(void *data)
{
	pid_t inner;

	park_check(unshare(CLONE_NEWPID), "unshare");
	inner = park_start(lock_and_rest, data);
	park_rests(inner, inner);
	*park_board = (unsigned long)inner;
	park_rest();
}

static void nested(void (*waiting)(void *data), int robust, int protocol, const char *evidence)
{
	const struct park_memory memory = park_segment();
	char rest[96];
	pid_t waiter;

	make_mutex(&memory, PTHREAD_MUTEX_NORMAL, robust, protocol);
	park_holder(lock_inside, NULL);
	waiter = park_start(waiting, NULL);
	snprintf(rest, sizeof(rest), "on=%lu/%lu evidence=%s timeout=no", *park_board, *park_board,
		 evidence);
	tell(&memory, waiter, waiter, rest);
}

static void nested_mutex(void)
{
	nested(lock, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE, "libc");
}

static void nested_robust(void)
{
	nested(lock, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE, "kernel");
}

const struct park_state park_mutex_states[] = {
	{ "mutex-shm", mutex_shm },
	{ "mutex-posix-shm", mutex_posix_shm },
	{ "mutex-memfd", mutex_memfd },
	{ "mutex-anonymous", mutex_anonymous },
	{ "mutex-file", mutex_file },
	{ "mutex-recursive", mutex_recursive },
	{ "mutex-errorcheck", mutex_errorcheck },
	{ "mutex-adaptive", mutex_adaptive },
	{ "mutex-robust", mutex_robust },
	{ "mutex-pi", mutex_pi },
	{ "mutex-timed", mutex_timed },
	{ "mutex-pi-timed", mutex_pi_timed },
	{ "mutex-elsewhere", mutex_elsewhere },
	{ "mutex-private", mutex_private },
	{ "mutex-static", mutex_static },
	{ "mutex-private-robust", mutex_private_robust },
	{ "mutex-private-pi", mutex_private_pi },
	{ "mutex-thread-owner", mutex_thread_owner },
	{ "mutex-twice", mutex_twice },
	{ "mutex-abandoned", mutex_abandoned },
	{ "mutex-dead-thread", mutex_dead_thread },
	{ "stopped-mutex", stopped_mutex },
	{ "nested", nested_mutex },
	{ "nested-robust", nested_robust },
	{ NULL, NULL },
};
