/* SPDX-License-Identifier: MIT */
/* How processes belong together. */
#include "insight/sessions.h"

#include "source/process_exit.h"

#include <stdlib.h>
#include <string.h>

/* ---- The tree ---- */

struct process_node *sessions_find(const struct sessions *sessions, pid_t pid)
{
	size_t low = 0, high = sessions->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const pid_t found = sessions->nodes[middle].row.id.pid;

		if (found == pid)
			return &sessions->nodes[middle];
		if (found < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static int by_start(const void *a, const void *b)
{
	const struct ipck_process *left = &(*(struct process_node *const *)a)->row;
	const struct ipck_process *right = &(*(struct process_node *const *)b)->row;

	if (left->id.start_time != right->id.start_time)
		return left->id.start_time < right->id.start_time ? -1 : 1;
	return (left->id.pid > right->id.pid) - (left->id.pid < right->id.pid);
}

/*
 * Numbers that were reused while we read can make a circle, of processes that started in one tick:
 * the one with the lowest number becomes a root.  Each node is walked over once.
 */
static void cut_circle(struct process_node *in)
{
	struct process_node *lowest = in;

	for (struct process_node *node = in->parent; node != in; node = node->parent)
		if (node->row.id.pid < lowest->row.id.pid)
			lowest = node;
	lowest->parent = NULL;
}

static void cut_circles(struct sessions *sessions)
{
	for (size_t i = 0; i < sessions->count; i++) {
		struct process_node *node = &sessions->nodes[i];

		for (; node != NULL && node->walk == 0; node = node->parent)
			node->walk = i + 1;
		if (node != NULL && node->walk == i + 1)
			cut_circle(node);
	}
}

static void find_parents(struct sessions *sessions)
{
	for (size_t i = 0; i < sessions->count; i++) {
		struct process_node *node = &sessions->nodes[i];
		struct process_node *parent =
			node->row.ppid > 0 ? sessions_find(sessions, node->row.ppid) : NULL;

		/* one that started later only has the number of a parent that is gone */
		if (parent != NULL && parent->row.id.start_time <= node->row.id.start_time)
			node->parent = parent;
	}
	cut_circles(sessions);
	for (size_t i = 0; i < sessions->count; i++)
		if (sessions->nodes[i].parent != NULL)
			sessions->nodes[i].parent->child_count++;
}

static bool tie_tree(struct sessions *sessions)
{
	struct process_node **places =
		pool_alloc(&sessions->pool, (sessions->count + 1) * sizeof(struct process_node *));

	if (places == NULL)
		return false;
	find_parents(sessions);
	for (size_t i = 0; i < sessions->count; i++) {
		struct process_node *node = &sessions->nodes[i];

		node->children = places;
		places += node->child_count;
		node->child_count = 0;
	}
	sessions->roots = places;
	for (size_t i = 0; i < sessions->count; i++) {
		struct process_node *node = &sessions->nodes[i];

		if (node->parent != NULL)
			node->parent->children[node->parent->child_count++] = node;
		else
			sessions->root_count++;
	}
	places = pool_alloc(&sessions->pool,
			    (sessions->root_count + 1) * sizeof(struct process_node *));
	if (places == NULL)
		return false;
	sessions->roots = places;
	for (size_t i = 0; i < sessions->count; i++) {
		struct process_node *node = &sessions->nodes[i];

		if (node->parent == NULL)
			*places++ = node;
		qsort(node->children, node->child_count, sizeof(struct process_node *), by_start);
	}
	return true;
}

/* ---- Sessions and groups ---- */

static int by_session(const void *a, const void *b)
{
	const struct ipck_process *left = &(*(struct process_node *const *)a)->row;
	const struct ipck_process *right = &(*(struct process_node *const *)b)->row;

	if (left->sid != right->sid)
		return left->sid < right->sid ? -1 : 1;
	if (left->pgid != right->pgid)
		return left->pgid < right->pgid ? -1 : 1;
	return by_start(a, b);
}

static const struct ipck_process *leader(const struct sessions *sessions, pid_t number)
{
	const struct process_node *node = number > 0 ? sessions_find(sessions, number) : NULL;

	return node != NULL ? &node->row : NULL;
}

bool process_is_live(const struct ipck_process *process)
{
	return !process_has_ended(process->state, process->threads) && process->state != 'X' &&
	       process->state != 'x';
}

/*
 * Is the member no reason for the kernel to keep its group from being orphaned?  As its
 * will_become_orphaned_pgrp().  What cannot be told, of a parent that is not to be seen, is one.
 */
static bool leaves_orphaned(const struct sessions *sessions, const struct process_node *member)
{
	const struct process_node *parent = member->parent;

	if (!process_is_live(&member->row) || (sessions->global && member->row.ppid == 1))
		return true;
	/* whoever is outside of our pid namespace is in no session that was founded in it */
	if (parent == NULL)
		return member->row.ppid == 0 && member->row.sid != 0;
	return parent->row.pgid == member->row.pgid || parent->row.sid != member->row.sid;
}

static bool is_orphaned(const struct sessions *sessions, struct process_node *const *members,
			size_t count)
{
	bool live = false;

	if (members[0]->row.pgid == 0 || sessions->hidden) /* there may be other members */
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!leaves_orphaned(sessions, members[i]))
			return false;
		live |= process_is_live(&members[i]->row);
	}
	return live;
}

