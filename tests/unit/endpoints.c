/* SPDX-License-Identifier: MIT */
/* Objects out of uses: memory, and what only an fdinfo tells.  The descriptors are real ones of
 * this process and its children. */
#include "unit.h"
#include "uses.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

/* ---- Memory ---- */

static struct use *add_area(struct world *world, enum ipck_kind kind, uint32_t process,
			    const struct stat *status, void *address, size_t bytes,
			    const char *name)
{
	struct use *use = add_use(world, kind, process, -1, status->st_ino);

	use->object.major = major(status->st_dev);
	use->object.minor = minor(status->st_dev);
	use->address = (uintptr_t)address;
	use->bytes = bytes;
	use->name = name;
	return use;
}

static void test_memfd(void **state)
{
	struct world *world = world_new();
	const int fd = memfd_create("a name", MFD_CLOEXEC);
	struct stat status;
	struct use *use;
	void *area;

	(void)state;
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	assert_int_equal(pwrite(fd, "x", 1, 8192), 1);
	assert_int_equal(fstat(fd, &status), 0);
	area = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	add_process(world, getpid());
	use = add_fd(world, IPCK_MEMFD, 0, fd);
	use->name = "/memfd:a name";
	use->deleted = true;
	add_area(world, IPCK_MEMFD, 0, &status, area, 4096, "/memfd:a name")->access =
		IPCK_ACCESS_READ;
	assert_int_equal(read_rows(world, IPCK_MEMFD, IPCK_WANT_ENDPOINT | IPCK_WANT_OWNER), 0);
	assert_int_equal(world->count, 1);
	assert_string_equal(world->rows[0].name, "a name");
	assert_int_equal(world->rows[0].status, 0);
	assert_int_equal(world->rows[0].endpoint.size, 1 << 20);
	assert_int_equal(world->rows[0].endpoint.used, status.st_blocks * 512);
	assert_true(world->rows[0].endpoint.used > 0);
	assert_int_equal(world->rows[0].endpoint.readers, 2);
	assert_int_equal(world->rows[0].endpoint.writers, 1);
	assert_int_equal(ipck_object_why(&world->rows[0], IPCK_ENDPOINT_USED), 0);
	assert_int_equal(ipck_object_why(&world->rows[0], IPCK_FIELD_OWNER), 0);
	munmap(area, 4096);
	close(fd);
	world_free(world);
}

/* The device and inode of anonymous shared memory, as /proc/self/maps has it. */
static void stat_area(const void *address, struct stat *status)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, inode;
	unsigned major_number, minor_number;
	char line[512];

	assert_non_null(maps);
	memset(status, 0, sizeof(*status));
	while (fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%lx-%*x %*s %*x %x:%x %lu", &start, &major_number, &minor_number,
			   &inode) == 4 &&
		    start == (unsigned long)address) {
			status->st_dev = makedev(major_number, minor_number);
			status->st_ino = inode;
		}
	fclose(maps);
	assert_true(status->st_ino != 0);
}

