/* SPDX-License-Identifier: MIT */
/* Who is in a set of processes, who of it is spared, and that nobody else gets the signal. */
#include "sets.h"

#include "refusal.h"

#include <pthread.h>
#include <sys/mman.h>

static void end_set(int signo)
{
	size_t left = 9;

	assert_int_equal(ipck_process_set_signal(ctx, set, signo), IPCK_OK);
	assert_int_equal(ipck_process_set_wait(ctx, set, 20000, &left), IPCK_OK);
	assert_int_equal(left, 0);
}

static void test_group(void **state)
{
	const pid_t leader = in_group(0, idle, NULL), second = in_group(leader, idle, NULL);
	const pid_t other = in_group(0, idle, NULL);

	(void)state;
	assert_int_equal(open_one(IPCK_PGRP, leader), IPCK_OK);
	assert_int_equal(ipck_process_set_count(set), 2);
	assert_non_null(member_of(leader));
	assert_int_equal(member_of(second)->pgid, leader);
	assert_int_equal(member_of(second)->process.start_time, stat_field(second, 22));
	assert_int_equal(count_state(IPCK_MEMBER_PLANNED), 2);
	end_set(SIGTERM);
	assert_int_equal(count_state(IPCK_MEMBER_ENDED), 2);
	assert_int_equal(reap(leader), SIGTERM);
	assert_int_equal(reap(second), SIGTERM);
	UNTIL(state_of(other) == 'S');
}

/* A session of two groups, and what its leader's child made outside of it; then its leader waits.
 */
static pid_t (*family)[4];

static void found_family(void *data)
{
	pid_t left, child;

	(void)data;
	setsid();
	(*family)[1] = in_group(0, idle, NULL);
	left = fork();
	if (left == 0) {
		setsid();
		idle(NULL);
	}
	UNTIL(stat_field(left, 6) == (unsigned)left);
	child = fork();
	if (child == 0)
		idle(NULL);
	(*family)[2] = left;
	(*family)[3] = child;
	(*family)[0] = getpid();
	idle(NULL);
}

