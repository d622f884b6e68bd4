/* SPDX-License-Identifier: MIT */
/*
 * What those threads want that wait for children, time, signals or sets of descriptors: children of
 * this program, which go to sleep in a call that they choose.
 */
#include "unit.h"

#include "insight/waits.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct ipck *ctx;
static volatile pid_t *board; /* what a child tells */
static int ends[2], others[2];
static char in_text[64]; /* "pipe:4711", of ends */

/* ---- Sleepers ---- */

static char state_of(pid_t pid)
{
	char path[32], text[512] = "";
	FILE *file;
	char state = '\0';

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	assert_non_null(file);
	if (fgets(text, sizeof(text), file) != NULL && strrchr(text, ')') != NULL)
		state = strrchr(text, ')')[2];
	fclose(file);
	return state;
}

static long call_of(pid_t pid)
{
	char path[32];
	FILE *file;
	long number = -1;

	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	file = fopen(path, "r");
	assert_non_null(file);
	if (fscanf(file, "%ld", &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

static void await(pid_t pid, long call, char state)
{
	while (state_of(pid) != state || (call >= 0 && call_of(pid) != call))
		usleep(500);
}

static pid_t start(void (*act)(void), long call)
{
	const pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		act();
		_exit(1);
	}
	await(child, call, call == SYS_vfork || call == SYS_clone3 ? 'D' : 'S');
	return child;
}

/* And all that it started. */
static void end(pid_t child)
{
	kill(-child, SIGKILL);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* The row of one process, valid until waits_end(). */
static const struct ipck_wait *look(struct waits_reading *reading, pid_t pid)
{
	int rc = waits_run(reading, ctx, pid, IPCK_WAITS_IDLE | IPCK_WAITS_WHOM);

	CHECK(rc == 0, "%s", ipck_message(ctx));
	CHECK(reading->count == 1, "%zu rows", reading->count);
	return &reading->rows[0].wait;
}

/* ---- One row each: the call, what it wants, whether it gives up ---- */

static const struct timespec day = { .tv_sec = 86400 },
			     moment = { .tv_sec = 5, .tv_nsec = 5000000 },
			     ever = { .tv_sec = INT64_MAX };

static void sleep_day(void)
{
	syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &day, NULL);
}
static void sleep_ever(void)
{
	syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &ever, NULL);
}
static void sleep_old(void)
{
	syscall(SYS_nanosleep, &moment, NULL);
	pause();
}
static void sleep_until(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	now.tv_sec += 10 * 86400 + 3600;
	syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &now, NULL);
}

static sigset_t set_of(int first, int second)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, first);
	sigaddset(&set, second);
	return set;
}

static void suspend(void)
{
	const sigset_t set = set_of(SIGINT, SIGTERM);

	sigsuspend(&set);
}
static void suspend_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigsuspend(&set);
}
static void wait_two(void)
{
	const sigset_t set = set_of(SIGINT, SIGRTMIN + 3);

	sigprocmask(SIG_BLOCK, &set, NULL);
	sigwaitinfo(&set, NULL);
}
static void wait_many(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (int signo = 1; signo <= 10; signo++)
		sigaddset(&set, signo);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigtimedwait(&set, NULL, &day);
}
static void wait_all(void)
{
	sigset_t set;

	sigfillset(&set);
	sigwaitinfo(&set, NULL);
}

static void poll_one(void)
{
	struct pollfd fds[] = { { ends[0], POLLIN, 0 }, { -1, POLLIN, 0 } };

	ppoll(fds, 2, NULL, NULL);
}
static void poll_none(void)
{
	ppoll(NULL, 0, &day, NULL);
}
static void poll_many(void)
{
	struct pollfd fds[11];

	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = (struct pollfd){ ends[0], POLLIN | POLLPRI, 0 };
	ppoll(fds, COUNT(fds), &day, NULL);
}
static void select_two(void)
{
	fd_set in, bad;

	FD_ZERO(&in);
	FD_ZERO(&bad);
	FD_SET(ends[0], &in);
	FD_SET(ends[0], &bad);
	pselect(ends[0] + 1, &in, NULL, &bad, NULL, NULL);
}
static void watch_closed(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	const int set = epoll_create1(0), copy = dup(ends[0]);

	/* What is watched stays so when the number means another file. */
	epoll_ctl(set, EPOLL_CTL_ADD, copy, &event);
	dup2(others[0], copy);
	epoll_pwait(set, &event, 1, 86400000, NULL);
}
static void watch_nothing(void)
{
	struct epoll_event event;

	epoll_pwait(epoll_create1(0), &event, 1, -1, NULL);
}

