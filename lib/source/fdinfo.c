/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own number formats: counts, masks, devices and watch numbers are hexadecimal without
 * 0x (fs/eventfd.c, fs/eventpoll.c, fs/notify/fdinfo.c), clocks and times decimal (fs/timerfd.c).
 */
#include "source/fdinfo.h"

#include "base/parse.h"

#include <string.h>

#define NANOSECONDS UINT64_C(1000000000)
#define MINOR_BITS 20 /* of the kernel's own dev_t, which "sdev" shows */

static void skip_blanks(const char **text)
{
	*text += strspn(*text, " \t");
}

/* What stands behind the label of a line; NULL without such a line. */
static const char *value_of(const char *text, const char *label)
{
	while (text != NULL && !parse_literal(&text, label)) {
		text = strchr(text, '\n');
		if (text != NULL)
			text++;
	}
	if (text != NULL)
		skip_blanks(&text);
	return text;
}

static bool ends(const char *text)
{
	return *text == '\n' || *text == '\0';
}

static bool number_of(const char *text, const char *label, unsigned base, uint64_t most,
		      uint64_t *value)
{
	const char *p = value_of(text, label);

	return p != NULL && parse_upto(&p, base, most, value) && ends(p);
}

bool fdinfo_parse_eventfd(const char *text, uint64_t *count, uint64_t *id)
{
	return number_of(text, "eventfd-count:", 16, UINT64_MAX, count) &&
	       number_of(text, "eventfd-id:", 10, INT32_MAX, id);
}

bool fdinfo_parse_in_flight(const char *text, uint64_t *count)
{
	return number_of(text, "scm_fds:", 10, UINT32_MAX, count);
}

bool fdinfo_parse_signals(const char *text, uint64_t *signals)
{
	return number_of(text, "sigmask:", 16, UINT64_MAX, signals);
}

bool fdinfo_parse_pid(const char *text, pid_t *pid)
{
	const char *p = value_of(text, "Pid:");
	uint64_t number;

	if (p != NULL && parse_literal(&p, "-1") && ends(p)) {
		*pid = -1;
		return true;
	}
	if (!number_of(text, "Pid:", 10, INT32_MAX, &number))
		return false;
	*pid = (pid_t)number;
	return true;
}

/* "(3, 500000000)": seconds and nanoseconds. */
static bool time_of(const char *text, const char *label, uint64_t *nanoseconds)
{
	const char *p = value_of(text, label);
	uint64_t seconds, rest;

	return p != NULL && parse_literal(&p, "(") && parse_upto(&p, 10, UINT64_MAX, &seconds) &&
	       parse_literal(&p, ", ") && parse_upto(&p, 10, NANOSECONDS - 1, &rest) &&
	       parse_literal(&p, ")") && ends(p) &&
	       !__builtin_mul_overflow(seconds, NANOSECONDS, nanoseconds) &&
	       !__builtin_add_overflow(*nanoseconds, rest, nanoseconds);
}

bool fdinfo_parse_timer(const char *text, struct fdinfo_timer *timer)
{
	uint64_t clock;

	if (!number_of(text, "clockid:", 10, INT32_MAX, &clock))
		return false;
	timer->clock = (int32_t)clock;
	return time_of(text, "it_value:", &timer->remaining) &&
	       time_of(text, "it_interval:", &timer->interval);
}

/* " label number": blanks around the label as the kernel pads. */
static bool field(const char **p, const char *label, unsigned base, uint64_t most, uint64_t *value)
{
	skip_blanks(p);
	if (!parse_literal(p, label))
		return false;
	skip_blanks(p);
	return parse_upto(p, base, most, value) && (**p == ' ' || ends(*p));
}

/* " ino:3f sdev:fe00000" */
static bool file_of(const char **p, struct fdinfo_watch *watch)
{
	uint64_t device;

	if (!field(p, "ino:", 16, UINT64_MAX, &watch->inode) ||
	    !field(p, "sdev:", 16, UINT32_MAX, &device))
		return false;
	watch->major = (uint32_t)(device >> MINOR_BITS);
	watch->minor = (uint32_t)(device & ((1u << MINOR_BITS) - 1));
	return true;
}

/* "tfd:        3 events:       19 data:                3  pos:0 ino:cc175 sdev:f" */
enum fdinfo_line fdinfo_parse_epoll(const char *line, struct fdinfo_watch *watch)
{
	uint64_t number, events, data, position;

	if (strncmp(line, "tfd:", 4) != 0)
		return FDINFO_OTHER;
	*watch = (struct fdinfo_watch){ 0 };
	if (!field(&line, "tfd:", 10, INT32_MAX, &number) ||
	    !field(&line, "events:", 16, UINT32_MAX, &events) ||
	    !field(&line, "data:", 16, UINT64_MAX, &data))
		return FDINFO_BAD;
	watch->number = (int32_t)number;
	watch->events = (uint32_t)events;
	skip_blanks(&line);
	if (ends(line))
		return FDINFO_WATCH;
	if (!parse_literal(&line, "pos:"))
		return FDINFO_BAD;
	line += *line == '-';
	return parse_upto(&line, 10, UINT64_MAX, &position) && file_of(&line, watch) && ends(line)
		       ? FDINFO_WATCH
		       : FDINFO_BAD;
}

/*
 * "inotify wd:1 ino:3c51a sdev:fe00000 mask:2 ignored_mask:0 fhandle-bytes:8 ..."; the handle at
 * its end is there only when the file system has one.
 */
enum fdinfo_line fdinfo_parse_inotify(const char *line, struct fdinfo_watch *watch)
{
	uint64_t number, events;

	if (strncmp(line, "inotify ", 8) != 0)
		return FDINFO_OTHER;
	*watch = (struct fdinfo_watch){ 0 };
	if (!parse_literal(&line, "inotify") || !field(&line, "wd:", 16, INT32_MAX, &number) ||
	    !file_of(&line, watch) || !field(&line, "mask:", 16, UINT32_MAX, &events))
		return FDINFO_BAD;
	watch->number = (int32_t)number;
	watch->events = (uint32_t)events;
	return FDINFO_WATCH;
}
