/* SPDX-License-Identifier: MIT */
/* Rows that are ranges of an object's content, and the columns that such rows share. */
#ifndef SHMPEEK_RANGES_H
#define SHMPEEK_RANGES_H

#include "shmpeek.h"

struct range_row {
	struct row row;
	struct ipck_range range;
	bool all_data; /* no range, but all that is data: bytes says how much */
};

extern const struct column range_columns[];

/* What there is from offset to end, as far as it is all the same.  Complains. */
bool merged_range(const struct content *content, uint64_t offset, uint64_t end,
		  struct ipck_range *range);

#endif
