/* SPDX-License-Identifier: MIT */
/* Unlinking what is still the same file, and reading what has lost its name. */
#include "unit.h"

#include "places.h"

#include <mqueue.h>
#include <semaphore.h>

static void make_file(const char *path, off_t size)
{
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

/* ---- Unlinking ---- */

static void test_unlink(void **state)
{
	const struct ipck_object *object;
	struct ipck_object twin;
	struct found found;

	(void)state;
	assert_int_equal(mkdir("/dev/shm/dir", 0700), 0);
	make_file("/dev/shm/dir/a", 1);
	make_file("/dev/shm/b", 1);
	make_file("/dev/shm/c", 1);
	sem_close(sem_open("/s", O_CREAT, 0600, 2));
	assert_int_equal(list_shm(0, BOTH, &found), IPCK_OK);
	assert_int_equal(found.count, 4);
	/* another file of that name, and a link to the very file, are not it */
	object = found_one(&found, IPCK_POSIX_SHM, "/b");
	assert_int_equal(rename("/dev/shm/b", "/dev/shm/moved"), 0);
	assert_int_equal(unlink_shm(0, object), IPCK_ERR_NOT_FOUND);
	assert_int_equal(symlink("moved", "/dev/shm/b"), 0);
	assert_int_equal(unlink_shm(0, object), IPCK_ERR_CHANGED);
	assert_int_equal(rename("/dev/shm/c", "/dev/shm/b"), 0);
	assert_int_equal(unlink_shm(0, object), IPCK_ERR_CHANGED);
	assert_int_equal(access("/dev/shm/b", F_OK), 0);
	assert_int_equal(access("/dev/shm/moved", F_OK), 0);
	/* nor is the same inode on another device */
	object = found_one(&found, IPCK_POSIX_SHM, "/dir/a");
	twin = *object;
	twin.minor++;
	assert_int_equal(unlink_shm(0, &twin), IPCK_ERR_CHANGED);
	assert_int_equal(unlink_shm(0, object), IPCK_OK);
	assert_int_equal(access("/dev/shm/dir/a", F_OK), -1);
	assert_int_equal(unlink_shm(0, found_one(&found, IPCK_POSIX_SEM, "/s")), IPCK_OK);
	assert_int_equal(access("/dev/shm/sem.s", F_OK), -1);
	found_free(&found);
}

static void test_remove(void **state)
{
	const struct ipck_remove_options idle = { .size = sizeof(idle), .idle_only = true };
	struct ipck_object object, endpoint = { .kind = IPCK_PIPE, .number = 123 };
	struct found found;
	struct stat own;

	(void)state;
	make_file("/dev/shm/a", 1);
	assert_int_equal(list_shm(0, BOTH, &found), IPCK_OK);
	object = found.objects[0];
	assert_int_equal(stat("/proc/self/ns/mnt", &own), 0);
	object.ns = own.st_ino + 1;
	assert_int_equal(ipck_remove(ctx, &object, NULL, NULL), IPCK_ERR_OUTSIDE);
	object.ns = own.st_ino;
	object.inode++;
	assert_int_equal(ipck_remove(ctx, &object, NULL, NULL), IPCK_ERR_CHANGED);
	object.inode--;
	/* who holds it must be looked at first */
	assert_int_equal(ipck_remove(ctx, &object, &idle, NULL), IPCK_ERR_BUSY);
	object.status = IPCK_STATUS_DELETED;
	assert_int_equal(ipck_remove(ctx, &object, NULL, NULL), IPCK_ERR_NOT_FOUND);
	object.status = 0;
	assert_int_equal(access("/dev/shm/a", F_OK), 0);
	assert_int_equal(ipck_remove(ctx, &object, NULL, NULL), IPCK_OK);
	assert_int_equal(access("/dev/shm/a", F_OK), -1);
	assert_int_equal(ipck_remove(ctx, &object, NULL, NULL), IPCK_ERR_NOT_FOUND);
	found_free(&found);

	assert_int_equal(ipck_remove(ctx, &endpoint, NULL, NULL), IPCK_ERR_UNSUPPORTED);
	assert_string_equal(ipck_message(ctx), "pipe:123: it goes with its last holder");
	endpoint.kind = 0;
	assert_int_equal(ipck_remove(ctx, &endpoint, NULL, NULL), IPCK_ERR_ARGUMENT);
}

/* ---- Without a name ---- */

static int deleted(enum ipck_kind kind, int fd, const void *area, const char *name,
		   struct ipck_object *object, struct pool *pool)
{
	const uint64_t start = (uintptr_t)area;

	return posix_read_deleted(ctx, kind, getpid(), fd, start, start + 4096, pool, name, object);
}

static void test_deleted(void **state)
{
	struct pool pool = { 0 };
	struct ipck_object object;
	int fd = open("/dev/shm/a", O_CREAT | O_RDWR | O_CLOEXEC, 0640), pipes[2];
	mqd_t queue = mq_open("/q", O_CREAT | O_RDWR, 0600, NULL);
	struct stat status;

	(void)state;
	assert_true(fd >= 0 && queue >= 0);
	assert_true(write(fd, "abc", 3) == 3);
	assert_int_equal(fstat(fd, &status), 0);
	/* as long as it has its name, it is not */
	assert_int_equal(deleted(IPCK_POSIX_SHM, fd, NULL, "/dev/shm/a", &object, &pool), IPCK_OK);
	assert_int_equal(object.status, 0);
	assert_int_equal(unlink("/dev/shm/a"), 0);
	assert_int_equal(deleted(IPCK_POSIX_SHM, fd, NULL, "/dev/shm/a", &object, &pool), IPCK_OK);
	assert_int_equal(object.kind, IPCK_POSIX_SHM);
	assert_int_equal(object.status, IPCK_STATUS_DELETED);
	assert_int_equal(object.inode, status.st_ino);
	assert_int_equal(object.mode, 0640);
	assert_int_equal(object.posix_shm.size, 3);
	assert_int_equal(object.posix_shm.rss, 4096);
	assert_string_equal(object.name, "/a");
	assert_int_equal(unlink_shm(0, &object), IPCK_ERR_NOT_FOUND);
	close(fd);

	assert_int_equal(mq_unlink("/q"), 0);
	assert_int_equal(mq_send(queue, "x", 1, 0), 0);
	assert_int_equal(deleted(IPCK_POSIX_MQ, queue, NULL, "/q", &object, &pool), IPCK_OK);
	assert_int_equal(object.status, IPCK_STATUS_DELETED);
	assert_int_equal(object.posix_mq.messages, 1);
	assert_string_equal(object.name, "/q");
	/* a descriptor that is another thing by now */
	assert_int_equal(deleted(IPCK_POSIX_SHM, queue, NULL, "/q", &object, &pool),
			 IPCK_ERR_NOT_FOUND);
	mq_close(queue);
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_int_equal(deleted(IPCK_POSIX_SHM, pipes[0], NULL, NULL, &object, &pool),
			 IPCK_ERR_NOT_FOUND);
	close(pipes[0]);
	assert_int_equal(deleted(IPCK_POSIX_SHM, pipes[0], NULL, NULL, &object, &pool),
			 IPCK_ERR_NOT_FOUND);
	close(pipes[1]);
	pool_free(&pool);
}

static void test_deleted_map(void **state)
{
	struct pool pool = { 0 };
	struct ipck_object object;
	sem_t *semaphore = sem_open("/s", O_CREAT, 0600, 5);
	const void *page = (const void *)((uintptr_t)semaphore & ~(uintptr_t)4095);
	int rc;

	(void)state;
	assert_true(semaphore != SEM_FAILED);
	assert_int_equal(sem_unlink("/s"), 0);
	assert_int_equal(sem_post(semaphore), 0);
	rc = deleted(IPCK_POSIX_SEM, -1, page, "/dev/shm/sem.Ab12Cd", &object, &pool);
	if (!real_root) {
		assert_int_equal(rc, IPCK_ERR_DENIED);
	} else {
		assert_int_equal(rc, IPCK_OK);
		assert_int_equal(object.kind, IPCK_POSIX_SEM);
		assert_int_equal(object.status, IPCK_STATUS_DELETED);
		assert_int_equal(object.posix_sem.value, 6);
		assert_string_equal(object.name, "/Ab12Cd");
	}
	sem_close(semaphore);
	if (real_root) /* no such area any more; the others are told neither */
		assert_int_equal(deleted(IPCK_POSIX_SEM, -1, page, NULL, &object, &pool),
				 IPCK_ERR_NOT_FOUND);
	pool_free(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(sentence, function) { sentence, function, clear_shm, clear_shm, NULL }
		FRESH("a name is unlinked while it means that very file", test_unlink),
		FRESH("objects are removed where they live, and endpoints are not", test_remove),
		FRESH("a file without a name is read through its descriptor", test_deleted),
		FRESH("a semaphore without a name is read through its mapping", test_deleted_map),
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
