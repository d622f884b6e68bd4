/* SPDX-License-Identifier: MIT */
/*
 * Makes processes as a busy machine has them: family PROCESSES.  Sessions of a shell with jobs of
 * two to four processes, services with workers, chains of wrappers; ten names.  With --plain before
 * the number they all are children of one, and alike.  Prints "ready" when all are there, and ends,
 * they with it, with its standard input.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static int *made; /* processes, in memory that they share */
static int wanted;

static void sleeps(void)
{
	for (;;)
		pause();
}

/* The child returns 0. */
static pid_t child(const char *name)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, name);
	if (__atomic_add_fetch(made, 1, __ATOMIC_RELAXED) > wanted)
		sleeps();
	return 0;
}

/* A shell that leads a session, and its pipelines, each a process group. */
static void login_session(void)
{
	static const char *const names[] = { "make", "cc1", "grep", "less" };

	setsid();
	for (int job = 0; job < 3; job++) {
		pid_t group = 0;

		for (int i = 0; i < 2 + job; i++) {
			pid_t pid = child(names[i]);

			if (pid == 0) {
				setpgid(0, group);
				sleeps();
			}
			if (group == 0)
				group = pid;
			setpgid(pid, group);
		}
	}
	sleeps();
}

/* A supervisor, its workers, which are alike, and a wrapper's chain. */
static void service(void)
{
	setsid();
	for (int i = 0; i < 8; i++)
		if (child("nginx") == 0)
			sleeps();
	for (int i = 0; i < 4; i++)
		if (child(i % 2 == 0 ? "sh" : "python3") != 0)
			break;
	sleeps();
}

static bool plain(void)
{
	for (int i = 0; i < wanted; i++) {
		const pid_t pid = child("sleeper");

		if (pid < 0)
			return false;
		if (pid == 0)
			sleeps();
	}
	return true;
}

static bool bushy(void)
{
	const int session = 1 + 2 + 3 + 4, supervised = 1 + 8 + 4;

	for (int planned = 0, i = 0; planned < wanted; i++) {
		const pid_t pid = child(i % 2 == 0 ? "bash" : "supervisor");

		if (pid < 0)
			return false;
		if (pid == 0 && i % 2 == 0)
			login_session();
		else if (pid == 0)
			service();
		planned += i % 2 == 0 ? session : supervised;
	}
	return true;
}

int main(int argc, char **argv)
{
	const bool alike = argc == 3 && strcmp(argv[1], "--plain") == 0;
	char byte;

	wanted = argc == 2 || alike ? atoi(argv[argc - 1]) : 0;
	if (wanted < 1)
		return 2;
	made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (made == MAP_FAILED)
		return 1;
	if (!(alike ? plain() : bushy())) {
		perror("fork");
		return 1;
	}
	while (__atomic_load_n(made, __ATOMIC_RELAXED) < wanted)
		usleep(1000);
	usleep(100000); /* the last ones are on their way to sleep */
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
