/* SPDX-License-Identifier: MIT */
/* Texts of /proc/PID/fdinfo, as Linux 6.18 and older kernels printed them, cut, and made up; and
 * those of descriptors made here. */
#include "unit.h"

#include "base/lines.h"
#include "source/fdinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define COMMON "pos:\t0\nflags:\t02000002\nmnt_id:\t17\nino:\t1030\n"

static void read_own(int fd, char *text, size_t size)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	assert_true(file_read(AT_FDCWD, path, text, size) > 0);
}

/* ---- eventfd ---- */

static void test_eventfd(void **state)
{
	static const struct {
		const char *text;
		bool taken;
		uint64_t count, id;
	} rows[] = {
		{ COMMON "eventfd-count:               ff\neventfd-id: 1\neventfd-semaphore: 0\n",
		  true, 255, 1 },
		{ COMMON "eventfd-count:                0\neventfd-id: 2147483647\n", true, 0,
		  INT32_MAX },
		{ COMMON "eventfd-count: fffffffffffffffe\neventfd-id: 7\n", true, UINT64_MAX - 1,
		  7 },
		{ COMMON "eventfd-count: 5\neventfd-id: 7", true, 5, 7 }, /* no newline */
		{ COMMON "eventfd-count: 5\n", false, 0, 0 },             /* before Linux 5.2 */
		{ COMMON "eventfd-id: 5\n", false, 0, 0 },
		{ COMMON "eventfd-count: 10000000000000000\neventfd-id: 7\n", false, 0, 0 },
		{ COMMON "eventfd-count: 5\neventfd-id: 2147483648\n", false, 0, 0 },
		{ COMMON "eventfd-count: 5\neventfd-id: -1\n", false, 0, 0 },
		{ COMMON "eventfd-count: 5\neventfd-id: \n", false, 0, 0 },
		{ COMMON "eventfd-count: \neventfd-id: 5\n", false, 0, 0 },
		{ COMMON "eventfd-count: 5x\neventfd-id: 5\n", false, 0, 0 },
		{ COMMON "eventfd-count: 0x5\neventfd-id: 5\n", false, 0, 0 },
		{ COMMON " eventfd-count: 5\neventfd-id: 5\n", false, 0, 0 },
		{ COMMON, false, 0, 0 },
		{ "", false, 0, 0 },
		{ "\n\n", false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t count = 0, id = 0;

		CHECK(fdinfo_parse_eventfd(rows[i].text, &count, &id) == rows[i].taken, "row %zu",
		      i);
		CHECK(!rows[i].taken || (count == rows[i].count && id == rows[i].id),
		      "row %zu: %llu, %llu", i, (unsigned long long)count, (unsigned long long)id);
	}
}

static void test_live_eventfd(void **state)
{
	const int fd = eventfd(0x1234, EFD_CLOEXEC), other = eventfd(1, EFD_CLOEXEC),
		  copy = dup(fd);
	uint64_t count, id, other_id, copy_id, one = 1;
	char text[1024];

	(void)state;
	assert_int_equal(write(copy, &one, sizeof(one)), sizeof(one));
	read_own(fd, text, sizeof(text));
	assert_true(fdinfo_parse_eventfd(text, &count, &id));
	assert_int_equal(count, 0x1235);
	read_own(copy, text, sizeof(text));
	assert_true(fdinfo_parse_eventfd(text, &count, &copy_id));
	read_own(other, text, sizeof(text));
	assert_true(fdinfo_parse_eventfd(text, &count, &other_id));
	assert_int_equal(count, 1);
	assert_int_equal(id, copy_id);
	assert_int_not_equal(id, other_id);
	close(fd);
	close(copy);
	close(other);
}

/* ---- timerfd ---- */

#define TIMER(clock, value, interval)                                                              \
	COMMON "clockid: " clock "\nticks: 0\nsettime flags: 00\nit_value: " value                 \
	       "\nit_interval: " interval "\n"

static void test_timers(void **state)
{
	static const struct {
		const char *text;
		bool taken;
		int32_t clock;
		uint64_t remaining, interval;
	} rows[] = {
		{ TIMER("1", "(99, 996497505)", "(3, 5)"), true, 1, 99996497505, 3000000005 },
		{ TIMER("0", "(0, 0)", "(0, 0)"), true, 0, 0, 0 },
		{ TIMER("9", "(0, 999999999)", "(0, 1)"), true, 9, 999999999, 1 },
		{ TIMER("7", "(18446744073, 709551615)", "(0, 0)"), true, 7, UINT64_MAX, 0 },
		{ TIMER("7", "(18446744073, 709551616)", "(0, 0)"), false, 0, 0, 0 },
		{ TIMER("7", "(18446744074, 0)", "(0, 0)"), false, 0, 0, 0 },
		{ TIMER("7", "(18446744073709551616, 0)", "(0, 0)"), false, 0, 0, 0 },
		{ TIMER("7", "(0, 1000000000)", "(0, 0)"), false, 0, 0, 0 },
		{ TIMER("7", "(0, 0)", "(0, 1000000000)"), false, 0, 0, 0 },
		{ TIMER("-1", "(0, 0)", "(0, 0)"), false, 0, 0, 0 },
		{ TIMER("2147483648", "(0, 0)", "(0, 0)"), false, 0, 0, 0 },
		{ TIMER("7", "(-1, 0)", "(0, 0)"), false, 0, 0, 0 },
		{ TIMER("7", "(1 ,0)", "(0, 0)"), false, 0, 0, 0 },
		{ TIMER("7", "(1, 0", "(0, 0)"), false, 0, 0, 0 },
		{ TIMER("7", "1, 0", "(0, 0)"), false, 0, 0, 0 },
		{ TIMER("7", "(1, 0) ", "(0, 0)"), false, 0, 0, 0 },
		{ COMMON "clockid: 1\nit_value: (1, 1)\n", false, 0, 0, 0 },
		{ COMMON "clockid: 1\n", false, 0, 0, 0 },
		{ COMMON "it_value: (1, 1)\nit_interval: (1, 1)\n", false, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fdinfo_timer timer = { 0 };

		CHECK(fdinfo_parse_timer(rows[i].text, &timer) == rows[i].taken, "row %zu", i);
		CHECK(!rows[i].taken ||
			      (timer.clock == rows[i].clock && timer.interval == rows[i].interval &&
			       timer.remaining == rows[i].remaining),
		      "row %zu: %llu", i, (unsigned long long)timer.remaining);
	}
}

static void test_live_timer(void **state)
{
	const struct itimerspec spec = { .it_value = { 1000, 0 }, .it_interval = { 7, 8 } };
	const int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
	struct fdinfo_timer timer;
	char text[1024];

	(void)state;
	read_own(fd, text, sizeof(text));
	assert_true(fdinfo_parse_timer(text, &timer));
	assert_int_equal(timer.clock, CLOCK_BOOTTIME);
	assert_int_equal(timer.remaining, 0);
	assert_int_equal(timer.interval, 0);
	assert_int_equal(timerfd_settime(fd, 0, &spec, NULL), 0);
	read_own(fd, text, sizeof(text));
	assert_true(fdinfo_parse_timer(text, &timer));
	assert_int_equal(timer.interval, UINT64_C(7000000008));
	assert_true(timer.remaining <= UINT64_C(1000000000000));
	assert_true(timer.remaining > UINT64_C(900000000000));
	close(fd);
}

/* ---- signalfd, pidfd ---- */

static void test_signals(void **state)
{
	static const struct {
		const char *text;
		bool taken;
		uint64_t signals;
	} rows[] = {
		{ COMMON "sigmask:\t0000000000004200\n", true, 1u << 9 | 1u << 14 },
		{ COMMON "sigmask:\tffffffffffffffff\n", true, UINT64_MAX },
		{ COMMON "sigmask:\t0000000000000000\n", true, 0 },
		{ COMMON "sigmask:\t10000000000000000\n", false, 0 },
		{ COMMON "sigmask:\t\n", false, 0 },
		{ COMMON "sigmask:\t0g\n", false, 0 },
		{ COMMON, false, 0 },
	};
	sigset_t set;
	uint64_t signals = 0;
	char text[1024];
	int fd;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		CHECK(fdinfo_parse_signals(rows[i].text, &signals) == rows[i].taken, "row %zu", i);
		CHECK(!rows[i].taken || signals == rows[i].signals, "row %zu", i);
	}
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGRTMAX);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	read_own(fd, text, sizeof(text));
	assert_true(fdinfo_parse_signals(text, &signals));
	assert_true(signals == (UINT64_C(1) | UINT64_C(1) << 63)); /* signals 1 and 64 */
	close(fd);
}

