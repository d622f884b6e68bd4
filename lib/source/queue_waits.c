/* SPDX-License-Identifier: MIT */
/*
 * Threads inside msgsnd() and msgrcv().  Told by the number and arguments of their system call,
 * which a stopped or frozen thread keeps too: it goes on waiting when it is continued.
 */
#include "source/queue_waits.h"

#include "base/lines.h"
#include "base/parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The calls by number.  A 32-bit program has the numbers of its own architecture, and nothing tells
 * it from a 64-bit one; but those of the one do not block with the other, or do not exist.
 */
static const struct queue_call {
	uint64_t number;
	unsigned argument;  /* where the queue's id stands */
	unsigned operation; /* ipc(2): what the first argument's low half must be; else 0 */
	bool sends;
} calls[] = {
#if defined(__x86_64__)
	{ 69, 0, 0, true },         /* msgsnd */
	{ 70, 0, 0, false },        /* msgrcv */
	{ 0x40000045, 0, 0, true }, /* x32 */
	{ 0x40000046, 0, 0, false },
#endif
#if defined(__x86_64__) || defined(__i386__)
	{ 400, 0, 0, true },                               /* i386 */
	{ 401, 0, 0, false },        { 117, 1, 11, true }, /* ipc(MSGSND) */
	{ 117, 1, 12, false },                             /* ipc(MSGRCV) */
#endif
#if defined(__aarch64__)
	{ 189, 0, 0, true },         { 188, 0, 0, false },
#endif
#if defined(__aarch64__) || defined(__arm__)
	{ 301, 0, 0, true }, /* arm */
	{ 302, 0, 0, false },
#endif
	{ UINT64_MAX, 0, 0, false } /* of other architectures wchan alone tells */
};

/* "running", "-1 0xSP 0xPC" outside of any call, or "NUMBER 0xARGUMENT..." with six arguments. */
enum queue_waiting queue_parse_syscall(const char *text, struct queue_wait *wait)
{
	uint64_t number, arguments[2];

	if (strcmp(text, "running\n") == 0 || strncmp(text, "-1 ", 3) == 0)
		return QUEUE_NONE;
	if (!parse_upto(&text, 10, UINT64_MAX - 1, &number) || calls[0].number == UINT64_MAX)
		return QUEUE_UNTOLD;
	for (size_t i = 0; i < 2; i++)
		if (!parse_literal(&text, " 0x") ||
		    !parse_upto(&text, 16, UINT64_MAX, &arguments[i]))
			return QUEUE_UNTOLD;
	for (const struct queue_call *call = calls; call->number != UINT64_MAX; call++) {
		if (call->number != number ||
		    (call->operation != 0 && (arguments[0] & 0xffff) != call->operation))
			continue;
		wait->sends = call->sends;
		wait->id =
			(int32_t)(uint32_t)arguments[call->argument]; /* an int to the kernel too */
		return QUEUE_KNOWN;
	}
	return QUEUE_NONE;
}

/*
 * A function's name; "0" where it may not be seen, where the kernel has no names, and of threads
 * that run.  What a stopped or frozen thread would go on with cannot be seen here.
 */
enum queue_waiting queue_parse_wchan(const char *text)
{
	static const char *const halts[] = { "stop", "freez", "frigerat" };

	if (strstr(text, "msgsnd") != NULL || strstr(text, "msgrcv") != NULL)
		return QUEUE_UNTOLD;
	for (size_t i = 0; i < sizeof(halts) / sizeof(halts[0]); i++)
		if (strstr(text, halts[i]) != NULL)
			return QUEUE_DENIED;
	return text[0] == '\0' || strcmp(text, "0") == 0 ? QUEUE_DENIED : QUEUE_NONE;
}

static bool ended(long error)
{
	return error == -ENOENT || error == -ESRCH;
}

/* name is "TID" below /proc/PID/task, or "." in /proc/PID. */
static long read_thread(int dir, const char *name, const char *file, char *text, size_t size)
{
	char path[NAME_MAX + 16];

	snprintf(path, sizeof(path), "%s/%s", name, file);
	return file_read(dir, path, text, size);
}

static enum queue_waiting look_at(int dir, const char *name, struct queue_wait *wait)
{
	enum queue_waiting waiting = QUEUE_UNTOLD;
	char text[256], path[NAME_MAX + 16];
	struct stat status;
	long got = read_thread(dir, name, "syscall", text, sizeof(text));

	if (ended(got))
		return QUEUE_NONE;
	if (got > 0)
		waiting = queue_parse_syscall(text, wait);
	if (waiting == QUEUE_UNTOLD) {
		got = read_thread(dir, name, "wchan", text, sizeof(text));
		if (ended(got))
			return QUEUE_NONE;
		return got > 0 ? queue_parse_wchan(text) : QUEUE_DENIED;
	}
	if (waiting == QUEUE_KNOWN) {
		/* the thread's own: setns() and unshare() move threads */
		snprintf(path, sizeof(path), "%s/ns/ipc", name);
		wait->ns = fstatat(dir, path, &status, 0) == 0 ? status.st_ino : 0;
	}
	return waiting;
}

int queue_waits_each(const struct listed_process *process,
		     int (*row)(enum queue_waiting waiting, const struct queue_wait *wait,
				void *data),
		     void *data)
{
	struct queue_wait wait = { 0 };
	enum queue_waiting waiting;
	struct dirent *entry;
	DIR *task = NULL;
	int fd, rc = 0;

	if (process->kernel)
		return 0;
	if (process->threads == 1) {
		waiting = look_at(process->dir, ".", &wait);
		return waiting != QUEUE_NONE ? row(waiting, &wait, data) : 0;
	}
	fd = openat(process->dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		task = fdopendir(fd);
	if (task == NULL) {
		rc = -errno;
		if (fd >= 0)
			close(fd);
		return ended(rc) ? 0 : row(QUEUE_DENIED, &wait, data);
	}
	while (rc == 0 && (entry = readdir(task)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		waiting = look_at(fd, entry->d_name, &wait);
		if (waiting != QUEUE_NONE)
			rc = row(waiting, &wait, data);
	}
	closedir(task);
	return rc;
}
