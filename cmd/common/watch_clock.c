/* SPDX-License-Identifier: MIT */
/* --watch: when to look again, and when to end. */
#include "common/watch_clock.h"
#include "common/program.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
#define ENDING (sizeof(ending) / sizeof(ending[0]))

static volatile sig_atomic_t came, resized;

/* In milliseconds of CLOCK_MONOTONIC. */
static uint64_t interval, next, end;
static bool over, failed;
static bool only_resized;      /* the last tick was none: only the terminal had another size */
static struct timespec looked; /* CLOCK_REALTIME of this tick */

static void note(int signo)
{
	came = signo;
}

static void note_size(int signo)
{
	resized = signo;
}

uint64_t watch_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool watch_begin(uint64_t interval_ms, uint64_t timeout_s)
{
	/* SA_RESTART: no line is lost to a write that was interrupted. */
	struct sigaction action = { .sa_handler = note,
				    .sa_flags = (int)(SA_RESTART | SA_RESETHAND) };
	struct sigaction before;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ENDING; i++) {
		/* nohup and a shell's background jobs ignore them, and mean it */
		if (sigaction(ending[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN)
			continue;
		if (sigaction(ending[i], &action, NULL) != 0) {
			complain("signals: %s", strerror(errno));
			return false;
		}
	}
	interval = interval_ms;
	next = watch_clock();
	end = timeout_s < (UINT64_MAX - next) / 1000 ? next + timeout_s * 1000 : UINT64_MAX;
	over = failed = only_resized = false;
	clock_gettime(CLOCK_REALTIME, &looked);
	return true;
}

void watch_for_size(void)
{
	struct sigaction action = { .sa_handler = note_size, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	sigaction(SIGWINCH, &action, NULL);
}

bool watch_resized(void)
{
	return only_resized;
}

/*
 * Until the time has come, or the terminal has another size.  With the signals blocked from the
 * check to the sleep none is lost. False: one came, or standard output is of no use any more.
 */
static bool sleep_until(uint64_t when)
{
	struct pollfd output = { .fd = STDOUT_FILENO };
	sigset_t blocked, before;
	uint64_t now;
	int events = 0;

	sigemptyset(&blocked);
	for (size_t i = 0; i < ENDING; i++)
		sigaddset(&blocked, ending[i]);
	sigaddset(&blocked, SIGWINCH);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	while (came == 0 && resized == 0 && events == 0 && (now = watch_clock()) < when) {
		const uint64_t left = when - now;
		const struct timespec timeout = { (time_t)(left / 1000),
						  (long)(left % 1000) * 1000000 };

		/* Nothing is asked for: an error or a hang-up of the reader is always told. */
		events = ppoll(&output, 1, &timeout, &before);
		if (events < 0 && errno == EINTR) {
			events = 0;
		} else if (events < 0) {
			complain("poll: %s", strerror(errno));
			failed = true;
		}
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return came == 0 && events == 0;
}

bool watch_tick(void)
{
	uint64_t now;

	program_flush();
	if ((over && !only_resized) || !program_output_good())
		return false;
	if (!only_resized) {
		now = watch_clock();
		next += interval;
		if (next <= now) /* the last tick took long */
			next += (now - next) / interval * interval + interval;
		over = next >= end;
	}
	if (!sleep_until(over ? end : next))
		return false;
	only_resized = resized != 0;
	resized = 0;
	if (!only_resized)
		clock_gettime(CLOCK_REALTIME, &looked);
	return true;
}

int watch_status(void)
{
	return failed ? EXIT_USAGE : EXIT_DONE;
}

const char *watch_time_text(char *buf)
{
	char clock[16] = "";
	struct tm local;

	if (localtime_r(&looked.tv_sec, &local) != NULL)
		strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	snprintf(buf, WATCH_TIME_MAX, "%s.%03d", clock, (int)(looked.tv_nsec / 1000000));
	return buf;
}

const char *watch_time_number(char *buf)
{
	snprintf(buf, WATCH_TIME_MAX, "%lld.%03d", (long long)looked.tv_sec,
		 (int)(looked.tv_nsec / 1000000));
	return buf;
}
