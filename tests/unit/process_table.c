/* SPDX-License-Identifier: MIT */
/* All processes at one look, against what /proc says to the test itself, and who reads them. */
#include "unit.h"

#include "places.h"
#include "refusal.h"
#include "waiters.h"

#include "source/process_table.h"

#include <dirent.h>
#include <locale.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/time.h>

struct table {
	struct process_row rows[256];
	char names[256][72];
	size_t count;
};

static int keep(const struct process_row *row, void *data)
{
	struct table *table = data;

	if (table->count == COUNT(table->rows))
		return IPCK_ERR_STOPPED;
	snprintf(table->names[table->count], sizeof(table->names[0]), "%s", row->command);
	table->rows[table->count] = *row;
	table->rows[table->count].command = table->names[table->count];
	table->count++;
	return 0;
}

static const struct process_row *row_of(const struct table *table, pid_t pid)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].pid == pid)
			return &table->rows[i];
	return NULL;
}

static int read_table(struct table *table)
{
	table->count = 0;
	return process_table_read(keep, table);
}

static void *read_in_thread(void *data)
{
	return (void *)(intptr_t)read_table(data);
}

/* In a thread that is not the program's first. */
static int read_elsewhere(struct table *table)
{
	pthread_t thread;
	void *result;

	CHILD(pthread_create(&thread, NULL, read_in_thread, table) == 0);
	CHILD(pthread_join(thread, &result) == 0);
	return (int)(intptr_t)result;
}

static int (*const readers[])(struct table *table) = { read_table, read_elsewhere };

/* ---- Rows ---- */

static bool in_session(void)
{
	return setsid() > 0;
}

static bool in_group(void)
{
	return setpgid(0, 0) == 0;
}

static bool as_nobody(void)
{
	return setresuid(65534, 65534, 65534) == 0;
}

/* A field of /proc/PID/status that is a number, the second one there for the effective user. */
static long status_number(pid_t pid, const char *name, int which)
{
	char path[64], line[256], format[64];
	long numbers[2] = { -1, -1 };
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	snprintf(format, sizeof(format), "%s:", name);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, format, strlen(format)) == 0)
			sscanf(line + strlen(format), "%ld %ld", &numbers[0], &numbers[1]);
	fclose(file);
	return numbers[which];
}

static void compare(const struct process_row *row)
{
	int ppid, pgid, sid, tty, tpgid;
	unsigned long long start;
	char path[64], text[512], *behind;
	unsigned flags;
	long threads;
	char state;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)row->pid);
	file = fopen(path, "r");
	CHECK(file != NULL, "%d: not there", (int)row->pid);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	behind = strrchr(text, ')');
	assert_int_equal(sscanf(behind,
				") %c %d %d %d %d %d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
				"%ld %*d %llu",
				&state, &ppid, &pgid, &sid, &tty, &tpgid, &flags, &threads, &start),
			 9);
	*behind = '\0';
	assert_string_equal(row->command, strchr(text, '(') + 1);
	if (row->pid != getpid())
		assert_int_equal(row->state, state);
	assert_int_equal(row->ppid, ppid);
	assert_int_equal(row->pgid, pgid);
	assert_int_equal(row->sid, sid);
	assert_int_equal(row->tpgid, tpgid);
	assert_int_equal(row->tty_major, tty >> 8 & 0xfff);
	assert_int_equal(row->tty_minor, tty & 0xff);
	assert_int_equal(row->kernel, (flags & 0x00200000) != 0);
	assert_int_equal(row->start_time, start);
	assert_int_equal(row->uid, status_number(row->pid, "Uid", 1));
	if (row->pid != getpid())
		assert_int_equal(row->threads, threads);
}

static size_t listed(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(proc);
	while ((entry = readdir(proc)) != NULL)
		count += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
	closedir(proc);
	return count;
}

static void test_rows(void **state)
{
	static bool (*const acts[])(void) = { in_session, in_group, as_nobody, in_session };
	static struct table table;
	pid_t pids[COUNT(acts)], zombie;

	(void)state;
	for (size_t i = 0; i < COUNT(acts); i++)
		pids[i] = stays(acts[i]);
	zombie = fork();
	if (zombie == 0)
		_exit(1);
	kill(pids[3], SIGSTOP);
	UNTIL(state_of(zombie) == 'Z' && state_of(pids[3]) == 'T' && state_of(pids[0]) == 'S');
	for (size_t j = 0; j < COUNT(readers); j++) {
		assert_int_equal(readers[j](&table), 0);
		assert_int_equal(table.count, listed());
		for (size_t i = 0; i < table.count; i++)
			compare(&table.rows[i]);
		assert_int_equal(row_of(&table, pids[0])->sid, pids[0]);
		assert_int_equal(row_of(&table, pids[1])->pgid, pids[1]);
		assert_int_equal(row_of(&table, pids[2])->uid, 65534);
		assert_int_equal(row_of(&table, pids[3])->state, 'T');
		assert_int_equal(row_of(&table, zombie)->state, 'Z');
	}
	waitpid(zombie, NULL, 0);
	for (size_t i = 0; i < COUNT(acts); i++)
		ends(pids[i]);
}

