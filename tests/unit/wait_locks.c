/* SPDX-License-Identifier: MIT */
/* Threads in flock() and fcntl(): what lock they ask for, and who all have to give theirs up. */
#include "waiters.h"

#include <sys/file.h>
#include <sys/mman.h>

#define FILE_NAME "/dev/shm/locked"

struct lock_call {
	const char *path;
	int operation; /* of flock() ... */
	int command;   /* ... or else of fcntl() */
	struct flock area;
	off_t position; /* of the descriptor */
};

static int *stage; /* shared with the children: how many have their locks */

static int take(const struct lock_call *call)
{
	const int fd = open(call->path != NULL ? call->path : FILE_NAME, O_RDWR | O_CREAT, 0600);
	struct flock area = call->area;

	if (fd < 0 || lseek(fd, call->position, SEEK_SET) < 0)
		_exit(1);
	if ((call->command == 0 ? flock(fd, call->operation) : fcntl(fd, call->command, &area)) !=
	    0)
		_exit(2);
	__atomic_add_fetch(stage, 1, __ATOMIC_SEQ_CST);
	return fd;
}

static void take_and_rest(void *data)
{
	take(data);
	for (;;)
		pause();
}

static pid_t holder(struct lock_call call)
{
	const int before = __atomic_load_n(stage, __ATOMIC_SEQ_CST);
	pid_t pid = start(take_and_rest, &call);

	UNTIL(__atomic_load_n(stage, __ATOMIC_SEQ_CST) > before);
	return pid;
}

static pid_t waiter(struct lock_call call)
{
	pid_t pid = start(take_and_rest, &call);

	UNTIL(sleeps_in(pid, pid, call.command == 0 ? SYS_flock : SYS_fcntl));
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* It waits for exactly these processes; groups[i] says with whom the i-th is in one. */
static void expect(const struct ipck_wait *wait, const pid_t *pids, const unsigned *groups,
		   size_t count)
{
	CHECK(wait->awaited_count == count, "%zu awaited", wait->awaited_count);
	for (size_t i = 0; i < count; i++) {
		const struct ipck_awaited *awaited = NULL;

		for (size_t j = 0; j < count && awaited == NULL; j++)
			if (ipck_awaited_at(wait, j)->process.pid == pids[i])
				awaited = ipck_awaited_at(wait, j);
		CHECK(awaited != NULL, "%d is not awaited", (int)pids[i]);
		assert_int_equal(awaited->proof, IPCK_PROOF_KERNEL);
		assert_int_equal(awaited->tid, 0);
		assert_false(awaited->gone);
		assert_true(awaited->process.start_time > 0);
		for (size_t j = 0; j < count; j++)
			for (size_t k = 0; k < count; k++) {
				const struct ipck_awaited *other = ipck_awaited_at(wait, k);

				if (other->process.pid == pids[j])
					assert_int_equal(groups[i] == groups[j],
							 awaited->group == other->group);
			}
	}
	assert_int_equal(wait->why, 0);
	assert_null(wait->why_text);
}

static const struct flock whole_read = { .l_type = F_RDLCK }, whole_write = { .l_type = F_WRLCK };

static void test_shared(void **state)
{
	const struct lock_call shared = { .operation = LOCK_SH };
	const pid_t pids[] = { holder(shared), holder(shared) };
	const unsigned groups[] = { 0, 1 };
	/* has the file open, and other locks of it: in nobody's way */
	const pid_t other = holder((struct lock_call){ .command = F_SETLK, .area = whole_write });
	const pid_t waits_ex = waiter((struct lock_call){ .operation = LOCK_EX });
	const struct ipck_wait *wait = wait_of(waits_ex);

	(void)state;
	assert_int_equal(wait->what, IPCK_WAIT_FILE_LOCK);
	assert_string_equal(wait->call, "flock");
	assert_string_equal(wait->wants, "exclusive lock");
	assert_string_equal(wait->object, FILE_NAME);
	assert_null(wait->ref);
	assert_int_equal(wait->kind, 0);
	assert_false(wait->open);
	assert_false(wait->idle);
	assert_null(wait->finding);
	expect(wait, pids, groups, 2);
	end(pids[0]);
	expect(wait_of(waits_ex), &pids[1], groups, 1);
	end(waits_ex);
	end(pids[1]);
	end(other);
}

/* Two children have the open file of a process that locked it and ended. */
static void lock_and_leave(void *data)
{
	pid_t *children = data;

	take(&(struct lock_call){ .operation = LOCK_EX });
	for (int i = 0; i < 2; i++) {
		const pid_t child = fork();

		if (child == 0) {
			for (;;)
				pause();
		}
		children[i] = child;
	}
}

static void test_inherited(void **state)
{
	pid_t *children =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const unsigned groups[] = { 0, 0 };
	pid_t asker;

	(void)state;
	waitpid(start(lock_and_leave, children), NULL, 0);
	asker = waiter((struct lock_call){ .operation = LOCK_SH });
	expect(wait_of(asker), children, groups, 2);
	assert_string_equal(wait_of(asker)->wants, "shared lock");
	end(children[0]);
	expect(wait_of(asker), &children[1], groups, 1);
	end(asker);
	end(children[1]);
	munmap(children, 4096);
}

static void test_ranges(void **state)
{
	const struct lock_call first = { .command = F_SETLK,
					 .area = { .l_type = F_RDLCK, .l_len = 100 } };
	const struct lock_call all = { .command = F_SETLK, .area = whole_read };
	const struct lock_call far = { .command = F_SETLK,
				       .area = { .l_type = F_WRLCK, .l_start = 5000, .l_len = 1 } };
	const struct lock_call asked = {
		.command = F_SETLKW, .area = { .l_type = F_WRLCK, .l_start = 50, .l_len = 100 }
	};
	const pid_t pids[] = { holder(first), holder(all) };
	const unsigned groups[] = { 0, 1 };
	pid_t other, asker;

	(void)state;
	end(pids[1]);
	other = holder(far);
	asker = waiter(asked);
	expect(wait_of(asker), pids, groups, 1);
	assert_string_equal(wait_of(asker)->wants, "write lock of bytes 50-149");
	assert_string_equal(wait_of(asker)->call, "fcntl");
	end(asker);
	end(other);
	end(pids[0]);
}

/* Each process that reads stands in the way of one that writes. */
static void test_readers(void **state)
{
	const struct lock_call read = { .command = F_SETLK, .area = whole_read };
	const struct lock_call ofd = { .command = F_OFD_SETLK, .area = whole_read };
	const pid_t pids[] = { holder(read), holder(ofd), holder(ofd) };
	const unsigned groups[] = { 0, 1, 2 };
	const int commands[] = { F_SETLKW, F_OFD_SETLKW };

	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		const pid_t asker =
			waiter((struct lock_call){ .command = commands[i], .area = whole_write });

		expect(wait_of(asker), pids, groups, 3);
		assert_string_equal(wait_of(asker)->wants, "write lock of the whole file");
		end(asker);
	}
	for (size_t i = 0; i < COUNT(pids); i++)
		end(pids[i]);
}

