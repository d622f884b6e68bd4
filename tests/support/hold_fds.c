/* SPDX-License-Identifier: MIT */
/*
 * Makes objects on descriptors as told, prints what it made, and holds them until it is ended: the
 * independent truth that the command tests compare with.  A device is printed MAJOR:MINOR:INODE.
 *
 *   hold_fds WORD...           each word makes one thing, in order:
 *     pipe[=BYTES]             a pipe with so much in it; prints "pipe INODE READ-FD WRITE-FD"
 *     close=read, close=write  closes that end of the last pipe
 *     fifo=PATH[,r|w]          opens a FIFO, made where there is none, for both without letter, and
 *                              never waits for the other end; prints "fifo DEVICE FD"
 *     socketpair[=TYPE]        stream, dgram or seqpacket; prints "unix INODE FD" twice
 *     unix=PATH abstract=NAME  a listening stream socket; prints "unix INODE FD"
 *     connect                  a client of it, not accepted; prints "unix INODE FD"
 *     accept                   accepts it; prints "unix INODE FD"
 *     socket                   a TCP socket; prints "socket INODE FD"
 *     eventfd=COUNT            prints "eventfd ID FD"
 *     timerfd=SECONDS[,EVERY]  of CLOCK_MONOTONIC; prints "timerfd PID FD"
 *     signalfd=SIGNAL,...      by numbers; prints "signalfd PID FD"
 *     inotify=PATH             watches for IN_MODIFY; prints "inotify PID FD"
 *     pidfd[=PID]              of the parent without PID; prints "pidfd PID FD"
 *     memfd=NAME,SIZE[,TOUCH]  prints "memfd INODE FD"
 *     mmap=PATH[,r]            maps a file shared; prints "mmap DEVICE ADDRESS"
 *     anonymous=SIZE[,TOUCH]   maps memory shared; prints "mmap DEVICE ADDRESS"
 *     mq=NAME,MOST,SIZE[,N]    a POSIX queue with N messages of that size; prints "posix-mq DEVICE
 * FD" shmopen=NAME,SIZE[,TOUCH]  prints "posix-shm DEVICE FD", and maps it sem=NAME,VALUE a named
 * semaphore; prints "posix-sem DEVICE" send=BYTES               writes that much to the last thing
 * that can be written epoll[=et,oneshot]       a set that watches all descriptors made so far for
 * input; prints "epoll PID FD" and "watch FD" for each dup                      the last descriptor
 * once more; prints "dup FD" flags=nonblock,async,cloexec  sets these on the last descriptor fork=N
 * N children that inherit all; prints "child PID" for each threads=N                threads that
 * wait; prints "thread TID" for each unshared                 a thread with a descriptor table of
 * its own, with a pipe that no other has; prints "thread TID" and "pipe INODE READ-FD WRITE-FD"
 *     name=COMMAND             changes the process's name
 *     pid                      prints "pid PID"
 *     hold                     prints "ready" and waits for a signal; without it: exits at the end
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 4096

static int made[MOST], made_count; /* descriptors that an epoll set can watch */
static int last = -1, writable = -1, pipe_ends[2] = { -1, -1 }, client = -1, server = -1;
static struct sockaddr_un address;
static socklen_t address_size;

