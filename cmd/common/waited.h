/* SPDX-License-Identifier: MIT */
/* Threads that wait, and on whom, in words: the same words in tables, raw fields and JSON. */
#ifndef COMMON_WAITED_H
#define COMMON_WAITED_H

#include "common/value.h"

/* "mutex", "message": what a thread waits for. */
const char *waited_for(enum ipck_wait_for what);
/* How sure it is on whom a thread waits: as sure as of the one of whom it is the least. */
enum ipck_proof waited_proof(const struct ipck_wait *wait);

/* "cat[12]", "cat[12/14]" of a thread that is not the first; raw.  The length. */
size_t waited_waiter(const struct ipck_wait *wait, char *buf, size_t size);
/*
 * "cat[12] +4" for people, all of them with a comma between for programs; (12) is gone.  The
 * length.
 */
size_t waited_processes(const struct value *value, const struct style *style, char *buf,
			size_t size);
/* How many bytes that needs at most. */
size_t waited_size(const struct ipck_wait *wait);

#endif
