/* SPDX-License-Identifier: MIT */
/* Threads parked on locks by this program: what they wait for, and whom it says they wait on. */
#include "unit.h"

#include "ipckit.h"
#include "places.h"

#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#define PAGE ((size_t)4096)
#define AREA (4 * PAGE)

static bool is_private; /* main() got namespaces of its own */
#define NEEDS_PRIVATE()                                                                            \
	do {                                                                                       \
		if (!is_private)                                                                   \
			skip();                                                                    \
	} while (0)

/* What the children tell, and where their locks are: the same address in all of them. */
static struct board {
	_Atomic pid_t owner, waiter; /* as our pid namespace has them */
	_Atomic int ready;
	_Atomic int proceed;
} * board;
static char *area; /* shared memory for locks */
static int segment;

/* ---- Locks ---- */

static void make_mutex(void *at, bool shared, int robust, int protocol)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, shared);
	pthread_mutexattr_setrobust(&attributes, robust);
	pthread_mutexattr_setprotocol(&attributes, protocol);
	CHILD(pthread_mutex_init(at, &attributes) == 0);
}

static void make_segment(void)
{
	segment = shmget(IPC_PRIVATE, AREA, 0600);
	area = shmat(segment, NULL, 0);
	assert_true(area != (char *)-1);
	assert_int_equal(shmctl(segment, IPC_RMID, NULL), 0);
}

static void drop_segment(void)
{
	shmdt(area);
}

/* ---- Parking ---- */

/* Is the thread in futex() for a word from this address on? */
static bool sleeps_at(pid_t pid, pid_t tid, const void *from, size_t size)
{
	char path[64], text[256];
	unsigned long long number, word;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", (int)pid, (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	return sscanf(text, "%llu %llx", &number, &word) == 2 &&
	       (number == SYS_futex || number == 449) &&
	       (from == NULL || word - (uintptr_t)from < size);
}

static void until_asleep(pid_t pid, pid_t tid, const void *from, size_t size)
{
	for (int i = 0; i < 20000; i++) {
		if (sleeps_at(pid, tid, from, size))
			return;
		usleep(1000);
	}
	CHECK(false, "thread %d does not wait", (int)tid);
}

/* The pid that we know a child by, though it lives in another namespace. */
static pid_t outer_pid(void)
{
	char text[32] = "";
	ssize_t got = readlink("/proc/self", text, sizeof(text) - 1);

	return got > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

static _Noreturn void rest(void)
{
	board->ready++;
	for (;;)
		pause();
}

/* A child that runs work(), in a pid namespace of its own or not. */
static pid_t child_in(void (*work)(void), bool inner)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (inner) {
		CHILD(unshare(CLONE_NEWPID) == 0);
		pid = fork();
		CHILD(pid >= 0);
		if (pid != 0) {
			waitpid(pid, NULL, 0);
			_exit(0);
		}
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	}
	work();
	_exit(0);
}

static void until_ready(int count)
{
	for (int i = 0; i < 20000 && board->ready < count; i++)
		usleep(1000);
	CHECK(board->ready == count, "%d of %d are ready", board->ready, count);
}

static void begin(void)
{
	memset((void *)board, 0, sizeof(*board));
}

static void own_and_rest(void)
{
	pthread_mutex_lock((pthread_mutex_t *)area);
	board->owner = outer_pid();
	rest();
}

static void only_map(void)
{
	rest();
}

static void wait_for_it(void)
{
	board->waiter = outer_pid();
	pthread_mutex_lock((pthread_mutex_t *)area);
}

/* ---- Looking ---- */

static struct ipck_waits *waits;

