/* SPDX-License-Identifier: MIT */
/*
 * The parked states of what is on descriptors: pipes, FIFOs, sockets.
 * Each end is open in one process only; the one that makes the state closes what it opened.
 */
#include "park.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- Two ends: the first is read, the second written ---- */

static int ends[2];
static char buffer[4096];
static struct iovec vector = { buffer, sizeof(buffer) };
static struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1 };

static int reader_end(void)
{
	close(ends[1]);
	return ends[0];
}

static int writer_end(void)
{
	close(ends[0]);
	return ends[1];
}

static void rest_reader(void *data)
{
	(void)data;
	reader_end();
	park_rest();
}

static void rest_writer(void *data)
{
	(void)data;
	writer_end();
	park_rest();
}

static void read_end(void *data)
{
	(void)data;
	park_check((int)read(reader_end(), buffer, sizeof(buffer)), "read");
}

static void readv_end(void *data)
{
	(void)data;
	park_check((int)readv(reader_end(), &vector, 1), "readv");
}

static void recv_end(void *data)
{
	(void)data;
	park_check((int)recv(reader_end(), buffer, sizeof(buffer), 0), "recv");
}

static void recvmsg_end(void *data)
{
	(void)data;
	park_check((int)recvmsg(reader_end(), &header, 0), "recvmsg");
}

static void write_end(void *data)
{
	const int fd = writer_end();

	(void)data;
	while (write(fd, buffer, sizeof(buffer)) > 0)
		;
}

static void send_end(void *data)
{
	const int fd = writer_end();

	(void)data;
	while (send(fd, buffer, sizeof(buffer), 0) > 0)
		;
}

/* Park one at its end, with holders of the other, and tell. */
static void tell_ends(void (*waiting)(void *data), bool reads, const char *call, const char *ref,
		      int holders)
{
	char on[128] = "";
	int used = 0;

	for (int i = 0; i < holders; i++)
		used += snprintf(on + used, sizeof(on) - (size_t)used, "%s%d/0", i > 0 ? "," : "",
				 park_holder(reads ? rest_writer : rest_reader, NULL));

	const pid_t waiter = park_start(waiting, NULL);

	close(ends[0]);
	close(ends[1]);
	park_tell(waiter, waiter, call, "ref=%s on=%s evidence=last-op timeout=no idle=no", ref,
		  on);
}

static void tell_pipe(void (*waiting)(void *data), bool reads, const char *call, int holders)
{
	char ref[64];

	park_check(pipe(ends), "pipe");
	snprintf(ref, sizeof(ref), "pipe:%llu", park_inode(ends[0]));
	tell_ends(waiting, reads, call, ref, holders);
}

static void pipe_read(void)
{
	tell_pipe(read_end, true, "read", 1);
}

static void pipe_readv(void)
{
	tell_pipe(readv_end, true, "readv", 1);
}

static void pipe_read_writers(void)
{
	tell_pipe(read_end, true, "read", 3);
}

static void pipe_write(void)
{
	tell_pipe(write_end, false, "write", 2);
}

/* The reader has the other end itself, and nobody else has: only it could write. */
static void read_both(void *data)
{
	(void)data;
	park_check((int)read(ends[0], buffer, sizeof(buffer)), "read");
}

static void pipe_own(void)
{
	park_check(pipe(ends), "pipe");

	const unsigned long long inode = park_inode(ends[0]);
	const pid_t waiter = park_start(read_both, NULL);

	close(ends[0]);
	close(ends[1]);
	park_tell(waiter, waiter, "read",
		  "ref=pipe:%llu on=%d/0 evidence=last-op timeout=no idle=no", inode, waiter);
}

/* A thread whose descriptors are not those of its process. */
static void read_unshared(void *data)
{
	park_check(unshare(CLONE_FILES), "unshare");
	read_end(data);
}

static void pipe_unshared(void)
{
	park_check(pipe(ends), "pipe");

	const unsigned long long inode = park_inode(ends[0]);
	const pid_t holder = park_holder(rest_writer, NULL);
	const pid_t waiter = park_thread(read_unshared, NULL).tid;

	park_asleep(getpid(), waiter, "read");
	close(ends[0]);
	close(ends[1]);
	park_line(getpid(), waiter, "read",
		  "ref=pipe:%llu on=%d/0 evidence=last-op timeout=no idle=no", inode, holder);
}

static void fifo_read(void)
{
	const char *path = park_path();
	char ref[PATH_MAX + 8];
	int both;

	park_check(mkfifo(path, 0600), path);
	both = park_check(open(path, O_RDWR), path);
	ends[0] = park_check(open(path, O_RDONLY), path);
	ends[1] = park_check(open(path, O_WRONLY), path);
	close(both);
	snprintf(ref, sizeof(ref), "fifo:%s", path);
	tell_ends(read_end, true, "read", ref, 1);
}

static void open_fifo(void *flags)
{
	park_check(open(park_path(), *(int *)flags), "open");
}

