/* SPDX-License-Identifier: MIT */
/* Threads in read(), write(), open(), connect(): what they are on, and who has the other end. */
#include "waiters.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static char state_of(pid_t pid)
{
	char path[32], text[512] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	assert_non_null(file);
	if (fgets(text, sizeof(text), file) == NULL || strrchr(text, ')') == NULL)
		text[0] = '\0';
	fclose(file);
	return text[0] == '\0' ? '\0' : strrchr(text, ')')[2];
}

static void rest(void *keep)
{
	const int *fds = keep;

	for (int fd = 3; fd < 64; fd++)
		if (fd != fds[0] && fd != fds[1])
			close(fd);
	for (;;)
		pause();
}

/* A process that has these descriptors alone, and sleeps. */
static pid_t keeper(int first, int second)
{
	int fds[2] = { first, second };
	pid_t pid = start(rest, fds);

	UNTIL(sleeps_in(pid, pid, SYS_pause));
	return pid;
}

static unsigned long long inode_of(int fd)
{
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	return status.st_ino;
}

static void expect_ref(const struct ipck_wait *wait, const char *kind, unsigned long long number)
{
	char ref[64];

	snprintf(ref, sizeof(ref), "%s:%llu", kind, number);
	assert_non_null(wait->ref);
	assert_string_equal(wait->ref, ref);
	assert_string_equal(wait->object, ref);
}

/* It waits for any of exactly these. */
static void expect(const struct ipck_wait *wait, const pid_t *pids, size_t count)
{
	CHECK(wait->awaited_count == count, "%zu awaited", wait->awaited_count);
	for (size_t i = 0; i < count; i++) {
		bool found = false;

		for (size_t j = 0; j < count; j++)
			found |= ipck_awaited_at(wait, j)->process.pid == pids[i];
		CHECK(found, "%d is not awaited", (int)pids[i]);
		assert_int_equal(ipck_awaited_at(wait, i)->proof, IPCK_PROOF_LAST_OP);
		assert_int_equal(ipck_awaited_at(wait, i)->group, 0);
		assert_false(ipck_awaited_at(wait, i)->gone);
	}
}

/* ---- Two ends ---- */

struct transfer {
	int fd, keep; /* all others are closed */
	bool writes;
};

static void transfer(void *data)
{
	const struct transfer *how = data;
	static char bytes[65536];

	for (int fd = 3; fd < 64; fd++)
		if (fd != how->fd && fd != how->keep)
			close(fd);
	while ((how->writes ? write(how->fd, bytes, sizeof(bytes))
			    : read(how->fd, bytes, sizeof(bytes))) > 0)
		;
}

static pid_t starts(struct transfer how)
{
	pid_t pid = start(transfer, &how);

	UNTIL(sleeps_in(pid, pid, how.writes ? SYS_write : SYS_read) && state_of(pid) == 'S');
	return pid;
}

static void check_ends(int ends[2], const char *kind)
{
	const pid_t other[] = { keeper(ends[1], -1), keeper(ends[1], -1) };
	const pid_t same_end = keeper(ends[0], -1);
	const pid_t reader = starts((struct transfer){ .fd = ends[0], .keep = -1 });
	const unsigned long long inode = inode_of(ends[0]);
	const struct ipck_wait *wait;

	close(ends[1]);
	wait = wait_of(reader);
	assert_int_equal(wait->what, IPCK_WAIT_DATA);
	assert_string_equal(wait->call, "read");
	assert_string_equal(wait->wants, "data");
	assert_int_equal(wait->fd, ends[0]);
	assert_false(wait->idle);
	assert_null(wait->finding);
	expect_ref(wait, kind, inode);
	expect(wait, other, 2);
	assert_true(wait->open); /* who is outside of this pid namespace may have it, too */
	end(other[0]);
	end(other[1]);
	end(reader);
	end(same_end);
	close(ends[0]);
}

static void test_pipe(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	check_ends(ends, "pipe");
}

static void test_socket_pair(void **state)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	int ends[2];

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		assert_int_equal(socketpair(AF_UNIX, types[i], 0, ends), 0);
		check_ends(ends, "unix");
	}
}