static void test_pids(void **state)
{
	static const struct {
		const char *text;
		bool taken;
		pid_t pid;
	} rows[] = {
		{ COMMON "Pid:\t21118\nNSpid:\t21118\n", true, 21118 },
		{ COMMON "Pid:\t-1\nNSpid:\t-1\n", true, -1 },
		{ COMMON "Pid:\t0\n", true, 0 },
		{ COMMON "Pid:\t2147483647\n", true, INT32_MAX },
		{ COMMON "Pid:\t2147483648\n", false, 0 },
		{ COMMON "Pid:\t4294967297\n", false, 0 },
		{ COMMON "Pid:\t-2\n", false, 0 },
		{ COMMON "Pid:\t-10\n", false, 0 },
		{ COMMON "Pid:\t\n", false, 0 },
		{ COMMON "NSpid:\t5\n", false, 0 },
	};
	pid_t pid = 0;
	char text[1024];
	int fd;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		CHECK(fdinfo_parse_pid(rows[i].text, &pid) == rows[i].taken, "row %zu", i);
		CHECK(!rows[i].taken || pid == rows[i].pid, "row %zu: %d", i, pid);
	}
	fd = (int)syscall(SYS_pidfd_open, getppid(), 0);
	if (fd < 0 && errno == ENOSYS)
		skip(); /* before Linux 5.3; valgrind does not let it through */
	assert_true(fd >= 0);
	read_own(fd, text, sizeof(text));
	assert_true(fdinfo_parse_pid(text, &pid));
	assert_int_equal(pid, getppid());
	close(fd);
}

