/* SPDX-License-Identifier: MIT */
/* How processes belong together. */
#include "insight/sessions.h"

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

/* Would this edge close a circle?  Only processes that started in one tick can. */
static bool descends(const struct process_node *node, const struct process_node *from)
{
	while (node != NULL && node != from)
		node = node->row.id.start_time == from->row.id.start_time ? node->parent : NULL;
	return node != NULL;
}

static void find_parents(struct sessions *sessions)
{
	for (size_t i = 0; i < sessions->count; i++) {
		struct process_node *node = &sessions->nodes[i];
		struct process_node *parent =
			node->row.ppid > 0 ? sessions_find(sessions, node->row.ppid) : NULL;

		/* one that started later only has the number of a parent that is gone */
		if (parent == NULL || parent->row.id.start_time > node->row.id.start_time ||
		    descends(parent, node))
			continue;
		node->parent = parent;
		parent->child_count++;
	}
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

/* The members of a group, which follow one another. */
static void fill_group(struct sessions *sessions, struct session_node *session,
		       struct group_node *group, struct process_node **members, size_t count)
{
	group->session = session;
	group->row = (struct ipck_group){
		.pgid = members[0]->row.pgid,
		.leader = leader(sessions, members[0]->row.pgid),
		.count = count,
		.members = (const struct ipck_process *const *)members,
	};
	for (size_t i = 0; i < count; i++) {
		members[i]->session = session;
		members[i]->group = group;
	}
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
		fill_group(sessions, session, groups++, members + i, end - i);
		session->row.group_count++;
	}
	return groups;
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
