/* SPDX-License-Identifier: MIT */
/* What all processes together say: texts of /proc, and real processes of users that nobody else is.
 */
#include "insight/orphans.h"
#include "source/process_list.h"
#include "source/queue_waits.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- Texts ---- */

static void test_uids(void **state)
{
	static const struct {
		const char *text;
		bool taken;
		uid_t real, effective, saved;
	} rows[] = {
		{ "Name:\tx\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\n", true, 1, 2, 3 },
		{ "\nUid:\t0\t0\t0\t0\n", true, 0, 0, 0 },
		{ "\nUid:\t4294967295\t0\t4294967294\t0\n", true, 4294967295, 0, 4294967294 },
		/* a newline in a name is printed as two characters */
		{ "Name:\tx\\nUid:\t0\t0\t0\t0\nUid:\t1\t2\t3\t4\n", true, 1, 2, 3 },
		{ "\nUid:\t4294967296\t0\t0\t0\n", false, 0, 0, 0 },
		{ "\nUid:\t-1\t0\t0\t0\n", false, 0, 0, 0 },
		{ "\nUid:\t1\t2\t3\n", false, 0, 0, 0 },
		{ "\nUid:\t1\t2\t", false, 0, 0, 0 },
		{ "\nUid: 1 2 3 4\n", false, 0, 0, 0 },
		{ "\nUid:\n", false, 0, 0, 0 },
		{ "Name:\tx\n", false, 0, 0, 0 },
		{ "", false, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct listed_process process = { 0 };
		bool taken = process_parse_uids(rows[i].text, &process);

		CHECK(taken == rows[i].taken, "row %zu: %s", i, taken ? "taken" : "refused");
		CHECK(!taken || (process.real == rows[i].real &&
				 process.effective == rows[i].effective &&
				 process.saved == rows[i].saved),
		      "row %zu: %u %u %u", i, process.real, process.effective, process.saved);
	}
}

static void test_fields(void **state)
{
	static const struct {
		const char *text;
		bool taken;
		char state;
		uint64_t threads;
		bool kernel;
	} rows[] = {
		{ "S 4 5 6 7 -1 4194304 10 11 12 13 14 15 16 17 18 19 3 21 22\n", true, 'S', 3,
		  false },
		{ "I 4 5 6 7 8 2129984 10 11 12 13 14 15 16 17 18 19 1 0 0 0\n", true, 'I', 1,
		  true },
		{ "Z 4 5 6 7 8 4227084 10 11 12 13 14 15 16 17 18 19 1 21\n", true, 'Z', 1, false },
		{ "S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19\n", false, 0, 0, false },
		{ "S 4 5 6 7 8 9x 10 11 12 13 14 15 16 17 18 19 20 21\n", false, 0, 0, false },
		{ "S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 -1 21\n", false, 0, 0, false },
		{ "S", false, 0, 0, false },
		{ "", false, 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct listed_process process = { 0 };
		char letter;
		bool taken = process_parse_fields(rows[i].text, &process, &letter);

		CHECK(taken == rows[i].taken, "row %zu: %s", i, taken ? "taken" : "refused");
		if (!taken)
			continue;
		assert_int_equal(letter, rows[i].state);
		assert_int_equal(process.threads, rows[i].threads);
		assert_int_equal(process.kernel, rows[i].kernel);
	}
}

#define REST " 0x1 0x2 0x3 0x4 0x7ffc1 0x7f2\n"

static void test_syscalls(void **state)
{
	static const struct {
		const char *text;
		enum queue_waiting waiting;
		int32_t id;
		bool sends;
	} rows[] = {
		{ "running\n", QUEUE_NONE, 0, false },
		{ "-1 0x7ffc1 0x7f2\n", QUEUE_NONE, 0, false },
		{ "0 0x3 0x7f" REST, QUEUE_NONE, 0, false },
#if defined(__x86_64__)
		{ "69 0x8001 0x7f" REST, QUEUE_KNOWN, 32769, true },
		{ "70 0x0 0x7f" REST, QUEUE_KNOWN, 0, false },
		{ "70 0x7fffffff 0x7f" REST, QUEUE_KNOWN, INT32_MAX, false },
		{ "70 0xffffffffffffffff 0x7f" REST, QUEUE_KNOWN, -1, false },
		{ "71 0x1 0x7f" REST, QUEUE_NONE, 0, false },
		{ "1073741893 0x5 0x7f" REST, QUEUE_KNOWN, 5, true },
		{ "400 0x5 0x7f" REST, QUEUE_KNOWN, 5, true },
		{ "1073741894 0x5 0x7f" REST, QUEUE_KNOWN, 5, false },
		{ "401 0x5 0x7f" REST, QUEUE_KNOWN, 5, false },
		{ "117 0xb 0x5" REST, QUEUE_KNOWN, 5, true },
		{ "117 0x1000c 0x5" REST, QUEUE_KNOWN, 5, false },
		{ "117 0x1 0x5" REST, QUEUE_NONE, 0, false }, /* ipc(SEMOP) */
#elif defined(__aarch64__)
		{ "189 0x8001 0x7f" REST, QUEUE_KNOWN, 32769, true },
		{ "188 0x0 0x7f" REST, QUEUE_KNOWN, 0, false },
		{ "70 0x0 0x7f" REST, QUEUE_NONE, 0, false },
#endif
		{ "", QUEUE_UNTOLD, 0, false },
		{ "70", QUEUE_UNTOLD, 0, false },
		{ "70 0x1", QUEUE_UNTOLD, 0, false },
		{ "70 1 2" REST, QUEUE_UNTOLD, 0, false },
		{ "70 0x10000000000000000 0x1" REST, QUEUE_UNTOLD, 0, false },
		{ "99999999999999999999 0x1 0x2" REST, QUEUE_UNTOLD, 0, false },
		{ "-2 0x1 0x2" REST, QUEUE_UNTOLD, 0, false },
		{ "walking\n", QUEUE_UNTOLD, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct queue_wait wait = { 0 };
		enum queue_waiting waiting = queue_parse_syscall(rows[i].text, &wait);

		CHECK(waiting == rows[i].waiting, "%s: %d", rows[i].text, (int)waiting);
		CHECK(waiting != QUEUE_KNOWN ||
			      (wait.id == rows[i].id && wait.sends == rows[i].sends),
		      "%s: %d", rows[i].text, wait.id);
	}
}

static void test_wchans(void **state)
{
	static const struct {
		const char *text;
		enum queue_waiting waiting;
	} rows[] = {
		{ "do_msgrcv", QUEUE_UNTOLD },
		{ "do_msgsnd", QUEUE_UNTOLD },
		{ "do_msgrcv.constprop.0", QUEUE_UNTOLD },
		{ "__x64_sys_msgsnd", QUEUE_UNTOLD },
		{ "__do_semtimedop", QUEUE_NONE },
		{ "anon_pipe_read", QUEUE_NONE },
		{ "do_signal_stop", QUEUE_DENIED }, /* on what it waits when continued */
		{ "ptrace_stop", QUEUE_DENIED },
		{ "do_freezer_trap", QUEUE_DENIED },
		{ "__refrigerator", QUEUE_DENIED },
		{ "0", QUEUE_DENIED },
		{ "", QUEUE_DENIED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK(queue_parse_wchan(rows[i].text) == rows[i].waiting, "%s: %d", rows[i].text,
		      (int)queue_parse_wchan(rows[i].text));
}

/* ---- Users ---- */

/* And the next few: no users of this machine, nor of a program of ours that runs at the same time.
 */
#define UID (1u << 30 | (uid_t)test_pid << 2)
static pid_t test_pid;

static void need_root(void)
{
	if (geteuid() != 0)
		skip();
}

static struct orphan_facts facts_now(bool queues)
{
	struct orphan_facts facts;
	struct ipck *ctx;

	assert_int_equal(ipck_open(NULL, &ctx), IPCK_OK);
	assert_int_equal(orphan_facts_read(ctx, queues, &facts), IPCK_OK);
	ipck_close(ctx);
	return facts;
}

/* When the oldest process of a user started; 0: it has none. */
static double oldest(uid_t uid)
{
	struct orphan_facts facts = facts_now(false);
	double started = 0;

	assert_true(facts.processes > 0);
	for (size_t i = 0; i < facts.user_count; i++) {
		assert_true(i == 0 || facts.users[i - 1].uid < facts.users[i].uid);
		if (facts.users[i].uid == uid)
			started = facts.users[i].oldest;
	}
	orphan_facts_free(&facts);
	return started;
}

/* A process of these ids that waits to be killed, or exits at once. */
static pid_t start(uid_t real, uid_t effective, uid_t saved, bool stays)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* the signal last: a change of user would clear it */
		if (setresuid(real, effective, saved) != 0 ||
		    prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || write(ready[1], "", 1) != 1)
			kill(getpid(), SIGKILL);
		while (stays)
			pause();
		kill(getpid(), SIGKILL);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static double now(void)
{
	struct timespec real;

	clock_gettime(CLOCK_REALTIME, &real);
	return (double)real.tv_sec + (double)real.tv_nsec / 1e9;
}

static void test_ids(void **state)
{
	double before, after;
	pid_t pid;

	(void)state;
	need_root();
	assert_true(oldest(UID) == 0);
	before = now();
	pid = start(UID, UID + 1, UID + 2, true);
	after = now();
	for (uid_t uid = UID; uid <= UID + 2; uid++) {
		const double started = oldest(uid);

		/* hundredths of a second, and the clock may be disciplined meanwhile */
		CHECK(started > before - 0.05 && started < after + 0.05,
		      "user %u: %f, not between %f and %f", uid, started, before, after);
	}
	end(pid);
	for (uid_t uid = UID; uid <= UID + 2; uid++)
		assert_true(oldest(uid) == 0);
}

static void test_oldest(void **state)
{
	pid_t first, second;
	double first_started;

	(void)state;
	need_root();
	first = start(UID, UID, UID, true);
	first_started = oldest(UID);
	assert_true(first_started > 0);
	/* start times are hundredths of a second */
	for (double begin = now(); now() < begin + 0.05;)
		nap();
	second = start(UID, UID, UID, true);
	assert_true(oldest(UID) < first_started + 0.005);
	end(first);
	assert_true(oldest(UID) > first_started + 0.005);
	end(second);
	assert_true(oldest(UID) == 0);
}

static void test_zombie(void **state)
{
	siginfo_t info;
	pid_t pid;

	(void)state;
	need_root();
	pid = start(UID, UID, UID, false);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(kill(pid, 0), 0);
	assert_true(oldest(UID) == 0);
	end(pid);
}

static void *wait_for_ever(void *data)
{
	for (;;)
		pause();
	return data;
}

/* A process goes on after its first thread has ended. */
static void test_headless(void **state)
{
	siginfo_t info = { 0 };
	char path[32], text[512] = "";
	pid_t pid;

	(void)state;
	need_root();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		pthread_t thread;

		if (setresuid(UID, UID, UID) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
		    pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
			kill(getpid(), SIGKILL);
		pthread_exit(NULL);
	}
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (double begin = now(); strstr(text, ") Z ") == NULL && now() < begin + 20; nap()) {
		FILE *file = fopen(path, "r");

		assert_non_null(file);
		assert_non_null(fgets(text, sizeof(text), file));
		fclose(file);
	}
	assert_non_null(strstr(text, ") Z "));
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG), 0);
	assert_int_equal(info.si_pid, 0); /* not ended */
	assert_true(oldest(UID) > 0);
	end(pid);
}

/* The one who asks does not count, nor does it count when it has none but itself. */
static void test_self(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	need_root();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(setresuid(UID, UID, UID) == 0 && oldest(UID) == 0 ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* ---- Waits on queues ---- */

struct message {
	long type;
	char text[64];
};

enum role { RECEIVES, SENDS, RECEIVES_IN_THREAD, IDLES };

/* What the parent is told. */
struct told {
	uint64_t ns;
	int64_t id;
};

static void *receive(void *data)
{
	const int *id = data;
	struct message message;

	msgrcv(*id, &message, sizeof(message.text), 0, 0);
	return NULL;
}

/* In an IPC namespace of its own, where no queue of anybody else is. */
static void play(enum role role, int out)
{
	struct message message = { .type = 1 };
	struct msqid_ds limits;
	struct stat status;
	struct told told;
	pthread_t thread;
	static int id;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWIPC) != 0 || stat("/proc/self/ns/ipc", &status) != 0)
		kill(getpid(), SIGKILL);
	msgget(IPC_PRIVATE, 0600); /* so that the id is not 0 */
	id = msgget(IPC_PRIVATE, 0600);
	if (id <= 0 || msgctl(id, IPC_STAT, &limits) != 0)
		kill(getpid(), SIGKILL);
	limits.msg_qbytes = sizeof(message.text);
	told = (struct told){ status.st_ino, id };
	if (msgctl(id, IPC_SET, &limits) != 0 || write(out, &told, sizeof(told)) != sizeof(told))
		kill(getpid(), SIGKILL);
	if (role == RECEIVES)
		receive(&id);
	if (role == SENDS)
		for (int i = 0; i < 2; i++)
			msgsnd(id, &message, sizeof(message.text), 0);
	if (role == RECEIVES_IN_THREAD)
		pthread_create(&thread, NULL, receive, &id);
	wait_for_ever(NULL);
}

static pid_t start_role(enum role role, struct told *told)
{
	int out[2];
	pid_t pid;

	assert_int_equal(pipe(out), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		play(role, out[1]);
	close(out[1]);
	assert_int_equal(read(out[0], told, sizeof(*told)), sizeof(*told));
	close(out[0]);
	return pid;
}

static size_t waiters(const struct told *told)
{
	struct orphan_facts facts = facts_now(true);
	size_t found = 0;

	for (size_t i = 0; i < facts.waiter_count; i++)
		found += facts.waiters[i].ns == told->ns && facts.waiters[i].id == told->id;
	orphan_facts_free(&facts);
	return found;
}

/* How many threads of a process the kernel has in a call on queues. */
static int blocked(pid_t pid)
{
	char command[128];
	int count = -1;
	FILE *pipe;

	snprintf(command, sizeof(command),
		 "grep -ls -e msgrcv -e msgsnd /proc/%d/task/*/wchan | wc -l", (int)pid);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_int_equal(fscanf(pipe, "%d", &count), 1);
	pclose(pipe);
	return count;
}

static void wait_blocked(pid_t pid)
{
	for (double begin = now(); blocked(pid) == 0; nap())
		assert_true(now() < begin + 20);
}

static void test_waits(void **state)
{
	static const enum role roles[] = { RECEIVES, SENDS, RECEIVES_IN_THREAD };

	(void)state;
	need_root();
	for (size_t i = 0; i < COUNT(roles); i++) {
		struct orphan_facts facts;
		struct told told;
		pid_t pid = start_role(roles[i], &told);

		wait_blocked(pid);
		CHECK(waiters(&told) == 1, "role %d: %zu waiters", (int)roles[i], waiters(&told));
		facts = facts_now(false); /* it was not asked */
		assert_int_equal(facts.waiter_count, 0);
		assert_int_equal(facts.denied_waits, 0);
		orphan_facts_free(&facts);
		/* stopped, it will wait again once it goes on */
		assert_int_equal(kill(pid, SIGSTOP), 0);
		assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
		CHECK(waiters(&told) == 1, "stopped, role %d: %zu waiters", (int)roles[i],
		      waiters(&told));
		assert_int_equal(kill(pid, SIGCONT), 0);
		wait_blocked(pid);
		CHECK(waiters(&told) == 1, "continued, role %d: %zu waiters", (int)roles[i],
		      waiters(&told));
		end(pid);
		assert_int_equal(waiters(&told), 0);
	}
}

static void test_no_waits(void **state)
{
	struct told told;
	pid_t pid;

	(void)state;
	need_root();
	pid = start_role(IDLES, &told);
	assert_int_equal(waiters(&told), 0);
	end(pid);
}

/* Another user sees that there are processes, but not what their threads wait for. */
static void test_denied(void **state)
{
	struct told told;
	int status;
	pid_t pid, viewer;

	(void)state;
	need_root();
	pid = start_role(RECEIVES, &told);
	wait_blocked(pid);
	viewer = fork();
	assert_true(viewer >= 0);
	if (viewer == 0) {
		struct orphan_facts facts;

		if (setresuid(UID, UID, UID) != 0)
			_exit(1);
		facts = facts_now(true);
		status = facts.denied_waits > 0 && facts.waiter_count == 0 && facts.denied == 0 ? 0
												: 2;
		orphan_facts_free(&facts);
		_exit(status);
	}
	assert_int_equal(waitpid(viewer, &status, 0), viewer);
	assert_int_equal(status, 0);
	end(pid);
}

/* ---- The walk ---- */

static int count_row(const struct listed_process *process, void *data)
{
	size_t *rows = data;

	assert_true(process->pid > 0 && process->dir >= 0);
	return ++*rows == 1 ? -77 : 0;
}

static int find_own(const struct listed_process *process, void *data)
{
	struct listed_process *own = data;

	if (process->pid == getpid())
		*own = *process;
	return 0;
}

static void test_walk(void **state)
{
	struct process_counts counts;
	struct listed_process own = { 0 };
	struct ipck *ctx;
	size_t rows = 0;
	uid_t real, effective, saved;

	(void)state;
	assert_int_equal(ipck_open(NULL, &ctx), IPCK_OK);
	assert_int_equal(process_each(ctx, &counts, count_row, &rows), -77);
	assert_int_equal(rows, 1);
	assert_int_equal(process_each(ctx, &counts, find_own, &own), IPCK_OK);
	assert_true(counts.seen > 0);
	assert_int_equal(own.pid, getpid());
	assert_int_equal(getresuid(&real, &effective, &saved), 0);
	assert_int_equal(own.real, real);
	assert_int_equal(own.effective, effective);
	assert_int_equal(own.saved, saved);
	assert_false(own.kernel);
	assert_int_equal(own.threads, 1);
	assert_true(own.started <= now() + 0.05 && own.started > now() - 3600);
	ipck_close(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("user ids are the three first of their line", test_uids),
		TEST("state, flags and threads follow the command", test_fields),
		TEST("a system call tells the queue it waits on", test_syscalls),
		TEST("where a thread sleeps tells whether it may wait on a queue", test_wchans),
		TEST("the walk meets this process, and ends when told so", test_walk),
		TEST("a process counts for its real, effective and saved user", test_ids),
		TEST("the oldest process of a user counts", test_oldest),
		TEST("a zombie does not count", test_zombie),
		TEST("a process without its first thread counts", test_headless),
		TEST("who asks does not count", test_self),
		TEST("a thread in msgsnd or msgrcv waits, stopped or not", test_waits),
		TEST("a process with a queue need not wait on it", test_no_waits),
		TEST("what others wait for is not to be seen by all", test_denied),
	};

	test_pid = getpid();
	return RUN(tests);
}
