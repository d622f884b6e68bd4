/* SPDX-License-Identifier: MIT */
/* The areas of a process, by both methods, against what this program mapped itself. */
#include "unit.h"

#include <errno.h>

#include "places.h"
#include "source/maps.h"

#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#define PAGE ((size_t)4096)

/* ---- Lines ---- */

static void test_lines(void **state)
{
	static const struct {
		const char *line;
		bool taken;
		uint64_t start, end, inode;
		unsigned access;
		bool shared;
		const char *name;
	} rows[] = {
		{ "7f0-7f1 rw-s 00001000 00:01 32769                          /SYSV0000abcd "
		  "(deleted)",
		  true, 0x7f0, 0x7f1, 32769, IPCK_ACCESS_READ | IPCK_ACCESS_WRITE, true,
		  "/SYSV0000abcd (deleted)" },
		{ "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  "
		  "[vsyscall]",
		  true, 0xffffffffff600000, 0xffffffffff601000, 0, IPCK_ACCESS_EXEC, false,
		  "[vsyscall]" },
		{ "1-2 ---p 00000000 00:00 0 ", true, 1, 2, 0, 0, false, "" },
		{ "1-2 ---p 00000000 00:00 0", true, 1, 2, 0, 0, false, "" },
		{ "1-2 r--s 0 fe:1f 18446744073709551615 /a\\012b c", true, 1, 2, UINT64_MAX,
		  IPCK_ACCESS_READ, true, "/a\nb c" },
		{ "1-2 r--s 0 fe:1f 5 /\\01", true, 1, 2, 5, IPCK_ACCESS_READ, true, "/\\01" },
		{ "1-2 r--s 0 fe:1f 18446744073709551616 /a", false, 0, 0, 0, 0, false, "" },
		{ "10000000000000000-2 r--s 0 fe:1f 1 /a", false, 0, 0, 0, 0, false, "" },
		{ "1-2 r--s 0 100000000:1f 1 /a", false, 0, 0, 0, 0, false, "" },
		{ "2-1 r--s 0 fe:1f 1 /a", false, 0, 0, 0, 0, false, "" },
		{ "1-1 r--s 0 fe:1f 1 /a", false, 0, 0, 0, 0, false, "" },
		{ "1-2 r--S 0 fe:1f 1 /a", false, 0, 0, 0, 0, false, "" },
		{ "1-2 r-s 0 fe:1f 1 /a", false, 0, 0, 0, 0, false, "" },
		{ "1-2 wr-s 0 fe:1f 1 /a", false, 0, 0, 0, 0, false, "" },
		{ "1-2 r--s 0 fe:1f 1/a", false, 0, 0, 0, 0, false, "" },
		{ "1-2 r--s 0 fe:1f ", false, 0, 0, 0, 0, false, "" },
		{ "1-2 r--s 0 fe:1f", false, 0, 0, 0, 0, false, "" },
		{ "1-2 r--s 0 fe 1 /a", false, 0, 0, 0, 0, false, "" },
		{ "1 2 r--s 0 fe:1f 1 /a", false, 0, 0, 0, 0, false, "" },
		{ " 1-2 r--s 0 fe:1f 1 /a", false, 0, 0, 0, 0, false, "" },
		{ "-2 r--s 0 fe:1f 1 /a", false, 0, 0, 0, 0, false, "" },
		{ "0x1-2 r--s 0 fe:1f 1 /a", false, 0, 0, 0, 0, false, "" },
		{ "", false, 0, 0, 0, 0, false, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct area area = { 0 };
		char line[128];
		bool taken;

		snprintf(line, sizeof(line), "%s", rows[i].line);
		taken = maps_parse_line(line, &area);
		CHECK(taken == rows[i].taken, "\"%s\": %s", rows[i].line,
		      taken ? "taken" : "refused");
		CHECK(!taken || (area.start == rows[i].start && area.end == rows[i].end &&
				 area.inode == rows[i].inode && area.access == rows[i].access &&
				 area.shared == rows[i].shared &&
				 strcmp(area.name, rows[i].name) == 0),
		      "\"%s\": other values", rows[i].line);
	}
}

/* ---- Live ---- */

struct areas {
	struct area rows[4096];
	size_t count;
};

static int keep(struct area *area, void *data)
{
	struct areas *areas = data;

	if (areas->count == COUNT(areas->rows))
		return 1;
	areas->rows[areas->count] = *area;
	areas->rows[areas->count].name = strdup(area->name);
	return areas->rows[areas->count++].name == NULL;
}

static void drop(struct areas *areas)
{
	for (size_t i = 0; i < areas->count; i++)
		free(areas->rows[i].name);
	free(areas);
}

static struct areas *read_by(const char *file, bool all, enum maps_method method)
{
	struct areas *areas = calloc(1, sizeof(*areas));

	assert_non_null(areas);
	assert_int_equal(maps_each(AT_FDCWD, file, all, method, keep, areas), 0);
	return areas;
}

static bool has_ioctl(void)
{
	struct areas *areas = calloc(1, sizeof(*areas));
	int rc = maps_each(AT_FDCWD, "/proc/self/maps", false, MAPS_IOCTL, keep, areas);

	drop(areas);
	return rc == 0;
}

static const struct area *at(const struct areas *areas, const void *address)
{
	for (size_t i = 0; i < areas->count; i++)
		if (areas->rows[i].start == (uint64_t)(uintptr_t)address)
			return &areas->rows[i];
	return NULL;
}

static void same(const struct areas *left, const struct areas *right)
{
	assert_int_equal(left->count, right->count);
	for (size_t i = 0; i < left->count; i++) {
		const struct area *a = &left->rows[i], *b = &right->rows[i];

		CHECK(a->start == b->start && a->end == b->end && a->offset == b->offset,
		      "area %zu: another range", i);
		CHECK(a->major == b->major && a->minor == b->minor && a->inode == b->inode,
		      "area %zu: another file", i);
		CHECK(a->access == b->access && a->shared == b->shared, "area %zu: access", i);
		CHECK(strcmp(a->name, b->name) == 0, "area %zu: \"%s\", \"%s\"", i, a->name,
		      b->name);
	}
}

/* What both methods say of this process; the areas must be freed. */
static struct areas *own_areas(bool all)
{
	struct areas *text = read_by("/proc/self/maps", all, MAPS_TEXT), *query;

	if (!has_ioctl()) {
		print_message("# PROCMAP_QUERY: not on this kernel\n");
		return text;
	}
	/* what either of them allocates is private memory without a file */
	query = read_by("/proc/self/maps", all, MAPS_IOCTL);
	same(text, query);
	drop(text);
	text = read_by("/proc/self/maps", all, MAPS_AUTO);
	same(text, query);
	drop(text);
	return query;
}

static char folder[] = "/tmp/ipckit-maps-XXXXXX";

static void *map_file(const char *name, int *fd, const char *shown)
{
	char path[600];
	void *memory;

	(void)shown;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(*fd >= 0);
	assert_int_equal(ftruncate(*fd, (off_t)(8 * PAGE)), 0);
	memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, (off_t)PAGE);
	assert_true(memory != MAP_FAILED);
	return memory;
}

