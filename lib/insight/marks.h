/* SPDX-License-Identifier: MIT */
/* What is notable of a process among all others, and why. */
#ifndef INSIGHT_MARKS_H
#define INSIGHT_MARKS_H

#include "insight/sessions.h"

/* Mark all nodes of tied sessions.  0 or IPCK_ERR_MEMORY. */
int marks_find(struct sessions *sessions);

/* As ipck_mark_reason(). */
size_t mark_reason(const struct process_node *node, enum ipck_mark mark, char *buf, size_t size);

/* Marks that need to know who takes orphans, once all orphans are found: reaper, daemon, service,
 * and orphans by their control group.  False: no memory. */
bool marks_of_reaped(struct sessions *sessions);

/* Is it marked so, and is that proven? */
static inline bool is_marked(const struct process_node *node, enum ipck_mark mark)
{
	return (node->row.marks & mark) != 0;
}

static inline bool is_proven(const struct process_node *node, enum ipck_mark mark)
{
	return (node->row.marks & ~node->row.likely & mark) != 0;
}

/* The first process of our pid namespace, which takes the orphans that nobody nearer takes. */
static inline bool is_init(const struct process_node *node)
{
	return node->row.id.pid == 1;
}

/* Is it in a session that was founded in our pid namespace, and whose leader has ended?  Where
 * /proc hides processes a leader that is not listed may run. */
bool session_lost_leader(const struct process_node *node);

#endif