static pid_t start_family(void)
{
	pid_t pid;

	if (family == NULL)
		family = mmap(NULL, sizeof(*family), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(family, 0, sizeof(*family));
	pid = start(found_family, NULL);
	UNTIL(*(volatile pid_t *)&(*family)[0] == pid);
	for (size_t i = 0; i < 4; i++)
		UNTIL(state_of((*family)[i]) == 'S');
	return pid;
}

static void test_session(void **state)
{
	const pid_t leader = start_family(), other = in_group(0, idle, NULL);

	(void)state;
	assert_int_equal(open_one(IPCK_SESSION, leader), IPCK_OK);
	assert_int_equal(ipck_process_set_count(set), 3);
	assert_null(member_of((*family)[2]));
	end_set(SIGKILL);
	assert_false(lives(leader));
	assert_false(lives((*family)[1]));
	assert_false(lives((*family)[3]));
	/* its child that left is reported, and was not signalled */
	assert_int_equal(ipck_process_set_count(set), 4);
	assert_int_equal(member_of((*family)[2])->state, IPCK_MEMBER_ESCAPED);
	assert_int_equal(member_of((*family)[2])->sid, (*family)[2]);
	UNTIL(state_of((*family)[2]) == 'S');
	UNTIL(state_of(other) == 'S');
	/* a second signal leaves it alone, too, and reports it once */
	assert_int_equal(ipck_process_set_signal(ctx, set, SIGKILL), IPCK_OK);
	assert_int_equal(ipck_process_set_count(set), 4);
	assert_true(lives((*family)[2]));
}

static void test_tree(void **state)
{
	const pid_t root = start_family(), other = in_group(0, idle, NULL);

	(void)state;
	assert_int_equal(open_one(IPCK_TREE, root), IPCK_OK);
	assert_int_equal(ipck_process_set_count(set), 4);
	end_set(SIGTERM);
	for (size_t i = 0; i < 4; i++)
		assert_false(lives((*family)[i]));
	assert_int_equal(count_state(IPCK_MEMBER_ESCAPED), 0);
	UNTIL(state_of(other) == 'S');
}

/* Its children got another parent since: they are of the tree all the same. */
static void test_tree_reparented(void **state)
{
	const pid_t root = start_family();

	(void)state;
	assert_int_equal(open_one(IPCK_TREE, root), IPCK_OK);
	kill(root, SIGKILL);
	reap(root);
	UNTIL(stat_field((*family)[1], 4) == 1);
	end_set(SIGTERM);
	for (size_t i = 1; i < 4; i++)
		assert_int_equal(reap((*family)[i]), SIGTERM);
	assert_int_equal(member_of(root)->state, IPCK_MEMBER_ENDED);
}

static void test_each_once(void **state)
{
	const pid_t leader = start_family();
	const struct ipck_ref refs[] = { ref_to(IPCK_PROCESS, (*family)[3]),
					 ref_to(IPCK_SESSION, leader), ref_to(IPCK_TREE, leader),
					 ref_to(IPCK_PGRP, leader),
					 ref_to(IPCK_PROCESS, (*family)[3]) };
	int results[COUNT(refs)];

	(void)state;
	assert_int_equal(open_refs(refs, COUNT(refs), false, results), IPCK_OK);
	for (size_t i = 0; i < COUNT(refs); i++)
		CHECK(results[i] == IPCK_OK, "reference %zu: %d", i, results[i]);
	assert_int_equal(ipck_process_set_count(set), 4);
	for (size_t i = 1; i < 4; i++)
		assert_true(ipck_process_set_at(set, i - 1)->process.pid <
			    ipck_process_set_at(set, i)->process.pid);
	assert_null(ipck_process_set_at(set, 4));
	assert_int_equal(member_of((*family)[3])->ref, 0);
	assert_int_equal(member_of(leader)->ref, 1);
	assert_int_equal(member_of((*family)[2])->ref, 2);
}

static void test_exact(void **state)
{
	static const enum ipck_kind kinds[] = { IPCK_PROCESS, IPCK_PGRP, IPCK_SESSION, IPCK_TREE };
	const pid_t leader = start_family();
	const uint64_t start_time = stat_field(leader, 22);

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const struct ipck_ref good = exact_to(kinds[i], leader, start_time);

		assert_int_equal(open_refs(&good, 1, false, NULL), IPCK_OK);
		assert_true(ipck_process_set_count(set) >= 1);
		for (int off = -1; off <= 1; off += 2) {
			const struct ipck_ref bad =
				exact_to(kinds[i], leader, start_time + (uint64_t)off);
			int result = 0;

			assert_int_equal(open_refs(&bad, 1, false, &result), IPCK_ERR_CHANGED);
			assert_int_equal(result, IPCK_ERR_CHANGED);
			assert_int_equal(ipck_process_set_count(set), 0);
		}
	}
	/* the leader is gone: who knows of which one this is the session */
	kill(leader, SIGKILL);
	reap(leader);
	const struct ipck_ref gone = exact_to(IPCK_SESSION, leader, start_time);

	assert_int_equal(open_refs(&gone, 1, false, NULL), IPCK_ERR_CHANGED);
	assert_int_equal(open_one(IPCK_SESSION, leader), IPCK_OK);
	assert_int_equal(ipck_process_set_count(set), 2);
}

static void *another_thread(void *data)
{
	*(volatile pid_t *)data = (pid_t)syscall(SYS_gettid);
	for (;;)
		pause();
	return NULL;
}

static void test_references(void **state)
{
	const pid_t good = in_group(0, idle, NULL);
	static pid_t tid;
	pthread_t thread;
	struct {
		struct ipck_ref ref;
		int result;
	} rows[] = {
		{ ref_to(IPCK_PGRP, 0), IPCK_ERR_ARGUMENT },
		{ ref_to(IPCK_PGRP, 1), IPCK_ERR_ARGUMENT },
		{ ref_to(IPCK_PGRP, -5), IPCK_ERR_ARGUMENT },
		{ ref_to(IPCK_SESSION, 0), IPCK_ERR_ARGUMENT },
		{ ref_to(IPCK_SESSION, 1), IPCK_ERR_ARGUMENT },
		{ ref_to(IPCK_TREE, 1), IPCK_ERR_ARGUMENT },
		{ ref_to(IPCK_TREE, 0), IPCK_ERR_ARGUMENT },
		{ ref_to(IPCK_PROCESS, 0), IPCK_ERR_ARGUMENT },
		{ ref_to(IPCK_PROCESS, -1), IPCK_ERR_ARGUMENT },
		{ ref_to(IPCK_PROCESS, 31000), IPCK_ERR_NOT_FOUND },
		{ ref_to(IPCK_PGRP, 31000), IPCK_ERR_NOT_FOUND },
		{ ref_to(IPCK_SESSION, 31000), IPCK_ERR_NOT_FOUND },
		{ ref_to(IPCK_TREE, 31000), IPCK_ERR_NOT_FOUND },
		{ ref_to(IPCK_PROCESS, 0), IPCK_ERR_NOT_FOUND }, /* of a thread, below */
		{ ref_to(IPCK_PROCESS, good), IPCK_OK },
	};
	struct ipck_ref refs[COUNT(rows)];
	int results[COUNT(rows)];

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, another_thread, &tid), 0);
	UNTIL(*(volatile pid_t *)&tid != 0);
	rows[COUNT(rows) - 2].ref.pid = tid;
	for (size_t i = 0; i < COUNT(rows); i++)
		refs[i] = rows[i].ref;
	assert_int_equal(open_refs(refs, COUNT(rows), false, results), IPCK_ERR_ARGUMENT);
	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK(results[i] == rows[i].result, "row %zu: %d", i, results[i]);
	/* the others are there all the same */
	assert_non_null(set);
	assert_int_equal(ipck_process_set_count(set), 1);
	refs[0] = (struct ipck_ref){ .kind = IPCK_SHM, .form = IPCK_BY_ID };
	assert_int_equal(open_refs(refs, 1, false, NULL), IPCK_ERR_ARGUMENT);
	assert_null(set);
	pthread_cancel(thread);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

