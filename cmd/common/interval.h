/* SPDX-License-Identifier: MIT */
/* An operand that is a time between two looks. */
#ifndef COMMON_INTERVAL_H
#define COMMON_INTERVAL_H

#include "common/options.h"

#include <stdint.h>

/* "100ms", or a duration like any other, from least to most milliseconds.  Complains. */
bool take_interval(const struct options *options, int code, uint64_t least, uint64_t most,
		   uint64_t *milliseconds);

#endif
