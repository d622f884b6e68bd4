/* SPDX-License-Identifier: MIT */
/* Pipes and FIFOs as objects, and how full they are: real ones of this process and its children. */
#include "refusal.h"
#include "unit.h"
#include "uses.h"

#include "source/fill.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Linux 5.6 has them; valgrind does not let them through. */
static bool has_pidfds(void)
{
	const int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	close(fd);
	return fd >= 0;
}

/* ---- Pipes and FIFOs ---- */

static void test_pipe_ends(void **state)
{
	struct world *world = world_new();
	int ends[2], tell;
	pid_t child;
	uint32_t own;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	own = add_process(world, getpid());
	child = child_new(&tell);
	add_fd(world, IPCK_PIPE, own, ends[0]);
	add_fd(world, IPCK_PIPE, own, ends[1]);
	add_fd(world, IPCK_PIPE, add_process(world, child), ends[0]);
	assert_int_equal(read_rows(world, IPCK_PIPE, 0), 0);
	assert_int_equal(world->count, 1);
	assert_int_equal(world->rows[0].kind, IPCK_PIPE);
	assert_true(world->rows[0].number == inode_of(ends[0]));
	assert_int_equal(world->rows[0].endpoint.readers, 2);
	assert_int_equal(world->rows[0].endpoint.writers, 1);
	assert_int_equal(world->rows[0].status, 0);
	/* nothing was asked for: nothing is known, and nothing is unknown for a reason */
	assert_int_equal(world->rows[0].known, 0);
	assert_int_equal(ipck_object_why(&world->rows[0], IPCK_ENDPOINT_USED), IPCK_ERR_NOT_WANTED);
	assert_int_equal(ipck_object_why(&world->rows[0], IPCK_FIELD_OWNER), IPCK_ERR_NOT_WANTED);

	assert_int_equal(read_rows(world, IPCK_PIPE, IPCK_WANT_ENDPOINT | IPCK_WANT_OWNER), 0);
	assert_int_equal(world->rows[0].known, IPCK_FIELD_OWNER);
	assert_int_equal(world->rows[0].uid, geteuid());
	assert_int_equal(world->rows[0].gid, getegid());
	assert_int_equal(world->rows[0].mode, 0600);
	close(tell);
	waitpid(child, NULL, 0);
	close(ends[0]);
	close(ends[1]);
	world_free(world);
}

