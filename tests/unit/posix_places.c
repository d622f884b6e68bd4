/* SPDX-License-Identifier: MIT */
/* The /dev/shm of other processes, however it was set up, and what of it cannot be seen. */
#include "unit.h"

#include <limits.h>

#include "places.h"

#include <semaphore.h>

static void make_file(const char *path, off_t size)
{
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
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

	CHILD(list_shm(pid, BOTH, &found) == IPCK_OK);
	CHILD(found.count == 1 && strcmp(found.objects[0].name, "/theirs") == 0);
	CHILD(unlink_shm(0, &found.objects[0]) == IPCK_ERR_NOT_FOUND);
	CHILD(unlink_shm(pid, &found.objects[0]) == IPCK_OK);
	found_free(&found);
	CHILD(list_shm(pid, BOTH, &found) == IPCK_OK && found.count == 0);
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
	assert_int_equal(list_shm(0, BOTH, &found), IPCK_OK);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.objects[0].name, "/ours");
	found_free(&found);
	/* the number is free again */
	assert_int_equal(list_shm(other, BOTH, &found), IPCK_ERR_NOT_FOUND);
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

	CHILD(list_shm(other, BOTH, &found) == IPCK_ERR_UNSUPPORTED);
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
	assert_int_equal(list_shm(0, BOTH, &found), IPCK_OK);
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
	assert_int_equal(list_shm(0, BOTH, &found), IPCK_ERR_DENIED);
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
	assert_int_equal(list_shm(0, BOTH, &found), IPCK_OK);
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
	CHILD(list_shm(0, BOTH, &found) == IPCK_ERR_DENIED && found.count == 5);
	object = found_one(&found, IPCK_POSIX_SHM, "/a");
	CHILD(object != NULL && object->uid == 0 && object->posix_shm.size == 5);
	CHILD(unlink_shm(0, object) == IPCK_ERR_DENIED);
	/* may be read, but not without moving its time of access; may not be read at all */
	for (int i = 0; i < 2; i++) {
		object = found_one(&found, IPCK_POSIX_SEM, i == 0 ? "/open" : "/closed");
		CHILD(object != NULL);
		CHILD(ipck_object_why(object, IPCK_POSIX_SEM_VALUE) == IPCK_ERR_DENIED);
	}
	object = found_one(&found, IPCK_POSIX_SEM, "/mine");
	CHILD(object != NULL && (object->known & IPCK_POSIX_SEM_VALUE) != 0);
	CHILD(unlink_shm(0, found_one(&found, IPCK_POSIX_SHM, "/mine")) == IPCK_OK);
	CHILD(access("/dev/shm/mine", F_OK) != 0);
	found_free(&found);
	CHILD(list_shm(1, BOTH, &found) == IPCK_ERR_DENIED);
}

static void unprivileged_noatime(void)
{
	const struct ipck_object *object;
	struct found found;

	CHILD(unshare(CLONE_NEWNS) == 0);
	CHILD(mount("none", "/dev/shm", "none", MS_REMOUNT | MS_BIND | MS_NOATIME, NULL) == 0);
	CHILD(become_nobody());
	CHILD(list_shm(0, BOTH, &found) == IPCK_ERR_DENIED);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(sentence, function) { sentence, function, clear_shm, clear_shm, NULL }
		FRESH("what another process sees at /dev/shm is listed and unlinked there",
		      test_theirs),
		FRESH("no link leads out of a process's root, and only a tmpfs will do",
		      test_hostile),
		FRESH("other file systems that are mounted inside are left alone", test_mounted),
		FRESH("folders too deep are said not to have been seen", test_deep),
		FRESH("the longest path fits", test_long),
		FRESH("what a user may not see is denied, and no time moves", test_unprivileged),
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
