/* SPDX-License-Identifier: MIT */
/*
 * Makes processes by number.
 *
 *   breed crowd N [hold]    N children, all alike
 *   breed chain N [hold]    each the child of the one before
 *   breed storm N [hold]    N children that fork and reap as fast as they can; each child of theirs
 *                           forks once more and ends, and breed is given the orphan
 * Prints the pids but those of a storm's, then "ready"; ends with its standard input, or with hold
 * when it is killed, and all but orphans with it.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t *made; /* shared by nobody: each process of a chain adds itself to its own copy */

__attribute__((noreturn)) static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static pid_t child_of_ours(void)
{
	const pid_t child = fork();

	if (child < 0)
		fail("fork");
	if (child == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return child;
}

__attribute__((noreturn)) static void rest(void)
{
	for (;;)
		pause();
}

static void crowd(int count)
{
	for (int i = 0; i < count; i++) {
		made[i] = child_of_ours();
		if (made[i] == 0)
			rest();
	}
}

/* The last one tells of all. */
static void chain(int count)
{
	int ends[2];

	if (pipe(ends) != 0)
		fail("pipe");
	for (int i = 0; i < count; i++) {
		if (child_of_ours() != 0) {
			if (i > 0)
				rest();
			break;
		}
		made[i] = getpid();
		if (i == count - 1) {
			for (int j = 0; j < count; j++)
				if (write(ends[1], &made[j], sizeof(made[j])) < 0)
					fail("write");
			rest();
		}
	}
	for (int i = 0; i < count; i++)
		if (read(ends[0], &made[i], sizeof(made[i])) != sizeof(made[i]))
			fail("read");
}

__attribute__((noreturn)) static void storm(void)
{
	signal(SIGCHLD, SIG_DFL); /* wait(2) below is for each child */
	for (;;) {
		const pid_t child = child_of_ours();

		if (child == 0) {
			(void)!fork();
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
}

/* Be given what the storm leaves behind, before it begins. */
static void reap_all(void)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || signal(SIGCHLD, SIG_IGN) == SIG_ERR)
		fail("reaper");
}

static void rage(int count)
{
	reap_all();
	for (int i = 0; i < count; i++)
		if (child_of_ours() == 0)
			storm();
}

int main(int argc, char **argv)
{
	const int count = argc > 2 ? atoi(argv[2]) : 0;
	char byte;

	made = calloc((size_t)count + 1, sizeof(*made));
	if (count < 1 || made == NULL)
		return 2;
	if (strcmp(argv[1], "crowd") == 0)
		crowd(count);
	else if (strcmp(argv[1], "chain") == 0)
		chain(count);
	else if (strcmp(argv[1], "storm") == 0)
		rage(count);
	for (int i = 0; i < count && made[i] != 0; i++)
		printf("%d\n", (int)made[i]);
	puts("ready");
	fflush(stdout);
	if (argc > 3)
		rest();
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	return 0;
}
