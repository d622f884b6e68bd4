/* SPDX-License-Identifier: MIT */
/* Which cells of a list were unknown, said once at its end, with what would show them. */
#ifndef COMMON_HIDDEN_H
#define COMMON_HIDDEN_H

#include "common/writer.h"

/* plural: what the rows are, "processes". */
void complain_hidden(const struct writer *writer, const char *plural);

#endif
