/* SPDX-License-Identifier: MIT */
/* Holders out of a scan that is made by hand. */
#include "unit.h"
#include "uses.h"

#include "insight/holders.h"

static void sort(struct world *world)
{
	qsort(world->uses, world->scan.use_count, sizeof(world->uses[0]), use_order);
}

static struct world *three_processes(void)
{
	struct world *world = world_new();

	for (int i = 0; i < 3; i++) {
		struct scanned_process *process = &world->processes[i];

		process->id = (struct ipck_process_id){ .pid = 10 * (i + 1), .start_time = 5 };
		process->uid = (uid_t)(1000 + i);
		process->command = i == 1 ? "b\x1b" : "a";
	}
	world->scan.process_count = 3;
	world->scan.coverage.processes = 3;
	return world;
}

static void test_segment(void **state)
{
	struct world *world = three_processes();
	struct ipck_object object = { .kind = IPCK_SHM, .id = 0, .ns = 7, .shm.nattch = 3 };
	const struct ipck_holder *holder;
	struct use *use;

	(void)state;
	use = add_use(world, IPCK_SHM, 0, -1, 0);
	use->object.ns = 7;
	use->address = 0x1000;
	use->bytes = 4096;
	use = add_use(world, IPCK_SHM, 1, -1, 0);
	use->object.ns = 8; /* the same id elsewhere */
	use = add_use(world, IPCK_SHM, 2, -1, 0);
	use->object.ns = 7;
	use->address = 0x2000;
	use->access = IPCK_ACCESS_READ;
	use = add_use(world, IPCK_SHM, 2, -1, 0);
	use->object.ns = 7;
	use->address = 0x3000;
	use = add_use(world, IPCK_SHM, 2, -1, 1);
	use->object.ns = 7;
	sort(world);
	assert_int_equal(holders_add(&world->scan, &object, &world->pool, NULL, NULL), 0);
	assert_int_equal(object.holder_count, 3);
	assert_int_equal(object.held, 2);
	assert_true(object.holders_complete);
	assert_true((object.known & IPCK_FIELD_HOLDERS) != 0);
	holder = ipck_holder_at(&object, 0);
	assert_int_equal(holder->process.pid, 10);
	assert_int_equal(holder->process.start_time, 5);
	assert_int_equal(holder->uid, 1000);
	assert_int_equal(holder->how, IPCK_HOLDS_MAP);
	assert_int_equal(holder->fd, -1);
	assert_int_equal(holder->address, 0x1000);
	assert_int_equal(holder->bytes, 4096);
	assert_null(holder->user);
	assert_null(holder->container);
	assert_string_equal(holder->command, "a");
	holder = ipck_holder_at(&object, 1);
	assert_int_equal(holder->process.pid, 30);
	assert_int_equal(holder->access, IPCK_ACCESS_READ);
	assert_string_equal(ipck_holder_at(&object, 2)->command, "a");
	assert_null(ipck_holder_at(&object, 3));
	world_free(world);
}

/* As many areas as attachments, whatever could not be seen; and neither more nor fewer. */
static void test_segment_complete(void **state)
{
	(void)state;
	for (uint64_t nattch = 0; nattch < 4; nattch++) {
		struct world *world = three_processes();
		struct ipck_object object = { .kind = IPCK_SHM, .id = 4, .shm.nattch = nattch };

		world->scan.coverage.denied = 1;
		world->scan.coverage.early = true;
		add_use(world, IPCK_SHM, 0, -1, 4);
		add_use(world, IPCK_SHM, 1, -1, 4);
		assert_int_equal(holders_add(&world->scan, &object, &world->pool, NULL, NULL), 0);
		CHECK(object.holders_complete == (nattch == 2), "%d attachments", (int)nattch);
		world_free(world);
	}
}

static void test_others_complete(void **state)
{
	static const struct {
		struct ipck_coverage coverage;
		bool complete;
	} rows[] = {
		{ { .processes = 3 }, true },
		{ { .processes = 3, .vanished = 2 }, true },
		{ { .processes = 3, .denied = 1 }, false },
		{ { .processes = 3, .hidden = true }, false },
		{ { .processes = 3, .early = true }, false },
		{ { .processes = 0 }, false }, /* no scan was made */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world *world = three_processes();
		struct ipck_object object = { .kind = IPCK_PIPE, .number = 44 };

		world->scan.coverage = rows[i].coverage;
		assert_int_equal(holders_add(&world->scan, &object, &world->pool, NULL, NULL), 0);
		CHECK(object.holders_complete == rows[i].complete, "row %zu", i);
		assert_int_equal(object.holder_count, 0);
		assert_int_equal(object.held, 0);
		assert_null(ipck_holder_at(&object, 0));
		assert_true((object.known & IPCK_FIELD_HOLDERS) != 0);
		world_free(world);
	}
}

/* A semaphore and shared memory are one to a scan: device and inode tell. */
static void test_posix(void **state)
{
	struct world *world = three_processes();
	struct ipck_object object = {
		.kind = IPCK_POSIX_SEM, .major = 0, .minor = 31, .inode = 12
	};
	const struct ipck_holder *holder;
	struct names names = { .pool = &world->pool };
	struct use *use;

	(void)state;
	use = add_use(world, IPCK_POSIX_SHM, 1, -1, 12);
	use->object.minor = 31;
	use->flags = IPCK_FLAG_PRIVATE;
	use = add_use(world, IPCK_POSIX_SHM, 1, 6, 12);
	use->object.minor = 31;
	use->tid = 21;
	use->flags = IPCK_FLAG_CLOEXEC;
	use = add_use(world, IPCK_POSIX_SHM, 2, 6, 12);
	use->object.minor = 30;
	sort(world);
	world->processes[1].uid = 4294967294u;
	assert_int_equal(holders_add(&world->scan, &object, &world->pool, &names, NULL), 0);
	assert_int_equal(object.holder_count, 2);
	assert_int_equal(object.held, 1);
	holder = ipck_holder_at(&object, 0);
	assert_int_equal(holder->how, IPCK_HOLDS_MAP);
	assert_int_equal(holder->flags, IPCK_FLAG_PRIVATE);
	assert_string_equal(holder->user, "4294967294");
	holder = ipck_holder_at(&object, 1);
	assert_int_equal(holder->how, IPCK_HOLDS_FD);
	assert_int_equal(holder->fd, 6);
	assert_int_equal(holder->tid, 21);
	assert_int_equal(holder->flags, IPCK_FLAG_CLOEXEC);
	assert_string_equal(holder->command, "b\x1b");
	assert_string_equal(holder->user, "4294967294");
	names_free(&names);
	world_free(world);
}

/* The strings are the object's own: the scan may go before it. */
static void test_outlives(void **state)
{
	struct world *world = three_processes();
	struct ipck_object object = { .kind = IPCK_PIPE, .number = 9 };
	char command[] = "short";

	(void)state;
	world->processes[0].command = command;
	add_use(world, IPCK_PIPE, 0, 1, 9);
	assert_int_equal(holders_add(&world->scan, &object, &world->pool, NULL, NULL), 0);
	memset(command, 'x', sizeof(command) - 1);
	assert_string_equal(ipck_holder_at(&object, 0)->command, "short");
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("A segment's holders are those of its namespace", test_segment),
		TEST("A segment is accounted for when areas equal attachments",
		     test_segment_complete),
		TEST("All else is complete when every process was seen", test_others_complete),
		TEST("POSIX objects are told by device and inode", test_posix),
		TEST("Holders outlive their scan", test_outlives),
	};

	return RUN(tests);
}
