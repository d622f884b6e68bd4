/* SPDX-License-Identifier: MIT */
/* Listing the messages of a queue: what was sent is what is seen, and the queue notices nothing. */
#include "waiters.h"

#include "refusal.h"

#include <limits.h>

#define MOST_TEXT 8192

struct text_message {
	long type;
	char text[MOST_TEXT];
};

static int queue_new(void)
{
	const int id = msgget(IPC_PRIVATE, 0600);

	assert_true(id >= 0);
	return id;
}

static void send_bytes(int id, long type, const void *bytes, size_t size)
{
	static struct text_message message;

	message.type = type;
	memcpy(message.text, bytes, size);
	assert_int_equal(msgsnd(id, &message, size, IPC_NOWAIT), 0);
}

/* The queue as an object, to be freed. */
static struct ipck_objects *object_of(int id)
{
	const struct ipck_ref ref = { .kind = IPCK_MSG, .form = IPCK_BY_ID, .id = id };
	const struct ipck_query query = { .size = sizeof(query), .refs = &ref, .ref_count = 1 };
	struct ipck_objects *objects;

	assert_int_equal(ipck_objects_read(ctx, &query, &objects), IPCK_OK);
	return objects;
}

static int list_query(int id, struct ipck_messages_query query, bool *changed,
		      struct ipck_messages **messages)
{
	struct ipck_objects *objects = object_of(id);
	int rc;

	query.size = sizeof(query);
	rc = ipck_messages_read(ctx, ipck_objects_at(objects, 0), &query, changed, messages);
	ipck_objects_free(objects);
	return rc;
}

/* Of a queue that nobody else uses. */
static struct ipck_messages *list(int id, struct ipck_messages_query query)
{
	struct ipck_messages *messages;
	bool changed = true;
	int rc = list_query(id, query, &changed, &messages);

	CHECK(rc == IPCK_OK, "%d: %s", rc, ipck_message(ctx));
	assert_false(changed);
	return messages;
}

static void check_row(const struct ipck_messages *messages, size_t i, uint64_t index, long type,
		      const void *bytes, size_t size, size_t kept)
{
	const struct ipck_message *row = ipck_messages_at(messages, i);

	CHECK(row != NULL && row->index == index && row->type == type && row->bytes == size &&
		      row->text_bytes == kept && memcmp(row->text, bytes, kept) == 0,
	      "row %zu", i);
}

static const struct {
	long type;
	const char *text;
	size_t size;
} sent[] = {
	{ 7, "first", 5 }, { 1, "", 0 },           { LONG_MAX, "a\0b\0", 4 },
	{ 7, "last", 4 },  { INT_MAX, "\xff", 1 },
};

static int sent_queue(void)
{
	const int id = queue_new();

	for (size_t i = 0; i < COUNT(sent); i++)
		send_bytes(id, sent[i].type, sent[i].text, sent[i].size);
	return id;
}

