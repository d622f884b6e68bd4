/* SPDX-License-Identifier: MIT */
/*
 * ipcls called as "ipcs": the System V half of util-linux's ipcs, to the byte.  These files know
 * its layout and nothing of ipcls's own tables.
 */
#ifndef IPCLS_IPCS_H
#define IPCLS_IPCS_H

#include "ipckit.h"

int ipcs_main(int argc, char **argv);

/* ---- Between the files of this personality ------------------------------------------------ */

enum ipcs_view { IPCS_LIST, IPCS_TIMES, IPCS_PIDS, IPCS_CREATORS, IPCS_LIMITS, IPCS_USAGE };
enum ipcs_unit { IPCS_MIXED, IPCS_BYTES, IPCS_HUMAN }; /* how sizes are shown */

/* Each prints its part and returns false when it had to complain: the exit code is then 1. */
bool ipcs_list(struct ipck *ctx, enum ipck_kind kind, enum ipcs_view view, enum ipcs_unit unit);
bool ipcs_detail(struct ipck *ctx, enum ipck_kind kind, int32_t id, enum ipcs_unit unit);
bool ipcs_limits(struct ipck *ctx, enum ipck_kind kind, enum ipcs_unit unit);
bool ipcs_usage(struct ipck *ctx, enum ipck_kind kind, enum ipcs_unit unit);

/* "ipcs: what: why" on stderr, after what was printed so far. */
__attribute__((format(printf, 1, 2))) void ipcs_complain(const char *format, ...);

/* ---- Text: standard output, a buffer at a time -------------------------------------------- */

void put_text(const char *text);
void put_blanks(size_t count);
/* Padded to width; a text that is longer keeps its length. */
void put_left(const char *text, size_t length, size_t width);
void put_right(const char *text, size_t length, size_t width);
__attribute__((format(printf, 1, 2))) void put_format(const char *format, ...);

#define NUMBER_MAX 24
/* Digits of a number, without a NUL; the length comes back. */
size_t digits(uint64_t number, unsigned base, char buf[NUMBER_MAX]);

/* "4.9K", "117.7M", "16E". */
size_t human_size(uint64_t bytes, char buf[NUMBER_MAX]);

#define TIME_MAX 32
/* "Sat Nov 21 09:47:12 2026" in local time, or "Not set" for 0. */
const char *time_text(int64_t seconds, char buf[TIME_MAX]);

/* Write out what is left in the buffer.  0, or the errno of the first write that failed. */
int flush_text(void);
/* Did a write fail?  A long list then ends early. */
bool text_lost(void);

#endif
