/* SPDX-License-Identifier: MIT */
/* How processes ended, as wait(2) says it later, and the umask and directory of those that live. */
#include "unit.h"

#include "places.h"
#include "refusal.h"
#include "waiters.h"

#include "source/process_exit.h"

#include <pthread.h>
#include <sys/resource.h>

/* ---- The text ---- */

/* Fields 4 to 51 of a zombie. */
#define MIDDLE                                                                                     \
	"4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 1 21 22 23 24 25 26 27 28 29 30 31 32 33 34 "   \
	"35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 "

static void test_text(void **state)
{
	static const struct {
		const char *fields;
		bool taken;
		int status;
	} rows[] = {
		{ "Z " MIDDLE "0\n", true, 0 },
		{ "Z " MIDDLE "10752\n", true, 42 << 8 },
		{ "Z " MIDDLE "139\n", true, 139 },
		{ "Z " MIDDLE "9 53 54\n", true, 9 },
		{ "Z " MIDDLE "2147483648\n", false, 0 },
		{ "Z " MIDDLE "-1\n", false, 0 },
		{ "Z " MIDDLE "9x\n", false, 0 },
		{ "Z " MIDDLE "9", false, 0 },
		{ "Z " MIDDLE, false, 0 },
		{ "Z 4 5 6\n", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int status = -1;
		const bool taken = process_exit_parse(rows[i].fields, &status);

		CHECK(taken == rows[i].taken, "row %zu: %d", i, (int)taken);
		CHECK(!taken || status == rows[i].status, "row %zu: %d", i, status);
	}
}

/* ---- Zombies ---- */

static const struct ipck_process *read_one(pid_t pid, unsigned want)
{
	const struct ipck_ref ref = { .kind = IPCK_PROCESS, .form = IPCK_BY_PID, .pid = pid };
	const struct ipck_process *process;
	const int rc = ipck_process_read(ctx, &ref, want, &process);

	if (rc != IPCK_OK)
		fprintf(stderr, "# %d: %d %s\n", (int)pid, rc, ipck_message(ctx));
	CHILD(rc == IPCK_OK);
	return process;
}

/* What is known of it, in the list of all and by itself: which must be the same. */
static int why_not(pid_t pid, int *status)
{
	const struct ipck_processes_query query = { .size = sizeof(query),
						    .want = IPCK_PROCESS_EXIT };
	const struct ipck_process *one = read_one(pid, IPCK_PROCESS_EXIT), *row;
	struct ipck_processes *all;
	int why;

	CHILD(ipck_processes_read(ctx, &query, &all) == IPCK_OK);
	row = ipck_processes_find(all, pid);
	CHILD(row != NULL);
	why = ipck_process_why(row, IPCK_PROCESS_EXIT);
	*status = row->exit_status;
	CHILD(ipck_process_why(one, IPCK_PROCESS_EXIT) == why && one->exit_status == *status);
	ipck_process_free(one);
	ipck_processes_free(all);
	return why;
}

static pid_t zombie(int code, int signal)
{
	const struct rlimit no_core = { 0 };
	const pid_t pid = fork();

	CHILD(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_DUMPABLE, 1); /* setuid() took it */
		setrlimit(RLIMIT_CORE, &no_core);
		if (signal != 0) { /* cmocka catches some */
			sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
			kill(getpid(), signal);
		}
		_exit(code);
	}
	UNTIL(state_of(pid) == 'Z');
	return pid;
}

static void test_statuses(void **state)
{
	static const struct {
		int code, signal;
	} rows[] = { { 0, 0 },       { 1, 0 },       { 42, 0 },      { 255, 0 },
		     { 0, SIGKILL }, { 0, SIGTERM }, { 0, SIGSEGV }, { 0, SIGSYS } };

	(void)state;
	/* valgrind stumbles over one that sends itself a signal */
	for (size_t i = 0; i < COUNT(rows) && (rows[i].signal == 0 || !in_valgrind()); i++) {
		const pid_t pid = zombie(rows[i].code, rows[i].signal);
		int status, waited;

		CHECK(why_not(pid, &status) == IPCK_OK, "row %zu: not known", i);
		assert_int_equal(waitpid(pid, &waited, 0), pid);
		CHECK(status == waited, "row %zu: %#x, not %#x", i, (unsigned)status,
		      (unsigned)waited);
		assert_true(rows[i].signal != 0 ? WTERMSIG(status) == rows[i].signal
						: WEXITSTATUS(status) == rows[i].code);
	}
}

