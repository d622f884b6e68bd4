/* SPDX-License-Identifier: MIT */
/*
 * Makes locks in shared memory as told, lets processes have them, and prints the truth about it:
 * what the tests of shmpeek --as mutex compare with.
 *
 *   hold_locks WORD...       each word makes one thing, in order; an OFFSET is one in the memory
 *     shm=SIZE               a segment; prints "ref REF"
 *     posix-shm=NAME,SIZE    POSIX shared memory; prints "ref REF"
 *     chmod=MODE             of the segment
 *     random=SEED            fills it with random bytes
 *     mutex=OFFSET[,ATTRIBUTE...]   private, robust, pi, protect, recursive, errorcheck, adaptive
 *     rwlock=OFFSET[,ATTRIBUTE...]  private, prefer-writer
 *     cond=OFFSET  sem=OFFSET,VALUE
 *     destroy=OFFSET         pthread_mutex_destroy()
 *     lock=OFFSET            a child that has the mutex; prints "owner OFFSET PID PID"
 *     twice=OFFSET           the same, but locked twice
 *     thread=OFFSET          a child whose second thread has it; prints "owner OFFSET PID TID"
 *     inner=OFFSET           the same in a pid namespace of its own; the numbers are ours
 *     die=OFFSET             a child that locks it and is killed; prints "dead OFFSET PID"
 *     leave=OFFSET           a child that locks it, unmaps it and stays; prints "left OFFSET PID"
 *     mend=OFFSET            a child that gets EOWNERDEAD, and has it; prints "owner ..."
 *     spoil=OFFSET           locks it, gets EOWNERDEAD and unlocks it
 *     wait=OFFSET            a child asleep in pthread_mutex_lock(); prints "waiter OFFSET PID"
 *     read=OFFSET write=OFFSET            a child that has the lock; prints "owner ..."
 *     write-die=OFFSET       as die=
 *     read-wait=OFFSET write-wait=OFFSET  a child asleep; prints "waiter ..."
 *     cond-wait=COND,MUTEX   a child asleep; prints "waiter COND PID"
 *     sem-wait=OFFSET        a child asleep; prints "waiter ..."
 *     kill=OFFSET            kills the last owner of it; prints "dead OFFSET PID"
 *     hold                   prints "ready" and waits for a signal; without it: ends
 */
#include "park.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 64

static char *memory;
static size_t size;
static int segment = -1;
static struct {
	unsigned long offset;
	pid_t pid;
} owners[MOST];
static size_t owner_count;

static void check(int error, const char *what)
{
	errno = error;
	if (error != 0)
		park_die(what);
}

static void *at(unsigned long offset)
{
	errno = ERANGE;
	if (memory == NULL || offset >= size)
		park_die("offset");
	return memory + offset;
}

/* ---- Memory ---- */

static void make_segment(const char *text)
{
	size = strtoul(text, NULL, 0);
	segment = park_check(shmget(IPC_PRIVATE, size, 0600), "shmget");
	memory = shmat(segment, NULL, 0);
	if (memory == (char *)-1)
		park_die("shmat");
	printf("ref shm:%d\n", segment);
}

static void make_posix(const char *text)
{
	const char *comma = strchr(text, ',');
	char name[64];
	int fd;

	errno = EINVAL;
	if (comma == NULL)
		park_die(text);
	snprintf(name, sizeof(name), "%.*s", (int)(comma - text), text);
	size = strtoul(comma + 1, NULL, 0);
	fd = park_check(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600), name);
	park_check(ftruncate(fd, (off_t)size), "ftruncate");
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		park_die("mmap");
	close(fd);
	printf("ref posix-shm:%s\n", name);
}

static void change_mode(const char *text)
{
	struct shmid_ds ds;

	park_check(shmctl(segment, IPC_STAT, &ds), "shmctl");
	ds.shm_perm.mode = (unsigned short)strtoul(text, NULL, 8);
	park_check(shmctl(segment, IPC_SET, &ds), "shmctl");
}

static void fill(const char *text)
{
	unsigned long long state = strtoull(text, NULL, 0) * 2 + 1;

	for (size_t i = 0; i < size; i++) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		memory[i] = (char)(state >> 56);
	}
}

/* ---- Locks ---- */

static bool has(const char *attributes, const char *attribute)
{
	return strstr(attributes, attribute) != NULL;
}