static void test_whence(void **state)
{
	static const struct {
		struct flock area;
		const char *wants;
	} rows[] = {
		{ { .l_type = F_RDLCK, .l_whence = SEEK_CUR, .l_start = -10, .l_len = 20 },
		  "read lock of bytes 290-309" },
		{ { .l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = 0, .l_len = -1 },
		  "write lock of byte 999" },
		{ { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 100 },
		  "write lock of bytes 100 to the end" },
		{ { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 100, .l_len = -50 },
		  "read lock of bytes 50-99" },
		{ { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = INT64_MAX },
		  "read lock of bytes 1 to the end" },
	};
	const struct lock_call all = { .command = F_SETLK, .area = whole_write };
	const unsigned group = 0;
	pid_t pid = holder(all);

	(void)state;
	assert_int_equal(truncate(FILE_NAME, 1000), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const pid_t asker = waiter((struct lock_call){
			.command = F_SETLKW, .area = rows[i].area, .position = 300 });
		const struct ipck_wait *wait = wait_of(asker);

		CHECK(same(wait->wants, rows[i].wants), "row %zu: %s", i, wait->wants);
		expect(wait, &pid, &group, 1);
		end(asker);
	}
	end(pid);
	unlink(FILE_NAME);
}

/* A process that asks for what it has itself, by another open file, will never get it. */
static void lock_twice(void *data)
{
	const int *kinds = data;

	take(&(struct lock_call){ .operation = LOCK_EX, .command = kinds[0], .area = whole_write });
	take(&(struct lock_call){ .operation = LOCK_SH, .command = kinds[1], .area = whole_read });
}

static void test_itself(void **state)
{
	static const int rows[][2] = { { 0, 0 },
				       { F_OFD_SETLK, F_OFD_SETLKW },
				       { F_OFD_SETLK, F_SETLKW } };
	const unsigned group = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const pid_t pid = start(lock_twice, (void *)rows[i]);
		const struct ipck_wait *wait;

		UNTIL(sleeps_in(pid, pid, i == 0 ? SYS_flock : SYS_fcntl));
		wait = wait_of(pid);
		expect(wait, &pid, &group, 1);
		CHECK(wait->finding != NULL && strstr(wait->finding, "itself") != NULL,
		      "row %zu: %s", i, wait->finding);
		end(pid);
	}
}

/* Its own locks are in nobody's way: a write lock that takes the place of a read lock. */
static void upgrade(void *data)
{
	const int *kinds = data;
	struct flock area = whole_write;
	const int fd = take(&(struct lock_call){ .command = kinds[0], .area = whole_read });

	fcntl(fd, kinds[1], &area);
}

static void test_upgrade(void **state)
{
	static const int rows[][2] = { { F_SETLK, F_SETLKW }, { F_OFD_SETLK, F_OFD_SETLKW } };
	const unsigned group = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const pid_t other =
			holder((struct lock_call){ .command = F_OFD_SETLK, .area = whole_read });
		const pid_t pid = start(upgrade, (void *)rows[i]);

		UNTIL(sleeps_in(pid, pid, SYS_fcntl));
		expect(wait_of(pid), &other, &group, 1);
		assert_null(wait_of(pid)->finding);
		end(pid);
		end(other);
	}
}

