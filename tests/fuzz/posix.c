/* SPDX-License-Identifier: MIT */
/* The bytes of a semaphore's file and the text of a queue's: what is taken stays in range, and says
 * the same when it is written as the C library or the kernel would. */
#include "fuzz.h"

#include "source/posix.h"

static void semaphore(const uint8_t *data, size_t size)
{
	struct ipck_posix_sem sem, again;
	uint32_t words[8] = { 0, 0, 128 };
	uint64_t number;

	if (!posix_parse_semaphore(data, size, &sem))
		return;
	MUST(size == 16 || size == 32);
	MUST(sem.value <= INT32_MAX && sem.waiters <= INT32_MAX);
	number = (uint64_t)sem.waiters << 32 | sem.value;
	memcpy(words, &number, sizeof(number));
	MUST(posix_parse_semaphore((const unsigned char *)words, 32, &again));
	MUST(again.value == sem.value && again.waiters == sem.waiters);
	words[0] = sem.value << 1 | (sem.waiters > 0);
	words[1] = 128;
	words[2] = 0;
	words[3] = sem.waiters;
	MUST(posix_parse_semaphore((const unsigned char *)words, 16, &again));
	MUST(again.value == sem.value && again.waiters == sem.waiters);
}

static void queue(const char *text)
{
	struct ipck_posix_mq mq = { 0 }, again = { 0 };
	char printed[128];

	if (!posix_parse_queue(text, &mq))
		return;
	MUST(mq.notify_pid >= -1);
	/* As ipc/mqueue.c of the kernel prints it. */
	snprintf(printed, sizeof(printed), "QSIZE:%-10llu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n",
		 (unsigned long long)mq.bytes, 0, mq.notify_pid != 0 ? 10 : 0,
		 mq.notify_pid > 0 ? mq.notify_pid : 0);
	MUST(posix_parse_queue(printed, &again));
	MUST(again.bytes == mq.bytes && again.notify_pid == mq.notify_pid);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size);

	semaphore(data, size);
	queue(text);
	free(text);
	return 0;
}
