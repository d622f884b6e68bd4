/* SPDX-License-Identifier: MIT */
/* Lines about locks, as Linux 6.18 and older kernels printed them, cut, and made up; and those of
 * locks taken here. */
#include "unit.h"

#include "files.h"
#include "source/locks.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#define END LOCK_TO_END

static bool same(const struct lock *a, const struct lock *b)
{
	return a->kind == b->kind && a->write == b->write && a->waits == b->waits &&
	       a->pid == b->pid && a->has_file == b->has_file && a->major == b->major &&
	       a->minor == b->minor && a->inode == b->inode && a->start == b->start &&
	       a->end == b->end;
}

static void test_kernel(void **state)
{
	static const struct {
		const char *line;
		struct lock lock;
	} rows[] = {
		{ "1: LEASE  BREAKING  UNLCK 27754 fe:00:10994659 0 EOF",
		  { LOCK_LEASE, false, false, 27754, true, 0xfe, 0, 10994659, 0, END } },
		{ "1: -> LEASE  BREAKER   WRITE 27808 <none>:0 0 EOF",
		  { LOCK_LEASE, true, true, 27808, false, 0, 0, 0, 0, END } },
		{ "2: OFDLCK ADVISORY  READ -1 fe:00:10994643 0 EOF",
		  { LOCK_OFD, false, false, -1, true, 0xfe, 0, 10994643, 0, END } },
		{ "2: -> OFDLCK ADVISORY  WRITE -1 fe:00:10994643 5 9",
		  { LOCK_OFD, true, true, -1, true, 0xfe, 0, 10994643, 5, 9 } },
		{ "3: POSIX  ADVISORY  READ 27754 fe:00:10994627 1000 EOF",
		  { LOCK_POSIX, false, false, 27754, true, 0xfe, 0, 10994627, 1000, END } },
		{ "4: -> POSIX  ADVISORY  READ 27805 00:1a:10994627 120 120",
		  { LOCK_POSIX, false, true, 27805, true, 0, 0x1a, 10994627, 120, 120 } },
		{ "4:  -> POSIX  ADVISORY  WRITE 27806 fe:00:10994627 120 121",
		  { LOCK_POSIX, true, true, 27806, true, 0xfe, 0, 10994627, 120, 121 } },
		{ "5: FLOCK  ADVISORY  WRITE 0 fe:00:10994612 0 EOF",
		  { LOCK_FLOCK, true, false, 0, true, 0xfe, 0, 10994612, 0, END } },
		{ "12345:   -> FLOCK  ADVISORY  READ 27803 fe:00:10994612 0 EOF",
		  { LOCK_FLOCK, false, true, 27803, true, 0xfe, 0, 10994612, 0, END } },
		/* minor numbers have five digits, inodes twenty */
		{ "1: POSIX  ADVISORY  WRITE 1 103:fffff:18446744073709551615 "
		  "0 9223372036854775807",
		  { LOCK_POSIX, true, false, 1, true, 0x103, 0xfffff, UINT64_MAX, 0, INT64_MAX } },
		{ "6: DELEG  ACTIVE    READ 3 08:01:4 0 EOF",
		  { LOCK_LEASE, false, false, 3, true, 8, 1, 4, 0, END } },
		{ "7: POSIX  *NOINODE* WRITE 4 <none>:0 0 EOF",
		  { LOCK_POSIX, true, false, 4, false, 0, 0, 0, 0, END } },
		/* before Linux 5.15, and of a file server's clients */
		{ "8: POSIX  MANDATORY WRITE 4 08:01:5 0 EOF",
		  { LOCK_POSIX, true, false, 4, true, 8, 1, 5, 0, END } },
		{ "9: FLOCK  MSNFS     RW    5 08:01:5 0 EOF",
		  { LOCK_FLOCK, false, false, 5, true, 8, 1, 5, 0, END } },
		{ "9: POSIX  ADVISORY  WRITE -77 08:01:5 3 4",
		  { LOCK_POSIX, true, false, -77, true, 8, 1, 5, 3, 4 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct lock lock;

		CHECK(lock_parse(rows[i].line, &lock), "refused: %s", rows[i].line);
		CHECK(same(&lock, &rows[i].lock), "wrong: %s", rows[i].line);
	}
}

static void test_refused(void **state)
{
	static const char *const lines[] = {
		"",
		"1:",
		"POSIX  ADVISORY  WRITE 1 fe:00:5 0 EOF",
		":  POSIX  ADVISORY  WRITE 1 fe:00:5 0 EOF",
		"1:POSIX  ADVISORY  WRITE 1 fe:00:5 0 EOF",
		"1: ->POSIX  ADVISORY  WRITE 1 fe:00:5 0 EOF",
		"1: POSIXADVISORY  WRITE 1 fe:00:5 0 EOF",
		"1: MUTEX  ADVISORY  WRITE 1 fe:00:5 0 EOF",
		"1: POSIX  FRIENDLY  WRITE 1 fe:00:5 0 EOF",
		"1: POSIX  ADVISORY  SHARE 1 fe:00:5 0 EOF",
		"1: POSIX  ADVISORY  WRITE fe:00:5 0 EOF",
		"1: POSIX  ADVISORY  WRITE 2147483648 fe:00:5 0 EOF",
		"1: POSIX  ADVISORY  WRITE --1 fe:00:5 0 EOF",
		"1: POSIX  ADVISORY  WRITE 1x fe:00:5 0 EOF",
		"1: POSIX  ADVISORY  WRITE 1 fe:00 0 EOF",
		"1: POSIX  ADVISORY  WRITE 1 fe:00: 0 EOF",
		"1: POSIX  ADVISORY  WRITE 1 fe:00:18446744073709551616 0 EOF",
		"1: POSIX  ADVISORY  WRITE 1 1fffffffff:00:5 0 EOF",
		"1: POSIX  ADVISORY  WRITE 1 fe:00:5 0",
		"1: POSIX  ADVISORY  WRITE 1 fe:00:5 0 ",
		"1: POSIX  ADVISORY  WRITE 1 fe:00:5 -1 EOF",
		"1: POSIX  ADVISORY  WRITE 1 fe:00:5 9 8",
		"1: POSIX  ADVISORY  WRITE 1 fe:00:5 0 9223372036854775808",
		"1: POSIX  ADVISORY  WRITE 1 fe:00:5 0 EOF ",
		"1: POSIX  ADVISORY  WRITE 1 fe:00:5 0 EOFx",
		"18446744073709551616: POSIX  ADVISORY  WRITE 1 fe:00:5 0 EOF",
	};
	static const char whole[] = "1: -> OFDLCK ADVISORY  WRITE -1 fe:00:10994643 5 9";
	struct lock lock;
	char part[sizeof(whole)];

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		CHECK(!lock_parse(lines[i], &lock), "taken: %s", lines[i]);
	for (size_t length = 0; length < sizeof(whole) - 1; length++) {
		memcpy(part, whole, length);
		part[length] = '\0';
		CHECK(!lock_parse(part, &lock), "taken: %s", part);
	}
}

static void test_conflicts(void **state)
{
	static const struct {
		struct lock a, b;
		bool conflict;
	} rows[] = {
		{ { .kind = LOCK_FLOCK, .write = true, .end = END },
		  { .kind = LOCK_FLOCK, .end = END },
		  true },
		{ { .kind = LOCK_FLOCK, .end = END }, { .kind = LOCK_FLOCK, .end = END }, false },
		{ { .kind = LOCK_FLOCK, .write = true, .end = END },
		  { .kind = LOCK_POSIX, .write = true, .end = END },
		  false },
		{ { .kind = LOCK_OFD, .write = true, .end = END },
		  { .kind = LOCK_POSIX, .start = 7, .end = 7 },
		  true },
		{ { .kind = LOCK_POSIX, .write = true, .end = 99 },
		  { .kind = LOCK_POSIX, .write = true, .start = 100, .end = END },
		  false },
		{ { .kind = LOCK_POSIX, .write = true, .end = 100 },
		  { .kind = LOCK_POSIX, .write = true, .start = 100, .end = END },
		  true },
		{ { .kind = LOCK_LEASE, .write = true, .end = END },
		  { .kind = LOCK_LEASE, .write = true, .end = END },
		  false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		CHECK(lock_conflicts(&rows[i].a, &rows[i].b) == rows[i].conflict, "row %zu", i);
		CHECK(lock_conflicts(&rows[i].b, &rows[i].a) == rows[i].conflict, "row %zu, back",
		      i);
	}
}

/* ---- Locks taken here ---- */

static const struct lock *find(const struct locks *locks, enum lock_kind kind, ino_t inode)
{
	for (size_t i = 0; i < locks->count; i++)
		if (locks->rows[i].kind == kind && locks->rows[i].inode == inode)
			return &locks->rows[i];
	return NULL;
}

static void test_live(void **state)
{
	static const struct {
		enum lock_kind kind;
		int command; /* 0: flock() */
	} rows[] = { { LOCK_FLOCK, 0 }, { LOCK_POSIX, F_SETLK }, { LOCK_OFD, F_OFD_SETLK } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct file file = file_of("", 0);
		struct flock area = { .l_type = F_WRLCK, .l_start = 3, .l_len = 4 };
		struct locks all = { 0 }, own = { 0 };
		const struct lock *lock;
		struct stat status;
		char path[48];

		assert_int_equal(rows[i].command == 0 ? flock(file.fd, LOCK_EX)
						      : fcntl(file.fd, rows[i].command, &area),
				 0);
		assert_int_equal(fstat(file.fd, &status), 0);
		assert_int_equal(locks_read(&all), 0);
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", file.fd);
		assert_int_equal(locks_of_descriptor(path, &own), 0);
		assert_int_equal(own.count, 1);
		lock = find(&all, rows[i].kind, status.st_ino);
		CHECK(lock != NULL, "row %zu is not listed", i);
		CHECK(same(lock, &own.rows[0]), "row %zu: /proc/locks and fdinfo differ", i);
		assert_int_equal(lock->pid, rows[i].kind == LOCK_OFD ? -1 : getpid());
		assert_true(lock->write && !lock->waits);
		assert_int_equal(lock->start, rows[i].command == 0 ? 0 : 3);
		assert_true(lock->end == (rows[i].command == 0 ? END : 6));
		locks_free(&all);
		locks_free(&own);
		close(file.fd);
	}
}

/* Lines that are not of locks are none; one that should be and is not ends it. */
static void test_descriptor_text(void **state)
{
	static const char good[] = "pos:\t0\nlock:\t1: FLOCK  ADVISORY  WRITE 1 fe:00:5 0 EOF\n"
				   "lock:\t2: POSIX  ADVISORY  READ 1 fe:00:5 1 2\nmore:\n";
	static const char bad[] = "pos:\t0\nlock:\t1: FLOCK  ADVISORY\n";
	struct file file = file_of(good, strlen(good)), worse = file_of(bad, strlen(bad));
	struct locks locks = { 0 };

	(void)state;
	assert_int_equal(locks_of_descriptor(file.path, &locks), 0);
	assert_int_equal(locks.count, 2);
	assert_int_equal(locks.rows[1].kind, LOCK_POSIX);
	assert_int_equal(locks_of_descriptor(worse.path, &locks), -EBADMSG);
	assert_int_equal(locks_of_descriptor("/proc/self/fdinfo/-1", &locks), -ENOENT);
	assert_int_equal(locks.count, 2);
	locks_free(&locks);
	close(file.fd);
	close(worse.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("lines as the kernel prints them", test_kernel),
		TEST("what is not a whole line is refused", test_refused),
		TEST("which locks stand in each other's way", test_conflicts),
		TEST("locks that were taken are listed, and shown by their descriptor", test_live),
		TEST("the lines of a descriptor that are about locks", test_descriptor_text),
	};

	return RUN(tests);
}