static void test_writers(void **state)
{
	int ends[2];

	(void)state;
	for (int sockets = 0; sockets < 2; sockets++) {
		const struct ipck_wait *wait;
		unsigned long long inode;
		pid_t reader, writer;

		assert_int_equal(sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : pipe(ends),
				 0);
		inode = inode_of(ends[1]);
		reader = keeper(ends[0], -1);
		writer = starts((struct transfer){ .fd = ends[1], .keep = -1, .writes = true });
		close(ends[0]);
		close(ends[1]);
		wait = wait_of(writer);
		assert_int_equal(wait->what, IPCK_WAIT_SPACE);
		assert_string_equal(wait->wants, "room");
		expect_ref(wait, sockets ? "unix" : "pipe", inode);
		expect(wait, &reader, 1);
		end(writer);
		end(reader);
	}
}

/* A process that has both ends: others that have the far one can help, else nobody. */
static void test_itself(void **state)
{
	const struct ipck_wait *wait;
	pid_t reader, other;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	other = keeper(ends[1], -1);
	reader = starts((struct transfer){ .fd = ends[0], .keep = ends[1] });
	close(ends[0]);
	close(ends[1]);
	wait = wait_of(reader);
	expect(wait, &other, 1);
	assert_null(wait->finding);
	end(other);
	wait = wait_of(reader);
	expect(wait, &reader, 1);
	assert_non_null(wait->finding);
	assert_non_null(strstr(wait->finding, "other end"));
	end(reader);
}

static void *read_one(void *ends)
{
	char byte;

	return read(((int *)ends)[0], &byte, 1) < 0 ? ends : NULL;
}

static void two_threads(void *ends)
{
	pthread_t thread;

	pthread_create(&thread, NULL, read_one, ends);
	for (;;)
		pause();
}

/* Another thread of the process may write. */
static void test_thread(void **state)
{
	const struct ipck_wait *wait = NULL;
	pid_t pid;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = start(two_threads, ends);
	close(ends[1]);
	for (bool found = false; !found;) {
		const size_t count = look(pid);

		for (size_t i = 0; i < count; i++) {
			wait = ipck_waits_at(waits, i);
			if ((found = same(wait->call, "read")))
				break;
		}
	}
	assert_int_not_equal(wait->tid, pid);
	expect(wait, &pid, 1);
	assert_int_equal(ipck_awaited_at(wait, 0)->tid, 0);
	assert_null(wait->finding);
	end(pid);
	close(ends[0]);
}

/* Datagrams: all that connected to it can send, and whoever knows its name. */
static void test_datagrams(void **state)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/dev/shm/datagrams" };
	int receiver = socket(AF_UNIX, SOCK_DGRAM, 0), senders[2];
	const struct ipck_wait *wait;
	pid_t pids[2], reader;

	(void)state;
	assert_int_equal(bind(receiver, (struct sockaddr *)&name, sizeof(name)), 0);
	for (int i = 0; i < 2; i++) {
		senders[i] = socket(AF_UNIX, SOCK_DGRAM, 0);
		assert_int_equal(connect(senders[i], (struct sockaddr *)&name, sizeof(name)), 0);
		pids[i] = keeper(senders[i], -1);
	}
	reader = starts((struct transfer){ .fd = receiver, .keep = -1 });
	close(senders[0]);
	close(senders[1]);
	wait = wait_of(reader);
	expect_ref(wait, "unix", inode_of(receiver));
	expect(wait, pids, 2);
	assert_true(wait->open);
	end(reader);
	end(pids[0]);
	end(pids[1]);
	close(receiver);
}

static void connect_all(void *name)
{
	for (;;)
		if (connect(socket(AF_UNIX, SOCK_STREAM, 0), name, sizeof(struct sockaddr_un)) != 0)
			_exit(1);
}

