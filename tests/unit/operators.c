/* SPDX-License-Identifier: MIT */
/* Whether today's process is the one that an object recorded, by its start and the object's times.
 */
#include "insight/operators.h"
#include "unit.h"

#include <time.h>
#include <unistd.h>

#define NOBODY ((4 << 20) + 1) /* Linux gives no pid above 2^22 */

/* A world in which this very process started at a second of our choice. */
#define STARTED INT64_C(5000000)

struct world {
	struct pool pool;
	struct processes processes;
};

static struct world *world_new(void)
{
	static struct world world;
	struct processes probe = { .pool = &world.pool, .boot = 1 };

	memset(&world, 0, sizeof(world));
	world.processes.pool = &world.pool;
	world.processes.boot = (double)STARTED - (process_look(&probe, getpid())->started - 1);
	processes_free(&probe);
	return &world;
}

static void world_free(struct world *world)
{
	processes_free(&world->processes);
	pool_free(&world->pool);
}

static void test_times(void **state)
{
	static const struct {
		int64_t acted;
		enum ipck_operator_state state;
	} rows[] = {
		{ STARTED + 1000, IPCK_OPERATOR_RUNNING },
		{ STARTED, IPCK_OPERATOR_RUNNING },
		/* Recorded in whole seconds of a clock that may be a tick late. */
		{ STARTED - 1, IPCK_OPERATOR_RUNNING },
		{ STARTED - 2, IPCK_OPERATOR_LATER },
		{ 1, IPCK_OPERATOR_LATER },
		{ 0, IPCK_OPERATOR_LATER },
	};
	struct world *world = world_new();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ipck_object object = { .kind = IPCK_MSG,
					      .msg = { .sender = { .pid = getpid(),
								   .state = IPCK_OPERATOR_UNASKED },
						       .stime = rows[i].acted } };

		assert_int_equal(operators_judge(&object, NULL, &world->processes), IPCK_OK);
		CHECK(object.msg.sender.state == rows[i].state, "acted %lld from the start: %d",
		      (long long)(rows[i].acted - STARTED), (int)object.msg.sender.state);
		assert_non_null(object.msg.sender.command);
		assert_true((object.known & IPCK_MSG_LSPID) != 0);
	}
	world_free(world);
}

/* Which of a segment's times stands for which pid. */
static void test_segment(void **state)
{
	struct world *world = world_new();
	struct ipck_object object = {
		.kind = IPCK_SHM,
		.ctime = STARTED - 100,
		.shm = { .creator = { .pid = getpid() },
			 .last_operator = { .pid = getpid() },
			 .atime = STARTED - 100,
			 .dtime = STARTED + 100 },
	};

	(void)state;
	assert_int_equal(operators_judge(&object, NULL, &world->processes), IPCK_OK);
	assert_int_equal(object.shm.creator.state, IPCK_OPERATOR_LATER);
	assert_int_equal(object.shm.last_operator.state, IPCK_OPERATOR_RUNNING);
	assert_int_equal(object.known, IPCK_SHM_CPID | IPCK_SHM_LPID);
	object.ctime = STARTED + 100;
	object.shm.atime = STARTED + 100;
	object.shm.dtime = 0;
	assert_int_equal(operators_judge(&object, NULL, &world->processes), IPCK_OK);
	assert_int_equal(object.shm.creator.state, IPCK_OPERATOR_RUNNING);
	assert_int_equal(object.shm.last_operator.state, IPCK_OPERATOR_RUNNING);
	object.shm.atime = STARTED - 100;
	assert_int_equal(operators_judge(&object, NULL, &world->processes), IPCK_OK);
	assert_int_equal(object.shm.last_operator.state, IPCK_OPERATOR_LATER);
	world_free(world);
}