static void check_file(const struct area *area, int fd, const char *name)
{
	struct stat status;
	char path[600];

	assert_int_equal(fstat(fd, &status), 0);
	CHECK(area != NULL, "%s: not there", name);
	CHECK(area->inode == status.st_ino && area->major == major(status.st_dev) &&
		      area->minor == minor(status.st_dev),
	      "%s: another file", name);
	CHECK(area->end - area->start == 2 * PAGE && area->offset == PAGE, "%s: range", name);
	CHECK(area->shared && area->access == (IPCK_ACCESS_READ | IPCK_ACCESS_WRITE), "%s: access",
	      name);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	CHECK(strcmp(area->name, path) == 0, "%s: %s", name, area->name);
}

static void test_names(void **state)
{
	static const char *const names[] = { "plain",         "a\nb\n",
					     " two  spaces ", "\x1b[31m",
					     "\xff\xfe",      "x (deleted)",
					     "SYSV00000000",  "1-2 rw-s 0 00:01 5 x" };
	void *memory[COUNT(names)];
	int fds[COUNT(names)];
	struct areas *areas;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		memory[i] = map_file(names[i], &fds[i], names[i]);
	areas = own_areas(false);
	for (size_t i = 0; i < COUNT(names); i++)
		check_file(at(areas, memory[i]), fds[i], names[i]);
	drop(areas);
	for (size_t i = 0; i < COUNT(names); i++) {
		char path[600];

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	areas = own_areas(false);
	for (size_t i = 0; i < COUNT(names); i++) {
		char path[600];

		snprintf(path, sizeof(path), "%s/%s (deleted)", folder, names[i]);
		assert_non_null(at(areas, memory[i]));
		assert_string_equal(at(areas, memory[i])->name, path);
		munmap(memory[i], 2 * PAGE);
		close(fds[i]);
	}
	drop(areas);
}

/* Low, below and above 4 GiB, in the middle, and at the top. */
static void test_ranges(void **state)
{
	static const uint64_t addresses[] = { 0x20000, 0xfffff000, 0x100002000, 0x123456789000,
					      0x7fffffffe000 - 16 * 4096 };
	int fd = memfd_create("ranges", MFD_CLOEXEC);
	struct areas *areas;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* its shadow lies there */
#endif
	assert_int_equal(ftruncate(fd, (off_t)PAGE), 0);
	for (size_t i = 0; i < COUNT(addresses); i++)
		CHECK(mmap((void *)(uintptr_t)addresses[i], PAGE, PROT_READ,
			   MAP_SHARED | MAP_FIXED_NOREPLACE, fd,
			   0) == (void *)(uintptr_t)addresses[i],
		      "%llx: %s", (unsigned long long)addresses[i], strerror(errno));
	areas = own_areas(false);
	for (size_t i = 0; i < COUNT(addresses); i++) {
		const struct area *area = at(areas, (void *)(uintptr_t)addresses[i]);

		CHECK(area != NULL, "%llx: not there", (unsigned long long)addresses[i]);
		assert_int_equal(area->end, addresses[i] + PAGE);
		assert_int_equal(area->access, IPCK_ACCESS_READ);
		assert_string_equal(area->name, "/memfd:ranges (deleted)");
		munmap((void *)(uintptr_t)addresses[i], PAGE);
	}
	drop(areas);
	close(fd);
}

/* mprotect() in the middle makes three of one; so do they count. */
static void test_split(void **state)
{
	char *memory =
		mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct areas *areas;

	(void)state;
	assert_true(memory != MAP_FAILED);
	assert_int_equal(mprotect(memory + PAGE, PAGE, PROT_NONE), 0);
	areas = own_areas(false);
	for (size_t i = 0; i < 3; i++) {
		const struct area *area = at(areas, memory + i * PAGE);

		CHECK(area != NULL, "part %zu: not there", i);
		assert_int_equal(area->end - area->start, PAGE);
		assert_int_equal(area->offset, i * PAGE);
		assert_int_equal(area->access, i == 1 ? 0 : IPCK_ACCESS_READ | IPCK_ACCESS_WRITE);
		assert_string_equal(area->name, "/dev/zero (deleted)");
	}
	drop(areas);
	munmap(memory, 3 * PAGE);
}

static void test_private(void **state)
{
	void *anonymous = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *memory;
	struct areas *areas;
	int fd;

	(void)state;
	munmap(map_file("private", &fd, NULL), 2 * PAGE);
	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	assert_true(memory != MAP_FAILED);
	areas = own_areas(false);
	assert_null(at(areas, memory));
	drop(areas);
	areas = own_areas(true);
	assert_non_null(at(areas, memory));
	assert_false(at(areas, memory)->shared);
	assert_null(at(areas, anonymous));
	drop(areas);
	munmap(memory, PAGE);
	munmap(anonymous, PAGE);
	close(fd);
}

static void test_huge(void **state)
{
	const size_t size = 2048 * 1024;
	int fd = memfd_create("huge", MFD_CLOEXEC | MFD_HUGETLB);
	struct areas *areas;
	struct stat status;
	void *memory;

	(void)state;
	memory = fd < 0 ? MAP_FAILED
			: mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (memory == MAP_FAILED) {
		print_message("# huge pages: %s\n", strerror(errno));
		skip();
	}
	fstat(fd, &status);
	areas = own_areas(false);
	assert_non_null(at(areas, memory));
	assert_int_equal(at(areas, memory)->inode, status.st_ino);
	assert_int_equal(at(areas, memory)->minor, minor(status.st_dev));
	assert_string_equal(at(areas, memory)->name, "/memfd:huge (deleted)");
	drop(areas);
	munmap(memory, size);
	close(fd);
}

/* The first segment of a namespace has inode 0, and is an area of a file all the same. */
static void first_segment(void)
{
	struct areas *areas;
	void *memory;
	int id;

	if (!places_private())
		_exit(77);
	id = shmget(IPC_PRIVATE, PAGE, 0600);
	CHILD(id == 0);
	memory = shmat(id, NULL, 0);
	for (int method = MAPS_AUTO; method <= MAPS_TEXT; method++) {
		if (method == MAPS_IOCTL && !has_ioctl())
			continue;
		areas = read_by("/proc/self/maps", false, (enum maps_method)method);
		CHILD(at(areas, memory) != NULL);
		CHILD(at(areas, memory)->inode == 0);
		CHILD(strcmp(at(areas, memory)->name, "/SYSV00000000 (deleted)") == 0);
		drop(areas);
	}
}

static void test_first_segment(void **state)
{
	int status = -1;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		first_segment();
		_exit(0);
	}
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- Paths that no answer holds ---- */

/* Go down so many folders of 250 letters each, from the folder of this test. */
static int deep_folder(int levels)
{
	char name[251];
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), next;

	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < levels && fd >= 0; i++) {
		mkdirat(fd, name, 0700);
		next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = next;
	}
	assert_true(fd >= 0);
	return fd;
}

