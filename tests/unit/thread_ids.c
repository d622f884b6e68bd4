/* SPDX-License-Identifier: MIT */
/* Numbers of threads in pid namespaces: texts, and children that tell their own numbers. */
#include "unit.h"

#include "places.h"
#include "source/thread_ids.h"

#include <pthread.h>

/* ---- Texts ---- */

static void test_texts(void **state)
{
	static const struct {
		const char *text;
		bool taken;
		size_t depth;
		pid_t first, last;
	} rows[] = {
		{ "Name:\ta\nNSpid:\t17\nNSpgid:\t1\n", true, 1, 17, 17 },
		{ "Name:\ta\nNSpid:\t17\t5\t1\nNSpgid:\t1\n", true, 3, 17, 1 },
		{ "Name:\ta\nNSpid:\t4194303\t2147483647\n", true, 2, 4194303, INT32_MAX },
		{ "Name:\tNSpid:\t1\nPid:\t2\n", false, 0, 0, 0 },
		{ "Name:\ta\nNSpid:\n", false, 0, 0, 0 },
		{ "Name:\ta\nNSpid:\t\n", false, 0, 0, 0 },
		{ "Name:\ta\nNSpid:\t0\n", false, 0, 0, 0 },
		{ "Name:\ta\nNSpid:\t-1\n", false, 0, 0, 0 },
		{ "Name:\ta\nNSpid:\t1 2\n", false, 0, 0, 0 },
		{ "Name:\ta\nNSpid:\t1\t2147483648\n", false, 0, 0, 0 },
		{ "Name:\ta\nNSpid:\t17", false, 0, 0, 0 }, /* cut */
		{ "", false, 0, 0, 0 },
	};
	char deep[256] = "\nNSpid:";
	struct thread_ids ids;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const bool taken = thread_ids_parse(rows[i].text, &ids);

		CHECK(taken == rows[i].taken, "row %zu: %s", i, taken ? "taken" : "refused");
		CHECK(!taken || (ids.depth == rows[i].depth && ids.ids[0] == rows[i].first &&
				 ids.ids[ids.depth - 1] == rows[i].last),
		      "row %zu: other numbers", i);
	}
	for (size_t i = 0; i < THREAD_IDS_MAX + 1; i++)
		strcat(deep, "\t1");
	strcat(deep, "\n");
	assert_false(thread_ids_parse(deep, &ids));
}

/* ---- Live ---- */

static pid_t inner_of_thread; /* of a child's second thread, as it calls itself */
static int tell[2];

static void *stay(void *data)
{
	inner_of_thread = (pid_t)syscall(SYS_gettid);
	if (write(tell[1], &inner_of_thread, sizeof(inner_of_thread)) != sizeof(inner_of_thread))
		return data;
	for (;;)
		pause();
}

static bool with_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, stay, NULL) == 0;
}

static int open_process(pid_t pid)
{
	char path[32];
	int dir;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	return dir;
}

static void check_names(pid_t pid, pid_t first, size_t depth)
{
	const int dir = open_process(pid);
	struct thread_names names;
	struct thread_ids ids;
	char path[32];
	pid_t told;

	assert_int_equal(read(tell[0], &told, sizeof(told)), sizeof(told));
	assert_int_equal(thread_names_read(dir, &names), 0);
	assert_int_equal(names.count, 2);
	assert_int_equal(names.depth, depth);
	assert_int_equal(names.rows[0].own, first);
	assert_int_equal(names.rows[0].tid, pid);
	assert_int_equal(names.rows[1].own, told);
	snprintf(path, sizeof(path), "task/%d/", (int)names.rows[1].tid);
	assert_int_equal(thread_ids_read(dir, path, &ids), 0);
	assert_int_equal(ids.depth, depth);
	assert_int_equal(ids.ids[depth - 1], told);
	free(names.rows);
	close(dir);
}

static void test_own(void **state)
{
	pid_t child;

	(void)state;
	assert_int_equal(pipe(tell), 0);
	child = stays(with_thread);
	assert_true(child > 0);
	check_names(child, child, 1);
	ends(child);
	close(tell[0]);
	close(tell[1]);
}

static bool make_inner(void)
{
	return unshare(CLONE_NEWPID) == 0;
}

static void inner(void)
{
	const pid_t pid = make_inner() ? stays(with_thread) : 0;

	if (pid == 0)
		_exit(77); /* refused here */
	check_names(pid, 1, 2);
	ends(pid);
}

static void test_inner(void **state)
{
	int status = -1;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(tell), 0);
	pid = fork();
	if (pid == 0) {
		inner();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(tell[0]);
	close(tell[1]);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void test_gone(void **state)
{
	struct thread_names names;
	struct thread_ids ids;
	pid_t pid = fork();
	int dir;

	(void)state;
	if (pid == 0)
		_exit(0);
	dir = open_process(pid);
	waitpid(pid, NULL, 0);
	assert_int_equal(thread_ids_read(dir, "", &ids), -ESRCH);
	assert_true(thread_names_read(dir, &names) < 0 || names.count == 0);
	assert_true(names.rows == NULL);
	close(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("A line of numbers is taken only in the kernel's form", test_texts),
		TEST("A process of our pid namespace has one number a thread", test_own),
		TEST("In a namespace of its own it has two", test_inner),
		TEST("One that ended has none", test_gone),
	};

	(void)ctx;
	return RUN(tests);
}
