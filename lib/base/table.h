/* SPDX-License-Identifier: MIT */
/* A hash table from a 32-bit number (uid, gid, pid) to a value, for the caches of one reading. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_slot {
	uint32_t number;
	void *value; /* NULL = free slot */
};

struct table {
	struct table_slot *slots;
	size_t size, used; /* size is 0 or a power of two */
};

/* The slot of number: with its value, or free and ready to be given one.  NULL: no memory. */
struct table_slot *table_slot(struct table *table, uint32_t number);
/* The value of number; NULL: none. */
void *table_find(const struct table *table, uint32_t number);
void table_free(struct table *table); /* frees the slots, not the values */

#endif
