/* SPDX-License-Identifier: MIT */
/*
 * Runs commands in turn, round after round, and prints how they compare: machines are noisy, but
 * what disturbs one round disturbs all commands in it.
 *
 *   ratio ROUNDS BASE COMMAND...   each a line of words, without quoting; output goes to /dev/null
 *
 * For each command: the base's median time divided by its own (above 1: faster than the base), the
 * quartiles of that ratio over the rounds, the same of the processor time, which a loaded machine
 * disturbs less, and the largest resident size in KiB.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS 8
#define ROUNDS 1000
#define WORDS 64

struct command {
	char *words[WORDS];
	double seconds[ROUNDS], processor[ROUNDS], ratios[ROUNDS];
	long kilobytes;
};

static struct command commands[COMMANDS];

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double run(struct command *command, double *processor)
{
	struct rusage usage;
	double start = now();
	int status;
	pid_t child = vfork();

	if (child == 0) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execvp(command->words[0], command->words);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != 0) {
		fprintf(stderr, "ratio: %s: failed\n", command->words[0]);
		exit(1);
	}
	if (usage.ru_maxrss > command->kilobytes)
		command->kilobytes = usage.ru_maxrss;
	*processor = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	return now() - start;
}

int main(int argc, char **argv)
{
	double unused;
	const int rounds = argc > 1 ? atoi(argv[1]) : 0, count = argc - 2;

	if (rounds < 1 || rounds > ROUNDS || count < 1 || count > COMMANDS)
		return 2;
	for (int i = 0; i < count; i++) {
		char *rest = strdup(argv[2 + i]);
		size_t words = 0;

		while (rest != NULL && words < WORDS - 1)
			commands[i].words[words++] = strsep(&rest, " ");
	}
	for (int i = 0; i < count; i++)
		run(&commands[i], &unused); /* warm up */
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < count; i++) {
			commands[i].seconds[round] =
				run(&commands[i], &commands[i].processor[round]);
			commands[i].ratios[round] =
				commands[0].seconds[round] / commands[i].seconds[round];
		}
	for (int i = 0; i < count; i++) {
		struct command *command = &commands[i];

		qsort(command->seconds, (size_t)rounds, sizeof(double), ascending);
		qsort(command->processor, (size_t)rounds, sizeof(double), ascending);
		qsort(command->ratios, (size_t)rounds, sizeof(double), ascending);
		printf("  %6.2fx  (%.2f-%.2f)  cpu %5.2fx  %6ld KiB  %s\n",
		       commands[0].seconds[rounds / 2] / command->seconds[rounds / 2],
		       command->ratios[rounds / 4], command->ratios[rounds * 3 / 4],
		       commands[0].processor[rounds / 2] / command->processor[rounds / 2],
		       command->kilobytes, argv[2 + i]);
	}
	return 0;
}
