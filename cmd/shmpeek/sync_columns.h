/* SPDX-License-Identifier: MIT */
/* A row of a lock, between the file that makes it and the one that has its columns. */
#ifndef SHMPEEK_SYNC_COLUMNS_H
#define SHMPEEK_SYNC_COLUMNS_H

#include "shmpeek.h"

struct sync_row {
	struct row row;
	const struct ipck_sync *lock;
	/* Both in the words that waits have for others: only awaited and awaited_count. */
	struct ipck_wait owners, waiting;
};

#endif
