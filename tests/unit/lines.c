/* SPDX-License-Identifier: MIT */
/* Reading by lines and whole: where lines end, where buffers end, and what a cut leaves. */
#include "unit.h"

#include "base/lines.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>

#define BUFFER sizeof(((struct lines *)NULL)->buf)

static void expect(struct lines *lines, const char *expected)
{
	size_t length = 4711;
	char *line = lines_next(lines, &length);

	CHECK(line != NULL, "no line, where \"%.40s\" stands", expected);
	assert_string_equal(line, expected);
	assert_int_equal(length, strlen(expected));
}

static void expect_end(struct lines *lines, int error)
{
	size_t length;

	assert_null(lines_next(lines, &length));
	assert_int_equal(lines->error, error);
	assert_null(lines_next(lines, &length)); /* and stays so */
}

static void test_lines(void **state)
{
	struct file file = file_of("one\n\n three \n", 13);
	struct lines lines;

	(void)state;
	assert_int_equal(lines_open(&lines, file.path), 0);
	expect(&lines, "one");
	expect(&lines, "");
	expect(&lines, " three ");
	expect_end(&lines, 0);
	lines_close(&lines);
	assert_int_equal(lines.fd, -1);
	close(file.fd);
}

static void test_empty(void **state)
{
	struct file file = file_of("", 0);
	struct lines lines;

	(void)state;
	assert_int_equal(lines_open(&lines, file.path), 0);
	expect_end(&lines, 0);
	lines_close(&lines);
	close(file.fd);
}

static void test_cut(void **state)
{
	struct file file = file_of("whole\ncut", 9);
	struct lines lines;

	(void)state;
	assert_int_equal(lines_open(&lines, file.path), 0);
	expect(&lines, "whole");
	expect_end(&lines, EIO);
	lines_close(&lines);
	close(file.fd);
}

static void test_missing(void **state)
{
	struct lines lines;

	(void)state;
	assert_int_equal(lines_open(&lines, "/proc/self/no-such-file"), -ENOENT);
	lines_close(&lines); /* harmless */
}

static void test_unreadable(void **state)
{
	struct lines lines;

	(void)state;
	assert_int_equal(lines_open(&lines, "/proc/self"), 0);
	expect_end(&lines, EISDIR);
	lines_close(&lines);
}

/* One line of this length between two short ones. */
static void read_long(size_t length, bool fits)
{
	static char text[2 * BUFFER + 16], line[2 * BUFFER];
	struct lines lines;
	struct file file;

	for (size_t i = 0; i < length; i++)
		line[i] = (char)('a' + i % 26);
	line[length] = '\0';
	snprintf(text, sizeof(text), "first\n%s\nlast\n", line);
	file = file_of(text, strlen(text));
	assert_int_equal(lines_open(&lines, file.path), 0);
	expect(&lines, "first");
	if (fits) {
		expect(&lines, line);
		expect(&lines, "last");
		expect_end(&lines, 0);
	} else {
		expect_end(&lines, EFBIG);
	}
	lines_close(&lines);
	close(file.fd);
}

static void test_long(void **state)
{
	(void)state;
	read_long(BUFFER - 7, true);
	read_long(BUFFER - 6, true);
	read_long(BUFFER - 2, true);
	read_long(BUFFER - 1, true);
	read_long(BUFFER, false);
	read_long(BUFFER + 1, false);
	read_long(2 * BUFFER - 1, false);
}

/* Far more than a buffer: every line comes once, in order, wherever the buffer ends. */
static void test_many(void **state)
{
	FILE *stream = tmpfile();
	struct lines lines = { .begin = 0 };

	(void)state;
	assert_non_null(stream);
	for (int i = 0; i < 20000; i++)
		fprintf(stream, "%d%*s\n", i, i % 97, "");
	assert_int_equal(fflush(stream), 0);
	lines.fd = fileno(stream);
	assert_int_equal(lseek(lines.fd, 0, SEEK_SET), 0);
	for (int i = 0; i < 20000; i++) {
		char expected[128];

		snprintf(expected, sizeof(expected), "%d%*s", i, i % 97, "");
		expect(&lines, expected);
	}
	expect_end(&lines, 0);
	fclose(stream);
}

/* Proc files and pipes hand out what they like: a line may come in pieces. */
static void test_pieces(void **state)
{
	static const char *const pieces[] = { "o", "ne\ntw", "o\n", "\nfo", "ur", "\n" };
	static const char *const lines_of_it[] = { "one", "two", "", "four" };
	struct lines lines = { .begin = 0 };
	int ends[2];

	(void)state;
	/* A packet pipe gives one write a read. */
	assert_int_equal(pipe2(ends, O_DIRECT), 0);
	for (size_t i = 0; i < COUNT(pieces); i++)
		assert_int_equal(write(ends[1], pieces[i], strlen(pieces[i])), strlen(pieces[i]));
	close(ends[1]);
	lines.fd = ends[0];
	for (size_t i = 0; i < COUNT(lines_of_it); i++)
		expect(&lines, lines_of_it[i]);
	expect_end(&lines, 0);
	lines_close(&lines);
}

static void test_nul(void **state)
{
	struct file file = file_of("a\0b\nc\n", 6);
	struct lines lines;
	size_t length;
	char *line;

	(void)state;
	assert_int_equal(lines_open(&lines, file.path), 0);
	line = lines_next(&lines, &length);
	assert_int_equal(length, 3);
	assert_memory_equal(line, "a\0b", 4);
	expect(&lines, "c");
	lines_close(&lines);
	close(file.fd);
}

static void test_whole(void **state)
{
	struct file file = file_of("0123456789", 10);
	char buf[16];

	(void)state;
	assert_int_equal(file_read(AT_FDCWD, file.path, buf, sizeof(buf)), 10);
	assert_string_equal(buf, "0123456789");
	assert_int_equal(file_read(AT_FDCWD, file.path, buf, 11), 10);
	assert_string_equal(buf, "0123456789");
	memset(buf, '#', sizeof(buf));
	assert_int_equal(file_read(AT_FDCWD, file.path, buf, 5), 4);
	assert_memory_equal(buf, "0123\0###########", sizeof(buf));
	assert_int_equal(file_read(AT_FDCWD, file.path, buf, 1), 0);
	assert_string_equal(buf, "");
	assert_int_equal(file_read(AT_FDCWD, "/proc/self/no-such-file", buf, 5), -ENOENT);
	assert_int_equal(file_read(AT_FDCWD, "/proc/self", buf, 5), -EISDIR);
	close(file.fd);
}

static void test_whole_at(void **state)
{
	int dir = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char buf[4096], expected[32];

	(void)state;
	assert_true(dir >= 0);
	assert_true(file_read(dir, "stat", buf, sizeof(buf)) > 0);
	snprintf(expected, sizeof(expected), "%d (", (int)getpid());
	assert_int_equal(strncmp(buf, expected, strlen(expected)), 0);
	close(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("lines come without their newlines, empty ones too", test_lines),
		TEST("an empty file has no line", test_empty),
		TEST("a last line without its newline was cut: it is dropped, and said", test_cut),
		TEST("a missing file is told by its error", test_missing),
		TEST("a failing read ends the lines with its error", test_unreadable),
		TEST("a line fills the buffer to the last byte and not one more", test_long),
		TEST("thousands of lines of any length come once and in order", test_many),
		TEST("a line that arrives in pieces is put together", test_pieces),
		TEST("a NUL within a line does not end it", test_nul),
		TEST("a whole file is read up to the room there is", test_whole),
		TEST("a whole file is read below a directory", test_whole_at),
	};

	return RUN(tests);
}
