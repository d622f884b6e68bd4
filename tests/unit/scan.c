/* SPDX-License-Identifier: MIT */
/* What a scan finds of processes that this program made, against what it knows of them itself. */
#include "unit.h"

#include <errno.h>

#include "places.h"
#include "source/scan.h"

#include <mqueue.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#define PAGE ((size_t)4096)

static bool is_private; /* main() got namespaces of its own */
#define NEEDS_PRIVATE()                                                                            \
	do {                                                                                       \
		if (!is_private)                                                                   \
			skip();                                                                    \
	} while (0)

static uint64_t own_ipc(void)
{
	struct stat status;

	assert_int_equal(stat("/proc/self/ns/ipc", &status), 0);
	return status.st_ino;
}

static pid_t pid_of(const struct scan *scan, const struct use *use)
{
	return scan->processes[use->process].id.pid;
}

static void run(struct scan *scan, const struct scan_query *query)
{
	int rc = scan_run(ctx, query, scan);

	CHECK(rc == 0, "%s", ipck_message(ctx));
}

/* The only use of that descriptor by that process; NULL: none.  Two fail. */
static const struct use *of_fd(const struct scan *scan, pid_t pid, int fd)
{
	const struct use *one = NULL;

	for (size_t i = 0; i < scan->use_count; i++)
		if (pid_of(scan, &scan->uses[i]) == pid && scan->uses[i].fd == fd) {
			assert_null(one);
			one = &scan->uses[i];
		}
	return one;
}

/* ---- Identities ---- */

static void test_identities(void **state)
{
	static const struct identity rows[] = { /* in order */
						{ .kind = IPCK_SHM, .number = 0, .ns = 1 },
						{ .kind = IPCK_SHM, .number = 0, .ns = 2 },
						{ .kind = IPCK_SHM, .number = 1, .ns = 1 },
						{ .kind = IPCK_POSIX_SHM, .minor = 5, .number = 9 },
						{ .kind = IPCK_POSIX_SHM, .minor = 6, .number = 1 },
						{ .kind = IPCK_POSIX_SHM, .major = 1, .number = 1 },
						{ .kind = IPCK_PIPE, .number = 1 },
						{ .kind = IPCK_PIPE, .number = UINT64_MAX }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t j = 0; j < COUNT(rows); j++) {
			int order = identity_compare(&rows[i], &rows[j]);

			CHECK(i < j ? order < 0 : i > j ? order > 0 : order == 0, "%zu, %zu", i, j);
		}
}

/* ---- Segments ---- */

static int segment;
static char *attached[3];

static bool attach_three(void)
{
	attached[0] = shmat(segment, NULL, 0);
	attached[1] = shmat(segment, NULL, SHM_RDONLY);
	attached[2] = shmat(segment, NULL, 0);
	return attached[0] != (void *)-1 && attached[1] != (void *)-1 &&
	       attached[2] != (void *)-1 && mprotect(attached[2] + PAGE, PAGE, PROT_READ) == 0;
}

static bool attach_one(void)
{
	return shmat(segment, NULL, 0) != (void *)-1;
}

/* What /proc/PID/maps says of the segment, read as anybody would. */
static size_t mapped_by(pid_t pid, struct use *uses, size_t most)
{
	char path[40], line[600];
	size_t count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		unsigned long start, end, offset, inode;
		char access[5];

		if (strstr(line, "/SYSV") == NULL)
			continue;
		assert_int_equal(sscanf(line, "%lx-%lx %4s %lx %*x:%*x %lu", &start, &end, access,
					&offset, &inode),
				 5);
		if ((int)inode != segment)
			continue;
		assert_true(count < most);
		uses[count++] = (struct use){
			.address = start,
			.bytes = end - start,
			.offset = offset,
			.access = (uint8_t)((access[0] == 'r' ? IPCK_ACCESS_READ : 0) |
					    (access[1] == 'w' ? IPCK_ACCESS_WRITE : 0))
		};
	}
	fclose(file);
	return count;
}

static struct identity segment_identity(void)
{
	return (struct identity){ .kind = IPCK_SHM, .number = (uint64_t)segment, .ns = own_ipc() };
}

static void make_segment(void)
{
	segment = shmget(IPC_PRIVATE, 2 * PAGE, 0600);
	assert_true(segment >= 0);
}

static void remove_segment(void)
{
	assert_int_equal(shmctl(segment, IPC_RMID, NULL), 0);
}

static void check_segment(const struct scan *scan, const pid_t *pids, size_t count)
{
	const struct identity identity = segment_identity();
	const struct use *uses;
	size_t found, at = 0;

	uses = scan_find(scan, &identity, &found);
	for (size_t i = 0; i < count; i++) {
		struct use truth[8];
		size_t areas = mapped_by(pids[i], truth, COUNT(truth));

		assert_true(areas > 0);
		for (size_t j = 0; j < areas; j++, at++) {
			CHECK(at < found, "process %zu, area %zu: not found", i, j);
			assert_int_equal(pid_of(scan, &uses[at]), pids[i]);
			assert_int_equal(uses[at].fd, -1);
			assert_int_equal(uses[at].address, truth[j].address);
			assert_int_equal(uses[at].bytes, truth[j].bytes);
			assert_int_equal(uses[at].offset, truth[j].offset);
			assert_int_equal(uses[at].access, truth[j].access);
			assert_int_equal(uses[at].flags, 0);
		}
	}
	assert_int_equal(found, at);
}