static void test_anonymous_memory(void **state)
{
	struct world *world = world_new();
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *area =
		mmap(NULL, 8 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct stat status;
	pid_t child;
	int tell;

	(void)state;
	memset(area, 1, 2 * page + 1);
	stat_area(area, &status);
	add_process(world, getpid());
	add_area(world, IPCK_MMAP, 0, &status, area, 8 * page, "/dev/zero")->deleted = true;
	/* one process alone */
	assert_int_equal(read_rows(world, IPCK_MMAP, IPCK_WANT_ENDPOINT | IPCK_WANT_OWNER), 0);
	assert_int_equal(world->count, 0);
	assert_int_equal(read_rows(world, IPCK_MMAP, IPCK_WANT_ALL_MAPPINGS), 0);
	assert_int_equal(world->count, 1);
	assert_int_equal(world->rows[0].endpoint.size, 8 * page);
	assert_int_equal(ipck_object_why(&world->rows[0], IPCK_ENDPOINT_USED), IPCK_ERR_NOT_WANTED);
	/* two areas of one process are still one process */
	add_area(world, IPCK_MMAP, 0, &status, area + page, page, "/dev/zero")->deleted = true;
	assert_int_equal(read_rows(world, IPCK_MMAP, 0), 0);
	assert_int_equal(world->count, 0);
	world->scan.use_count = 1;

	child = child_new(&tell);
	add_process(world, child);
	add_area(world, IPCK_MMAP, 1, &status, area, 8 * page, "/dev/zero")->deleted = true;
	assert_int_equal(read_rows(world, IPCK_MMAP, IPCK_WANT_ENDPOINT | IPCK_WANT_OWNER), 0);
	assert_int_equal(world->count, 1);
	assert_null(world->rows[0].name);
	assert_int_equal(world->rows[0].status, 0);
	assert_int_equal(world->rows[0].endpoint.size, 8 * page);
	assert_int_equal(world->rows[0].endpoint.readers, 2);
	if (geteuid() == 0) {
		assert_int_equal(ipck_object_why(&world->rows[0], IPCK_ENDPOINT_USED), 0);
		assert_int_equal(world->rows[0].endpoint.used, 3 * page);
	} else {
		assert_int_equal(ipck_object_why(&world->rows[0], IPCK_ENDPOINT_USED),
				 IPCK_ERR_DENIED);
	}
	close(tell);
	waitpid(child, NULL, 0);
	munmap(area, 8 * page);
	world_free(world);
}

/* Without the privilege for map_files a file that has its name still tells, anonymous memory not.
 */
static void test_memory_denied(void **state)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char path[] = "/tmp/endpoints.XXXXXX";
	const int fd = mkstemp(path);
	struct stat file, anonymous;
	char *mapped, *area;
	int status = 1;
	pid_t child;

	(void)state;
	assert_int_equal(ftruncate(fd, 5000), 0);
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(fstat(fd, &file), 0);
	mapped = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
	area = mmap(NULL, 4 * page, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	stat_area(area, &anonymous);
	child = fork();
	if (child == 0) {
		struct world *world = world_new();

		if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
			_exit(2);
		/* of its own, which needs no ptrace right; map_files needs a capability even so */
		add_process(world, getpid());
		add_area(world, IPCK_MMAP, 0, &file, mapped, page, path);
		add_area(world, IPCK_MMAP, 0, &anonymous, area, 4 * page, "/dev/zero")->deleted =
			true;
		if (read_rows(world, IPCK_MMAP, IPCK_WANT_ENDPOINT | IPCK_WANT_OWNER | IPCK_WANT_ALL_MAPPINGS) != 0 ||
		    world->count != 2)
			_exit(3);
		for (size_t i = 0; i < 2; i++) {
			const struct ipck_object *row = &world->rows[i];
			const bool named = row->name != NULL;

			if (ipck_object_why(row, IPCK_ENDPOINT_SIZE) != 0 ||
			    row->endpoint.size != (named ? 5000 : 4 * page))
				_exit(4);
			if (ipck_object_why(row, IPCK_ENDPOINT_USED) !=
			    (named ? 0 : IPCK_ERR_DENIED))
				_exit(5);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WEXITSTATUS(status) != 0)
		print_message("# the child ended with %d\n", WEXITSTATUS(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	munmap(mapped, page);
	munmap(area, 4 * page);
	unlink(path);
	close(fd);
}

/* ---- What only an fdinfo tells ---- */

/* The line of an fdinfo, read by other means than the library's. */
static uint64_t eventfd_id(int fd)
{
	unsigned long long id = 0;
	char path[48], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "eventfd-id: %llu", &id) == 1)
			break;
	fclose(file);
	return id;
}

/* The scan has read the count; before Linux 5.2 there is no id, and what it has is none. */
static void test_eventfds(void **state)
{
	const uint64_t most = UINT64_MAX - 1;
	const uint64_t without_id = (uint64_t)getpid() << 32 | 9;
	struct world *world = world_new();

	(void)state;
	add_process(world, getpid());
	add_use(world, IPCK_EVENTFD, 0, 5, 1)->size = 7;
	add_use(world, IPCK_EVENTFD, 0, 6, 1)->size = 7;
	add_use(world, IPCK_EVENTFD, 0, 7, 2)->size = 0;
	add_use(world, IPCK_EVENTFD, 0, 8, 3)->size = most;
	add_numbered(world, IPCK_EVENTFD, 0, 9);
	assert_int_equal(read_rows(world, IPCK_EVENTFD, 0), 0);
	assert_int_equal(world->count, 4);
	assert_int_equal(row_of(world, 1)->endpoint.used, 7);
	assert_int_equal(row_of(world, 1)->endpoint.readers, 2);
	assert_int_equal(row_of(world, 1)->status, 0);
	assert_int_equal(row_of(world, 2)->endpoint.used, 0);
	assert_int_equal(row_of(world, 2)->status, IPCK_STATUS_EMPTY);
	assert_true(row_of(world, 3)->endpoint.used == most);
	assert_int_equal(row_of(world, 3)->status, IPCK_STATUS_FULL);
	for (uint64_t id = 1; id < 4; id++)
		assert_int_equal(ipck_object_why(row_of(world, id), IPCK_ENDPOINT_USED), 0);
	assert_int_equal(ipck_object_why(row_of(world, without_id), IPCK_ENDPOINT_USED),
			 IPCK_ERR_UNSUPPORTED);
	assert_int_equal(row_of(world, without_id)->status, 0);
	assert_int_equal(ipck_object_why(row_of(world, 1), IPCK_FIELD_OWNER), IPCK_ERR_UNSUPPORTED);
	world_free(world);
}

/* What the scan finds of real ones. */
static void test_scanned_eventfds(void **state)
{
	const struct scan_query query = { .kinds = IPCK_EVENTFD, .only = getpid() };
	const int five = eventfd(5, 0), none = eventfd(0, 0), copy = dup(five);
	struct world *world = world_new();
	struct scan scan;

	(void)state;
	assert_int_equal(scan_run(world->ctx, &query, &scan), 0);
	assert_int_equal(
		endpoints_each(world->ctx, &scan, IPCK_EVENTFD, 0, &world->pool, keep_row, world),
		0);
	assert_int_equal(world->count, 2);
	assert_int_equal(row_of(world, eventfd_id(five))->endpoint.used, 5);
	assert_int_equal(row_of(world, eventfd_id(five))->endpoint.readers, 2);
	assert_int_equal(row_of(world, eventfd_id(none))->endpoint.used, 0);
	scan_free(&scan);
	close(five);
	close(copy);
	close(none);
	world_free(world);
}

static void test_anonymous(void **state)
{
	const struct itimerspec spec = { .it_value = { 1000, 0 }, .it_interval = { 2, 3 } };
	const int timer = timerfd_create(CLOCK_MONOTONIC, 0), inotify = inotify_init();
	const int target = (int)syscall(SYS_pidfd_open, getppid(), 0);
	struct world *world = world_new();
	const struct ipck_object *row;
	sigset_t set;
	int signals;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	signals = signalfd(-1, &set, 0);
	assert_int_equal(timerfd_settime(timer, 0, &spec, NULL), 0);
	assert_int_equal(inotify_add_watch(inotify, "/tmp", IN_CREATE), 1);
	add_process(world, getpid());
	add_numbered(world, IPCK_TIMERFD, 0, timer);
	add_numbered(world, IPCK_SIGNALFD, 0, signals);
	add_numbered(world, IPCK_INOTIFY, 0, inotify);
	if (target >= 0)
		add_numbered(world, IPCK_PIDFD, 0, target);
	assert_int_equal(read_rows(world, IPCK_ENDPOINTS, IPCK_WANT_ENDPOINT | IPCK_WANT_OWNER), 0);
	assert_int_equal(world->count, target >= 0 ? 4 : 3);
	row = &world->rows[0];
	assert_int_equal(row->kind, IPCK_TIMERFD);
	assert_int_equal(row->process.pid, getpid());
	assert_true(row->process.start_time == world->processes[0].id.start_time);
	assert_int_equal(row->fd, timer);
	assert_int_equal(ipck_object_why(row, IPCK_ENDPOINT_TIMER), 0);
	assert_int_equal(row->endpoint.clock, CLOCK_MONOTONIC);
	assert_int_equal(row->endpoint.interval, UINT64_C(2000000003));
	assert_true(row->endpoint.remaining > UINT64_C(900000000000) &&
		    row->endpoint.remaining <= UINT64_C(1000000000000));
	row = &world->rows[1];
	assert_int_equal(row->kind, IPCK_SIGNALFD);
	assert_int_equal(ipck_object_why(row, IPCK_ENDPOINT_SIGNALS), 0);
	assert_true(row->endpoint.signals == UINT64_C(1) << (SIGUSR1 - 1));
	row = &world->rows[2];
	assert_int_equal(row->kind, IPCK_INOTIFY);
	assert_int_equal(ipck_object_why(row, IPCK_ENDPOINT_WATCHES), 0);
	assert_int_equal(row->endpoint.watch_count, 1);
	assert_int_equal(ipck_watch_at(row, 0)->fd, 1);
	assert_int_equal(ipck_watch_at(row, 0)->events, IN_CREATE);
	assert_null(ipck_watch_at(row, 0)->ref);
	if (target >= 0) {
		row = &world->rows[3];
		assert_int_equal(row->kind, IPCK_PIDFD);
		assert_int_equal(ipck_object_why(row, IPCK_ENDPOINT_TARGET), 0);
		assert_int_equal(row->endpoint.target, getppid());
	}
	close(timer);
	close(signals);
	close(inotify);
	close(target);
	world_free(world);
}

static void watch(int set, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events };

	assert_int_equal(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event), 0);
}

