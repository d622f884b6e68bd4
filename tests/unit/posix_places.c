/* SPDX-License-Identifier: MIT */
/* The /dev/shm of other processes, however it was set up, what cannot be seen, what is unlinked,
 * and what has lost its name. */
#include "unit.h"

#include <limits.h>

#include "places.h"

#include <mqueue.h>
#include <semaphore.h>
#include <sys/mman.h>

#define BOTH (IPCK_POSIX_SHM | IPCK_POSIX_SEM)

static void make_file(const char *path, off_t size)
{
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

static int clear(void **state)
{
	(void)state;
	return system("rm -rf /dev/shm/* 2>/dev/null") == 0 ? 0 : -1;
}

static int list(pid_t pid, struct found *found)
{
	struct posix_place place;
	int rc;

	*found = (struct found){ 0 };
	rc = posix_shm_open(ctx, pid, &place);
	if (rc != IPCK_OK)
		return rc;
	rc = posix_each(ctx, &place, BOTH, 0, &found->pool, found_row, found);
	posix_close(&place);
	return rc;
}

static int unlink_object(pid_t pid, const struct ipck_object *object)
{
	struct posix_place place;
	int rc = posix_shm_open(ctx, pid, &place);

	if (rc != IPCK_OK)
		return rc;
	rc = posix_unlink(ctx, &place, object);
	posix_close(&place);
	return rc;
}

/* ---- Of other processes ---- */

static bool own_shm(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount("unit", "/dev/shm", "tmpfs", 0, NULL) == 0 &&
	       mknod("/dev/shm/theirs", S_IFREG | 0600, 0) == 0;
}

static void list_theirs(pid_t pid)
{
	struct found found;

	CHILD(list(pid, &found) == IPCK_OK);
	CHILD(found.count == 1 && strcmp(found.objects[0].name, "/theirs") == 0);
	CHILD(unlink_object(0, &found.objects[0]) == IPCK_ERR_NOT_FOUND);
	CHILD(unlink_object(pid, &found.objects[0]) == IPCK_OK);
	found_free(&found);
	CHILD(list(pid, &found) == IPCK_OK && found.count == 0);
}

static pid_t other; /* for what runs in a child */

static void list_by_openat2(void)
{
	list_theirs(other);
}

static void list_without_openat2(void)
{
	CHILD(places_refuse(SYS_openat2));
	list_theirs(other);
}

static void test_theirs(void **state)
{
	static void (*const ways[])(void) = { list_by_openat2, list_without_openat2 };
	struct found found;

	(void)state;
	make_file("/dev/shm/ours", 1);
	for (size_t i = 0; i < COUNT(ways); i++) {
		other = stays(own_shm);
		assert_true(other > 0);
		in_child(ways[i]);
		ends(other);
	}
	assert_int_equal(list(0, &found), IPCK_OK);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.objects[0].name, "/ours");
	found_free(&found);
	/* the number is free again */
	assert_int_equal(list(other, &found), IPCK_ERR_NOT_FOUND);
}

/* Each with a tmpfs at /dev, in its own mount namespace. */
static bool own_dev(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount("unit", "/dev", "tmpfs", 0, NULL) == 0;
}

static bool linked_shm(void)
{
	return own_dev() && mkdir("/dev/real", 0755) == 0 && symlink("real", "/dev/shm") == 0;
}

static bool climbing_shm(void)
{
	return own_dev() && symlink("../../../../../../../dev", "/dev/shm") == 0;
}

static bool magic_shm(void)
{
	return own_dev() && symlink("/proc/1/root/dev/shm", "/dev/shm") == 0;
}

static bool no_shm(void)
{
	return own_dev();
}

static bool file_shm(void)
{
	return own_dev() && mknod("/dev/shm", S_IFREG | 0644, 0) == 0;
}

static bool proc_shm(void)
{
	return own_dev() && mkdir("/dev/shm", 0755) == 0 &&
	       mount("/proc", "/dev/shm", "none", MS_BIND, NULL) == 0;
}

static void unsupported(void)
{
	struct found found;

	CHILD(list(other, &found) == IPCK_ERR_UNSUPPORTED);
}

