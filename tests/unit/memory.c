/* SPDX-License-Identifier: MIT */
/* Lines of mountinfo, the charge for a queue, and the arithmetic of huge pages. */
#include "unit.h"

#include "source/memory.h"
#include "source/posix_limits.h"
#include "source/tmpfs.h"

static void test_mount_lines(void **state)
{
	static const struct {
		const char *line;
		bool good;
		uint32_t major, minor;
		const char *root, *path, *type;
	} rows[] = {
		{ "30 25 0:27 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=64k", true, 0, 27, "/",
		  "/dev/shm", "tmpfs" },
		{ "30 25 259:1048575 /a /b rw shared:1 master:2 propagate_from:3 - ext4 /dev/x rw",
		  true, 259, 1048575, "/a", "/b", "ext4" },
		{ "1 2 0:5 / /with\\040blank\\011tab\\012line\\134slash rw - tmpfs x rw", true, 0,
		  5, "/", "/with blank\ttab\nline\\slash", "tmpfs" },
		/* not an escape: too short, or no octal digits */
		{ "1 2 0:5 / /a\\04 rw - tmpfs x rw", true, 0, 5, "/", "/a\\04", "tmpfs" },
		{ "1 2 0:5 / /a\\0489 rw - tmpfs x rw", true, 0, 5, "/", "/a\\0489", "tmpfs" },
		/* what mounted it has no name: two blanks */
		{ "1 2 0:5 / /a rw - tmpfs  rw", true, 0, 5, "/", "/a", "tmpfs" },
		{ "1 2 0:5 / /a rw tmpfs x rw", false, 0, 0, "", "", "" },
		{ "1 2 0:5 / - tmpfs x rw", false, 0, 0, "", "", "" },
		{ "1 2 0-5 / /a rw - tmpfs x rw", false, 0, 0, "", "", "" },
		{ "1 2 0:5x / /a rw - tmpfs x rw", false, 0, 0, "", "", "" },
		{ "1 2 :5 / /a rw - tmpfs x rw", false, 0, 0, "", "", "" },
		{ "1 2 0:5 / /a rw - tmpfs", false, 0, 0, "", "", "" },
		{ "", false, 0, 0, "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mount_line mount;
		char line[256];

		snprintf(line, sizeof(line), "%s", rows[i].line);
		CHECK(mount_parse_line(line, &mount) == rows[i].good, "%s", rows[i].line);
		if (!rows[i].good)
			continue;
		CHECK(mount.major == rows[i].major && mount.minor == rows[i].minor, "%s",
		      rows[i].line);
		assert_string_equal(mount.root, rows[i].root);
		assert_string_equal(mount.path, rows[i].path);
		assert_string_equal(mount.type, rows[i].type);
	}
}

/* The least RLIMIT_MSGQUEUE with which Linux 6.18 let a 64-bit program open such a queue. */
static void test_queue_charge(void **state)
{
	(void)state;
	if (sizeof(void *) != 8)
		skip();
	assert_int_equal(posix_queue_charge(10, 8192), 82880);
	assert_int_equal(posix_queue_charge(1, 1), 97);
	/* from here on there are more messages than priorities */
	assert_int_equal(posix_queue_charge(32768, 1), 32768 * 97);
	assert_int_equal(posix_queue_charge(32769, 1), 32769 * 49 + 32768 * 48);
}

static void test_huge_pages(void **state)
{
	const struct huge_pool plain = { .page = 2048, .pages = 10, .free = 7, .reserved = 2 };
	const struct huge_pool surplus = {
		.page = 1, .pages = 12, .free = 5, .reserved = 1, .surplus = 2, .overcommit = 30
	};
	const struct huge_pool none = { .page = 2048 };
	/* read one after the other, the numbers need not fit */
	const struct huge_pool torn = { .page = 1, .pages = 1, .free = 2, .surplus = 3 };

	(void)state;
	assert_int_equal(huge_pool_limit(&plain), 10 * 2048);
	assert_int_equal(huge_pool_used(&plain), 5 * 2048);
	assert_int_equal(huge_pool_limit(&surplus), 40);
	assert_int_equal(huge_pool_used(&surplus), 8);
	assert_int_equal(huge_pool_limit(&none), 0);
	assert_int_equal(huge_pool_used(&none), 0);
	assert_int_equal(huge_pool_limit(&torn), 0);
	assert_int_equal(huge_pool_used(&torn), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a line of mountinfo is taken apart, or refused", test_mount_lines),
		TEST("a queue is charged as the kernel charges it", test_queue_charge),
		TEST("a pool of huge pages has its pages, and what it may add", test_huge_pages),
	};

	return RUN(tests);
}
