/* SPDX-License-Identifier: MIT */
/* Signalling a set of processes: nobody is missed, and nobody is left stopped. */
#include "sets.h"

#include "refusal.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/mman.h>

static struct shared {
	int alive;       /* of a storm */
	int got;         /* signals, by a handler */
	int interrupted; /* system calls */
	pid_t made;      /* by a handler */
} * shared;

static int clear_shared(void **state)
{
	(void)state;
	memset(shared, 0, sizeof(*shared));
	return 0;
}

#define SIGNAL_TEST(sentence, function)                                                            \
	{                                                                                          \
		sentence, function, clear_shared, clear_all, NULL                                  \
	}

/* Nobody of the namespace is stopped; but for one. */
static void nobody_stopped(pid_t but)
{
	for (pid_t pid = 2; pid < 400; pid++)
		if (pid != but && lives(pid))
			UNTIL(!lives(pid) || state_of(pid) != 'T');
}

static size_t count_with(int field, pid_t number)
{
	struct dirent *entry;
	DIR *proc = opendir("/proc");
	size_t count = 0;

	assert_non_null(proc);
	while ((entry = readdir(proc)) != NULL) {
		const pid_t pid = atoi(entry->d_name);

		count += pid > 1 && stat_field(pid, field) == (unsigned)number && lives(pid);
	}
	closedir(proc);
	return count;
}

/* ---- Forks in flight ---- */

#define MOST 100

/* One more of the storm, if there is room. */
static bool take_place(void)
{
	if (__atomic_add_fetch(&shared->alive, 1, __ATOMIC_SEQ_CST) <= MOST)
		return true;
	__atomic_sub_fetch(&shared->alive, 1, __ATOMIC_SEQ_CST);
	usleep(200);
	return false;
}

/* Each forks as fast as it can, and so do its children. */
static void bomb(void *data)
{
	(void)data;
	for (;;)
		if (take_place())
			fork();
}

static void *bomb_thread(void *data)
{
	for (;;)
		if (take_place() && fork() == 0) {
			bomb(data);
			_exit(0);
		}
	return NULL;
}

/* The first thread sleeps; what another one of it forks is the storm. */
static void bomb_by_thread(void *data)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, bomb_thread, data) != 0)
		_exit(1);
	idle(NULL);
}

/* Each forks once and ends: who is looked for is never where he was. */
static void flee(void *data)
{
	(void)data;
	for (int i = 0; i < 3; i++)
		if (fork() == 0)
			break;
	for (;;)
		if (fork() > 0)
			_exit(0);
}

static void tell_left(pid_t session, int signo)
{
	for (pid_t pid = 2; pid < 32768; pid++) {
		const struct ipck_member *member = member_of(pid);

		if (stat_field(pid, 6) == (unsigned)session && lives(pid))
			print_message("# signal %d: pid %d of %llu, %c, started %llu: %d, %d\n",
				      signo, (int)pid, stat_field(pid, 4), state_of(pid),
				      stat_field(pid, 22), member != NULL ? (int)member->state : -1,
				      member != NULL ? (int)member->late : -1);
	}
}

static void storm(enum ipck_kind kind, int signo, void (*act)(void *data))
{
	pid_t pid;
	size_t left;
	int rc;

	clear_all(NULL);
	shared->alive = 0;
	pid = fork();
	if (pid == 0) {
		setsid();
		act(NULL);
	}
	UNTIL(stat_field(pid, 6) == (unsigned)pid || count_with(6, pid) > 0);
	usleep(10000);
	rc = open_one(kind, pid);
	CHECK(rc == IPCK_OK, "%d: %s", rc, ipck_message(ctx));
	rc = ipck_process_set_signal(ctx, set, signo);
	/* on a machine that is busy enough it may not be done in time, but then it says so */
	for (int i = 0; rc == IPCK_ERR_BUSY && i < 5; i++) {
		print_message("# signal %d, try %d: %s\n", signo, i, ipck_message(ctx));
		rc = open_one(IPCK_SESSION, pid);
		if (rc == IPCK_OK)
			rc = ipck_process_set_signal(ctx, set, signo);
		else
			CHECK(rc == IPCK_ERR_NOT_FOUND, "%d: %s", rc, ipck_message(ctx));
	}
	CHECK(rc == IPCK_OK || rc == IPCK_ERR_NOT_FOUND, "%d: %s", rc, ipck_message(ctx));
	rc = ipck_process_set_wait(ctx, set, 20000, &left);
	CHECK(rc == IPCK_OK, "%d: %s", rc, ipck_message(ctx));
	left = count_with(6, pid);
	if (left != 0)
		tell_left(pid, signo);
	CHECK(left == 0, "%zu are left of %zu", left, ipck_process_set_count(set));
}

