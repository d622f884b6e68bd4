/* SPDX-License-Identifier: MIT */
/*
 * Makes threads wait for one another and prints the truth about it: what the tests of
 * ipcls --deadlocks compare with.
 *
 *   lockup SCENE [hold]        one of the names in scenes[] below
 *
 * A line "PID TID OBJECT" for each member when it is asleep in its call, "behind PID TID OBJECT"
 * for one that waits for a member; then "ready"; then it waits for a signal.
 */
#include "lockup.h"
#include "park.h"
#include "park_memory.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 16 /* locks of a scene */
#define APART 256

static struct park_memory memory;
static int semaphores;
static int pipes[2][2];
static unsigned parties;
static bool timed; /* the last party waits with a time limit */

struct task {
	unsigned number; /* of the party: it has its own lock and wants the next one */
};

/* ---- Locks ---- */

static void *place(unsigned number)
{
	return (char *)park_place(&memory) + (size_t)number * APART;
}

static void check_error(int error, const char *what)
{
	errno = error;
	if (error != 0)
		park_die(what);
}

static void make_mutexes(int robust, int protocol)
{
	const bool private = memory.ref[0] == 'n';
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes,
				     private ? PTHREAD_PROCESS_PRIVATE : PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, robust);
	pthread_mutexattr_setprotocol(&attributes, protocol);
	for (unsigned i = 0; i < 12; i++)
		check_error(pthread_mutex_init(place(i), &attributes), "pthread_mutex_init");
}

static void take_mutex(unsigned number, bool limited)
{
	const struct timespec limit = { .tv_sec = time(NULL) + PARK_LONG };

	check_error(limited ? pthread_mutex_timedlock(place(number), &limit)
			    : pthread_mutex_lock(place(number)),
		    "pthread_mutex_lock");
}

static void take_rwlock(unsigned number, bool limited)
{
	(void)limited;
	check_error(pthread_rwlock_wrlock(place(number)), "pthread_rwlock_wrlock");
}

/* The path of a lock's file. */
static const char *file_of(unsigned number)
{
	static char path[600];

	snprintf(path, sizeof(path), "%s.%u", park_path(), number);
	return path;
}

static int open_file(unsigned number)
{
	return park_check(open(file_of(number), O_RDWR | O_CREAT, 0600), file_of(number));
}

static void take_flock(unsigned number, bool limited)
{
	(void)limited;
	park_check(flock(open_file(number), LOCK_EX), "flock");
}

static void take_ofd(unsigned number, bool limited)
{
	struct flock area = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	(void)limited;
	park_check(fcntl(open_file(number), F_OFD_SETLKW, &area), "fcntl");
}

static void take_either(unsigned number, bool limited)
{
	if (number == 0)
		take_mutex(number, limited);
	else
		take_flock(number, limited);
}

static void take_semaphore(unsigned number, bool limited)
{
	struct sembuf operation = { .sem_num = (unsigned short)number, .sem_op = -1 };

	(void)limited;
	park_check(semop(semaphores, &operation, 1), "semop");
}

static void in_memory(unsigned number, char *text, size_t size)
{
	if (memory.ref[0] == 'n')
		snprintf(text, size, "private %p", place(number));
	else
		snprintf(text, size, "%s+0x%x", memory.ref, PARK_OFFSET + number * APART);
}

static void in_file(unsigned number, char *text, size_t size)
{
	snprintf(text, size, "%s", file_of(number));
}

static void in_either(unsigned number, char *text, size_t size)
{
	(number == 0 ? in_memory : in_file)(number, text, size);
}

static void in_set(unsigned number, char *text, size_t size)
{
	snprintf(text, size, "sem:%d[%u]", semaphores, number);
}

/* ---- Parties ---- */

static const struct kind {
	void (*take)(unsigned number, bool limited);
	void (*name)(unsigned number, char *text, size_t size);
	const char *call; /* asleep in it; NULL: it depends on the lock */
} mutex = { take_mutex, in_memory, "pthread_mutex_lock" },
  rwlock = { take_rwlock, in_memory, "pthread_rwlock_wrlock" },
  file_lock = { take_flock, in_file, "flock" }, description_lock = { take_ofd, in_file, "fcntl" },
  either = { take_either, in_either, NULL }, semaphore = { take_semaphore, in_set, "semop" };

