/* SPDX-License-Identifier: MIT */
/*
 * A storm of forks that goes on for ever: lines of processes, each of which makes a child that
 * sleeps, leaves a successor and ends.  All stay in the session of the first process and below it,
 * and in its group unless each successor makes one of its own.
 *
 *   storm LINES MILLISECONDS [own-groups]    so long does a process of a line live
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* What sleeps ends by itself: a storm must not fill the machine. */
#define SLEEP 2

static void go_on(useconds_t life, bool own_groups)
{
	for (;;) {
		if (fork() == 0) {
			sleep(SLEEP);
			_exit(0);
		}
		usleep(life);
		if (fork() != 0)
			_exit(0);
		if (own_groups)
			setpgid(0, 0);
	}
}

int main(int argc, char **argv)
{
	const int lines = argc > 2 ? atoi(argv[1]) : 0;
	const useconds_t life = argc > 2 ? (useconds_t)atoi(argv[2]) * 1000 : 0;
	const bool own_groups = argc > 3 && strcmp(argv[3], "own-groups") == 0;

	if (lines <= 0 || life == 0)
		return 2;
	/* what is left over stays below the first one */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < lines; i++)
		if (fork() == 0)
			go_on(life, own_groups);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
