/* SPDX-License-Identifier: MIT */
/* Unix sockets as objects: real ones of this process and of children in other network namespaces,
 * with sock_diag and with the kernel refusing it. */
#include "refusal.h"
#include "unit.h"
#include "uses.h"

#include "source/unix_sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

static int unix_socket(int type)
{
	const int fd = socket(AF_UNIX, type, 0);

	assert_true(fd >= 0);
	return fd;
}

static socklen_t address_of(struct sockaddr_un *address, const char *bytes, size_t length)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, bytes, length);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

static void test_pair(void **state)
{
	struct world *world = world_new();
	const struct ipck_object *left, *right;
	int pair[2], tell;
	pid_t child;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[0], "12345", 5), 5);
	assert_int_equal(write(pair[0], "678", 3), 3);
	child = child_new(&tell);
	add_process(world, getpid());
	add_process(world, child);
	add_fd(world, IPCK_UNIX, 0, pair[0]);
	add_fd(world, IPCK_UNIX, 1, pair[0]);
	add_fd(world, IPCK_UNIX, 0, pair[1]);
	assert_int_equal(read_rows(world, IPCK_UNIX, 0), 0);
	assert_int_equal(world->count, 2);
	left = row_of(world, inode_of(pair[0]));
	right = row_of(world, inode_of(pair[1]));
	assert_non_null(left);
	assert_non_null(right);
	assert_true(left->endpoint.peer == right->number && right->endpoint.peer == left->number);
	assert_int_equal(left->endpoint.socket_type, SOCK_STREAM);
	assert_int_equal(left->endpoint.readers, 2);
	assert_int_equal(left->endpoint.writers, 1); /* who may write is who has the other end */
	assert_int_equal(right->endpoint.readers, 1);
	assert_int_equal(right->endpoint.writers, 2);
	assert_int_equal(left->endpoint.used, 0);
	assert_int_equal(left->status, IPCK_STATUS_EMPTY);
	assert_int_equal(right->endpoint.used, 8);
	assert_int_equal(right->status, 0);
	assert_null(left->name);
	assert_int_equal(left->known, IPCK_ENDPOINT_PEER | IPCK_ENDPOINT_USED);
	assert_int_equal(read_rows(world, IPCK_UNIX, IPCK_WANT_OWNER), 0);
	assert_int_equal(ipck_object_why(&world->rows[0], IPCK_FIELD_OWNER), 0);
	assert_int_equal(world->rows[0].mode, 0777);
	close(tell);
	waitpid(child, NULL, 0);
	close(pair[0]);
	close(pair[1]);
	world_free(world);
}

static void test_hangup(void **state)
{
	struct world *world = world_new();
	int half[2], gone[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, half), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, gone), 0);
	assert_int_equal(write(gone[1], "last", 4), 4);
	add_process(world, getpid());
	add_fd(world, IPCK_UNIX, 0, half[0]);
	add_fd(world, IPCK_UNIX, 0, half[1]);
	add_fd(world, IPCK_UNIX, 0, gone[0]);
	assert_int_equal(shutdown(half[0], SHUT_WR), 0);
	close(gone[1]);
	assert_int_equal(read_rows(world, IPCK_UNIX, 0), 0);
	assert_int_equal(row_of(world, inode_of(half[0]))->status, IPCK_STATUS_EMPTY);
	assert_int_equal(row_of(world, inode_of(half[1]))->status,
			 IPCK_STATUS_EMPTY | IPCK_STATUS_NO_WRITER);
	assert_int_equal(row_of(world, inode_of(gone[0]))->status,
			 IPCK_STATUS_NO_WRITER | IPCK_STATUS_NO_READER);
	assert_int_equal(row_of(world, inode_of(gone[0]))->endpoint.used, 4);
	assert_int_equal(row_of(world, inode_of(gone[0]))->endpoint.peer, 0);
	assert_int_equal(row_of(world, inode_of(gone[0]))->endpoint.writers, 0);
	close(half[0]);
	close(half[1]);
	close(gone[0]);
	world_free(world);
}