/* stat() on overlayfs has other numbers than the kernel's list of locks. */
static void test_overlay(void **state)
{
	static const struct lock_call calls[] = {
		{ .path = "/dev/top/file", .operation = LOCK_EX },
		{ .path = "/dev/top/file", .command = F_SETLKW, .area = { .l_type = F_WRLCK } },
		{ .path = "/dev/top/file", .command = F_OFD_SETLKW, .area = { .l_type = F_WRLCK } },
	};
	const unsigned group = 0;
	int fd;

	(void)state;
	if (mkdir("/dev/shm/low", 0755) != 0 || mkdir("/dev/up", 0755) != 0 ||
	    mkdir("/dev/work", 0755) != 0 || mkdir("/dev/top", 0755) != 0 ||
	    (fd = open("/dev/shm/low/file", O_RDWR | O_CREAT, 0600)) < 0 || close(fd) != 0 ||
	    mount("unit", "/dev/top", "overlay", 0,
		  "lowerdir=/dev/shm/low,upperdir=/dev/up,workdir=/dev/work,xino=off") != 0)
		skip();
	for (size_t i = 0; i < COUNT(calls); i++) {
		const pid_t pid = holder(calls[i]), asker = waiter(calls[i]);

		expect(wait_of(asker), &pid, &group, 1);
		end(asker);
		end(pid);
	}
	umount("/dev/top");
}

/* What was asked for lies in memory that anybody may have written to since. */
static void take_shared_area(void *data)
{
	const int fd = open(FILE_NAME, O_RDWR);

	fcntl(fd, F_SETLKW, data);
}

static void test_hostile(void **state)
{
	static const struct flock areas[] = {
		{ .l_type = 77, .l_len = 1 },
		{ .l_type = F_WRLCK, .l_whence = 9 },
		{ .l_type = F_WRLCK, .l_start = -5, .l_len = 10 },
		{ .l_type = F_WRLCK, .l_start = 5, .l_len = -10 },
		{ .l_type = F_WRLCK, .l_start = INT64_MAX, .l_len = INT64_MAX },
		{ .l_type = F_WRLCK,
		  .l_whence = SEEK_END,
		  .l_start = INT64_MIN,
		  .l_len = INT64_MIN },
	};
	struct flock *shared =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const pid_t pid = holder((struct lock_call){ .command = F_SETLK, .area = whole_write });
	pid_t asker;

	(void)state;
	*shared = whole_write;
	asker = start(take_shared_area, shared);
	UNTIL(sleeps_in(asker, asker, SYS_fcntl));
	for (size_t i = 0; i < COUNT(areas); i++) {
		const struct ipck_wait *wait;

		*shared = areas[i];
		wait = wait_of(asker);
		CHECK(wait->why != 0, "row %zu: no reason", i);
		CHECK(wait->wants == NULL, "row %zu: %s", i, wait->wants);
		assert_string_equal(wait->object, FILE_NAME);
		assert_int_equal(wait->awaited_count, 0);
	}
	end(asker);
	end(pid);
	munmap(shared, 4096);
}

static int outer = -1; /* a file with a POSIX lock of a process outside of this pid namespace */

static void lock_outer(void *data)
{
	struct flock area = whole_write;

	(void)data;
	fcntl(outer, F_SETLKW, &area);
}

static void test_outside(void **state)
{
	pid_t asker;
	const struct ipck_wait *wait;

	(void)state;
	asker = start(lock_outer, NULL);
	UNTIL(sleeps_in(asker, asker, SYS_fcntl));
	wait = wait_of(asker);
	assert_int_equal(wait->awaited_count, 0);
	assert_int_equal(wait->why, IPCK_ERR_OUTSIDE);
	assert_non_null(wait->why_text);
	assert_true(wait->open);
	end(asker);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		TEST("flock: each that shares it has to let go", test_shared),
		TEST("flock: whoever has the open file has the lock, its taker gone",
		     test_inherited),
		TEST("fcntl: only locks of the same bytes", test_ranges),
		TEST("fcntl: each reader has to let go, of whichever kind", test_readers),
		TEST("fcntl: bytes from where one is, or the end", test_whence),
		TEST("a process that waits for itself", test_itself),
		TEST("fcntl: its own lock is not in its way", test_upgrade),
		TEST("a file system whose numbers differ", test_overlay),
		TEST("fcntl: a request that is not what was asked", test_hostile),
		TEST("fcntl: held outside of the pid namespace", test_outside),
	};

	stage = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return cmocka_run_group_tests_name(__FILE__, tests, NULL, stop_looking) == 0 ? 0 : 1;
}

int main(void)
{
	struct flock area = whole_write;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	outer = memfd_create("outer", MFD_CLOEXEC);
	if (outer < 0 || fcntl(outer, F_SETLK, &area) != 0)
		return 1;
	return run_inside(run);
}
