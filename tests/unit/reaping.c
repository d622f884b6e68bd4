/* SPDX-License-Identifier: MIT */
/* How processes treat their ended children, against processes that were made to treat them so. */
#include "waiters.h"

#include "insight/reaping.h"

#include <pthread.h>

/* ---- Parents that keep a zombie ---- */

enum way {
	SLEEPS,    /* SIGCHLD as it comes, and it never asks */
	CATCHES,   /* a handler that does not ask */
	IGNORES,   /* only once the child had ended: before, there would be no zombie */
	SIGWAITS,  /* SIGCHLD blocked, in sigtimedwait() */
	OTHER,     /* waitpid() for a child that lives */
	OTHER_ID,  /* waitid(P_PIDFD) for that */
	ITS_GROUP, /* waitpid(0), and the zombie is in another group */
	STOPS,     /* waitid() for children that stop, not for those that end */
	CLONES,    /* waitpid(__WCLONE): for those that do not tell their end by SIGCHLD */
	NO_SIGNAL, /* any child, but the zombie tells nobody of its end */
	THREADS,   /* a thread waits for the other child; the first one sleeps */
	OF_THREAD  /* waitpid(__WNOTHREAD) in a thread that has other children only */
};

struct family {
	pid_t parent, zombie, living;
};

static void ignore(int signo)
{
	(void)signo;
}

static pid_t fork_zombie(enum way way)
{
	const pid_t pid =
		way == NO_SIGNAL ? (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL) : fork();

	if (pid != 0)
		return pid;
	if (way == ITS_GROUP)
		setpgid(0, 0);
	_exit(3);
}

static pid_t fork_living(void)
{
	const pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid;
}

static void *wait_in_thread(void *data)
{
	const enum way way = *(const enum way *)data;
	const pid_t living = fork_living();

	if (way == OF_THREAD)
		waitpid(-1, NULL, __WNOTHREAD);
	else
		waitpid(living, NULL, 0);
	return NULL;
}

static void rest(enum way way, pid_t living)
{
	static enum way of_thread;
	sigset_t set;
	pthread_t thread;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	switch (way) {
	case SIGWAITS:
		for (;;)
			sigtimedwait(&set, NULL, &(struct timespec){ .tv_sec = 1000 });
	case OTHER:
		waitpid(living, NULL, 0);
		break;
	case OTHER_ID:
		waitid(P_PIDFD, (id_t)syscall(SYS_pidfd_open, living, 0), &(siginfo_t){ 0 },
		       WEXITED);
		break;
	case ITS_GROUP:
		waitpid(0, NULL, 0);
		break;
	case STOPS:
		waitid(P_ALL, 0, NULL, WSTOPPED);
		break;
	case CLONES:
		syscall(SYS_wait4, -1, NULL, __WCLONE, NULL);
		break;
	case NO_SIGNAL:
		waitpid(-1, NULL, 0);
		break;
	case THREADS:
	case OF_THREAD:
		of_thread = way;
		pthread_create(&thread, NULL, wait_in_thread, &of_thread);
		break;
	default:
		break;
	}
	for (;;)
		pause();
}

/* In a parent of its own; its children are told through the pipe. */
static void be_parent(enum way way, int out)
{
	struct family family = { .parent = getpid() };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (way == CATCHES)
		signal(SIGCHLD, ignore);
	if (way == SIGWAITS)
		sigprocmask(SIG_BLOCK, &set, NULL);
	family.zombie = fork_zombie(way);
	waitid(P_PID, (id_t)family.zombie, &info, WEXITED | WNOWAIT | __WALL);
	if (way == IGNORES)
		signal(SIGCHLD, SIG_IGN);
	if (way == CLONES) {
		/* somebody of that sort to wait for */
		family.living = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
		if (family.living == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
	} else if (way != THREADS && way != OF_THREAD) {
		family.living = fork_living();
	}
	if (write(out, &family, sizeof(family)) != sizeof(family))
		_exit(1);
	rest(way, family.living);
}

static struct family start_family(enum way way)
{
	struct family family;
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		be_parent(way, ends[1]);
	}
	assert_int_equal(read(ends[0], &family, sizeof(family)), sizeof(family));
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(state_of(family.zombie), 'Z');
	return family;
}

static void end_family(const struct family *family)
{
	kill(family->parent, SIGKILL);
	waitpid(family->parent, NULL, 0);
}

