/* SPDX-License-Identifier: MIT */
/* /proc/PID/stat as text, whatever a process calls itself, and the look-up of single pids. */
#include "unit.h"

#include "source/process.h"

#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* What the kernel printed after the command of a cat, start time 340886. */
#define AFTER                                                                                      \
	" R 20417 16938 7035 0 -1 4194304 74 0 0 0 0 0 0 0 20 0 1 0 340886 3133440 380"            \
	" 18446744073709551615 94643003318272 94643003338153 140732472536160 0 0 0 0 0 0 0 0 0 17" \
	" 1 0 0 0 0 0 94643003354160 94643003355776 94643226656768 140732472539780"                \
	" 140732472539800 140732472539800 140732472541163 0\n"

static void test_commands(void **state)
{
	static const char *const commands[] = {
		"cat",
		"",
		"a b",
		") R 1 1 1 1",
		"(",
		")",
		"))",
		"((a) (b))",
		"a\nb",
		"\n",
		"x) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 99 (y",
		"\x1b[31m",
		"\xff\xfe",
		"123456789012345",
		" ",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		const char *command = NULL;
		uint64_t ticks = 0;
		char text[512];

		snprintf(text, sizeof(text), "20419 (%s)" AFTER, commands[i]);
		CHECK(process_parse_stat(text, &command, &ticks), "refused: %s", commands[i]);
		assert_string_equal(command, commands[i]);
		CHECK(ticks == 340886, "%s: started at %llu", commands[i],
		      (unsigned long long)ticks);
	}
}

static void test_start_times(void **state)
{
	static const struct {
		const char *field;
		bool taken;
		uint64_t ticks;
	} rows[] = {
		{ "0", true, 0 },
		{ "1 5", true, 1 },
		{ "1\n", true, 1 },
		{ "18446744073709551615 1", true, UINT64_MAX },
		{ "18446744073709551616 1", false, 0 },
		{ "99999999999999999999999999", false, 0 },
		{ "-1 2", false, 0 },
		{ "+1 2", false, 0 },
		{ "x", false, 0 },
		{ "1x", false, 0 },
		{ "", false, 0 },
		{ " 1", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *command;
		uint64_t ticks = 0;
		char text[256];
		bool taken;

		/* Fields 3 to 21 before it. */
		snprintf(text, sizeof(text),
			 "7 (c) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 %s",
			 rows[i].field);
		taken = process_parse_stat(text, &command, &ticks);
		CHECK(taken == rows[i].taken, "\"%s\": %s", rows[i].field,
		      taken ? "taken" : "refused");
		CHECK(!taken || ticks == rows[i].ticks, "\"%s\": %llu", rows[i].field,
		      (unsigned long long)ticks);
	}
}

static void test_truncated(void **state)
{
	const char whole[] = "7 (c) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22";

	(void)state;
	for (size_t length = 0; length < strlen(whole) - 2; length++) {
		const char *command;
		uint64_t ticks;
		char text[128];

		snprintf(text, sizeof(text), "%.*s", (int)length, whole);
		CHECK(!process_parse_stat(text, &command, &ticks), "taken: %.*s", (int)length,
		      whole);
	}
}

static void test_no_stat(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"7 c S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22",
		"7 )c( S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22",
		"7 ) ( 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22",
		"7 (c)S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22",
		"7 (c S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22",
		"(",
		")",
		"()",
		"() ",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		const char *command;
		uint64_t ticks;
		char text[128];

		snprintf(text, sizeof(text), "%s", texts[i]);
		CHECK(!process_parse_stat(text, &command, &ticks), "taken: %s", texts[i]);
	}
}

static void test_look_own(void **state)
{
	struct pool pool = { 0 };
	struct processes processes = { .pool = &pool, .boot = 1000000 };
	const struct process *process;
	unsigned long long ticks = 0;
	char text[1024] = "", before[16];
	FILE *file;

	(void)state;
	assert_int_equal(prctl(PR_GET_NAME, before), 0);
	assert_int_equal(prctl(PR_SET_NAME, "a) S 1 (b"), 0);
	process = process_look(&processes, getpid());
	file = fopen("/proc/self/stat", "r");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	prctl(PR_SET_NAME, before);
	assert_int_equal(sscanf(strrchr(text, ')') + 2,
				"%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
				"%*d %*d %*d %llu",
				&ticks),
			 1);

	assert_non_null(process);
	assert_int_equal(process->presence, PROCESS_SEEN);
	assert_string_equal(process->command, "a) S 1 (b");
	assert_true(process->started == 1000000 + (double)ticks / (double)sysconf(_SC_CLK_TCK));
	assert_ptr_equal(process_look(&processes, getpid()), process); /* read once */
	processes_free(&processes);
	pool_free(&pool);
}