static unsigned long long inode_of(int fd)
{
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	return status.st_ino;
}

static void test_texts(void **state)
{
	char one[128], many[1024] = "", two[128], closed[128];
	const struct {
		void (*act)(void);
		long call;
		const char *wants;
		bool timeout;
	} rows[] = {
		{ sleep_day, SYS_clock_nanosleep, "24h to pass", true },
		{ sleep_ever, SYS_clock_nanosleep, "ever to pass", true },
		{ sleep_old, SYS_nanosleep, "5.005s to pass", true },
		{ sleep_until, SYS_clock_nanosleep, "10d more to pass", true },
		{ suspend, SYS_rt_sigsuspend, "a signal (blocked meanwhile: INT TERM)", false },
		{ suspend_open, SYS_rt_sigsuspend, "a signal", false },
		{ wait_two, SYS_rt_sigtimedwait, "signal INT or RTMIN+3", false },
		{ wait_many, SYS_rt_sigtimedwait,
		  "signal HUP or INT or QUIT or ILL or TRAP or ABRT or BUS or FPE and 1 more",
		  true },
		{ wait_all, SYS_rt_sigtimedwait, "a signal", false },
		{ poll_one, SYS_ppoll, one, false },
		{ poll_none, SYS_ppoll, "24h to pass", true },
		{ poll_many, SYS_ppoll, many, true },
		{ select_two, SYS_pselect6, two, false },
		{ watch_closed, SYS_epoll_pwait, closed, true },
		{ watch_nothing, SYS_epoll_pwait, "nothing", false },
	};

	(void)state;
	snprintf(one, sizeof(one), "in of %s", in_text);
	snprintf(two, sizeof(two), "in+pri of %s", in_text);
	snprintf(closed, sizeof(closed), "in of inode %llu", inode_of(ends[0]));
	for (int i = 0; i < 8; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "%s%s",
			 i > 0 ? ", " : "", two);
	strcat(many, " and 3 more");
	for (size_t i = 0; i < COUNT(rows); i++) {
		const pid_t child = start(rows[i].act, rows[i].call);
		struct waits_reading reading;
		const struct ipck_wait *wait = look(&reading, child);

		CHECK(wait->wants != NULL && strcmp(wait->wants, rows[i].wants) == 0,
		      "row %zu: %s, not %s", i, wait->wants, rows[i].wants);
		CHECK(wait->timeout == rows[i].timeout && wait->idle && wait->why == 0,
		      "row %zu: %d", i, wait->why);
		waits_end(&reading);
		end(child);
	}
}

/* ---- Children ---- */

