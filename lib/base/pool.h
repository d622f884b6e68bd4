/* SPDX-License-Identifier: MIT */
/* Memory that is given back all at once: the strings and arrays of one reading. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

struct pool_block;
struct pool {
	struct pool_block *last;
};

void *pool_alloc(struct pool *pool, size_t size); /* aligned for any type; NULL: no memory */
char *pool_string(struct pool *pool, const char *text);
void pool_free(struct pool *pool);

#endif