/* ---- Names ---- */

static const char *const names[] = {
	"a)b",    "a) S 1 1 1",      "a\nb",      "\n",           "\t",
	"",       "\x1b[31m",        "\xff\xfe",  "\xc3\xa4\xc3", "\xc3\xa4",
	"q?q",    "123456789012345", "a\\nb",     "\x7f",         "python3.11",
	"(sd-x)", "\xe2\x80\xae",    "\xc2\x9bm", "...",          " ",
};
static size_t named;

static bool takes_name(void)
{
	return prctl(PR_SET_NAME, names[named]) == 0;
}

static void look_at_names(void)
{
	static struct table table;
	pid_t pids[COUNT(names)];

	for (named = 0; named < COUNT(names); named++)
		CHILD((pids[named] = stays(takes_name)) > 0);
	for (size_t j = 0; j < COUNT(readers); j++) {
		CHILD(readers[j](&table) == 0);
		for (size_t i = 0; i < COUNT(names); i++) {
			const struct process_row *row = row_of(&table, pids[i]);

			CHILD(row != NULL);
			if (strcmp(row->command, names[i]) != 0)
				fprintf(stderr, "# name %zu is %s\n", i, row->command);
			CHILD(strcmp(row->command, names[i]) == 0);
		}
	}
	for (size_t i = 0; i < COUNT(names); i++)
		ends(pids[i]);
}

static void look_at_names_in_utf8(void)
{
	CHILD(setlocale(LC_ALL, "C.UTF-8") != NULL);
	look_at_names();
}

static void test_names(void **state)
{
	(void)state;
	in_child(look_at_names);
	in_child(look_at_names_in_utf8);
}

/* ---- Threads ---- */

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

/* ---- Where it cannot be read ---- */

static void read_without_descriptors(void)
{
	const int next = dup(0);
	static struct table table;

	CHILD(next > 0 && close(next) == 0);
	for (rlim_t more = 0; more < 5; more++) { /* libproc2 needs two or three */
		const struct rlimit limit = { .rlim_cur = (rlim_t)next + more, .rlim_max = 1024 };
		int rc;

		CHILD(setrlimit(RLIMIT_NOFILE, &limit) == 0);
		rc = read_table(&table);
		CHILD(rc == IPCK_ERR_SYSTEM ? table.count == 0 : rc == 0 && table.count > 0);
		CHILD(rc != 0 || more > 0);
	}
}

static void read_without_proc(void)
{
	static struct table table;

	CHILD(unshare(CLONE_NEWNS) == 0 && umount2("/proc", MNT_DETACH) == 0);
	for (size_t j = 0; j < COUNT(readers); j++)
		CHILD(readers[j](&table) == IPCK_ERR_UNSUPPORTED && table.count == 0);
}

static void read_numbers_of_others(void)
{
	static struct table table;

	for (size_t j = 0; j < COUNT(readers); j++)
		CHILD(readers[j](&table) == IPCK_ERR_UNSUPPORTED && table.count == 0);
}

static void read_other_proc(void)
{
	CHILD(unshare(CLONE_NEWPID) == 0);
	in_child(read_numbers_of_others);
}

static void test_unsupported(void **state)
{
	(void)state;
	in_child(read_without_proc);
	in_child(read_other_proc);
	if (!in_valgrind())
		in_child(read_without_descriptors);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		TEST("rows are what /proc says", test_rows),
		TEST("names are raw in any locale", test_names),
		TEST("a hundred threads take no memory, and the first needs none", test_threads),
		TEST("a child reads, though its parent was reading", test_fork),
		TEST("signals disturb no reading", test_signals),
		TEST("readers that are cancelled leave the others alone", test_cancelled),
		TEST("who cannot make a thread reads by itself", test_refused),
		TEST("no /proc, another one or no descriptor is no empty table", test_unsupported),
	};

	return RUN(tests);
}

int main(void)
{
	return run_inside(run);
}