static const struct kind *kind;

/* Until so many have come to this place. */
static void meet(unsigned where, unsigned count)
{
	atomic_ulong *came = (atomic_ulong *)(void *)&park_board[where];

	atomic_fetch_add(came, 1);
	while (atomic_load(came) < count)
		usleep(200);
}

static void take_part(void *data)
{
	const unsigned own = ((const struct task *)data)->number;
	const unsigned wanted = (own + 1) % parties;

	kind->take(own, false);
	meet(0, parties);
	kind->take(wanted, timed && own == parties - 1);
}

static void tell(const char *prefix, pid_t pid, pid_t tid, unsigned wanted, const char *call)
{
	char object[700];

	if (call == NULL)
		call = wanted == 0 ? "pthread_mutex_lock" : "flock";
	park_asleep(pid, tid, call);
	kind->name(wanted, object, sizeof(object));
	printf("%s%d %d %s\n", prefix, pid, tid, object);
	fflush(stdout);
}

static struct task tasks[MOST];

static void lock_up(const struct kind *of, unsigned count)
{
	pid_t pids[MOST];

	kind = of;
	parties = count;
	for (unsigned i = 0; i < count; i++) {
		tasks[i].number = i;
		pids[i] = park_start(take_part, &tasks[i]);
	}
	for (unsigned i = 0; i < count; i++)
		tell("", pids[i], pids[i], (i + 1) % count, of->call);
}

static void lock_up_threads(void *data)
{
	struct park_thread threads[MOST];

	(void)data;
	for (unsigned i = 0; i < parties; i++) {
		tasks[i].number = i;
		threads[i] = park_thread(take_part, &tasks[i]);
	}
	for (unsigned i = 0; i < parties; i++)
		tell("", getpid(), threads[i].tid, (i + 1) % parties, kind->call);
	meet(1, 2);
	park_rest();
}

