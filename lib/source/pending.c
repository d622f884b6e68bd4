/* SPDX-License-Identifier: MIT */
/* TEMPORARY: stands in for scan.c until it lands. */
#include "source/scan.h"

int identity_compare(const struct identity *a, const struct identity *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->major != b->major)
		return a->major < b->major ? -1 : 1;
	if (a->minor != b->minor)
		return a->minor < b->minor ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return (a->ns > b->ns) - (a->ns < b->ns);
}

const struct use *scan_find(const struct scan *scan, const struct identity *object, size_t *count)
{
	const struct use *first = NULL;

	*count = 0;
	for (size_t i = 0; i < scan->use_count; i++)
		if (identity_compare(&scan->uses[i].object, object) == 0) {
			if (first == NULL)
				first = &scan->uses[i];
			++*count;
		}
	return first;
}
