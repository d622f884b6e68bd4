/* SPDX-License-Identifier: MIT */
/* One process: its stat, status and cmdline as text, whatever it calls itself, and read alive. */
#include "unit.h"

#include "ipckit.h"
#include "source/process_status.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* From the tenth field on. */
#define BEHIND " 1 2 3 4 5 6 7 8 20 0 9 0 340886 3133440 380\n"

static void test_stat(void **state)
{
	static const struct {
		const char *fields;
		struct process_stat stat;
	} rows[] = {
		{ "S 1 2 3 34817 77 4194304",
		  { .tpgid = 77,
		    .state = 'S',
		    .ppid = 1,
		    .pgid = 2,
		    .sid = 3,
		    .tty_major = 136,
		    .tty_minor = 1 } },
		{ "Z 0 -1 -1 0 -1 4194304", { .state = 'Z', .pgid = -1, .sid = -1, .tpgid = -1 } },
		{ "I 2 0 0 0 0 69238880", { .state = 'I', .ppid = 2, .kernel = true, .tpgid = 0 } },
		/* pts/1048575: minor numbers have twenty bits, and the number a sign */
		{ "R 1 1 1 -1013505 -1 4194304",
		  { .state = 'R',
		    .ppid = 1,
		    .pgid = 1,
		    .sid = 1,
		    .tty_major = 136,
		    .tty_minor = 1048575,
		    .tpgid = -1 } },
		{ "R 2147483647 2147483647 2147483647 1025 -1 4194304",
		  { .state = 'R',
		    .ppid = INT32_MAX,
		    .pgid = INT32_MAX,
		    .sid = INT32_MAX,
		    .tty_major = 4,
		    .tty_minor = 1,
		    .tpgid = -1 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct process_stat stat = { 0 };
		const struct process_stat *want = &rows[i].stat;
		char text[512];

		snprintf(text, sizeof(text), "7 (a) S 9 9 9 (b) %s" BEHIND, rows[i].fields);
		CHECK(process_stat_parse(text, &stat), "refused: %s", rows[i].fields);
		assert_string_equal(stat.command, "a) S 9 9 9 (b");
		CHECK(stat.state == want->state && stat.ppid == want->ppid &&
			      stat.pgid == want->pgid && stat.sid == want->sid &&
			      stat.tpgid == want->tpgid && stat.kernel == want->kernel,
		      "%s: another process", rows[i].fields);
		CHECK(stat.tty_major == want->tty_major && stat.tty_minor == want->tty_minor,
		      "%s: terminal %u:%u", rows[i].fields, stat.tty_major, stat.tty_minor);
		CHECK(stat.threads == 9 && stat.start_time == 340886, "%s: threads or start",
		      rows[i].fields);
	}
}

static void test_stat_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"S",
		"S -1 2 3 0 -1 4194304",
		"S +1 2 3 0 -1 4194304",
		"S 1 x 3 0 -1 4194304",
		"S 1  3 0 -1 4194304",
		"S 1 2 3 2147483648 -1 4194304",
		"S 1 2 3 -2147483649 -1 4194304",
		"S 2147483648 2 3 0 -1 4194304",
		"S 1 99999999999999999999 3 0 -1 4194304",
		"S 1 2 3 0 -1 -5",
		"SS 1 2 3 0 -1 4194304",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct process_stat stat;
		char text[512];

		snprintf(text, sizeof(text), "7 (a) %s" BEHIND, rows[i]);
		CHECK(!process_stat_parse(text, &stat), "taken: %s", rows[i]);
	}
}

#define MASKS                                                                                      \
	"SigPnd:\t%s\nShdPnd:\t0000000000004000\nSigBlk:\t0000000000010000\n"                      \
	"SigIgn:\t0000000000000006\nSigCgt:\tffffffffffffffff\n"

static void test_masks(void **state)
{
	struct process_masks masks;
	char text[1024];

	(void)state;
	/* a name with a newline stands escaped in the first line */
	snprintf(text, sizeof(text), "Name:\ta\\nSigPnd:\t1\nTgid:\t7\n" MASKS, "0000000000000001");
	assert_true(process_masks_parse(text, &masks));
	assert_true(masks.thread_pending == 1 && masks.pending == 0x4000);
	assert_true(masks.blocked == 0x10000 && masks.ignored == 6);
	assert_true(masks.caught == UINT64_MAX);
}

