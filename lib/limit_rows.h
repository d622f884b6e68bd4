/* SPDX-License-Identifier: MIT */
/* The rows of limits, between the files that fill them. */
#ifndef LIMIT_ROWS_H
#define LIMIT_ROWS_H

#include "base/pool.h"
#include "ipckit.h"

struct ipck_limits {
	struct ipck_limit *rows;
	size_t count, size;
	unsigned missing;
	struct pool pool; /* names that were put together */
};

bool limits_add(struct ipck_limits *limits, const struct ipck_limit *limit); /* false: no memory */
/* Our own /dev/shm, and with IPCK_LIMITS_EACH those that other processes see.  False: no memory. */
bool limits_add_dev_shm(struct ipck *ctx, struct ipck_limits *limits, unsigned want);

#endif