static void test_storm_group(void **state)
{
	(void)state;
	if (in_valgrind()) /* in which all of it takes too long */
		skip();
	for (int i = 0; i < 50; i++)
		storm(IPCK_PGRP, i % 2 == 0 ? SIGKILL : SIGTERM, bomb);
}

static void test_storm_session(void **state)
{
	(void)state;
	if (in_valgrind()) /* in which all of it takes too long */
		skip();
	for (int i = 0; i < 20; i++)
		storm(IPCK_SESSION, i % 2 == 0 ? SIGKILL : SIGTERM, bomb);
}

static void test_storm_tree(void **state)
{
	(void)state;
	if (in_valgrind()) /* in which all of it takes too long */
		skip();
	for (int i = 0; i < 10; i++)
		storm(IPCK_TREE, i % 2 == 0 ? SIGKILL : SIGTERM, bomb);
}

static void test_storm_thread(void **state)
{
	static const enum ipck_kind kinds[] = { IPCK_SESSION, IPCK_TREE };

	(void)state;
	if (in_valgrind()) /* in which all of it takes too long */
		skip();
	for (int i = 0; i < 8; i++)
		storm(kinds[i / 2 % 2], i % 2 == 0 ? SIGKILL : SIGTERM, bomb_by_thread);
}

static void test_storm_fleeing(void **state)
{
	(void)state;
	if (in_valgrind()) /* in which all of it takes too long */
		skip();
	for (int i = 0; i < 50; i++)
		storm(IPCK_PGRP, i % 2 == 0 ? SIGKILL : SIGTERM, flee);
}

/* ---- Handlers ---- */

static void on_signal(int signo)
{
	(void)signo;
	__atomic_add_fetch(&shared->got, 1, __ATOMIC_SEQ_CST);
}

/* What a shell's trap does: it starts something, which is not to be ended with it. */
static void on_signal_fork(int signo)
{
	pid_t pid = fork();

	if (pid == 0) {
		sigset_t none;

		signal(signo, SIG_DFL);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		idle(NULL);
	}
	shared->made = pid;
	__atomic_add_fetch(&shared->got, 1, __ATOMIC_SEQ_CST);
}

static void handle(void *data)
{
	signal(SIGTERM, (void (*)(int))data);
	signal(SIGHUP, (void (*)(int))data);
	signal(SIGUSR1, (void (*)(int))data);
	idle(NULL);
}

static pid_t handling(void (*handler)(int))
{
	const pid_t pid = in_group(0, handle, (void *)handler);

	UNTIL(sleeps_in(pid, pid, SYS_pause));
	return pid;
}

static void test_handler(void **state)
{
	const pid_t pid = handling(on_signal);
	size_t left = 0;

	(void)state;
	assert_int_equal(open_one(IPCK_PGRP, pid), IPCK_OK);
	assert_int_equal(ipck_process_set_signal(ctx, set, SIGTERM), IPCK_OK);
	UNTIL(shared->got > 0);
	assert_int_equal(member_of(pid)->state, IPCK_MEMBER_SENT);
	assert_int_equal(ipck_process_set_wait(ctx, set, 100, &left), IPCK_ERR_BUSY);
	assert_int_equal(left, 1);
	assert_int_equal(shared->got, 1);
	UNTIL(state_of(pid) == 'S');
	/* the next one it gets, too; and what ends it */
	assert_int_equal(ipck_process_set_signal(ctx, set, SIGTERM), IPCK_OK);
	UNTIL(shared->got == 2);
	assert_int_equal(ipck_process_set_signal(ctx, set, SIGKILL), IPCK_OK);
	assert_int_equal(ipck_process_set_wait(ctx, set, 20000, &left), IPCK_OK);
	assert_int_equal(reap(pid), SIGKILL);
	assert_int_equal(shared->got, 2);
}

static void test_handler_forks(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		pid_t pid;

		shared->got = shared->made = 0;
		pid = handling(on_signal_fork);
		assert_int_equal(open_one(i % 2 == 0 ? IPCK_PGRP : IPCK_TREE, pid), IPCK_OK);
		assert_int_equal(ipck_process_set_signal(ctx, set, SIGTERM), IPCK_OK);
		UNTIL(shared->got == 1);
		UNTIL(!lives(shared->made) || blocks_in(shared->made, SYS_pause));
		assert_true(lives(shared->made));
		/* it came with the signal, that was not for it; the next one is */
		assert_int_equal(ipck_process_set_signal(ctx, set, SIGKILL), IPCK_OK);
		UNTIL(!lives(shared->made));
		assert_true(member_of(shared->made)->late);
		assert_int_equal(reap(pid), SIGKILL);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
	}
}