/* The zombies of another user are its own affair, and none of them has ended well. */
static pid_t others[2];

static void look_as_nobody(void)
{
	int status;
	pid_t own;

	CHILD(become_nobody());
	for (size_t i = 0; i < COUNT(others); i++)
		CHILD(why_not(others[i], &status) == IPCK_ERR_DENIED);
	own = zombie(42, 0);
	CHILD(why_not(own, &status) == IPCK_OK && status == 42 << 8);
	own = zombie(0, 0);
	CHILD(why_not(own, &status) == IPCK_OK && status == 0);
}

static void look_without_links(void)
{
	int status;

	CHILD(refuse(SYS_readlinkat, ANY, EPERM));
	CHILD(why_not(others[0], &status) == IPCK_ERR_DENIED);
	/* what is not 0 was not kept from us */
	CHILD(why_not(others[1], &status) == IPCK_OK && status == 42 << 8);
}

static void look_with_no_links(void)
{
	int status;

	CHILD(refuse(SYS_readlinkat, ANY, ENOENT));
	CHILD(why_not(others[0], &status) == IPCK_ERR_UNSUPPORTED);
}

static void test_permission(void **state)
{
	(void)state;
	others[0] = zombie(0, 0);
	others[1] = zombie(42, 0);
	if (real_root)
		in_child(look_as_nobody);
	if (!in_valgrind()) {
		in_child(look_without_links);
		in_child(look_with_no_links);
	}
	for (size_t i = 0; i < COUNT(others); i++)
		waitpid(others[i], NULL, 0);
}

static void *stay(void *data)
{
	(void)data;
	for (;;)
		pause();
	return NULL;
}

static pid_t zombie_leader(void)
{
	const pid_t pid = fork();
	pthread_t thread;

	CHILD(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		umask(031);
		if (chdir("/dev") != 0 || pthread_create(&thread, NULL, stay, NULL) != 0)
			_exit(1);
		syscall(SYS_exit, 7); /* of this thread alone */
	}
	UNTIL(state_of(pid) == 'Z');
	return pid;
}

static void test_none(void **state)
{
	const pid_t leader = zombie_leader();
	int status;

	(void)state;
	assert_int_equal(why_not(getpid(), &status), IPCK_ERR_NOT_WANTED);
	assert_int_equal(why_not(leader, &status), IPCK_ERR_NOT_WANTED);
	ends(leader);
}

static void test_gone(void **state)
{
	const pid_t pid = zombie(3, 0);
	char path[32];
	int dir, status;
	const struct ipck_process *process = read_one(pid, 0);
	const uint64_t start = process->id.start_time;

	(void)state;
	ipck_process_free(process);
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	assert_int_equal(process_exit_status(dir, start, &status), 0);
	assert_int_equal(status, 3 << 8);
	assert_int_equal(process_exit_status(dir, start + 1, &status), -ESRCH);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	status = process_exit_status(dir, start, &status);
	CHECK(status == -ESRCH || status == -ENOENT, "%d", status);
	close(dir);
}

/* ---- Umask and directory ---- */

#define BOTH_WANTED (IPCK_PROCESS_UMASK | IPCK_PROCESS_CWD)
#define ODD "/dev/shm/a\n\x1b(\xff"

static bool has_umask_and_odd_directory(void)
{
	umask(0157);
	return mkdir(ODD, 0777) == 0 && chdir(ODD) == 0;
}

static bool has_no_directory(void)
{
	umask(0);
	return mkdir(ODD "2", 0777) == 0 && chdir(ODD "2") == 0 && rmdir(ODD "2") == 0;
}

