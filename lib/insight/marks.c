/* SPDX-License-Identifier: MIT */
/* What is notable of a process among all others, by itself, its parent, its session and group. */
#include "insight/marks.h"

/* ---- Orphans ---- */

/*
 * A fork copies the session, and a process only ever changes it by setsid(2), which makes it the
 * leader of the new one.  So whoever leads none, and is in another session than its parent, which
 * leads none either, was forked by somebody else.  That a parent is process 1 proves nothing by
 * itself: it may have forked the child.
 */
static enum orphan_proof orphan_of(const struct process_node *node)
{
	const struct ipck_process *row = &node->row;
	const struct process_node *parent = node->parent, *leader;

	if (row->kernel || row->sid == 0 || row->sid == row->id.pid || parent == NULL ||
	    parent->row.kernel)
		return ORPHAN_NOT;
	/* the parent may have founded that session after its row was read */
	if (row->sid == parent->row.sid || row->sid == parent->row.id.pid)
		return ORPHAN_NOT;
	if (is_init(parent))
		return ORPHAN_INIT;
	if (parent->row.sid != parent->row.id.pid)
		return ORPHAN_SESSION;
	leader = sessions_find(node->all, row->sid);
	return leader != NULL && leader->row.id.start_time > parent->row.id.start_time
		       ? ORPHAN_YOUNGER
		       : ORPHAN_LIKELY;
}

bool session_lost_leader(const struct process_node *node)
{
	const struct ipck_process *leader = node->session->row.leader;

	return node->row.sid != 0 && !node->all->hidden &&
	       (leader == NULL || !process_is_live(leader));
}

/* ---- Marks that a row, its session and its group give ---- */

static void mark_foreground(struct ipck_process *row)
{
	if (!has_terminal(row) || row->tpgid < 0 || row->pgid != row->tpgid)
		return;
	row->marks |= IPCK_MARK_FOREGROUND;
	/* two groups outside of our pid namespace need not be the same */
	if (row->tpgid == 0)
		row->likely |= IPCK_MARK_FOREGROUND;
}

static void mark_one(struct process_node *node)
{
	struct ipck_process *row = &node->row;

	if (row->state == 'Z')
		row->marks |= row->threads > 1 ? IPCK_MARK_ZOMBIE_LEADER : IPCK_MARK_ZOMBIE;
	if (row->state == 'T' || row->state == 't')
		row->marks |= IPCK_MARK_STOPPED;
	if (row->sid == row->id.pid)
		row->marks |= IPCK_MARK_SESSION_LEADER;
	if (row->pgid == row->id.pid)
		row->marks |= IPCK_MARK_GROUP_LEADER;
	if (node->parent == NULL && row->ppid != 0)
		row->marks |= IPCK_MARK_PARENT_HIDDEN;
	mark_foreground(row);
	if (node->session->row.hung && has_terminal(row) && process_is_live(row))
		row->marks |= IPCK_MARK_HUNG_TERMINAL;
	if (node->group->row.orphaned && node->group->notable && process_is_live(row))
		row->marks |= IPCK_MARK_ORPHANED_GROUP;
	if (!node->all->hidden)
		node->orphan = orphan_of(node);
	if (node->orphan != ORPHAN_NOT)
		row->marks |= IPCK_MARK_ORPHAN;
	if (node->orphan == ORPHAN_LIKELY)
		row->likely |= IPCK_MARK_ORPHAN;
}

int marks_find(struct sessions *sessions)
{
	/* nearly every group of a session's leader is orphaned: it matters where one can be stopped
	 */
	for (size_t i = 0; i < sessions->count; i++) {
		struct process_node *node = &sessions->nodes[i];

		node->group->notable |= has_terminal(&node->row) || node->row.state == 'T';
	}
	for (size_t i = 0; i < sessions->count; i++) {
		struct process_node *node = &sessions->nodes[i];

		node->row.known |= IPCK_PROCESS_MARKS;
		if (node->row.kernel)
			node->row.marks = IPCK_MARK_KERNEL;
		else
			mark_one(node);
	}
	return marks_of_reaped(sessions) ? IPCK_OK : IPCK_ERR_MEMORY;
}
