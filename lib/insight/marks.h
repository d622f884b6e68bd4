/* SPDX-License-Identifier: MIT */
/* What is notable of a process among all others, and why. */
#ifndef INSIGHT_MARKS_H
#define INSIGHT_MARKS_H

#include "insight/sessions.h"

/* Mark all nodes of tied sessions.  0 or IPCK_ERR_MEMORY. */
int marks_find(struct sessions *sessions);

/* As ipck_mark_reason(). */
size_t mark_reason(const struct process_node *node, enum ipck_mark mark, char *buf, size_t size);

#endif