/* ---- Stops ---- */

static pid_t stopped(void (*handler)(int))
{
	const pid_t pid = handling(handler);

	kill(pid, SIGSTOP);
	UNTIL(state_of(pid) == 'T');
	return pid;
}

static void test_stopped(void **state)
{
	const pid_t pid = stopped(on_signal);
	const pid_t other = in_group(pid, idle, NULL);

	(void)state;
	assert_int_equal(open_one(IPCK_PGRP, pid), IPCK_OK);
	assert_true(member_of(pid)->stopped);
	assert_false(member_of(other)->stopped);
	assert_int_equal(ipck_process_set_signal(ctx, set, SIGHUP), IPCK_OK);
	assert_true(member_of(pid)->stopped);
	assert_int_equal(reap(other), SIGHUP);
	assert_int_equal(state_of(pid), 'T');
	assert_int_equal(shared->got, 0);
	kill(pid, SIGCONT);
	UNTIL(shared->got == 1);
	UNTIL(state_of(pid) == 'S'); /* no stop of ours came after */
	kill(pid, SIGSTOP);
	UNTIL(state_of(pid) == 'T');
	assert_int_equal(ipck_process_set_signal(ctx, set, SIGKILL), IPCK_OK);
	assert_int_equal(reap(pid), SIGKILL);
}