/* ---- What is watched ---- */

static void test_epoll_lines(void **state)
{
	static const struct {
		const char *line;
		enum fdinfo_line what;
		struct fdinfo_watch watch;
	} rows[] = {
		{ "tfd:       11 events:       19 data:     7f650000000b  pos:0 ino:3dfe4f sdev:9",
		  FDINFO_WATCH,
		  { 11, 0x19, 0, 9, 0x3dfe4f } },
		{ "tfd:        4 events: 80000019 data: ffffffffffffffff  pos:-1 ino:1 "
		  "sdev:fe00001",
		  FDINFO_WATCH,
		  { 4, 0x80000019, 254, 1, 1 } },
		{ "tfd: 2147483647 events: ffffffff data: 0  pos:18446744073709551615 "
		  "ino:ffffffffffffffff sdev:ffffffff",
		  FDINFO_WATCH,
		  { INT32_MAX, UINT32_MAX, 0xfff, 0xfffff, UINT64_MAX } },
		/* Before Linux 4.13 */
		{ "tfd:        5 events:       1d data: ffffffffffffffff",
		  FDINFO_WATCH,
		  { 5, 0x1d, 0, 0, 0 } },
		{ "tfd:        5 events:       1d data: ffffffffffffffff ",
		  FDINFO_WATCH,
		  { 5, 0x1d, 0, 0, 0 } },
		{ "pos:\t0", FDINFO_OTHER, { 0 } },
		{ "", FDINFO_OTHER, { 0 } },
		{ " tfd: 5 events: 1d data: 0", FDINFO_OTHER, { 0 } },
		{ "tfd:", FDINFO_BAD, { 0 } },
		{ "tfd: 5", FDINFO_BAD, { 0 } },
		{ "tfd: 5 events: 1d", FDINFO_BAD, { 0 } },
		{ "tfd: 2147483648 events: 1d data: 0", FDINFO_BAD, { 0 } },
		{ "tfd: -5 events: 1d data: 0", FDINFO_BAD, { 0 } },
		{ "tfd: 5 events: 100000000 data: 0", FDINFO_BAD, { 0 } },
		{ "tfd: 5 events: 1d data: 10000000000000000", FDINFO_BAD, { 0 } },
		{ "tfd: 5 events: 1d data: 0 pos:0", FDINFO_BAD, { 0 } },
		{ "tfd: 5 events: 1d data: 0 pos: ino:1 sdev:1", FDINFO_BAD, { 0 } },
		{ "tfd: 5 events: 1d data: 0 pos:0 ino:1", FDINFO_BAD, { 0 } },
		{ "tfd: 5 events: 1d data: 0 pos:0 ino:1 sdev:100000000", FDINFO_BAD, { 0 } },
		{ "tfd: 5 events: 1d data: 0 pos:0 ino:1 sdev:1 more", FDINFO_BAD, { 0 } },
		{ "tfd: 5 events: 1d data: 0 pos:0 ino:1zz sdev:1", FDINFO_BAD, { 0 } },
		{ "tfd: 5events: 1d data: 0", FDINFO_BAD, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fdinfo_watch watch;
		const enum fdinfo_line what = fdinfo_parse_epoll(rows[i].line, &watch);

		CHECK(what == rows[i].what, "%s: %d", rows[i].line, what);
		if (what == FDINFO_WATCH)
			CHECK(watch.number == rows[i].watch.number &&
				      watch.events == rows[i].watch.events &&
				      watch.major == rows[i].watch.major &&
				      watch.minor == rows[i].watch.minor &&
				      watch.inode == rows[i].watch.inode,
			      "%s", rows[i].line);
	}
}

static void test_inotify_lines(void **state)
{
	static const struct {
		const char *line;
		enum fdinfo_line what;
		struct fdinfo_watch watch;
	} rows[] = {
		{ "inotify wd:14 ino:a7a1ae sdev:fe00000 mask:2 ignored_mask:0 fhandle-bytes:8 "
		  "fhandle-type:1 f_handle:aea1a70027e9fab9",
		  FDINFO_WATCH,
		  { 20, 2, 254, 0, 0xa7a1ae } },
		{ "inotify wd:1 ino:1 sdev:13 mask:80000fff ignored_mask:0 ",
		  FDINFO_WATCH,
		  { 1, 0x80000fff, 0, 0x13, 1 } },
		{ "inotify wd:1 ino:1 sdev:13 mask:fff", FDINFO_WATCH, { 1, 0xfff, 0, 0x13, 1 } },
		{ "pos:\t0", FDINFO_OTHER, { 0 } },
		{ "inotify", FDINFO_OTHER, { 0 } },
		{ "inotify ", FDINFO_BAD, { 0 } },
		{ "inotify wd:1", FDINFO_BAD, { 0 } },
		{ "inotify wd:80000000 ino:1 sdev:1 mask:1", FDINFO_BAD, { 0 } },
		{ "inotify wd:1 ino:1 sdev:1", FDINFO_BAD, { 0 } },
		{ "inotify wd:1 ino:1 sdev:1 mask:", FDINFO_BAD, { 0 } },
		{ "inotify wd:1 ino:1 sdev:1 mask:100000000 ", FDINFO_BAD, { 0 } },
		{ "inotify wd:1 sdev:1 ino:1 mask:1", FDINFO_BAD, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fdinfo_watch watch;
		const enum fdinfo_line what = fdinfo_parse_inotify(rows[i].line, &watch);

		CHECK(what == rows[i].what, "%s: %d", rows[i].line, what);
		if (what == FDINFO_WATCH)
			CHECK(watch.number == rows[i].watch.number &&
				      watch.events == rows[i].watch.events &&
				      watch.major == rows[i].watch.major &&
				      watch.minor == rows[i].watch.minor &&
				      watch.inode == rows[i].watch.inode,
			      "%s", rows[i].line);
	}
}

/* The line that the kernel prints for a descriptor says what stat() says of it. */
static void test_live_epoll(void **state)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	const int set = epoll_create1(EPOLL_CLOEXEC);
	struct fdinfo_watch watch;
	struct stat status;
	char text[1024], *line;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fstat(ends[0], &status), 0);
	assert_int_equal(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event), 0);
	read_own(set, text, sizeof(text));
	line = strstr(text, "tfd:");
	assert_non_null(line);
	*strchr(line, '\n') = '\0';
	assert_int_equal(fdinfo_parse_epoll(line, &watch), FDINFO_WATCH);
	assert_int_equal(watch.number, ends[0]);
	assert_true((watch.events & (uint32_t)(EPOLLIN | EPOLLET | EPOLLOUT)) ==
		    (uint32_t)(EPOLLIN | EPOLLET));
	assert_true(watch.inode == status.st_ino);
	assert_int_equal(watch.major, major(status.st_dev));
	assert_int_equal(watch.minor, minor(status.st_dev));
	close(ends[0]);
	close(ends[1]);
	close(set);
}

