/* SPDX-License-Identifier: MIT */
/*
 * The parked states of those who wait for events on descriptors: poll, select and epoll.
 */
#include "park.h"
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int ends[2];

static void tell_idle(void (*act)(void *data), const char *call, bool timed)
{
	park_check(pipe(ends), "pipe");

	const pid_t waiter = park_start(act, NULL);

	park_tell(waiter, waiter, call, "timeout=%s idle=yes", timed ? "yes" : "no");
}

static const struct timespec long_time = { .tv_sec = PARK_LONG };

#ifdef SYS_poll
static void call_poll(void *data)
{
	struct pollfd fds[] = { { ends[0], POLLIN, 0 } };

	(void)data;
	syscall(SYS_poll, fds, 1, -1);
}

static void call_poll_timed(void *data)
{
	struct pollfd fds[] = { { ends[0], POLLIN, 0 } };

	(void)data;
	syscall(SYS_poll, fds, 1, PARK_LONG * 1000);
}

static void state_poll(void)
{
	tell_idle(call_poll, "poll", false);
}

static void state_poll_timed(void)
{
	tell_idle(call_poll_timed, "poll", true);
}
#endif

static void call_ppoll(void *data)
{
	struct pollfd fds[] = { { ends[0], POLLIN, 0 } };

	(void)data;
	ppoll(fds, 1, &long_time, NULL);
}

static void state_ppoll(void)
{
	tell_idle(call_ppoll, "ppoll", true);
}

#ifdef SYS_select
static void call_select(void *data)
{
	fd_set set;

	(void)data;
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	syscall(SYS_select, ends[0] + 1, &set, NULL, NULL, NULL);
}

static void state_select(void)
{
	tell_idle(call_select, "select", false);
}
#endif

static void call_pselect(void *data)
{
	fd_set set;

	(void)data;
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	pselect(ends[0] + 1, &set, NULL, NULL, &long_time, NULL);
}

static void state_pselect(void)
{
	tell_idle(call_pselect, "pselect6", true);
}

/* An epoll set that watches a pipe; timeout in thousandths, or -1. */
static int make_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	const int fd = park_check(epoll_create1(0), "epoll_create1");

	park_check(epoll_ctl(fd, EPOLL_CTL_ADD, ends[0], &event), "epoll_ctl");
	*park_board = (unsigned long)fd;
	return fd;
}

static void call_epoll(void *data)
{
	struct epoll_event event;

	(void)data;
	epoll_wait(make_epoll(), &event, 1, -1);
}

static void call_epoll_signals(void *data)
{
	struct epoll_event event;
	sigset_t none;

	(void)data;
	sigemptyset(&none);
	epoll_pwait(make_epoll(), &event, 1, PARK_LONG * 1000, &none);
}

static void tell_epoll(void (*act)(void *data), const char *call, bool timed)
{
	park_check(pipe(ends), "pipe");

	const pid_t waiter = park_start(act, NULL);

	park_asleep(waiter, waiter, call);
	park_line(waiter, waiter, call, "ref=epoll:%d:%lu timeout=%s idle=yes", waiter, *park_board,
		  timed ? "yes" : "no");
}

static void state_epoll(void)
{
#ifdef SYS_epoll_wait
	tell_epoll(call_epoll, "epoll_wait", false);
#else
	tell_epoll(call_epoll, "epoll_pwait", false);
#endif
}

static void state_epoll_pwait(void)
{
	tell_epoll(call_epoll_signals, "epoll_pwait", true);
}

const struct park_state park_event_states[] = {
#ifdef SYS_poll
	{ "poll", state_poll },
	{ "poll-timed", state_poll_timed },
#endif
	{ "ppoll", state_ppoll },
#ifdef SYS_select
	{ "select", state_select },
#endif
	{ "pselect", state_pselect },
	{ "epoll", state_epoll },
	{ "epoll-pwait", state_epoll_pwait },
	{ NULL, NULL },
};
