/* SPDX-License-Identifier: MIT */
/* The columns of a process: of all views whose rows are processes. */
#ifndef PROCTREE_COLUMNS_H
#define PROCTREE_COLUMNS_H

#include "proctree.h"

extern const struct column process_table[]; /* for sets that have more */
extern const struct column_set process_columns;

#endif