static void die(const char *what)
{
	fprintf(stderr, "hold_fds: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int check(int rc, const char *what)
{
	if (rc < 0)
		die(what);
	return rc;
}

static char *word(char **words)
{
	char *next = strsep(words, ",");

	return next != NULL ? next : (char *)"";
}

static long number(char **words)
{
	return (long)strtoul(word(words), NULL, 0);
}

static struct stat status_of(int fd)
{
	struct stat status;

	check(fstat(fd, &status), "fstat");
	return status;
}

static unsigned long long inode_of(int fd)
{
	return status_of(fd).st_ino;
}

static void print_file(const char *kind, int fd)
{
	const struct stat status = status_of(fd);

	printf("%s %u:%u:%llu", kind, major(status.st_dev), minor(status.st_dev),
	       (unsigned long long)status.st_ino);
}

static int keep(int fd)
{
	if (made_count < MOST)
		made[made_count++] = fd;
	return last = fd;
}

/* ---- Pipes and sockets ---- */

static void send_bytes(int fd, size_t bytes)
{
	char *content = malloc(bytes + 1);

	memset(content, 'x', bytes);
	if (bytes > 0 && write(fd, content, bytes) != (ssize_t)bytes)
		die("write");
	free(content);
}

static void make_pipe(char *words)
{
	check(pipe(pipe_ends), "pipe");
	keep(pipe_ends[0]);
	writable = keep(pipe_ends[1]);
	printf("pipe %llu %d %d\n", inode_of(pipe_ends[0]), pipe_ends[0], pipe_ends[1]);
	send_bytes(pipe_ends[1], (size_t)number(&words));
}

static void close_end(char *words)
{
	const int fd = pipe_ends[strcmp(words, "write") == 0];

	check(close(fd), "close");
	for (int i = 0; i < made_count; i++)
		if (made[i] == fd)
			made[i] = made[--made_count];
}

static void make_fifo(char *words)
{
	const char *path = word(&words), *letter = word(&words);
	int fd;

	if (mkfifo(path, 0600) != 0 && errno != EEXIST)
		die(path);
	/* Opened for both first, so that neither end is waited for. */
	fd = check(open(path, O_RDWR), path);
	if (letter[0] != '\0') {
		const int both = fd;

		fd = check(open(path, letter[0] == 'r' ? O_RDONLY : O_WRONLY), path);
		close(both);
	}
	writable = letter[0] == 'r' ? -1 : fd;
	print_file("fifo", keep(fd));
	printf(" %d\n", fd);
}

static void print_socket(const char *kind, int fd)
{
	printf("%s %llu %d\n", kind, inode_of(fd), keep(fd));
}

static void make_pair(char *words)
{
	const char *name = word(&words);
	const int type = strcmp(name, "dgram") == 0       ? SOCK_DGRAM
			 : strcmp(name, "seqpacket") == 0 ? SOCK_SEQPACKET
							  : SOCK_STREAM;
	int pair[2];

	check(socketpair(AF_UNIX, type, 0, pair), "socketpair");
	print_socket("unix", pair[0]);
	print_socket("unix", pair[1]);
	writable = pair[0];
}

static void listen_on(const char *name, size_t first)
{
	const size_t length = strlen(name);

	memset(&address, 0, sizeof(address));
	address.sun_family = AF_UNIX;
	if (first + length >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		die(name);
	}
	memcpy(address.sun_path + first, name, length);
	address_size =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + first + length + (first == 0));
	server = check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	check(bind(server, (struct sockaddr *)&address, address_size), name);
	check(listen(server, 8), "listen");
	print_socket("unix", server);
}

static void make_unix(char *words)
{
	listen_on(words, 0);
}

static void make_abstract(char *words)
{
	listen_on(words, 1);
}

static void connect_client(char *words)
{
	(void)words;
	client = check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
	check(connect(client, (struct sockaddr *)&address, address_size), "connect");
	print_socket("unix", client);
	writable = client;
}

static void accept_client(char *words)
{
	(void)words;
	print_socket("unix", check(accept(server, NULL, NULL), "accept"));
}

static void make_socket(char *words)
{
	(void)words;
	print_socket("socket", check(socket(AF_INET, SOCK_STREAM, 0), "socket"));
}

/* ---- What has no inode of its own ---- */

static void make_eventfd(char *words)
{
	const int fd = keep(check(eventfd((unsigned)number(&words), 0), "eventfd"));
	char path[40], line[128];
	int id = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "eventfd-id: %d", &id) == 1)
			break;
	if (file != NULL)
		fclose(file);
	printf("eventfd %d %d\n", id, fd);
}

static void print_descriptor(const char *kind, int fd)
{
	printf("%s %d %d\n", kind, getpid(), keep(fd));
}

