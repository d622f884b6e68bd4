/* SPDX-License-Identifier: MIT */
/*
 * What the arguments of a sleeping thread's system call point to.  As long as it sleeps that stays
 * there: when it cannot be read, the first question is whether the thread still does.
 */
#include "insight/wait_memory.h"

#include "source/remote.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
#define CENTURY (UINT64_C(100) * 365 * 86400 * SECOND)

int wait_copy(const struct thread *thread, struct waiting *waiting, uint64_t address, void *to,
	      size_t size)
{
	const int rc = remote_read(thread->tid, address, to, size);

	if (rc == 0)
		return 0;
	if (rc == -ESRCH || !thread_lasts(thread))
		return WAITS_STALE;
	waits_unknown(waiting, rc);
	return WAIT_UNKNOWN;
}

int wait_copy_time(const struct thread *thread, struct waiting *waiting, uint64_t address,
		   uint64_t *nanoseconds)
{
	struct {
		int64_t seconds, rest;
	} time;
	const int rc = wait_copy(thread, waiting, address, &time, sizeof(time));

	if (rc != 0)
		return rc;
	if (time.seconds < 0 || time.rest < 0 || time.rest >= (int64_t)SECOND)
		return WAITS_STALE;
	if (time.seconds >= (int64_t)(CENTURY / SECOND))
		*nanoseconds = CENTURY;
	else
		*nanoseconds = (uint64_t)time.seconds * SECOND + (uint64_t)time.rest;
	return 0;
}

void wait_time_text(uint64_t nanoseconds, char text[WAIT_TIME_MAX])
{
	char *end;

	if (nanoseconds >= CENTURY) {
		snprintf(text, WAIT_TIME_MAX, "ever");
		return;
	}
	if (nanoseconds >= 10 * SECOND || nanoseconds % SECOND == 0) {
		ipck_format_duration(nanoseconds / SECOND, text, WAIT_TIME_MAX);
		return;
	}
	snprintf(text, WAIT_TIME_MAX, "%llu.%09llu", (unsigned long long)(nanoseconds / SECOND),
		 (unsigned long long)(nanoseconds % SECOND));
	for (end = text + strlen(text) - 1; *end == '0'; end--)
		;
	end[1] = 's';
	end[2] = '\0';
}
