/* SPDX-License-Identifier: MIT */
/* For how long a thread has slept, against what the sleeper noted itself right before. */
#include "unit.h"

#include "refusal.h"
#include "source/thread_clock.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NEAR 3.0 /* milliseconds: the clocks of two processors can differ by seconds */

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

struct sleeper {
	pid_t pid;
	double noted; /* right before it went to sleep */
	struct thread thread;
};

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

/* A child that sleeps on that processor. */
static void start(struct sleeper *sleeper, int cpu)
{
	double *noted = mmap(NULL, sizeof(*noted), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	volatile double *shared = noted;
	char path[32];

	assert_ptr_not_equal(noted, MAP_FAILED);
	sleeper->pid = fork();
	assert_true(sleeper->pid >= 0);
	if (sleeper->pid == 0) {
		pin(cpu);
		*shared = milliseconds();
		for (;;)
			syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
	}
	while (*shared == 0 || state_of(sleeper->pid) != 'S')
		usleep(1000);
	sleeper->noted = *shared;
	munmap(noted, sizeof(*noted));
	snprintf(path, sizeof(path), "/proc/%d", (int)sleeper->pid);
	sleeper->thread = (struct thread){ .pid = sleeper->pid, .tid = sleeper->pid, .cpu = cpu };
	sleeper->thread.dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(sleeper->thread.dir >= 0);
}

static void end(struct sleeper *sleeper)
{
	kill(sleeper->pid, SIGKILL);
	waitpid(sleeper->pid, NULL, 0);
	close(sleeper->thread.dir);
}

/* How far we are off, in milliseconds.  It is put to sleep later than it notes, never earlier. */
static double error_of(struct thread_clock *clock, const struct sleeper *sleeper)
{
	uint64_t nanoseconds;
	double before = milliseconds(), since, low, high;

	assert_int_equal(thread_clock_since(clock, &sleeper->thread, &nanoseconds), IPCK_OK);
	since = (double)nanoseconds / 1e6;
	low = before - sleeper->noted;
	high = milliseconds() - sleeper->noted;
	return since > high ? since - high : since < low ? since - low : 0;
}

/*
 * A busy machine can hold it up between its note and its sleep, and us while we learn its
 * processor's clock: one of a few is not.
 */
static void check_near(int cpu)
{
	double error = 0;
	int i = 0;

	do {
		struct thread_clock clock = { 0 };
		struct sleeper sleeper;

		start(&sleeper, cpu);
		usleep(20000);
		error = error_of(&clock, &sleeper);
		end(&sleeper);
		thread_clock_free(&clock);
	} while ((error < -NEAR || error > NEAR) && ++i < 50);
	CHECK(i < 50, "processor %d: %.3f ms off", cpu, error);
}

static void test_near(void **state)
{
	cpu_set_t before, after;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET((size_t)cpu, &before))
			check_near(cpu);
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
}

/* It stands still: asked twice, the second answer is older by just the time between. */
static void test_grows(void **state)
{
	struct thread_clock clock = { 0 };
	struct sleeper sleeper;
	uint64_t first, second;
	double before, between, most;

	(void)state;
	start(&sleeper, sched_getcpu());
	assert_int_equal(thread_clock_since(&clock, &sleeper.thread, &first), IPCK_OK);
	before = milliseconds();
	usleep(50000);
	between = milliseconds() - before;
	assert_int_equal(thread_clock_since(&clock, &sleeper.thread, &second), IPCK_OK);
	most = milliseconds() - sleeper.noted;
	CHECK((double)(second - first) / 1e6 >= between && (double)second / 1e6 < most + NEAR,
	      "%f, %f in between, at most %f", (double)(second - first) / 1e6, between, most);
	end(&sleeper);
	thread_clock_free(&clock);
}