static void test_queue(void **state)
{
	struct world *world = world_new();
	struct ipck_object object = {
		.kind = IPCK_MSG,
		.ctime = STARTED + 100,
		.msg = { .sender = { .pid = getpid() },
			 .receiver = { .pid = getpid() },
			 .stime = STARTED - 100,
			 .rtime = STARTED + 100 },
	};

	(void)state;
	assert_int_equal(operators_judge(&object, NULL, &world->processes), IPCK_OK);
	assert_int_equal(object.msg.sender.state, IPCK_OPERATOR_LATER);
	assert_int_equal(object.msg.receiver.state, IPCK_OPERATOR_RUNNING);
	assert_int_equal(object.known, IPCK_MSG_LSPID | IPCK_MSG_LRPID);
	world_free(world);
}

static void test_set(void **state)
{
	struct world *world = world_new();
	struct ipck_semaphore elements[3] = {
		{ .last_operator = { .pid = getpid(), .state = IPCK_OPERATOR_UNASKED } },
		{ .last_operator = { .pid = 0, .state = IPCK_OPERATOR_UNASKED } },
		{ .last_operator = { .pid = NOBODY, .state = IPCK_OPERATOR_UNASKED } },
	};
	struct ipck_object object = {
		.kind = IPCK_SEM,
		.known = IPCK_SEM_WAITERS,
		.ctime = STARTED + 100, /* SETVAL moves this one only */
		.sem = { .nsems = 3, .otime = STARTED - 100, .last_operator = { .pid = getpid() } },
	};

	(void)state;
	assert_int_equal(operators_judge(&object, elements, &world->processes), IPCK_OK);
	assert_int_equal(object.sem.last_operator.state, IPCK_OPERATOR_RUNNING);
	assert_int_equal(elements[0].last_operator.state, IPCK_OPERATOR_RUNNING);
	assert_non_null(elements[0].last_operator.command);
	assert_int_equal(elements[1].last_operator.state, IPCK_OPERATOR_NEVER);
	assert_int_equal(elements[2].last_operator.state, IPCK_OPERATOR_GONE);
	assert_true((object.known & IPCK_SEM_LPID) != 0);
	object.ctime = STARTED - 100;
	assert_int_equal(operators_judge(&object, elements, &world->processes), IPCK_OK);
	assert_int_equal(object.sem.last_operator.state, IPCK_OPERATOR_LATER);
	world_free(world);
}

static void test_set_not_read(void **state)
{
	struct ipck_object object = { .kind = IPCK_SEM,
				      .unknown.denied = IPCK_SEM_WAITERS | IPCK_SEM_LPID };

	(void)state;
	assert_int_equal(operators_judge(&object, NULL, NULL), IPCK_OK);
	assert_int_equal(object.known, 0);
	assert_int_equal(ipck_object_why(&object, IPCK_SEM_LPID), IPCK_ERR_DENIED);
}