static void make_normal(struct park_memory where)
{
	memory = where;
	make_mutexes(PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
}

/* ---- Scenes ---- */

static void mutex_shm(void)
{
	make_normal(park_segment());
	lock_up(&mutex, 2);
}

static void mutex_posix_shm(void)
{
	make_normal(park_posix_shm());
	lock_up(&mutex, 2);
}

static void mutex_robust(void)
{
	memory = park_segment();
	make_mutexes(PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE);
	lock_up(&mutex, 2);
}

static void mutex_private(void)
{
	make_normal(park_private());
	kind = &mutex;
	parties = 2;
	park_start(lock_up_threads, NULL);
	meet(1, 2);
}

static void three(void)
{
	make_normal(park_segment());
	lock_up(&mutex, 3);
}

static void rwlocks(void)
{
	pthread_rwlockattr_t attributes;

	memory = park_segment();
	pthread_rwlockattr_init(&attributes);
	pthread_rwlockattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	for (unsigned i = 0; i < 2; i++)
		check_error(pthread_rwlock_init(place(i), &attributes), "pthread_rwlock_init");
	lock_up(&rwlock, 2);
}

static void flocks(void)
{
	lock_up(&file_lock, 2);
}

static void ofd(void)
{
	lock_up(&description_lock, 2);
}

static void mixed(void)
{
	make_normal(park_segment());
	lock_up(&either, 2);
}

static void with_limit(void)
{
	timed = true;
	mutex_shm();
}

/* A normal mutex that its owner locks again. */
static void twice(void)
{
	make_normal(park_segment());
	lock_up(&mutex, 1);
}

static void take_first(void *data)
{
	(void)data;
	kind->take(0, false);
}

/* Two that wait for each other, one that waits for a member, one that waits for that one. */
static void take_third(void *data)
{
	(void)data;
	kind->take(2, false);
	kind->take(0, false);
}

static void take_third_only(void *data)
{
	(void)data;
	kind->take(2, false);
}

static void behind(void)
{
	pid_t pid;

	mutex_shm();
	pid = park_start(take_third, NULL);
	tell("behind ", pid, pid, 0, kind->call);
	pid = park_start(take_third_only, NULL);
	tell("behind ", pid, pid, 2, kind->call);
}

static void wait_for_child(void *data)
{
	pid_t child;

	(void)data;
	kind->take(0, false);
	child = park_start(take_first, NULL);
	tell("", child, child, 0, kind->call);
	park_board[1] = (unsigned long)child;
	waitpid(child, NULL, 0);
}

static void with_child(void)
{
	pid_t parent;

	make_normal(park_segment());
	kind = &mutex;
	parent = park_start(wait_for_child, NULL);
	park_asleep(parent, parent, "wait4");
	printf("%d %d pid:%lu\n", parent, parent, park_board[1]);
}

/* Each has one end of both, and wants to read what the other should write. */
static void read_other(void *data)
{
	const unsigned own = ((const struct task *)data)->number;
	char byte;

	close(pipes[own][0]);
	close(pipes[1 - own][1]);
	if (read(pipes[1 - own][0], &byte, 1) < 0)
		park_die("read");
}

static void pipe_pair(void)
{
	pid_t pids[2];

	for (unsigned i = 0; i < 2; i++)
		park_check(pipe(pipes[i]), "pipe");
	for (unsigned i = 0; i < 2; i++) {
		tasks[i].number = i;
		pids[i] = park_start(read_other, &tasks[i]);
	}
	for (unsigned i = 0; i < 2; i++) {
		park_asleep(pids[i], pids[i], "read");
		printf("%d %d pipe:%llu\n", pids[i], pids[i], park_inode(pipes[1 - i][0]));
	}
}

static void pipes_only(void)
{
	pipe_pair();
	for (unsigned i = 0; i < 2; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
}

/* The lockup itself keeps all ends, so that one more could write. */
static void pipes_leak(void)
{
	pipe_pair();
}

static void semaphore_pair(void)
{
	unsigned short values[2] = { 1, 1 };

	semaphores = park_check(semget(IPC_PRIVATE, 2, 0600), "semget");
	park_check(semctl(semaphores, 0, SETALL, values), "SETALL");
	lock_up(&semaphore, 2);
}

/* ---- Which scene ---- */

static const struct park_state scenes[] = {
	{ "mutex-shm", mutex_shm },
	{ "mutex-posix-shm", mutex_posix_shm },
	{ "mutex-robust", mutex_robust },
	{ "mutex-private", mutex_private },
	{ "three", three },
	{ "rwlock", rwlocks },
	{ "flock", flocks },
	{ "ofd", ofd },
	{ "mixed", mixed },
	{ "twice", twice },
	{ "timed", with_limit },
	{ "behind", behind },
	{ "child", with_child },
	{ "pipes", pipes_only },
	{ "pipes-leak", pipes_leak },
	{ "sems", semaphore_pair },
	{ "contend", lockup_contend },
	{ "order", lockup_order },
	{ NULL, NULL },
};

/* The board, and what else all members share. */
static void begin(const char *name)
{
	const char *base = getenv("TMPDIR");
	char path[400];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	park_state = name;
	snprintf(path, sizeof(path), "%s/lockup.XXXXXX", base != NULL ? base : "/tmp");
	if (mkdtemp(path) == NULL)
		park_die(path);
	setenv("PARK_FOLDER", path, 1);
	park_board = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (park_board == MAP_FAILED)
		park_die("mmap");
}

int main(int argc, char **argv)
{
	const struct park_state *scene = scenes;

	begin(argc > 1 ? argv[1] : "");
	while (scene->name != NULL && strcmp(scene->name, park_state) != 0)
		scene++;
	if (scene->name == NULL) {
		errno = EINVAL;
		park_die("no such scene");
	}
	scene->make();
	signal(SIGCHLD, SIG_IGN); /* a member that is killed leaves no zombie */
	puts("ready");
	fflush(stdout);
	park_rest();
}