static void test_names(void **state)
{
	static const char abstract[] = "\0uni\0t sockets\n.";
	const int server = unix_socket(SOCK_STREAM), client = unix_socket(SOCK_STREAM);
	const int other = unix_socket(SOCK_DGRAM);
	char path[] = "/tmp/sockets.XXXXXX", bound[40];
	struct world *world = world_new();
	const struct ipck_object *row;
	struct sockaddr_un address;
	socklen_t length;

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(bound, sizeof(bound), "%s/s", path);
	length = address_of(&address, bound, strlen(bound) + 1);
	assert_int_equal(bind(server, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(server, 0), 0);
	add_process(world, getpid());
	add_fd(world, IPCK_UNIX, 0, server);
	add_fd(world, IPCK_UNIX, 0, client);
	add_fd(world, IPCK_UNIX, 0, other);
	assert_int_equal(read_rows(world, IPCK_UNIX, 0), 0);
	assert_int_equal(row_of(world, inode_of(server))->status, IPCK_STATUS_LISTENING);
	assert_int_equal(connect(client, (struct sockaddr *)&address, length), 0);
	length = address_of(&address, abstract, sizeof(abstract) - 1);
	assert_int_equal(bind(other, (struct sockaddr *)&address, length), 0);

	assert_int_equal(read_rows(world, IPCK_UNIX, 0), 0);
	assert_int_equal(world->count, 3);
	row = row_of(world, inode_of(server));
	assert_string_equal(row->name, bound);
	/* its one place is taken */
	assert_int_equal(row->status, IPCK_STATUS_LISTENING | IPCK_STATUS_FULL);
	assert_int_equal(ipck_object_why(row, IPCK_ENDPOINT_USED), IPCK_ERR_UNSUPPORTED);
	row = row_of(world, inode_of(client));
	assert_null(row->name);
	assert_int_equal(row->endpoint.peer, 0); /* nobody has accepted it */
	assert_int_equal(row->status, IPCK_STATUS_EMPTY);
	row = row_of(world, inode_of(other));
	assert_string_equal(row->name, "@uni@t sockets\n."); /* as /proc/net/unix has it */
	assert_int_equal(row->endpoint.socket_type, SOCK_DGRAM);
	close(server);
	close(client);
	close(other);
	unlink(bound);
	rmdir(path);
	world_free(world);
}

/* Many senders, one receiver, who is connected to none of them. */
static void test_senders(void **state)
{
	const int receiver = unix_socket(SOCK_DGRAM);
	struct world *world = world_new();
	struct sockaddr_un address;
	const struct ipck_object *row;
	char name[32];
	socklen_t length;
	int senders[3];

	(void)state;
	length = address_of(&address, name,
			    1 + (size_t)snprintf(name + 1, sizeof(name) - 1, "unit%d", getpid()));
	address.sun_path[0] = '\0';
	assert_int_equal(bind(receiver, (struct sockaddr *)&address, length), 0);
	add_process(world, getpid());
	add_fd(world, IPCK_UNIX, 0, receiver);
	for (int i = 0; i < 3; i++) {
		senders[i] = unix_socket(SOCK_DGRAM);
		assert_int_equal(connect(senders[i], (struct sockaddr *)&address, length), 0);
		add_fd(world, IPCK_UNIX, 0, senders[i]);
	}
	assert_int_equal(write(senders[1], "1234567", 7), 7);
	assert_int_equal(write(senders[2], "12", 2), 2);
	assert_int_equal(read_rows(world, IPCK_UNIX, 0), 0);
	row = row_of(world, inode_of(receiver));
	assert_int_equal(row->endpoint.readers, 1);
	assert_int_equal(row->endpoint.writers, 3);
	assert_int_equal(row->endpoint.peer, 0);
	assert_int_equal(row->endpoint.used, 7); /* the first datagram */
	for (int i = 0; i < 3; i++) {
		row = row_of(world, inode_of(senders[i]));
		assert_true(row->endpoint.peer == inode_of(receiver));
		assert_int_equal(row->endpoint.writers, 0);
		close(senders[i]);
	}
	close(receiver);
	world_free(world);
}

static void test_other_sockets(void **state)
{
	const int tcp = socket(AF_INET, SOCK_STREAM, 0), net = socket(AF_NETLINK, SOCK_RAW, 0);
	const int one = unix_socket(SOCK_STREAM);
	struct world *world = world_new();

	(void)state;
	add_process(world, getpid());
	add_fd(world, IPCK_UNIX, 0, tcp);
	add_fd(world, IPCK_UNIX, 0, net);
	add_fd(world, IPCK_UNIX, 0, one);
	assert_int_equal(read_rows(world, IPCK_UNIX, IPCK_WANT_ENDPOINT | IPCK_WANT_OWNER), 0);
	assert_int_equal(world->count, 1);
	assert_true(world->rows[0].number == inode_of(one));
	close(tcp);
	close(net);
	close(one);
	world_free(world);
}

/* ---- Other network namespaces ---- */

/* A child in a network namespace of its own, with a socket pair there; then as run() says. */
static pid_t child_elsewhere(int pair[2], int *tell)
{
	int told[2], ready[2];
	pid_t child;
	char byte;

	assert_int_equal(pipe(told), 0);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(told[1]);
		if (unshare(CLONE_NEWNET) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
		    write(pair[0], "elsewhere", 9) != 9)
			_exit(1);
		(void)!write(ready[1], pair, 2 * sizeof(int));
		(void)!read(told[0], &byte, 1);
		_exit(0);
	}
	close(told[0]);
	close(ready[1]);
	assert_int_equal(read(ready[0], pair, 2 * sizeof(int)), 2 * sizeof(int));
	close(ready[0]);
	*tell = told[1];
	return child;
}