static void tell_open(int flags)
{
	park_check(mkfifo(park_path(), 0600), "mkfifo");

	const pid_t waiter = park_start(open_fifo, &flags);

	park_tell(waiter, waiter, "open", "ref=fifo:%s on=none evidence=none timeout=no idle=no",
		  park_path());
}

static void fifo_open_read(void)
{
	tell_open(O_RDONLY);
}

static void fifo_open_write(void)
{
	tell_open(O_WRONLY);
}

/* ---- Sockets ---- */

static void tell_pair(void (*waiting)(void *data), bool reads, const char *call, int type)
{
	char ref[64];

	park_check(socketpair(AF_UNIX, type, 0, ends), "socketpair");
	snprintf(ref, sizeof(ref), "unix:%llu", park_inode(ends[reads ? 0 : 1]));
	tell_ends(waiting, reads, call, ref, 1);
}

static void unix_read(void)
{
	tell_pair(read_end, true, "read", SOCK_STREAM);
}

static void unix_recv(void)
{
	tell_pair(recv_end, true, "recvfrom", SOCK_DGRAM);
}

static void unix_recvmsg(void)
{
	tell_pair(recvmsg_end, true, "recvmsg", SOCK_SEQPACKET);
}

static void unix_write(void)
{
	tell_pair(write_end, false, "write", SOCK_STREAM);
}

static void unix_send(void)
{
	tell_pair(send_end, false, "sendto", SOCK_STREAM);
}

static struct sockaddr_un address = { .sun_family = AF_UNIX };

/* A listener with an abstract name of its own, so that no length of a path matters. */
static int unix_listener(void)
{
	const int fd = park_check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");

	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "%s", park_object());
	park_check(bind(fd, (struct sockaddr *)&address, sizeof(address)), "bind");
	park_check(listen(fd, 0), "listen");
	return fd;
}

static void accept_one(void *fd)
{
	park_check(accept(*(int *)fd, NULL, NULL), "accept");
}

static void unix_accept(void)
{
	int fd = unix_listener();
	const pid_t waiter = park_start(accept_one, &fd);

	park_tell(waiter, waiter, "accept", "ref=unix:%llu timeout=no idle=yes", park_inode(fd));
}

/* Connects until no more fit into the queue of the listener. */
static void connect_all(void *data)
{
	(void)data;
	for (;;) {
		const int fd = park_check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");

		*park_board = (unsigned long)park_inode(fd);
		park_check(connect(fd, (struct sockaddr *)&address, sizeof(address)), "connect");
	}
}

static void unix_connect(void)
{
	unix_listener();

	const pid_t waiter = park_start(connect_all, NULL);

	park_asleep(waiter, waiter, "connect");
	park_line(waiter, waiter, "connect", "ref=unix:%lu timeout=no idle=no", *park_board);
}

static int inet_listener(struct sockaddr_in *where)
{
	const int fd = park_check(socket(AF_INET, SOCK_STREAM, 0), "socket");
	socklen_t size = sizeof(*where);

	where->sin_family = AF_INET;
	where->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	park_check(bind(fd, (struct sockaddr *)where, sizeof(*where)), "bind");
	park_check(listen(fd, 1), "listen");
	park_check(getsockname(fd, (struct sockaddr *)where, &size), "getsockname");
	return fd;
}

static void inet_accept(void)
{
	struct sockaddr_in where = { 0 };
	int fd = inet_listener(&where);
	const pid_t waiter = park_start(accept_one, &fd);

	park_tell(waiter, waiter, "accept", "timeout=no idle=yes");
}

static void inet_recv(void)
{
	struct sockaddr_in where = { 0 };
	const int listener = inet_listener(&where);

	ends[0] = park_check(socket(AF_INET, SOCK_STREAM, 0), "socket");
	park_check(connect(ends[0], (struct sockaddr *)&where, sizeof(where)), "connect");
	ends[1] = park_check(accept(listener, NULL, NULL), "accept");

	const pid_t waiter = park_start(recv_end, NULL);

	park_tell(waiter, waiter, "recvfrom", "timeout=no idle=no");
}

const struct park_state park_descriptor_states[] = {
	{ "pipe-read", pipe_read },
	{ "pipe-readv", pipe_readv },
	{ "pipe-read-writers", pipe_read_writers },
	{ "pipe-write", pipe_write },
	{ "pipe-own", pipe_own },
	{ "pipe-unshared", pipe_unshared },
	{ "fifo-read", fifo_read },
	{ "fifo-open-read", fifo_open_read },
	{ "fifo-open-write", fifo_open_write },
	{ "unix-read", unix_read },
	{ "unix-recv", unix_recv },
	{ "unix-recvmsg", unix_recvmsg },
	{ "unix-write", unix_write },
	{ "unix-send", unix_send },
	{ "unix-accept", unix_accept },
	{ "unix-connect", unix_connect },
	{ "inet-accept", inet_accept },
	{ "inet-recv", inet_recv },
	{ NULL, NULL },
};
