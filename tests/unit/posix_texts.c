/* SPDX-License-Identifier: MIT */
/* The bytes of semaphores of every layout, and the text of queues, as they were seen or as the C
 * libraries' own structs have it. */
#include "unit.h"

#include "source/posix.h"

#include <stdlib.h>

/* Words as this machine keeps them, which is how both libraries write a semaphore. */
struct layout {
	const char *what;
	size_t size;
	uint32_t words[8];
	bool taken;
	uint32_t value, waiters;
};

/* glibc with 64-bit atomics has one number: which half comes first is the machine's. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NUMBER(value, waiters) value, waiters
#else
#define NUMBER(value, waiters) waiters, value
#endif
#define UNUSED 0xa5a5a5a5u /* musl writes whatever its stack held */

static const struct layout layouts[] = {
	{ "glibc 64", 32, { NUMBER(3, 0), 128 }, true, 3, 0 },
	{ "glibc 64, waiters", 32, { NUMBER(0, 2), 128 }, true, 0, 2 },
	{ "glibc 64, posted but not taken", 32, { NUMBER(1, 1), 128 }, true, 1, 1 },
	{ "glibc 64, highest",
	  32,
	  { NUMBER(INT32_MAX, INT32_MAX), 128 },
	  true,
	  INT32_MAX,
	  INT32_MAX },
	{ "glibc 64, too high a value", 32, { NUMBER(0x80000000u, 0), 128 }, false, 0, 0 },
	{ "glibc 64, too many waiters", 32, { NUMBER(0, 0x80000000u), 128 }, false, 0, 0 },
	{ "musl 64", 32, { 7, 0, 0, UNUSED, UNUSED }, true, 7, 0 },
	{ "musl 64, waiters", 32, { 0x80000000u, 3, 0, UNUSED }, true, 0, 3 },
	{ "musl 64, posted but not taken", 32, { 0x80000002u, 1, 0 }, true, 2, 1 },
	{ "musl 64 before 1.2.4, waiters", 32, { 0xffffffffu, 2, 0 }, true, 0, 2 },
	{ "musl 64, no count of waiters", 32, { 0, 0x80000000u, 0 }, false, 0, 0 },
	{ "glibc 32", 16, { 5 << 1, 128, 0, 0 }, true, 5, 0 },
	{ "glibc 32, waiters", 16, { 1, 128, 0, 4 }, true, 0, 4 },
	{ "glibc 32, posted but not taken", 16, { 2 << 1 | 1, 128, 0, 1 }, true, 2, 1 },
	{ "glibc 32, highest", 16, { 0xffffffffu, 128, 0, 1 }, true, INT32_MAX, 1 },
	{ "glibc 32, too many waiters", 16, { 0, 128, 0, 0x80000000u }, false, 0, 0 },
	{ "musl 32", 16, { 9, 0, 0, UNUSED }, true, 9, 0 },
	{ "musl 32, waiters", 16, { 0x80000000u, 1, 0, UNUSED }, true, 0, 1 },
	{ "no semaphore of 32 bytes", 32, { 1, 2, 3, 4 }, false, 0, 0 },
	{ "no semaphore of 16 bytes", 16, { 1, 2, 3, 4 }, false, 0, 0 },
	{ "nothing", 0, { 0 }, false, 0, 0 },
	{ "cut", 31, { NUMBER(3, 0), 128 }, false, 0, 0 },
	{ "between", 24, { NUMBER(3, 0), 128 }, false, 0, 0 },
	{ "cut 32", 15, { 5 << 1, 128 }, false, 0, 0 },
};

static void test_semaphores(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(layouts); i++) {
		const struct layout *row = &layouts[i];
		struct ipck_posix_sem sem = { .value = 77, .waiters = 78 };
		/* of its own size, so that valgrind sees reading past it */
		unsigned char *bytes = malloc(row->size + 1);

		assert_non_null(bytes);
		memcpy(bytes, row->words, row->size);
		CHECK(posix_parse_semaphore(bytes, row->size, &sem) == row->taken, "%s", row->what);
		CHECK(sem.value == (row->taken ? row->value : 77), "%s: value %u", row->what,
		      sem.value);
		CHECK(sem.waiters == (row->taken ? row->waiters : 78), "%s: waiters %u", row->what,
		      sem.waiters);
		free(bytes);
	}
}