/* The 22nd field of stat, by another reader than the one under test. */
static struct ipck_process_id id_of(pid_t pid)
{
	struct ipck_process_id id = { .pid = pid };
	char path[32], text[1024] = "", *p;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	p = strrchr(text, ')');
	for (int field = 2; field < 22; field++)
		p = strchr(p + 1, ' ');
	id.start_time = strtoull(p + 1, NULL, 10);
	return id;
}

static int read_it(const struct family *family, struct ipck_reaping *out)
{
	const struct ipck_process_id parent = id_of(family->parent), child = id_of(family->zombie);

	out->size = sizeof(*out);
	return ipck_reaping_read(ctx, &parent, &child, out);
}

/* Does any thread of the process sleep in the call? */
static bool some_thread_in(pid_t pid, long number)
{
	for (pid_t tid = pid; tid < pid + 16; tid++)
		if (sleeps_in(pid, tid, number))
			return true;
	return false;
}

static const struct {
	enum way way;
	long call; /* that it comes to rest in */
	enum ipck_answer ignores, catches, blocks, others;
} ways[] = {
	{ SLEEPS, SYS_pause, IPCK_NO, IPCK_NO, IPCK_NO, IPCK_NO },
	{ CATCHES, SYS_pause, IPCK_NO, IPCK_YES, IPCK_NO, IPCK_NO },
	{ IGNORES, SYS_pause, IPCK_YES, IPCK_NO, IPCK_NO, IPCK_NO },
	{ SIGWAITS, SYS_rt_sigtimedwait, IPCK_NO, IPCK_NO, IPCK_YES, IPCK_NO },
	{ OTHER, SYS_wait4, IPCK_NO, IPCK_NO, IPCK_NO, IPCK_YES },
	{ OTHER_ID, SYS_waitid, IPCK_NO, IPCK_NO, IPCK_NO, IPCK_YES },
	{ ITS_GROUP, SYS_wait4, IPCK_NO, IPCK_NO, IPCK_NO, IPCK_YES },
	{ STOPS, SYS_waitid, IPCK_NO, IPCK_NO, IPCK_NO, IPCK_YES },
	{ CLONES, SYS_wait4, IPCK_NO, IPCK_NO, IPCK_NO, IPCK_YES },
	{ NO_SIGNAL, SYS_wait4, IPCK_NO, IPCK_NO, IPCK_NO, IPCK_YES },
	{ THREADS, SYS_wait4, IPCK_NO, IPCK_NO, IPCK_NO, IPCK_YES },
	{ OF_THREAD, SYS_wait4, IPCK_NO, IPCK_NO, IPCK_NO, IPCK_YES },
};

static void each_way_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ways); i++) {
		struct ipck_reaping reaping;
		struct family family;

		if (ways[i].way == OTHER_ID && in_valgrind())
			continue; /* it lacks descriptors of processes */
		family = start_family(ways[i].way);
		UNTIL(some_thread_in(family.parent, ways[i].call));
		assert_int_equal(read_it(&family, &reaping), IPCK_OK);
		CHECK(reaping.ignores == ways[i].ignores && reaping.catches == ways[i].catches &&
			      reaping.blocks == ways[i].blocks && reaping.waits == IPCK_NO &&
			      reaping.waits_for_others == ways[i].others && reaping.why == IPCK_OK,
		      "way %zu: ignores %d catches %d blocks %d waits %d others %d why %d", i,
		      reaping.ignores, reaping.catches, reaping.blocks, reaping.waits,
		      reaping.waits_for_others, reaping.why);
		end_family(&family);
	}
}

/* Nobody who waits for a zombie has it for long: the child here lives yet. */
static void who_waits_for_it_is_told(void **state)
{
	const struct {
		enum way way;
		long call;
	} cases[] = { { OTHER, SYS_wait4 }, { OTHER_ID, SYS_waitid }, { ITS_GROUP, SYS_wait4 } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ipck_reaping reaping;
		struct family family;

		if (cases[i].way == OTHER_ID && in_valgrind())
			continue;
		family = start_family(cases[i].way);
		UNTIL(some_thread_in(family.parent, cases[i].call));
		family.zombie = family.living;
		assert_int_equal(read_it(&family, &reaping), IPCK_OK);
		CHECK(reaping.waits == IPCK_YES && reaping.waits_for_others == IPCK_NO,
		      "way %zu: waits %d others %d", i, reaping.waits, reaping.waits_for_others);
		end_family(&family);
	}
}