static void test_elsewhere(void **state)
{
	struct world *world = world_new();
	struct stat before, after;
	int pair[2], own[2], tell;
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(stat("/proc/self/ns/net", &before), 0);
	child = child_elsewhere(pair, &tell);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, own), 0);
	add_process(world, getpid());
	add_process(world, child);
	add_fd(world, IPCK_UNIX, 0, own[0]);
	add_fd(world, IPCK_UNIX, 0, own[1]);
	add_fd(world, IPCK_UNIX, 1, pair[0]);
	add_fd(world, IPCK_UNIX, 1, pair[1]);
	assert_int_equal(read_rows(world, IPCK_UNIX, 0), 0);
	assert_int_equal(world->count, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct ipck_object *row = &world->rows[i];

		assert_int_equal(ipck_object_why(row, IPCK_ENDPOINT_PEER), 0);
		assert_true(row_of(world, row->endpoint.peer)->endpoint.peer == row->number);
		assert_int_equal(row->endpoint.writers, 1);
	}
	for (size_t i = 0, bytes = 0; i < 4; i++) {
		bytes += world->rows[i].endpoint.used;
		assert_true(i < 3 || bytes == 9);
	}
	assert_int_equal(stat("/proc/self/ns/net", &after), 0);
	assert_true(before.st_ino == after.st_ino);
	close(tell);
	waitpid(child, NULL, 0);
	close(own[0]);
	close(own[1]);
	world_free(world);
}

/* ---- Refusals ---- */