static void make_timer(char *words)
{
	struct itimerspec spec = { .it_value.tv_sec = number(&words) };
	const int fd = check(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd_create");

	spec.it_interval.tv_sec = number(&words);
	check(timerfd_settime(fd, 0, &spec, NULL), "timerfd_settime");
	print_descriptor("timerfd", fd);
}

static void make_signalfd(char *words)
{
	sigset_t set;

	sigemptyset(&set);
	while (words != NULL)
		sigaddset(&set, (int)number(&words));
	print_descriptor("signalfd", check(signalfd(-1, &set, 0), "signalfd"));
}

static void make_inotify(char *words)
{
	const int fd = check(inotify_init(), "inotify_init");

	check(inotify_add_watch(fd, words, IN_MODIFY), words);
	print_descriptor("inotify", fd);
}

static void make_pidfd(char *words)
{
	const long pid = number(&words);

	print_descriptor("pidfd", check((int)syscall(SYS_pidfd_open, pid > 0 ? pid : getppid(), 0),
					"pidfd_open"));
}

static void make_epoll(char *words)
{
	const int fd = check(epoll_create1(0), "epoll_create1");
	const int count = made_count;
	struct epoll_event event = { .events = EPOLLIN };

	while (words != NULL) {
		const char *flag = word(&words);

		event.events |= strcmp(flag, "et") == 0        ? (uint32_t)EPOLLET
				: strcmp(flag, "oneshot") == 0 ? (uint32_t)EPOLLONESHOT
							       : 0u;
	}
	print_descriptor("epoll", fd);
	for (int i = 0; i < count; i++)
		if (epoll_ctl(fd, EPOLL_CTL_ADD, made[i], &event) == 0)
			printf("watch %d\n", made[i]);
		else if (errno != EPERM) /* a file that cannot be waited for */
			die("epoll_ctl");
}

/* ---- Memory and POSIX objects ---- */

static char *map(int fd, size_t size, int protection)
{
	char *area = mmap(NULL, size, protection, fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED,
			  fd, 0);

	if (area == MAP_FAILED)
		die("mmap");
	return area;
}

/* The device and inode of the area at this address, as /proc/self/maps has them. */
static void print_area(const char *kind, const char *area)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned major_number, minor_number;
	unsigned long start, inode;
	char line[4200];

	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%lx-%*x %*s %*x %x:%x %lu", &start, &major_number, &minor_number,
			   &inode) == 4 &&
		    start == (unsigned long)area)
			printf("%s %u:%u:%lu %lx\n", kind, major_number, minor_number, inode,
			       start);
	if (maps != NULL)
		fclose(maps);
}

static void make_memfd(char *words)
{
	const int fd = check(memfd_create(word(&words), 0), "memfd_create");

	check(ftruncate(fd, number(&words)), "ftruncate");
	send_bytes(fd, (size_t)number(&words));
	printf("memfd %llu %d\n", inode_of(fd), last = fd);
}

static void make_mmap(char *words)
{
	const char *path = word(&words);
	const bool reads = word(&words)[0] == 'r';
	const int fd = check(open(path, reads ? O_RDONLY : O_RDWR), path);
	const off_t size = status_of(fd).st_size;

	print_area("mmap", map(fd, (size_t)size, reads ? PROT_READ : PROT_READ | PROT_WRITE));
	close(fd);
}

static void make_anonymous(char *words)
{
	char *area = map(-1, (size_t)number(&words), PROT_READ | PROT_WRITE);

	memset(area, 1, (size_t)number(&words));
	print_area("mmap", area);
}

static void make_queue(char *words)
{
	const char *name = word(&words);
	struct mq_attr attributes = { .mq_maxmsg = number(&words) };
	char *message;
	mqd_t queue;

	attributes.mq_msgsize = number(&words);
	queue = mq_open(name, O_RDWR | O_CREAT | O_NONBLOCK, 0600, &attributes);
	check(queue, name);
	message = calloc(1, (size_t)attributes.mq_msgsize);
	for (long count = number(&words); count > 0; count--)
		check(mq_send(queue, message, (size_t)attributes.mq_msgsize, 0), "mq_send");
	free(message);
	print_file("posix-mq", keep(queue));
	printf(" %d\n", queue);
}

static void make_shm(char *words)
{
	const char *name = word(&words);
	const int fd = check(shm_open(name, O_RDWR | O_CREAT, 0600), name);
	const long size = number(&words);
	char *area;

	check(ftruncate(fd, size), "ftruncate");
	area = map(fd, (size_t)size, PROT_READ | PROT_WRITE);
	memset(area, 1, (size_t)number(&words));
	print_file("posix-shm", last = fd);
	printf(" %d\n", fd);
}

