/* SPDX-License-Identifier: MIT */
/* Threads that wait for a time or a signal. */
#include "insight/wait_memory.h"

#include <signal.h>
#include <string.h>
#include <time.h>

#define SECOND UINT64_C(1000000000)
enum { SIGNALS = 64, NAMED = 8 }; /* how many a text names */

/* ---- Time ---- */

/* What is left until that time of the clock; false: a clock of which we know nothing. */
static bool left_of(uint64_t clock, uint64_t until, uint64_t *left)
{
	struct timespec now;
	uint64_t passed;

	if (clock > CLOCK_TAI || clock_gettime((clockid_t)clock, &now) != 0)
		return false;
	passed = (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
	*left = until > passed ? until - passed : 0;
	return true;
}

static int say_time(struct waits_reading *reading, struct waiting *waiting, uint64_t nanoseconds,
		    bool absolute)
{
	const uint64_t *args = waiting->call.args;
	char text[WAIT_TIME_MAX];

	if (absolute && !left_of((uint32_t)args[0], nanoseconds, &nanoseconds))
		waiting->wait.wants =
			waits_text(reading, "a time of clock %d", (int)(int32_t)args[0]);
	else {
		if (absolute) /* of no use in more detail: it has changed by now */
			nanoseconds -= nanoseconds % SECOND;
		wait_time_text(nanoseconds, text);
		waiting->wait.wants =
			waits_text(reading, "%s%s to pass", text, absolute ? " more" : "");
	}
	return waiting->wait.wants != NULL ? IPCK_OK : waits_no_memory(reading);
}

/* nanosleep(TIME, ...), clock_nanosleep(CLOCK, FLAGS, TIME, ...) */
int wait_look_sleep(struct waits_reading *reading, const struct thread *thread,
		    struct waiting *waiting)
{
	const uint64_t *args = waiting->call.args;
	const bool clock = strcmp(waiting->wait.call, "clock_nanosleep") == 0;
	uint64_t nanoseconds;
	int rc = wait_copy_time(thread, waiting, args[clock ? 2 : 0], &nanoseconds);

	waiting->wait.timeout = true;
	if (rc != 0)
		return rc == WAIT_UNKNOWN ? IPCK_OK : rc;
	return say_time(reading, waiting, nanoseconds, clock && (args[1] & TIMER_ABSTIME) != 0);
}

/* ---- Signals ---- */

static bool has(uint64_t set, int signo)
{
	return (set >> (signo - 1) & 1) != 0;
}

/* Those that no program can wait for or block: the kernel's, and the C library's own. */
static uint64_t usual(uint64_t set)
{
	for (int signo = 1; signo <= SIGNALS; signo++)
		if (signo == SIGKILL || signo == SIGSTOP || (signo > 31 && signo < SIGRTMIN))
			set &= ~(UINT64_C(1) << (signo - 1));
	return set;
}

/* "INT TERM RTMIN+1 and 3 more"; NULL: no memory. */
static const char *names_of(struct waits_reading *reading, uint64_t set, const char *between)
{
	const char *text = "";
	int named = 0, more = 0;

	for (int signo = 1; signo <= SIGNALS; signo++) {
		char name[32];

		if (!has(set, signo))
			continue;
		if (named == NAMED) {
			more++;
			continue;
		}
		ipck_format_signal(signo, name, sizeof(name));
		text = waits_text(reading, "%s%s%s", text, named++ > 0 ? between : "", name);
		if (text == NULL)
			return NULL;
	}
	return more > 0 ? waits_text(reading, "%s and %d more", text, more) : text;
}

static int say_signals(struct waits_reading *reading, struct waiting *waiting, const char *before,
		       uint64_t set, const char *between, const char *after)
{
	const char *names = names_of(reading, set, between);

	waiting->wait.wants =
		names != NULL ? waits_text(reading, "%s%s%s", before, names, after) : NULL;
	return waiting->wait.wants != NULL ? IPCK_OK : waits_no_memory(reading);
}

/* pause(), rt_sigsuspend(MASK, SIZE), rt_sigtimedwait(SET, INFO, TIMEOUT, SIZE) */
int wait_look_signal(struct waits_reading *reading, const struct thread *thread,
		     struct waiting *waiting)
{
	const uint64_t *args = waiting->call.args;
	uint64_t set;
	int rc;

	waiting->wait.wants = "a signal";
	if (waiting->family == CALL_PAUSE)
		return IPCK_OK;
	waiting->wait.timeout = waiting->family == CALL_SIGWAIT && args[2] != 0;
	rc = wait_copy(thread, waiting, args[0], &set, sizeof(set));
	if (rc != 0)
		return rc == WAIT_UNKNOWN ? IPCK_OK : rc;
	if (waiting->family == CALL_SIGWAIT)
		return usual(~set) == 0
			       ? IPCK_OK
			       : say_signals(reading, waiting, "signal ", usual(set), " or ", "");
	set = usual(set);
	return set == 0 ? IPCK_OK
			: say_signals(reading, waiting, "a signal (blocked meanwhile: ", set, " ",
				      ")");
}