/* What a child finds that is refused sock_diag: 0 when all is as it should be. */
static int without_diag(int server, int client, int tcp, const char *name, int error)
{
	const int expected = error == EPERM ? IPCK_ERR_DENIED : IPCK_ERR_UNSUPPORTED;
	struct world *world = world_new();
	const struct ipck_object *row;

	add_process(world, getpid());
	add_fd(world, IPCK_UNIX, 0, server);
	add_fd(world, IPCK_UNIX, 0, client);
	add_fd(world, IPCK_UNIX, 0, tcp);
	if (!refuse(SYS_socket, AF_NETLINK, error) || socket(AF_NETLINK, SOCK_RAW, 0) >= 0)
		return 1;
	if (read_rows(world, IPCK_UNIX, 0) != 0 || world->count != 2)
		return 2;
	row = row_of(world, inode_of(server));
	if (row == NULL || row->name == NULL || strcmp(row->name, name) != 0 ||
	    row->status != IPCK_STATUS_LISTENING || row->endpoint.socket_type != SOCK_STREAM)
		return 3;
	row = row_of(world, inode_of(client));
	if (row == NULL || row->name != NULL || row->status != 0)
		return 4;
	if (ipck_object_why(row, IPCK_ENDPOINT_PEER) != expected ||
	    ipck_object_why(row, IPCK_ENDPOINT_USED) != expected)
		return 5;
	return 0;
}

static void test_without_diag(void **state)
{
	static const int errors[] = { EPERM, EPROTONOSUPPORT };
	const int server = unix_socket(SOCK_STREAM), client = unix_socket(SOCK_STREAM);
	const int tcp = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_un address;
	char name[32] = "@";
	socklen_t length;

	(void)state;
	snprintf(name + 1, sizeof(name) - 1, "unit %d", getpid());
	length = address_of(&address, name, strlen(name));
	address.sun_path[0] = '\0';
	assert_int_equal(bind(server, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(server, 1), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, length), 0);
	for (size_t i = 0; i < COUNT(errors); i++) {
		int status = 0;
		pid_t child = fork();

		if (child == 0)
			_exit(without_diag(server, client, tcp, name, errors[i]));
		assert_int_equal(waitpid(child, &status, 0), child);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "errno %d: %x", errors[i],
		      (unsigned)status);
	}
	close(server);
	close(client);
	close(tcp);
}

