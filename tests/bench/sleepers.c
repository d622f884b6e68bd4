/* SPDX-License-Identifier: MIT */
/*
 * Makes sleepers: sleepers PROCESSES.  Each is one thread, and every fourth sleeps in pause, in
 * semop, in read of a pipe, in nanosleep; no two of them on the same object.  Prints "ready" when
 * all are asleep, and ends with its standard input.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void member(int kind, int set, int number)
{
	const struct timespec time = { .tv_sec = 100000 };
	struct sembuf wait = { .sem_num = (unsigned short)number, .sem_op = -1 };
	int ends[2];
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(open("/dev/null", O_RDWR), STDIN_FILENO);
	close_range(3, ~0u, 0);
	if (kind == 1)
		semop(set, &wait, 1);
	else if (kind == 2)
		(void)!(pipe(ends) == 0 && read(ends[0], &byte, 1) == 1);
	else if (kind == 3)
		nanosleep(&time, NULL);
	pause();
	_exit(0);
}

static void await_sleep(pid_t pid)
{
	char path[32], text[256];

	for (;;) {
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		file = fopen(path, "r");
		if (file == NULL || fgets(text, sizeof(text), file) == NULL)
			fail("a sleeper");
		fclose(file);
		if (strrchr(text, ')')[2] == 'S')
			return;
		usleep(1000);
	}
}

int main(int argc, char **argv)
{
	const int processes = argc == 2 ? atoi(argv[1]) : 0;
	pid_t *pids = calloc((size_t)processes + 1, sizeof(*pids));
	char byte;
	int set;

	if (processes < 1 || pids == NULL)
		return 2;
	set = semget(IPC_PRIVATE, processes / 4 + 1, 0600);
	if (set < 0)
		fail("semget");
	for (int i = 0; i < processes; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			fail("fork");
		if (pids[i] == 0)
			member(i % 4, set, i / 4);
	}
	for (int i = 0; i < processes; i++)
		await_sleep(pids[i]);
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	semctl(set, 0, IPC_RMID);
	return 0;
}
