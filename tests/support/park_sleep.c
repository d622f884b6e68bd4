/* SPDX-License-Identifier: MIT */
/*
 * The parked states of those who wait for children, signals or time, and of those that a
 * stop signal made start their call again.
 */
#include "park.h"
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- Children ---- */

static void rest(void *data)
{
	(void)data;
	park_rest();
}

static void start_child(int slot)
{
	park_board[slot] = (unsigned long)park_holder(rest, NULL);
}

static void wait_any(void *data)
{
	(void)data;
	start_child(0);
	start_child(1);
	waitpid(-1, NULL, 0);
}

static void wait_one(void *data)
{
	(void)data;
	start_child(0);
	start_child(1);
	waitpid((pid_t)park_board[0], NULL, 0);
}

static void wait_group(void *data)
{
	(void)data;
	start_child(0);
	start_child(1);
	park_check(setpgid((pid_t)park_board[0], 0), "setpgid");
	waitpid(-(pid_t)park_board[0], NULL, 0);
}

static void wait_descriptor(void *data)
{
	siginfo_t info;
	int fd;

	(void)data;
	start_child(0);
	start_child(1);
	fd = park_check((int)syscall(SYS_pidfd_open, (pid_t)park_board[0], 0), "pidfd_open");
	waitid((idtype_t)P_PIDFD, (id_t)fd, &info, WEXITED);
}

static void wait_id(void *data)
{
	siginfo_t info;

	(void)data;
	start_child(0);
	waitid(P_PID, (id_t)park_board[0], &info, WEXITED);
}

static void wait4_any(void)
{
	const pid_t waiter = park_start(wait_any, NULL);

	park_asleep(waiter, waiter, "wait4");
	park_line(waiter, waiter, "wait4",
		  "ref=none on=%lu/0,%lu/0 evidence=kernel timeout=no idle=yes", park_board[0],
		  park_board[1]);
}

static void tell_child(void (*act)(void *data), const char *call, const char *idle)
{
	const pid_t waiter = park_start(act, NULL);

	/* The parent of vfork() sleeps before its child has run. */
	park_asleep(waiter, waiter, call);
	while (*(volatile unsigned long *)park_board == 0)
		usleep(500);
	park_rests((pid_t)park_board[0], (pid_t)park_board[0]);
	park_line(waiter, waiter, call, "ref=pid:%lu on=%lu/0 evidence=kernel timeout=no idle=%s",
		  park_board[0], park_board[0], idle);
}

static void wait4_one(void)
{
	tell_child(wait_one, "wait4", "yes");
}

static void wait4_group(void)
{
	const pid_t waiter = park_start(wait_group, NULL);

	park_asleep(waiter, waiter, "wait4");
	park_line(waiter, waiter, "wait4", "on=%lu/0 evidence=kernel timeout=no idle=yes",
		  park_board[0]);
}

static void waitid_descriptor(void)
{
	tell_child(wait_descriptor, "waitid", "yes");
}

static void waitid_one(void)
{
	tell_child(wait_id, "waitid", "yes");
}

/* The child shares all memory with its parent, which sleeps until it has gone. */
static void fork_shared(void *data)
{
	(void)data;
	if (vfork() == 0) {
		park_board[0] = (unsigned long)syscall(SYS_getpid);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		park_rest();
	}
}

static void vfork_child(void)
{
	tell_child(fork_shared, "vfork", "no");
}

static const struct timespec long_time = { .tv_sec = PARK_LONG };

/* ---- Time and signals ---- */

static void tell_alone(void (*act)(void *data), const char *call, bool timed)
{
	const pid_t waiter = park_start(act, NULL);

	park_tell(waiter, waiter, call, "ref=none on=none evidence=none timeout=%s idle=yes",
		  timed ? "yes" : "no");
}

static void call_nanosleep(void *data)
{
	(void)data;
	syscall(SYS_nanosleep, &long_time, NULL);
}

static void call_clock_nanosleep(void *data)
{
	(void)data;
	clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time, NULL);
}

static void state_nanosleep(void)
{
	tell_alone(call_nanosleep, "nanosleep", true);
}

static void state_clock_nanosleep(void)
{
	tell_alone(call_clock_nanosleep, "clock_nanosleep", true);
}

#ifdef SYS_pause
static void call_pause(void *data)
{
	(void)data;
	pause();
}

static void state_pause(void)
{
	tell_alone(call_pause, "pause", false);
}
#endif

static sigset_t user_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return set;
}

static void call_sigsuspend(void *data)
{
	const sigset_t set = user_signal();

	(void)data;
	sigsuspend(&set);
}

static void state_sigsuspend(void)
{
	tell_alone(call_sigsuspend, "rt_sigsuspend", false);
}

static void call_sigwait(void *data)
{
	const sigset_t set = user_signal();
	int signal_number;

	(void)data;
	sigwait(&set, &signal_number);
}

static void state_sigwait(void)
{
	tell_alone(call_sigwait, "rt_sigtimedwait", false);
}

static void call_sigtimedwait(void *data)
{
	const sigset_t set = user_signal();

	(void)data;
	sigtimedwait(&set, NULL, &long_time);
}

static void state_sigtimedwait(void)
{
	tell_alone(call_sigtimedwait, "rt_sigtimedwait", true);
}

/* ---- Stopped and continued: the kernel starts the call again as restart_syscall ---- */

static void tell_stopped(void (*act)(void *data), const char *call, const char *rest_of_line)
{
	const pid_t waiter = park_start(act, NULL);

	park_restart(waiter, call);
	park_line(waiter, waiter, call, "%s", rest_of_line);
}

static void stopped_nanosleep(void)
{
	tell_stopped(call_clock_nanosleep, "clock_nanosleep",
		     "ref=none on=none evidence=none timeout=yes idle=yes");
}

#ifdef SYS_poll
static void call_poll(void *data)
{
	(void)data;
	syscall(SYS_poll, NULL, 0, PARK_LONG * 1000);
}

static void stopped_poll(void)
{
	tell_stopped(call_poll, "poll", "timeout=yes idle=yes");
}
#endif

static uint32_t *word;

static void call_futex(void *data)
{
	(void)data;
	syscall(SYS_futex, word, FUTEX_WAIT, 0xdead, &long_time);
}

static void stopped_futex(void)
{
	word = (uint32_t *)(park_board + 64);
	*word = 0xdead;
	tell_stopped(call_futex, "futex", "on=none evidence=none timeout=yes idle=no");
}

const struct park_state park_sleep_states[] = {
	{ "wait4-any", wait4_any },
	{ "wait4-one", wait4_one },
	{ "wait4-group", wait4_group },
	{ "waitid", waitid_one },
	{ "waitid-pidfd", waitid_descriptor },
	{ "vfork", vfork_child },
	{ "nanosleep", state_nanosleep },
	{ "clock-nanosleep", state_clock_nanosleep },
#ifdef SYS_pause
	{ "pause", state_pause },
#endif
	{ "sigsuspend", state_sigsuspend },
	{ "sigwait", state_sigwait },
	{ "sigtimedwait", state_sigtimedwait },
	{ "stopped-nanosleep", stopped_nanosleep },
#ifdef SYS_poll
	{ "stopped-poll", stopped_poll },
#endif
	{ "stopped-futex", stopped_futex },
	{ NULL, NULL },
};
