/* SPDX-License-Identifier: MIT */
/*
 * The text of /proc/PID/fdinfo/FD, as each kind of descriptor writes it.  Pure: nothing is read
 * here.  What is not whole and of the kernel's form is refused.
 */
#ifndef SOURCE_FDINFO_H
#define SOURCE_FDINFO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* "eventfd-count", and "eventfd-id", which two descriptors of one eventfd share. */
bool fdinfo_parse_eventfd(const char *text, uint64_t *count, uint64_t *id);

/* "scm_fds": descriptors on their way through a unix socket; false before Linux 5.8. */
bool fdinfo_parse_in_flight(const char *text, uint64_t *count);

struct fdinfo_timer {
	int32_t clock;
	uint64_t remaining, interval; /* nanoseconds */
};
bool fdinfo_parse_timer(const char *text, struct fdinfo_timer *timer);

/* "sigmask": bit N-1 for signal N. */
bool fdinfo_parse_signals(const char *text, uint64_t *signals);

/* "Pid": -1 when the process is gone, 0 when it is outside our pid namespace. */
bool fdinfo_parse_pid(const char *text, pid_t *pid);

/* What one line of an epoll set or of an inotify descriptor watches. */
struct fdinfo_watch {
	int32_t number; /* epoll: the descriptor's when it was added; inotify: of the watch */
	uint32_t events;
	uint32_t major, minor; /* of what is watched; epoll: 0 before Linux 4.13 */
	uint64_t inode;
};
enum fdinfo_line {
	FDINFO_WATCH, /* one, parsed */
	FDINFO_OTHER, /* a line about something else */
	FDINFO_BAD    /* it should be one, and is not of the form */
};
enum fdinfo_line fdinfo_parse_epoll(const char *line, struct fdinfo_watch *watch);
enum fdinfo_line fdinfo_parse_inotify(const char *line, struct fdinfo_watch *watch);

#endif
