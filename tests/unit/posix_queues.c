/* SPDX-License-Identifier: MIT */
/* Queues of an IPC namespace of our own: through a mount that nobody sees, and through a visible
 * one that may be another namespace's. */
#include "unit.h"

#include "places.h"

#include <mqueue.h>

#define CONTENT IPCK_WANT_CONTENT

static bool detached; /* whether the kernel offers mounts that nobody sees (valgrind does not) */

static mqd_t make_queue(const char *name, long max, long size)
{
	struct mq_attr attr = { .mq_maxmsg = max, .mq_msgsize = size };
	mqd_t queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0640, &attr);

	assert_true(queue != (mqd_t)-1);
	return queue;
}

static int clear(void **state)
{
	static const char *const names[] = { "/q", "/full", "/empty", "/other" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		mq_unlink(names[i]);
	return 0;
}

static int list(unsigned want, struct found *found)
{
	struct posix_place place;
	int rc;

	*found = (struct found){ 0 };
	rc = posix_mq_open(ctx, &place);
	if (rc != IPCK_OK)
		return rc;
	rc = posix_each(ctx, &place, IPCK_POSIX_MQ, want, &found->pool, found_row, found);
	posix_close(&place);
	return rc;
}

static int unlink_object(const struct ipck_object *object)
{
	struct posix_place place;
	int rc = posix_mq_open(ctx, &place);

	if (rc != IPCK_OK)
		return rc;
	rc = posix_unlink(ctx, &place, object);
	posix_close(&place);
	return rc;
}

static void test_place(void **state)
{
	struct posix_place place;
	struct stat own;
	int before, after;

	(void)state;
	before = system("exit $(wc -l </proc/self/mountinfo)");
	assert_int_equal(posix_mq_open(ctx, &place), IPCK_OK);
	after = system("exit $(wc -l </proc/self/mountinfo)");
	assert_int_equal(before, after);
	assert_int_equal(place.visible, !detached);
	assert_int_equal(stat("/proc/self/ns/ipc", &own), 0);
	assert_int_equal(place.ns, own.st_ino);
	posix_close(&place);
	assert_int_equal(place.dir, -1);
}

static void test_queues(void **state)
{
	const uint32_t all = IPCK_POSIX_MQ_LIMITS | IPCK_POSIX_MQ_MESSAGES;
	mqd_t q = make_queue("/q", 5, 100), full = make_queue("/full", 1, 8);
	const struct ipck_object *object;
	struct found found;
	struct stat status;

	(void)state;
	mq_close(make_queue("/empty", 3, 16));
	assert_int_equal(mq_send(q, "hello", 5, 0), 0);
	assert_int_equal(mq_send(q, "hi", 2, 1), 0);
	assert_int_equal(mq_send(full, "x", 1, 1), 0);
	assert_int_equal(list(CONTENT, &found), IPCK_OK);
	assert_int_equal(found.count, 3);
	object = found_one(&found, IPCK_POSIX_MQ, "/q");
	assert_non_null(object);
	assert_int_equal(object->known & (all | IPCK_POSIX_MQ_CONTENT),
			 all | IPCK_POSIX_MQ_CONTENT);
	assert_int_equal(object->posix_mq.messages, 2);
	assert_int_equal(object->posix_mq.bytes, 7);
	assert_int_equal(object->posix_mq.max_messages, 5);
	assert_int_equal(object->posix_mq.max_message_size, 100);
	assert_int_equal(object->posix_mq.notify_pid, 0);
	assert_int_equal(object->status, 0);
	assert_int_equal(fstat(q, &status), 0);
	assert_int_equal(object->inode, status.st_ino);
	assert_int_equal(object->major, major(status.st_dev));
	assert_int_equal(object->minor, minor(status.st_dev));
	assert_int_equal(object->uid, status.st_uid);
	assert_int_equal(object->mode, status.st_mode & 0777);
	assert_int_equal(object->posix_mq.mtime, status.st_mtime);
	assert_int_equal(object->last_used, status.st_mtime);
	assert_int_equal(found_one(&found, IPCK_POSIX_MQ, "/full")->status, IPCK_STATUS_FULL);
	assert_int_equal(found_one(&found, IPCK_POSIX_MQ, "/empty")->status, IPCK_STATUS_EMPTY);
	found_free(&found);
	mq_close(q);
	mq_close(full);
}

/* Without the content no time moves: the counts come from mq_getattr(). */
static void test_untouched(void **state)
{
	const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000 } };
	mqd_t queue = make_queue("/q", 5, 100);
	struct stat before, after;
	struct found found;

	(void)state;
	assert_int_equal(futimens(queue, old), 0);
	assert_int_equal(fstat(queue, &before), 0);
	assert_int_equal(list(0, &found), IPCK_OK);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.objects[0].known & IPCK_POSIX_MQ_CONTENT, 0);
	assert_int_equal(ipck_object_why(&found.objects[0], IPCK_POSIX_MQ_CONTENT),
			 IPCK_ERR_NOT_WANTED);
	assert_int_equal(found.objects[0].last_used, 2000);
	found_free(&found);
	assert_int_equal(fstat(queue, &after), 0);
	assert_int_equal(before.st_atime, after.st_atime);
	assert_int_equal(before.st_mtime, after.st_mtime);
	mq_close(queue);
}

