/* SPDX-License-Identifier: MIT */
/*
 * Runs a command as the process of a given number, as when the kernel hands out a pid again.
 * Nobody may bear the number at the time; needs CAP_SYS_ADMIN over the pid namespace.
 *
 *   with_pid PID COMMAND ARG...
 */
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	pid_t wanted = argc > 2 ? atoi(argv[1]) : 0;
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .set_tid = (uint64_t)(uintptr_t)&wanted,
				   .set_tid_size = 1 };
	long child;
	int status;

	if (wanted <= 0)
		return 2;
	child = syscall(SYS_clone3, &args, sizeof(args));
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (child < 0) {
		perror("with_pid: clone3");
		return 2;
	}
	if (waitpid((pid_t)child, &status, 0) != (pid_t)child)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
