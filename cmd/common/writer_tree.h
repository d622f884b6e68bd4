/* SPDX-License-Identifier: MIT */
/* Inside the table writer: lines that are a tree. */
#ifndef COMMON_WRITER_TREE_H
#define COMMON_WRITER_TREE_H

#include "common/writer.h"

#include <libsmartcols.h>

/* A line of the depth that the writer is at; false: no memory. */
bool table_tree_add(struct writer *writer, struct libscols_line *line);
/* Put all lines of the section below one another; false: no memory. */
bool table_tree_link(struct writer *writer);

#endif