static void test_masks_refused(void **state)
{
	static const char *const rows[] = { "", "x", "-1", "0x1", "1 ", "10000000000000000", "1g" };
	struct process_masks masks;
	char text[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text), "Name:\ta\n" MASKS, rows[i]);
		CHECK(!process_masks_parse(text, &masks), "taken: %s", rows[i]);
	}
	assert_false(process_masks_parse("", &masks));
	assert_false(process_masks_parse("Name:\ta\nSigPnd:\t0000000000000000\n", &masks));
	/* cut within the last line */
	snprintf(text, sizeof(text), "Name:\ta\n" MASKS, "0");
	text[strlen(text) - 1] = '\0';
	assert_false(process_masks_parse(text, &masks));
}

static void test_tgid(void **state)
{
	pid_t tgid = 0;

	(void)state;
	assert_true(process_tgid_parse("Name:\ta\nTgid:\t7\nNgid:\t0\n", &tgid));
	assert_int_equal(tgid, 7);
	assert_false(process_tgid_parse("Name:\tTgid:\t7\n", &tgid));
	assert_false(process_tgid_parse("Name:\ta\nTgid:\t0\n", &tgid));
	assert_false(process_tgid_parse("Name:\ta\nTgid:\t2147483648\n", &tgid));
	assert_false(process_tgid_parse("Name:\ta\nTgid:\t7x\n", &tgid));
}

static void test_args(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *text;
	} rows[] = {
		{ "", 0, "" },
		{ "\0\0\0", 3, "" },
		{ "cat\0", 4, "cat" },
		{ "cat", 3, "cat" },
		{ "cat\0-n\0", 7, "cat -n" },
		{ "cat\0\0x\0", 7, "cat  x" },
		{ "postgres: idle\0\0\0\0", 18, "postgres: idle" },
		{ "a\nb\0\x1b[2J\xff\0", 10, "a\nb \x1b[2J\xff" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[64];

		memset(text, '#', sizeof(text));
		memcpy(text, rows[i].bytes, rows[i].length);
		assert_int_equal(process_args_join(text, rows[i].length), strlen(rows[i].text));
		assert_string_equal(text, rows[i].text);
		CHECK(text[rows[i].length + 1] == '#', "row %zu: wrote too far", i);
	}
}

/* ---- Alive ---- */

static struct ipck_ref ref_of(pid_t pid)
{
	return (struct ipck_ref){ .kind = IPCK_PROCESS, .form = IPCK_BY_PID, .pid = pid };
}

static void test_ourselves(void **state)
{
	struct ipck_ref ref = ref_of(getpid());
	const struct ipck_process *process;
	struct ipck *ctx;

	(void)state;
	assert_int_equal(ipck_open(NULL, &ctx), IPCK_OK);
	assert_int_equal(ipck_process_read(ctx, &ref, IPCK_PROCESS_SIGNALS, &process), IPCK_OK);
	assert_int_equal(process->ppid, getppid());
	assert_int_equal(process->pgid, getpgrp());
	assert_int_equal(process->sid, getsid(0));
	assert_int_equal(ipck_process_why(process, IPCK_PROCESS_SIGNALS), IPCK_OK);
	assert_int_equal(ipck_process_why(process, IPCK_PROCESS_OWNER), IPCK_ERR_NOT_WANTED);
	assert_null(process->user);
	ref.exact = true;
	ref.generation.start_time = process->id.start_time;
	ipck_process_free(process);
	assert_int_equal(ipck_process_read(ctx, &ref, 0, &process), IPCK_OK);
	ipck_process_free(process);
	ref.generation.start_time++;
	assert_int_equal(ipck_process_read(ctx, &ref, 0, &process), IPCK_ERR_CHANGED);
	assert_null(process);
	ipck_process_free(NULL);
	ipck_close(ctx);
}