static const char *watched(const struct ipck_object *row, int fd, uint32_t *events)
{
	for (size_t i = 0; ipck_watch_at(row, i) != NULL; i++)
		if (ipck_watch_at(row, i)->fd == fd) {
			*events = ipck_watch_at(row, i)->events;
			return ipck_watch_at(row, i)->ref != NULL ? ipck_watch_at(row, i)->ref
								  : "(none)";
		}
	return "(not watched)";
}

#define WATCHED(fd, ...)                                                                           \
	do {                                                                                       \
		char expected[128];                                                                \
                                                                                                   \
		snprintf(expected, sizeof(expected), __VA_ARGS__);                                 \
		assert_string_equal(watched(row, fd, &events), expected);                          \
	} while (0)

static void test_epoll(void **state)
{
	const int set = epoll_create1(0), inner = epoll_create1(0);
	const int event = eventfd(0, 0), timer = timerfd_create(CLOCK_MONOTONIC, 0);
	const int inet = socket(AF_INET, SOCK_STREAM, 0), terminal = open("/dev/ptmx", O_RDWR);
	char folder[] = "/tmp/endpoints.XXXXXX", path[64];
	struct world *world = world_new();
	const struct ipck_object *row;
	int ends[2], pair[2], fifo;
	uint32_t events;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a b", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	fifo = open(path, O_RDWR);
	watch(set, ends[0], EPOLLIN | EPOLLET);
	watch(set, ends[1], EPOLLOUT | EPOLLONESHOT);
	watch(set, event, EPOLLIN);
	watch(set, timer, EPOLLIN);
	watch(set, inner, EPOLLIN);
	watch(set, inet, EPOLLIN);
	watch(set, terminal, EPOLLIN);
	watch(set, pair[0], EPOLLIN);
	watch(set, fifo, EPOLLIN);

	add_process(world, getpid());
	add_numbered(world, IPCK_EPOLL, 0, set);
	add_numbered(world, IPCK_EPOLL, 0, inner);
	add_numbered(world, IPCK_TIMERFD, 0, timer);
	add_use(world, IPCK_EVENTFD, 0, event, eventfd_id(event));
	add_fd(world, IPCK_FIFO, 0, fifo)->name = path;
	assert_int_equal(read_rows(world, IPCK_EPOLL, IPCK_WANT_ENDPOINT | IPCK_WANT_OWNER), 0);
	assert_int_equal(world->count, 2);
	row = &world->rows[0];
	assert_int_equal(row->fd, set);
	assert_int_equal(row->endpoint.watch_count, 9);
	for (size_t i = 1; i < 9; i++)
		assert_true(ipck_watch_at(row, i - 1)->fd < ipck_watch_at(row, i)->fd);
	/* pipes and sockets are named by their inodes: the scan need not hold them */
	WATCHED(ends[0], "pipe:%llu", (unsigned long long)inode_of(ends[0]));
	assert_int_equal(events & (uint32_t)(EPOLLIN | EPOLLOUT | EPOLLET | EPOLLONESHOT),
			 (uint32_t)(EPOLLIN | EPOLLET));
	WATCHED(ends[1], "pipe:%llu", (unsigned long long)inode_of(ends[0]));
	assert_int_equal(events & (uint32_t)(EPOLLIN | EPOLLOUT | EPOLLET | EPOLLONESHOT),
			 (uint32_t)(EPOLLOUT | EPOLLONESHOT));
	WATCHED(pair[0], "unix:%llu", (unsigned long long)inode_of(pair[0]));
	WATCHED(inet, "socket:[%llu]", (unsigned long long)inode_of(inet));
	WATCHED(event, "eventfd:%llu", (unsigned long long)eventfd_id(event));
	WATCHED(timer, "timerfd:%d:%d", getpid(), timer);
	WATCHED(inner, "epoll:%d:%d", getpid(), inner);
	WATCHED(fifo, "fifo:%s/a\\x20b", folder);
	WATCHED(terminal, "/dev/ptmx");
	assert_int_equal(world->rows[1].endpoint.watch_count, 0);
	assert_null(ipck_watch_at(&world->rows[1], 0));

	close(set);
	close(inner);
	close(event);
	close(timer);
	close(inet);
	close(terminal);
	close(fifo);
	for (int i = 0; i < 2; i++) {
		close(ends[i]);
		close(pair[i]);
	}
	unlink(path);
	rmdir(folder);
	world_free(world);
}

