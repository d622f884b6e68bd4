/* SPDX-License-Identifier: MIT */
/* Inside the table writer: lines that are a tree. */
#ifndef COMMON_WRITER_TREE_H
#define COMMON_WRITER_TREE_H

#include "common/writer.h"

#include <libsmartcols.h>

#define LEVELS_MAX 500 /* that are drawn where nothing is cut */
#define LEVEL_WIDTH 2  /* of the lines before a row, each level */

/* The columns that a text takes on a terminal. */
size_t table_text_width(const char *text);
/* A line of the depth that the writer is at; false: no memory. */
bool table_tree_add(struct writer *writer, struct libscols_line *line);
/* Put all lines of the section below one another; false: no memory. */
bool table_tree_link(struct writer *writer);

#endif
