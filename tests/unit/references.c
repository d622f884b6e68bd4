/* SPDX-License-Identifier: MIT */
/* References as text: what is read, what is refused and how, and that writing undoes reading. */
#include "unit.h"

#include "ipckit.h"

static void same(const struct ipck_ref *a, const struct ipck_ref *b, const char *text)
{
	CHECK(a->kind == b->kind && a->form == b->form, "%s: another kind or form", text);
	CHECK(a->id == b->id, "%s: id %d, not %d", text, a->id, b->id);
	CHECK(a->key == b->key, "%s: key %u, not %u", text, a->key, b->key);
	CHECK(strcmp(a->name, b->name) == 0, "%s: another name", text);
	CHECK(a->ns == b->ns, "%s: another namespace", text);
	CHECK(a->number == b->number, "%s: another number", text);
	CHECK(a->major == b->major && a->minor == b->minor && a->inode == b->inode,
	      "%s: another inode", text);
	CHECK(a->pid == b->pid && a->fd == b->fd, "%s: another descriptor", text);
	CHECK(a->generation.major == b->generation.major &&
		      a->generation.minor == b->generation.minor &&
		      a->generation.inode == b->generation.inode &&
		      a->generation.start_time == b->generation.start_time,
	      "%s: another generation", text);
	CHECK(a->exact == b->exact, "%s: exact differs", text);
	CHECK(a->generation.key == b->generation.key &&
		      a->generation.ctime == b->generation.ctime &&
		      a->generation.cuid == b->generation.cuid &&
		      a->generation.cgid == b->generation.cgid &&
		      a->generation.ns == b->generation.ns,
	      "%s: another generation", text);
}