static int ascending(const void *a, const void *b)
{
	const pid_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

static void test_segments(void **state)
{
	struct scan scan;
	struct shmid_ds ds;
	pid_t pids[2];

	(void)state;
	NEEDS_PRIVATE();
	make_segment();
	pids[0] = stays(attach_three);
	pids[1] = stays(attach_one);
	assert_true(pids[0] > 0 && pids[1] > 0);
	qsort(pids, 2, sizeof(*pids), ascending);
	for (int removed = 0; removed < 2; removed++) {
		run(&scan, &(struct scan_query){ .kinds = IPCK_SHM });
		check_segment(&scan, pids, 2);
		assert_false(scan.coverage.early);
		scan_free(&scan);
		assert_int_equal(shmctl(segment, IPC_STAT, &ds), 0);
		assert_int_equal(ds.shm_nattch, 5);
		if (removed == 0)
			remove_segment();
	}
	ends(pids[0]);
	ends(pids[1]);
}

static bool same_id_elsewhere(void)
{
	const int wanted = segment;

	if (unshare(CLONE_NEWIPC) != 0)
		return false;
	do
		segment = shmget(IPC_PRIVATE, 2 * PAGE, 0600);
	while (segment >= 0 && segment < wanted);
	return segment == wanted && attach_one();
}

static void test_two_namespaces(void **state)
{
	struct identity identity;
	struct scan scan;
	pid_t here, there;
	struct stat status;
	char path[40];
	size_t count;

	(void)state;
	NEEDS_PRIVATE();
	make_segment();
	here = stays(attach_one);
	there = stays(same_id_elsewhere);
	assert_true(here > 0 && there > 0);
	run(&scan, &(struct scan_query){ .kinds = IPCK_SHM });
	check_segment(&scan, &here, 1);
	identity = segment_identity();
	snprintf(path, sizeof(path), "/proc/%d/ns/ipc", (int)there);
	assert_int_equal(stat(path, &status), 0);
	identity.ns = status.st_ino;
	assert_non_null(scan_find(&scan, &identity, &count));
	assert_int_equal(count, 1);
	scan_free(&scan);
	/* nor does the other one's attachment end a scan for this one */
	identity = segment_identity();
	run(&scan, &(struct scan_query){ .kinds = IPCK_SHM,
					 .wanted = &identity,
					 .wanted_count = 1,
					 .attachments = 1,
					 .first = &there,
					 .first_count = 1 });
	check_segment(&scan, &here, 1);
	assert_true(scan.coverage.early);
	scan_free(&scan);
	ends(here);
	ends(there);
	remove_segment();
}

static pid_t grandchild_of(pid_t parent)
{
	char path[64];
	FILE *file;
	int child = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
	file = fopen(path, "r");
	if (file != NULL) {
		if (fscanf(file, "%d", &child) != 1)
			child = 0;
		fclose(file);
	}
	return child;
}

/* The child of this one is what attaches. */
static bool attach_in_child(void)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && stays(attach_one) > 0;
}

static void test_relatives(void **state)
{
	struct identity identity;
	struct scan scan;
	struct shmid_ds ds;
	pid_t parent, child, stranger;

	(void)state;
	NEEDS_PRIVATE();
	make_segment();
	parent = stays(attach_in_child);
	assert_true(parent > 0);
	child = grandchild_of(parent);
	if (child == 0) {
		print_message("# no /proc/PID/task/TID/children on this kernel\n");
		ends(parent);
		remove_segment();
		skip();
	}
	identity = segment_identity();
	for (int i = 0; i < 2; i++) { /* from the parent to the child, and from it to itself */
		const pid_t first[] = { -1, 0, i == 0 ? parent : child, parent };

		run(&scan, &(struct scan_query){ .kinds = IPCK_SHM,
						 .wanted = &identity,
						 .wanted_count = 1,
						 .attachments = 1,
						 .first = first,
						 .first_count = COUNT(first) });
		check_segment(&scan, &child, 1);
		assert_true(scan.coverage.early);
		CHECK(scan.coverage.processes <= 2, "%zu processes", scan.coverage.processes);
		scan_free(&scan);
	}
	/* the brother of what is asked for first */
	kill(child, SIGKILL);
	do
		assert_int_equal(shmctl(segment, IPC_STAT, &ds), 0);
	while (ds.shm_nattch > 0);
	stranger = stays(attach_one);
	run(&scan, &(struct scan_query){ .kinds = IPCK_SHM,
					 .wanted = &identity,
					 .wanted_count = 1,
					 .attachments = 1,
					 .first = &parent,
					 .first_count = 1 });
	check_segment(&scan, &stranger, 1);
	assert_true(scan.coverage.early);
	scan_free(&scan);
	ends(parent);
	ends(stranger);
	remove_segment();
}