static void test_connect(void **state)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/dev/shm/listener" };
	const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	const struct ipck_wait *wait;
	pid_t server, client;

	(void)state;
	assert_int_equal(bind(listener, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(listen(listener, 0), 0);
	server = keeper(listener, -1);
	close(listener);
	client = start(connect_all, &name);
	UNTIL(sleeps_in(client, client, SYS_connect) && state_of(client) == 'S');
	wait = wait_of(client);
	assert_int_equal(wait->what, IPCK_WAIT_PEER);
	assert_int_equal(wait->kind, IPCK_UNIX);
	assert_string_equal(wait->wants, "a connection to /dev/shm/listener");
	expect(wait, &server, 1);
	end(client);
	end(server);
}

static void receive_many(void *fd)
{
	const struct timespec limit = { .tv_sec = 100000 };
	char byte;
	struct iovec part = { &byte, 1 };
	struct mmsghdr one = { .msg_hdr = { .msg_iov = &part, .msg_iovlen = 1 } };

	syscall(SYS_recvmmsg, *(int *)fd, &one, 1, 0, &limit);
}

static void test_time_limit(void **state)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	const struct ipck_wait *wait;
	char object[40];
	pid_t pid;

	(void)state;
	if (fd < 0 ||
	    bind(fd, &(struct sockaddr){ .sa_family = AF_INET }, sizeof(struct sockaddr_in)) != 0)
		skip();
	pid = start(receive_many, &fd);
	UNTIL(sleeps_in(pid, pid, SYS_recvmmsg));
	wait = wait_of(pid);
	snprintf(object, sizeof(object), "socket:[%llu]", inode_of(fd));
	assert_string_equal(wait->object, object);
	assert_null(wait->ref);
	assert_true(wait->timeout);
	assert_true(wait->open);
	end(pid);
	close(fd);
}

/* ---- open() of a FIFO ---- */

#define FOLDER "/dev/shm/folder"

struct opening {
	const char *cwd, *root, *path; /* path: in memory of both */
	int flags;
};

static void open_it(void *data)
{
	const struct opening *how = data;

	if ((how->cwd != NULL && chdir(how->cwd) != 0) ||
	    (how->root != NULL && chroot(how->root) != 0))
		_exit(1);
	open(how->path, how->flags);
	_exit(2);
}

static pid_t opener(struct opening how)
{
	pid_t pid = start(open_it, &how);

	UNTIL(sleeps_in(pid, pid, SYS_openat) && state_of(pid) == 'S');
	return pid;
}

static void make_fifo(void)
{
	mkdir(FOLDER, 0755);
	mkdir(FOLDER "/deep", 0755);
	unlink(FOLDER "/fifo");
	assert_int_equal(mkfifo(FOLDER "/fifo", 0600), 0);
	assert_true(symlink("../../folder", FOLDER "/deep/again") == 0 || errno == EEXIST);
	assert_true(symlink("/folder", "/dev/shm/absolute") == 0 || errno == EEXIST);
}

static void test_fifo(void **state)
{
	static const struct {
		struct opening how;
		const char *wants, *ref; /* NULL: device and inode */
	} rows[] = {
		{ { NULL, NULL, FOLDER "/fifo", O_RDONLY }, "a writer", "fifo:" FOLDER "/fifo" },
		{ { NULL, NULL, FOLDER "/fifo", O_WRONLY }, "a reader", "fifo:" FOLDER "/fifo" },
		{ { FOLDER, NULL, "fifo", O_RDONLY }, "a writer", "fifo:" FOLDER "/fifo" },
		{ { FOLDER "/deep", NULL, "../fifo", O_RDONLY },
		  "a writer",
		  "fifo:" FOLDER "/deep/../fifo" },
		{ { FOLDER "/deep", NULL, "again/fifo", O_WRONLY },
		  "a reader",
		  "fifo:" FOLDER "/deep/again/fifo" },
		{ { NULL, "/dev/shm", "/folder/fifo", O_RDONLY }, "a writer", NULL },
		{ { NULL, "/dev/shm", "/absolute/fifo", O_WRONLY }, "a reader", NULL },
	};

	(void)state;
	make_fifo();
	for (size_t i = 0; i < COUNT(rows); i++) {
		const pid_t pid = opener(rows[i].how);
		const struct ipck_wait *wait = wait_of(pid);
		struct stat status;
		char ref[80];

		assert_int_equal(stat(FOLDER "/fifo", &status), 0);
		snprintf(ref, sizeof(ref), "fifo:%u:%u:%llu", major(status.st_dev),
			 minor(status.st_dev), (unsigned long long)status.st_ino);
		CHECK(wait->ref != NULL, "row %zu: %s", i, wait->object);
		CHECK(same(wait->ref, rows[i].ref != NULL ? rows[i].ref : ref), "row %zu: %s", i,
		      wait->ref);
		CHECK(same(wait->wants, rows[i].wants), "row %zu: %s", i, wait->wants);
		assert_int_equal(wait->what, IPCK_WAIT_PEER);
		assert_int_equal(wait->kind, IPCK_FIFO);
		assert_int_equal(wait->awaited_count, 0);
		assert_true(wait->open);
		assert_int_equal(wait->why, 0);
		/* it was looked at without being opened: that would have let it go on */
		for (int again = 0; again < 20; again++)
			assert_string_equal(wait_of(pid)->call, "open");
		end(pid);
	}
}

