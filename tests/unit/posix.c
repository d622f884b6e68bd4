/* SPDX-License-Identifier: MIT */
/* Files on a /dev/shm of our own: listed, read by name, and unlinked. */
#include "unit.h"

#include "places.h"

#include <semaphore.h>
#include <sys/inotify.h>

/* ---- What is made ---- */

static void make_file(const char *path, const void *bytes, size_t written, off_t size)
{
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0640);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_true(write(fd, bytes, written) == (ssize_t)written);
	close(fd);
}

static void make_semaphore(const char *name, unsigned value)
{
	sem_t *semaphore = sem_open(name, O_CREAT | O_EXCL, 0600, value);

	assert_true(semaphore != SEM_FAILED);
	sem_close(semaphore);
}

/* ---- Listing ---- */

static void must_be(const struct ipck_object *object, const char *path)
{
	struct stat status;

	assert_non_null(object);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(object->uid, status.st_uid);
	assert_int_equal(object->gid, status.st_gid);
	assert_int_equal(object->mode, status.st_mode & 0777);
	assert_int_equal(object->major, major(status.st_dev));
	assert_int_equal(object->minor, minor(status.st_dev));
	assert_int_equal(object->inode, status.st_ino);
	assert_int_equal(object->ctime, status.st_ctime);
	assert_int_equal(object->status & IPCK_STATUS_DELETED, 0);
	assert_true((object->known & IPCK_FIELD_OWNER) != 0);
	assert_true((object->known & IPCK_FIELD_TIMES) != 0);
	if (object->kind != IPCK_POSIX_SHM)
		return;
	assert_int_equal(object->posix_shm.size, status.st_size);
	assert_int_equal(object->posix_shm.rss, status.st_blocks * 512);
	assert_int_equal(object->posix_shm.mtime, status.st_mtime);
	assert_int_equal(object->posix_shm.atime, status.st_atime);
}

