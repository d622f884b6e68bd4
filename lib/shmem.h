/* SPDX-License-Identifier: MIT */
/* What the parts of the reading of shared memory have in common. */
#ifndef SHMEM_H
#define SHMEM_H

#include "base/context.h"
#include "source/memory.h"
#include "source/namespace.h"

struct shmem_reading {
	struct ipck *ctx;
	struct ipck_shmem *out;
	struct namespaces_seen spaces;
	struct ipck_coverage coverage;
	struct memory memory;
	int blind; /* why there may be processes that we cannot see; 0: there are none */
};

/* A new row of that source, valid until the next one is added; NULL: no memory. */
struct ipck_shmem_row *shmem_add(struct shmem_reading *reading, enum ipck_shmem_source source);

/* One more thing that is known about a row's number. */
void shmem_bound(struct ipck_shmem_row *row, enum ipck_bound side, int why);

/* Takes what of segments is in swap off reading->memory.swap_used.  False: no memory. */
bool shmem_add_sysv(struct shmem_reading *reading);

#endif
