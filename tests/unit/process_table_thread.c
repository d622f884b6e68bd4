/* SPDX-License-Identifier: MIT */
/* Who reads the process table: for which threads, in which children, among which signals. */
#include "unit.h"

#include "places.h"
#include "process_rows.h"
#include "refusal.h"

#include <dirent.h>
#include <sys/time.h>

#define SCANNER "ipckit-scan"

/* Threads of ours that bear the scanner's name; of the last one, which signals it blocks. */
static size_t scanners(uint64_t *blocked)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	size_t count = 0;

	CHILD(tasks != NULL);
	while ((entry = readdir(tasks)) != NULL) {
		char path[300], line[256];
		unsigned long long mask;
		bool named_so = false;
		FILE *file;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/status", entry->d_name);
		file = fopen(path, "r");
		while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
			if (strcmp(line, "Name:\t" SCANNER "\n") == 0)
				named_so = true;
			if (named_so && sscanf(line, "SigBlk: %llx", &mask) == 1)
				*blocked = mask;
		}
		if (file != NULL)
			fclose(file);
		count += named_so;
	}
	closedir(tasks);
	return count;
}

static void read_in_hundred_threads(void)
{
	static struct table table;
	uint64_t blocked = 0;
	long before, after;

	for (int i = 0; i < 5; i++) /* what threads themselves take, and keep for the next ones */
		CHILD(read_elsewhere(&table) == 0);
	before = status_number(getpid(), "VmData", 0);
	for (int i = 0; i < looks(100); i++)
		CHILD(read_elsewhere(&table) == 0 && row_of(&table, getpid()) != NULL);
	after = status_number(getpid(), "VmData", 0);
	if (after - before >= 2048)
		fprintf(stderr, "# %ld KiB, before %ld\n", after, before);
	CHILD(after - before < 2048);
	CHILD(scanners(&blocked) == 1);
	/* all but those that cannot be, and the two that the C library needs */
	CHILD(blocked == ~(1ull << (SIGKILL - 1) | 1ull << (SIGSTOP - 1) | 3ull << 31));
}

static void read_in_first_thread(void)
{
	static struct table table;
	uint64_t blocked;

	CHILD(read_table(&table) == 0 && row_of(&table, getpid()) != NULL);
	CHILD(scanners(&blocked) == 0 && row_of(&table, getpid())->threads == 1);
}

static void test_threads(void **state)
{
	(void)state;
	in_child(read_in_first_thread);
	if (!in_valgrind())
		in_child(read_in_hundred_threads);
}

static volatile bool enough;

static void *read_until_enough(void *data)
{
	static _Thread_local struct table table;

	(void)data;
	while (!enough)
		CHILD(read_table(&table) == 0 && row_of(&table, getpid()) != NULL);
	return NULL;
}

static void read_and_end(void)
{
	static struct table table;

	alarm(60); /* who waits for a thread that is not there waits for ever */
	CHILD(read_elsewhere(&table) == 0 && row_of(&table, getpid()) != NULL);
	CHILD(read_table(&table) == 0);
}

static void on_alarm(int number)
{
	(void)number;
}

/* Children are made while the thread works, and other threads wait for it. */
static void fork_while_reading(void)
{
	pthread_t threads[4];

	for (size_t i = 0; i < COUNT(threads); i++)
		CHILD(pthread_create(&threads[i], NULL, read_until_enough, NULL) == 0);
	for (int i = 0; i < looks(40); i++)
		in_child(read_and_end);
	enough = true;
	for (size_t i = 0; i < COUNT(threads); i++)
		CHILD(pthread_join(threads[i], NULL) == 0);
}

static void test_fork(void **state)
{
	(void)state;
	in_child(read_and_end);
	in_child(fork_while_reading);
}

static void read_among_signals(void)
{
	const struct itimerval often = { .it_interval = { .tv_usec = 200 },
					 .it_value = { .tv_usec = 200 } };
	const struct itimerval never = { 0 };
	struct sigaction action = { .sa_handler = on_alarm }; /* without SA_RESTART */
	static struct table table;
	size_t count;

	CHILD(read_table(&table) == 0);
	count = table.count;
	CHILD(sigaction(SIGALRM, &action, NULL) == 0);
	CHILD(setitimer(ITIMER_REAL, &often, NULL) == 0);
	for (int i = 0; i < looks(200); i++) {
		CHILD(read_table(&table) == 0 && table.count == count);
		CHILD(read_elsewhere(&table) == 0 && table.count == count);
	}
	CHILD(setitimer(ITIMER_REAL, &never, NULL) == 0);
}

static void test_signals(void **state)
{
	(void)state;
	in_child(read_among_signals);
}

static void *read_for_ever(void *data)
{
	for (;;) {
		CHILD(read_table(data) == 0);
		pthread_testcancel();
	}
	return NULL;
}

static void cancel_readers(void)
{
	static struct table tables[2];
	pthread_t thread;

	alarm(60);
	for (int i = 0; i < looks(40); i++) {
		CHILD(pthread_create(&thread, NULL, read_for_ever, &tables[0]) == 0);
		CHILD(read_elsewhere(&tables[1]) == 0);
		CHILD(pthread_cancel(thread) == 0 && pthread_join(thread, NULL) == 0);
		CHILD(read_elsewhere(&tables[1]) == 0);
	}
}

static void test_cancelled(void **state)
{
	(void)state;
	in_child(cancel_readers);
}

static void *read_without_clone(void *data)
{
	uint64_t blocked;

	CHILD(refuse(SYS_clone3, ANY, ENOSYS) && refuse(SYS_clone, ANY, EAGAIN));
	CHILD(read_table(data) == 0 && row_of(data, getpid()) != NULL);
	CHILD(scanners(&blocked) == 0);
	return NULL;
}

static void read_refused(void)
{
	static struct table table;
	pthread_t thread;

	CHILD(pthread_create(&thread, NULL, read_without_clone, &table) == 0);
	CHILD(pthread_join(thread, NULL) == 0);
	/* who may make one does */
	CHILD(read_elsewhere(&table) == 0);
}

static void test_refused(void **state)
{
	(void)state;
	if (in_valgrind())
		skip();
	in_child(read_refused);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a hundred threads take no memory, and the first needs none", test_threads),
		TEST("a child reads, though its parent was reading", test_fork),
		TEST("signals disturb no reading", test_signals),
		TEST("readers that are cancelled leave the others alone", test_cancelled),
		TEST("who cannot make a thread reads by itself", test_refused),
	};

	return RUN(tests);
}

int main(void)
{
	return run_inside(run);
}