static void test_pid_zero(void **state)
{
	struct ipck_object fresh = { .kind = IPCK_SHM,
				     .ctime = STARTED,
				     .shm.creator = { .pid = 5, .state = IPCK_OPERATOR_UNASKED } };
	struct ipck_object foreign = { .kind = IPCK_SHM, .ctime = STARTED, .shm.atime = STARTED };
	struct ipck_object queue = { .kind = IPCK_MSG, .msg.rtime = STARTED };
	struct ipck_object set = { .kind = IPCK_SEM, .known = IPCK_SEM_WAITERS, .ctime = STARTED };

	(void)state;
	/* Created but never attached: pid 0 without a time. */
	assert_int_equal(operators_judge(&fresh, NULL, NULL), IPCK_OK);
	assert_int_equal(fresh.shm.last_operator.state, IPCK_OPERATOR_NEVER);
	assert_int_equal(ipck_object_why(&fresh, IPCK_SHM_LPID), IPCK_OK);
	/* Both pids from another pid namespace: 0 with a time. */
	assert_int_equal(operators_judge(&foreign, NULL, NULL), IPCK_OK);
	assert_int_equal(foreign.shm.creator.state, IPCK_OPERATOR_OUTSIDE);
	assert_int_equal(foreign.shm.last_operator.state, IPCK_OPERATOR_OUTSIDE);
	assert_int_equal(ipck_object_why(&foreign, IPCK_SHM_CPID), IPCK_ERR_OUTSIDE);
	assert_int_equal(ipck_object_why(&foreign, IPCK_SHM_LPID), IPCK_ERR_OUTSIDE);
	assert_int_equal(operators_judge(&queue, NULL, NULL), IPCK_OK);
	assert_int_equal(queue.msg.sender.state, IPCK_OPERATOR_NEVER);
	assert_int_equal(queue.msg.receiver.state, IPCK_OPERATOR_OUTSIDE);
	/* A set has a ctime from its creation on: without an otime nobody has operated. */
	assert_int_equal(operators_judge(&set, NULL, NULL), IPCK_OK);
	assert_int_equal(set.sem.last_operator.state, IPCK_OPERATOR_NEVER);
	set.known = IPCK_SEM_WAITERS;
	set.sem.otime = STARTED;
	assert_int_equal(operators_judge(&set, NULL, NULL), IPCK_OK);
	assert_int_equal(set.sem.last_operator.state, IPCK_OPERATOR_OUTSIDE);
	assert_int_equal(ipck_object_why(&set, IPCK_SEM_LPID), IPCK_ERR_OUTSIDE);
}

static void test_processes_not_wanted(void **state)
{
	struct ipck_object object = {
		.kind = IPCK_SHM,
		.shm = { .creator = { .pid = getpid(), .state = IPCK_OPERATOR_UNASKED },
			 .last_operator = { .pid = NOBODY, .state = IPCK_OPERATOR_UNASKED } },
	};

	(void)state;
	assert_int_equal(operators_judge(&object, NULL, NULL), IPCK_OK);
	assert_int_equal(object.shm.creator.state, IPCK_OPERATOR_UNASKED);
	assert_int_equal(object.shm.last_operator.state, IPCK_OPERATOR_UNASKED);
	assert_null(object.shm.creator.command);
	assert_int_equal(object.known, IPCK_SHM_CPID | IPCK_SHM_LPID);
}

static void test_presence(void **state)
{
	struct pool pool = { 0 };
	struct processes seeing = { .pool = &pool }, blind = { .pool = &pool, .proc_is_ours = -1 };
	struct ipck_object object = {
		.kind = IPCK_SHM,
		.ctime = time(NULL),
		.shm = { .creator = { .pid = getpid() }, .last_operator = { .pid = NOBODY } },
	};

	(void)state;
	assert_int_equal(operators_judge(&object, NULL, &seeing), IPCK_OK);
	assert_int_equal(object.shm.creator.state, IPCK_OPERATOR_RUNNING);
	assert_int_equal(object.shm.last_operator.state, IPCK_OPERATOR_GONE);
	assert_null(object.shm.last_operator.command);
	assert_int_equal(operators_judge(&object, NULL, &blind), IPCK_OK);
	assert_int_equal(object.shm.creator.state, IPCK_OPERATOR_HIDDEN);
	assert_null(object.shm.creator.command);
	processes_free(&seeing);
	processes_free(&blind);
	pool_free(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("only a start past the recorded second proves another process", test_times),
		TEST("a segment's creator goes by ctime, its last operator by attach and detach",
		     test_segment),
		TEST("a queue's sender and receiver go by their own times", test_queue),
		TEST("a set's operators go by the later of otime and ctime", test_set),
		TEST("a set whose semaphores were not read stays unknown", test_set_not_read),
		TEST("pid 0 means never, or with a time, outside", test_pid_zero),
		TEST("without a look at processes only pids are known", test_processes_not_wanted),
		TEST("this process runs, nobody is gone, and a blind /proc hides", test_presence),
	};

	return RUN(tests);
}
