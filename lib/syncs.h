/* SPDX-License-Identifier: MIT */
/*
 * Reading locks, between the files of it: syncs_bytes.c what their bytes say, syncs_owners.c whose
 * process that is, syncs_waiting.c who waits for them.
 */
#ifndef SYNCS_H
#define SYNCS_H

#include "base/context.h"
#include "base/pool.h"
#include "insight/pthread_bytes.h"
#include "source/scan.h"

struct sync_row {
	struct ipck_sync lock;
	struct pthread_bytes bytes; /* as they were read last */
};

struct ipck_syncs {
	struct sync_row *rows; /* by offset */
	size_t count, size;
	struct pool pool;
	struct ipck_waits *waits; /* NULL: not read */

	/* During the reading. */
	struct ipck *ctx;
	const struct ipck_object *object;
	struct ipck_peek *peek;
	const struct ipck_syncs_query *query;
	unsigned patience; /* so often a lock is waited for that is about to change its state */
};

/* The lock at query->begin, or those that are found.  0 or a reason, with a message. */
int syncs_read_one(struct ipck_syncs *syncs);
int syncs_find(struct ipck_syncs *syncs);
/* What the bytes at row->lock.offset say, into row->bytes. */
int syncs_look(struct ipck_syncs *syncs, struct sync_row *row);

int syncs_add_owners(struct ipck_syncs *syncs);
int syncs_add_waiting(struct ipck_syncs *syncs);

/* A text in the pool; NULL: no memory. */
__attribute__((format(printf, 2, 3))) const char *syncs_text(struct ipck_syncs *syncs,
							     const char *format, ...);
int syncs_no_memory(struct ipck_syncs *syncs);

#endif