/* A process that shares this one's memory, as after vfork(): one attachment, not two. */
static int share_memory(void *data)
{
	(void)data;
	while (pause() < 0)
		;
	return 0;
}

static bool attach_and_share(void)
{
	char *stack =
		mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return attach_one() && stack != MAP_FAILED &&
	       clone(share_memory, stack + 16 * PAGE, CLONE_VM | SIGCHLD, NULL) > 0;
}

static void test_shared_memory(void **state)
{
	struct identity identity;
	struct scan scan;
	struct shmid_ds ds;
	pid_t sharing, sharer, last, first[2];
	const struct use *uses;
	size_t count;

	(void)state;
	if (in_valgrind())
		skip();
	NEEDS_PRIVATE();
	make_segment();
	sharing = stays(attach_and_share);
	last = stays(attach_one);
	assert_true(sharing > 0 && last > 0);
	sharer = grandchild_of(sharing);
	assert_int_equal(shmctl(segment, IPC_STAT, &ds), 0);
	assert_int_equal(ds.shm_nattch, 2);
	identity = segment_identity();
	first[0] = sharing;
	first[1] = sharer;
	run(&scan, &(struct scan_query){ .kinds = IPCK_SHM,
					 .wanted = &identity,
					 .wanted_count = 1,
					 .attachments = ds.shm_nattch,
					 .first = first,
					 .first_count = 2 });
	uses = scan_find(&scan, &identity, &count);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count && pid_of(&scan, &uses[i]) != last; i++)
		assert_true(i + 1 < count);
	scan_free(&scan);
	kill(sharer, SIGKILL);
	ends(sharing);
	ends(last);
	remove_segment();
}

/* ---- Descriptors ---- */

enum {
	PIPE_READ,
	PIPE_WRITE,
	FIFO,
	SOCKET,
	EVENT,
	EPOLL,
	TIMER,
	SIGNAL,
	INOTIFY,
	PIDFD,
	MEMFD,
	POSIX_SHM,
	QUEUE,
	PLAIN,
	DIRECTORY,
	PATH_ONLY,
	KINDS
};
static int fds[KINDS];