/* The row of a thread, by waits that are freed by the next look. */
static const struct ipck_wait *look(pid_t pid, pid_t tid)
{
	const struct ipck_waits_query query = { .size = sizeof(query),
						.want = IPCK_WAITS_WHOM | IPCK_WAITS_IDLE,
						.pid = pid };
	const struct ipck_wait *wait;

	ipck_waits_free(waits);
	CHECK(ipck_waits_read(ctx, &query, &waits) == IPCK_OK, "%s", ipck_message(ctx));
	for (size_t i = 0; (wait = ipck_waits_at(waits, i)) != NULL; i++)
		if (wait->tid == tid)
			return wait;
	CHECK(false, "thread %d is not listed", (int)tid);
	return NULL;
}

static const struct ipck_wait *look_at_waiter(const void *from, size_t size)
{
	for (int i = 0; i < 20000 && board->waiter == 0; i++)
		usleep(1000);
	until_asleep(board->waiter, board->waiter, from, size);
	return look(board->waiter, board->waiter);
}

static void check_on(const struct ipck_wait *wait, pid_t pid, pid_t tid, enum ipck_proof proof)
{
	const struct ipck_awaited *awaited = ipck_awaited_at(wait, 0);

	CHECK(wait->awaited_count == 1, "%zu awaited: %s", wait->awaited_count,
	      wait->why_text != NULL ? wait->why_text : "");
	CHECK(awaited->process.pid == pid && awaited->tid == tid && awaited->proof == proof,
	      "on %d/%d by %s, not on %d/%d", (int)awaited->process.pid, (int)awaited->tid,
	      ipck_proof_name(awaited->proof), (int)pid, (int)tid);
	assert_false(awaited->gone);
	assert_true(awaited->process.start_time > 0 && awaited->command != NULL);
	assert_false(wait->open);
	assert_int_equal(wait->why, 0);
}

static void check_gone(const struct ipck_wait *wait, pid_t recorded, const char *finding)
{
	const struct ipck_awaited *awaited = ipck_awaited_at(wait, 0);

	CHECK(wait->finding != NULL && strcmp(wait->finding, finding) == 0, "finding: %s",
	      wait->finding != NULL ? wait->finding : "none");
	assert_int_equal(wait->awaited_count, 1);
	assert_true(awaited->gone);
	assert_int_equal(awaited->process.pid, recorded);
	assert_null(awaited->command);
}

/* ---- Pid namespaces ---- */

/* Owner or waiter in a pid namespace of its own. */
static void test_namespaces(void **state)
{
	(void)state;
	NEEDS_PRIVATE();
	for (unsigned i = 0; i < 6; i++) { /* 0 none, 1 the owner, 2 the waiter */
		const int robust = i / 3 % 2;
		pid_t owner, waiter;

		begin();
		make_segment();
		make_mutex(area, true, robust, PTHREAD_PRIO_NONE);
		owner = child_in(own_and_rest, i % 3 == 1);
		until_ready(1);
		waiter = child_in(wait_for_it, i % 3 == 2);
		check_on(look_at_waiter(area, AREA), board->owner, board->owner,
			 robust ? IPCK_PROOF_KERNEL : IPCK_PROOF_LIBC);
		ends(waiter);
		ends(owner);
		drop_segment();
	}
}

/* Both are number 1 of their namespaces: only one of them has it. */
static void test_ambiguous(void **state)
{
	const struct ipck_wait *wait;
	pid_t owner, other, waiter;
	bool named = false;

	(void)state;
	NEEDS_PRIVATE();
	begin();
	make_segment();
	make_mutex(area, true, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	owner = child_in(own_and_rest, true);
	until_ready(1);
	other = child_in(only_map, true);
	until_ready(2);
	waiter = child_in(wait_for_it, false);
	wait = look_at_waiter(area, AREA);
	CHECK(wait->awaited_count == 2, "%zu awaited", wait->awaited_count);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(ipck_awaited_at(wait, i)->proof, IPCK_PROOF_LAST_OP);
		assert_int_equal(ipck_awaited_at(wait, i)->group, 0);
		named |= ipck_awaited_at(wait, i)->process.pid == board->owner;
	}
	assert_true(named);
	assert_true(wait->why != 0);
	assert_non_null(strstr(wait->why_text, "owner 1: so 2 threads are numbered"));
	ends(other);
	/* now that one of them does not map it any more */
	check_on(look_at_waiter(area, AREA), board->owner, board->owner, IPCK_PROOF_LIBC);
	ends(waiter);
	ends(owner);
	drop_segment();
}