/* A set watches files, not numbers: a number that went to another file names nothing. */
static void test_epoll_reused(void **state)
{
	const int set = epoll_create1(0), event = eventfd(0, 0);
	struct world *world = world_new();
	const struct ipck_object *row;
	int ends[2], kept[2];
	uint64_t pipe_inode;
	uint32_t events;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pipe_inode = inode_of(ends[0]);
	watch(set, ends[0], EPOLLIN);
	watch(set, event, EPOLLIN);
	kept[0] = dup(ends[0]);
	kept[1] = dup(event);
	assert_int_equal(dup2(kept[1], ends[0]), ends[0]); /* an eventfd where the pipe was */
	assert_int_equal(dup2(ends[1], event), event);     /* a pipe where the eventfd was */
	add_process(world, getpid());
	add_numbered(world, IPCK_EPOLL, 0, set);
	add_use(world, IPCK_EVENTFD, 0, ends[0], eventfd_id(ends[0]));
	add_use(world, IPCK_EVENTFD, 0, kept[1], eventfd_id(ends[0]));
	assert_int_equal(read_rows(world, IPCK_EPOLL, IPCK_WANT_ENDPOINT | IPCK_WANT_OWNER), 0);
	row = &world->rows[0];
	assert_int_equal(row->endpoint.watch_count, 2);
	WATCHED(ends[0], "pipe:%llu", (unsigned long long)pipe_inode);
	WATCHED(event, "(none)");
	close(set);
	close(event);
	for (int i = 0; i < 2; i++) {
		close(ends[i]);
		close(kept[i]);
	}
	world_free(world);
}

