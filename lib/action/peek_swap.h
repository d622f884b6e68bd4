/* SPDX-License-Identifier: MIT */
/* Which pages of a file in memory are in swap: between the files of reading content. */
#ifndef ACTION_PEEK_SWAP_H
#define ACTION_PEEK_SWAP_H

#include "action/peek.h"

/* Is anything in swap, of whatever memory of this machine? */
bool peek_swap_is_used(void);

/*
 * Cut a range of data of peek's file to what is all in memory (DATA), or all in swap (SWAPPED); or
 * it is UNKNOWN, where that is not told to us.  What is cut off may be the same as what is left.
 * 0 or a reason, with a message.
 */
int peek_swap_split(const struct ipck_peek *peek, struct ipck_range *range);

/* ---- For tests ---- */

/* How many of these pages are in memory, and how many in swap; 0 or -errno. */
typedef int peek_swap_count(const void *data, uint64_t first, uint64_t pages, uint64_t *resident,
			    uint64_t *swapped);

/* How many pages from the first on are like it, of at most so many; or -errno. */
int64_t peek_swap_run(peek_swap_count *count, const void *data, uint64_t first, uint64_t most,
		      bool *swapped);

#endif