/* More than nine watches: their numbers are hexadecimal. */
static void test_live_inotify(void **state)
{
	const int fd = inotify_init1(IN_CLOEXEC);
	char folder[] = "/tmp/fdinfo.XXXXXX", path[64], text[8192], *line;
	struct fdinfo_watch watch;
	int last = -1;

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (int i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "%s/%d", folder, i);
		assert_int_equal(mkdir(path, 0700), 0);
		last = inotify_add_watch(fd, path, IN_MODIFY | IN_CREATE);
	}
	read_own(fd, text, sizeof(text));
	line = strstr(text, "inotify "); /* the latest comes first */
	*strchr(line, '\n') = '\0';
	assert_int_equal(fdinfo_parse_inotify(line, &watch), FDINFO_WATCH);
	assert_int_equal(watch.number, last);
	assert_int_equal(watch.events, IN_MODIFY | IN_CREATE);
	for (int i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "%s/%d", folder, i);
		rmdir(path);
	}
	rmdir(folder);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("an eventfd's count is hexadecimal, its id decimal", test_eventfd),
		TEST("two descriptors of one eventfd have one id", test_live_eventfd),
		TEST("a timer's times are nanoseconds and never wrap", test_timers),
		TEST("a timer tells its clock, the rest of its time and its interval",
		     test_live_timer),
		TEST("a signal mask is 64 bits", test_signals),
		TEST("a process descriptor's target may be gone or outside", test_pids),
		TEST("lines of epoll sets, whole or refused", test_epoll_lines),
		TEST("lines of inotify descriptors, whole or refused", test_inotify_lines),
		TEST("an epoll set tells what stat() tells of a descriptor", test_live_epoll),
		TEST("the numbers of inotify watches are hexadecimal", test_live_inotify),
	};

	return RUN(tests);
}
