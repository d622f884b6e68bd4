/* SPDX-License-Identifier: MIT */
/* Inside the table writer: trees that no terminal is to show. */
#ifndef COMMON_WRITER_PLAIN_H
#define COMMON_WRITER_PLAIN_H

#include "common/writer.h"

/* To be chosen for a table as it begins, where it does. */
extern const struct writer_format writer_plain;
bool writer_plain_does(const struct writer *writer);

/* All that is shown of a table without rows. */
void table_empty(const struct writer *writer, FILE *out);

#endif