static void others_of_the_number_are_refused(void **state)
{
	const struct family family = start_family(SLEEPS);
	const struct ipck_process_id parent = id_of(family.parent), child = id_of(family.zombie);
	const struct ipck_process_id own = id_of(getpid());
	struct ipck_process_id other = parent;
	struct ipck_reaping reaping = { .size = sizeof(reaping) };

	(void)state;
	other.start_time++;
	assert_int_equal(ipck_reaping_read(ctx, &other, &child, &reaping), IPCK_ERR_CHANGED);
	other = child;
	other.start_time--;
	assert_int_equal(ipck_reaping_read(ctx, &parent, &other, &reaping), IPCK_ERR_CHANGED);
	/* it is not our child, but one of our child */
	assert_int_equal(ipck_reaping_read(ctx, &own, &child, &reaping), IPCK_ERR_CHANGED);
	reaping.size--;
	assert_int_equal(ipck_reaping_read(ctx, &parent, &child, &reaping), IPCK_ERR_ARGUMENT);
	reaping.size++;
	end_family(&family);
	UNTIL(kill(family.parent, 0) != 0);
	assert_int_equal(ipck_reaping_read(ctx, &parent, &child, &reaping), IPCK_ERR_NOT_FOUND);
}

/* The masks are anybody's to read, the system calls are not. */
static struct family seen_by_nobody;

static void look_as_nobody(void)
{
	struct ipck_reaping reaping;

	CHILD(become_nobody());
	CHILD(read_it(&seen_by_nobody, &reaping) == IPCK_OK);
	CHILD(reaping.ignores == IPCK_NO && reaping.catches == IPCK_YES);
	CHILD(reaping.waits == IPCK_UNKNOWN && reaping.waits_for_others == IPCK_UNKNOWN);
	CHILD(reaping.why == IPCK_ERR_DENIED);
}

static void others_processes_are_unknown(void **state)
{
	(void)state;
	if (!real_root)
		skip();
	seen_by_nobody = start_family(CATCHES);
	UNTIL(sleeps_in(seen_by_nobody.parent, seen_by_nobody.parent, SYS_pause));
	in_child(look_as_nobody);
	end_family(&seen_by_nobody);
}

/*
 * A zombie has ended when its parent, who waited for that, says so; nobody else has ended.  The
 * clock of its processor may be off by some milliseconds, and the machine busy.
 */
static void the_end_of_zombies_is_timed(void **state)
{
	struct ipck_processes_query query = { .size = sizeof(query), .want = IPCK_PROCESS_ENDED };
	struct timespec before, after;
	struct ipck_processes *processes;
	const struct ipck_process *row;
	struct family family;
	int64_t most;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &before);
	family = start_family(SLEEPS);
	usleep(300000);
	assert_int_equal(ipck_processes_read(ctx, &query, &processes), IPCK_OK);
	clock_gettime(CLOCK_MONOTONIC, &after);
	most = (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec;
	row = ipck_processes_find(processes, family.zombie);
	assert_non_null(row);
	if ((row->unknown.unsupported & IPCK_PROCESS_ENDED) == 0) {
		assert_true((row->known & IPCK_PROCESS_ENDED) != 0);
		CHECK(row->ended >= 200000000 && (int64_t)row->ended <= most + 100000000,
		      "%llu ns, of %lld", (unsigned long long)row->ended, (long long)most);
	}
	row = ipck_processes_find(processes, family.living);
	assert_int_equal(row->known & IPCK_PROCESS_ENDED, 0);
	ipck_processes_free(processes);
	end_family(&family);
}

static int run(void)
{
	static const struct CMUnitTest tests[] = {
		TEST("What a parent does on SIGCHLD, and for whom it waits", each_way_is_told),
		TEST("Who waits for the very child", who_waits_for_it_is_told),
		TEST("Another process of the number is refused", others_of_the_number_are_refused),
		TEST("What another user may not see is unknown", others_processes_are_unknown),
		TEST("How long ago a zombie ended", the_end_of_zombies_is_timed),
	};

	return RUN(tests);
}

int main(void)
{
	return run_inside(run);
}
