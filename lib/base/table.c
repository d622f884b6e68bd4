/* SPDX-License-Identifier: MIT */
/* Open addressing, doubled at half full.  A slot that was handed out counts as used. */
#include "base/table.h"

#include <stdlib.h>

static struct table_slot *probe(const struct table *table, uint32_t number)
{
	size_t i = (number * UINT32_C(2654435769)) & (table->size - 1);

	while (table->slots[i].value != NULL && table->slots[i].number != number)
		i = (i + 1) & (table->size - 1);
	return &table->slots[i];
}

struct table_slot *table_slot(struct table *table, uint32_t number)
{
	struct table_slot *slot;

	if (table->used * 2 >= table->size) {
		struct table grown = { .size = table->size > 0 ? table->size * 2 : 64 };

		grown.slots = calloc(grown.size, sizeof(*grown.slots));
		if (grown.slots == NULL)
			return NULL;
		for (size_t i = 0; i < table->size; i++)
			if (table->slots[i].value != NULL)
				*probe(&grown, table->slots[i].number) = table->slots[i];
		grown.used = table->used;
		free(table->slots);
		*table = grown;
	}
	slot = probe(table, number);
	if (slot->value == NULL) {
		slot->number = number;
		table->used++;
	}
	return slot;
}

void *table_find(const struct table *table, uint32_t number)
{
	return table->size > 0 ? probe(table, number)->value : NULL;
}

void table_free(struct table *table)
{
	free(table->slots);
	*table = (struct table){ 0 };
}