/* In a child: its filter stays. */
static void test_refused(void **state)
{
	struct sleeper sleeper;
	const int cpu = sched_getcpu();
	double error = 0;
	int status;
	pid_t child;

	(void)state;
	start(&sleeper, cpu);
	usleep(20000);
	child = fork();
	if (child == 0) {
		struct thread_clock clock = { 0 };
		uint64_t nanoseconds;

		pin(cpu);
		if (!refuse(SYS_sched_setaffinity, ANY, EINVAL) ||
		    thread_clock_since(&clock, &sleeper.thread, &nanoseconds) != IPCK_OK)
			_exit(1);
		error = milliseconds() - sleeper.noted - (double)nanoseconds / 1e6;
		_exit(error < -NEAR || error > 500 ? 2 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%#x", (unsigned)status);
	end(&sleeper);
}

/* ---- Folders made by hand ---- */

static char folder[] = "/tmp/thread_clock.XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/sched", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/stat", folder);
	unlink(path);
	return rmdir(folder);
}

static void write_file(const char *name, const char *text)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void test_missing(void **state)
{
	struct thread_clock clock = { 0 };
	struct thread thread = { .dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC) };
	uint64_t nanoseconds;

	(void)state;
	assert_true(thread.dir >= 0);
	assert_int_equal(thread_clock_since(&clock, &thread, &nanoseconds), IPCK_ERR_NOT_FOUND);
	write_file("stat", "1 (a) S");
	assert_int_equal(thread_clock_since(&clock, &thread, &nanoseconds), IPCK_ERR_UNSUPPORTED);
	write_file("sched", "a (1, #threads: 1)\n---\nse.vruntime : 1.000000\n");
	assert_int_equal(thread_clock_since(&clock, &thread, &nanoseconds), IPCK_ERR_UNSUPPORTED);
	write_file("sched", "a (1, #threads: 1)\n---\nse.exec_start : 1.000000\n");
	thread.cpu = -1;
	assert_int_equal(thread_clock_since(&clock, &thread, &nanoseconds), IPCK_ERR_UNSUPPORTED);
	/* No processor of that number: ours has to do. */
	thread.cpu = 5000;
	assert_int_equal(thread_clock_since(&clock, &thread, &nanoseconds), IPCK_OK);
	assert_true(nanoseconds > 0);
	/* From the future: it has just gone to sleep. */
	write_file("sched", "a (1, #threads: 1)\n---\nse.exec_start : 9000000000000.000000\n");
	assert_int_equal(thread_clock_since(&clock, &thread, &nanoseconds), IPCK_OK);
	assert_int_equal(nanoseconds, 0);
	close(thread.dir);
	thread_clock_free(&clock);
}

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t nanoseconds;
	} rows[] = {
		{ "cat (217, #threads: 1)\n---\nse.exec_start          :      23274998.412911\n"
		  "se.vruntime                                  :         17572.815654\n",
		  true, UINT64_C(23274998412911) },
		{ "a\nse.exec_start : 0.000001\n", true, 1 },
		/* A command may be called so: the line after it counts. */
		{ "x\nse.exec_start (1, #threads: 1)\n---\nse.exec_start : 7.000000\n", true,
		  7000000 },
		{ "a\nse.exec_start : 9223372036853.999999\n", true,
		  UINT64_C(9223372036853999999) },
		{ "a\nse.exec_start : 9223372036855.000000\n", false, 0 },
		{ "a\nse.exec_start : 99999999999999999999.000000\n", false, 0 },
		{ "a\nse.exec_start : -1.000000\n", false, 0 },
		{ "a\nse.exec_start : 1\n", false, 0 },
		{ "a\nse.exec_start : 1.5\n", false, 0 },
		{ "a\nse.exec_start : 1.0000000\n", false, 0 },
		{ "a\nse.exec_start : 1.000000", false, 0 },
		{ "a\nse.exec_start : 1.000000 2\n", false, 0 },
		{ "a\nse.exec_start_time : 1.000000\n", false, 0 },
		{ "a\n se.exec_start : 1.000000\n", false, 0 },
		{ "se.exec_start : 1.000000\n", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t nanoseconds = 0;
		const bool good = thread_clock_parse(rows[i].text, &nanoseconds);

		CHECK(good == rows[i].good && (!good || nanoseconds == rows[i].nanoseconds),
		      "row %zu: %d %llu", i, good, (unsigned long long)nanoseconds);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST("The stamp is read, and nothing else is taken for it", test_parse),
		TEST("On each processor the time is that which the sleeper noted", test_near),
		TEST("It grows with the time", test_grows),
		TEST("Where we may not be put on its processor there is an answer too",
		     test_refused),
		{ "Without the file, or with a strange one, it is not known", test_missing,
		  make_folder, remove_folder, NULL },
	};

	return RUN(tests);
}