/* A namespace that may not be entered: its sockets are there, without their peers. */
static void test_elsewhere_denied(void **state)
{
	int pair[2], tell, status = 0;
	pid_t holder, child;

	(void)state;
	if (geteuid() != 0)
		skip();
	holder = child_elsewhere(pair, &tell);
	child = fork();
	if (child == 0) {
		struct world *world = world_new();

		add_process(world, holder);
		add_fd(world, IPCK_UNIX, 0, pair[0]);
		add_fd(world, IPCK_UNIX, 0, pair[1]);
		if (!refuse(SYS_setns, ANY, EPERM))
			_exit(1);
		if (read_rows(world, IPCK_UNIX, 0) != 0 || world->count != 2)
			_exit(2);
		_exit(ipck_object_why(&world->rows[0], IPCK_ENDPOINT_PEER) == IPCK_ERR_DENIED &&
				      world->rows[0].endpoint.socket_type == SOCK_STREAM
			      ? 0
			      : 3);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", (unsigned)status);
	close(tell);
	waitpid(holder, NULL, 0);
}

/* A socket of another namespace, in the hands of a process of ours. */
static void test_brought_along(void **state)
{
	int status = 0;
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		skip();
	child = fork();
	if (child == 0) {
		struct world *world = world_new();
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || unshare(CLONE_NEWNET) != 0)
			_exit(1);
		add_process(world, getpid());
		add_fd(world, IPCK_UNIX, 0, pair[0]);
		if (read_rows(world, IPCK_UNIX, 0) != 0 || world->count != 1)
			_exit(2);
		_exit(ipck_object_why(&world->rows[0], IPCK_ENDPOINT_PEER) == IPCK_ERR_OUTSIDE ? 0
											       : 3);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", (unsigned)status);
}

/* ---- /proc/net/unix ---- */

static void test_lines(void **state)
{
	static const struct {
		const char *line;
		bool taken;
		uint64_t inode;
		int type;
		bool listening;
		const char *name;
	} rows[] = {
		{ "0000000063cf17ae: 00000003 00000000 00000000 0001 03 4073186", true, 4073186,
		  SOCK_STREAM, false, NULL },
		{ "0000000063cf17ae: 00000002 00000000 00010000 0005 01   571 /run/x y", true, 571,
		  SOCK_SEQPACKET, true, "/run/x y" },
		{ "0: 0 0 0 2 1 0 @", true, 0, SOCK_DGRAM, false, "@" },
		{ "0: 0 0 0 1 1 5  /led", true, 5, SOCK_STREAM, false, " /led" },
		{ "0: 0 0 0 1 1 18446744073709551615 /x", true, UINT64_MAX, 1, false, "/x" },
		{ "0: 0 0 0 1 1 5 ", true, 5, SOCK_STREAM, false, NULL },
		{ "0: 0 0 0 1 1 18446744073709551616 /x", false, 0, 0, false, NULL },
		{ "0: 0 0 0 80000000 1 5 /x", false, 0, 0, false, NULL },
		{ "0: 0 0 100000000 1 1 5 /x", false, 0, 0, false, NULL },
		{ "0: 0 0 0 1 1 5x", false, 0, 0, false, NULL },
		{ "0: 0 0 0 1 1", false, 0, 0, false, NULL },
		{ "0: 0 0 0 1 1 ", false, 0, 0, false, NULL },
		{ "0 0 0 0 1 1 5", false, 0, 0, false, NULL },
		{ "0:  0 0 0 1 1 5", false, 0, 0, false, NULL },
		{ "Num       RefCount Protocol Flags    Type St Inode Path", false, 0, 0, false,
		  NULL },
		{ "", false, 0, 0, false, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct unix_socket row;

		CHECK(unix_sockets_parse(rows[i].line, &row) == rows[i].taken, "%s", rows[i].line);
		if (!rows[i].taken)
			continue;
		CHECK(row.inode == rows[i].inode && row.type == rows[i].type &&
			      row.listening == rows[i].listening,
		      "%s", rows[i].line);
		CHECK((row.name == NULL) == (rows[i].name == NULL) &&
			      (row.name == NULL || strcmp(row.name, rows[i].name) == 0),
		      "%s", rows[i].line);
	}
}

/* A name with a newline makes up a line of its own: no socket is called by it. */
static void test_made_up_line(void **state)
{
	const int liar = unix_socket(SOCK_DGRAM), victim = unix_socket(SOCK_STREAM);
	struct sockaddr_un address;
	int status = 0;
	char name[108] = "";
	pid_t child;

	(void)state;
	snprintf(name + 1, sizeof(name) - 1, "%d\n0: 0 0 0 1 1 %llu /made/up", getpid(),
		 (unsigned long long)inode_of(victim));
	assert_int_equal(bind(liar, (struct sockaddr *)&address,
			      address_of(&address, name, 1 + strlen(name + 1))),
			 0);
	child = fork();
	if (child == 0) {
		struct world *world = world_new();

		add_process(world, getpid());
		add_fd(world, IPCK_UNIX, 0, victim);
		if (!refuse(SYS_socket, AF_NETLINK, EPERM) || read_rows(world, IPCK_UNIX, 0) != 0 ||
		    world->count != 1)
			_exit(1);
		_exit(world->rows[0].name == NULL ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", (unsigned)status);
	close(liar);
	close(victim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a pair is two rows, each the other's peer", test_pair),
		TEST("what is shut down or closed has no writer", test_hangup),
		TEST("paths, abstract names with NULs, and full listeners", test_names),
		TEST("a receiver's writers are all that send to it", test_senders),
		TEST("other sockets are none of these", test_other_sockets),
		TEST("sockets of other network namespaces have their peers", test_elsewhere),
		TEST("without sock_diag there are names, and peers unknown", test_without_diag),
		TEST("a namespace that may not be entered keeps its peers", test_elsewhere_denied),
		TEST("a socket brought from another namespace is listed", test_brought_along),
		TEST("lines of /proc/net/unix, whole or refused", test_lines),
		TEST("a name that makes up a line names nobody", test_made_up_line),
	};

	return RUN(tests);
}