static bool ask_notification(void)
{
	const struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT };

	return mq_notify(mq_open("/q", O_RDONLY), &event) == 0;
}

static void test_notification(void **state)
{
	struct found found;
	pid_t pid;

	(void)state;
	mq_close(make_queue("/q", 5, 100));
	pid = stays(ask_notification);
	assert_true(pid > 0);
	assert_int_equal(list(CONTENT, &found), IPCK_OK);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.objects[0].posix_mq.notify_pid, pid);
	found_free(&found);
	/* looking has not ended it */
	assert_int_equal(list(CONTENT, &found), IPCK_OK);
	assert_int_equal(found.objects[0].posix_mq.notify_pid, pid);
	found_free(&found);
	ends(pid);
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		int rc;
	} rows[] = {
		{ "/q", IPCK_OK },
		{ "/gone", IPCK_ERR_NOT_FOUND },
		{ "/q/x", IPCK_ERR_NOT_FOUND },
		{ "//q", IPCK_ERR_NOT_FOUND },
		{ "/.", IPCK_ERR_NOT_FOUND },
		{ "/..", IPCK_ERR_NOT_FOUND },
		{ "/", IPCK_ERR_NOT_FOUND },
		{ "q", IPCK_ERR_NOT_FOUND },
	};
	struct posix_place place;

	(void)state;
	mq_close(make_queue("/q", 5, 100));
	assert_int_equal(posix_mq_open(ctx, &place), IPCK_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ipck_object object = { 0 };
		struct pool pool = { 0 };

		CHECK(posix_read(ctx, &place, IPCK_POSIX_MQ, rows[i].name, 0, &pool, &object) ==
			      rows[i].rc,
		      "%s: %s", rows[i].name, ipck_message(ctx));
		if (rows[i].rc == IPCK_OK)
			assert_int_equal(object.posix_mq.max_messages, 5);
		pool_free(&pool);
	}
	posix_close(&place);
}

