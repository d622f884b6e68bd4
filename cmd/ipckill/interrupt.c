/* SPDX-License-Identifier: MIT */
/* Ctrl-C and its like: noticed between two objects, so that the report is whole. */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

static const int noted[] = { SIGINT, SIGTERM, SIGHUP };
#define NOTED (sizeof(noted) / sizeof(noted[0]))

static volatile sig_atomic_t came;

static void note(int signo)
{
	came = signo;
}

void interrupts_note(void)
{
	/* Without SA_RESTART: a question that is open ends as well. */
	struct sigaction action = { .sa_handler = note }, before;

	for (size_t i = 0; i < NOTED; i++)
		/* nohup and a shell's background jobs ignore them, and mean it */
		if (sigaction(noted[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(noted[i], &action, NULL);
}

bool interrupted(void)
{
	return came != 0;
}

void interruptible_poll(struct pollfd *pollers, nfds_t count, int milliseconds)
{
	const struct timespec timeout = { milliseconds / 1000,
					  (long)(milliseconds % 1000) * 1000000 };
	sigset_t blocked, before;

	sigemptyset(&blocked);
	for (size_t i = 0; i < NOTED; i++)
		sigaddset(&blocked, noted[i]);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	if (!interrupted())
		ppoll(pollers, count, &timeout, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