static void test_rows(void **state)
{
	const int id = sent_queue();
	struct msqid_ds before, after;
	struct ipck_messages *messages;

	(void)state;
	memset(&before, 0, sizeof(before));
	memset(&after, 0, sizeof(after));
	assert_int_equal(msgctl(id, IPC_STAT, &before), 0);
	messages = list(id, (struct ipck_messages_query){ .text_bytes = SIZE_MAX });
	assert_int_equal(msgctl(id, IPC_STAT, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(ipck_messages_count(messages), COUNT(sent));
	for (size_t i = 0; i < COUNT(sent); i++)
		check_row(messages, i, i, sent[i].type, sent[i].text, sent[i].size, sent[i].size);
	assert_null(ipck_messages_at(messages, COUNT(sent)));
	ipck_messages_free(messages);
	assert_int_equal(msgctl(id, IPC_RMID, NULL), 0);
}

static void test_choice(void **state)
{
	const int id = sent_queue(), empty = queue_new();
	struct ipck_messages *messages = list(
		id, (struct ipck_messages_query){ .text_bytes = 4, .of_type = true, .type = 7 });

	(void)state;
	assert_int_equal(ipck_messages_count(messages), 2);
	check_row(messages, 0, 0, 7, "firs", 5, 4);
	check_row(messages, 1, 3, 7, "last", 4, 4);
	ipck_messages_free(messages);
	messages = list(id, (struct ipck_messages_query){ .most = 1, .of_type = true, .type = 7 });
	assert_int_equal(ipck_messages_count(messages), 1);
	check_row(messages, 0, 0, 7, "", 5, 0);
	ipck_messages_free(messages);
	messages = list(id, (struct ipck_messages_query){ .of_type = true, .type = 2 });
	assert_int_equal(ipck_messages_count(messages), 0);
	ipck_messages_free(messages);
	messages = list(id, (struct ipck_messages_query){ .text_bytes = 9, .most = 2 });
	assert_int_equal(ipck_messages_count(messages), 2);
	check_row(messages, 1, 1, 1, "", 0, 0);
	ipck_messages_free(messages);
	messages = list(id, (struct ipck_messages_query){
				    .text_bytes = SIZE_MAX, .one = true, .index = 2 });
	assert_int_equal(ipck_messages_count(messages), 1);
	check_row(messages, 0, 2, LONG_MAX, "a\0b\0", 4, 4);
	ipck_messages_free(messages);
	messages = list(empty, (struct ipck_messages_query){ .text_bytes = 9 });
	assert_int_equal(ipck_messages_count(messages), 0);
	ipck_messages_free(messages);
	msgctl(id, IPC_RMID, NULL);
	msgctl(empty, IPC_RMID, NULL);
}

/* The room begins with twice the mean, which is little here, and what is behind must fit too. */
static void test_growing(void **state)
{
	/* as much as a queue holds by default */
	static const size_t sizes[] = { 1, 1, 1, 1, 1, 1, 1, 1, 8192, 3, 4000, 1, 4001, 0 };
	static char bytes[MOST_TEXT];
	struct ipck_messages *messages;
	const int id = queue_new();

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		memset(bytes, (int)('a' + i), sizes[i]);
		send_bytes(id, (long)i + 1, bytes, sizes[i]);
	}
	messages = list(id, (struct ipck_messages_query){ .text_bytes = SIZE_MAX });
	assert_int_equal(ipck_messages_count(messages), COUNT(sizes));
	for (size_t i = 0; i < COUNT(sizes); i++) {
		memset(bytes, (int)('a' + i), sizes[i]);
		check_row(messages, i, i, (long)i + 1, bytes, sizes[i], sizes[i]);
	}
	ipck_messages_free(messages);
	msgctl(id, IPC_RMID, NULL);
}

/* ---- A queue that is used meanwhile ---- */

#define PASSED 100 /* messages that are in the queue all the time */

/* Takes the first and sends one more, which bears the next number: no counter tells of it. */
static void pass_on(void *data)
{
	struct text_message message;
	const int id = *(int *)data;

	for (long number = PASSED + 1;; number++) {
		if (msgrcv(id, &message, 8, 0, 0) != 8)
			return;
		message.type = number;
		memcpy(message.text, &number, 8);
		if (msgsnd(id, &message, 8, 0) != 0)
			return;
	}
}

/* Numbers without a gap, each with its text. */
static void check_passed(const struct ipck_messages *messages)
{
	const struct ipck_message *first = ipck_messages_at(messages, 0), *row;
	const size_t count = ipck_messages_count(messages);

	CHECK(count == PASSED || count == PASSED - 1, "%zu", count);
	for (size_t i = 0; (row = ipck_messages_at(messages, i)) != NULL; i++)
		CHECK(row->type == first->type + (long)i && row->index == i &&
			      memcmp(row->text, &row->type, 8) == 0,
		      "row %zu: %ld behind %ld", i, (long)row->type, (long)first->type);
}

/* It may stand still for long, while the test runs: that is not to be taken for changing. */
static void test_changed(void **state)
{
	const struct ipck_messages_query all = { .text_bytes = 8 };
	int id = queue_new(), seen = 0;
	struct ipck_messages *at_rest;
	pid_t pid;

	(void)state;
	for (long i = 1; i <= PASSED; i++)
		send_bytes(id, i, &i, 8);
	pid = start(pass_on, &id);
	for (int tries = 0; tries < 100000 && seen < looks(40); tries++) {
		struct ipck_messages *messages;
		bool changed;
		int rc = list_query(id, all, &changed, &messages);

		CHECK(rc == IPCK_OK, "%d: %s", rc, ipck_message(ctx));
		seen += changed;
		if (!changed)
			check_passed(messages);
		ipck_messages_free(messages);
	}
	assert_true(seen > 0);
	ends(pid);
	/* The same queue at rest, within the second of its last use. */
	at_rest = list(id, all);
	check_passed(at_rest);
	ipck_messages_free(at_rest);
	msgctl(id, IPC_RMID, NULL);
}

static void fill_up(void *data)
{
	struct text_message message = { .type = 1 };

	while (msgsnd(*(int *)data, &message, 1, IPC_NOWAIT) == 0)
		;
}

static void test_sent_at_tail(void **state)
{
	int id = queue_new(), status, lists = 0;
	pid_t pid;

	(void)state;
	for (long i = 1; i <= 3; i++)
		send_bytes(id, i, "", 0);
	pid = start(fill_up, &id);
	do {
		struct ipck_messages *messages =
			list(id, (struct ipck_messages_query){ .most = 3 });

		for (size_t i = 0; i < 3; i++)
			check_row(messages, i, i, (long)i + 1, "", 0, 0);
		ipck_messages_free(messages);
		lists++;
	} while (waitpid(pid, &status, WNOHANG) == 0);
	assert_true(lists > 0);
	msgctl(id, IPC_RMID, NULL);
}

/* ---- What cannot be listed ---- */

static void test_refused(void **state)
{
	struct ipck_messages_query query = { .size = sizeof(query) };
	const struct ipck_object posix = { .kind = IPCK_POSIX_MQ, .name = "/q" };
	const struct ipck_object segment = { .kind = IPCK_SHM };
	const int id = sent_queue();
	struct ipck_objects *objects = object_of(id);
	struct ipck_messages *messages;
	bool changed;

	(void)state;
	assert_int_equal(list_query(id, (struct ipck_messages_query){ .one = true, .index = 5 },
				    &changed, &messages),
			 IPCK_ERR_NOT_FOUND);
	assert_string_not_equal(ipck_message(ctx), "");
	assert_null(messages);
	assert_int_equal(list_query(id,
				    (struct ipck_messages_query){ .one = true,
								  .index = (uint64_t)LONG_MAX + 1 },
				    &changed, &messages),
			 IPCK_ERR_ARGUMENT);
	assert_int_equal(ipck_messages_read(ctx, &posix, &query, &changed, &messages),
			 IPCK_ERR_UNSUPPORTED);
	assert_non_null(strstr(ipck_message(ctx), "without taking them"));
	assert_int_equal(ipck_messages_read(ctx, &segment, &query, &changed, &messages),
			 IPCK_ERR_UNSUPPORTED);
	query.size = 3;
	assert_int_equal(
		ipck_messages_read(ctx, ipck_objects_at(objects, 0), &query, &changed, &messages),
		IPCK_ERR_ARGUMENT);
	query.size = sizeof(query);
	msgctl(id, IPC_RMID, NULL);
	assert_int_equal(
		ipck_messages_read(ctx, ipck_objects_at(objects, 0), &query, &changed, &messages),
		IPCK_ERR_NOT_FOUND);
	ipck_objects_free(objects);
	ipck_messages_free(NULL);
}

#ifdef SYS_msgrcv
static void without_copies(void)
{
	const int id = msgget(IPC_PRIVATE, 0600);
	struct ipck_messages *messages;
	bool changed;

	CHILD(id >= 0);
	CHILD(refuse(SYS_msgrcv, ANY, ENOSYS));
	CHILD(list_query(id, (struct ipck_messages_query){ 0 }, &changed, &messages) ==
	      IPCK_ERR_UNSUPPORTED);
	CHILD(strstr(ipck_message(ctx), "CONFIG_CHECKPOINT_RESTORE") != NULL);
	msgctl(id, IPC_RMID, NULL);
}

static void test_no_copies(void **state)
{
	(void)state;
	if (in_valgrind())
		skip();
	in_child(without_copies);
}
#endif

static int run(void)
{
	const struct CMUnitTest tests[] = {
		TEST("type, size and text as they were sent; the queue is as before", test_rows),
		TEST("by type, the first few, one, and none", test_choice),
		TEST("texts longer than those before", test_growing),
		TEST("messages that come and go are noticed, and at rest they are not",
		     test_changed),
		TEST("what is sent behind the head does not matter to it", test_sent_at_tail),
		TEST("what is not there, and what is no such queue", test_refused),
#ifdef SYS_msgrcv
		TEST("a kernel that cannot copy messages", test_no_copies),
#endif
	};

	return cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL) == 0 ? 0 : 1;
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return run_inside(run);
}