static void test_long_paths(void **state)
{
	/* within the kernel's answer; past it; past a buffer of text */
	static const struct {
		int levels;
		bool named;
	} rows[] = { { 15, true }, { 17, false }, { 70, false } };
	void *memory[COUNT(rows)], *after;
	struct stat status[COUNT(rows)];
	struct areas *areas;
	int fd;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int dir = deep_folder(rows[i].levels);

		fd = openat(dir, "file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		assert_true(fd >= 0 && fstat(fd, &status[i]) == 0);
		memory[i] = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
		assert_true(memory[i] != MAP_FAILED);
		close(fd);
		close(dir);
	}
	after = map_file("after", &fd, NULL);
	areas = own_areas(false);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct area *area = at(areas, memory[i]);

		CHECK(area != NULL, "row %zu: not there", i);
		CHECK(area->inode == status[i].st_ino, "row %zu: another file", i);
		CHECK((area->name[0] != '\0') == rows[i].named, "row %zu: %zu bytes", i,
		      strlen(area->name));
		munmap(memory[i], PAGE);
	}
	check_file(at(areas, after), fd, "after");
	drop(areas);
	munmap(after, 2 * PAGE);
	close(fd);
}

/* ---- Ends and refusals ---- */

static int calls;

static int stop(struct area *area, void *data)
{
	(void)area;
	calls++;
	return *(int *)data;
}