/* The kernel numbers as the waiter does: both in one namespace that is not ours. */
static void pi_pair(void)
{
	const pid_t owner = fork();

	if (owner == 0)
		own_and_rest();
	CHILD(owner > 0);
	while (board->ready == 0)
		usleep(1000);
	wait_for_it();
}

static void test_inherited_inner(void **state)
{
	const struct ipck_wait *wait;
	pid_t other, pair;

	(void)state;
	NEEDS_PRIVATE();
	begin();
	make_segment();
	make_mutex(area, true, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT);
	other = child_in(only_map, true);
	until_ready(1);
	board->ready = 0;
	pair = child_in(pi_pair, true);
	wait = look_at_waiter(area, AREA);
	check_on(wait, board->owner, board->owner, IPCK_PROOF_KERNEL);
	assert_string_equal(wait->call, "pthread_mutex_lock");
	ends(pair);
	ends(other);
	drop_segment();
}

/* ---- Abandoned ---- */

static void own_and_end(void)
{
	pthread_mutex_lock((pthread_mutex_t *)area);
	_exit(0);
}

static void own_and_let_go(void)
{
	pthread_mutex_lock((pthread_mutex_t *)area);
	shmdt(area);
	rest();
}

static void test_abandoned(void **state)
{
	siginfo_t ended;
	char finding[96];
	pid_t owner, waiter;

	(void)state;
	NEEDS_PRIVATE();
	make_segment();
	begin();
	make_mutex(area, true, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	owner = child_in(own_and_end, false);
	waitid(P_PID, (id_t)owner, &ended, WEXITED | WNOWAIT); /* a zombie first */
	waiter = child_in(wait_for_it, false);
	snprintf(finding, sizeof(finding), "owner %d is gone: abandoned mutex", (int)owner);
	check_gone(look_at_waiter(area, AREA), owner, finding);
	waitpid(owner, NULL, 0);
	check_gone(look_at_waiter(area, AREA), owner, finding);
	ends(waiter);

	begin();
	make_mutex(area, true, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	owner = child_in(own_and_let_go, false);
	until_ready(1);
	waiter = child_in(wait_for_it, false);
	snprintf(finding, sizeof(finding), "owner %d does not map it any more: abandoned mutex",
		 (int)owner);
	check_gone(look_at_waiter(area, AREA), owner, finding);
	ends(waiter);
	ends(owner);
	drop_segment();
}

static pthread_mutex_t local;

static void *own_local(void *data)
{
	/* the kernel is not told of what this thread has */
	static struct robust_list_head none = { .list = { &none.list } };

	pthread_mutex_lock(&local);
	syscall(SYS_set_robust_list, &none, sizeof(none));
	board->owner = (pid_t)syscall(SYS_gettid);
	return data;
}

static void wait_local(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, own_local, NULL);
	pthread_join(thread, NULL);
	board->waiter = outer_pid();
	pthread_mutex_lock(&local);
}

static void *wait_in_thread(void *data)
{
	while (sleeps_at(getpid(), getpid(), NULL, 0) || board->proceed == 0)
		usleep(1000);
	board->waiter = (pid_t)syscall(SYS_gettid);
	pthread_mutex_lock(&local);
	return data;
}

/* The first thread ends with the lock, and stays as a zombie. */
static void leave_leader(void)
{
	pthread_t thread;

	pthread_mutex_lock(&local);
	pthread_create(&thread, NULL, wait_in_thread, NULL);
	board->proceed = 1;
	pthread_exit(NULL);
}

static void test_abandoned_private(void **state)
{
	char finding[128];
	pid_t waiter;

	(void)state;
	for (int robust = 0; robust < 2; robust++) {
		begin();
		make_mutex(&local, false, robust, PTHREAD_PRIO_NONE);
		waiter = child_in(wait_local, false);
		snprintf(finding, sizeof(finding), "owner %d is gone: abandoned mutex%s",
			 (int)(look_at_waiter(&local, sizeof(local)), board->owner),
			 robust ? ", its robust list was not handled" : "");
		check_gone(look_at_waiter(&local, sizeof(local)), board->owner, finding);
		ends(waiter);
	}
	begin();
	make_mutex(&local, false, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	waiter = child_in(leave_leader, false);
	for (int i = 0; i < 20000 && board->waiter == 0; i++)
		usleep(1000);
	until_asleep(waiter, board->waiter, &local, sizeof(local));
	snprintf(finding, sizeof(finding), "owner %d is gone: abandoned mutex", (int)waiter);
	for (int i = 0; i < 20000; i++) { /* until it is a zombie */
		const struct ipck_wait *wait = look(waiter, board->waiter);

		if (ipck_awaited_at(wait, 0) != NULL && ipck_awaited_at(wait, 0)->gone)
			break;
		usleep(1000);
	}
	check_gone(look(waiter, board->waiter), waiter, finding);
	ends(waiter);
	/* a lock that was had when its process forked */
	begin();
	make_mutex(&local, false, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	pthread_mutex_lock(&local);
	waiter = fork();
	if (waiter == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		board->waiter = getpid();
		pthread_mutex_lock(&local);
		_exit(0);
	}
	pthread_mutex_unlock(&local);
	snprintf(finding, sizeof(finding),
		 "owner %d is not of this process any more: abandoned mutex",
		 (int)syscall(SYS_gettid));
	check_gone(look_at_waiter(&local, sizeof(local)), (pid_t)syscall(SYS_gettid), finding);
	ends(waiter);
}

/* ---- Parked by the C library ---- */

static pthread_mutex_t pair[2];
static _Atomic pid_t parked_tid[2];

static void *cross(void *data)
{
	const size_t own = data != NULL;

	pthread_mutex_lock(&pair[own]);
	parked_tid[own] = (pid_t)syscall(SYS_gettid);
	while (parked_tid[1 - own] == 0)
		usleep(1000);
	/* the first waits for the second, who then is refused */
	while (own == 1 && !sleeps_at(getpid(), parked_tid[0], &pair[1], sizeof(pair[1])))
		usleep(1000);
	board->owner = parked_tid[0];
	board->waiter = parked_tid[1];
	pthread_mutex_lock(&pair[1 - own]);
	return data;
}

static void cross_over(void)
{
	pthread_t threads[2];

	pthread_create(&threads[0], NULL, cross, NULL);
	pthread_create(&threads[1], NULL, cross, pair);
	rest();
}

static void test_parked(void **state)
{
	const struct ipck_wait *wait;
	pid_t pid;

	(void)state;
	if (in_valgrind())
		skip();
	begin();
	make_mutex(&pair[0], false, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT);
	make_mutex(&pair[1], false, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT);
	pid = child_in(cross_over, false);
	for (int i = 0; i < 20000 && board->waiter == 0; i++)
		usleep(1000);
	for (int i = 0; i < 20000; i++) { /* until it is refused: then it waits elsewhere */
		if (sleeps_at(pid, board->waiter, NULL, 0) &&
		    !sleeps_at(pid, board->waiter, pair, sizeof(pair)))
			break;
		usleep(1000);
	}
	wait = look(pid, board->waiter);
	CHECK(wait->finding != NULL && strstr(wait->finding, "on its own stack") != NULL,
	      "finding: %s", wait->finding != NULL ? wait->finding : "none");
	assert_non_null(strstr(wait->object, ", stack"));
	assert_int_equal(wait->awaited_count, 0);
	check_on(look(pid, board->owner), pid, board->waiter, IPCK_PROOF_KERNEL);
	ends(pid);
}

static void wait_on_stack(void)
{
	sem_t semaphore;

	sem_init(&semaphore, 0, 0);
	board->waiter = outer_pid();
	sem_wait(&semaphore);
}

static void test_stack(void **state)
{
	const struct ipck_wait *wait;
	pid_t pid;

	(void)state;
	if (in_valgrind())
		skip();
	begin();
	pid = child_in(wait_on_stack, false);
	wait = look_at_waiter(NULL, 0);
	assert_string_equal(wait->call, "sem_wait");
	assert_non_null(strstr(wait->object, ", stack"));
	assert_null(wait->finding);
	ends(pid);
}

/* ---- Edges of pages ---- */

static uint64_t resident(void)
{
	struct shm_info info;

	assert_true(shmctl(0, SHM_INFO, (struct shmid_ds *)(void *)&info) >= 0);
	return info.shm_rss;
}

static size_t word_at; /* in area */

static void wait_word(void)
{
	board->waiter = outer_pid();
	syscall(SYS_futex, area + word_at, FUTEX_WAIT, 0, NULL);
}

static void wait_condition(void)
{
	pthread_condattr_t attributes;
	pthread_cond_t *condition = (pthread_cond_t *)(void *)(area + word_at);

	pthread_condattr_init(&attributes);
	pthread_condattr_setpshared(&attributes, 1);
	pthread_cond_init(condition, &attributes);
	pthread_mutex_lock(&local);
	board->waiter = outer_pid();
	pthread_cond_wait(condition, &local);
}

/* Looking allocates no page, and finds what lies across two. */
static void test_pages(void **state)
{
	const struct ipck_wait *wait;
	uint64_t before;
	char object[64];
	pid_t pid;

	(void)state;
	NEEDS_PRIVATE();
	for (int end = 0; end < 2; end++) {
		begin();
		make_segment();
		word_at = end ? 2 * PAGE - 4 : PAGE;
		pid = child_in(wait_word, false);
		for (int i = 0; i < 20000 && board->waiter == 0; i++)
			usleep(1000);
		until_asleep(pid, pid, area, AREA);
		before = resident();
		wait = look_at_waiter(area, AREA);
		assert_string_equal(wait->call, "futex");
		assert_int_equal(before, 1);
		assert_int_equal(resident(), before);
		ends(pid);
		drop_segment();
	}
	begin();
	make_segment();
	word_at = 2 * PAGE - 40;
	make_mutex(&local, false, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	pid = child_in(wait_condition, false);
	wait = look_at_waiter(area + word_at, 48);
	assert_string_equal(wait->call, "pthread_cond_wait");
	snprintf(object, sizeof(object), "shm:%d+0x%zx", segment, word_at);
	assert_string_equal(wait->object, object);
	ends(pid);
	drop_segment();
}

/* ---- Other words ---- */

static void wait_any(void)
{
	struct {
		uint64_t value, address;
		uint32_t flags, reserved;
	} words[2] = { { 0, (uintptr_t)area, 2, 0 }, { 0, (uintptr_t)area + 8, 2, 0 } };

	board->waiter = outer_pid();
	syscall(449, words, 2, 0, NULL, 0);
	board->ready = -1; /* refused here */
}

static void test_several(void **state)
{
	const struct ipck_wait *wait;
	char object[64];
	pid_t pid;

	(void)state;
	NEEDS_PRIVATE();
	begin();
	make_segment();
	pid = child_in(wait_any, false);
	for (int i = 0; i < 20000 && board->ready == 0; i++) {
		if (board->waiter != 0 && sleeps_at(pid, pid, NULL, 0))
			break;
		usleep(1000);
	}
	if (board->ready == -1) { /* before Linux 5.16 */
		ends(pid);
		drop_segment();
		skip();
	}
	wait = look_at_waiter(NULL, 0);
	assert_string_equal(wait->wants, "a wake-up on any of 2 words");
	snprintf(object, sizeof(object), "shm:%d+0x0", segment);
	assert_string_equal(wait->object, object);
	assert_true(wait->open);
	ends(pid);
	drop_segment();
}

/* ---- Other namespaces, other names ---- */

static uint64_t namespace_of(pid_t pid, const char *kind)
{
	struct stat status;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, kind);
	assert_int_equal(stat(path, &status), 0);
	return status.st_ino;
}

static void lock_twice_at(void *at)
{
	make_mutex(at, true, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	pthread_mutex_lock(at);
	board->waiter = outer_pid();
	pthread_mutex_lock(at);
}

static void in_other_ipc(void)
{
	CHILD(unshare(CLONE_NEWIPC) == 0);
	segment = shmget(IPC_PRIVATE, AREA, 0600);
	board->owner = segment;
	lock_twice_at(shmat(segment, NULL, 0));
}

static void in_other_shm(void)
{
	int fd;

	CHILD(unshare(CLONE_NEWNS) == 0 && mount("unit", "/dev/shm", "tmpfs", 0, NULL) == 0);
	fd = open("/dev/shm/inner", O_CREAT | O_RDWR, 0600);
	CHILD(fd >= 0 && ftruncate(fd, AREA) == 0);
	lock_twice_at(mmap(NULL, AREA, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
}

static void on_unlinked(void)
{
	struct stat status;
	int fd = open("/dev/shm/sem.gone", O_CREAT | O_RDWR, 0600);

	CHILD(fd >= 0 && ftruncate(fd, AREA) == 0 && unlink("/dev/shm/sem.gone") == 0 &&
	      fstat(fd, &status) == 0);
	board->owner = (pid_t)status.st_ino;
	board->proceed = (int)minor(status.st_dev);
	lock_twice_at(mmap(NULL, AREA, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
}

static void test_references(void **state)
{
	static const struct {
		void (*work)(void);
		enum ipck_kind kind;
	} rows[] = {
		{ in_other_ipc, IPCK_SHM },
		{ in_other_shm, IPCK_POSIX_SHM },
		{ on_unlinked, IPCK_POSIX_SHM },
	};

	(void)state;
	NEEDS_PRIVATE();
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct ipck_wait *wait;
		char expected[96];
		pid_t pid;

		begin();
		pid = child_in(rows[i].work, false);
		wait = look_at_waiter(NULL, 0);
		check_on(wait, pid, pid, IPCK_PROOF_LIBC);
		assert_string_equal(wait->finding, "it holds this lock itself");
		if (i == 0)
			snprintf(expected, sizeof(expected), "shm:%d@%llu", (int)board->owner,
				 (unsigned long long)namespace_of(pid, "ipc"));
		else if (i == 1)
			snprintf(expected, sizeof(expected), "posix-shm:/inner@%llu",
				 (unsigned long long)namespace_of(pid, "mnt"));
		else
			snprintf(expected, sizeof(expected), "posix-shm:0:%d:%d", board->proceed,
				 (int)board->owner);
		CHECK(wait->ref != NULL && strcmp(wait->ref, expected) == 0, "%s, not %s",
		      wait->ref != NULL ? wait->ref : "none", expected);
		assert_int_equal(wait->kind, rows[i].kind);
		ends(pid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("Owners are found by the number that they have for themselves",
		     test_namespaces),
		TEST("A number that two may bear is nobody's for certain", test_ambiguous),
		TEST("The kernel's word has the waiter's number", test_inherited_inner),
		TEST("An owner that ended, or let go of the memory, is told", test_abandoned),
		TEST("So it is between threads", test_abandoned_private),
		TEST("A thread that the C library parked for ever is told", test_parked),
		TEST("A semaphore on the stack is only that", test_stack),
		TEST("Looking allocates no page", test_pages),
		TEST("One of several words", test_several),
		TEST("Objects of other namespaces, and without a name", test_references),
	};
	int rc;

	is_private = places_private();
	board = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED || ipck_open(NULL, &ctx) != IPCK_OK)
		return 1;
	rc = RUN(tests);
	ipck_waits_free(waits);
	ipck_close(ctx);
	return rc;
}
