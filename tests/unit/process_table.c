/* SPDX-License-Identifier: MIT */
/* All processes at one look, against what /proc says to the test itself. */
#include "unit.h"

#include "places.h"
#include "process_rows.h"

#include <dirent.h>
#include <locale.h>
#include <sys/resource.h>

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
		TEST("no /proc, another one or no descriptor is no empty table", test_unsupported),
	};

	return RUN(tests);
}

int main(void)
{
	return run_inside(run);
}