/* A value of the caller's ends it, whatever error it looks like. */
static void test_stop(void **state)
{
	static int values[] = { 1, 77, -EPERM, -EINVAL, -ENOTTY, -ENOENT, -EFBIG, -ESRCH };

	(void)state;
	for (int method = MAPS_AUTO; method <= MAPS_TEXT; method++)
		for (size_t i = 0; i < COUNT(values); i++) {
			int rc;

			if (method == MAPS_IOCTL && !has_ioctl())
				continue;
			calls = 0;
			rc = maps_each(AT_FDCWD, "/proc/self/maps", true, (enum maps_method)method,
				       stop, &values[i]);
			CHECK(rc == values[i] && calls == 1, "method %d, %d: %d after %d calls",
			      method, values[i], rc, calls);
		}
}

static void test_errors(void **state)
{
	int zero = 0, status;
	char path[40];
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	assert_int_equal(waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT), 0);
	for (int method = MAPS_AUTO; method <= MAPS_TEXT; method++) {
		if (method == MAPS_IOCTL && !has_ioctl())
			continue;
		assert_int_equal(
			maps_each(AT_FDCWD, path, true, (enum maps_method)method, stop, &zero),
			-ESRCH); /* a zombie */
		assert_int_equal(maps_each(AT_FDCWD, "/proc/0/maps", true, (enum maps_method)method,
					   stop, &zero),
				 -ENOENT);
	}
	waitpid(pid, &status, 0);
	assert_true(maps_each(AT_FDCWD, path, true, MAPS_AUTO, stop, &zero) < 0);
	/* what is not of the form is not taken for the end */
	assert_int_equal(maps_each(AT_FDCWD, "/proc/self/status", true, MAPS_AUTO, stop, &zero),
			 -EIO);
}

static void without_ioctl(void)
{
	struct areas *text, *automatic;
	char room[MAPS_NAME_SIZE];
	struct area area;

	CHILD(places_refuse_both(SYS_ioctl, SYS_ioctl));
	calls = 0;
	CHILD(maps_each(AT_FDCWD, "/proc/self/maps", true, MAPS_IOCTL, stop, &calls) == -ENOTTY);
	CHILD(calls == 0);
	CHILD(maps_at(AT_FDCWD, "/proc/self/maps", (uintptr_t)&calls, MAPS_IOCTL, &area, room) ==
	      -ENOTTY);
	CHILD(maps_at(AT_FDCWD, "/proc/self/maps", (uintptr_t)&calls, MAPS_AUTO, &area, room) ==
		      0 &&
	      area.start <= (uintptr_t)&calls && (uintptr_t)&calls < area.end);
	text = read_by("/proc/self/maps", true, MAPS_TEXT);
	automatic = read_by("/proc/self/maps", true, MAPS_AUTO);
	CHILD(text->count > 3 && automatic->count == text->count);
	drop(text);
	drop(automatic);
}

