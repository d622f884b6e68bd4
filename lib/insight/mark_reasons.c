/* SPDX-License-Identifier: MIT */
/* Why a process has a mark, in words. */
#include "insight/marks.h"

#include <stdio.h>

size_t mark_reason(const struct process_node *node, enum ipck_mark mark, char *buf, size_t size)
{
	if ((node->row.marks & mark) == 0) {
		if (size > 0)
			buf[0] = '\0';
		return 0;
	}
	return (size_t)snprintf(buf, size, "%s", ipck_mark_name(mark));
}
