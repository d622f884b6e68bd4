/* SPDX-License-Identifier: MIT */
/* Marks of processes, and how one has ended, in words. */
#ifndef COMMON_MARKS_H
#define COMMON_MARKS_H

#include "common/value.h"

/*
 * "zombie,orphan?": with a question mark those that are not proven.  For programs all of them; for
 * people without what goes without saying: leaders of sessions and groups, whom their numbers
 * tell, and that the group of who leads a session is orphaned.  The length.
 */
size_t marks_text(const struct ipck_process *process, const struct style *style, char *buf);
/* Those that marks_text() shows, as a set. */
uint32_t marks_shown(const struct ipck_process *process, const struct style *style);

/* The most notable first. */
int marks_compare(const struct ipck_process *a, const struct ipck_process *b);

/* "exited 3", "killed by SEGV, core dumped": what wait(2) gives. */
size_t exit_text(int status, char *buf);

#endif