static const struct {
	const char *text; /* as the library writes it */
	struct ipck_ref ref;
} canonical[] = {
	{ "shm:0", { .kind = IPCK_SHM } },
	{ "shm:5", { .kind = IPCK_SHM, .id = 5 } },
	{ "msg:32768", { .kind = IPCK_MSG, .id = 32768 } },
	{ "sem:2147483647", { .kind = IPCK_SEM, .id = INT32_MAX } },
	{ "shm:key=0x5432", { .kind = IPCK_SHM, .form = IPCK_BY_KEY, .key = 0x5432 } },
	{ "msg:key=0x1", { .kind = IPCK_MSG, .form = IPCK_BY_KEY, .key = 1 } },
	{ "sem:key=0xffffffff", { .kind = IPCK_SEM, .form = IPCK_BY_KEY, .key = UINT32_MAX } },
	{ "shm:7@4026532201", { .kind = IPCK_SHM, .id = 7, .ns = 4026532201 } },
	{ "msg:7@18446744073709551615", { .kind = IPCK_MSG, .id = 7, .ns = UINT64_MAX } },
	{ "shm:key=0xdeadbeef@1",
	  { .kind = IPCK_SHM, .form = IPCK_BY_KEY, .key = 0xdeadbeef, .ns = 1 } },
	{ "shm:3%0x5432.1795255949",
	  { .kind = IPCK_SHM,
	    .id = 3,
	    .exact = true,
	    .generation = { .key = 0x5432, .ctime = 1795255949 } } },
	{ "shm:3%0.0", { .kind = IPCK_SHM, .id = 3, .exact = true } },
	{ "msg:3@9%0xffffffff.9223372036854775807.4026532201",
	  { .kind = IPCK_MSG,
	    .id = 3,
	    .ns = 9,
	    .exact = true,
	    .generation = { .key = UINT32_MAX, .ctime = INT64_MAX, .ns = 4026532201 } } },
	{ "sem:3%0x7f.1000.100",
	  { .kind = IPCK_SEM,
	    .id = 3,
	    .exact = true,
	    .generation = { .key = 0x7f, .cuid = 1000, .cgid = 100 } } },
	{ "sem:3%0.4294967295.4294967294.18446744073709551615",
	  { .kind = IPCK_SEM,
	    .id = 3,
	    .exact = true,
	    .generation = { .cuid = UINT32_MAX, .cgid = UINT32_MAX - 1, .ns = UINT64_MAX } } },
	{ "posix-shm:/name", { .kind = IPCK_POSIX_SHM, .form = IPCK_BY_NAME, .name = "/name" } },
	{ "posix-mq:/a.b-c", { .kind = IPCK_POSIX_MQ, .form = IPCK_BY_NAME, .name = "/a.b-c" } },
	{ "posix-sem:/x@77",
	  { .kind = IPCK_POSIX_SEM, .form = IPCK_BY_NAME, .name = "/x", .ns = 77 } },
	{ "posix-shm:/key=0x1",
	  { .kind = IPCK_POSIX_SHM, .form = IPCK_BY_NAME, .name = "/key=0x1" } },
	{ "posix-shm:/dir/file%0:25:17",
	  { .kind = IPCK_POSIX_SHM,
	    .form = IPCK_BY_NAME,
	    .name = "/dir/file",
	    .exact = true,
	    .generation = { .minor = 25, .inode = 17 } } },
	{ "posix-mq:/q@9%0:31:7.4026532201",
	  { .kind = IPCK_POSIX_MQ,
	    .form = IPCK_BY_NAME,
	    .name = "/q",
	    .ns = 9,
	    .exact = true,
	    .generation = { .minor = 31, .inode = 7, .ns = 4026532201u } } },
	{ "posix-shm:0:25:17",
	  { .kind = IPCK_POSIX_SHM, .form = IPCK_BY_INODE, .minor = 25, .inode = 17 } },
	{ "fifo:/run//../x", { .kind = IPCK_FIFO, .form = IPCK_BY_NAME, .name = "/run//../x" } },
	{ "fifo:254:0:18446744073709551615",
	  { .kind = IPCK_FIFO, .form = IPCK_BY_INODE, .major = 254, .inode = UINT64_MAX } },
	{ "mmap:4294967295:1:2",
	  { .kind = IPCK_MMAP,
	    .form = IPCK_BY_INODE,
	    .major = UINT32_MAX,
	    .minor = 1,
	    .inode = 2 } },
	{ "pipe:12345", { .kind = IPCK_PIPE, .form = IPCK_BY_NUMBER, .number = 12345 } },
	{ "unix:0", { .kind = IPCK_UNIX, .form = IPCK_BY_NUMBER } },
	{ "memfd:7%0:1:7",
	  { .kind = IPCK_MEMFD,
	    .form = IPCK_BY_NUMBER,
	    .number = 7,
	    .exact = true,
	    .generation = { .minor = 1, .inode = 7 } } },
	{ "eventfd:18446744073709551615",
	  { .kind = IPCK_EVENTFD, .form = IPCK_BY_NUMBER, .number = UINT64_MAX } },
	{ "epoll:4711:5",
	  { .kind = IPCK_EPOLL, .form = IPCK_BY_DESCRIPTOR, .pid = 4711, .fd = 5 } },
	{ "pidfd:1:0%99",
	  { .kind = IPCK_PIDFD,
	    .form = IPCK_BY_DESCRIPTOR,
	    .pid = 1,
	    .exact = true,
	    .generation = { .start_time = 99 } } },
	{ "timerfd:1:2", { .kind = IPCK_TIMERFD, .form = IPCK_BY_DESCRIPTOR, .pid = 1, .fd = 2 } },
	{ "signalfd:1:2",
	  { .kind = IPCK_SIGNALFD, .form = IPCK_BY_DESCRIPTOR, .pid = 1, .fd = 2 } },
	{ "inotify:1:2", { .kind = IPCK_INOTIFY, .form = IPCK_BY_DESCRIPTOR, .pid = 1, .fd = 2 } },
	{ "pid:1", { .kind = IPCK_PROCESS, .form = IPCK_BY_PID, .pid = 1 } },
	{ "pid:2147483647", { .kind = IPCK_PROCESS, .form = IPCK_BY_PID, .pid = INT32_MAX } },
	{ "pid:4711%0", { .kind = IPCK_PROCESS, .form = IPCK_BY_PID, .pid = 4711, .exact = true } },
	{ "pid:4711%18446744073709551615",
	  { .kind = IPCK_PROCESS,
	    .form = IPCK_BY_PID,
	    .pid = 4711,
	    .exact = true,
	    .generation = { .start_time = UINT64_MAX } } },
	{ "pgrp:2", { .kind = IPCK_PGRP, .form = IPCK_BY_PID, .pid = 2 } },
	{ "pgrp:4711%7",
	  { .kind = IPCK_PGRP,
	    .form = IPCK_BY_PID,
	    .pid = 4711,
	    .exact = true,
	    .generation = { .start_time = 7 } } },
	{ "session:2147483647", { .kind = IPCK_SESSION, .form = IPCK_BY_PID, .pid = INT32_MAX } },
	{ "session:1%0", { .kind = IPCK_SESSION, .form = IPCK_BY_PID, .pid = 1, .exact = true } },
	{ "tree:1", { .kind = IPCK_TREE, .form = IPCK_BY_PID, .pid = 1 } },
	{ "tree:4711%18446744073709551615",
	  { .kind = IPCK_TREE,
	    .form = IPCK_BY_PID,
	    .pid = 4711,
	    .exact = true,
	    .generation = { .start_time = UINT64_MAX } } },
	{ "posix-shm:/gr\xc3\xbc\xc3\x9f\x65",
	  { .kind = IPCK_POSIX_SHM, .form = IPCK_BY_NAME, .name = "/gr\xc3\xbc\xc3\x9f\x65" } },
};

