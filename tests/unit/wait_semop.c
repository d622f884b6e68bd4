/* SPDX-License-Identifier: MIT */
/* Threads in semop(): which operation blocks, on which value, and who acted last. */
#include "waiters.h"

#include "insight/waits.h"

#include <pthread.h>
#include <sys/mman.h>

static int make_set(const int *values, size_t count)
{
	int id = semget(IPC_PRIVATE, (int)count, 0600);

	assert_true(id >= 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(semctl(id, (int)i, SETVAL, (union semun){ .val = values[i] }), 0);
	return id;
}

struct call {
	int id;
	struct sembuf operations[600];
	size_t count;
	bool timed;
};

static void operate(void *data)
{
	const struct timespec limit = { .tv_sec = 100000 };
	struct call *call = data;

	errno = 0;
	syscall(SYS_semtimedop, call->id, call->operations, call->count,
		call->timed ? &limit : NULL);
}

static pid_t start_call(struct call *call)
{
	pid_t pid = start(operate, call);

	UNTIL(sleeps_in(pid, pid, SYS_semtimedop));
	return pid;
}

static void done(pid_t pid, int id)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	semctl(id, 0, IPC_RMID);
}

static void test_operations(void **state)
{
	static const struct {
		struct sembuf operations[4];
		size_t count;
		int values[4];
		unsigned num;
		int op;
		const char *wants;
		bool timed;
	} rows[] = {
		{ { { 2, -3, 0 } }, 1, { 0, 0, 2 }, 2, -3, "op -3 of semaphore 2, value 2", false },
		{ { { 3, 0, 0 } }, 1, { 0, 0, 0, 7 }, 3, 0, "op 0 of semaphore 3, value 7", false },
		{ { { 0, -1, SEM_UNDO } },
		  1,
		  { 0 },
		  0,
		  -1,
		  "op -1 of semaphore 0, value 0, undo",
		  false },
		{ { { 1, -1, 0 } }, 1, { 0 }, 1, -1, "op -1 of semaphore 1, value 0", true },
		/* the second, third */
		{ { { 0, -1, 0 }, { 1, -1, 0 } },
		  2,
		  { 1 },
		  1,
		  -1,
		  "op -1 of semaphore 1, value 0",
		  false },
		{ { { 0, -1, 0 }, { 1, 0, 0 }, { 2, 5, 0 }, { 3, -9, SEM_UNDO } },
		  4,
		  { 1, 0, 0, 8 },
		  3,
		  -9,
		  "op -9 of semaphore 3, value 8, undo",
		  true },
		/* the first of two */
		{ { { 2, -1, 0 }, { 1, -1, 0 } },
		  2,
		  { 0 },
		  2,
		  -1,
		  "op -1 of semaphore 2, value 0",
		  false },
		/* the same semaphore twice */
		{ { { 0, -1, 0 }, { 0, -1, 0 } },
		  2,
		  { 1 },
		  0,
		  -1,
		  "op -1 of semaphore 0, value 1, 0 after its earlier operations",
		  false },
		{ { { 1, 2, 0 }, { 0, -1, 0 }, { 1, 0, 0 } },
		  3,
		  { 1 },
		  1,
		  0,
		  "op 0 of semaphore 1, value 0, 2 after its earlier operations",
		  false },
		{ { { 1, 2, 0 }, { 1, -3, 0 } },
		  2,
		  { 0 },
		  1,
		  -3,
		  "op -3 of semaphore 1, value 0, 2 after its earlier operations",
		  false },
		{ { { 1, 2, 0 }, { 1, -2, 0 }, { 1, -1, 0 } },
		  3,
		  { 0 },
		  1,
		  -1,
		  "op -1 of semaphore 1, value 0",
		  false },
		/* one that would not block if it came to it */
		{ { { 3, -1, IPC_NOWAIT }, { 0, -1, 0 } },
		  2,
		  { 0, 0, 0, 1 },
		  0,
		  -1,
		  "op -1 of semaphore 0, value 0",
		  false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct call call = { .id = make_set(rows[i].values, 4),
				     .count = rows[i].count,
				     .timed = rows[i].timed };
		const struct ipck_wait *wait;
		char ref[32];
		pid_t pid;

		memcpy(call.operations, rows[i].operations, sizeof(rows[i].operations));
		snprintf(ref, sizeof(ref), "sem:%d", call.id);
		pid = start_call(&call);
		wait = wait_of(pid);
		CHECK(same(wait->ref, ref) && same(wait->call, "semop") &&
			      wait->what == IPCK_WAIT_SEMAPHORE && wait->kind == IPCK_SEM &&
			      wait->why == 0 && wait->open && wait->timeout == rows[i].timed,
		      "row %zu: %s %s %d %d", i, wait->ref, wait->call, wait->why, wait->timeout);
		CHECK(same(wait->wants, rows[i].wants), "row %zu: %s", i, wait->wants);
		CHECK(wait->semaphore.num == rows[i].num && wait->semaphore.op == rows[i].op &&
			      wait->semaphore.counts_known &&
			      (int)wait->semaphore.value ==
				      semctl(call.id, (int)rows[i].num, GETVAL) &&
			      (int)wait->semaphore.ncount ==
				      semctl(call.id, (int)rows[i].num, GETNCNT) &&
			      (int)wait->semaphore.zcount ==
				      semctl(call.id, (int)rows[i].num, GETZCNT),
		      "row %zu: %u %d, value %u, %u and %u", i, wait->semaphore.num,
		      wait->semaphore.op, wait->semaphore.value, wait->semaphore.ncount,
		      wait->semaphore.zcount);
		CHECK(wait->semaphore.undo == (strstr(rows[i].wants, "undo") != NULL), "row %zu",
		      i);
		/* SETVAL is recorded, too */
		CHECK(wait->awaited_count == 1 && wait->awaited[0].process.pid == getpid() &&
			      wait->awaited[0].proof == IPCK_PROOF_LAST_OP &&
			      !wait->awaited[0].gone && wait->finding == NULL,
		      "row %zu: %zu awaited", i, wait->awaited_count);
		done(pid, call.id);
	}
}

/* ---- Who acted last ---- */

static void post(void *data)
{
	struct sembuf operation = { 0, 1, 0 };

	semop(*(int *)data, &operation, 1);
}

/* One that its parent has not asked for yet cannot release anything either. */
static void test_last_zombie(void **state)
{
	struct call call = { .id = make_set((int[]){ 0 }, 1),
			     .count = 1,
			     .operations = { { 0, -2, 0 } } };
	const pid_t last = start(post, &call.id);
	const struct ipck_wait *wait;
	siginfo_t info;
	pid_t pid;

	(void)state;
	assert_int_equal(waitid(P_PID, (id_t)last, &info, WEXITED | WNOWAIT), 0);
	pid = start_call(&call);
	wait = wait_of(pid);
	CHECK(wait->finding != NULL && wait->awaited_count == 1 && wait->awaited[0].gone &&
		      wait->awaited[0].process.pid == last,
	      "%s", wait->finding);
	waitpid(last, NULL, 0);
	done(pid, call.id);
}

static void test_last_gone(void **state)
{
	struct call call = { .id = make_set((int[]){ 0 }, 1), .count = 1 };
	const struct ipck_wait *wait;
	char text[80];
	pid_t last, pid;

	(void)state;
	last = start(post, &call.id);
	waitpid(last, NULL, 0);
	call.operations[0].sem_op = -2;
	pid = start_call(&call);
	wait = wait_of(pid);
	snprintf(text, sizeof(text), "last operator %d has exited: maybe never released", last);
	CHECK(same(wait->finding, text), "%s", wait->finding);
	CHECK(wait->awaited_count == 1 && wait->awaited[0].gone &&
		      wait->awaited[0].process.pid == last && wait->awaited[0].command == NULL &&
		      wait->awaited[0].proof == IPCK_PROOF_LAST_OP,
	      "%zu awaited", wait->awaited_count);
	done(pid, call.id);

	/* nobody need release what is to become zero */
	call.id = make_set((int[]){ 0 }, 1);
	last = start(post, &call.id);
	waitpid(last, NULL, 0);
	call.operations[0].sem_op = 0;
	pid = start_call(&call);
	wait = wait_of(pid);
	CHECK(wait->finding == NULL && wait->awaited_count == 1 && wait->awaited[0].gone, "%s",
	      wait->finding);
	done(pid, call.id);
}

static void take_twice(void *data)
{
	struct sembuf operation = { 0, -1, 0 }, other[] = { { 1, 1, 0 }, { 1, -1, 0 } };

	semop(*(int *)data, other, 2);
	semop(*(int *)data, &operation, 1);
	semop(*(int *)data, &operation, 1);
}

/* The waiter's own act tells nothing of others; nor is one that waits there itself to help. */
static void test_last_waits(void **state)
{
	int id = make_set((int[]){ 1, 0 }, 2);
	struct call call = { .id = id, .count = 1, .operations = { { 0, -1, 0 } } };
	const struct ipck_wait *wait = NULL;
	pid_t first, second, third;

	(void)state;
	first = start(take_twice, &id);
	UNTIL(semctl(id, 0, GETNCNT) == 1);
	assert_int_equal(semctl(id, 0, GETPID), first);
	wait = wait_of(first);
	CHECK(wait->awaited_count == 0 && wait->finding == NULL && wait->open, "%zu awaited",
	      wait->awaited_count);
	second = start_call(&call);
	UNTIL(semctl(id, 0, GETNCNT) == 2);
	/* on the other semaphore of the set it may be the one */
	call.operations[0].sem_num = 1;
	third = start_call(&call);
	UNTIL(semctl(id, 1, GETNCNT) == 1);
	assert_true(look(0) >= 3);
	for (size_t i = 0; i < ipck_waits_count(waits); i++) {
		wait = ipck_waits_at(waits, i);
		if (wait->process.pid == second)
			CHECK(wait->awaited_count == 0 && wait->semaphore.ncount == 2,
			      "%zu awaited, %u wait", wait->awaited_count, wait->semaphore.ncount);
		if (wait->process.pid == third)
			CHECK(wait->awaited_count == 1 && wait->awaited[0].process.pid == first,
			      "%zu awaited", wait->awaited_count);
	}
	ends(second);
	ends(third);
	done(first, id);
}

/* ---- Other namespaces ---- */

struct elsewhere {
	struct call call;
	volatile int id;
};

static void operate_elsewhere(void *data)
{
	struct elsewhere *elsewhere = data;

	if (unshare(CLONE_NEWIPC) != 0)
		_exit(1);
	elsewhere->call.id = make_set((int[]){ 0, 4 }, 2);
	elsewhere->id = elsewhere->call.id;
	operate(&elsewhere->call);
}

static struct elsewhere *share(void)
{
	struct elsewhere *elsewhere = mmap(NULL, sizeof(*elsewhere), PROT_READ | PROT_WRITE,
					   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(elsewhere, MAP_FAILED);
	*elsewhere = (struct elsewhere){
		.id = -1, .call = { .count = 2, .operations = { { 1, -4, 0 }, { 0, -2, 0 } } }
	};
	return elsewhere;
}

static void check_elsewhere(const struct ipck_wait *wait, unsigned long long ns, int id)
{
	char ref[64];

	snprintf(ref, sizeof(ref), "sem:%d@%llu", id, ns);
	CHECK(same(wait->ref, ref) && wait->why == 0, "%s, not %s; %d %s", wait->ref, ref,
	      wait->why, wait->why_text);
	CHECK(same(wait->wants, "op -2 of semaphore 0, value 0") && wait->semaphore.counts_known &&
		      wait->semaphore.ncount == 1,
	      "%s", wait->wants);
}

static void test_elsewhere(void **state)
{
	struct elsewhere *elsewhere = share();
	/* a set of the same id here, whose values are others */
	int here = make_set((int[]){ 9, 9 }, 2);
	pid_t pid = start(operate_elsewhere, elsewhere);

	(void)state;
	UNTIL(sleeps_in(pid, pid, SYS_semtimedop));
	assert_int_not_equal(ipc_namespace(pid, pid), ipc_namespace(getpid(), getpid()));
	check_elsewhere(wait_of(pid), ipc_namespace(pid, pid), elsewhere->id);
	done(pid, here);
	munmap(elsewhere, sizeof(*elsewhere));
}

static volatile pid_t moved;

static void *thread_elsewhere(void *data)
{
	moved = (pid_t)syscall(SYS_gettid);
	operate_elsewhere(data);
	return NULL;
}

static void thread_moves(void *data)
{
	pthread_t thread;

	pthread_create(&thread, NULL, thread_elsewhere, data);
	for (;;)
		pause();
}

/* The first thread of the process stays here. */
static void test_thread_elsewhere(void **state)
{
	struct elsewhere *elsewhere = share();
	pid_t pid = start(thread_moves, elsewhere);
	const struct ipck_wait *wait = NULL;

	(void)state;
	UNTIL(elsewhere->id >= 0);
	for (int tries = 0; tries < 20000 && wait == NULL; tries++) {
		look(pid);
		for (size_t i = 0; i < ipck_waits_count(waits); i++)
			if (same(ipck_waits_at(waits, i)->call, "semop"))
				wait = ipck_waits_at(waits, i);
		usleep(1000);
	}
	assert_non_null(wait);
	assert_int_not_equal(wait->tid, pid);
	assert_int_not_equal(ipc_namespace(pid, wait->tid), ipc_namespace(pid, pid));
	check_elsewhere(wait, ipc_namespace(pid, wait->tid), elsewhere->id);
	ends(pid);
	munmap(elsewhere, sizeof(*elsewhere));
}

/* ---- What is refused ---- */

static void look_without_rights(struct call *call, pid_t *pid, const struct ipck_wait **wait)
{
	*pid = start(operate, call);
	for (int tries = 0; !sleeps_in(*pid, *pid, SYS_semtimedop); tries++) {
		CHILD(tries < 20000);
		usleep(1000);
	}
	CHILD(look(*pid) == 1);
	*wait = ipck_waits_at(waits, 0);
}

static void unreadable(void)
{
	struct call call = { .count = 1, .operations = { { 0, -1, SEM_UNDO }, { 0, -2, 0 } } };
	const struct ipck_wait *wait;
	pid_t pid;

	CHILD(become_nobody() && prctl(PR_SET_DUMPABLE, 1) == 0);
	call.id = semget(IPC_PRIVATE, 1, 0200);
	CHILD(call.id >= 0 && semctl(call.id, 0, GETVAL) < 0 && errno == EACCES);
	look_without_rights(&call, &pid, &wait);
	CHILD(same(wait->wants, "op -1 of semaphore 0, undo") && wait->why == IPCK_ERR_DENIED);
	CHILD(wait->semaphore.op == -1 && wait->semaphore.undo && !wait->semaphore.counts_known);
	CHILD(wait->ref != NULL && wait->awaited_count == 0);
	kill(pid, SIGKILL);
	/* of two it could be either */
	call.count = 2;
	look_without_rights(&call, &pid, &wait);
	CHILD(wait->wants == NULL && wait->why == IPCK_ERR_DENIED && wait->ref != NULL);
	kill(pid, SIGKILL);
	semctl(call.id, 0, IPC_RMID);
	ipck_waits_free(waits);
}

static void test_unreadable(void **state)
{
	(void)state;
	if (!real_root)
		skip();
	in_child(unreadable);
}

static void operate_single_elsewhere(void *data)
{
	struct call *call = data;

	if (unshare(CLONE_NEWIPC) != 0)
		_exit(1);
	call->id = semget(IPC_PRIVATE, 1, 0666);
	if (!become_nobody() || prctl(PR_SET_DUMPABLE, 1) != 0)
		_exit(1);
	operate(call);
}

static pid_t foreign;

static void not_to_be_entered(void)
{
	const struct ipck_wait *wait;

	CHILD(become_nobody());
	CHILD(look(foreign) == 1);
	wait = ipck_waits_at(waits, 0);
	CHILD(wait->ref != NULL && strchr(wait->ref, '@') != NULL);
	CHILD(same(wait->wants, "op -1 of semaphore 0") && !wait->semaphore.counts_known);
	CHILD(wait->why == IPCK_ERR_DENIED && wait->why_text != NULL && wait->awaited_count == 0);
	ipck_waits_free(waits);
}

static void test_not_to_be_entered(void **state)
{
	struct call call = { .count = 1, .operations = { { 0, -1, 0 } } };

	(void)state;
	if (!real_root)
		skip();
	foreign = start(operate_single_elsewhere, &call);
	UNTIL(sleeps_in(foreign, foreign, SYS_semtimedop));
	in_child(not_to_be_entered);
	ends(foreign);
}

/* ---- Strange calls ---- */

static void test_many_operations(void **state)
{
	static struct call call = { .count = 600 };
	const struct ipck_wait *wait;
	pid_t pid;

	(void)state;
	if (!write_text("/proc/sys/kernel/sem", "32000 1024000 1000 32000"))
		skip();
	call.id = make_set((int[]){ 0 }, 1);
	call.operations[599].sem_op = -1;
	pid = start_call(&call);
	wait = wait_of(pid);
	CHECK(wait->wants == NULL && wait->why == IPCK_ERR_UNSUPPORTED &&
		      same(wait->why_text, "600 operations") && wait->ref != NULL,
	      "%s: %d %s", wait->wants, wait->why, wait->why_text);
	done(pid, call.id);

	/* as many as there are by default: the last one blocks */
	call.count = 500;
	call.id = make_set((int[]){ 0 }, 1);
	call.operations[499].sem_op = -1;
	pid = start_call(&call);
	CHECK(same(wait_of(pid)->wants, "op -1 of semaphore 0, value 0"), "%s",
	      wait_of(pid)->wants);
	done(pid, call.id);
}

static void *unmap_later(void *data)
{
	const pid_t pid = getpid();

	while (!sleeps_in(pid, pid, SYS_semtimedop))
		usleep(100);
	munmap(data, 4096);
	return NULL;
}

static void operate_unmapped(void *data)
{
	struct sembuf *operations =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_t thread;

	operations[0] = (struct sembuf){ 0, -1, 0 };
	pthread_create(&thread, NULL, unmap_later, operations);
	syscall(SYS_semtimedop, *(int *)data, operations, 1, NULL);
}

static bool readable(pid_t pid)
{
	const size_t count = look(pid);

	for (size_t i = 0; i < count; i++)
		if (same(ipck_waits_at(waits, i)->call, "semop"))
			return ipck_waits_at(waits, i)->wants != NULL;
	return true;
}

/* The kernel has its copy of what is gone. */
static void test_unmapped(void **state)
{
	int id = make_set((int[]){ 0 }, 1);
	pid_t pid = start(operate_unmapped, &id);

	(void)state;
	UNTIL(!readable(pid));
	CHECK(ipck_waits_at(waits, 0)->why != 0 && ipck_waits_at(waits, 0)->ref != NULL, "no why");
	done(pid, id);
}

static void test_removed(void **state)
{
	static struct call call = { .count = 1, .operations = { { 0, -1, 0 } } };
	const struct ipck_waits_query query = { .size = sizeof(query) };
	struct ipck_waits *seen;

	(void)state;
	for (int i = 0; i < 50; i++) {
		pid_t pid;

		call.id = make_set((int[]){ 0 }, 1);
		pid = start_call(&call);
		kill(pid, SIGSTOP); /* it stays in the call that has failed */
		semctl(call.id, 0, IPC_RMID);
		assert_int_equal(ipck_waits_read(ctx, &query, &seen), IPCK_OK);
		ipck_waits_free(seen);
		kill(pid, SIGCONT);
		waitpid(pid, NULL, 0);
	}
}

/* Two semaphores that share a place in what is kept over all waits: the counts are each its own. */
static void test_counts(void **state)
{
	static struct call one = { .count = 1, .operations = { { 31, -1, 0 } } },
			   other = { .count = 1, .operations = { { 0, -1, 0 } } };
	const struct ipck_wait *wait;
	pid_t pids[3];

	(void)state;
	one.id = semget(IPC_PRIVATE, 32, 0600);
	other.id = semget(IPC_PRIVATE, 1, 0600);
	assert_int_equal(other.id, one.id + 1);
	for (size_t i = 0; i < COUNT(pids); i++)
		pids[i] = start_call(i == 1 ? &other : &one);
	assert_true(look(0) >= 3);
	for (size_t i = 0; (wait = ipck_waits_at(waits, i)) != NULL; i++)
		for (size_t j = 0; j < COUNT(pids); j++)
			CHECK(wait->process.pid != pids[j] ||
				      (wait->semaphore.ncount == (j == 1 ? 1u : 2u) &&
				       wait->semaphore.num == (j == 1 ? 0u : 31u)),
			      "waiter %zu: %u wait at %u", j, wait->semaphore.ncount,
			      wait->semaphore.num);
	for (size_t i = 0; i < COUNT(pids); i++)
		ends(pids[i]);
	semctl(one.id, 0, IPC_RMID);
	semctl(other.id, 0, IPC_RMID);
}

/* ---- What goes on meanwhile ---- */

static void rest(void *data)
{
	(void)data;
	for (;;)
		pause();
}

/* A thread that was seen in semop() and is not in there any more, whatever the values say. */
static void test_gone_on(void **state)
{
	static struct sembuf operation = { 0, -1, 0 };
	int id = make_set((int[]){ 0 }, 1);
	struct call other = { .id = id, .count = 1, .operations = { { 0, -1, 0 } } };
	const pid_t waits_there = start_call(&other), pid = start(rest, NULL);
	struct waits_reading reading = { .ctx = ctx, .ipc = ipc_namespace(pid, pid) };
	struct thread thread = { .pid = pid, .tid = pid, .state = 'S' };
	struct waiting waiting = {
		.wait = { .process.pid = pid, .tid = pid, .state = 'S' },
		.call = { .where = SYSCALL_INSIDE,
			  .number = SYS_semtimedop,
			  .args = { (uint64_t)id, (uint64_t)(uintptr_t)&operation, 1 } },
		.family = CALL_SEMOP,
	};
	char path[32];

	(void)state;
	UNTIL(sleeps_in(pid, pid, SYS_pause));
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	thread.dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	thread.call = waiting.call;
	reading.processes.pool = &reading.pool;
	assert_int_equal(wait_look_semop(&reading, &thread, &waiting), WAITS_STALE);
	close(thread.dir);
	waits_end(&reading);
	ends(pid);
	done(waits_there, id);
}

static void operate_on(void *data)
{
	struct call *call = data;

	syscall(SYS_semtimedop, call->id, call->operations, call->count, NULL);
}

/* Operations that were changed since the call began: it does not wait for what they say now. */
static void test_changed(void **state)
{
	static const struct sembuf now[] = { { 0, 1, 0 }, { 0, 0, 0 }, { 0, -1, IPC_NOWAIT } };
	struct call *call = mmap(NULL, sizeof(*call), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	(void)state;
	assert_ptr_not_equal(call, MAP_FAILED);
	*call = (struct call){ .id = make_set((int[]){ 0 }, 1),
			       .count = 1,
			       .operations = { { 0, -1, 0 } } };
	pid = start(operate_on, call);
	UNTIL(sleeps_in(pid, pid, SYS_semtimedop));
	assert_non_null(wait_of(pid)->wants);
	for (size_t i = 0; i < COUNT(now); i++) {
		call->operations[0] = now[i];
		CHECK(look(pid) == 0, "row %zu: %s", i, ipck_waits_at(waits, 0)->wants);
	}
	done(pid, call->id);
	munmap(call, sizeof(*call));
}

static void alternate(void *data)
{
	const int id = *(int *)data;

	for (;;) { /* from the same place, with ever other operations */
		for (int i = 0; i < 4; i++) {
			struct sembuf operations[2] = { { 0, 0, 0 }, { 1, 0, 0 } };

			operations[i & 1].sem_op = i < 2 ? -1 : 1;
			operations[1 - (i & 1)].sem_op = i < 2 ? 1 : -1;
			semop(id, operations, 2);
		}
	}
}

static void take_and_give(void *data)
{
	for (;;) {
		struct sembuf operation = { 0, -1, 0 };

		semop(*(int *)data, &operation, 1);
		operation.sem_op = 1;
		semop(*(int *)data, &operation, 1);
	}
}

/* Of one operation all is told: it must be one that cannot be done. */
static void check_blocked(const struct ipck_wait *wait)
{
	const struct ipck_semaphore_wait *semaphore = &wait->semaphore;

	if (wait->what != IPCK_WAIT_SEMAPHORE || wait->wants == NULL)
		return;
	CHECK(semaphore->counts_known && wait->why == 0, "why %d", wait->why);
	CHECK(semaphore->op < 0 ? (int)semaphore->value + semaphore->op < 0
				: semaphore->op == 0 && semaphore->value != 0,
	      "%s", wait->wants);
}

static void test_contended(void **state)
{
	const int rounds = looks(1000);
	int one = make_set((int[]){ 1 }, 1), two = make_set((int[]){ 1, 0 }, 2);
	pid_t pids[6];
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(pids); i++)
		pids[i] = start(i < 3 ? take_and_give : alternate, i < 3 ? &one : &two);
	for (int i = 0; i < rounds; i++) {
		const size_t count = look(0);

		for (size_t j = 0; j < count; j++)
			check_blocked(ipck_waits_at(waits, j));
		seen += count;
	}
	CHECK(seen > 0, "nobody was seen to wait");
	for (size_t i = 0; i < COUNT(pids); i++)
		ends(pids[i]);
	semctl(one, 0, IPC_RMID);
	semctl(two, 0, IPC_RMID);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		TEST("semop: the operation that blocks, its value and counts, who acted last",
		     test_operations),
		TEST("semop: the last operator has exited", test_last_gone),
		TEST("semop: the last operator is a zombie", test_last_zombie),
		TEST("semop: a last operator that waits itself is not the one", test_last_waits),
		TEST("semop: in another IPC namespace", test_elsewhere),
		TEST("semop: of a thread in an IPC namespace of its own", test_thread_elsewhere),
		TEST("semop: a set that may not be read", test_unreadable),
		TEST("semop: an IPC namespace that may not be entered", test_not_to_be_entered),
		TEST("semop: hundreds of operations", test_many_operations),
		TEST("semop: operations that are not in memory any more", test_unmapped),
		TEST("semop: a set that is removed meanwhile", test_removed),
		TEST("semop: each semaphore has its own counts", test_counts),
		TEST("semop: a thread that has gone on", test_gone_on),
		TEST("semop: operations that were changed since", test_changed),
		TEST("semop: no row of those that go on claims what could be done", test_contended),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, NULL, stop_looking) == 0 ? 0 : 1;
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return run_inside(run);
}
