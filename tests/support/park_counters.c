/* SPDX-License-Identifier: MIT */
/*
 * The parked states of those who read a counter, a timer, signals, file events or a terminal.
 */
#include "park.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

static char buffer[4096];

static void read_one(void *fd)
{
	park_check((int)read(*(int *)fd, buffer, sizeof(buffer)), "read");
}

static void rest_with(void *data)
{
	(void)data;
	park_rest();
}

static int eventfd_id(int fd)
{
	char path[40], line[128];
	int id = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "eventfd-id: %d", &id) == 1)
			break;
	if (file != NULL)
		fclose(file);
	return id;
}

static void state_eventfd(void)
{
	int fd = park_check(eventfd(0, 0), "eventfd");
	const int id = eventfd_id(fd);
	const pid_t holder = park_holder(rest_with, NULL), waiter = park_start(read_one, &fd);

	close(fd);
	park_tell(waiter, waiter, "read",
		  "ref=eventfd:%d on=%d/0 evidence=last-op timeout=no idle=no", id, holder);
}

static void tell_own(const char *kind, int fd)
{
	const pid_t waiter = park_start(read_one, &fd);

	close(fd);
	park_tell(waiter, waiter, "read", "ref=%s:%d:%d on=none evidence=none timeout=no idle=yes",
		  kind, waiter, fd);
}

static void timerfd_read(void)
{
	const struct itimerspec spec = { .it_value.tv_sec = PARK_LONG };
	const int fd = park_check(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd_create");

	park_check(timerfd_settime(fd, 0, &spec, NULL), "timerfd_settime");
	tell_own("timerfd", fd);
}

static void signalfd_read(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	tell_own("signalfd", park_check(signalfd(-1, &signals, 0), "signalfd"));
}

static void inotify_read(void)
{
	const int fd = park_check(inotify_init(), "inotify_init");

	park_check(inotify_add_watch(fd, getenv("PARK_FOLDER"), IN_DELETE_SELF), "inotify");
	tell_own("inotify", fd);
}

static void tty_read(void)
{
	const int master = park_check(posix_openpt(O_RDWR | O_NOCTTY), "posix_openpt");
	char path[64] = "";
	int fd;

	park_check(grantpt(master), "grantpt");
	park_check(unlockpt(master), "unlockpt");
	errno = ptsname_r(master, path, sizeof(path));
	fd = park_check(open(path, O_RDWR | O_NOCTTY), path);

	const pid_t waiter = park_start(read_one, &fd);

	park_tell(waiter, waiter, "read", "ref=none object=%s timeout=no idle=yes", path);
}

const struct park_state park_counter_states[] = {
	{ "eventfd-read", state_eventfd },  { "timerfd-read", timerfd_read },
	{ "signalfd-read", signalfd_read }, { "inotify-read", inotify_read },
	{ "tty-read", tty_read },           { NULL, NULL },
};