/* The path can lead nowhere by now, or its memory be anybody's. */
static void test_fifo_gone(void **state)
{
	static const size_t page = 4096;
	char *path =
		mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const struct ipck_wait *wait;
	pid_t pid;

	(void)state;
	make_fifo();
	strcpy(path + page - 8, FOLDER "/fifo"); /* it goes over the end of a page */
	pid = opener((struct opening){ .path = path + page - 8 });
	assert_string_equal(wait_of(pid)->ref, "fifo:" FOLDER "/fifo");
	memset(path, 'x', 3 * page);
	wait = wait_of(pid);
	assert_null(wait->ref);
	assert_null(wait->object);
	assert_int_not_equal(wait->why, 0);
	strcpy(path + page - 8, "/dev/null");
	wait = wait_of(pid);
	assert_null(wait->ref);
	assert_int_equal(wait->why, IPCK_ERR_NOT_FOUND);
	strcpy(path + page - 8, FOLDER "/fifo");
	unlink(FOLDER "/fifo");
	wait = wait_of(pid);
	assert_null(wait->ref);
	assert_string_equal(wait->object, FOLDER "/fifo");
	assert_int_equal(wait->what, IPCK_WAIT_PEER);
	assert_string_equal(wait->wants, "a writer");
	assert_int_equal(wait->why, IPCK_ERR_NOT_FOUND);
	assert_non_null(wait->why_text);
	end(pid);
	munmap(path, 3 * page);
}

/* ---- Descriptors ---- */

/* The main thread reads; the other one closes what it reads from when it is told to. */
struct closing {
	int fd;
	bool *now, *done;
};

static void *close_when_told(void *data)
{
	const struct closing *closing = data;

	while (!__atomic_load_n(closing->now, __ATOMIC_SEQ_CST))
		usleep(500);
	close(closing->fd);
	__atomic_store_n(closing->done, true, __ATOMIC_SEQ_CST);
	pause();
	return NULL;
}

static void read_closed(void *data)
{
	struct closing *closing = data;
	pthread_t thread;
	char byte;

	if (pthread_create(&thread, NULL, close_when_told, closing) != 0 ||
	    read(closing->fd, &byte, 1) >= 0)
		_exit(1);
}

static void test_closed(void **state)
{
	bool *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const struct ipck_wait *wait;
	int ends[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = start(read_closed, &(struct closing){ ends[0], &shared[0], &shared[1] });
	UNTIL(sleeps_in(pid, pid, SYS_read));
	__atomic_store_n(&shared[0], true, __ATOMIC_SEQ_CST);
	UNTIL(__atomic_load_n(&shared[1], __ATOMIC_SEQ_CST));
	assert_true(look(pid) > 0);
	wait = ipck_waits_at(waits, 0);
	assert_int_equal(wait->tid, pid);
	assert_string_equal(wait->call, "read");
	assert_null(wait->ref);
	assert_int_equal(wait->why, IPCK_ERR_NOT_FOUND);
	assert_non_null(wait->why_text);
	assert_int_equal(wait->awaited_count, 0);
	assert_true(wait->open);
	end(pid);
	close(ends[0]);
	close(ends[1]);
	munmap(shared, 4096);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		TEST("read: whoever can write to the pipe", test_pipe),
		TEST("read: whoever has the peer of the socket", test_socket_pair),
		TEST("write: whoever can read", test_writers),
		TEST("read: a process that has the far end itself", test_itself),
		TEST("read: another thread of the process", test_thread),
		TEST("read: those that send datagrams", test_datagrams),
		TEST("connect: whoever listens there", test_connect),
		TEST("recvmmsg: its time limit, and a socket that is no object", test_time_limit),
		TEST("open: a FIFO by each way to name it, and not opened", test_fifo),
		TEST("open: a FIFO that the path does not lead to any more", test_fifo_gone),
		TEST("read: a descriptor that was closed meanwhile", test_closed),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, NULL, stop_looking) == 0 ? 0 : 1;
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return run_inside(run);
}