/* ---- One address ---- */

static void check_at(const void *address, enum maps_method method, const void *start, size_t size,
		     bool shared, uint64_t offset, const char *name)
{
	char room[MAPS_NAME_SIZE];
	struct area area;
	int rc = maps_at(AT_FDCWD, "/proc/self/maps", (uintptr_t)address, method, &area, room);

	CHECK(rc == 0, "%p by %d: %s", address, (int)method, strerror(-rc));
	CHECK(area.start == (uintptr_t)start && area.end == (uintptr_t)start + size &&
		      area.shared == shared && area.offset == offset && area.name == room,
	      "%p by %d: %llx-%llx", address, (int)method, (unsigned long long)area.start,
	      (unsigned long long)area.end);
	CHECK(strcmp(room, name) == 0, "%p by %d: named %s", address, (int)method, room);
}

/* The first and the last byte of an area, what is before it and behind it. */
static void test_at(void **state)
{
	/* what is not readable splits each of them from its neighbours */
	char *base = mmap(NULL, 16 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char path[128], *inside = base + 4 * PAGE, *hole = base + 12 * PAGE;
	char room[MAPS_NAME_SIZE], stack[MAPS_NAME_SIZE];
	struct area area;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/at\n.", folder);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && ftruncate(fd, 8 * PAGE) == 0);
	assert_true(mmap(inside, 2 * PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 3 * PAGE) ==
		    inside);
	assert_int_equal(munmap(hole, PAGE), 0);
	for (int method = MAPS_AUTO; method <= MAPS_TEXT; method++) {
		check_at(inside, (enum maps_method)method, inside, 2 * PAGE, true, 3 * PAGE, path);
		check_at(inside + 2 * PAGE - 1, (enum maps_method)method, inside, 2 * PAGE, true,
			 3 * PAGE, path);
		check_at(inside - 1, (enum maps_method)method, base, 4 * PAGE, false, 0, "");
		check_at(inside + 2 * PAGE, (enum maps_method)method, inside + 2 * PAGE, 6 * PAGE,
			 false, 0, "");
		assert_int_equal(maps_at(AT_FDCWD, "/proc/self/maps", (uintptr_t)hole,
					 (enum maps_method)method, &area, room),
				 -ENOENT);
		assert_int_equal(maps_at(AT_FDCWD, "/proc/self/maps", 0, (enum maps_method)method,
					 &area, room),
				 -ENOENT);
		assert_int_equal(maps_at(AT_FDCWD, "/proc/self/maps", UINT64_MAX,
					 (enum maps_method)method, &area, room),
				 -ENOENT);
		assert_int_equal(
			maps_at(AT_FDCWD, "/proc/0/maps", 0, (enum maps_method)method, &area, room),
			-ENOENT);
		assert_int_equal(maps_at(AT_FDCWD, "/proc/self/maps", (uintptr_t)&fd,
					 (enum maps_method)method, &area, room),
				 0);
		if (method == MAPS_AUTO)
			memcpy(stack, room, sizeof(stack));
		assert_string_equal(room, stack); /* valgrind's has another name */
	}
	munmap(base, 12 * PAGE);
	munmap(base + 13 * PAGE, 3 * PAGE);
	close(fd);
	unlink(path);
}

static void test_without_ioctl(void **state)
{
	(void)state;
	in_child(without_ioctl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("A line of maps is taken only in the kernel's form", test_lines),
		TEST("Both methods give hostile names raw", test_names),
		TEST("Both methods see areas from the bottom to the top", test_ranges),
		TEST("A split area is three", test_split),
		TEST("Private areas come only when all are asked for", test_private),
		TEST("Huge pages lie on a device of their own", test_huge),
		TEST("The first segment, of inode 0, is not lost", test_first_segment),
		TEST("No area is lost for the length of its path", test_long_paths),
		TEST("A row function ends it with any value", test_stop),
		TEST("Zombies, missing processes and other texts are errors", test_errors),
		TEST("The area of one address", test_at),
		TEST("Without the ioctl the text serves", test_without_ioctl),
	};
	char command[64];
	int rc;

	(void)ctx;
	if (mkdtemp(folder) == NULL)
		return 1;
	rc = RUN(tests);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) != 0 || rc != 0;
}
