/* SPDX-License-Identifier: MIT */
/* Namespaces: children in namespaces of their own, found, counted and entered. */
#include "unit.h"

#include "source/namespace.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that stays until it is ended. */
struct child {
	pid_t pid;
	int segment; /* that it made, if it was to */
};

/*
 * A child in new namespaces, with a segment of that many bytes.  pid 0: this machine refuses.
 * Without root a user namespace comes with it.
 */
static struct child start(int spaces, size_t bytes)
{
	struct child child = { .segment = -1 };
	int ready[2];

	assert_int_equal(pipe(ready), 0);
	child.pid = fork();
	assert_true(child.pid >= 0);
	if (child.pid == 0) {
		int segment = -1;

		if (unshare(spaces | (geteuid() != 0 ? CLONE_NEWUSER : 0)) != 0)
			_exit(77);
		/* A test that is skipped leaves it running.  unshare() would forget this. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (bytes > 0)
			segment = shmget(IPC_PRIVATE, bytes, 0600);
		if (write(ready[1], &segment, sizeof(segment)) != sizeof(segment))
			_exit(1);
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &child.segment, sizeof(child.segment)) != sizeof(child.segment)) {
		waitpid(child.pid, NULL, 0);
		child.pid = 0;
	}
	close(ready[0]);
	return child;
}

static void end(struct child child)
{
	if (child.pid <= 0)
		return;
	kill(child.pid, SIGKILL);
	waitpid(child.pid, NULL, 0);
}

/* What readlink says: "ipc:[4026532201]". */
static uint64_t link_of(pid_t pid, const char *which)
{
	char path[64], text[64] = "";
	unsigned long long inode = 0;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, which);
	length = readlink(path, text, sizeof(text) - 1);
	assert_true(length > 0);
	text[length] = '\0';
	assert_int_equal(sscanf(strchr(text, '['), "[%llu]", &inode), 1);
	return inode;
}

static uint64_t start_of(pid_t pid)
{
	char path[64], text[1024];
	unsigned long long ticks = 0;
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

static struct ipck *context(void)
{
	struct ipck *ctx;

	assert_int_equal(ipck_open(NULL, &ctx), 0);
	return ctx;
}

/* The row of a process's combination; fails when there is none, or more than one. */
static const struct namespace_seen *row_of(const struct namespaces_seen *seen, pid_t pid)
{
	const uint64_t ipc = link_of(pid, "ipc"), mount = link_of(pid, "mnt"),
		       net = link_of(pid, "net");
	const struct namespace_seen *found = NULL;

	for (size_t i = 0; i < seen->count; i++) {
		const struct namespace_seen *row = &seen->rows[i];

		if (row->ipc == ipc && row->mount == mount && row->net == net) {
			assert_null(found);
			found = row;
		}
	}
	assert_non_null(found);
	return found;
}

static void test_own(void **state)
{
	uint64_t ns = 0;
	struct ipck *ctx = context();

	(void)state;
	assert_int_equal(namespace_own_ipc(), link_of(getpid(), "ipc"));
	assert_int_equal(namespace_own_mount(), link_of(getpid(), "mnt"));
	assert_int_equal(ipck_namespace_of(ctx, getpid(), &ns), 0);
	assert_int_equal(ns, link_of(getpid(), "ipc"));
	assert_int_equal(namespace_pids_are_inner(), link_of(getpid(), "pid") != 4026531836);
	ipck_close(ctx);
}

static void test_not_of(void **state)
{
	static const pid_t nobodies[] = { 0, -1, (4 << 20) + 1 };
	struct ipck *ctx = context();
	uint64_t ns = 5;
	pid_t zombie = fork();
	siginfo_t info;

	(void)state;
	if (zombie == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT), 0);
	for (size_t i = 0; i < COUNT(nobodies); i++)
		assert_int_equal(ipck_namespace_of(ctx, nobodies[i], &ns), IPCK_ERR_NOT_FOUND);
	assert_int_equal(ipck_namespace_of(ctx, zombie, &ns), IPCK_ERR_NOT_FOUND);
	assert_non_null(strstr(ipck_message(ctx), "no such process"));
	assert_int_equal(ns, 5);
	waitpid(zombie, NULL, 0);
	ipck_close(ctx);
}

static void test_find(void **state)
{
	struct child alone = start(CLONE_NEWIPC, 0), twice = start(CLONE_NEWIPC | CLONE_NEWNS, 0);
	struct namespaces_seen seen;
	struct ipck *ctx = context();
	const struct namespace_seen *row;
	size_t processes = 0;

	(void)state;
	if (alone.pid == 0 || twice.pid == 0)
		skip();
	assert_int_equal(namespaces_find(ctx, &seen), 0);
	row = row_of(&seen, alone.pid);
	assert_int_equal(row->pid, alone.pid);
	assert_int_equal(row->processes, 1);
	assert_int_equal(row->start_time, start_of(alone.pid));
	row = row_of(&seen, twice.pid);
	assert_int_equal(row->pid, twice.pid);
	assert_int_not_equal(row->mount, link_of(getpid(), "mnt"));
	/* our own combination leads, and each IPC namespace stands together */
	assert_ptr_equal(row_of(&seen, getpid()), &seen.rows[0]);
	for (size_t i = 0; i < seen.count; i++) {
		processes += seen.rows[i].processes;
		for (size_t j = 0; i > 0 && seen.rows[i].ipc != seen.rows[i - 1].ipc && j < i; j++)
			assert_int_not_equal(seen.rows[j].ipc, seen.rows[i].ipc);
	}
	assert_int_equal(seen.processes, processes);
	namespaces_free(&seen);
	end(alone);
	end(twice);
	assert_int_equal(namespaces_find(ctx, &seen), 0);
	for (size_t i = 0; i < seen.count; i++)
		assert_int_not_equal(seen.rows[i].pid, alone.pid);
	namespaces_free(&seen);
	ipck_close(ctx);
}

/* What a visitor sees and may do. */
struct visit {
	pid_t process, thread;
	uint64_t ns;
	int segment, found; /* the id asked for, and shmctl's answer */
	size_t size;
	sigset_t mask;
};

static int look_around(void *data)
{
	struct visit *visit = data;
	struct shmid_ds segment;

	visit->process = getpid();
	visit->thread = (pid_t)syscall(SYS_gettid);
	visit->ns = namespace_own_ipc();
	visit->found = shmctl(visit->segment, IPC_STAT, &segment);
	visit->size = visit->found == 0 ? segment.shm_segsz : 0;
	pthread_sigmask(SIG_SETMASK, NULL, &visit->mask);
	return 42;
}

static void *sleeper(void *data)
{
	(void)data;
	for (;;)
		pause();
	return NULL;
}

/* In a process with threads, as the callers of a library are. */
static void test_run(void **state)
{
	struct child there = start(CLONE_NEWIPC, 12345);
	struct visit visit = { .segment = there.segment };
	struct ipck *ctx = context();
	uint64_t own = namespace_own_ipc();
	sigset_t before, after;
	pthread_t other;
	int rc;

	(void)state;
	if (there.pid == 0)
		skip();
	assert_int_equal(pthread_create(&other, NULL, sleeper, NULL), 0);
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	rc = namespace_run(ctx, NAMESPACE_IPC, there.pid, link_of(there.pid, "ipc"), look_around,
			   &visit);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	pthread_cancel(other);
	pthread_join(other, NULL);
	if (rc == IPCK_ERR_DENIED && geteuid() != 0)
		skip();
	assert_int_equal(rc, 42);
	assert_int_equal(visit.process, getpid());
	assert_int_not_equal(visit.thread, getpid());
	assert_int_equal(visit.ns, link_of(there.pid, "ipc"));
	assert_int_equal(visit.found, 0);
	assert_int_equal(visit.size, 12345);
	for (int signal = 1; signal < 32; signal++) {
		if (signal != SIGKILL && signal != SIGSTOP)
			CHECK(sigismember(&visit.mask, signal) == 1, "%d not blocked", signal);
		CHECK(sigismember(&before, signal) == sigismember(&after, signal), "%d", signal);
	}
	assert_int_equal(namespace_own_ipc(), own); /* nobody else moved */
	end(there);
	ipck_close(ctx);
}

static void test_run_here(void **state)
{
	const uint64_t spaces[] = { 0, namespace_own_ipc() };
	struct ipck *ctx = context();

	(void)state;
	for (size_t i = 0; i < COUNT(spaces); i++) {
		struct visit visit = { .segment = -1 };

		assert_int_equal(
			namespace_run(ctx, NAMESPACE_IPC, getpid(), spaces[i], look_around, &visit),
			42);
		assert_int_equal(visit.thread, getpid());
		assert_int_equal(visit.ns, namespace_own_ipc());
	}
	ipck_close(ctx);
}

/* The process ended, or it is not the one that lived there. */
static void test_run_elsewhere(void **state)
{
	struct child there = start(CLONE_NEWIPC, 0);
	struct visit visit = { .thread = 0 };
	struct ipck *ctx = context();
	uint64_t ns;

	(void)state;
	if (there.pid == 0)
		skip();
	ns = link_of(there.pid, "ipc");
	assert_int_equal(namespace_run(ctx, NAMESPACE_IPC, getpid(), ns, look_around, &visit),
			 IPCK_ERR_NOT_FOUND);
	assert_int_equal(
		namespace_run(ctx, NAMESPACE_IPC, there.pid, ns + 1000000, look_around, &visit),
		IPCK_ERR_NOT_FOUND);
	end(there);
	assert_int_equal(namespace_run(ctx, NAMESPACE_IPC, there.pid, ns, look_around, &visit),
			 IPCK_ERR_NOT_FOUND);
	assert_non_null(strstr(ipck_message(ctx), "ipc namespace"));
	assert_int_equal(visit.thread, 0); /* the work was never begun */
	ipck_close(ctx);
}

/* Without the right, in a child that gave it up. */
static void test_run_denied(void **state)
{
	struct child there = start(CLONE_NEWIPC, 0);
	uint64_t ns;
	pid_t asker;
	int status;

	(void)state;
	if (there.pid == 0 || geteuid() != 0)
		skip();
	ns = link_of(there.pid, "ipc");
	asker = fork();
	if (asker == 0) {
		struct visit visit = { .thread = 0 };
		struct ipck *ctx = context();

		if (setresuid(65534, 65534, 65534) != 0)
			_exit(2);
		_exit(namespace_run(ctx, NAMESPACE_IPC, there.pid, ns, look_around, &visit) ==
					      IPCK_ERR_DENIED &&
				      visit.thread == 0 &&
				      strstr(ipck_message(ctx), "permission denied") != NULL
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(asker, &status, 0), asker);
	assert_int_equal(status, 0);
	end(there);
}

static int own_net(void *data)
{
	struct stat status;

	if (stat("/proc/thread-self/ns/net", &status) != 0)
		return -1;
	*(uint64_t *)data = status.st_ino;
	return 0;
}

static void test_run_net(void **state)
{
	struct child there = start(CLONE_NEWNET, 0);
	struct ipck *ctx = context();
	uint64_t ns, net = 0;
	int rc;

	(void)state;
	if (there.pid == 0)
		skip();
	ns = link_of(there.pid, "net");
	rc = namespace_run(ctx, NAMESPACE_NET, there.pid, ns, own_net, &net);
	if (rc == IPCK_ERR_DENIED && geteuid() != 0)
		skip();
	assert_int_equal(rc, 0);
	assert_int_equal(net, ns);
	assert_int_not_equal(net, link_of(getpid(), "net"));
	end(there);
	ipck_close(ctx);
}

static const struct ipck_namespace *namespace_in(const struct ipck_namespaces *all, uint64_t ns)
{
	for (size_t i = 0; i < ipck_namespaces_count(all); i++)
		if (ipck_namespaces_at(all, i)->ns == ns)
			return ipck_namespaces_at(all, i);
	return NULL;
}

static void test_read(void **state)
{
	struct child there = start(CLONE_NEWIPC, 12345), empty = start(CLONE_NEWIPC, 0);
	struct ipck_coverage coverage = { .size = sizeof(coverage) };
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct ipck *ctx = context();
	struct ipck_namespaces *all;
	const struct ipck_namespace *row;

	(void)state;
	if (there.pid == 0 || empty.pid == 0 || geteuid() != 0)
		skip();
	assert_int_equal(ipck_namespaces_read(ctx, true, &coverage, &all), 0);
	row = ipck_namespaces_at(all, 0);
	assert_true(row->own);
	assert_int_equal(row->ns, link_of(getpid(), "ipc"));
	row = namespace_in(all, link_of(there.pid, "ipc"));
	assert_non_null(row);
	assert_false(row->own);
	assert_int_equal(row->processes, 1);
	assert_int_equal(row->process.pid, there.pid);
	assert_int_equal(row->process.start_time, start_of(there.pid));
	assert_int_equal(row->known & IPCK_SYSV, IPCK_SYSV);
	assert_int_equal(row->shm.objects, 1);
	assert_int_equal(row->shm.bytes, (12345 + page - 1) / page * page); /* as SHMALL counts */
	assert_int_equal(row->msg.objects, 0);
	row = namespace_in(all, link_of(empty.pid, "ipc"));
	assert_non_null(row);
	assert_int_equal(row->shm.objects, 0);
	assert_null(ipck_namespaces_at(all, ipck_namespaces_count(all)));
	assert_true(coverage.processes >= 3);
	assert_int_equal(coverage.namespaces_denied, 0);
	ipck_namespaces_free(all);
	/* nobody asked for what is in there */
	assert_int_equal(ipck_namespaces_read(ctx, false, NULL, &all), 0);
	row = namespace_in(all, link_of(there.pid, "ipc"));
	assert_non_null(row);
	assert_int_equal(row->known, 0);
	assert_int_equal(row->why, 0);
	ipck_namespaces_free(all);
	ipck_namespaces_free(NULL);
	end(there);
	end(empty);
	ipck_close(ctx);
}

static void test_bad_coverage(void **state)
{
	struct ipck_coverage coverage = { .size = sizeof(coverage) + 1 };
	struct ipck *ctx = context();
	struct ipck_namespaces *all;

	(void)state;
	assert_int_equal(ipck_namespaces_read(ctx, false, &coverage, &all), IPCK_ERR_ARGUMENT);
	assert_null(all);
	/* a caller of an earlier version gets what it has room for */
	coverage = (struct ipck_coverage){ .size = 2 * sizeof(size_t), .denied = 77 };
	assert_int_equal(ipck_namespaces_read(ctx, false, &coverage, &all), 0);
	assert_int_equal(coverage.size, 2 * sizeof(size_t));
	assert_true(coverage.processes > 0);
	assert_int_equal(coverage.denied, 77);
	ipck_namespaces_free(all);
	ipck_close(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("our own namespaces are those of readlink", test_own),
		TEST("the dead have no namespace", test_not_of),
		TEST("each combination of namespaces is found once, ours first", test_find),
		TEST("work runs inside by a thread of its own, signals blocked", test_run),
		TEST("work in our own namespace runs right here", test_run_here),
		TEST("a process that moved or ended leads nowhere", test_run_elsewhere),
		TEST("entering without the right is denied", test_run_denied),
		TEST("network namespaces are entered alike", test_run_net),
		TEST("what is in a namespace is counted", test_read),
		TEST("coverage is for callers of any version", test_bad_coverage),
	};

	return RUN(tests);
}
