/* SPDX-License-Identifier: MIT */
/* --terminals: a row for each terminal that a session has. */
#ifndef PROCTREE_TERMINALS_H
#define PROCTREE_TERMINALS_H

#include "common/columns.h"

extern const struct column_set terminal_columns;

#endif
