/* SPDX-License-Identifier: MIT */
/* The kernel's own sums of shared memory: /proc/meminfo and the pools of huge pages. */
#ifndef SOURCE_MEMORY_H
#define SOURCE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory {
	uint64_t shmem;     /* bytes in memory: System V, tmpfs, memfd, shared anonymous */
	uint64_t swap_used; /* bytes, of whatever memory */
};

int memory_read(struct memory *memory); /* /proc/meminfo; 0 or -errno */

/* The pages of one size that are set aside for mappings with huge pages. */
struct huge_pool {
	uint64_t page; /* bytes */
	uint64_t pages, free, reserved;
	uint64_t surplus, overcommit; /* in pages: made beyond the pool; how many may be */
};

#define HUGE_POOLS_MAX 8 /* architectures have at most four sizes */

/* /sys/kernel/mm/hugepages, the smallest pages first.  How many, 0 where there are none. */
size_t huge_pools_read(struct huge_pool pools[HUGE_POOLS_MAX]);

/* What a pool can give, and what of it is taken or promised, in bytes. */
uint64_t huge_pool_limit(const struct huge_pool *pool);
uint64_t huge_pool_used(const struct huge_pool *pool);

#endif
