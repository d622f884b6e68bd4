/* SPDX-License-Identifier: MIT */
/*
 * A chain of processes, each of which has started the next one.
 *
 *   chain COUNT
 *     Prints the pid of each, the first one's first, and "ready" behind them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const int count = argc == 2 ? atoi(argv[1]) : 0;

	for (int i = 0; i < count; i++) {
		pid_t child;

		printf("%d\n", (int)getpid());
		fflush(stdout);
		child = i + 1 < count ? fork() : 0;
		if (child < 0) {
			perror("fork");
			return 1;
		}
		if (child > 0)
			for (;;)
				pause();
	}
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
