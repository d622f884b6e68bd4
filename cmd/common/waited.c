/* SPDX-License-Identifier: MIT */
/* Threads that wait, and on whom, in words.  Their commands come from outside. */
#include "common/waited.h"

#include <stdio.h>

#define ITEM_ROOM 320 /* a command of the kernel's length with all its bytes escaped, and pids */
#define MARK_ROOM 32  /* the count of those that do not fit */

const char *waited_for(enum ipck_wait_for what)
{
	static const char *const words[] = {
		[IPCK_WAIT_OTHER] = "other",         [IPCK_WAIT_SEMAPHORE] = "semaphore",
		[IPCK_WAIT_MESSAGE] = "message",     [IPCK_WAIT_ROOM] = "room",
		[IPCK_WAIT_DATA] = "data",           [IPCK_WAIT_SPACE] = "space",
		[IPCK_WAIT_PEER] = "peer",           [IPCK_WAIT_FILE_LOCK] = "file-lock",
		[IPCK_WAIT_MUTEX] = "mutex",         [IPCK_WAIT_RWLOCK] = "rwlock",
		[IPCK_WAIT_CONDITION] = "condition", [IPCK_WAIT_POSIX_SEM] = "posix-sem",
		[IPCK_WAIT_BARRIER] = "barrier",     [IPCK_WAIT_THREAD] = "thread",
		[IPCK_WAIT_FUTEX] = "futex",         [IPCK_WAIT_CHILD] = "child",
		[IPCK_WAIT_POLL] = "poll",           [IPCK_WAIT_CONNECTION] = "connection",
		[IPCK_WAIT_TIME] = "time",           [IPCK_WAIT_SIGNAL] = "signal",
	};

	return (size_t)what < sizeof(words) / sizeof(words[0]) ? words[what] : "other";
}

enum ipck_proof waited_proof(const struct ipck_wait *wait)
{
	enum ipck_proof least = wait->awaited_count > 0 ? IPCK_PROOF_KERNEL : IPCK_PROOF_NONE;
	const struct ipck_awaited *awaited;

	for (size_t i = 0; (awaited = ipck_awaited_at(wait, i)) != NULL; i++)
		if (awaited->proof < least)
			least = awaited->proof;
	return least;
}

size_t waited_waiter(const struct ipck_wait *wait, char *buf, size_t size)
{
	const char *command = wait->command != NULL ? wait->command : "";
	int length =
		wait->tid == wait->process.pid
			? snprintf(buf, size, "%s[%d]", command, wait->process.pid)
			: snprintf(buf, size, "%s[%d/%d]", command, wait->process.pid, wait->tid);

	return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

static size_t put_awaited(const struct ipck_awaited *awaited, char *buf)
{
	size_t length = 0;

	if (awaited->gone)
		return (size_t)snprintf(buf, MARK_ROOM, "(%d)", awaited->process.pid);
	if (awaited->command != NULL)
		length = ipck_sanitise(awaited->command, buf, ITEM_ROOM - MARK_ROOM);
	else
		buf[length++] = '?';
	if (awaited->tid == 0 || awaited->tid == awaited->process.pid)
		return length +
		       (size_t)snprintf(buf + length, MARK_ROOM, "[%d]", awaited->process.pid);
	return length + (size_t)snprintf(buf + length, MARK_ROOM, "[%d/%d]", awaited->process.pid,
					 awaited->tid);
}

size_t waited_processes(const struct value *value, const struct style *style, char *buf,
			size_t size)
{
	const struct ipck_wait *wait = value->wait;
	const struct ipck_awaited *awaited;
	size_t length = 0, shown = 0;

	if (wait->awaited_count == 0)
		return (size_t)snprintf(buf, size, "-");
	while ((awaited = ipck_awaited_at(wait, shown)) != NULL && (style->machine || shown == 0) &&
	       length + ITEM_ROOM + MARK_ROOM < size) {
		if (shown++ > 0)
			buf[length++] = ',';
		length += put_awaited(awaited, buf + length);
	}
	if (shown < wait->awaited_count + wait->more)
		length += (size_t)snprintf(buf + length, MARK_ROOM, "%s+%zu",
					   style->machine ? "," : " ",
					   wait->awaited_count + wait->more - shown);
	buf[length] = '\0';
	return length;
}

size_t waited_size(const struct ipck_wait *wait)
{
	return (wait->awaited_count + 1) * (ITEM_ROOM + 1) + MARK_ROOM;
}