/* "No writer" is said only when nobody can have one that was not seen. */
static void test_no_other_end(void **state)
{
	static const struct {
		uint8_t access;
		size_t denied;
		bool hidden, inner;
		unsigned status;
	} rows[] = {
		{ IPCK_ACCESS_READ, 0, false, false, IPCK_STATUS_NO_WRITER },
		{ IPCK_ACCESS_WRITE, 0, false, false, IPCK_STATUS_NO_READER },
		{ IPCK_ACCESS_READ | IPCK_ACCESS_WRITE, 0, false, false, 0 },
		{ 0, 0, false, false, IPCK_STATUS_NO_READER | IPCK_STATUS_NO_WRITER },
		{ IPCK_ACCESS_READ, 0, false, true, 0 },
		{ IPCK_ACCESS_READ, 1, false, false, 0 },
		{ IPCK_ACCESS_WRITE, 0, true, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world *world = world_new();

		add_process(world, getpid());
		add_use(world, IPCK_PIPE, 0, 3, 1234)->access = rows[i].access;
		add_use(world, IPCK_FIFO, 0, 4, 77)->access = rows[i].access;
		world->scan.coverage.denied = rows[i].denied;
		world->scan.coverage.hidden = rows[i].hidden;
		world->scan.coverage.inner = rows[i].inner;
		assert_int_equal(read_rows(world, IPCK_PIPE | IPCK_FIFO, 0), 0);
		assert_int_equal(world->count, 2);
		CHECK(world->rows[0].status == rows[i].status, "pipe, row %zu", i);
		CHECK(world->rows[1].status == rows[i].status, "FIFO, row %zu", i);
		world_free(world);
	}
}

static void test_vanished(void **state)
{
	struct world *world = world_new();
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	add_process(world, getpid());
	add_fd(world, IPCK_PIPE, 0, ends[0]);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(open("/dev/null", O_RDONLY), ends[0]); /* its number goes to another */
	assert_int_equal(read_rows(world, IPCK_PIPE, IPCK_WANT_ENDPOINT | IPCK_WANT_OWNER), 0);
	assert_int_equal(world->count, 0);
	assert_int_equal(read_rows(world, IPCK_PIPE, IPCK_WANT_FILL), 0);
	assert_int_equal(world->count, has_pidfds() ? 0 : 1);
	close(ends[0]);
	world_free(world);
}

static void test_fifo_names(void **state)
{
	struct world *world = world_new();
	char folder[] = "/tmp/endpoints.XXXXXX", path[64];
	struct ipck_ref ref;
	struct use *use;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/f", folder);
	assert_int_equal(mkfifo(path, 0620), 0);
	assert_int_equal(chmod(path, 0620), 0);
	fd = open(path, O_RDWR);
	add_process(world, getpid());
	use = add_fd(world, IPCK_FIFO, 0, fd);
	use->name = path;
	/* the same inode number on another device: another FIFO */
	use = add_use(world, IPCK_FIFO, 0, 99, inode_of(fd));
	use->object.major = 12345;
	use->name = "/elsewhere";
	use->deleted = true;
	use->status_known = true;
	use->mode = S_IFIFO | 0604;
	use->uid = 12;
	use->gid = 13;
	assert_int_equal(read_rows(world, IPCK_FIFO, IPCK_WANT_OWNER), 0);
	assert_int_equal(world->count, 2);
	assert_string_equal(world->rows[0].name, path);
	assert_int_equal(world->rows[0].status, 0);
	assert_int_equal(world->rows[0].mode, 0620);
	assert_int_equal(world->rows[0].uid, geteuid());
	assert_int_equal(world->rows[0].endpoint.readers, 1);
	assert_int_equal(world->rows[0].endpoint.writers, 1);
	ipck_object_ref(&world->rows[0], false, &ref);
	assert_int_equal(ref.form, IPCK_BY_NAME);
	assert_string_equal(ref.name, path);
	assert_string_equal(world->rows[1].name, "/elsewhere");
	assert_int_equal(world->rows[1].status, IPCK_STATUS_DELETED);
	assert_int_equal(world->rows[1].major, 12345);
	assert_int_equal(world->rows[1].mode, 0604);
	assert_int_equal(world->rows[1].uid, 12);
	assert_int_equal(world->rows[1].gid, 13);
	close(fd);
	unlink(path);
	rmdir(folder);
	world_free(world);
}

/* Of two names the one that is still there counts, in whichever order they were found. */
static void test_two_names(void **state)
{
	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		struct world *world = world_new();
		struct use *use;

		add_process(world, getpid());
		for (int i = 0; i < 2; i++) {
			use = add_use(world, IPCK_FIFO, 0, 3 + i, 5);
			use->deleted = i == turn;
			use->name = use->deleted ? "/gone" : "/here";
		}
		assert_int_equal(read_rows(world, IPCK_FIFO, 0), 0);
		assert_int_equal(world->count, 1);
		assert_string_equal(world->rows[0].name, "/here");
		assert_int_equal(world->rows[0].status & IPCK_STATUS_DELETED, 0);
		world_free(world);
	}
}

/* ---- Fill ---- */

static size_t open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static const struct ipck_object *fill_of(struct world *world, int fd)
{
	world->scan.use_count = 0;
	add_fd(world, IPCK_PIPE, 0, fd);
	assert_int_equal(read_rows(world, IPCK_PIPE, IPCK_WANT_FILL), 0);
	assert_int_equal(world->count, 1);
	assert_int_equal(ipck_object_why(&world->rows[0], IPCK_ENDPOINT_USED), 0);
	assert_int_equal(ipck_object_why(&world->rows[0], IPCK_ENDPOINT_SIZE), 0);
	return &world->rows[0];
}