static void set_times(const char *path, time_t atime, time_t mtime)
{
	const struct timespec times[2] = { { .tv_sec = atime }, { .tv_sec = mtime } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void test_files(void **state)
{
	const time_t now = time(NULL);
	struct found found;

	(void)state;
	make_file("/dev/shm/a", "x", 1, 1000000);
	make_file("/dev/shm/empty", "", 0, 0);
	assert_int_equal(mkdir("/dev/shm/dir", 0755), 0);
	assert_int_equal(mkdir("/dev/shm/dir/sub", 0700), 0);
	make_file("/dev/shm/dir/b", "x", 1, 5000);
	make_file("/dev/shm/dir/sub/c", "x", 1, 1);
	make_file("/dev/shm/dir/sem.d", "", 0, 32); /* only right in /dev/shm */
	set_times("/dev/shm/a", now + 100, 1000);
	set_times("/dev/shm/dir/b", 1000, now + 100);
	set_times("/dev/shm/dir/sub/c", 1000, 1000);
	set_times("/dev/shm/empty", -5, -5);
	/* and what is no object */
	assert_int_equal(symlink("a", "/dev/shm/link"), 0);
	assert_int_equal(symlink("dir", "/dev/shm/dirlink"), 0);
	assert_int_equal(mkfifo("/dev/shm/fifo", 0600), 0);

	assert_int_equal(list_shm(0, BOTH, &found), IPCK_OK);
	assert_int_equal(found.count, 5);
	must_be(found_one(&found, IPCK_POSIX_SHM, "/a"), "/dev/shm/a");
	must_be(found_one(&found, IPCK_POSIX_SHM, "/dir/b"), "/dev/shm/dir/b");
	must_be(found_one(&found, IPCK_POSIX_SHM, "/dir/sub/c"), "/dev/shm/dir/sub/c");
	must_be(found_one(&found, IPCK_POSIX_SHM, "/dir/sem.d"), "/dev/shm/dir/sem.d");
	assert_int_equal(found_one(&found, IPCK_POSIX_SHM, "/a")->last_used, now + 100);
	assert_int_equal(found_one(&found, IPCK_POSIX_SHM, "/dir/b")->last_used, now + 100);
	assert_true(found_one(&found, IPCK_POSIX_SHM, "/dir/sub/c")->last_used >= now);
	assert_int_equal(found_one(&found, IPCK_POSIX_SHM, "/empty")->posix_shm.mtime, 0);
	assert_int_equal(found_one(&found, IPCK_POSIX_SHM, "/empty")->posix_shm.atime, 0);
	found_free(&found);
	assert_int_equal(list_shm(0, IPCK_POSIX_SEM, &found), IPCK_OK);
	assert_int_equal(found.count, 0);
	found_free(&found);
}

static void test_semaphore_files(void **state)
{
	/* of a 32-bit program, "somebody waits" and one that does */
	static const uint32_t small[4] = { 1, 128, 0, 1 };
	static const uint32_t garbage[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	const struct ipck_object *object;
	struct found found;

	(void)state;
	make_semaphore("/s", 3);
	make_file("/dev/shm/sem.small", small, sizeof(small), sizeof(small));
	make_file("/dev/shm/sem.garbage", garbage, sizeof(garbage), sizeof(garbage));
	make_file("/dev/shm/sem.large", "x", 1, 33);
	make_file("/dev/shm/sem.", garbage, sizeof(garbage), sizeof(garbage));
	assert_int_equal(list_shm(0, BOTH, &found), IPCK_OK);
	assert_int_equal(found.count, 5);
	object = found_one(&found, IPCK_POSIX_SEM, "/s");
	must_be(object, "/dev/shm/sem.s");
	assert_true((object->known & IPCK_POSIX_SEM_VALUE) != 0);
	assert_int_equal(object->posix_sem.value, 3);
	assert_int_equal(object->posix_sem.waiters, 0);
	assert_int_equal(object->status, 0);
	object = found_one(&found, IPCK_POSIX_SEM, "/small");
	assert_non_null(object);
	assert_int_equal(object->posix_sem.value, 0);
	assert_int_equal(object->posix_sem.waiters, 1);
	assert_int_equal(object->status, IPCK_STATUS_WAITED_ON);
	object = found_one(&found, IPCK_POSIX_SEM, "/garbage");
	assert_non_null(object);
	assert_int_equal(ipck_object_why(object, IPCK_POSIX_SEM_VALUE), IPCK_ERR_UNSUPPORTED);
	assert_non_null(found_one(&found, IPCK_POSIX_SHM, "/sem.large"));
	assert_non_null(found_one(&found, IPCK_POSIX_SHM, "/sem."));
	found_free(&found);
	assert_int_equal(list_shm(0, IPCK_POSIX_SHM, &found), IPCK_OK);
	assert_int_equal(found.count, 2);
	found_free(&found);
}

static int look(enum ipck_kind kind, const char *name, struct ipck_object *object)
{
	struct posix_place place;
	struct pool pool = { 0 };
	int rc = posix_shm_open(ctx, 0, &place);

	assert_int_equal(rc, IPCK_OK);
	rc = posix_read(ctx, &place, kind, name, 0, &pool, object);
	if (rc == IPCK_OK)
		assert_string_equal(object->name, name);
	object->name = NULL; /* gone with the pool */
	posix_close(&place);
	pool_free(&pool);
	return rc;
}

/* A waiter counts itself before it sleeps: poll until both have. */
static void test_waiters(void **state)
{
	const time_t deadline = time(NULL) + 20;
	struct ipck_object object;
	pid_t waiters[2];
	sem_t *semaphore;

	(void)state;
	make_semaphore("/w", 0);
	semaphore = sem_open("/w", 0);
	assert_true(semaphore != SEM_FAILED);
	for (size_t i = 0; i < COUNT(waiters); i++) {
		waiters[i] = fork();
		assert_true(waiters[i] >= 0);
		if (waiters[i] == 0)
			_exit(sem_wait(semaphore));
	}
	do
		assert_int_equal(look(IPCK_POSIX_SEM, "/w", &object), IPCK_OK);
	while (object.posix_sem.waiters < 2 && time(NULL) < deadline);
	assert_int_equal(object.posix_sem.waiters, 2);
	assert_int_equal(object.posix_sem.value, 0);
	assert_int_equal(object.status, IPCK_STATUS_WAITED_ON);
	sem_post(semaphore);
	sem_post(semaphore);
	for (size_t i = 0; i < COUNT(waiters); i++)
		waitpid(waiters[i], NULL, 0);
	assert_int_equal(look(IPCK_POSIX_SEM, "/w", &object), IPCK_OK);
	assert_int_equal(object.posix_sem.waiters, 0);
	assert_int_equal(object.status, 0);
	sem_close(semaphore);
}

/* Nothing but folders and semaphores is opened, and no time moves. */
static void test_untouched(void **state)
{
	static const char *const paths[] = { "/dev/shm/a", "/dev/shm/fifo", "/dev/shm/sem.s",
					     "/dev/shm" };
	const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000 } };
	char events[4096] __attribute__((aligned(8)));
	struct stat before[COUNT(paths)], after;
	struct ipck_object object;
	struct found found;
	ssize_t got;
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	(void)state;
	make_file("/dev/shm/a", "x", 1, 1);
	make_semaphore("/s", 1);
	assert_int_equal(mkfifo("/dev/shm/fifo", 0600), 0);
	for (size_t i = 0; i < COUNT(paths); i++) {
		assert_int_equal(utimensat(AT_FDCWD, paths[i], old, 0), 0);
		assert_int_equal(stat(paths[i], &before[i]), 0);
	}
	assert_true(inotify_add_watch(watch, "/dev/shm", IN_ALL_EVENTS) >= 0);
	assert_int_equal(list_shm(0, BOTH, &found), IPCK_OK);
	assert_int_equal(found.count, 2);
	found_free(&found);
	assert_int_equal(look(IPCK_POSIX_SHM, "/a", &object), IPCK_OK);
	assert_int_equal(look(IPCK_POSIX_SHM, "/fifo", &object), IPCK_ERR_NOT_FOUND);
	while ((got = read(watch, events, sizeof(events))) > 0)
		for (char *p = events; p < events + got;) {
			const struct inotify_event *event = (const void *)p;

			CHECK((event->mask & IN_ISDIR) != 0 || strcmp(event->name, "sem.s") == 0,
			      "%s: event 0x%x", event->name, event->mask);
			CHECK((event->mask & (IN_ATTRIB | IN_MODIFY | IN_CREATE | IN_DELETE)) == 0,
			      "%s: event 0x%x", event->name, event->mask);
			p += sizeof(*event) + event->len;
		}
	close(watch);
	for (size_t i = 0; i < COUNT(paths); i++) {
		assert_int_equal(stat(paths[i], &after), 0);
		CHECK(memcmp(&before[i].st_atim, &after.st_atim, 3 * sizeof(struct timespec)) == 0,
		      "%s: its times moved", paths[i]);
	}
}

/* sem_open() makes a semaphore under a temporary name first.  Whichever name is listed first. */
static void test_several_names(void **state)
{
	static const char *const orders[][2] = { { "/dev/shm/sem.Ab12Cd", "/dev/shm/sem.real" },
						 { "/dev/shm/sem.real", "/dev/shm/sem.Ab12Cd" } };
	struct found found;

	for (size_t i = 0; i < COUNT(orders); i++) {
		make_file(orders[i][0], "", 0, 32);
		assert_int_equal(link(orders[i][0], orders[i][1]), 0);
		make_file("/dev/shm/x", "", 0, 1);
		assert_int_equal(link("/dev/shm/x", "/dev/shm/y"), 0);
		assert_int_equal(link("/dev/shm/x", "/dev/shm/z"), 0);
		assert_int_equal(list_shm(0, BOTH, &found), IPCK_OK);
		assert_int_equal(found.count, 2);
		must_be(found_one(&found, IPCK_POSIX_SEM, "/real"), orders[i][1]);
		found_free(&found);
		clear_shm(state);
	}
	/* one that was left alone keeps its only name */
	make_file("/dev/shm/sem.Ab12Cd", "", 0, 32);
	assert_int_equal(list_shm(0, BOTH, &found), IPCK_OK);
	assert_non_null(found_one(&found, IPCK_POSIX_SEM, "/Ab12Cd"));
	found_free(&found);
}

static void test_names(void **state)
{
	static const struct {
		enum ipck_kind kind;
		const char *name;
		int rc;
	} rows[] = {
		{ IPCK_POSIX_SHM, "/a", IPCK_OK },
		{ IPCK_POSIX_SHM, "/dir/b", IPCK_OK },
		{ IPCK_POSIX_SEM, "/s", IPCK_OK },
		{ IPCK_POSIX_SHM, "/...", IPCK_OK },
		{ IPCK_POSIX_SHM, "/sem.s", IPCK_ERR_NOT_FOUND }, /* it is a semaphore */
		{ IPCK_POSIX_SEM, "/a", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SEM, "/large", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "/sem.large", IPCK_OK },
		{ IPCK_POSIX_SEM, "/dir/b", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "/dir", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "/dir/", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "/a/", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "/a/b", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "/link", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "/dirlink/b", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "/gone", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "/gone/b", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "//a", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "/./a", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "/../shm/a", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "/dir/../a", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "/dir//b", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "a", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "/", IPCK_ERR_NOT_FOUND },
		{ IPCK_POSIX_SHM, "", IPCK_ERR_NOT_FOUND },
	};
	struct ipck_object object;
	char name[300];

	(void)state;
	make_file("/dev/shm/a", "", 0, 1);
	make_file("/dev/shm/...", "", 0, 1);
	make_file("/dev/shm/sem.large", "", 0, 33);
	make_semaphore("/s", 1);
	assert_int_equal(mkdir("/dev/shm/dir", 0755), 0);
	make_file("/dev/shm/dir/b", "", 0, 1);
	assert_int_equal(symlink("a", "/dev/shm/link"), 0);
	assert_int_equal(symlink("dir", "/dev/shm/dirlink"), 0);
	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK(look(rows[i].kind, rows[i].name, &object) == rows[i].rc, "%s: %s",
		      rows[i].name, ipck_message(ctx));
	memset(name, 'x', sizeof(name));
	name[0] = '/';
	for (size_t length = 250; length < sizeof(name); length++) {
		name[length] = '\0';
		assert_int_equal(look(IPCK_POSIX_SHM, name, &object), IPCK_ERR_NOT_FOUND);
		assert_int_equal(look(IPCK_POSIX_SEM, name, &object), IPCK_ERR_NOT_FOUND);
		name[length] = 'x';
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(sentence, function) { sentence, function, clear_shm, clear_shm, NULL }
		FRESH("files and those of folders are shared memory, all else is not", test_files),
		FRESH("a file named and sized like a semaphore is one", test_semaphore_files),
		FRESH("the value and the waiters of a semaphore follow what is done to it",
		      test_waiters),
		FRESH("nothing but semaphores is opened, and no time moves", test_untouched),
		FRESH("a file with several names is one object, not by its temporary name",
		      test_several_names),
		FRESH("a name leads to its file, and never out of its place", test_names),
	};
	int failed;

	if (!places_private()) {
		puts("1..0 # SKIP no private namespaces here");
		return 0;
	}
	if (ipck_open(NULL, &ctx) != 0)
		return 1;
	failed = RUN(tests);
	ipck_close(ctx);
	return failed;
}