static void test_unlink(void **state)
{
	struct found found;

	(void)state;
	mq_close(make_queue("/q", 5, 100));
	assert_int_equal(list(0, &found), IPCK_OK);
	assert_int_equal(found.count, 1);
	/* another one of that name by now */
	assert_int_equal(mq_unlink("/q"), 0);
	mq_close(make_queue("/q", 6, 100));
	assert_int_equal(unlink_object(&found.objects[0]), IPCK_ERR_CHANGED);
	found_free(&found);
	assert_int_equal(list(0, &found), IPCK_OK);
	assert_int_equal(unlink_object(&found.objects[0]), IPCK_OK);
	assert_int_equal(mq_unlink("/q"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(unlink_object(&found.objects[0]), IPCK_ERR_NOT_FOUND);
	found_free(&found);
}

/* ---- Where no detached mount is to be had ---- */

/* Ours, mounted by the child for itself: it lists, reads and unlinks as the detached one does. */
static void visible_ours(void)
{
	struct posix_place place;
	struct found found;

	CHILD(places_refuse(SYS_fsopen));
	CHILD(posix_mq_open(ctx, &place) == IPCK_OK);
	CHILD(place.visible);
	posix_close(&place);
	CHILD(list(CONTENT, &found) == IPCK_OK);
	CHILD(found.count == 1 && strcmp(found.objects[0].name, "/q") == 0);
	CHILD(found.objects[0].posix_mq.messages == 1 && found.objects[0].posix_mq.bytes == 3);
	CHILD(unlink_object(&found.objects[0]) == IPCK_OK);
	found_free(&found);
	CHILD(list(0, &found) == IPCK_OK && found.count == 0);
}

static void test_visible(void **state)
{
	mqd_t queue = make_queue("/q", 5, 100);

	(void)state;
	assert_int_equal(mq_send(queue, "abc", 3, 0), 0);
	mq_close(queue);
	in_child(visible_ours);
	assert_int_equal(mq_unlink("/q"), -1);
}

/* Mounted before the namespace was left: those are not our queues, whatever they are called. */
static void visible_of_others(void)
{
	struct found found;
	mqd_t queue;

	CHILD(unshare(CLONE_NEWIPC) == 0);
	CHILD(places_refuse(SYS_fsopen));
	CHILD(list(0, &found) == IPCK_ERR_UNSUPPORTED && found.count == 0);
	queue = mq_open("/q", O_CREAT | O_EXCL | O_RDWR, 0600, NULL);
	CHILD(queue != (mqd_t)-1);
	CHILD(list(0, &found) == IPCK_ERR_UNSUPPORTED && found.count == 0);
	CHILD(strstr(ipck_message(ctx), "another IPC namespace") != NULL);
}

static void detached_in_new(void)
{
	struct found found;

	CHILD(unshare(CLONE_NEWIPC) == 0);
	CHILD(list(0, &found) == IPCK_OK && found.count == 0);
}

static void test_others(void **state)
{
	struct found found;

	(void)state;
	mq_close(make_queue("/q", 5, 100));
	in_child(visible_of_others);
	if (detached)
		in_child(detached_in_new);
	assert_int_equal(list(0, &found), IPCK_OK);
	assert_int_equal(found.count, 1);
	found_free(&found);
}

static void visible_none(void)
{
	struct found found;

	CHILD(unshare(CLONE_NEWNS) == 0);
	CHILD(mount("unit", "/dev/mqueue", "tmpfs", 0, NULL) == 0);
	CHILD(places_refuse(SYS_fsopen));
	CHILD(list(0, &found) == IPCK_ERR_UNSUPPORTED);
	CHILD(strstr(ipck_message(ctx), "mount it") != NULL);
}

static void test_none(void **state)
{
	(void)state;
	in_child(visible_none);
}

/* ---- As a user without rights ---- */

static void unprivileged(void)
{
	const uint32_t counts = IPCK_POSIX_MQ_LIMITS | IPCK_POSIX_MQ_MESSAGES;
	const struct ipck_object *object;
	struct found found;
	mqd_t queue;

	CHILD(become_nobody());
	/* nothing proves that these are ours */
	CHILD(list(0, &found) == IPCK_ERR_DENIED && found.count == 0);
	queue = mq_open("/other", O_CREAT | O_EXCL | O_RDWR, 0600, NULL);
	CHILD(queue != (mqd_t)-1);
	CHILD(list(CONTENT, &found) == IPCK_OK && found.count == 2);
	object = found_one(&found, IPCK_POSIX_MQ, "/q");
	CHILD(object != NULL && (object->known & counts) == 0);
	CHILD((object->unknown.denied & counts) == counts);
	CHILD((object->unknown.denied & IPCK_POSIX_MQ_CONTENT) != 0);
	CHILD((object->known & IPCK_FIELD_OWNER) != 0 && object->uid == 0);
	CHILD(object->status == 0);
	CHILD(unlink_object(object) == IPCK_ERR_DENIED);
	object = found_one(&found, IPCK_POSIX_MQ, "/other");
	CHILD(object != NULL && (object->known & counts) == counts);
	CHILD(unlink_object(object) == IPCK_OK);
	found_free(&found);
}

static void test_unprivileged(void **state)
{
	(void)state;
	if (!real_root)
		skip();
	mq_close(make_queue("/q", 5, 100));
	in_child(unprivileged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(sentence, function) { sentence, function, clear, clear, NULL }
		FRESH("the queues are reached without a mount that anybody sees", test_place),
		FRESH("counts, limits, bytes and times of queues are read", test_queues),
		FRESH("no time of a queue moves unless its content is asked for", test_untouched),
		FRESH("who asked to be notified is named, and stays so", test_notification),
		FRESH("a name leads to its queue", test_names),
		FRESH("a queue is unlinked while its name means that one", test_unlink),
		FRESH("a visible mount of this namespace serves as well", test_visible),
		FRESH("a mount of another namespace's queues lists nothing", test_others),
		FRESH("without any mount that is said", test_none),
		FRESH("what a user may not read is denied, not zero", test_unprivileged),
	};
	int failed, fs;

	if (!places_private() || mount("unit", "/dev/mqueue", "mqueue", 0, NULL) != 0) {
		puts("1..0 # SKIP no private namespaces here");
		return 0;
	}
	fs = (int)syscall(SYS_fsopen, "mqueue", 0);
	detached = fs >= 0 && syscall(SYS_fsconfig, fs, 6, NULL, NULL, 0) == 0;
	if (fs >= 0)
		close(fs);
	if (ipck_open(NULL, &ctx) != 0)
		return 1;
	failed = RUN(tests);
	ipck_close(ctx);
	return failed;
}
