/* SPDX-License-Identifier: MIT */
/* --watch: when to look again, and when to end. */
#ifndef COMMON_WATCH_CLOCK_H
#define COMMON_WATCH_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * From now on a tick every interval, for timeout seconds (UINT64_MAX: for ever).  SIGINT, SIGTERM
 * and SIGHUP end the watch after the lines of one tick; a second one kills, as usual.  Complains.
 */
bool watch_begin(uint64_t interval_ms, uint64_t timeout_s);

/*
 * Write out what was printed and sleep until the next tick.  False: it is over, because a signal
 * came, nobody reads standard output any more, it cannot be written, or the time is over: there is
 * a last tick when it is.  Ticks that were missed are left out.
 */
bool watch_tick(void);

/* From now on a new size of the terminal also ends the sleep, before the next tick has come. */
void watch_for_size(void);
/* It was that which ended watch_tick(): show again what there is, and call it again. */
bool watch_resized(void);

/* After watch_tick() was false: EXIT_DONE, or EXIT_USAGE when there could be no more ticks. */
int watch_status(void);

uint64_t watch_clock(void); /* milliseconds of CLOCK_MONOTONIC */

#define WATCH_TIME_MAX 32

/* The time of this tick, for all its lines.  buf holds WATCH_TIME_MAX bytes. */
const char *watch_time_text(char *buf);   /* "12:34:56.789", local time */
const char *watch_time_number(char *buf); /* "1700000000.789", seconds of the epoch: for JSON */

#endif