/* ---- Spared ---- */

static pid_t neighbour; /* of the session that the caller is in */

/* As the grandchild of a session's leader. */
static void caller_in_session(void)
{
	const pid_t ancestors[] = { getppid(), (pid_t)stat_field(getppid(), 4) };
	const struct ipck_ref named[] = { ref_to(IPCK_SESSION, getsid(0)),
					  ref_to(IPCK_PROCESS, neighbour) };

	CHILD(open_one(IPCK_SESSION, getsid(0)) == IPCK_OK);
	CHILD(ipck_process_set_count(set) == 4);
	CHILD(member_of(getpid())->spared == IPCK_SPARED_SELF);
	for (size_t i = 0; i < 2; i++)
		CHILD(member_of(ancestors[i])->spared == IPCK_SPARED_ANCESTOR);
	CHILD(member_of(neighbour)->spared == IPCK_SPARED_SESSION);
	CHILD(count_state(IPCK_MEMBER_SPARED) == 4);
	CHILD(ipck_process_set_signal(ctx, set, SIGKILL) == IPCK_OK);
	CHILD(lives(neighbour) && state_of(neighbour) == 'S');
	/* named by itself, too, it is not spared */
	CHILD(open_refs(named, 2, false, NULL) == IPCK_OK);
	CHILD(member_of(neighbour)->state == IPCK_MEMBER_PLANNED);
	CHILD(open_refs(named, 1, true, NULL) == IPCK_OK);
	CHILD(member_of(neighbour)->spared == IPCK_SPARED_NOT);
	CHILD(count_state(IPCK_MEMBER_SPARED) == 3);
	CHILD(ipck_process_set_signal(ctx, set, SIGKILL) == IPCK_OK);
	UNTIL(!lives(neighbour));
	/* and the root of all */
	CHILD(open_one(IPCK_TREE, ancestors[1]) == IPCK_OK);
	CHILD(open_one(IPCK_PROCESS, 1) == IPCK_OK);
	CHILD(member_of(1)->spared == IPCK_SPARED_INIT);
	CHILD(ipck_process_set_signal(ctx, set, SIGKILL) == IPCK_OK);
	CHILD(member_of(1)->state == IPCK_MEMBER_SPARED);
	ipck_process_set_close(set);
}

static void test_spared(void **state)
{
	const pid_t leader = fork();

	(void)state;
	if (leader == 0) {
		pid_t middle;

		setsid();
		neighbour = in_group(0, idle, NULL);
		middle = fork();
		if (middle == 0) {
			in_child(caller_in_session);
			_exit(0);
		}
		_exit(-reap(middle));
	}
	assert_int_equal(reap(leader), 0);
}

static void test_zombie(void **state)
{
	const pid_t leader = in_group(0, idle, NULL), second = in_group(leader, idle, NULL);

	(void)state;
	kill(leader, SIGKILL);
	UNTIL(state_of(leader) == 'Z');
	assert_int_equal(open_one(IPCK_PGRP, leader), IPCK_OK);
	assert_int_equal(ipck_process_set_count(set), 2);
	assert_int_equal(member_of(leader)->spared, IPCK_SPARED_ZOMBIE);
	assert_int_equal(member_of(leader)->state, IPCK_MEMBER_ENDED);
	end_set(SIGTERM);
	assert_int_equal(reap(second), SIGTERM);
}

/* ---- Later processes of the same number ---- */

