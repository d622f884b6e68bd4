/* SPDX-License-Identifier: MIT */
/*
 * Threads of which no more is known than the call's name, what it is on, and where in the kernel
 * they sleep.
 */
#include "insight/waits.h"

#include <string.h>

#define IO_WORKER 0x10u /* PF_IO_WORKER of the kernel's sched.h: a thread that io_uring made */

static const struct {
	const char *call, *wants;
} calls[] = {
	{ "fdatasync", "its data to be written" },
	{ "fsync", "its data to be written" },
	{ "io_getevents", "completions" },
	{ "io_pgetevents", "completions" },
	{ "io_uring_enter", "completions" },
	{ "msync", "its data to be written" },
	{ "sync", "all data to be written" },
	{ "syncfs", "all data of the file system to be written" },
};

/* Outside of any call only the place in the kernel tells. */
static const struct {
	const char *wchan, *wants;
} places[] = {
	{ "userfault", "a page, from the owner of a userfaultfd" },
	{ "folio_wait", "a page of memory" },
	{ "folio_lock", "a page of memory" },
	{ "wait_on_page", "a page of memory" },
	{ "coredump", "a core dump to be written" },
	{ "freezer", "to be thawed" },
	{ "refrigerator", "to be thawed" },
	{ "zap_pid_ns", "the processes of its pid namespace to end" },
};

static const char *wanted_by(const char *call)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(calls[i].call, call) == 0)
			return calls[i].wants;
	return NULL;
}

static const char *wanted_at(const char *wchan)
{
	for (size_t i = 0; wchan != NULL && i < sizeof(places) / sizeof(places[0]); i++)
		if (strstr(wchan, places[i].wchan) != NULL)
			return places[i].wants;
	return NULL;
}

int wait_look_other(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	struct ipck_wait *wait = &waiting->wait;
	int rc = waits_place(reading, thread, waiting);

	if (rc == IPCK_OK && wait->fd >= 0 && wait->object == NULL)
		rc = waits_fd_text(reading, thread, wait->fd, &wait->object);
	if (rc != IPCK_OK)
		return rc;
	if (wait->wants == NULL)
		wait->wants = wait->call != NULL ? wanted_by(wait->call) : wanted_at(wait->wchan);
	if (wait->call == NULL && (thread->flags & IO_WORKER) != 0) {
		wait->idle = true;
		wait->wants = "work of io_uring";
	}
	if (thread->state == 'D' && wait->finding == NULL)
		wait->finding = "uninterruptible: waits for the device or file system";
	return IPCK_OK;
}