static void test_canonical_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(canonical); i++) {
		struct ipck_ref ref;
		int rc = ipck_ref_parse(canonical[i].text, &ref);

		CHECK(rc == IPCK_OK, "%s: %d", canonical[i].text, rc);
		same(&ref, &canonical[i].ref, canonical[i].text);
	}
}

static void test_canonical_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(canonical); i++) {
		char text[IPCK_REF_MAX];
		int length = ipck_ref_format(&canonical[i].ref, text, sizeof(text));

		CHECK(length == (int)strlen(canonical[i].text), "%s: length %d", canonical[i].text,
		      length);
		assert_string_equal(text, canonical[i].text);
	}
}

/* Other spellings of the same thing. */
static void test_spellings(void **state)
{
	static const struct {
		const char *text, *written;
	} rows[] = {
		{ "shm:key=21554", "shm:key=0x5432" },
		{ "shm:key=0X5432", "shm:key=0x5432" },
		{ "shm:key=0x00005432", "shm:key=0x5432" },
		{ "shm:key=0xDEADBEEF", "shm:key=0xdeadbeef" },
		{ "shm:key=4294967295", "shm:key=0xffffffff" },
		{ "shm:3%21554.5", "shm:3%0x5432.5" },
		{ "shm:3%0x0.5", "shm:3%0.5" },
		{ "posix-shm:/\\x41\\x4A\\x4a", "posix-shm:/AJJ" },
		{ "posix-shm:\x2f\\xc3\\xa9", "posix-shm:/\xc3\xa9" },
		{ "posix-shm:/\xff", "posix-shm:/\\xff" },
		{ "posix-shm:/\xe2\x80\xae", "posix-shm:/\\xe2\\x80\\xae" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[IPCK_REF_MAX];
		struct ipck_ref ref;

		CHECK(ipck_ref_parse(rows[i].text, &ref) == IPCK_OK, "%s: refused", rows[i].text);
		ipck_ref_format(&ref, text, sizeof(text));
		assert_string_equal(text, rows[i].written);
	}
}

#define D20 "11111111111111111111"
#define Z20 "00000000000000000000"

static const struct {
	const char *text;
	int reason;
} refused[] = {
	{ "", IPCK_ERR_SYNTAX },
	{ ":", IPCK_ERR_SYNTAX },
	{ "5", IPCK_ERR_SYNTAX },
	{ "shm", IPCK_ERR_SYNTAX },
	{ "shm:", IPCK_ERR_SYNTAX },
	{ ":5", IPCK_ERR_SYNTAX },
	{ "SHM:5", IPCK_ERR_SYNTAX },
	{ "shmx:5", IPCK_ERR_SYNTAX },
	{ "sh:5", IPCK_ERR_SYNTAX },
	{ " shm:5", IPCK_ERR_SYNTAX },
	{ "shm: 5", IPCK_ERR_SYNTAX },
	{ "shm:5 ", IPCK_ERR_SYNTAX },
	{ "shm:5\n", IPCK_ERR_SYNTAX },
	{ "shm:+5", IPCK_ERR_SYNTAX },
	{ "shm:-5", IPCK_ERR_SYNTAX },
	{ "shm:05", IPCK_ERR_SYNTAX },
	{ "shm:00", IPCK_ERR_SYNTAX },
	{ "shm:0x5", IPCK_ERR_SYNTAX },
	{ "shm:5x", IPCK_ERR_SYNTAX },
	{ "shm:/name", IPCK_ERR_SYNTAX },
	{ "shm:2147483648", IPCK_ERR_RANGE },
	{ "shm:4294967296", IPCK_ERR_RANGE },
	{ "shm:18446744073709551616", IPCK_ERR_RANGE },
	{ "shm:" D20 D20, IPCK_ERR_RANGE },
	{ D20 D20 ":5", IPCK_ERR_SYNTAX },
	{ "shm:key=", IPCK_ERR_SYNTAX },
	{ "shm:key=0x", IPCK_ERR_SYNTAX },
	{ "shm:key=x", IPCK_ERR_SYNTAX },
	{ "shm:key=-1", IPCK_ERR_SYNTAX },
	{ "shm:key=017", IPCK_ERR_SYNTAX },
	{ "shm:key=5432g", IPCK_ERR_SYNTAX },
	{ "shm:key=0x5432g", IPCK_ERR_SYNTAX },
	{ "shm:KEY=5", IPCK_ERR_SYNTAX },
	{ "shm:key=0", IPCK_ERR_RANGE },
	{ "shm:key=0x0", IPCK_ERR_RANGE },
	{ "shm:key=4294967296", IPCK_ERR_RANGE },
	{ "shm:key=0x100000000", IPCK_ERR_RANGE },
	{ "shm:key=" D20 D20, IPCK_ERR_RANGE },
	{ "shm:key=0x" D20 D20, IPCK_ERR_RANGE },
	{ "shm:key=0x" Z20 Z20 "5", IPCK_ERR_SYNTAX }, /* not cut to key 0 */
	{ "shm:5%0x" Z20 Z20 "5.1", IPCK_ERR_SYNTAX },
	{ "shm:" D20 D20 "@" D20 D20, IPCK_ERR_RANGE },
	{ "shm:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", IPCK_ERR_SYNTAX },
	{ "shm:5@", IPCK_ERR_SYNTAX },
	{ "shm:5@x", IPCK_ERR_SYNTAX },
	{ "shm:5@-1", IPCK_ERR_SYNTAX },
	{ "shm:5@01", IPCK_ERR_SYNTAX },
	{ "shm:5@1@2", IPCK_ERR_SYNTAX },
	{ "shm:@1", IPCK_ERR_SYNTAX },
	{ "shm:5@0", IPCK_ERR_RANGE },
	{ "shm:5@18446744073709551616", IPCK_ERR_RANGE },
	{ "shm:5@" D20 D20, IPCK_ERR_RANGE },
	{ "shm:5%", IPCK_ERR_SYNTAX },
	{ "shm:%1.2", IPCK_ERR_SYNTAX },
	{ "shm:5%1", IPCK_ERR_SYNTAX },
	{ "shm:5%1.", IPCK_ERR_SYNTAX },
	{ "shm:5%.1", IPCK_ERR_SYNTAX },
	{ "shm:5%1.2.", IPCK_ERR_SYNTAX },
	{ "shm:5%1.2.0", IPCK_ERR_SYNTAX },
	{ "shm:5%1.2.3.4", IPCK_ERR_SYNTAX },
	{ "shm:5%1.2@3", IPCK_ERR_SYNTAX },
	{ "shm:5%1.2%1.2", IPCK_ERR_SYNTAX },
	{ "shm:5%1.-2", IPCK_ERR_SYNTAX },
	{ "shm:5%1.9223372036854775808", IPCK_ERR_RANGE },
	{ "shm:5%1." D20 D20, IPCK_ERR_RANGE },
	{ "shm:5%0x100000000.1", IPCK_ERR_RANGE },
	{ "sem:5%1.2", IPCK_ERR_SYNTAX },
	{ "sem:5%1.2.3.4.5", IPCK_ERR_SYNTAX },
	{ "sem:5%1.4294967296.1", IPCK_ERR_RANGE },
	{ "sem:5%1.1.4294967296", IPCK_ERR_RANGE },
	{ "posix-shm:", IPCK_ERR_SYNTAX },
	{ "posix-shm:/", IPCK_ERR_SYNTAX },
	{ "posix-shm:name", IPCK_ERR_SYNTAX },
	{ "posix-shm:5", IPCK_ERR_SYNTAX },
	{ "posix-shm:/..", IPCK_ERR_SYNTAX },
	{ "posix-shm:/.", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a/../b", IPCK_ERR_SYNTAX },
	{ "posix-shm://a", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a/", IPCK_ERR_SYNTAX },
	{ "posix-sem:/\\x2e\\x2e", IPCK_ERR_SYNTAX },
	{ "posix-mq:/a/b", IPCK_ERR_SYNTAX },
	{ "posix-shm:0:1", IPCK_ERR_SYNTAX },
	{ "posix-shm:0:1:2:3", IPCK_ERR_SYNTAX },
	{ "posix-shm:4294967296:1:2", IPCK_ERR_RANGE },
	{ "posix-shm:/a%0:1", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a%0:1:2.0", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a%0:1:2.3.4", IPCK_ERR_SYNTAX },
	{ "fifo:", IPCK_ERR_SYNTAX },
	{ "fifo:/", IPCK_ERR_SYNTAX },
	{ "fifo:run/x", IPCK_ERR_SYNTAX },
	{ "mmap:/x", IPCK_ERR_SYNTAX },
	{ "mmap:1", IPCK_ERR_SYNTAX },
	{ "pipe:", IPCK_ERR_SYNTAX },
	{ "pipe:-1", IPCK_ERR_SYNTAX },
	{ "pipe:0x5", IPCK_ERR_SYNTAX },
	{ "pipe:18446744073709551616", IPCK_ERR_RANGE },
	{ "pipe:5@4026531839", IPCK_ERR_SYNTAX },
	{ "pipe:5%1", IPCK_ERR_SYNTAX },
	{ "pipe:1:2", IPCK_ERR_SYNTAX },
	{ "epoll:5", IPCK_ERR_SYNTAX },
	{ "epoll:0:5", IPCK_ERR_RANGE },
	{ "epoll:1:2147483648", IPCK_ERR_RANGE },
	{ "epoll:1:2:3", IPCK_ERR_SYNTAX },
	{ "epoll:1:2%", IPCK_ERR_SYNTAX },
	{ "epoll:1:2%3.4", IPCK_ERR_SYNTAX },
	{ "pid:", IPCK_ERR_SYNTAX },
	{ "pid:0", IPCK_ERR_RANGE },
	{ "pid:-1", IPCK_ERR_SYNTAX },
	{ "pid:+1", IPCK_ERR_SYNTAX },
	{ "pid:01", IPCK_ERR_SYNTAX },
	{ "pid:0x1", IPCK_ERR_SYNTAX },
	{ "pid:1x", IPCK_ERR_SYNTAX },
	{ "pid:1 ", IPCK_ERR_SYNTAX },
	{ "pid:1:2", IPCK_ERR_SYNTAX },
	{ "pid:self", IPCK_ERR_SYNTAX },
	{ "pid:2147483648", IPCK_ERR_RANGE },
	{ "pid:4294967297", IPCK_ERR_RANGE },
	{ "pid:" D20 D20, IPCK_ERR_RANGE },
	{ "pid:1@4026531839", IPCK_ERR_SYNTAX },
	{ "pid:1%", IPCK_ERR_SYNTAX },
	{ "pid:1%01", IPCK_ERR_SYNTAX },
	{ "pid:1%-1", IPCK_ERR_SYNTAX },
	{ "pid:1%3.4", IPCK_ERR_SYNTAX },
	{ "pid:1%3%4", IPCK_ERR_SYNTAX },
	{ "pid:1%18446744073709551616", IPCK_ERR_RANGE },
	{ "pgrp:", IPCK_ERR_SYNTAX },
	{ "pgrp:0", IPCK_ERR_RANGE },
	{ "pgrp:-1", IPCK_ERR_SYNTAX },
	{ "pgrp:01", IPCK_ERR_SYNTAX },
	{ "pgrp:2147483648", IPCK_ERR_RANGE },
	{ "pgrp:1@4026531839", IPCK_ERR_SYNTAX },
	{ "pgrp:1%", IPCK_ERR_SYNTAX },
	{ "pgid:1", IPCK_ERR_SYNTAX },
	{ "session:", IPCK_ERR_SYNTAX },
	{ "session:0", IPCK_ERR_RANGE },
	{ "session:1%3.4", IPCK_ERR_SYNTAX },
	{ "session:4294967297", IPCK_ERR_RANGE },
	{ "sessions:1", IPCK_ERR_SYNTAX },
	{ "sid:1", IPCK_ERR_SYNTAX },
	{ "tree:", IPCK_ERR_SYNTAX },
	{ "tree:0", IPCK_ERR_RANGE },
	{ "tree:1:2", IPCK_ERR_SYNTAX },
	{ "tree:1%18446744073709551616", IPCK_ERR_RANGE },
	{ "posix-shm:/a b", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a\tb", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a\x7f", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a\\", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a\\n", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a\\x", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a\\x4", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a\\x4g", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a\\x00", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a\\X41", IPCK_ERR_SYNTAX },
	{ "posix-shm:\\x2fa", IPCK_ERR_SYNTAX },
	{ "posix-shm:@1", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a%0.0", IPCK_ERR_SYNTAX },
	{ "posix-shm:/a@0", IPCK_ERR_RANGE },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct ipck_ref ref = { .id = 4711 };
		int rc = ipck_ref_parse(refused[i].text, &ref);

		CHECK(rc == refused[i].reason, "\"%s\": %d, not %d", refused[i].text, rc,
		      refused[i].reason);
		CHECK(ref.id == 4711 && ref.kind == 0, "\"%s\": refused, but stored",
		      refused[i].text);
	}
}

static void test_kinds(void **state)
{
	static const struct {
		enum ipck_kind kind;
		const char *name, *title;
	} rows[] = {
		{ IPCK_SHM, "shm", "shared memory segment" },
		{ IPCK_MSG, "msg", "message queue" },
		{ IPCK_SEM, "sem", "semaphore set" },
		{ IPCK_POSIX_SHM, "posix-shm", "POSIX shared memory" },
		{ IPCK_POSIX_MQ, "posix-mq", "POSIX message queue" },
		{ IPCK_POSIX_SEM, "posix-sem", "POSIX semaphore" },
		{ IPCK_PIPE, "pipe", "pipe" },
		{ IPCK_FIFO, "fifo", "FIFO" },
		{ IPCK_UNIX, "unix", "unix socket" },
		{ IPCK_EVENTFD, "eventfd", "eventfd counter" },
		{ IPCK_MEMFD, "memfd", "memory file" },
		{ IPCK_MMAP, "mmap", "shared mapping" },
		{ IPCK_EPOLL, "epoll", "epoll set" },
		{ IPCK_TIMERFD, "timerfd", "timer descriptor" },
		{ IPCK_SIGNALFD, "signalfd", "signal descriptor" },
		{ IPCK_INOTIFY, "inotify", "inotify descriptor" },
		{ IPCK_PIDFD, "pidfd", "process descriptor" },
		{ IPCK_PROCESS, "pid", "process" },
		{ IPCK_PGRP, "pgrp", "process group" },
		{ IPCK_SESSION, "session", "session" },
		{ IPCK_TREE, "tree", "process tree" },
		{ (enum ipck_kind)0x40000000, "?", "object" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(ipck_kind_name(rows[i].kind), rows[i].name);
		assert_string_equal(ipck_kind_title(rows[i].kind), rows[i].title);
	}
}

static void test_small_buffers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(canonical); i++) {
		size_t length = strlen(canonical[i].text);

		for (size_t size = 0; size <= length; size++) {
			char text[128];
			int rc;

			memset(text, '#', sizeof(text));
			rc = ipck_ref_format(&canonical[i].ref, text, size);
			CHECK(rc == IPCK_ERR_RANGE, "%s in %zu bytes: %d", canonical[i].text, size,
			      rc);
			CHECK(text[size] == '#', "%s: wrote past %zu bytes", canonical[i].text,
			      size);
			CHECK(size == 0 || memchr(text, '\0', size) != NULL,
			      "%s in %zu bytes: not ended", canonical[i].text, size);
		}
	}
}

static void test_unknown_kind_not_written(void **state)
{
	const struct ipck_ref none = { .id = 5 };
	const struct ipck_ref two = { .kind = IPCK_SYSV, .id = 5 };
	char text[IPCK_REF_MAX];

	(void)state;
	assert_int_equal(ipck_ref_format(&none, text, sizeof(text)), IPCK_ERR_ARGUMENT);
	assert_int_equal(ipck_ref_format(&two, text, sizeof(text)), IPCK_ERR_ARGUMENT);
}

/* Made by hand, as no text can say it. */
static void test_process_not_written(void **state)
{
	const struct ipck_ref refs[] = {
		{ .kind = IPCK_PROCESS, .form = IPCK_BY_PID, .pid = 0 },
		{ .kind = IPCK_PROCESS, .form = IPCK_BY_PID, .pid = -1 },
		{ .kind = IPCK_PROCESS, .form = IPCK_BY_ID, .id = 1, .pid = 1 },
		{ .kind = IPCK_SHM, .form = IPCK_BY_PID, .pid = 1 },
	};
	char text[IPCK_REF_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(refs); i++)
		CHECK(ipck_ref_format(&refs[i], text, sizeof(text)) == IPCK_ERR_ARGUMENT,
		      "reference %zu: written as %s", i, text);
}

static void test_process_is_no_object(void **state)
{
	const struct ipck_ref refs[] = {
		{ .kind = IPCK_PROCESS, .form = IPCK_BY_PID, .pid = 1 },
	};
	int results[COUNT(refs)] = { 0 };
	struct ipck_query query = { .size = sizeof(query), .refs = refs, .ref_count = COUNT(refs) };
	struct ipck_objects *objects;
	struct ipck *ctx;

	(void)state;
	assert_int_equal(ipck_open(NULL, &ctx), IPCK_OK);
	assert_int_equal(ipck_objects_read(ctx, &query, &objects), IPCK_ERR_ARGUMENT);
	assert_string_equal(ipck_message(ctx), "pid:1: names a process, not an object");
	assert_null(objects);
	query.ref_results = results;
	assert_int_equal(ipck_objects_read(ctx, &query, &objects), IPCK_OK);
	assert_int_equal(results[0], IPCK_ERR_ARGUMENT);
	assert_int_equal(ipck_objects_count(objects), 0);
	ipck_objects_free(objects);
	/* nor a kind that could be listed */
	query = (struct ipck_query){ .size = sizeof(query), .kinds = IPCK_PROCESS };
	assert_int_equal(ipck_objects_read(ctx, &query, &objects), IPCK_ERR_ARGUMENT);
	ipck_close(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("every form of a reference is read", test_canonical_read),
		TEST("every form of a reference is written", test_canonical_written),
		TEST("other spellings mean the same reference", test_spellings),
		TEST("malformed and overflowing references are refused, each for its reason",
		     test_refused),
		TEST("each kind has its name and its title", test_kinds),
		TEST("a reference that does not fit its buffer is refused and cut within it",
		     test_small_buffers),
		TEST("a reference without one kind cannot be written",
		     test_unknown_kind_not_written),
		TEST("a reference to no process cannot be written", test_process_not_written),
		TEST("a process is no object, by reference or by kind", test_process_is_no_object),
	};

	return RUN(tests);
}