static void test_signals(void **state)
{
	const struct ipck_process *process;
	const pid_t child = fork();
	struct ipck_ref ref = ref_of(child);
	struct ipck *ctx;
	int status;

	(void)state;
	if (child == 0) {
		sigset_t set;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sigfillset(&set);
		sigdelset(&set, SIGUSR2);
		sigprocmask(SIG_SETMASK, &set, NULL);
		signal(SIGHUP, SIG_IGN);
		raise(SIGUSR1); /* to the thread */
		kill(getpid(), SIGALRM);
		raise(SIGSTOP); /* blocked or not, it stops */
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(ipck_open(NULL, &ctx), IPCK_OK);
	assert_int_equal(ipck_process_read(ctx, &ref, IPCK_PROCESS_SIGNALS, &process), IPCK_OK);
	assert_int_equal(process->state, 'T');
	assert_true(process->thread_pending == UINT64_C(1) << (SIGUSR1 - 1));
	assert_true(process->pending == UINT64_C(1) << (SIGALRM - 1));
	assert_true((process->blocked >> (SIGTERM - 1) & 1) == 1);
	assert_true((process->blocked >> (SIGUSR2 - 1) & 1) == 0);
	assert_true((process->ignored >> (SIGHUP - 1) & 1) == 1);
	ipck_process_free(process);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(ipck_process_read(ctx, &ref, 0, &process), IPCK_ERR_NOT_FOUND);
	ipck_close(ctx);
}

static void *be_thread(void *data)
{
	int *pipes = data;
	pid_t tid = gettid();
	char byte;

	if (write(pipes[1], &tid, sizeof(tid)) == sizeof(tid))
		return read(pipes[2], &byte, 1) == 0 ? NULL : data;
	return data;
}

static void test_thread(void **state)
{
	const struct ipck_process *process;
	int told[2], held[2], both[3];
	struct ipck_ref ref;
	struct ipck *ctx;
	pthread_t thread;
	pid_t tid;

	(void)state;
	assert_int_equal(pipe(told) | pipe(held), 0);
	both[1] = told[1];
	both[2] = held[0];
	assert_int_equal(pthread_create(&thread, NULL, be_thread, both), 0);
	assert_int_equal(read(told[0], &tid, sizeof(tid)), sizeof(tid));
	ref = ref_of(tid);
	assert_int_equal(ipck_open(NULL, &ctx), IPCK_OK);
	assert_int_equal(ipck_process_read(ctx, &ref, 0, &process), IPCK_ERR_NOT_FOUND);
	assert_non_null(strstr(ipck_message(ctx), "a thread of pid:"));
	close(held[1]);
	pthread_join(thread, NULL);
	close(held[0]);
	close(told[0]);
	close(told[1]);
	ipck_close(ctx);
}

static void test_refused(void **state)
{
	const struct ipck_ref refs[] = {
		{ .kind = IPCK_SHM, .form = IPCK_BY_ID, .pid = 1 },
		{ .kind = IPCK_PROCESS, .form = IPCK_BY_ID, .pid = 1 },
		{ .kind = IPCK_PROCESS, .form = IPCK_BY_PID, .pid = 0 },
		{ .kind = IPCK_PROCESS, .form = IPCK_BY_PID, .pid = -1 },
	};
	const struct ipck_ref own = ref_of(getpid());
	const struct ipck_process *process;
	struct ipck *ctx;

	(void)state;
	assert_int_equal(ipck_open(NULL, &ctx), IPCK_OK);
	for (size_t i = 0; i < COUNT(refs); i++)
		CHECK(ipck_process_read(ctx, &refs[i], 0, &process) == IPCK_ERR_ARGUMENT,
		      "reference %zu taken", i);
	assert_int_equal(ipck_process_read(ctx, &own, 1u << 31, &process), IPCK_ERR_ARGUMENT);
	ipck_close(ctx);
}

static void test_namespace_names(void **state)
{
	static const char *const names[] = { "cgroup", "ipc",  "mnt",  "net",
					     "pid",    "time", "user", "uts" };

	(void)state;
	for (unsigned i = 0; i < COUNT(names); i++)
		assert_string_equal(ipck_namespace_type_name((enum ipck_namespace_type)i),
				    names[i]);
	assert_null(ipck_namespace_type_name((enum ipck_namespace_type)IPCK_NAMESPACE_TYPES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("the fields of a stat text, behind any command", test_stat),
		TEST("a malformed stat text is refused", test_stat_refused),
		TEST("the signal masks of a status text", test_masks),
		TEST("malformed, missing and cut masks are refused", test_masks_refused),
		TEST("the process that a thread belongs to", test_tgid),
		TEST("arguments are joined, whatever lies in them", test_args),
		TEST("we are read as we are, and refused as a later process", test_ourselves),
		TEST("a child's signals are what it did with them", test_signals),
		TEST("a thread's number is no process", test_thread),
		TEST("what is no reference to a process is refused", test_refused),
		TEST("each type of namespace has its name", test_namespace_names),
	};

	return RUN(tests);
}
