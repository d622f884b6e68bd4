/* SPDX-License-Identifier: MIT */
/* Which threads are seen to sleep, and what is counted of those that are not to be seen. */
#include "unit.h"

#include "source/threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct ipck *ctx;

/* ---- A process of three threads whose first one ends ---- */

enum { OTHERS = 2 };
static volatile pid_t *board; /* their numbers */

static void *sleep_in_thread(void *data)
{
	board[(size_t)(uintptr_t)data] = (pid_t)syscall(SYS_gettid);
	for (;;)
		syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
	return NULL;
}

static pid_t start(size_t others, bool leave)
{
	const pid_t child = fork();
	pthread_t thread;

	assert_true(child >= 0);
	if (child != 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < others; i++)
		if (pthread_create(&thread, NULL, sleep_in_thread, (void *)(uintptr_t)i) != 0)
			_exit(1);
	if (leave)
		syscall(SYS_exit, 0); /* the thread alone */
	for (;;)
		syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
}

static char state_of(pid_t pid, pid_t tid)
{
	char path[64], text[512] = "";
	FILE *file;
	char state = '\0';

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid, (int)tid);
	file = fopen(path, "r");
	if (file == NULL)
		return '\0';
	if (fgets(text, sizeof(text), file) != NULL && strrchr(text, ')') != NULL)
		state = strrchr(text, ')')[2];
	fclose(file);
	return state;
}

static void await(pid_t pid, pid_t tid, char state)
{
	while (state_of(pid, tid) != state)
		usleep(500);
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* ---- What is seen ---- */

struct seen {
	struct thread rows[8];
	size_t count, all;
	pid_t pid; /* keep those of this process */
	int stop;  /* the value to end with */
};

static int keep(const struct thread *thread, void *data)
{
	struct seen *seen = data;

	seen->all++;
	assert_false(thread->state == 'R' || thread->state == 'Z');
	assert_false((thread->flags & 0x00200000u) != 0); /* PF_KTHREAD */
	if (thread->pid != seen->pid)
		return 0;
	assert_true(seen->count < COUNT(seen->rows));
	seen->rows[seen->count++] = *thread;
	return seen->stop;
}

static bool has(const struct seen *seen, pid_t tid)
{
	for (size_t i = 0; i < seen->count; i++)
		if (seen->rows[i].tid == tid)
			return true;
	return false;
}

static void test_single(void **state)
{
	const pid_t child = start(0, false);
	struct seen seen = { .pid = child };
	struct thread_counts counts;
	const struct thread *thread = &seen.rows[0];

	(void)state;
	await(child, child, 'S');
	assert_int_equal(threads_each(ctx, child, true, &counts, keep, &seen), 0);
	assert_int_equal(seen.count, 1);
	assert_int_equal(thread->tid, child);
	assert_int_equal(thread->threads, 1);
	assert_int_equal(thread->call.where, SYSCALL_INSIDE);
	assert_int_equal(thread->call.number, SYS_ppoll);
	assert_string_equal(thread->path, "");
	assert_true(thread->runs > 0 && thread->start_time > 0);
	assert_int_equal(counts.threads, 1);
	assert_int_equal(counts.processes, 1);
	assert_int_equal(counts.denied, 0);
	end(child);
}

static void test_ended_leader(void **state)
{
	const pid_t child = start(OTHERS, true);
	struct seen seen = { .pid = child };
	struct thread_counts counts;

	(void)state;
	while (board[0] == 0 || board[1] == 0)
		usleep(500);
	await(child, child, 'Z');
	for (size_t i = 0; i < OTHERS; i++)
		await(child, board[i], 'S');
	assert_int_equal(threads_each(ctx, child, false, &counts, keep, &seen), 0);
	assert_int_equal(seen.count, OTHERS);
	assert_true(has(&seen, board[0]) && has(&seen, board[1]));
	for (size_t i = 0; i < OTHERS; i++) {
		assert_int_equal(seen.rows[i].call.number, SYS_ppoll);
		assert_int_equal(seen.rows[i].runs, 0); /* not asked for */
		/* The process began before its thread, and that is what tells it. */
		assert_int_equal(seen.rows[i].start_time, seen.rows[0].start_time);
	}
	assert_int_equal(counts.denied, 0);
	end(child);
}

static void test_all(void **state)
{
	const pid_t child = start(0, false);
	struct seen seen = { .pid = child };
	struct thread_counts counts;

	(void)state;
	await(child, child, 'S');
	assert_int_equal(threads_each(ctx, 0, false, &counts, keep, &seen), 0);
	assert_int_equal(seen.count, 1);
	assert_true(counts.threads >= seen.all && counts.processes >= 1);
	seen = (struct seen){ .pid = child, .stop = 7 };
	assert_int_equal(threads_each(ctx, 0, false, &counts, keep, &seen), 7);
	assert_int_equal(seen.count, 1);
	end(child);
}

static void test_gone(void **state)
{
	const pid_t child = start(0, false);
	struct seen seen = { .pid = child };
	struct thread_counts counts;

	(void)state;
	end(child);
	assert_int_equal(threads_each(ctx, child, false, &counts, keep, &seen), IPCK_ERR_NOT_FOUND);
	assert_int_equal(seen.all, 0);
}

/* A zombie has no call, and is none that was denied. */
static void test_zombie(void **state)
{
	const pid_t child = start(0, false);
	struct seen seen = { .pid = child };
	struct thread_counts counts;

	(void)state;
	kill(child, SIGKILL);
	await(child, child, 'Z');
	assert_int_equal(threads_each(ctx, child, false, &counts, keep, &seen), 0);
	assert_int_equal(seen.all, 0);
	assert_int_equal(counts.denied + counts.threads, 0);
	waitpid(child, NULL, 0);
}

/* Another user sees that they are there, not what they wait for. */
static void test_denied(void **state)
{
	enum { NOBODY = 65534 };
	pid_t child, looker;
	int status;

	(void)state;
	if (geteuid() != 0)
		skip();
	board[0] = board[1] = 0;
	child = start(OTHERS, false);
	while (board[0] == 0 || board[1] == 0)
		usleep(500);
	for (size_t i = 0; i < OTHERS; i++)
		await(child, board[i], 'S');
	await(child, child, 'S');
	looker = fork();
	if (looker == 0) {
		struct seen seen = { .pid = child };
		struct thread_counts counts;

		if (syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY) != 0 ||
		    syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY) != 0)
			_exit(10);
		if (threads_each(ctx, child, false, &counts, keep, &seen) != 0)
			_exit(11);
		_exit(seen.all != 0                       ? 12
		      : counts.denied != OTHERS + 1       ? 13
		      : counts.processes_denied != 1      ? 14
		      : counts.threads + counts.processes ? 15
							  : 0);
	}
	assert_int_equal(waitpid(looker, &status, 0), looker);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%#x", (unsigned)status);
	end(child);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST("A process of one thread that sleeps is seen with its call", test_single),
		TEST("Its threads are seen when the first one has ended", test_ended_leader),
		TEST("Among all are neither the kernel's threads nor those that run", test_all),
		TEST("One that is not there is told", test_gone),
		TEST("A zombie neither sleeps nor hides anything", test_zombie),
		TEST("What another user may not see is counted", test_denied),
	};

	board = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ipck_open(NULL, &ctx) != 0)
		return 99;
	return RUN(tests);
}
