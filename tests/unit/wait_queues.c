/* SPDX-License-Identifier: MIT */
/* Threads in msgsnd(), msgrcv(), mq_send() and mq_receive(): which message, and who acted last. */
#include "waiters.h"

#include <limits.h>
#include <mqueue.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct message {
	long type;
	char text[8192];
};

struct call {
	int id;
	bool sends;
	long type;
	size_t size;
	int flags;
};

static void act(void *data)
{
	static struct message message;
	const struct call *call = data;

	message.type = call->type;
	errno = 0;
	if (call->sends)
		msgsnd(call->id, &message, call->size, call->flags);
	else
		msgrcv(call->id, &message, call->size, call->type, call->flags);
}

static pid_t start_call(struct call *call)
{
	pid_t pid = start(act, call);

	UNTIL(sleeps_in(pid, pid, call->sends ? SYS_msgsnd : SYS_msgrcv));
	return pid;
}

static void send_one(int id, long type, size_t size)
{
	static struct message message;

	message.type = type;
	assert_int_equal(msgsnd(id, &message, size, IPC_NOWAIT), 0);
}

static void check_queue(const struct ipck_wait *wait, int id)
{
	struct msqid_ds ds;
	char ref[32];

	snprintf(ref, sizeof(ref), "msg:%d", id);
	CHECK(same(wait->ref, ref) && wait->kind == IPCK_MSG && wait->why == 0 && wait->open &&
		      !wait->timeout,
	      "%s: %d", wait->ref, wait->why);
	assert_int_equal(msgctl(id, IPC_STAT, &ds), 0);
	CHECK(wait->message.fill_known && wait->message.messages == ds.msg_qnum &&
		      wait->message.bytes == ds.__msg_cbytes &&
		      wait->message.max_bytes == ds.msg_qbytes,
	      "%llu messages of %llu bytes", (unsigned long long)wait->message.messages,
	      (unsigned long long)wait->message.bytes);
}