static void test_queues(void **state)
{
	static const struct {
		const char *text;
		bool taken;
		uint64_t bytes;
		pid_t pid;
	} rows[] = {
		/* as Linux 6.18 prints them */
		{ "QSIZE:5          NOTIFY:0     SIGNO:0     NOTIFY_PID:0     \n", true, 5, 0 },
		{ "QSIZE:0          NOTIFY:0     SIGNO:10    NOTIFY_PID:5465  \n", true, 0, 5465 },
		{ "QSIZE:129        NOTIFY:2     SIGNO:0     NOTIFY_PID:8260  \n", true, 129,
		  8260 },
		{ "QSIZE:129 NOTIFY:2 SIGNO:0 NOTIFY_PID:8260", true, 129, 8260 },
		/* somebody whom our pid namespace does not know */
		{ "QSIZE:0 NOTIFY:0 SIGNO:10 NOTIFY_PID:0 \n", true, 0, -1 },
		{ "QSIZE:0 NOTIFY:2 SIGNO:0 NOTIFY_PID:0 \n", true, 0, -1 },
		{ "QSIZE:0 NOTIFY:1 SIGNO:0 NOTIFY_PID:0 \n", true, 0, -1 },
		/* limits, and columns that a later kernel adds */
		{ "QSIZE:18446744073709551615 NOTIFY:0 SIGNO:0 NOTIFY_PID:2147483647", true,
		  UINT64_MAX, INT32_MAX },
		{ "QSIZE:1 NOTIFY:0 SIGNO:0 NOTIFY_PID:3 MORE:4\n", true, 1, 3 },
		{ "QSIZE:18446744073709551616 NOTIFY:0 SIGNO:0 NOTIFY_PID:0", false, 0, 0 },
		{ "QSIZE:1 NOTIFY:0 SIGNO:0 NOTIFY_PID:2147483648", false, 0, 0 },
		{ "QSIZE:1 NOTIFY:0 SIGNO:0 NOTIFY_PID:4294967296", false, 0, 0 },
		{ "QSIZE:-1 NOTIFY:0 SIGNO:0 NOTIFY_PID:0", false, 0, 0 },
		{ "QSIZE:1 NOTIFY:0 SIGNO:0 NOTIFY_PID:-1", false, 0, 0 },
		{ "QSIZE:1 NOTIFY:0 SIGNO:0 NOTIFY_PID:", false, 0, 0 },
		{ "QSIZE:1 NOTIFY:0 SIGNO:0 NOTIFY_PID:1x", false, 0, 0 },
		{ "QSIZE:1 NOTIFY:0 SIGNO:0", false, 0, 0 },
		{ "QSIZE: 1 NOTIFY:0 SIGNO:0 NOTIFY_PID:0", false, 0, 0 },
		{ "QSIZE:1 SIGNO:0 NOTIFY:0 NOTIFY_PID:0", false, 0, 0 },
		{ "NOTIFY:0 SIGNO:0 NOTIFY_PID:0", false, 0, 0 },
		{ "QSIZE:111111111111111111111111111111 NOTIFY:0 SIGNO:0 NOTIFY_PID:0", false, 0,
		  0 },
		{ "", false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ipck_posix_mq mq = { .bytes = 77, .notify_pid = 78, .messages = 79 };

		CHECK(posix_parse_queue(rows[i].text, &mq) == rows[i].taken, "%s", rows[i].text);
		CHECK(mq.bytes == (rows[i].taken ? rows[i].bytes : 77), "bytes: %s", rows[i].text);
		CHECK(mq.notify_pid == (rows[i].taken ? rows[i].pid : 78), "pid: %s", rows[i].text);
		CHECK(mq.messages == 79, "messages: %s", rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("a semaphore's bytes are read in the layouts of glibc and musl",
		     test_semaphores),
		TEST("the text of a queue's file is read, strictly", test_queues),
	};

	return RUN(tests);
}
