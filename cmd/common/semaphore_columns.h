/* SPDX-License-Identifier: MIT */
/* Single semaphores as rows: those of a System V set, and a POSIX one. */
#ifndef COMMON_SEMAPHORE_COLUMNS_H
#define COMMON_SEMAPHORE_COLUMNS_H

#include "common/columns.h"

struct semaphore_row {
	const struct ipck_object *object; /* sem: the set; posix-sem: itself */
	size_t number;                    /* in the set, whose semaphores do not know it */
};

/* REF, NUM, VALUE, NCOUNT, ZCOUNT, LAST-OPERATOR; of posix-sem what it has of them. */
extern const struct column_set semaphore_columns;

#endif
