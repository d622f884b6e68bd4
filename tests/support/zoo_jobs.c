/* SPDX-License-Identifier: MIT */
/* Shapes of zoo: sessions, process groups and terminals. */
#include "zoo.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void make_plain(void)
{
	if (zoo_fork("plain") == 0)
		zoo_rest(" ");
}

static void make_group_leader(void)
{
	if (zoo_fork("group-leader") == 0) {
		zoo_check(setpgid(0, 0), "setpgid");
		zoo_rest("group-leader");
	}
}

static void make_session_leader(void)
{
	if (zoo_fork("session-leader") == 0) {
		zoo_lead_session();
		zoo_rest("session-leader group-leader");
	}
}

/* A child in this group, or with 0 in one of its own; without marks it does not tell. */
static pid_t job(const char *name, pid_t group, const char *marks)
{
	const pid_t child = zoo_fork(name);

	if (child == 0) {
		zoo_check(setpgid(0, group), "setpgid");
		if (marks != NULL)
			zoo_rest("%s", marks);
		raise(SIGSTOP);
		zoo_sleep();
	}
	zoo_check(setpgid(child, group), "setpgid"); /* it may not have run yet */
	return child;
}

static pid_t stopped_job(const char *name, pid_t group, const char *marks)
{
	const pid_t child = job(name, group, NULL);
	siginfo_t stop;

	zoo_check(waitid(P_PID, (id_t)child, &stop, WSTOPPED | WNOWAIT), "waitid");
	zoo_tell(name, child, "%s", marks);
	return child;
}

/* "first | second", and the first one has ended. */
static void make_pipeline(void)
{
	if (zoo_fork("pipe-shell") == 0) {
		pid_t first;

		zoo_lead_session();
		first = job("first", 0, NULL);
		job("second", first, " ");
		zoo_check(kill(first, SIGKILL), "kill");
		zoo_reap(first);
		zoo_rest("session-leader group-leader");
	}
}

/* A terminal of our own, which this makes ours; its name without "/dev/". */
static const char *own_terminal(int *slave)
{
	const int master = zoo_check(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "posix_openpt");
	const char *name;

	if (grantpt(master) != 0 || unlockpt(master) != 0)
		zoo_die("unlockpt");
	name = ptsname(master);
	zoo_lead_session();
	*slave = zoo_check(open(name, O_RDWR | O_NOCTTY | O_CLOEXEC), name);
	zoo_check(ioctl(*slave, TIOCSCTTY, 0), "TIOCSCTTY");
	return name + strlen("/dev/");
}

/* A job whose parent has ended: init has it now, but it is of the terminal's session still. */
static void leave_job(const char *name, const char *marks)
{
	const pid_t parent = zoo_fork("subshell");

	if (parent == 0) {
		zoo_check(setpgid(0, 0), "setpgid");
		if (zoo_fork(name) == 0) {
			zoo_check(setpgid(0, 0), "setpgid");
			zoo_orphaned();
			zoo_rest("%s", marks);
		}
		_exit(0);
	}
	zoo_reap(parent);
}

/* A shell with jobs in the foreground, in the background, and stopped. */
static void make_terminal(void)
{
	if (zoo_fork("pty-shell") == 0) {
		const char *terminal;
		pid_t group;
		int slave;

		terminal = own_terminal(&slave);
		group = job("pty-foreground", 0, "foreground group-leader");
		job("pty-foreground2", group, "foreground");
		zoo_check(tcsetpgrp(slave, group), "tcsetpgrp");
		group = job("pty-background", 0, "group-leader");
		job("pty-background2", group, " ");
		group = stopped_job("pty-stopped", 0, "stopped group-leader");
		stopped_job("pty-stopped2", group, "stopped");
		leave_job("pty-orphan", "orphan orphaned-group group-leader");
		zoo_rest("orphaned-group session-leader group-leader tty=%s", terminal);
	}
}

/* A shell whose own group is the foreground group: it asks for a command. */
static void make_prompt(void)
{
	if (zoo_fork("pty-prompt") == 0) {
		const char *terminal;
		int slave;

		terminal = own_terminal(&slave);
		job("prompt-job", 0, "group-leader");
		zoo_rest("orphaned-group foreground session-leader group-leader tty=%s", terminal);
	}
}

/* The foreground group has ended, and the shell did not take the terminal back. */
static void make_hung(void)
{
	if (zoo_fork("hung-shell") == 0) {
		const char *terminal;
		pid_t group;
		int slave;

		terminal = own_terminal(&slave);
		group = job("gone", 0, NULL);
		zoo_check(tcsetpgrp(slave, group), "tcsetpgrp");
		job("hung-background", 0, "hung-terminal group-leader");
		zoo_check(kill(group, SIGKILL), "kill");
		zoo_reap(group);
		zoo_rest("orphaned-group hung-terminal session-leader group-leader tty=%s",
			 terminal);
	}
}

const struct zoo_shape zoo_job_shapes[] = {
	{ make_plain, 1 },          { make_group_leader, 1 },
	{ make_session_leader, 1 }, { make_pipeline, 2 },
	{ make_terminal, 8 },       { make_prompt, 2 },
	{ make_hung, 2 },           { NULL, 0 },
};