static void claim(pid_t pid, mode_t mask, const char *directory)
{
	const struct ipck_process *process = read_one(pid, BOTH_WANTED);

	CHILD((process->known & BOTH_WANTED) == BOTH_WANTED);
	CHILD(process->umask == mask);
	CHILD(same(process->cwd, directory));
	ipck_process_free(process);
}

static pid_t odd;

static void look_at_other(void)
{
	const struct ipck_process *process;

	CHILD(become_nobody());
	process = read_one(odd, BOTH_WANTED);
	CHILD(ipck_process_why(process, IPCK_PROCESS_UMASK) == IPCK_OK);
	CHILD(process->umask == 0157);
	CHILD(ipck_process_why(process, IPCK_PROCESS_CWD) == IPCK_ERR_DENIED);
	ipck_process_free(process);
}

static void test_places(void **state)
{
	const pid_t none = stays(has_no_directory), leader = zombie_leader(), dead = zombie(0, 0);
	const struct ipck_process *process;

	(void)state;
	odd = stays(has_umask_and_odd_directory);
	assert_true(odd > 0 && none > 0);
	claim(odd, 0157, ODD);
	claim(none, 0, ODD "2 (deleted)");
	claim(leader, 031, "/dev");
	process = read_one(dead, BOTH_WANTED);
	assert_int_equal(ipck_process_why(process, IPCK_PROCESS_UMASK), IPCK_ERR_NOT_WANTED);
	assert_int_equal(ipck_process_why(process, IPCK_PROCESS_CWD), IPCK_OK);
	assert_null(process->cwd);
	ipck_process_free(process);
	process = read_one(odd, 0);
	assert_int_equal(ipck_process_why(process, IPCK_PROCESS_UMASK), IPCK_ERR_NOT_WANTED);
	assert_int_equal(ipck_process_why(process, IPCK_PROCESS_CWD), IPCK_ERR_NOT_WANTED);
	ipck_process_free(process);
	if (real_root)
		in_child(look_at_other);
	ends(odd);
	ends(none);
	ends(leader);
	waitpid(dead, NULL, 0);
}

/* ---- A /proc that hides ---- */

static const char *hiding;
static void look_at_hidden(void)
{
	const struct ipck_processes_query query = { .size = sizeof(query),
						    .want = IPCK_PROCESS_EXIT | IPCK_PROCESS_OWNER |
							    IPCK_PROCESS_TERMINAL };
	struct ipck_processes *all;

	CHILD(unshare(CLONE_NEWNS) == 0 && mount("proc", "/proc", "proc", 0, hiding) == 0);
	CHILD(ipck_processes_read(ctx, &query, &all) == IPCK_OK);
	CHILD(!ipck_processes_hidden(all) && ipck_processes_count(all) == 3);
	ipck_processes_free(all);
	CHILD(become_nobody());
	CHILD(ipck_processes_read(ctx, &query, &all) == IPCK_OK);
	CHILD(ipck_processes_hidden(all) && ipck_processes_count(all) == 1);
	CHILD(ipck_processes_at(all, 0)->id.pid == getpid());
	CHILD(ipck_processes_at(all, 0)->uid == 65534);
	ipck_processes_free(all);
}

static void test_hidden(void **state)
{
	static const char *const options[] = { "hidepid=1", "hidepid=2", "hidepid=4" };

	(void)state;
	if (!real_root)
		skip();
	while (waitpid(-1, NULL, WNOHANG) > 0) /* what the tests before left to us */
		continue;
	zombie(1, 0);
	for (size_t i = 0; i < COUNT(options); i++) {
		hiding = options[i];
		in_child(look_at_hidden);
	}
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		TEST("the exit status in a stat text", test_text),
		TEST("the status is what wait says", test_statuses),
		TEST("what the kernel keeps from us is not taken for success", test_permission),
		TEST("what has not ended has no status, though its first thread has", test_none),
		TEST("one that is gone, or another one, is not taken for it", test_gone),
		TEST("umask and directory, as they were set", test_places),
		TEST("a /proc that hides shows us alone, and says that it hides", test_hidden),
	};

	return RUN(tests);
}

int main(void)
{
	return run_inside(run);
}
