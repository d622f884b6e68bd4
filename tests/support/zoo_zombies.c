/* SPDX-License-Identifier: MIT */
/* Shapes of zoo: ended processes, and those who should have asked for them. */
#include "zoo.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that has ended by this signal, or with this status; nobody reaps it. */
static void leave_zombie(const char *name, int sig, int status)
{
	const pid_t child = zoo_fork(name);
	siginfo_t end;

	if (child == 0) {
		if (sig != 0)
			kill(getpid(), sig);
		_exit(status);
	}
	zoo_check(waitid(P_PID, (id_t)child, &end, WEXITED | WNOWAIT), "waitid");
	zoo_tell(name, child, "zombie %s=%d", end.si_code == CLD_EXITED ? "exit" : "signal",
		 end.si_status);
}

static void make_careless(void)
{
	if (zoo_fork("careless") == 0) {
		leave_zombie("zombie-exit", 0, 3);
		leave_zombie("zombie-zero", 0, 0);
		leave_zombie("zombie-killed", SIGKILL, 0);
		leave_zombie("zombie-term", SIGTERM, 0);
		zoo_rest("sigchld=default waits=no");
	}
}

/* Who ignores the signal gets no zombies any more, but keeps those of before. */
static void make_ignoring(void)
{
	if (zoo_fork("ignoring") == 0) {
		leave_zombie("zombie-ignored", 0, 4);
		signal(SIGCHLD, SIG_IGN);
		zoo_rest("sigchld=ignored waits=no");
	}
}

static void handle(int sig)
{
	(void)sig;
}

static void make_handling(void)
{
	if (zoo_fork("handling") == 0) {
		signal(SIGCHLD, handle);
		leave_zombie("zombie-handled", 0, 5);
		zoo_rest("sigchld=caught waits=no");
	}
}

/* It sits in wait(2) for another child. */
static void make_waiting(void)
{
	if (zoo_fork("waiting") == 0) {
		pid_t busy;

		leave_zombie("zombie-waited", 0, 6);
		busy = zoo_fork("busy-child");
		if (busy == 0)
			zoo_rest(" ");
		zoo_tell("waiting", getpid(), "sigchld=default waits=no");
		zoo_reap(busy);
		zoo_sleep();
	}
}

/* It waits until the first thread has ended, which a look at /proc shows last. */
static void *outlive(void *data)
{
	(void)data;
	while (zoo_state(getpid()) != 'Z')
		sched_yield();
	zoo_tell("zombie-leader", getpid(), "zombie-leader");
	zoo_sleep();
}

static void make_zombie_leader(void)
{
	if (zoo_fork("zombie-leader") == 0) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, outlive, NULL) != 0)
			zoo_die("pthread_create");
		pthread_exit(NULL);
	}
}

const struct zoo_shape zoo_zombie_shapes[] = {
	{ make_careless, 5 }, { make_ignoring, 2 },      { make_handling, 2 },
	{ make_waiting, 3 },  { make_zombie_leader, 1 }, { NULL, 0 },
};