static void unsupported_without_openat2(void)
{
	CHILD(places_refuse(SYS_openat2));
	unsupported();
}

static void test_hostile(void **state)
{
	static bool (*const setups[])(void) = { linked_shm, climbing_shm, magic_shm,
						no_shm,     file_shm,     proc_shm };

	(void)state;
	for (size_t i = 0; i < COUNT(setups); i++) {
		other = stays(setups[i]);
		assert_true(other > 0);
		in_child(unsupported);
		in_child(unsupported_without_openat2);
		ends(other);
	}
}

/* ---- What is not seen ---- */

static void test_mounted(void **state)
{
	struct found found;

	(void)state;
	make_file("/dev/shm/a", 1);
	make_file("/dev/shm/file", 1);
	assert_int_equal(mkdir("/dev/shm/over", 0700), 0);
	assert_int_equal(mount("unit", "/dev/shm/over", "tmpfs", 0, NULL), 0);
	make_file("/dev/shm/over/b", 1);
	assert_int_equal(mount("/dev/null", "/dev/shm/file", "none", MS_BIND, NULL), 0);
	assert_int_equal(list(0, &found), IPCK_OK);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.objects[0].name, "/a");
	found_free(&found);
	assert_int_equal(umount2("/dev/shm/over", MNT_DETACH), 0);
	assert_int_equal(umount2("/dev/shm/file", MNT_DETACH), 0);
}

static void test_deep(void **state)
{
	char path[256] = "/dev/shm", name[256];
	struct found found;

	(void)state;
	for (int i = 1; i <= 33; i++) {
		snprintf(name, sizeof(name), "%s/d", path);
		memcpy(path, name, sizeof(path));
		assert_int_equal(mkdir(path, 0700), 0);
		snprintf(name, sizeof(name), "%s/f", path);
		if (i >= 32)
			make_file(name, 1);
	}
	/* that of the 32nd is given, what lies below is said not to have been seen */
	assert_int_equal(list(0, &found), IPCK_ERR_DENIED);
	assert_int_equal(found.count, 1);
	assert_int_equal(strlen(found.objects[0].name), 2 * 32 + 2);
	found_free(&found);
}

/* The longest path that is looked at fits. */
static void test_long(void **state)
{
	char name[NAME_MAX + 1];
	struct found found;
	int folder = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC), inner;

	(void)state;
	memset(name, 'n', NAME_MAX);
	name[NAME_MAX] = '\0';
	for (int i = 0; i < 32; i++) {
		assert_int_equal(mkdirat(folder, name, 0700), 0);
		inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(folder);
		folder = inner;
	}
	inner = openat(folder, name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	assert_true(inner >= 0);
	close(inner);
	close(folder);
	assert_int_equal(list(0, &found), IPCK_OK);
	assert_int_equal(found.count, 1);
	assert_int_equal(strlen(found.objects[0].name), 33 * (NAME_MAX + 1));
	found_free(&found);
}

static void unprivileged(void)
{
	const struct ipck_object *object;
	struct found found;

	CHILD(become_nobody());
	CHILD(mknod("/dev/shm/mine", S_IFREG | 0600, 0) == 0);
	CHILD(mknod("/dev/shm/sem.mine", S_IFREG | 0600, 0) == 0);
	CHILD(truncate("/dev/shm/sem.mine", 32) == 0);
	CHILD(list(0, &found) == IPCK_ERR_DENIED && found.count == 5);
	object = found_one(&found, IPCK_POSIX_SHM, "/a");
	CHILD(object != NULL && object->uid == 0 && object->posix_shm.size == 5);
	CHILD(unlink_object(0, object) == IPCK_ERR_DENIED);
	/* may be read, but not without moving its time of access; may not be read at all */
	for (int i = 0; i < 2; i++) {
		object = found_one(&found, IPCK_POSIX_SEM, i == 0 ? "/open" : "/closed");
		CHILD(object != NULL);
		CHILD(ipck_object_why(object, IPCK_POSIX_SEM_VALUE) == IPCK_ERR_DENIED);
	}
	object = found_one(&found, IPCK_POSIX_SEM, "/mine");
	CHILD(object != NULL && (object->known & IPCK_POSIX_SEM_VALUE) != 0);
	CHILD(unlink_object(0, found_one(&found, IPCK_POSIX_SHM, "/mine")) == IPCK_OK);
	CHILD(access("/dev/shm/mine", F_OK) != 0);
	found_free(&found);
	CHILD(list(1, &found) == IPCK_ERR_DENIED);
}