/* The members of a group, which follow one another. */
static void fill_group(struct sessions *sessions, struct session_node *session,
		       struct group_node *group, struct process_node **members, size_t count)
{
	group->session = session;
	group->notable = false;
	group->row = (struct ipck_group){
		.pgid = members[0]->row.pgid,
		.orphaned = is_orphaned(sessions, members, count),
		.leader = leader(sessions, members[0]->row.pgid),
		.count = count,
		.members = (const struct ipck_process *const *)members,
	};
	for (size_t i = 0; i < count; i++) {
		members[i]->session = session;
		members[i]->group = group;
	}
}

static bool has_live(const struct ipck_group *group)
{
	for (size_t i = 0; i < group->count; i++)
		if (process_is_live(group->members[i]))
			return true;
	return false;
}

/*
 * A session has one terminal, which a member may have given up, and what its leader sees counts.
 * Session 0 is all those outside of our pid namespace: they need not share one.
 */
static const struct ipck_process *terminal_of(const struct ipck_session *session,
					      struct process_node *const *members, size_t count)
{
	const struct ipck_process *found = session->leader;

	if (found != NULL && has_terminal(found))
		return found;
	found = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct ipck_process *row = &members[i]->row;

		if (!has_terminal(row))
			continue;
		if (found == NULL)
			found = row;
		if (found->tty_major != row->tty_major || found->tty_minor != row->tty_minor)
			return NULL;
	}
	return found;
}

static void fill_terminal(struct session_node *session, struct group_node *groups,
			  struct process_node *const *members, size_t count)
{
	const struct ipck_process *row = terminal_of(&session->row, members, count);
	bool live = false;

	if (row == NULL)
		return;
	session->row.tty_major = row->tty_major;
	session->row.tty_minor = row->tty_minor;
	session->row.terminal = row->terminal;
	session->row.foreground_pgid = row->tpgid;
	if (row->tpgid <= 0)
		return;
	for (size_t i = 0; i < session->row.group_count; i++)
		if (groups[i].row.pgid == row->tpgid) {
			groups[i].row.foreground = true;
			live = has_live(&groups[i].row);
		}
	session->row.hung = !live;
}

/* Those of a session, which follow one another, too.  Its groups come one behind the other. */
static struct group_node *fill_session(struct sessions *sessions, struct session_node *session,
				       struct group_node *groups, struct process_node **members,
				       size_t count)
{
	session->row = (struct ipck_session){
		.sid = members[0]->row.sid,
		.leader = leader(sessions, members[0]->row.sid),
		.foreground_pgid = -1,
		.groups = &groups->row,
	};
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i; end < count && members[end]->row.pgid == members[i]->row.pgid; end++)
			continue;
		fill_group(sessions, session, &groups[session->row.group_count++], members + i,
			   end - i);
	}
	fill_terminal(session, groups, members, count);
	if (sessions->hidden)
		session->row.hung = false; /* the foreground group may be another user's */
	return groups + session->row.group_count;
}

static bool tie_sessions(struct sessions *sessions)
{
	const size_t room = sessions->count + 1;
	struct process_node **places =
		pool_alloc(&sessions->pool, room * sizeof(struct process_node *));
	struct group_node *groups = pool_alloc(&sessions->pool, room * sizeof(*groups));

	sessions->sessions = pool_alloc(&sessions->pool, room * sizeof(*sessions->sessions));
	if (places == NULL || groups == NULL || sessions->sessions == NULL)
		return false;
	for (size_t i = 0; i < sessions->count; i++)
		places[i] = &sessions->nodes[i];
	qsort(places, sessions->count, sizeof(struct process_node *), by_session);
	for (size_t i = 0, end; i < sessions->count; i = end) {
		for (end = i; end < sessions->count && places[end]->row.sid == places[i]->row.sid;
		     end++)
			continue;
		groups = fill_session(sessions, &sessions->sessions[sessions->session_count++],
				      groups, places + i, end - i);
	}
	return true;
}

bool sessions_tie(struct sessions *sessions)
{
	for (size_t i = 0; i < sessions->count; i++)
		sessions->nodes[i].all = sessions;
	return tie_tree(sessions) && tie_sessions(sessions);
}