/* ---- All kinds together ---- */

static int stop_at_second(struct ipck_object *object, void *data)
{
	(void)object;
	return ++*(int *)data == 2 ? -77 : 0;
}

static void test_order(void **state)
{
	static const enum ipck_kind order[] = { IPCK_PIPE,    IPCK_FIFO,     IPCK_EVENTFD,
						IPCK_MEMFD,   IPCK_MMAP,     IPCK_EPOLL,
						IPCK_TIMERFD, IPCK_SIGNALFD, IPCK_INOTIFY,
						IPCK_PIDFD };
	struct world *world = world_new();
	int rows = 0;

	(void)state;
	add_process(world, getpid());
	for (size_t i = COUNT(order); i-- > 0;) {
		add_use(world, order[i], 0, order[i] == IPCK_MMAP ? -1 : 900, 70000);
		add_use(world, order[i], 0, order[i] == IPCK_MMAP ? -1 : 901, 8);
	}
	assert_int_equal(read_rows(world, IPCK_ENDPOINTS, IPCK_WANT_ALL_MAPPINGS), 0);
	assert_int_equal(world->count, 2 * COUNT(order));
	for (size_t i = 0; i < world->count; i++) {
		assert_int_equal(world->rows[i].kind, order[i / 2]);
		assert_int_equal(world->rows[i].number, i % 2 == 0 ? 8 : 70000);
	}
	assert_int_equal(read_rows(world, IPCK_EVENTFD | IPCK_PIPE, 0), 0);
	assert_int_equal(world->count, 4);
	assert_int_equal(endpoints_each(world->ctx, &world->scan, IPCK_ENDPOINTS, 0, &world->pool,
					stop_at_second, &rows),
			 -77);
	assert_int_equal(rows, 2);
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a memfd has its maker's name, size and allocated bytes", test_memfd),
		TEST("anonymous memory is listed when two processes share it",
		     test_anonymous_memory),
		TEST("without privilege a mapping tells what it can", test_memory_denied),
		TEST("eventfds by id, with their counts", test_eventfds),
		TEST("an eventfd's count comes with the scan", test_scanned_eventfds),
		TEST("timers, signals, watches and targets", test_anonymous),
		TEST("what an epoll set watches, as references", test_epoll),
		TEST("an epoll set's reused numbers name nothing wrong", test_epoll_reused),
		TEST("rows come by kind, then by number", test_order),
	};

	return RUN(tests);
}