static void make_semaphore(char *words)
{
	const char *name = word(&words);
	const unsigned value = (unsigned)number(&words);
	sem_t *semaphore = sem_open(name, O_CREAT, 0600, value);
	char path[300];
	int fd;

	if (semaphore == SEM_FAILED)
		die(name);
	snprintf(path, sizeof(path), "/dev/shm/sem.%s", name + (name[0] == '/'));
	fd = check(open(path, O_RDONLY | O_CLOEXEC), path);
	print_file("posix-sem", fd);
	printf("\n");
	close(fd);
}

/* ---- More of the same, and who has it ---- */

static void send_more(char *words)
{
	send_bytes(writable, (size_t)number(&words));
}

static void duplicate(char *words)
{
	(void)words;
	printf("dup %d\n", keep(check(dup(last), "dup")));
}

static void set_flags(char *words)
{
	while (words != NULL) {
		const char *flag = word(&words);
		const int status = check(fcntl(last, F_GETFL), "F_GETFL");

		if (strcmp(flag, "cloexec") == 0)
			check(fcntl(last, F_SETFD, FD_CLOEXEC), "F_SETFD");
		else
			check(fcntl(last, F_SETFL,
				    status | (strcmp(flag, "async") == 0 ? O_ASYNC : O_NONBLOCK)),
			      "F_SETFL");
	}
}

static void fork_children(char *words)
{
	for (long count = number(&words); count > 0; count--) {
		const pid_t child = check(fork(), "fork");

		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
		printf("child %d\n", child);
	}
}

static sem_t told;

static void *wait_in_thread(void *unshare_files)
{
	int ends[2];

	printf("thread %d\n", (int)syscall(SYS_gettid));
	if (unshare_files != NULL) {
		check(unshare(CLONE_FILES), "unshare");
		check(pipe(ends), "pipe");
		printf("pipe %llu %d %d\n", inode_of(ends[0]), ends[0], ends[1]);
	}
	sem_post(&told);
	for (;;)
		pause();
	return NULL;
}

static void start_thread(void *unshare_files)
{
	pthread_t thread;

	sem_init(&told, 0, 0);
	errno = pthread_create(&thread, NULL, wait_in_thread, unshare_files);
	if (errno != 0)
		die("pthread_create");
	while (sem_wait(&told) != 0)
		;
}

static void start_threads(char *words)
{
	for (long count = number(&words); count > 0; count--)
		start_thread(NULL);
}

static void start_unshared(char *words)
{
	(void)words;
	start_thread(&told);
}

static void rename_self(char *words)
{
	prctl(PR_SET_NAME, words);
}

static void print_pid(char *words)
{
	(void)words;
	printf("pid %d\n", getpid());
}

static void hold(char *words)
{
	(void)words;
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

static const struct {
	const char *word;
	void (*act)(char *words);
} actions[] = {
	{ "pipe", make_pipe },
	{ "close", close_end },
	{ "fifo", make_fifo },
	{ "socketpair", make_pair },
	{ "unix", make_unix },
	{ "abstract", make_abstract },
	{ "connect", connect_client },
	{ "accept", accept_client },
	{ "socket", make_socket },
	{ "eventfd", make_eventfd },
	{ "timerfd", make_timer },
	{ "signalfd", make_signalfd },
	{ "inotify", make_inotify },
	{ "pidfd", make_pidfd },
	{ "memfd", make_memfd },
	{ "mmap", make_mmap },
	{ "anonymous", make_anonymous },
	{ "mq", make_queue },
	{ "shmopen", make_shm },
	{ "sem", make_semaphore },
	{ "send", send_more },
	{ "epoll", make_epoll },
	{ "dup", duplicate },
	{ "flags", set_flags },
	{ "fork", fork_children },
	{ "threads", start_threads },
	{ "unshared", start_unshared },
	{ "name", rename_self },
	{ "pid", print_pid },
	{ "hold", hold },
};

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *rest = argv[i], *name = strsep(&rest, "=");
		size_t a = 0;

		while (a < sizeof(actions) / sizeof(actions[0]) &&
		       strcmp(name, actions[a].word) != 0)
			a++;
		if (a == sizeof(actions) / sizeof(actions[0])) {
			errno = EINVAL;
			die(name);
		}
		actions[a].act(rest != NULL ? rest : (char *)"");
		fflush(stdout);
	}
	return 0;
}
