/* SPDX-License-Identifier: MIT */
/* The forms that --deadlocks has. */
#ifndef IPCLS_DEADLOCKS_H
#define IPCLS_DEADLOCKS_H

#include "ipcls.h"

/* In sentences: who waits for whom, and what would break it. */
void deadlock_sentences(const struct ipck_deadlock *deadlock);
/* All as JSON; false: out of memory. */
bool deadlocks_json(const struct ipck_deadlocks *deadlocks);

/* A member as a row. */
struct deadlock_row {
	size_t number; /* of the deadlock, from 1 on */
	const struct ipck_deadlock *deadlock;
	const struct ipck_deadlock_member *member;
};

/* "confirmed", "suspected" */
const char *certainty_name(enum ipck_certainty certainty);

/* "worker[12]", "worker[12/14]" of a thread that is not the first: raw. */
#define SOMEBODY_MAX 512
void deadlock_holder(const struct ipck_deadlock *deadlock,
		     const struct ipck_deadlock_member *member, char *buf, size_t size);

#endif
