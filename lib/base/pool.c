/* SPDX-License-Identifier: MIT */
/* Memory that is given back all at once.  Blocks never move, so pointers into them stay good. */
#include "base/pool.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct pool_block {
	struct pool_block *previous;
	size_t used, size;
	alignas(max_align_t) unsigned char bytes[];
};

#define BLOCK_SIZE ((size_t)16 * 1024)

void *pool_alloc(struct pool *pool, size_t size)
{
	struct pool_block *block = pool->last;
	void *memory;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (block == NULL || block->size - block->used < size) {
		size_t bytes = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		block = malloc(sizeof(*block) + bytes);
		if (block == NULL)
			return NULL;
		*block = (struct pool_block){ .previous = pool->last, .size = bytes };
		pool->last = block;
	}
	memory = block->bytes + block->used;
	block->used += size;
	return memory;
}

char *pool_string(struct pool *pool, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = pool_alloc(pool, size);

	return copy != NULL ? memcpy(copy, text, size) : NULL;
}

void pool_free(struct pool *pool)
{
	while (pool->last != NULL) {
		struct pool_block *previous = pool->last->previous;

		free(pool->last);
		pool->last = previous;
	}
}