static pid_t with_number(pid_t number)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .set_tid = (uint64_t)(uintptr_t)&number,
				   .set_tid_size = 1 };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		idle(NULL);
	return pid;
}

static void replace_and_signal(int signo)
{
	static const enum ipck_kind kinds[] = { IPCK_PROCESS, IPCK_TREE, IPCK_PGRP };

	for (size_t i = 0; i < COUNT(kinds); i++) {
		const pid_t old = in_group(0, idle, NULL);
		pid_t later;

		assert_int_equal(open_one(kinds[i], old), IPCK_OK);
		assert_int_equal(ipck_process_set_count(set), 1);
		kill(old, SIGKILL);
		reap(old);
		later = with_number(old);
		assert_int_equal(later, old);
		assert_int_equal(setpgid(later, later), 0);
		assert_int_equal(ipck_process_set_signal(ctx, set, signo), IPCK_OK);
		UNTIL(state_of(later) != 'R');
		CHECK(state_of(later) == 'S', "kind %zu: %c", i, state_of(later));
		assert_int_equal(ipck_process_set_count(set), 1);
		assert_int_equal(count_state(IPCK_MEMBER_ENDED), 1);
		/* an end by another signal than this would show that it got ours */
		kill(later, SIGQUIT);
		assert_int_equal(reap(later), SIGQUIT);
	}
}

static void test_number_reused(void **state)
{
	(void)state;
	if (in_valgrind()) /* which lacks clone3 */
		skip();
	replace_and_signal(SIGTERM);
	replace_and_signal(SIGKILL);
	replace_and_signal(SIGUSR1);
}

static void reuse_refused(void)
{
	CHILD(refuse(SYS_pidfd_send_signal, ANY, ENOSYS));
	replace_and_signal(SIGTERM);
	replace_and_signal(SIGUSR1);
	ipck_process_set_close(set);
}

static void reuse_filtered(void)
{
	CHILD(refuse(SYS_pidfd_send_signal, ANY, EPERM));
	replace_and_signal(SIGKILL);
	ipck_process_set_close(set);
}

static void test_number_reused_refused(void **state)
{
	(void)state;
	if (in_valgrind()) /* which lacks clone3 */
		skip();
	in_child(reuse_refused);
	in_child(reuse_filtered);
}

/* ---- Descriptors ---- */

static void few_descriptors(void)
{
	const struct rlimit limit = { .rlim_cur = 64, .rlim_max = 64 };
	const pid_t leader = in_group(0, idle, NULL);
	pid_t last = 0;

	for (int i = 0; i < 70; i++)
		last = in_group(leader, idle, NULL);
	if (in_valgrind()) /* which keeps some for itself */
		return;
	CHILD(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	CHILD(open_one(IPCK_PGRP, leader) == IPCK_ERR_SYSTEM);
	CHILD(set == NULL);
	CHILD(strstr(ipck_message(ctx), "RLIMIT_NOFILE") != NULL);
	CHILD(state_of(leader) == 'S' && state_of(last) == 'S');
}

static void test_descriptors(void **state)
{
	const pid_t leader = in_group(0, idle, NULL), second = in_group(leader, idle, NULL);
	const int before = count_descriptors();

	(void)state;
	assert_true(second > 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(open_one(IPCK_PGRP, leader), IPCK_OK);
	end_set(SIGTERM);
	ipck_process_set_close(set);
	set = NULL;
	assert_int_equal(count_descriptors(), before);
	in_child(few_descriptors);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		SET_TEST("a group gets a signal, and nobody else", test_group),
		SET_TEST("so does a session, whatever its groups, but not who left it",
			 test_session),
		SET_TEST("so does a tree, whatever its sessions", test_tree),
		SET_TEST("whose parent has ended is still of the tree", test_tree_reparented),
		SET_TEST("each process is a member once", test_each_once),
		SET_TEST("an exact reference means one process, or one leader", test_exact),
		SET_TEST("the caller, its ancestors, init and its own session are spared",
			 test_spared),
		SET_TEST("a zombie is nobody to signal", test_zombie),
		SET_TEST("a later process of the same number is not signalled", test_number_reused),
		SET_TEST("nor is it where kill(2) must do", test_number_reused_refused),
		SET_TEST("descriptors are given back; too few end it before anything is done",
			 test_descriptors),
		/* the last, since it makes a thread that children would inherit the memory of */
		SET_TEST("numbers that mean more, nobody, or a thread are refused",
			 test_references),
	};

	return RUN(tests);
}

int main(void)
{
	return run_inside(run);
}
