/* SPDX-License-Identifier: MIT */
/*
 * Threads in poll(), select() and epoll_wait(): which descriptors they watch, and for what.  A text
 * names the first few; a single one is the object of the wait.
 */
#include "insight/wait_descriptor.h"
#include "insight/wait_memory.h"

#include "base/lines.h"
#include "source/fdinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum {
	NAMED = 8,     /* how many a text names */
	POLLED = 2048, /* of how many an array is read: programs that watch more use epoll */
	SELECTED = 16384,
	WORD = 64
};

/* ---- The text ---- */

struct watches {
	struct waits_reading *reading;
	const struct thread *thread;
	const char *text;
	size_t count;
	int first; /* the first descriptor */
};

/* The bits of poll(2), which are those of epoll(7). */
static void events_text(unsigned events, char text[32])
{
	static const struct {
		unsigned bits;
		const char *word;
	} words[] = {
		{ POLLIN | POLLRDNORM | POLLRDBAND, "in" },
		{ POLLOUT | POLLWRNORM | POLLWRBAND, "out" },
		{ POLLPRI, "pri" },
		{ POLLRDHUP, "rdhup" },
	};

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((events & words[i].bits) != 0) {
			strcat(text, text[0] != '\0' ? "+" : "");
			strcat(text, words[i].word);
		}
	if (text[0] == '\0')
		strcpy(text, "hup"); /* which is always told */
}

/* ref: what the descriptor is on, where the caller knows; else it is looked up. */
static int add(struct watches *watches, int fd, unsigned events, const char *ref)
{
	const char *between = watches->count > 0 ? ", " : "";
	char words[32];
	int rc;

	if (watches->count == 0)
		watches->first = fd;
	if (watches->count++ >= NAMED)
		return IPCK_OK;
	if (ref == NULL) {
		rc = waits_fd_text(watches->reading, watches->thread, fd, &ref);
		if (rc != IPCK_OK)
			return rc;
	}
	events_text(events, words);
	watches->text = ref != NULL ? waits_text(watches->reading, "%s%s%s of %s",
						 watches->text != NULL ? watches->text : "",
						 between, words, ref)
				    : waits_text(watches->reading, "%s%s%s of fd %d",
						 watches->text != NULL ? watches->text : "",
						 between, words, fd);
	return watches->text != NULL ? IPCK_OK : waits_no_memory(watches->reading);
}

/* unseen: how many more there may be, of which none was read. */
static int finish(struct watches *watches, struct waiting *waiting, uint64_t unseen)
{
	const uint64_t more = (watches->count > NAMED ? watches->count - NAMED : 0) +
			      (watches->text != NULL ? unseen : 0);
	struct ipck_wait *wait = &waiting->wait;

	wait->wants = watches->text;
	if (more > 0)
		wait->wants = waits_text(watches->reading, "%s and %llu more", watches->text,
					 (unsigned long long)more);
	if (wait->wants == NULL && watches->text != NULL)
		return waits_no_memory(watches->reading);
	return IPCK_OK;
}

/* Of one single descriptor the object is that of the wait. */
static int name_single(struct watches *watches, struct waiting *waiting, uint64_t unseen)
{
	return watches->count == 1 && unseen == 0
		       ? waits_describe_fd(watches->reading, watches->thread, waiting,
					   watches->first)
		       : IPCK_OK;
}

/* Without descriptors these calls are a sleep. */
static int sleeping(struct waits_reading *reading, struct waiting *waiting, uint64_t nanoseconds)
{
	char text[WAIT_TIME_MAX];

	if (!waiting->wait.timeout) {
		waiting->wait.wants = "a signal";
		return IPCK_OK;
	}
	wait_time_text(nanoseconds, text);
	waiting->wait.wants = waits_text(reading, "%s to pass", text);
	return waiting->wait.wants != NULL ? IPCK_OK : waits_no_memory(reading);
}

/* A kernel that writes back what is left changes it only when the call returns. */
static int sleeping_until(struct waits_reading *reading, const struct thread *thread,
			  struct waiting *waiting, uint64_t address)
{
	uint64_t nanoseconds = 0;
	int rc = 0;

	if (waiting->wait.timeout && strcmp(waiting->wait.call, "select") == 0)
		return IPCK_OK; /* a struct timeval: nobody waits so without descriptors today */
	if (waiting->wait.timeout)
		rc = wait_copy_time(thread, waiting, address, &nanoseconds);
	if (rc != 0)
		return rc == WAIT_UNKNOWN ? IPCK_OK : rc;
	return sleeping(reading, waiting, nanoseconds);
}

/* ---- poll ---- */

static int add_polled(struct watches *watches, const struct pollfd *polled, size_t count)
{
	int rc = IPCK_OK;

	for (size_t i = 0; rc == IPCK_OK && i < count; i++)
		if (polled[i].fd >= 0)
			rc = add(watches, polled[i].fd, (unsigned short)polled[i].events, NULL);
	return rc;
}

/* poll(ARRAY, COUNT, MILLISECONDS), ppoll(ARRAY, COUNT, TIME, MASK, SIZE) */
int wait_look_poll(struct waits_reading *reading, const struct thread *thread,
		   struct waiting *waiting)
{
	struct watches watches = { .reading = reading, .thread = thread };
	const uint64_t *args = waiting->call.args;
	const bool precise = strcmp(waiting->wait.call, "ppoll") == 0;
	const uint64_t total = (uint32_t)args[1];
	const size_t count = total < POLLED ? (size_t)total : POLLED;
	const int milliseconds = (int)(uint32_t)args[2];
	struct pollfd polled[POLLED];
	int rc;

