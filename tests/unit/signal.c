/* SPDX-License-Identifier: MIT */
/* Signals to processes: only ever to the one that was meant, with pidfds and without. */
#include "unit.h"

#include "ipckit.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Field 22, counted from the last parenthesis by sscanf: not by the library. */
static uint64_t start_time(pid_t pid)
{
	unsigned long long ticks = 0;
	char path[32], text[1024] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_int_equal(sscanf(strrchr(text, ')') + 2,
				"%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
				"%*d %*d %*d %llu",
				&ticks),
			 1);
	return ticks;
}

/* A child that waits to be ended; with a number, the process of that number, or -1. */
static pid_t child(pid_t number)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .set_tid = (uint64_t)(uintptr_t)&number,
				   .set_tid_size = 1 };
	pid_t pid = number > 0 ? (pid_t)syscall(SYS_clone3, &args, sizeof(args)) : fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid;
}

static int end(pid_t pid)
{
	int status = 0;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

static struct ipck *context(void)
{
	struct ipck *ctx;

	assert_int_equal(ipck_open(NULL, &ctx), IPCK_OK);
	return ctx;
}

/* From here on this call gives that error, as an old kernel or a container's filter would. */
static void refuse(unsigned call, unsigned error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = COUNT(filter), .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(77);
}

/* valgrind has no pidfds, and neither has Linux before 5.3. */
static bool has_pidfds(void)
{
	const int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void test_sent(void **state)
{
	struct ipck_process_id id = { 0 };
	struct pollfd poller = { .events = POLLIN };
	struct ipck *ctx;

	(void)state;
	if (!has_pidfds())
		skip();
	ctx = context();
	id.pid = child(0);
	id.start_time = start_time(id.pid);
	assert_int_equal(ipck_signal(ctx, &id, 0, &poller.fd), IPCK_OK);
	assert_true(poller.fd >= 0);
	assert_int_equal(poll(&poller, 1, 0), 0); /* signal 0 ended nothing */
	close(poller.fd);
	assert_int_equal(ipck_signal(ctx, &id, SIGTERM, &poller.fd), IPCK_OK);
	assert_int_equal(poll(&poller, 1, 10000), 1);
	close(poller.fd);
	assert_int_equal(end(id.pid), SIGTERM);
	/* without a descriptor */
	id.pid = child(0);
	id.start_time = start_time(id.pid);
	assert_int_equal(ipck_signal(ctx, &id, SIGUSR1, NULL), IPCK_OK);
	assert_int_equal(waitpid(id.pid, NULL, 0), id.pid);
	ipck_close(ctx);
}

static void test_start_time_differs(void **state)
{
	struct ipck *ctx = context();
	struct ipck_process_id id = { .pid = child(0) };
	int fd = 7;

	(void)state;
	for (int off = -1; off <= 1; off += 2) {
		id.start_time = start_time(id.pid) + (uint64_t)off;
		assert_int_equal(ipck_signal(ctx, &id, SIGTERM, &fd), IPCK_ERR_CHANGED);
		assert_int_equal(fd, -1);
	}
	CHECK(strstr(ipck_message(ctx), "another process") != NULL, "%s", ipck_message(ctx));
	assert_int_equal(end(id.pid), SIGKILL); /* no SIGTERM came before */
	ipck_close(ctx);
}

/* Wait until a process that starts now cannot have this start time. */
static void pass(uint64_t ticks)
{
	struct timespec now;

	do
		clock_gettime(CLOCK_BOOTTIME, &now);
	while ((double)now.tv_sec + (double)now.tv_nsec / 1e9 <=
	       (double)(ticks + 1) / (double)sysconf(_SC_CLK_TCK));
}

static void test_number_reused(void **state)
{
	struct ipck *ctx = context();
	struct ipck_process_id id = { .pid = child(0) };
	pid_t newcomer;

	(void)state;
	id.start_time = start_time(id.pid);
	end(id.pid);
	pass(id.start_time);
	newcomer = child(id.pid);
	if (newcomer < 0 && (errno == EPERM || errno == ENOSYS || errno == EEXIST)) {
		ipck_close(ctx);
		skip(); /* no right to choose a number, or another process has taken it */
	}
	assert_int_equal(newcomer, id.pid);
	assert_int_equal(ipck_signal(ctx, &id, SIGTERM, NULL), IPCK_ERR_CHANGED);
	assert_int_equal(end(newcomer), SIGKILL);
	ipck_close(ctx);
}

static void test_gone(void **state)
{
	struct ipck *ctx = context();
	struct ipck_process_id id = { .pid = child(0) };
	int fd = 7;

	(void)state;
	id.start_time = start_time(id.pid);
	end(id.pid);
	assert_int_equal(ipck_signal(ctx, &id, SIGTERM, &fd), IPCK_ERR_NOT_FOUND);
	assert_int_equal(fd, -1);
	ipck_close(ctx);
}

static void test_arguments(void **state)
{
	static const struct {
		pid_t pid;
		int signo;
	} rows[] = { { 0, SIGTERM }, { -1, SIGTERM }, { INT32_MIN, SIGTERM }, { 0, 0 }, { -1, 0 },
		     { 1, -1 },      { 1, 65 },       { 1, INT32_MAX } };
	struct ipck *ctx = context();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ipck_process_id id = { .pid = rows[i].pid };
		int rc = ipck_signal(ctx, &id, rows[i].signo, NULL);

		CHECK(rc == IPCK_ERR_ARGUMENT, "pid %d, signal %d: %d", (int)rows[i].pid,
		      rows[i].signo, rc);
	}
	ipck_close(ctx);
}

/* What ipck_signal() gives in a process of its own, after these restrictions; and the descriptor.
 */
static int restricted(const struct ipck_process_id *id, int signo, unsigned call, unsigned error,
		      uid_t uid)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct ipck *ctx;
		int fd, rc;

		if (ipck_open(NULL, &ctx) != IPCK_OK || (uid != 0 && setuid(uid) != 0))
			_exit(77);
		if (call != 0)
			refuse(call, error);
		rc = ipck_signal(ctx, id, signo, &fd);
		_exit(-rc + (fd >= 0 ? 100 : 0));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_no_pidfds(void **state)
{
	static const struct {
		unsigned call, error;
		int result;
	} rows[] = {
		{ SYS_pidfd_open, ENOSYS, 0 },
		{ SYS_pidfd_open, EPERM, 0 },
		{ SYS_pidfd_send_signal, ENOSYS, 100 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ipck_process_id id = { .pid = child(0) };
		int status, result;

		id.start_time = start_time(id.pid) + 1;
		result = restricted(&id, SIGTERM, rows[i].call, rows[i].error, 0);
		CHECK(result == -IPCK_ERR_CHANGED, "row %zu: %d", i, result);
		id.start_time--;
		result = restricted(&id, SIGTERM, rows[i].call, rows[i].error, 0);
		CHECK(result == (has_pidfds() ? rows[i].result : 0), "row %zu: %d", i, result);
		assert_int_equal(waitpid(id.pid, &status, 0), id.pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	}
}

static void test_denied(void **state)
{
	struct ipck_process_id id = { .pid = child(0) };

	(void)state;
	id.start_time = start_time(id.pid);
	if (geteuid() != 0) {
		end(id.pid);
		skip(); /* only root can become another user */
	}
	assert_int_equal(restricted(&id, SIGTERM, 0, 0, 65534), -IPCK_ERR_DENIED);
	assert_int_equal(end(id.pid), SIGKILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a signal reaches its process, and the descriptor tells its end", test_sent),
		TEST("a process that started at another time is spared", test_start_time_differs),
		TEST("a later process with the same number is spared", test_number_reused),
		TEST("a process that is gone is not found", test_gone),
		TEST("groups, all processes and signals that do not exist are refused",
		     test_arguments),
		TEST("without pidfds the start time is compared all the same", test_no_pidfds),
		TEST("a process of another user is denied", test_denied),
	};

	return RUN(tests);
}