static pid_t rest(void)
{
	const pid_t child = fork();

	if (child == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (child == 0)
		pause();
	return child;
}
static void wait_one(void)
{
	board[0] = rest();
	board[1] = rest();
	waitpid(board[1], NULL, 0);
}
static void wait_any(void)
{
	board[0] = rest();
	board[1] = rest();
	waitpid(-1, NULL, 0);
}
static void wait_own_group(void)
{
	board[0] = rest();
	board[1] = rest();
	setpgid(board[0], 0);
	waitpid(0, NULL, 0);
	kill(board[0], SIGKILL);
}
/* Both run on one stack, as with vfork(): the parent never returns. */
static void spawn(void)
{
	struct clone_args args = { .flags = CLONE_VM | CLONE_VFORK, .exit_signal = SIGCHLD };

	rest(); /* one that is not it */
	if (syscall(SYS_clone3, &args, sizeof(args)) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
	}
}

static void check_awaited(const struct ipck_wait *wait, const pid_t *pids, size_t count)
{
	CHECK(wait->awaited_count == count, "%zu", wait->awaited_count);
	for (size_t i = 0; i < count; i++) {
		CHECK(wait->awaited[i].process.pid == pids[i], "%d, not %d",
		      (int)wait->awaited[i].process.pid, (int)pids[i]);
		assert_int_equal(wait->awaited[i].proof, IPCK_PROOF_KERNEL);
		assert_int_equal(wait->awaited[i].group, 0);
		assert_int_equal(wait->awaited[i].tid, 0);
	}
}

static void test_children(void **state)
{
	static const struct {
		void (*act)(void);
		const char *wants;
		int first, count;
	} rows[] = {
		{ wait_one, NULL, 1, 1 },
		{ wait_any, "the end of any child", 0, 2 },
		{ wait_own_group, "the end of any child of its group", 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const pid_t child = start(rows[i].act, SYS_wait4);
		struct waits_reading reading;
		const struct ipck_wait *wait = look(&reading, child);
		const pid_t pids[2] = { board[rows[i].first], board[1] };
		char wants[64], ref[32];

		snprintf(wants, sizeof(wants), "the end of child %d", (int)pids[0]);
		snprintf(ref, sizeof(ref), "pid:%d", (int)pids[0]);
		assert_string_equal(wait->wants, rows[i].wants != NULL ? rows[i].wants : wants);
		if (rows[i].wants == NULL)
			assert_string_equal(wait->ref, ref);
		else
			assert_null(wait->ref);
		check_awaited(wait, pids, (size_t)rows[i].count);
		waits_end(&reading);
		kill(board[0], SIGKILL);
		end(child);
	}
}

static pid_t youngest_child(pid_t pid)
{
	char path[64];
	FILE *file;
	int child = 0, read;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fscanf(file, "%d", &read) == 1)
		child = read;
	fclose(file);
	return child;
}

static void test_clone3(void **state)
{
	struct waits_reading reading;
	const struct ipck_wait *wait;
	pid_t child, its;

	(void)state;
	if (in_valgrind())
		skip();
	child = start(spawn, SYS_clone3);
	its = youngest_child(child);
	wait = look(&reading, child);
	assert_true(its > 0);
	check_awaited(wait, &its, 1);
	assert_int_equal(wait->what, IPCK_WAIT_CHILD);
	assert_false(wait->idle);
	waits_end(&reading);
	end(child);
}

/* In a pid namespace of its own the numbers are others: 2 there is a third one here. */
static void test_other_namespace(void **state)
{
	struct clone_args args = { .flags = CLONE_NEWPID, .exit_signal = SIGCHLD };
	struct waits_reading reading;
	const struct ipck_wait *wait;
	pid_t child, its;

	(void)state;
	child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (child < 0 && (errno == EPERM || errno == ENOSYS))
		skip();
	assert_true(child >= 0);
	if (child == 0) {
		pid_t first;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		first = rest();

		rest();
		syscall(SYS_wait4, first, NULL, 0, NULL);
		_exit(1);
	}
	await(child, SYS_wait4, 'S');
	wait = look(&reading, child);
	assert_int_equal(wait->awaited_count, 1);
	its = wait->awaited[0].process.pid;
	CHECK(its != 2 && kill(its, 0) == 0, "%d", (int)its);
	CHECK(its != youngest_child(child), "%d", (int)its);
	waits_end(&reading);
	end(child);
}

/* ---- Stopped ---- */

static void cpu_sleep(void)
{
	syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0, &day, NULL);
}

static void test_stopped(void **state)
{
	static const struct {
		void (*act)(void);
		long call;
		const char *name, *wants;
	} rows[] = {
		{ sleep_day, SYS_clock_nanosleep, "clock_nanosleep", "24h to pass" },
		{ sleep_old, SYS_nanosleep, "nanosleep", "5.005s to pass" },
		{ cpu_sleep, SYS_clock_nanosleep, "clock_nanosleep", "24h to pass" },
	};

	(void)state;
	if (in_valgrind())
		skip();
	for (size_t i = 0; i < COUNT(rows); i++) {
		const pid_t child = start(rows[i].act, rows[i].call);
		struct waits_reading reading;
		const struct ipck_wait *wait;

		kill(child, SIGSTOP);
		await(child, -1, 'T');
		wait = look(&reading, child);
		assert_string_equal(wait->finding, "stopped");
		assert_false(wait->idle);
		waits_end(&reading);
		kill(child, SIGCONT);
		await(child, SYS_restart_syscall, 'S');
		wait = look(&reading, child);
		CHECK(strcmp(wait->call, rows[i].name) == 0 &&
			      strcmp(wait->wants, rows[i].wants) == 0,
		      "row %zu: %s, %s", i, wait->call, wait->wants);
		assert_true(wait->idle && wait->timeout && wait->finding == NULL);
		waits_end(&reading);
		end(child);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST("Times, signals and descriptors are said in words", test_texts),
		TEST("Those children are awaited that can end the wait", test_children),
		TEST("The child of clone3 that shares its memory is awaited", test_clone3),
		TEST("Numbers of another pid namespace are translated", test_other_namespace),
		TEST("A sleep that was stopped and continued keeps its name", test_stopped),
	};

	board = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ipck_open(NULL, &ctx) != 0 || pipe(ends) != 0 || pipe(others) != 0)
		return 99;
	snprintf(in_text, sizeof(in_text), "pipe:%llu", inode_of(ends[0]));
	return RUN(tests);
}