static void test_fill(void **state)
{
	struct world *world;
	const struct ipck_object *row;
	static char bytes[3000];
	sigset_t before, after;
	size_t written = 0;
	int ends[2];
	size_t open_before;

	(void)state;
	if (!has_pidfds())
		skip();
	world = world_new();
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	add_process(world, getpid());
	world->scan.coverage.denied =
		1; /* so that all that is said of ends comes from the kernel */
	open_before = open_descriptors();
	sigprocmask(SIG_SETMASK, NULL, &before);
	row = fill_of(world, ends[0]);
	assert_int_equal(row->endpoint.used, 0);
	assert_int_equal(row->endpoint.size, fcntl(ends[0], F_GETPIPE_SZ));
	assert_int_equal(row->status, IPCK_STATUS_EMPTY);
	assert_int_equal(write(ends[1], "12345", 5), 5);
	row = fill_of(world, ends[0]);
	assert_int_equal(row->endpoint.used, 5);
	assert_int_equal(row->status, 0);
	row = fill_of(world, ends[1]);
	assert_int_equal(row->endpoint.used, 5);
	assert_int_equal(row->status, 0);
	/* pages that are not filled to their end: full with less than its size */
	written = 5;
	for (ssize_t got; (got = write(ends[1], bytes, sizeof(bytes))) > 0;)
		written += (size_t)got;
	row = fill_of(world, ends[1]);
	assert_int_equal(row->endpoint.used, written);
	assert_true(row->endpoint.used < row->endpoint.size);
	assert_int_equal(row->status, IPCK_STATUS_FULL);
	sigprocmask(SIG_SETMASK, NULL, &after);
	for (int i = 1; i < NSIG; i++)
		assert_int_equal(sigismember(&before, i), sigismember(&after, i));
	assert_int_equal(open_descriptors(), open_before);
	assert_int_equal(fcntl(ends[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	close(ends[1]);
	row = fill_of(world, ends[0]);
	assert_int_equal(row->status, IPCK_STATUS_NO_WRITER);
	close(ends[0]);
	world_free(world);
}

static void test_fill_no_reader(void **state)
{
	struct world *world;
	const struct ipck_object *row;
	static char bytes[65536];
	int ends[2];

	(void)state;
	if (!has_pidfds())
		skip();
	world = world_new();
	assert_int_equal(pipe(ends), 0);
	add_process(world, getpid());
	world->scan.coverage.denied = 1;
	assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, sizeof(bytes)), sizeof(bytes));
	assert_int_equal(write(ends[1], bytes, sizeof(bytes)), sizeof(bytes));
	row = fill_of(world, ends[0]);
	assert_int_equal(row->endpoint.used, row->endpoint.size);
	assert_int_equal(row->status, IPCK_STATUS_FULL);
	close(ends[0]);
	row = fill_of(world, ends[1]);
	assert_int_equal(row->status, IPCK_STATUS_FULL | IPCK_STATUS_NO_READER);
	close(ends[1]);
	world_free(world);
}

/* Who has the other end may be out of sight: then the kernel's word counts, not the scan's. */
static void test_fill_settles(void **state)
{
	struct world *world;
	int ends[2];

	(void)state;
	if (!has_pidfds())
		skip();
	world = world_new();
	assert_int_equal(pipe(ends), 0);
	add_process(world, getpid());
	for (int end = 0; end < 2; end++) {
		world->scan.use_count = 0;
		add_fd(world, IPCK_PIPE, 0, ends[end]);
		assert_int_equal(read_rows(world, IPCK_PIPE, 0), 0);
		assert_int_equal(world->rows[0].status,
				 end == 0 ? IPCK_STATUS_NO_WRITER : IPCK_STATUS_NO_READER);
		assert_int_equal(read_rows(world, IPCK_PIPE, IPCK_WANT_FILL), 0);
		assert_int_equal(world->rows[0].status, IPCK_STATUS_EMPTY);
	}
	close(ends[0]);
	close(ends[1]);
	world_free(world);
}

static void test_fill_identity(void **state)
{
	struct world *world;
	struct fill_end end, right;
	struct fill fill;
	int ends[2];

	(void)state;
	if (!has_pidfds())
		skip();
	world = world_new();
	assert_int_equal(pipe(ends), 0);
	add_process(world, getpid());
	right = (struct fill_end){ .process = world->processes[0].id,
				   .fd = ends[0],
				   .inode = inode_of(ends[0]) };
	assert_int_equal(fill_read(&right, &fill), 0);
	end = right;
	end.process.start_time++;
	assert_int_equal(fill_read(&end, &fill), IPCK_ERR_NOT_FOUND);
	end = right;
	end.inode++;
	assert_int_equal(fill_read(&end, &fill), IPCK_ERR_NOT_FOUND);
	end = right;
	end.major = 7;
	assert_int_equal(fill_read(&end, &fill), IPCK_ERR_NOT_FOUND);
	end = right;
	end.fd = 4000;
	assert_int_equal(fill_read(&end, &fill), IPCK_ERR_NOT_FOUND);
	end = right;
	end.process.pid = (4 << 20) + 1; /* Linux gives no pid above 2^22 */
	assert_int_equal(fill_read(&end, &fill), IPCK_ERR_NOT_FOUND);
	end = right;
	end.fd = open("/dev/null", O_RDONLY);
	end.inode = inode_of(end.fd);
	assert_int_equal(fill_read(&end, &fill), IPCK_ERR_NOT_FOUND); /* no pipe */
	close(end.fd);
	close(ends[0]);
	close(ends[1]);
	world_free(world);
}

/* Another user may not borrow: unknown, with its reason. */
static void test_fill_denied(void **state)
{
	int ends[2], status = 1;
	pid_t child;

	(void)state;
	if (geteuid() != 0 || !has_pidfds())
		skip();
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		struct world *world = world_new();
		const pid_t parent = getppid();

		add_process(world, parent);
		add_use(world, IPCK_PIPE, 0, ends[0], inode_of(ends[0]));
		if (setresuid(65534, 65534, 65534) != 0)
			_exit(2);
		if (read_rows(world, IPCK_PIPE, IPCK_WANT_FILL) != 0 || world->count != 1)
			_exit(3);
		_exit(ipck_object_why(&world->rows[0], IPCK_ENDPOINT_USED) == IPCK_ERR_DENIED &&
				      ipck_object_why(&world->rows[0], IPCK_ENDPOINT_SIZE) ==
					      IPCK_ERR_DENIED
			      ? 0
			      : 4);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
	close(ends[0]);
	close(ends[1]);
}

/* A kernel without these calls, or a container that refuses them. */
static void test_fill_refused(void **state)
{
	static const struct {
		long call;
		int error, why;
	} rows[] = {
		{ SYS_pidfd_open, ENOSYS, IPCK_ERR_UNSUPPORTED },
		{ SYS_pidfd_open, EPERM, IPCK_ERR_DENIED },
		{ SYS_pidfd_getfd, ENOSYS, IPCK_ERR_UNSUPPORTED },
		{ SYS_pidfd_getfd, EPERM, IPCK_ERR_DENIED },
	};

	(void)state;
	if (!has_pidfds())
		skip();
	for (size_t i = 0; i < COUNT(rows); i++) {
		int status = 0;
		pid_t child = fork();

		if (child == 0) {
			struct world *world = world_new();
			int ends[2];

			if (pipe(ends) != 0 || !refuse(rows[i].call, ANY, rows[i].error))
				_exit(1);
			add_process(world, getpid());
			add_fd(world, IPCK_PIPE, 0, ends[0]);
			add_fd(world, IPCK_PIPE, 0, ends[1]);
			if (read_rows(world, IPCK_PIPE, IPCK_WANT_FILL) != 0 || world->count != 1)
				_exit(2);
			if (world->rows[0].status != 0)
				_exit(3);
			_exit(ipck_object_why(&world->rows[0], IPCK_ENDPOINT_USED) == rows[i].why
				      ? 0
				      : 4);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "row %zu: %x", i,
		      (unsigned)status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("one pipe is one row, its ends counted", test_pipe_ends),
		TEST("a missing end is claimed only when all processes were seen",
		     test_no_other_end),
		TEST("what vanished meanwhile is left out", test_vanished),
		TEST("a FIFO is device and inode, and may have lost its name", test_fifo_names),
		TEST("of two names the one that is still there counts", test_two_names),
		TEST("a pipe's fill, and nothing left behind", test_fill),
		TEST("a pipe that is full, and one that nobody reads", test_fill_no_reader),
		TEST("the kernel knows of ends that no scan sees", test_fill_settles),
		TEST("only the very end that was meant is borrowed", test_fill_identity),
		TEST("a fill that another user may not see is unknown", test_fill_denied),
		TEST("a fill that the kernel refuses is unknown", test_fill_refused),
	};

	return RUN(tests);
}