static void test_receive(void **state)
{
	static const struct {
		long type;
		int flags;
		const char *wants;
		bool empty;
	} rows[] = {
		{ 0, 0, "any message", true },
		{ 0, MSG_EXCEPT, "any message", true },
		{ 42, 0, "a message of type 42", false },
		{ -5, 0, "a message of type 1 to 5", false },
		{ -1, MSG_EXCEPT, "a message of type 1 to 1", false },
		{ 7, MSG_EXCEPT | MSG_NOERROR, "a message of any type but 7", false },
		{ LONG_MAX, 0, "a message of type 9223372036854775807", false },
		{ LONG_MIN, 0, "a message of type 1 to 9223372036854775807", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct call call = { msgget(IPC_PRIVATE, 0600), false, rows[i].type, 500 + i,
				     rows[i].flags };
		const struct ipck_wait *wait;
		pid_t pid;

		send_one(call.id, 7, 100);
		if (rows[i].empty) {
			struct message message;

			assert_int_equal(msgrcv(call.id, &message, 8192, 0, 0), 100);
		}
		pid = start_call(&call);
		wait = wait_of(pid);
		check_queue(wait, call.id);
		CHECK(same(wait->call, "msgrcv") && wait->what == IPCK_WAIT_MESSAGE &&
			      wait->message.type_known && wait->message.type == rows[i].type &&
			      wait->message.size == 500 + i,
		      "row %zu: %s, type %lld", i, wait->call, (long long)wait->message.type);
		CHECK(same(wait->wants, rows[i].wants), "row %zu: %s", i, wait->wants);
		CHECK(wait->awaited_count == 1 && wait->awaited[0].process.pid == getpid() &&
			      wait->awaited[0].proof == IPCK_PROOF_LAST_OP &&
			      !wait->awaited[0].gone,
		      "row %zu: %zu awaited", i, wait->awaited_count);
		ends(pid);
		msgctl(call.id, IPC_RMID, NULL);
	}
}

static void receive_one(void *data)
{
	static struct message message;

	msgrcv(*(int *)data, &message, 8192, 0, IPC_NOWAIT);
}

static void test_send(void **state)
{
	struct call call = { msgget(IPC_PRIVATE, 0600), true, 99, 4096, 0 };
	const struct ipck_wait *wait;
	char text[64];
	pid_t pid, last;

	(void)state;
	for (int i = 0; i < 4; i++)
		send_one(call.id, 1, i == 0 ? 4000 : 4096 - (size_t)i);
	/* of 16384; the first goes to one that leaves */
	last = start(receive_one, &call.id);
	waitpid(last, NULL, 0);
	send_one(call.id, 1, 8);
	pid = start_call(&call);
	wait = wait_of(pid);
	check_queue(wait, call.id);
	snprintf(text, sizeof(text), "room for 4096 bytes, type 99, queue %llu/16384",
		 (unsigned long long)wait->message.bytes);
	CHECK(same(wait->call, "msgsnd") && wait->what == IPCK_WAIT_ROOM &&
		      wait->message.type_known && wait->message.type == 99 &&
		      wait->message.size == 4096 && same(wait->wants, text),
	      "%s: %s", wait->call, wait->wants);
	snprintf(text, sizeof(text), "last receiver %d has exited", last);
	CHECK(same(wait->finding, text) && wait->awaited_count == 1 && wait->awaited[0].gone &&
		      wait->awaited[0].process.pid == last,
	      "%s", wait->finding);
	ends(pid);
	msgctl(call.id, IPC_RMID, NULL);
}

/* A queue that nobody has sent to, or only the waiter itself. */
static void test_nobody(void **state)
{
	struct call call = { msgget(IPC_PRIVATE, 0600), false, 0, 10, 0 };
	pid_t pid = start_call(&call);
	const struct ipck_wait *wait = wait_of(pid);

	(void)state;
	CHECK(wait->awaited_count == 0 && wait->finding == NULL && wait->why == 0, "%zu awaited",
	      wait->awaited_count);
	ends(pid);
	msgctl(call.id, IPC_RMID, NULL);
}

static void send_and_receive(void *data)
{
	struct call *call = data;
	static struct message message = { .type = 1 };

	msgsnd(call->id, &message, 10, IPC_NOWAIT);
	act(call);
}

static void fill_and_send(void *data)
{
	struct call *call = data;
	static struct message message = { .type = 1 };

	while (msgsnd(call->id, &message, 1000, IPC_NOWAIT) == 0)
		;
	act(call);
}

static void test_own_act(void **state)
{
	struct call call = { msgget(IPC_PRIVATE, 0600), true, 3, 1000, 0 };
	pid_t pid = start(fill_and_send, &call);
	const struct ipck_wait *wait;

	(void)state;
	UNTIL(sleeps_in(pid, pid, SYS_msgsnd));
	wait = wait_of(pid);
	CHECK(wait->awaited_count == 0, "%zu awaited", wait->awaited_count); /* nobody received */
	check_queue(wait, call.id);
	ends(pid);
	msgctl(call.id, IPC_RMID, NULL);

	/* that it sent itself tells nothing of who will */
	call = (struct call){ msgget(IPC_PRIVATE, 0600), false, 2, 1000, 0 };
	pid = start(send_and_receive, &call);
	UNTIL(sleeps_in(pid, pid, SYS_msgrcv));
	wait = wait_of(pid);
	CHECK(wait->awaited_count == 0 && wait->message.messages == 1, "%zu awaited",
	      wait->awaited_count);
	ends(pid);
	msgctl(call.id, IPC_RMID, NULL);
}

/* A queue that may only be written to: its counts are everybody's to see. */
static void unreadable(void)
{
	struct call call = { 0, true, 5, 1000, 0 };
	const struct ipck_wait *wait;
	struct msqid_ds ds;
	pid_t pid;

	CHILD(become_nobody() && prctl(PR_SET_DUMPABLE, 1) == 0);
	call.id = msgget(IPC_PRIVATE, 0200);
	pid = start(fill_and_send, &call);
	for (int tries = 0; !sleeps_in(pid, pid, SYS_msgsnd); tries++) {
		CHILD(tries < 20000);
		usleep(1000);
	}
	CHILD(msgctl(call.id, IPC_STAT, &ds) != 0 && errno == EACCES);
	CHILD(look(pid) == 1);
	wait = ipck_waits_at(waits, 0);
	CHILD(same(wait->wants, "room for 1000 bytes, type 5, queue 16000/16384"));
	CHILD(wait->message.fill_known && wait->message.messages == 16 && wait->why == 0);
	kill(pid, SIGKILL);
	msgctl(call.id, IPC_RMID, NULL);
	ipck_waits_free(waits);
}

static void test_unreadable(void **state)
{
	(void)state;
	if (!real_root)
		skip();
	in_child(unreadable);
}

/* ---- Elsewhere ---- */

static void act_elsewhere(void *data)
{
	struct call *call = data;

	if (unshare(CLONE_NEWIPC) != 0)
		_exit(1);
	call->id = msgget(IPC_PRIVATE, 0600);
	act(call);
}

static void test_elsewhere(void **state)
{
	struct call *call = mmap(NULL, sizeof(*call), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const struct ipck_wait *wait;
	struct call here = { msgget(IPC_PRIVATE, 0600), false, 42, 10, 0 };
	char ref[64];
	pid_t pid;

	(void)state;
	assert_ptr_not_equal(call, MAP_FAILED);
	send_one(here.id, 1, 77);
	*call = here;
	pid = start(act_elsewhere, call);
	UNTIL(sleeps_in(pid, pid, SYS_msgrcv));
	wait = wait_of(pid);
	snprintf(ref, sizeof(ref), "msg:%d@%llu", call->id, ipc_namespace(pid, pid));
	CHECK(same(wait->ref, ref) && wait->message.fill_known && wait->message.bytes == 0 &&
		      wait->why == 0 && same(wait->wants, "a message of type 42"),
	      "%s, not %s: %llu bytes", wait->ref, ref, (unsigned long long)wait->message.bytes);
	ends(pid);
	msgctl(here.id, IPC_RMID, NULL);
	munmap(call, sizeof(*call));
}

/* ---- POSIX queues ---- */

struct queue {
	char name[300];
	bool sends, timed, elsewhere, unlinks, leaves;
};

static void act_on_queue(void *data)
{
	const struct timespec limit = { .tv_sec = time(NULL) + 100000 };
	struct mq_attr attributes = { .mq_maxmsg = 2, .mq_msgsize = 64 };
	const struct queue *queue = data;
	char text[64] = "";
	mqd_t fd;

	if (queue->elsewhere && unshare(CLONE_NEWIPC) != 0)
		_exit(1);
	fd = mq_open(queue->name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
	if (fd == (mqd_t)-1)
		_exit(1);
	if (queue->unlinks)
		mq_unlink(queue->name);
	if (queue->leaves && unshare(CLONE_NEWIPC) != 0)
		_exit(1);
	errno = 0;
	if (queue->sends)
		while (syscall(SYS_mq_timedsend, fd, text, 9, 3, queue->timed ? &limit : NULL) == 0)
			;
	else
		syscall(SYS_mq_timedreceive, fd, text, 64, NULL, queue->timed ? &limit : NULL);
}

/* May we have a mount of our own?  valgrind 3.19 does not know the call. */
static bool detached(void)
{
	const int fd = (int)syscall(SYS_fsopen, "mqueue", 1);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* The reference that it must have, from the descriptor itself. */
static void expect_ref(pid_t pid, const struct queue *queue, char *ref, size_t size)
{
	struct stat status;
	char path[64];

	for (int fd = 3; fd < 64; fd++) {
		char link[300] = "";

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
		if (readlink(path, link, sizeof(link) - 1) > 0 &&
		    strncmp(link, queue->name, strlen(queue->name)) == 0)
			break;
	}
	assert_int_equal(stat(path, &status), 0);
	if (queue->unlinks || (queue->leaves && detached()))
		snprintf(ref, size, "posix-mq:%u:%u:%llu", major(status.st_dev),
			 minor(status.st_dev), (unsigned long long)status.st_ino);
	else if (queue->elsewhere || queue->leaves)
		snprintf(ref, size, "posix-mq:%s@%llu", queue->name, ipc_namespace(pid, pid));
	else
		snprintf(ref, size, "posix-mq:%s", queue->name);
}

static void test_posix(void **state)
{
	struct queue rows[] = {
		{ .name = "/receive" },
		{ .name = "/timed", .timed = true },
		{ .name = "/send", .sends = true },
		{ .name = "/send-timed", .sends = true, .timed = true },
		{ .name = "/elsewhere", .elsewhere = true },
		{ .name = "/unlinked", .unlinks = true },
		{ .name = "/left-behind", .leaves = true },
		{ .name = "/left-behind-too", .elsewhere = true, .leaves = true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *call = rows[i].sends ? "mq_send" : "mq_receive";
		const struct ipck_wait *wait;
		struct ipck_ref parsed;
		char ref[400];
		pid_t pid = start(act_on_queue, &rows[i]);

		UNTIL(sleeps_in(pid, pid, rows[i].sends ? SYS_mq_timedsend : SYS_mq_timedreceive));
		expect_ref(pid, &rows[i], ref, sizeof(ref));
		wait = wait_of(pid);
		CHECK(same(wait->ref, ref) && same(wait->object, ref), "row %zu: %s, not %s", i,
		      wait->ref, ref);
		assert_int_equal(ipck_ref_parse(ref, &parsed), IPCK_OK);
		CHECK(same(wait->call, call) && wait->timeout == rows[i].timed &&
			      wait->kind == IPCK_POSIX_MQ && wait->open && wait->why == 0 &&
			      wait->awaited_count == 0,
		      "row %zu: %s %d", i, wait->call, wait->why);
		CHECK(wait->message.size == (rows[i].sends ? 9u : 64u) &&
			      wait->message.type_known == rows[i].sends &&
			      wait->message.type == (rows[i].sends ? 3 : 0) &&
			      same(wait->wants,
				   rows[i].sends ? "room for 9 bytes, priority 3" : "any message"),
		      "row %zu: %s", i, wait->wants);
		ends(pid);
		if (!rows[i].elsewhere)
			mq_unlink(rows[i].name);
	}
}

/* Whose queue it is cannot be asked: it passes for one of the thread's own namespace. */
static pid_t elsewhere;

static void look_refused(void)
{
	struct queue queue = { .name = "/left-behind", .leaves = true };
	char ref[400];

	CHILD(places_refuse(SYS_fsopen) && !detached());
	expect_ref(elsewhere, &queue, ref, sizeof(ref));
	CHILD(strchr(ref, '@') != NULL);
	CHILD(look(elsewhere) == 1 && same(ipck_waits_at(waits, 0)->ref, ref));
	ipck_waits_free(waits);
}

static void test_posix_refused(void **state)
{
	struct queue queue = { .name = "/left-behind", .leaves = true };

	(void)state;
	elsewhere = start(act_on_queue, &queue);
	UNTIL(sleeps_in(elsewhere, elsewhere, SYS_mq_timedreceive));
	in_child(look_refused);
	ends(elsewhere);
	mq_unlink(queue.name);
}

/* A queue that is called as if it had been removed. */
static void test_posix_name(void **state)
{
	struct queue queue = { .name = "/x (deleted)" };
	pid_t pid = start(act_on_queue, &queue);
	const struct ipck_wait *wait;

	(void)state;
	UNTIL(sleeps_in(pid, pid, SYS_mq_timedreceive));
	wait = wait_of(pid);
	CHECK(same(wait->ref, "posix-mq:/x\\x20(deleted)"), "%s", wait->ref);
	ends(pid);
	mq_unlink(queue.name);
}

/* Looking cancels no notification, and reads nothing. */
static void test_posix_untouched(void **state)
{
	struct queue queue = { .name = "/touched", .sends = true };
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	pid_t pid = start(act_on_queue, &queue);
	struct mq_attr attributes;
	struct stat before, after;
	mqd_t fd;

	(void)state;
	UNTIL(sleeps_in(pid, pid, SYS_mq_timedsend));
	fd = mq_open(queue.name, O_RDONLY);
	assert_int_not_equal(fd, -1);
	assert_int_equal(mq_notify(fd, &event), 0);
	assert_int_equal(fstat(fd, &before), 0);
	for (int i = 0; i < 20; i++)
		wait_of(pid);
	assert_int_equal(fstat(fd, &after), 0);
	assert_int_equal(mq_getattr(fd, &attributes), 0);
	assert_int_equal(attributes.mq_curmsgs, 2);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_true(mq_notify(fd, &event) != 0 && errno == EBUSY); /* it is still registered */
	mq_close(fd);
	ends(pid);
	mq_unlink(queue.name);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		TEST("msgrcv: each form of type, the fill, the last sender", test_receive),
		TEST("msgsnd: type, size and room, and a last receiver that has exited", test_send),
		TEST("msgrcv: nobody has sent", test_nobody),
		TEST("msgsnd: nobody but the waiter has used it", test_own_act),
		TEST("msgsnd: a queue that may not be read is described all the same",
		     test_unreadable),
		TEST("msgrcv: in another IPC namespace", test_elsewhere),
		TEST("mq: name, namespace, priority, time limit", test_posix),
		TEST("mq: a kernel that does not tell whose queue it is", test_posix_refused),
		TEST("mq: a name that looks deleted", test_posix_name),
		TEST("mq: looking changes nothing", test_posix_untouched),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, NULL, stop_looking) == 0 ? 0 : 1;
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return run_inside(run);
}