/* The clocks: this process started between the boot and now. */
static void test_start_by_todays_clock(void **state)
{
	struct pool pool = { 0 };
	struct processes processes = { .pool = &pool };
	const struct process *process = process_look(&processes, getpid());
	const double now = (double)time(NULL);

	(void)state;
	assert_non_null(process);
	CHECK(process->started <= now + 1 && process->started > now - 3600, "started at %f, now %f",
	      process->started, now);
	processes_free(&processes);
	pool_free(&pool);
}

/* Linux gives no pid above 2^22. */
#define NOBODY ((4 << 20) + 1)

static void test_look_others(void **state)
{
	struct pool pool = { 0 };
	struct processes processes = { .pool = &pool };
	struct processes blind = { .pool = &pool, .proc_is_ours = -1 };
	const struct process *process;

	(void)state;
	process = process_look(&processes, NOBODY);
	assert_non_null(process);
	assert_int_equal(process->presence, PROCESS_GONE);
	assert_null(process->command);
	process = process_look(&blind, NOBODY);
	assert_int_equal(process->presence, PROCESS_GONE);
	/* It runs, but this /proc cannot show it. */
	process = process_look(&blind, getpid());
	assert_non_null(process);
	assert_int_equal(process->presence, PROCESS_HIDDEN);
	assert_null(process->command);
	/* Not ours to signal, but there. */
	process = process_look(&processes, 1);
	assert_int_not_equal(process->presence, PROCESS_GONE);
	processes_free(&processes);
	processes_free(&blind);
	pool_free(&pool);
}

static void test_hidepid(void **state)
{
	static const struct {
		const char *line;
		bool proc;
		enum process_hiding hiding;
		gid_t group;
	} mounts[] = {
		{ "22 1 0:5 / /proc rw,relatime - proc proc rw", true, HIDING_NONE, 0 },
		{ "22 1 0:5 / /proc rw shared:3 master:1 - proc proc rw,hidepid=invisible", true,
		  HIDING_FROM_OTHERS, 0 },
		{ "22 1 0:5 / /proc rw - proc proc rw,gid=33,hidepid=2", true, HIDING_FROM_OTHERS,
		  33 },
		{ "22 1 0:5 / /proc rw - proc none rw,hidepid=ptraceable", true, HIDING_FROM_ALL,
		  0 },
		{ "22 1 0:5 / /proc rw - proc proc rw,hidepid=4,gid=7", true, HIDING_FROM_ALL, 7 },
		/* listed, but closed: each of them is seen to be denied */
		{ "22 1 0:5 / /proc rw - proc proc rw,hidepid=noaccess", true, HIDING_FILES, 0 },
		{ "22 1 0:5 / /proc rw - proc proc rw,hidepid=1", true, HIDING_FILES, 0 },
		{ "22 1 0:5 / /proc rw,hidepid=2 - proc proc rw", true, HIDING_NONE, 0 },
		{ "22 1 0:5 / /proc rw - proc proc rw,xhidepid=2", true, HIDING_NONE, 0 },
		{ "22 1 0:5 / /proc rw - proc proc rw,hidepid=22", true, HIDING_NONE, 0 },
		{ "22 1 0:5 / /proc2 rw - proc proc rw,hidepid=2", false, HIDING_NONE, 0 },
		{ "22 1 0:5 / /mnt/proc rw - proc proc rw,hidepid=2", false, HIDING_NONE, 0 },
		{ "22 1 0:5 / /proc rw - tmpfs proc rw,hidepid=2", false, HIDING_NONE, 0 },
		{ "22 1 0:5 / /proc", false, HIDING_NONE, 0 },
		{ "", false, HIDING_NONE, 0 },
		{ "22 1", false, HIDING_NONE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(mounts); i++) {
		enum process_hiding hiding = HIDING_NONE;
		gid_t group = 0;
		bool proc = process_parse_mount(mounts[i].line, &hiding, &group);

		CHECK(proc == mounts[i].proc && hiding == mounts[i].hiding &&
			      group == mounts[i].group,
		      "\"%s\": %d %d %u", mounts[i].line, proc, hiding, group);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a command may hold parentheses, blanks and newlines", test_commands),
		TEST("the start time is field 22, a number of 64 bits", test_start_times),
		TEST("a text cut before its start time is refused", test_truncated),
		TEST("a text without a command in parentheses is refused", test_no_stat),
		TEST("a running process is seen, by its own name and start", test_look_own),
		TEST("a start time is told by the clock of today", test_start_by_todays_clock),
		TEST("the gone and the hidden are told apart", test_look_others),
		TEST("the mount of /proc tells from whom it hides processes", test_hidepid),
	};

	return RUN(tests);
}