	waiting->wait.timeout = precise ? args[2] != 0 : milliseconds >= 0;
	if (total == 0)
		return precise ? sleeping_until(reading, thread, waiting, args[2])
			       : sleeping(reading, waiting,
					  milliseconds > 0 ? (uint64_t)milliseconds * 1000000 : 0);
	rc = wait_copy(thread, waiting, args[0], polled, count * sizeof(polled[0]));
	if (rc != 0)
		return rc == WAIT_UNKNOWN ? IPCK_OK : rc;
	rc = add_polled(&watches, polled, count);
	if (rc == IPCK_OK)
		rc = finish(&watches, waiting, total - count);
	return rc == IPCK_OK ? name_single(&watches, waiting, total - count) : rc;
}

/* ---- select ---- */

static bool is_set(const uint64_t *set, size_t fd)
{
	return (set[fd / WORD] >> (fd % WORD) & 1) != 0;
}

static int add_selected(struct watches *watches, uint64_t sets[3][SELECTED / WORD], size_t count)
{
	static const unsigned events[3] = { POLLIN, POLLOUT, POLLPRI };
	int rc = IPCK_OK;

	for (size_t fd = 0; rc == IPCK_OK && fd < count; fd++) {
		unsigned wanted = 0;

		for (size_t i = 0; i < 3; i++)
			wanted |= is_set(sets[i], fd) ? events[i] : 0;
		if (wanted != 0)
			rc = add(watches, (int)fd, wanted, NULL);
	}
	return rc;
}

/* select(COUNT, READ, WRITE, EXCEPTIONS, TIME), pselect6 with two more */
int wait_look_select(struct waits_reading *reading, const struct thread *thread,
		     struct waiting *waiting)
{
	struct watches watches = { .reading = reading, .thread = thread };
	const uint64_t *args = waiting->call.args;
	const uint32_t total = (uint32_t)args[0];
	const size_t count = total < SELECTED ? total : SELECTED;
	uint64_t sets[3][SELECTED / WORD];
	int rc = 0;

	memset(sets, 0, sizeof(sets));
	waiting->wait.timeout = args[4] != 0;
	for (size_t i = 0; rc == 0 && count > 0 && i < 3; i++)
		if (args[1 + i] != 0)
			rc = wait_copy(thread, waiting, args[1 + i], sets[i],
				       (count + WORD - 1) / WORD * sizeof(uint64_t));
	if (rc != 0)
		return rc == WAIT_UNKNOWN ? IPCK_OK : rc;
	rc = add_selected(&watches, sets, count);
	if (rc != IPCK_OK)
		return rc;
	if (watches.count == 0)
		return sleeping_until(reading, thread, waiting, args[4]);
	rc = finish(&watches, waiting, total - count);
	return rc == IPCK_OK ? name_single(&watches, waiting, total - count) : rc;
}

/* ---- epoll ---- */

/* Is that descriptor still on what the set watches?  It watches on when the number is reused. */
static bool is_watched(const struct thread *thread, const struct fdinfo_watch *watch)
{
	struct stat status;
	char path[48];

	snprintf(path, sizeof(path), "%sfd/%d", thread->path, (int)watch->number);
	return (watch->major == 0 && watch->minor == 0 && watch->inode == 0) ||
	       (fstatat(thread->dir, path, &status, AT_NO_AUTOMOUNT) == 0 &&
		status.st_ino == watch->inode && major(status.st_dev) == watch->major &&
		minor(status.st_dev) == watch->minor);
}

static int add_watched(struct watches *watches, const char *line)
{
	struct fdinfo_watch watch;
	const char *ref = NULL;

	if (fdinfo_parse_epoll(line, &watch) != FDINFO_WATCH)
		return IPCK_OK;
	if (watches->count < NAMED && !is_watched(watches->thread, &watch)) {
		ref = waits_text(watches->reading, "inode %llu", (unsigned long long)watch.inode);
		if (ref == NULL)
			return waits_no_memory(watches->reading);
	}
	return add(watches, watch.number, watch.events, ref);
}

static int add_all_watched(struct watches *watches, struct waiting *waiting, int fd)
{
	struct lines lines = { .fd = -1 };
	char path[48], *line;
	size_t length;
	int rc = IPCK_OK;

	snprintf(path, sizeof(path), "%sfdinfo/%d", watches->thread->path, fd);
	lines.fd = openat(watches->thread->dir, path, O_RDONLY | O_CLOEXEC);
	if (lines.fd < 0)
		lines.error = errno;
	while (lines.fd >= 0 && rc == IPCK_OK && (line = lines_next(&lines, &length)) != NULL)
		rc = add_watched(watches, line);
	lines_close(&lines);
	if (lines.error != 0 && !thread_lasts(watches->thread))
		return WAITS_STALE;
	if (lines.error != 0)
		waits_unknown(waiting, lines.error);
	return rc;
}

/* epoll_wait(SET, EVENTS, MOST, MILLISECONDS), epoll_pwait2(SET, EVENTS, MOST, TIME, ...) */
int wait_look_epoll(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	struct watches watches = { .reading = reading, .thread = thread };
	const uint64_t *args = waiting->call.args;
	const int fd = (int)(uint32_t)args[0];
	int rc;

	waiting->wait.timeout = strcmp(waiting->wait.call, "epoll_pwait2") == 0
					? args[3] != 0
					: (int)(uint32_t)args[3] >= 0;
	waiting->wait.fd = fd;
	rc = waits_describe_fd(reading, thread, waiting, fd);
	if (rc == IPCK_OK)
		rc = add_all_watched(&watches, waiting, fd);
	if (rc != IPCK_OK)
		return rc;
	waiting->wait.wants = watches.text != NULL || waiting->wait.why != 0 ? NULL : "nothing";
	return watches.text != NULL ? finish(&watches, waiting, 0) : IPCK_OK;
}