static void wait_for_semaphore(void *data)
{
	struct sembuf take = { .sem_op = -1 };

	signal(SIGTERM, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	for (;;)
		if (semop(*(int *)data, &take, 1) != 0 && errno == EINTR)
			__atomic_add_fetch(&shared->interrupted, 1, __ATOMIC_SEQ_CST);
}

/* What the stop does to one who ignores the signal; signals that end nobody stop nobody. */
static void test_disturbance(void **state)
{
	int id = semget(IPC_PRIVATE, 1, 0600);
	const pid_t pid = in_group(0, wait_for_semaphore, &id);

	(void)state;
	UNTIL(blocks_in(pid, SYS_semop) || blocks_in(pid, SYS_semtimedop));
	assert_int_equal(open_one(IPCK_PROCESS, pid), IPCK_OK);
	assert_int_equal(ipck_process_set_signal(ctx, set, SIGUSR1), IPCK_OK);
	assert_int_equal(ipck_process_set_signal(ctx, set, 0), IPCK_OK);
	assert_int_equal(waitpid(pid, NULL, WNOHANG | WUNTRACED | WCONTINUED), 0);
	assert_int_equal(shared->interrupted, 0);
	assert_int_equal(ipck_process_set_signal(ctx, set, SIGTERM), IPCK_OK);
	UNTIL(shared->interrupted == 1);
	UNTIL(state_of(pid) == 'S');
	semctl(id, 0, IPC_RMID);
}

static void test_stop_and_continue(void **state)
{
	const pid_t pid = in_group(0, idle, NULL);

	(void)state;
	assert_int_equal(open_one(IPCK_PROCESS, pid), IPCK_OK);
	assert_int_equal(ipck_process_set_signal(ctx, set, SIGSTOP), IPCK_OK);
	UNTIL(state_of(pid) == 'T');
	assert_int_equal(ipck_process_set_signal(ctx, set, SIGCONT), IPCK_OK);
	UNTIL(state_of(pid) == 'S');
	assert_int_equal(ipck_process_set_signal(ctx, set, 65), IPCK_ERR_ARGUMENT);
	assert_int_equal(ipck_process_set_signal(ctx, set, -1), IPCK_ERR_ARGUMENT);
}

/*
 * Leaders of groups below a leader of a session, which ends first by the signal: the kernel sends
 * SIGHUP to a group that is cut off by this with a stopped member in it.
 */
static void on_hangup(int signo)
{
	(void)signo;
	__atomic_add_fetch(&shared->interrupted, 1, __ATOMIC_SEQ_CST);
}

static void job(void *data)
{
	(void)data;
	signal(SIGTERM, on_signal);
	signal(SIGHUP, on_hangup);
	idle(NULL);
}

static void lead_jobs(void *data)
{
	pid_t pid;

	(void)data;
	setsid();
	for (int i = 0; i < 20; i++) {
		pid = in_group(0, job, NULL);
		UNTIL(sleeps_in(pid, pid, SYS_pause));
	}
	shared->made = getpid();
	idle(NULL);
}

static void test_no_hangup(void **state)
{
	const pid_t pid = start(lead_jobs, NULL);

	(void)state;
	UNTIL(*(volatile pid_t *)&shared->made == pid);
	assert_int_equal(open_one(IPCK_SESSION, pid), IPCK_OK);
	assert_int_equal(ipck_process_set_count(set), 21);
	assert_int_equal(ipck_process_set_signal(ctx, set, SIGTERM), IPCK_OK);
	assert_int_equal(reap(pid), SIGTERM);
	UNTIL(shared->got == 20);
	nobody_stopped(0);
	assert_int_equal(shared->interrupted, 0);
}

/* ---- Those that left ---- */

static void test_escaped(void **state)
{
	static const int signals[] = { SIGUSR1, SIGKILL };
	pid_t pid, moved;

	(void)state;
	if (in_valgrind()) /* which lacks descriptors of processes */
		skip();
	pid = in_group(0, idle, NULL);
	moved = in_group(pid, idle, NULL);
	assert_int_equal(open_one(IPCK_PGRP, pid), IPCK_OK);
	assert_int_equal(setpgid(moved, moved), 0);
	for (size_t i = 0; i < COUNT(signals); i++) {
		assert_int_equal(ipck_process_set_signal(ctx, set, signals[i]), IPCK_OK);
		assert_int_equal(member_of(moved)->state, IPCK_MEMBER_ESCAPED);
		assert_int_equal(member_of(moved)->pgid, moved);
	}
	assert_int_equal(reap(pid), SIGUSR1);
	UNTIL(state_of(moved) == 'S');
}

/* Another one came since the set was opened. */
static void test_newcomer(void **state)
{
	const pid_t pid = in_group(0, idle, NULL);
	pid_t late;

	(void)state;
	assert_int_equal(open_one(IPCK_PGRP, pid), IPCK_OK);
	late = in_group(pid, idle, NULL);
	assert_int_equal(ipck_process_set_signal(ctx, set, SIGTERM), IPCK_OK);
	assert_int_equal(reap(late), SIGTERM);
	assert_true(member_of(late)->late);
	assert_int_equal(reap(pid), SIGTERM);
}

/* ---- Failures ---- */

static void as_nobody(void)
{
	const pid_t foreign = in_group(0, idle, NULL);
	pid_t own = fork();

	if (own == 0) {
		CHILD(setpgid(0, foreign) == 0 && become_nobody());
		idle(NULL);
	}
	UNTIL(stat_field(own, 5) == (unsigned)foreign && blocks_in(own, SYS_pause));
	CHILD(become_nobody());
	CHILD(open_one(IPCK_PGRP, foreign) == IPCK_OK);
	CHILD(ipck_process_set_count(set) == 2);
	CHILD(ipck_process_set_signal(ctx, set, SIGTERM) == IPCK_ERR_DENIED);
	CHILD(member_of(foreign)->state == IPCK_MEMBER_FAILED);
	CHILD(member_of(foreign)->reason == IPCK_ERR_DENIED);
	CHILD(reap(own) == SIGTERM);
	CHILD(state_of(foreign) == 'S');
	ipck_process_set_close(set);
}

static void test_denied(void **state)
{
	(void)state;
	if (!real_root)
		skip();
	in_child(as_nobody);
}

/* With this call refused, from before the set is opened. */
static void signal_refused(long call, unsigned argument, int error)
{
	const pid_t pid = handling(on_signal), other = in_group(pid, idle, NULL);
	size_t left = 9;

	shared->got = 0;
	CHILD(refuse(call, argument, error));
	CHILD(open_one(IPCK_PGRP, pid) == IPCK_OK);
	CHILD(ipck_process_set_signal(ctx, set, SIGTERM) == IPCK_OK);
	CHILD(reap(other) == SIGTERM);
	UNTIL(shared->got == 1);
	nobody_stopped(0);
	CHILD(ipck_process_set_wait(ctx, set, 50, &left) == IPCK_ERR_BUSY && left == 1);
	CHILD(ipck_process_set_signal(ctx, set, SIGKILL) == IPCK_OK);
	CHILD(ipck_process_set_wait(ctx, set, 20000, &left) == IPCK_OK && left == 0);
	CHILD(reap(pid) == SIGKILL);
	ipck_process_set_close(set);
}

static void no_send(void)
{
	signal_refused(SYS_pidfd_send_signal, ANY, ENOSYS);
}

static void no_send_by_filter(void)
{
	signal_refused(SYS_pidfd_send_signal, ANY, EPERM);
}

static void no_open(void)
{
	signal_refused(SYS_pidfd_open, ANY, ENOSYS);
}

static void no_kill(void)
{
	signal_refused(SYS_kill, ANY, EPERM);
}

static void no_neither(void)
{
	const pid_t pid = in_group(0, idle, NULL);

	CHILD(open_one(IPCK_PGRP, pid) == IPCK_OK);
	CHILD(refuse(SYS_pidfd_send_signal, ANY, EPERM) && refuse(SYS_kill, ANY, EPERM));
	CHILD(ipck_process_set_signal(ctx, set, SIGTERM) == IPCK_ERR_DENIED);
	CHILD(member_of(pid)->state == IPCK_MEMBER_FAILED);
	UNTIL(state_of(pid) == 'S');
	ipck_process_set_close(set);
}

static void test_refused(void **state)
{
	(void)state;
	if (in_valgrind()) /* which lacks calls, and keeps descriptors for itself */
		skip();
	in_child(no_send);
	in_child(no_send_by_filter);
	in_child(no_open);
	in_child(no_kill);
	in_child(no_neither);
}

/* The look for newcomers fails: those that are known get the signal, and all run on. */
static void few_descriptors(void)
{
	const pid_t pid = handling(on_signal), was = stopped(on_signal);
	const struct ipck_ref refs[] = { ref_to(IPCK_PGRP, pid), ref_to(IPCK_PGRP, was) };
	struct rlimit limit = { 0, 0 };

	shared->got = 0;
	CHILD(open_refs(refs, 2, false, NULL) == IPCK_OK);
	limit.rlim_cur = limit.rlim_max = (rlim_t)(count_descriptors() + 6);
	CHILD(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	CHILD(ipck_process_set_signal(ctx, set, SIGTERM) == IPCK_ERR_SYSTEM);
	UNTIL(shared->got == 1);
	UNTIL(state_of(pid) == 'S');
	CHILD(state_of(was) == 'T');
	ipck_process_set_close(set);
}

static void test_look_fails(void **state)
{
	(void)state;
	if (in_valgrind()) /* which lacks calls, and keeps descriptors for itself */
		skip();
	in_child(few_descriptors);
}

/* ---- Waiting ---- */

static void test_wait_interrupted(void **state)
{
	const pid_t pid = handling(on_signal), me = getpid();
	struct sigaction action = { .sa_handler = on_signal };
	size_t left = 0;
	pid_t rouser;

	(void)state;
	assert_int_equal(open_one(IPCK_PROCESS, pid), IPCK_OK);
	assert_int_equal(ipck_process_set_signal(ctx, set, SIGUSR1), IPCK_OK);
	UNTIL(shared->got == 1);
	sigaction(SIGUSR2, &action, NULL);
	rouser = fork();
	if (rouser == 0) {
		UNTIL(sleeps_in(me, me, SYS_poll));
		kill(me, SIGUSR2);
		_exit(0);
	}
	assert_int_equal(ipck_process_set_wait(ctx, set, 60000, &left), IPCK_ERR_STOPPED);
	assert_int_equal(left, 1);
	assert_int_equal(reap(rouser), 0);
	signal(SIGUSR2, SIG_DFL);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		SIGNAL_TEST("of a group that forks all the time nobody is left", test_storm_group),
		SIGNAL_TEST("nor of a session", test_storm_session),
		SIGNAL_TEST("nor of a tree", test_storm_tree),
		SIGNAL_TEST("nor of one whose second thread forks", test_storm_thread),
		SIGNAL_TEST("nor of a group that forks and ends all the time", test_storm_fleeing),
		SIGNAL_TEST("a handler gets it once", test_handler),
		SIGNAL_TEST("what a handler starts does not get it", test_handler_forks),
		SIGNAL_TEST("who was stopped stays so, unless it is killed", test_stopped),
		SIGNAL_TEST("a signal that ends nobody stops nobody", test_disturbance),
		SIGNAL_TEST("a set is stopped and continued", test_stop_and_continue),
		SIGNAL_TEST("no group is hung up because it was stopped", test_no_hangup),
		SIGNAL_TEST("who left the group is not signalled", test_escaped),
		SIGNAL_TEST("who came later is", test_newcomer),
		SIGNAL_TEST("one that is denied keeps it from nobody else", test_denied),
		SIGNAL_TEST("calls that are refused have a substitute", test_refused),
		SIGNAL_TEST("a look that fails leaves nobody stopped", test_look_fails),
		SIGNAL_TEST("a signal ends the waiting", test_wait_interrupted),
	};

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	return shared != MAP_FAILED ? RUN(tests) : 1;
}

int main(void)
{
	return run_inside(run);
}