static void unprivileged_noatime(void)
{
	const struct ipck_object *object;
	struct found found;

	CHILD(unshare(CLONE_NEWNS) == 0);
	CHILD(mount("none", "/dev/shm", "none", MS_REMOUNT | MS_BIND | MS_NOATIME, NULL) == 0);
	CHILD(become_nobody());
	CHILD(list(0, &found) == IPCK_ERR_DENIED);
	object = found_one(&found, IPCK_POSIX_SEM, "/open");
	CHILD(object != NULL && (object->known & IPCK_POSIX_SEM_VALUE) != 0);
	CHILD(object->posix_sem.value == 2);
	found_free(&found);
}

static void test_unprivileged(void **state)
{
	const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000 } };
	struct stat before, after;

	(void)state;
	if (!real_root)
		skip();
	make_file("/dev/shm/a", 5);
	assert_int_equal(mkdir("/dev/shm/secret", 0700), 0);
	make_file("/dev/shm/secret/b", 5);
	sem_close(sem_open("/open", O_CREAT, 0600, 2));
	assert_int_equal(chmod("/dev/shm/sem.open", 0644), 0);
	sem_close(sem_open("/closed", O_CREAT, 0600, 2));
	assert_int_equal(utimensat(AT_FDCWD, "/dev/shm/sem.open", old, 0), 0);
	assert_int_equal(stat("/dev/shm/sem.open", &before), 0);
	in_child(unprivileged);
	in_child(unprivileged_noatime);
	assert_int_equal(stat("/dev/shm/sem.open", &after), 0);
	assert_memory_equal(&before.st_atim, &after.st_atim, sizeof(before.st_atim));
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
	assert_int_equal(list(0, &found), IPCK_OK);
	assert_int_equal(found.count, 4);
	/* another file of that name, and a link to the very file, are not it */
	object = found_one(&found, IPCK_POSIX_SHM, "/b");
	assert_int_equal(rename("/dev/shm/b", "/dev/shm/moved"), 0);
	assert_int_equal(unlink_object(0, object), IPCK_ERR_NOT_FOUND);
	assert_int_equal(symlink("moved", "/dev/shm/b"), 0);
	assert_int_equal(unlink_object(0, object), IPCK_ERR_CHANGED);
	assert_int_equal(rename("/dev/shm/c", "/dev/shm/b"), 0);
	assert_int_equal(unlink_object(0, object), IPCK_ERR_CHANGED);
	assert_int_equal(access("/dev/shm/b", F_OK), 0);
	assert_int_equal(access("/dev/shm/moved", F_OK), 0);
	/* nor is the same inode on another device */
	object = found_one(&found, IPCK_POSIX_SHM, "/dir/a");
	twin = *object;
	twin.minor++;
	assert_int_equal(unlink_object(0, &twin), IPCK_ERR_CHANGED);
	assert_int_equal(unlink_object(0, object), IPCK_OK);
	assert_int_equal(access("/dev/shm/dir/a", F_OK), -1);
	assert_int_equal(unlink_object(0, found_one(&found, IPCK_POSIX_SEM, "/s")), IPCK_OK);
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
	assert_int_equal(list(0, &found), IPCK_OK);
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
	assert_int_equal(unlink_object(0, &object), IPCK_ERR_NOT_FOUND);
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
#define FRESH(sentence, function) { sentence, function, clear, clear, NULL }
		FRESH("what another process sees at /dev/shm is listed and unlinked there",
		      test_theirs),
		FRESH("no link leads out of a process's root, and only a tmpfs will do",
		      test_hostile),
		FRESH("other file systems that are mounted inside are left alone", test_mounted),
		FRESH("folders too deep are said not to have been seen", test_deep),
		FRESH("the longest path fits", test_long),
		FRESH("what a user may not see is denied, and no time moves", test_unprivileged),
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