static void open_all(void)
{
	sigset_t set;
	int pair[2];

	assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
	assert_int_equal(mkfifo("/dev/shm/../shm/fifo", 0640), 0);
	fds[FIFO] = open("/dev/shm/fifo", O_RDWR | O_APPEND);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	fds[SOCKET] = pair[0];
	close(pair[1]);
	fds[EVENT] = eventfd(0, 0);
	fds[EPOLL] = epoll_create1(0);
	fds[TIMER] = timerfd_create(CLOCK_MONOTONIC, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	fds[SIGNAL] = signalfd(-1, &set, 0);
	fds[INOTIFY] = inotify_init1(0);
	fds[PIDFD] = (int)syscall(SYS_pidfd_open, getpid(), 0);
	fds[MEMFD] = memfd_create("hostile\n (deleted)", MFD_CLOEXEC);
	fds[POSIX_SHM] = open("/dev/shm/x\x1b", O_RDONLY | O_CREAT, 0604);
	fds[QUEUE] = mq_open("/queue", O_WRONLY | O_CREAT, 0600, NULL);
	fds[PLAIN] = open("/proc/self/exe", O_RDONLY);
	fds[DIRECTORY] = open("/dev/shm", O_RDONLY | O_DIRECTORY);
	fds[PATH_ONLY] = open("/dev/shm/fifo", O_PATH);
	for (int i = 0; i < KINDS; i++)
		CHECK(fds[i] >= 0 || i == PIDFD || i == QUEUE, "descriptor %d: %s", i,
		      strerror(errno));
}

static void close_all(void)
{
	for (int i = 0; i < KINDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	unlink("/dev/shm/fifo");
	unlink("/dev/shm/x\x1b");
	mq_unlink("/queue");
}

static bool nothing(void)
{
	return true;
}

static const struct {
	int fd;
	enum ipck_kind kind;
	unsigned access, flags;
	const char *name;
	bool device, deleted;
} expected[] = {
	{ PIPE_READ, IPCK_PIPE, IPCK_ACCESS_READ, IPCK_FLAG_NONBLOCK | IPCK_FLAG_CLOEXEC, NULL,
	  false, false },
	{ PIPE_WRITE, IPCK_PIPE, IPCK_ACCESS_WRITE, IPCK_FLAG_NONBLOCK | IPCK_FLAG_CLOEXEC, NULL,
	  false, false },
	{ FIFO, IPCK_FIFO, IPCK_ACCESS_READ | IPCK_ACCESS_WRITE, IPCK_FLAG_APPEND, "/dev/shm/fifo",
	  true, false },
	{ PATH_ONLY, IPCK_FIFO, 0, 0, "/dev/shm/fifo", true, false },
	{ SOCKET, IPCK_UNIX, IPCK_ACCESS_READ | IPCK_ACCESS_WRITE, 0, NULL, false, false },
	{ EVENT, IPCK_EVENTFD, IPCK_ACCESS_READ | IPCK_ACCESS_WRITE, 0, NULL, false, false },
	{ EPOLL, IPCK_EPOLL, IPCK_ACCESS_READ | IPCK_ACCESS_WRITE, 0, NULL, false, false },
	{ TIMER, IPCK_TIMERFD, IPCK_ACCESS_READ | IPCK_ACCESS_WRITE, 0, NULL, false, false },
	{ SIGNAL, IPCK_SIGNALFD, IPCK_ACCESS_READ | IPCK_ACCESS_WRITE, 0, NULL, false, false },
	{ INOTIFY, IPCK_INOTIFY, IPCK_ACCESS_READ, 0, NULL, false, false },
	{ PIDFD, IPCK_PIDFD, IPCK_ACCESS_READ | IPCK_ACCESS_WRITE, IPCK_FLAG_CLOEXEC, NULL, false,
	  false },
	{ MEMFD, IPCK_MEMFD, IPCK_ACCESS_READ | IPCK_ACCESS_WRITE, IPCK_FLAG_CLOEXEC,
	  "/memfd:hostile\n (deleted)", true, true },
	{ POSIX_SHM, IPCK_POSIX_SHM, IPCK_ACCESS_READ, 0, "/dev/shm/x\x1b", true, false },
	{ QUEUE, IPCK_POSIX_MQ, IPCK_ACCESS_WRITE, IPCK_FLAG_CLOEXEC, "/queue", true, false },
};

static struct scan_device shm_device(void)
{
	struct stat status;

	assert_int_equal(stat("/dev/shm", &status), 0);
	return (struct scan_device){ .major = major(status.st_dev), .minor = minor(status.st_dev) };
}

static void check_descriptor(const struct scan *scan, size_t row, pid_t pid, bool flags)
{
	const int fd = fds[expected[row].fd];
	const struct use *use = of_fd(scan, pid, fd);
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	CHECK(use != NULL, "row %zu: not found", row);
	CHECK(use->object.kind == expected[row].kind, "row %zu: kind %d", row, use->object.kind);
	CHECK(use->access == expected[row].access, "row %zu: access %d", row, use->access);
	CHECK(use->flags == (flags ? expected[row].flags : 0), "row %zu: flags %d", row,
	      use->flags);
	CHECK(use->deleted == expected[row].deleted, "row %zu: deleted", row);
	CHECK(use->tid == 0 && use->address == 0, "row %zu", row);
	CHECK(expected[row].name == NULL
		      ? use->name == NULL
		      : use->name != NULL && strcmp(use->name, expected[row].name) == 0,
	      "row %zu: name %s", row, use->name);
	if (expected[row].device || use->object.kind == IPCK_PIPE || use->object.kind == IPCK_UNIX)
		CHECK(use->object.number == status.st_ino, "row %zu: inode", row);
	CHECK(use->object.major == (expected[row].device ? major(status.st_dev) : 0) &&
		      use->object.minor == (expected[row].device ? minor(status.st_dev) : 0),
	      "row %zu: device", row);
	CHECK(use->status_known == expected[row].device, "row %zu: status", row);
	if (use->status_known)
		CHECK(use->mode == status.st_mode && use->uid == status.st_uid &&
			      use->size == (uint64_t)status.st_size &&
			      use->blocks == (uint64_t)status.st_blocks,
		      "row %zu: status", row);
}

static void test_descriptors(void **state)
{
	struct scan_device device;
	struct scan scan;
	pid_t child;

	(void)state;
	NEEDS_PRIVATE();
	device = shm_device();
	open_all();
	child = stays(nothing);
	for (int flags = 0; flags < 2; flags++) {
		run(&scan, &(struct scan_query){ .kinds = IPCK_ENDPOINTS | IPCK_POSIX,
						 .flags = flags != 0,
						 .devices = &device,
						 .device_count = 1 });
		for (size_t i = 0; i < COUNT(expected); i++) {
			const struct use *use;
			size_t count = 0;

			if (fds[expected[i].fd] < 0)
				continue;
			check_descriptor(&scan, i, getpid(), flags != 0);
			check_descriptor(&scan, i, child, flags != 0);
			/* one object, whoever has a descriptor on it */
			use = scan_find(&scan, &of_fd(&scan, child, fds[expected[i].fd])->object,
					&count);
			CHECK(use != NULL && count >= 2, "row %zu: %zu", i, count);
			assert_int_equal(
				identity_compare(
					&of_fd(&scan, child, fds[expected[i].fd])->object,
					&of_fd(&scan, getpid(), fds[expected[i].fd])->object),
				0);
		}
		assert_null(of_fd(&scan, child, fds[PLAIN]));
		assert_null(of_fd(&scan, child, fds[DIRECTORY]));
		scan_free(&scan);
	}
	ends(child);
	close_all();
}

/* Nothing but what was asked for. */
static void test_kinds(void **state)
{
	struct scan_device device;
	struct scan scan;

	(void)state;
	NEEDS_PRIVATE();
	device = shm_device();
	open_all();
	for (size_t i = 0; i < COUNT(expected); i++) {
		if (fds[expected[i].fd] < 0)
			continue;
		run(&scan, &(struct scan_query){ .kinds = expected[i].kind,
						 .only = getpid(),
						 .devices = &device,
						 .device_count = 1 });
		CHECK(of_fd(&scan, getpid(), fds[expected[i].fd]) != NULL, "row %zu", i);
		for (size_t j = 0; j < scan.use_count; j++)
			CHECK(scan.uses[j].object.kind == expected[i].kind &&
				      pid_of(&scan, &scan.uses[j]) == getpid(),
			      "row %zu", i);
		assert_int_equal(scan.coverage.processes, 1);
		scan_free(&scan);
	}
	close_all();
}

/* Two epoll sets under one number, a third through two: kcmp() tells, and the lowest names it. */
static int sets[2];

static bool another_set(void)
{
	int own = epoll_create1(0);

	return own >= 0 && dup2(own, sets[1]) == sets[1] && dup2(sets[0], 60) == 60;
}

static void test_open_files(void **state)
{
	const struct use *mine, *its, *copy;
	struct scan scan;
	pid_t child;

	(void)state;
	sets[0] = epoll_create1(0);
	sets[1] = epoll_create1(0);
	child = stays(another_set);
	run(&scan, &(struct scan_query){ .kinds = IPCK_EPOLL });
	mine = of_fd(&scan, getpid(), sets[0]);
	its = of_fd(&scan, child, sets[0]);
	copy = of_fd(&scan, child, 60);
	assert_true(mine != NULL && its != NULL && copy != NULL);
	/* that of the first process, which the child is where numbers have begun again */
	assert_int_equal(mine->object.number,
			 (uint64_t)(child < getpid() ? child : getpid()) << 32 | (uint64_t)sets[0]);
	assert_int_equal(mine->object.number, its->object.number);
	assert_int_equal(mine->object.number, copy->object.number);
	assert_int_not_equal(of_fd(&scan, getpid(), sets[1])->object.number,
			     of_fd(&scan, child, sets[1])->object.number);
	scan_free(&scan);
	ends(child);
	close(sets[0]);
	close(sets[1]);
}

/* Files of one inode number on two file systems. */
static bool same_inodes(void)
{
	struct stat left, right;

	if (mkdir("/dev/shm/1", 0700) != 0 || mkdir("/dev/shm/2", 0700) != 0 ||
	    mount("unit", "/dev/shm/1", "tmpfs", 0, NULL) != 0 ||
	    mount("unit", "/dev/shm/2", "tmpfs", 0, NULL) != 0 ||
	    mkfifo("/dev/shm/1/fifo", 0600) != 0 || mkfifo("/dev/shm/2/fifo", 0600) != 0)
		return false;
	/* each twice: as opened, and under a number that the test knows */
	return dup2(open("/dev/shm/1/fifo", O_RDWR), 61) == 61 &&
	       dup2(open("/dev/shm/2/fifo", O_RDWR), 62) == 62 && fstat(61, &left) == 0 &&
	       fstat(62, &right) == 0 && left.st_ino == right.st_ino;
}

static void test_same_inodes(void **state)
{
	struct scan scan;
	size_t count;
	pid_t child;

	(void)state;
	NEEDS_PRIVATE();
	child = stays(same_inodes);
	assert_true(child > 0);
	run(&scan, &(struct scan_query){ .kinds = IPCK_FIFO });
	assert_non_null(of_fd(&scan, child, 61));
	assert_non_null(scan_find(&scan, &of_fd(&scan, child, 61)->object, &count));
	assert_int_equal(count, 2);
	assert_non_null(scan_find(&scan, &of_fd(&scan, child, 62)->object, &count));
	assert_int_equal(count, 2);
	scan_free(&scan);
	ends(child);
	umount2("/dev/shm/1", MNT_DETACH);
	umount2("/dev/shm/2", MNT_DETACH);
	rmdir("/dev/shm/1");
	rmdir("/dev/shm/2");
}

/* ---- Threads ---- */

static int separate[2]; /* the ends of a pipe of which a thread has a copy at 70 */
static volatile pid_t threads[2];

static void *stay(void *data)
{
	threads[1] = (pid_t)syscall(SYS_gettid);
	*(volatile bool *)data = true;
	for (;;)
		pause();
	return NULL;
}

static void *leave(void *data)
{
	static volatile bool second;
	pthread_t thread;

	threads[0] = (pid_t)syscall(SYS_gettid);
	if (unshare(CLONE_FILES) != 0 || dup2(separate[0], 70) != 70 ||
	    pthread_create(&thread, NULL, stay, (void *)&second) != 0)
		_exit(1);
	while (!second)
		sched_yield();
	*(volatile bool *)data = true;
	for (;;)
		pause();
	return NULL;
}

static bool separate_table(void)
{
	static volatile bool ready;
	pthread_t thread;

	if (pthread_create(&thread, NULL, leave, (void *)&ready) != 0)
		return false;
	while (!ready)
		sched_yield();
	return dup2(separate[0], 71) == 71;
}

static void test_separate_table(void **state)
{
	struct scan scan;
	const struct use *use;
	pid_t child;

	(void)state;
	assert_int_equal(pipe2(separate, O_CLOEXEC), 0);
	child = stays(separate_table);
	assert_true(child > 0);
	run(&scan, &(struct scan_query){ .kinds = IPCK_PIPE });
	use = of_fd(&scan, child, 71);
	assert_non_null(use);
	assert_int_equal(use->tid, 0);
	/* two threads have that table: it is looked at once, of_fd() says */
	use = of_fd(&scan, child, 70);
	assert_non_null(use);
	assert_true(use->tid > 0 && use->tid != child);
	assert_int_equal(use->object.number, of_fd(&scan, child, 71)->object.number);
	scan_free(&scan);
	ends(child);
	close(separate[0]);
	close(separate[1]);
}

static int outlive_ready[2];

static void *outlive(void *data)
{
	char path[40], state = 0;
	(void)data;
	snprintf(path, sizeof(path), "/proc/self/stat");
	while (state != 'Z') { /* until the first thread has ended */
		FILE *file = fopen(path, "r");

		if (file == NULL || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
			_exit(1);
		fclose(file);
	}
	if (write(outlive_ready[1], "r", 1) != 1)
		_exit(1);
	for (;;)
		pause();
	return NULL;
}

static void test_first_thread_ended(void **state)
{
	struct scan scan;
	const struct use *use;
	pid_t child;
	char byte;

	(void)state;
	if (!real_root) /* others are not shown the rest of it */
		skip();
	NEEDS_PRIVATE();
	make_segment();
	assert_int_equal(pipe2(outlive_ready, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		pthread_t thread;

		attach_one();
		if (pthread_create(&thread, NULL, outlive, NULL) != 0)
			_exit(1);
		pthread_exit(NULL);
	}
	assert_int_equal(read(outlive_ready[0], &byte, 1), 1);
	run(&scan, &(struct scan_query){ .kinds = IPCK_PIPE | IPCK_SHM, .only = child });
	use = of_fd(&scan, child, outlive_ready[1]);
	assert_non_null(use);
	assert_true(use->tid > 0 && use->tid != child); /* what leads to it in /proc */
	use = of_fd(&scan, child, -1);
	assert_non_null(use);
	assert_int_equal(use->object.number, segment);
	assert_int_equal(scan.coverage.processes, 1);
	scan_free(&scan);
	ends(child);
	close(outlive_ready[0]);
	close(outlive_ready[1]);
	remove_segment();
}

/* ---- Areas ---- */

static void test_areas(void **state)
{
	struct scan_device device;
	struct stat status;
	struct scan scan;
	struct identity identity;
	const struct use *use;
	void *shared, *other, *memory;
	size_t count;
	int fd, mem;

	(void)state;
	NEEDS_PRIVATE();
	device = shm_device();
	fd = open("/dev/shm/mapped", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	mem = memfd_create("m", MFD_CLOEXEC);
	assert_true(ftruncate(fd, (off_t)PAGE) == 0 && ftruncate(mem, (off_t)PAGE) == 0);
	shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	other = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, mem, 0);
	assert_true(shared != MAP_FAILED && other != MAP_FAILED && memory != MAP_FAILED);
	assert_int_equal(fstat(fd, &status), 0);
	unlink("/dev/shm/mapped");
	close(fd);
	identity = (struct identity){ .kind = IPCK_POSIX_SHM,
				      .major = device.major,
				      .minor = device.minor,
				      .number = status.st_ino };
	for (int all = 0; all < 2; all++) {
		run(&scan, &(struct scan_query){ .kinds = IPCK_POSIX_SEM | IPCK_MEMFD,
						 .all_areas = all != 0,
						 .only = getpid(),
						 .devices = &device,
						 .device_count = 1 });
		use = scan_find(&scan, &identity, &count);
		assert_int_equal(count, all + 1);
		for (size_t i = 0; i < count; i++) {
			const bool is_other = use[i].address == (uint64_t)(uintptr_t)other;

			assert_true(is_other || use[i].address == (uint64_t)(uintptr_t)shared);
			assert_int_equal(use[i].flags, is_other ? IPCK_FLAG_PRIVATE : 0);
			assert_true(use[i].deleted);
			assert_string_equal(use[i].name, "/dev/shm/mapped");
		}
		assert_int_equal(fstat(mem, &status), 0);
		use = scan_find(&scan,
				&(struct identity){ .kind = IPCK_MEMFD,
						    .major = major(status.st_dev),
						    .minor = minor(status.st_dev),
						    .number = status.st_ino },
				&count);
		assert_int_equal(count, 2); /* mapped, and open */
		assert_int_equal(use[0].address, (uint64_t)(uintptr_t)memory);
		assert_int_equal(use[1].fd, mem);
		scan_free(&scan);
		assert_int_equal(stat("/dev/shm", &status), 0);
	}
	close(mem);
	munmap(shared, PAGE);
	munmap(other, PAGE);
	munmap(memory, PAGE);
}

static void test_mappings(void **state)
{
	void *anonymous = mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *file;
	bool found[2] = { false, false };
	struct stat status;
	struct scan scan;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)state;
	file = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(anonymous != MAP_FAILED && file != MAP_FAILED && fstat(fd, &status) == 0);
	run(&scan, &(struct scan_query){ .kinds = IPCK_MMAP, .only = getpid() });
	for (size_t i = 0; i < scan.use_count; i++) {
		const struct use *use = &scan.uses[i];

		if (use->address == (uint64_t)(uintptr_t)anonymous) {
			found[0] = true;
			assert_string_equal(use->name, "/dev/zero");
		} else if (use->address == (uint64_t)(uintptr_t)file) {
			found[1] = true;
			assert_int_equal(use->object.number, status.st_ino);
			assert_int_equal(use->object.major, major(status.st_dev));
			assert_int_equal(use->object.minor, minor(status.st_dev));
			assert_false(use->deleted);
		}
		assert_int_equal(use->object.kind, IPCK_MMAP);
	}
	assert_true(found[0] && found[1]);
	scan_free(&scan);
	close(fd);
	munmap(anonymous, PAGE);
	munmap(file, PAGE);
}

/* ---- Refusals ---- */

static void as_nobody(void)
{
	struct scan scan;
	size_t mine = 0;
	int ends_of[2];

	CHILD(setgid(65534) == 0 && setuid(65534) == 0);
	CHILD(prctl(PR_SET_DUMPABLE, 1) == 0); /* as after an exec */
	CHILD(pipe(ends_of) == 0);
	CHILD(scan_run(ctx, &(struct scan_query){ .kinds = IPCK_PIPE | IPCK_SHM }, &scan) == 0);
	CHILD(scan.coverage.denied > 0 && scan.coverage.processes > 0);
	for (size_t i = 0; i < scan.use_count; i++) {
		CHILD(scan.processes[scan.uses[i].process].uid == 65534);
		mine += scan.processes[scan.uses[i].process].id.pid == getpid();
	}
	CHILD(mine >= 2);
	scan_free(&scan);
}

static void test_denied(void **state)
{
	(void)state;
	if (!real_root)
		skip();
	in_child(as_nobody);
}

/* /proc/PID of a process that may not be dumped belongs to root, whoever runs it. */
static bool undumpable(void)
{
	return setgid(65534) == 0 && setuid(65534) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0;
}

static void test_users(void **state)
{
	struct scan scan;
	int pair[2];
	pid_t child;

	(void)state;
	if (!real_root)
		skip();
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	child = stays(undumpable);
	run(&scan, &(struct scan_query){ .kinds = IPCK_PIPE, .only = child });
	assert_non_null(of_fd(&scan, child, pair[0]));
	assert_int_equal(scan.processes[0].uid, 65534);
	scan_free(&scan);
	ends(child);
	close(pair[0]);
	close(pair[1]);
}

/* What we cannot open for want of descriptors has not ended. */
static void without_descriptors(void)
{
	struct rlimit limit = { 3, 3 };
	struct scan scan;

	for (int fd = 3; fd < 64; fd++)
		close(fd);
	CHILD(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	CHILD(scan_run(ctx, &(struct scan_query){ .kinds = IPCK_PIPE, .only = getpid() }, &scan) ==
	      0);
	CHILD(scan.coverage.denied == 1 && scan.coverage.vanished == 0 &&
	      scan.coverage.processes == 0);
	scan_free(&scan);
}

static void test_without_descriptors(void **state)
{
	(void)state;
	if (in_valgrind()) /* it keeps some */
		skip();
	in_child(without_descriptors);
}

static void check_same(const struct scan *left, const struct scan *right)
{
	CHILD(left->use_count > 0 && left->use_count == right->use_count);
	for (size_t i = 0; i < left->use_count; i++) {
		CHILD(identity_compare(&left->uses[i].object, &right->uses[i].object) == 0);
		CHILD(left->uses[i].address == right->uses[i].address &&
		      left->uses[i].bytes == right->uses[i].bytes &&
		      left->uses[i].offset == right->uses[i].offset &&
		      left->uses[i].access == right->uses[i].access &&
		      left->uses[i].flags == right->uses[i].flags);
		CHILD(strcmp(left->uses[i].name, right->uses[i].name) == 0);
	}
}

static pid_t subject;

/* Without PROCMAP_QUERY and without a memory file of our own: the same areas. */
static void refused_calls(void)
{
	const struct scan_query query = { .kinds = IPCK_SHM | IPCK_MMAP, .only = subject };
	struct scan before, after;

	CHILD(scan_run(ctx, &query, &before) == 0);
	CHILD(places_refuse_both(SYS_ioctl, SYS_memfd_create));
	CHILD(scan_run(ctx, &query, &after) == 0);
	check_same(&before, &after);
	CHILD(before.uses[0].object.kind == IPCK_SHM);
	scan_free(&before);
	scan_free(&after);
}

/* Without kcmp() each descriptor is an object of its own; without statx() there is stat(). */
static void without_kcmp(void)
{
	const int set = epoll_create1(0), copy = dup(set);
	struct scan_device device = shm_device();
	struct scan scan;
	unsigned found = 0;

	CHILD(open("/dev/shm/there", O_RDWR | O_CREAT, 0600) >= 0);
	CHILD(places_refuse_both(SYS_kcmp, SYS_statx));
	CHILD(scan_run(ctx,
		       &(struct scan_query){ .kinds = IPCK_EPOLL | IPCK_POSIX_SHM,
					     .only = getpid(),
					     .devices = &device,
					     .device_count = 1 },
		       &scan) == 0);
	for (size_t i = 0; i < scan.use_count; i++) {
		if (scan.uses[i].fd == set || scan.uses[i].fd == copy) {
			CHILD(scan.uses[i].object.number ==
			      ((uint64_t)getpid() << 32 | (uint64_t)scan.uses[i].fd));
			found++;
		}
		found += scan.uses[i].object.kind == IPCK_POSIX_SHM ? 10 : 0;
	}
	CHILD(found == 12);
	scan_free(&scan);
	unlink("/dev/shm/there");
}

static void test_refused_calls(void **state)
{
	(void)state;
	if (in_valgrind())
		skip();
	NEEDS_PRIVATE();
	make_segment();
	subject = stays(attach_three);
	assert_true(subject > 0);
	in_child(refused_calls);
	ends(subject);
	remove_segment();
	in_child(without_kcmp);
}

/* Processes come and go: each scan ends well, and what stays is always found. */
static void test_churn(void **state)
{
	struct identity identity;
	int pair[2];
	struct stat status;
	pid_t maker;

	(void)state;
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	assert_int_equal(fstat(pair[0], &status), 0);
	identity = (struct identity){ .kind = IPCK_PIPE, .number = status.st_ino };
	maker = fork();
	if (maker == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			pid_t child = fork();

			if (child == 0)
				_exit(0);
			waitpid(child, NULL, 0);
		}
	}
	for (int round = 0; round < 100; round++) {
		const struct use *uses;
		struct scan scan;
		unsigned mine = 0;
		size_t count;

		run(&scan, &(struct scan_query){ .kinds = IPCK_PIPE | IPCK_SHM,
						 .wanted = &identity,
						 .wanted_count = 1 });
		uses = scan_find(&scan, &identity, &count);
		for (size_t i = 0; i < count; i++)
			mine += pid_of(&scan, &uses[i]) == getpid();
		CHECK(mine == 2, "round %d: %u", round, mine);
		scan_free(&scan);
	}
	ends(maker);
	close(pair[0]);
	close(pair[1]);
}

/* A child whose sets are always closed again before anybody has compared them all. */
static pid_t make_restless(void)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int sets_of[100];

		for (size_t i = 0; i < COUNT(sets_of); i++)
			sets_of[i] = epoll_create1(0);
		for (size_t i = 0; i < COUNT(sets_of); i++)
			close(sets_of[i]);
	}
}

/* What ends while open files are compared must not part those that stay. */
static void test_open_files_in_churn(void **state)
{
	pid_t makers[3], children[20];
	int set = epoll_create1(0);

	(void)state;
	for (size_t i = 0; i < COUNT(makers); i++)
		makers[i] = make_restless();
	for (size_t i = 0; i < COUNT(children); i++)
		children[i] = stays(nothing);
	for (int round = 0; round < 50; round++) {
		const struct use *use;
		struct scan scan;

		run(&scan, &(struct scan_query){ .kinds = IPCK_EPOLL });
		for (size_t i = 0; i < COUNT(children); i++) {
			use = of_fd(&scan, children[i], set);
			CHECK(use != NULL &&
				      identity_compare(&use->object,
						       &of_fd(&scan, getpid(), set)->object) == 0,
			      "round %d, child %zu", round, i);
		}
		scan_free(&scan);
	}
	for (size_t i = 0; i < COUNT(makers); i++)
		ends(makers[i]);
	for (size_t i = 0; i < COUNT(children); i++)
		ends(children[i]);
	close(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("Identities have an order", test_identities),
		TEST("Segments are found as /proc says, removed ones too", test_segments),
		TEST("The same id in another namespace is another segment", test_two_namespaces),
		TEST("Relatives are looked at first, and that can suffice", test_relatives),
		TEST("Memory that two processes share counts once", test_shared_memory),
		TEST("Descriptors of every kind", test_descriptors),
		TEST("Only the kinds that were asked for", test_kinds),
		TEST("One open file is one object under any number", test_open_files),
		TEST("Equal inodes of two file systems are two objects", test_same_inodes),
		TEST("A thread's own table is looked at, once", test_separate_table),
		TEST("A process whose first thread ended is seen", test_first_thread_ended),
		TEST("POSIX objects and memory files, mapped and deleted", test_areas),
		TEST("Shared mappings of files and of no file", test_mappings),
		TEST("What may not be looked into is counted", test_denied),
		TEST("The user is the effective one", test_users),
		TEST("No descriptor left is not an ended process", test_without_descriptors),
		TEST("Refused calls lose nothing", test_refused_calls),
		TEST("100 scans while processes come and go", test_churn),
		TEST("Open files stay one in churn", test_open_files_in_churn),
	};

	is_private = places_private();
	if (!is_private)
		print_message("# no namespaces of its own: some tests are skipped\n");
	if (ipck_open(NULL, &ctx) != 0)
		return 1;
	return RUN(tests);
}
