/* SPDX-License-Identifier: MIT */
/* When a scan must not claim to have seen all that a process holds. */
#include "unit.h"

#include "places.h"
#include "source/scan.h"

#include <pthread.h>
#include <sys/socket.h>

/* How many processes count as not looked into, with a scan of ourselves. */
static size_t denied(bool in_flight)
{
	struct scan scan;
	size_t count;

	if (scan_run(ctx,
		     &(struct scan_query){
			     .kinds = IPCK_PIPE, .in_flight = in_flight, .only = getpid() },
		     &scan) != 0)
		return SIZE_MAX;
	count = scan.coverage.denied;
	scan_free(&scan);
	return count;
}

static int pair[2];

static bool send_a_pipe(void)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = sizeof(control.room) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int pipes[2];

	if (pipe(pipes) != 0)
		return false;
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &pipes[1], sizeof(int));
	if (sendmsg(pair[0], &message, 0) != 1)
		return false;
	close(pipes[0]);
	close(pipes[1]);
	return true;
}

/* A descriptor that was sent and not yet received is in nobody's table. */
static void test_in_flight(void **state)
{
	char byte;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(denied(true), 0);
	assert_true(send_a_pipe());
	assert_int_equal(denied(true), 1);
	assert_int_equal(denied(false), 0);           /* nobody asked for a proof */
	assert_int_equal(read(pair[1], &byte, 1), 1); /* without room for it, it is closed */
	assert_int_equal(denied(true), 0);
	close(pair[0]);
	close(pair[1]);
}

static pthread_barrier_t gate;

static void *waits(void *data)
{
	pthread_barrier_wait(&gate);
	pthread_barrier_wait(&gate);
	return data;
}

/* Whether a thread has a table of its own is told by kcmp() alone. */
static void without_kcmp(void)
{
	pthread_t thread;

	pthread_barrier_init(&gate, NULL, 2);
	CHILD(denied(false) == 0);
	CHILD(pthread_create(&thread, NULL, waits, NULL) == 0);
	pthread_barrier_wait(&gate);
	CHILD(denied(false) == 0);
	CHILD(places_refuse(SYS_kcmp));
	CHILD(denied(false) == 1);
	pthread_barrier_wait(&gate);
	pthread_join(thread, NULL);
}

static void test_without_kcmp(void **state)
{
	(void)state;
	in_child(without_kcmp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("Descriptors on their way are in no table", test_in_flight),
		TEST("Tables of threads that may not be compared", test_without_kcmp),
	};

	if (ipck_open(NULL, &ctx) != 0)
		return 1;
	return RUN(tests);
}
