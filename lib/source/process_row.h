/* SPDX-License-Identifier: MIT */
/* One process, read as a row of the table of all of them is. */
#ifndef SOURCE_PROCESS_ROW_H
#define SOURCE_PROCESS_ROW_H

#include "source/process_table.h"

#define PROCESS_ROW_TEXT 1024 /* bytes that keep the command of a row */

/* False: there is none of this number, or /proc does not show it. */
bool process_row_read(pid_t pid, char text[PROCESS_ROW_TEXT], struct process_row *row);

#endif