static void make_mutex(unsigned long offset, const char *which)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, has(which, "private") ? PTHREAD_PROCESS_PRIVATE
									: PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, has(which, "robust") ? PTHREAD_MUTEX_ROBUST
								      : PTHREAD_MUTEX_STALLED);
	if (has(which, "pi"))
		pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
	if (has(which, "protect"))
		pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_PROTECT);
	pthread_mutexattr_settype(&attributes, has(which, "recursive")    ? PTHREAD_MUTEX_RECURSIVE
					       : has(which, "errorcheck") ? PTHREAD_MUTEX_ERRORCHECK
					       : has(which, "adaptive") ? PTHREAD_MUTEX_ADAPTIVE_NP
									: PTHREAD_MUTEX_NORMAL);
	check(pthread_mutex_init(at(offset), &attributes), "pthread_mutex_init");
}

static void make_rwlock(unsigned long offset, const char *which)
{
	pthread_rwlockattr_t attributes;

	pthread_rwlockattr_init(&attributes);
	pthread_rwlockattr_setpshared(&attributes, has(which, "private") ? PTHREAD_PROCESS_PRIVATE
									 : PTHREAD_PROCESS_SHARED);
	if (has(which, "prefer-writer"))
		pthread_rwlockattr_setkind_np(&attributes,
					      PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	check(pthread_rwlock_init(at(offset), &attributes), "pthread_rwlock_init");
}

static void make_cond(unsigned long offset, const char *which)
{
	pthread_condattr_t attributes;

	(void)which;
	pthread_condattr_init(&attributes);
	pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	check(pthread_cond_init(at(offset), &attributes), "pthread_cond_init");
}

static void make_sem(unsigned long offset, const char *value)
{
	park_check(sem_init(at(offset), 1, (unsigned)strtoul(value, NULL, 0)), "sem_init");
}

static void destroy(unsigned long offset, const char *rest)
{
	(void)rest;
	check(pthread_mutex_destroy(at(offset)), "pthread_mutex_destroy");
}

/* ---- Who has them ---- */

static void lock(void *data)
{
	check(pthread_mutex_lock(data), "pthread_mutex_lock");
}

static void read_lock(void *data)
{
	check(pthread_rwlock_rdlock(data), "pthread_rwlock_rdlock");
}

static void write_lock(void *data)
{
	check(pthread_rwlock_wrlock(data), "pthread_rwlock_wrlock");
}

static void rest_with(void (*act)(void *data), void *data)
{
	act(data);
	park_rest();
}

static void lock_and_rest(void *data)
{
	rest_with(lock, data);
}

static void lock_twice(void *data)
{
	lock(data);
	rest_with(lock, data);
}

static void read_and_rest(void *data)
{
	rest_with(read_lock, data);
}

static void write_and_rest(void *data)
{
	rest_with(write_lock, data);
}

static void lock_dead(void *data)
{
	if (pthread_mutex_lock(data) != EOWNERDEAD)
		park_die("EOWNERDEAD");
}

static void lock_dead_and_rest(void *data)
{
	rest_with(lock_dead, data);
}

static void lock_in_thread(void *data)
{
	*park_board = (unsigned long)park_thread(lock_and_rest, data).tid;
	park_rests(getpid(), (pid_t)*park_board);
	park_rest();
}

static void lock_inside(void *data)
{
	park_check(unshare(CLONE_NEWPID), "unshare");
	*park_board = (unsigned long)park_start(lock_and_rest, data);
	park_rests((pid_t)*park_board, (pid_t)*park_board);
	park_rest();
}

static void lock_and_leave(void *data)
{
	lock(data);
	if (segment >= 0)
		shmdt(memory);
	else
		munmap(memory, size);
	park_rest();
}

static void told_owner(unsigned long offset, pid_t pid, pid_t tid)
{
	printf("owner %lu %d %d\n", offset, pid, tid);
	owners[owner_count % MOST].offset = offset;
	owners[owner_count++ % MOST].pid = pid;
}

static void kill_child(unsigned long offset, pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	printf("dead %lu %d\n", offset, pid);
}

static const struct word {
	const char *name;
	void (*make)(unsigned long offset, const char *rest); /* here, or */
	void (*have)(void *data);                             /* a child that rests, or */
	void (*want)(void *data);                             /* a child that falls asleep */
} words[] = {
	{ "mutex", make_mutex, NULL, NULL },
	{ "rwlock", make_rwlock, NULL, NULL },
	{ "cond", make_cond, NULL, NULL },
	{ "sem", make_sem, NULL, NULL },
	{ "destroy", destroy, NULL, NULL },
	{ "lock", NULL, lock_and_rest, NULL },
	{ "twice", NULL, lock_twice, NULL },
	{ "thread", NULL, lock_in_thread, NULL },
	{ "inner", NULL, lock_inside, NULL },
	{ "die", NULL, lock_and_rest, NULL },
	{ "leave", NULL, lock_and_leave, NULL },
	{ "mend", NULL, lock_dead_and_rest, NULL },
	{ "read", NULL, read_and_rest, NULL },
	{ "write", NULL, write_and_rest, NULL },
	{ "write-die", NULL, write_and_rest, NULL },
	{ "wait", NULL, NULL, lock },
	{ "read-wait", NULL, NULL, read_lock },
	{ "write-wait", NULL, NULL, write_lock },
	{ NULL, NULL, NULL, NULL },
};

static void have(const struct word *word, unsigned long offset)
{
	const size_t length = strlen(word->name);
	pid_t child;

	*park_board = 0;
	child = park_holder(word->have, at(offset));
	if (strcmp(word->name, "leave") == 0)
		printf("left %lu %d\n", offset, child);
	else if (length >= 3 && strcmp(word->name + length - 3, "die") == 0)
		kill_child(offset, child);
	else if (word->have == lock_inside)
		told_owner(offset, (pid_t)*park_board, (pid_t)*park_board);
	else
		told_owner(offset, child, *park_board != 0 ? (pid_t)*park_board : child);
}

/* ---- Words that are like no other ---- */

static unsigned long numbers[2];

static void wait_cond(void *data)
{
	(void)data;
	lock(at(numbers[1]));
	pthread_cond_wait(at(numbers[0]), at(numbers[1]));
}

static void wait_sem(void *data)
{
	sem_wait(data);
}

static void fall_asleep(void (*act)(void *data), unsigned long offset)
{
	const pid_t child = park_start(act, at(offset));

	park_asleep(child, child, "futex");
	printf("waiter %lu %d\n", offset, child);
}

static bool special(const char *name, unsigned long offset, const char *rest)
{
	if (strcmp(name, "cond-wait") == 0) {
		numbers[0] = offset;
		numbers[1] = strtoul(rest, NULL, 0);
		fall_asleep(wait_cond, offset);
	} else if (strcmp(name, "sem-wait") == 0) {
		fall_asleep(wait_sem, offset);
	} else if (strcmp(name, "spoil") == 0) {
		lock_dead(at(offset));
		check(pthread_mutex_unlock(at(offset)), "pthread_mutex_unlock");
	} else if (strcmp(name, "kill") == 0) {
		for (size_t i = owner_count; i-- > 0;)
			if (owners[i].offset == offset) {
				kill_child(offset, owners[i].pid);
				return true;
			}
		return false;
	} else {
		return false;
	}
	return true;
}

static bool memory_word(const char *name, const char *value)
{
	if (strcmp(name, "shm") == 0)
		make_segment(value);
	else if (strcmp(name, "posix-shm") == 0)
		make_posix(value);
	else if (strcmp(name, "chmod") == 0)
		change_mode(value);
	else if (strcmp(name, "random") == 0)
		fill(value);
	else
		return false;
	return true;
}

static void act_on(const char *text)
{
	const char *equals = strchr(text, '=');
	const struct word *word = words;
	unsigned long offset;
	char name[32], *rest;

	errno = EINVAL;
	if (equals == NULL || (size_t)(equals - text) >= sizeof(name))
		park_die(text);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
	if (memory_word(name, equals + 1))
		return;
	offset = strtoul(equals + 1, &rest, 0);
	rest += *rest == ',';
	while (word->name != NULL && strcmp(word->name, name) != 0)
		word++;
	if (word->make != NULL)
		word->make(offset, rest);
	else if (word->have != NULL)
		have(word, offset);
	else if (word->want != NULL)
		fall_asleep(word->want, offset);
	else if (!special(name, offset, rest))
		park_die(text);
}

int main(int argc, char **argv)
{
	park_state = "hold_locks";
	park_board = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (park_board == MAP_FAILED)
		park_die("mmap");
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "hold") != 0) {
			act_on(argv[i]);
			continue;
		}
		puts("ready");
		park_rest();
	}
	return 0;
}
