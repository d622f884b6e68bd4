/* SPDX-License-Identifier: MIT */
/* Shapes of zoo: processes whose parent has ended, and those that only look like it. */
#include "zoo.h"
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void adopt(void)
{
	zoo_check(prctl(PR_SET_CHILD_SUBREAPER, 1), "PR_SET_CHILD_SUBREAPER");
}

/* As daemon(7) begins: fork, setsid, fork. */
static void make_daemon(void)
{
	const pid_t first = zoo_fork("daemon-parent");

	if (first == 0) {
		zoo_lead_session();
		if (zoo_fork("daemon") == 0) {
			zoo_orphaned();
			zoo_rest("orphan daemon");
		}
		_exit(0);
	}
	zoo_reap(first);
}

/* "setsid command &" of a script that has ended: a supervisor's child looks the same. */
static void make_setsid(void)
{
	const pid_t script = zoo_fork("script");

	if (script == 0) {
		if (zoo_fork("setsid-orphan") == 0) {
			zoo_lead_session();
			zoo_orphaned();
			zoo_rest("daemon? session-leader group-leader");
		}
		_exit(0);
	}
	zoo_reap(script);
}

/* "nohup command &" of a shell with job control that has ended. */
static void make_nohup(void)
{
	const pid_t shell = zoo_fork("dead-shell");

	if (shell == 0) {
		zoo_lead_session();
		if (zoo_fork("nohup-job") == 0) {
			zoo_check(setpgid(0, 0), "setpgid");
			signal(SIGHUP, SIG_IGN);
			zoo_orphaned();
			zoo_rest("orphan daemon group-leader");
		}
		_exit(0);
	}
	zoo_reap(shell);
}

/* Given to init, whose session it is in: nothing shows it. */
static void make_same_session(void)
{
	const pid_t between = zoo_fork("between");

	if (between == 0) {
		if (zoo_fork("same-session") == 0) {
			zoo_orphaned();
			zoo_rest("~foreground%s",
				 getsid(0) == 0 || getsid(0) == getsid(1) ? "" : " orphan");
		}
		_exit(0);
	}
	zoo_reap(between);
}

/* The same below a subreaper. */
static void make_same_subreaper(void)
{
	if (zoo_fork("idle-reaper") == 0) {
		pid_t between;

		adopt();
		between = zoo_fork("between");
		if (between == 0) {
			if (zoo_fork("same-subreaper") == 0) {
				zoo_orphaned();
				zoo_rest(" ");
			}
			_exit(0);
		}
		zoo_reap(between);
		zoo_rest(" ");
	}
}

/* A session that only its leader's child is left of, which the subreaper is given. */
static void leave_session(const char *name, const char *marks)
{
	const pid_t leader = zoo_fork("gone-leader");

	if (leader == 0) {
		zoo_lead_session();
		if (zoo_fork(name) == 0) {
			zoo_orphaned();
			zoo_rest("%s", marks);
		}
		_exit(0);
	}
	zoo_reap(leader);
}

/* No leader of a session: that its child is in another one proves that it was given it. */
static void make_subreaper(void)
{
	if (zoo_fork("subreaper") == 0) {
		adopt();
		leave_session("sub-orphan", "orphan daemon");
		zoo_rest("reaper?");
	}
}

/* As the late one below, as far as anyone can see. */
static void make_leading_reaper(void)
{
	if (zoo_fork("leading-reaper") == 0) {
		zoo_lead_session();
		adopt();
		leave_session("leader-orphan", "orphan?");
		zoo_rest("session-leader group-leader");
	}
}

/* Start times count ticks of a hundredth of a second. */
static void next_tick(void)
{
	const struct timespec tick = { .tv_nsec = 1000000000 / sysconf(_SC_CLK_TCK) };
	struct timespec from, now;

	clock_gettime(CLOCK_BOOTTIME, &from);
	do {
		clock_nanosleep(CLOCK_BOOTTIME, 0, &tick, NULL);
		clock_gettime(CLOCK_BOOTTIME, &now);
	} while ((now.tv_sec - from.tv_sec) * 1000000000 + now.tv_nsec - from.tv_nsec <
		 2 * tick.tv_nsec);
}

/* Its session's leader lives and is younger than its parent, which never was in that session. */
static void make_young_session(void)
{
	if (zoo_fork("old-reaper") == 0) {
		zoo_lead_session();
		adopt();
		next_tick();
		if (zoo_fork("young-leader") == 0) {
			pid_t between;

			zoo_lead_session();
			between = zoo_fork("between");
			if (between == 0) {
				if (zoo_fork("young-orphan") == 0) {
					zoo_orphaned();
					zoo_rest("orphan");
				}
				_exit(0);
			}
			zoo_reap(between);
			/* a child that leads a session may have been given to a reaper, too */
			zoo_rest("daemon? session-leader group-leader");
		}
		zoo_rest("reaper? session-leader group-leader");
	}
}

/* A parent that made its session after the child: it looks like one that was given it. */
static void make_late_setsid(void)
{
	if (zoo_fork("early-session") == 0) {
		zoo_lead_session();
		if (zoo_fork("late-parent") == 0) {
			if (zoo_fork("late-child") == 0)
				zoo_rest("orphan?");
			zoo_lead_session();
			zoo_rest("session-leader group-leader");
		}
		zoo_rest("session-leader group-leader");
	}
}

/* Stopped, and nobody of its session can continue it: stopped after its parent ended, since the
 * kernel continues those that were stopped before. */
static void make_stopped_orphan(void)
{
	if (zoo_fork("stop-reaper") == 0) {
		pid_t shell, member;
		siginfo_t stop;
		int ends[2];

		adopt();
		zoo_check(pipe(ends), "pipe");
		shell = zoo_fork("dead-shell");
		if (shell == 0) {
			zoo_lead_session();
			if (zoo_fork("stopped-orphan") == 0) {
				zoo_check(setpgid(0, 0), "setpgid");
				zoo_orphaned();
				member = getpid();
				if (write(ends[1], &member, sizeof(member)) < 0)
					zoo_die("write");
				raise(SIGSTOP);
				zoo_sleep();
			}
			_exit(0);
		}
		zoo_reap(shell);
		if (read(ends[0], &member, sizeof(member)) != sizeof(member))
			zoo_die("read");
		zoo_check(waitid(P_PID, (id_t)member, &stop, WSTOPPED | WNOWAIT), "waitid");
		zoo_tell("stopped-orphan", member,
			 "orphan daemon stopped orphaned-group group-leader");
		zoo_rest("reaper?");
	}
}

const struct zoo_shape zoo_outer_shapes[] = {
	{ make_same_session, 1 },
	{ NULL, 0 },
};

const struct zoo_shape zoo_orphan_shapes[] = {
	{ make_daemon, 1 },         { make_setsid, 1 },
	{ make_nohup, 1 },          { make_same_subreaper, 2 },
	{ make_subreaper, 2 },      { make_leading_reaper, 2 },
	{ make_young_session, 3 },  { make_late_setsid, 3 },
	{ make_stopped_orphan, 2 }, { NULL, 0 },
};
