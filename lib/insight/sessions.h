/* SPDX-License-Identifier: MIT */
/*
 * How processes belong together: the tree, and sessions, their groups and the members of those.
 * Made from rows alone, in O(n log n); nothing is read here.
 */
#ifndef INSIGHT_SESSIONS_H
#define INSIGHT_SESSIONS_H

#include "base/pool.h"

#include "ipckit.h"

struct group_node;
struct session_node;

/* A process among the others. */
struct process_node {
	struct ipck_process row; /* first: what a caller sees */
	struct process_node *parent;
	struct process_node **children; /* by start */
	size_t child_count;
	struct session_node *session;
	struct group_node *group;
	struct sessions *all;
};

struct group_node {
	struct ipck_group row; /* first */
	struct session_node *session;
};

struct session_node {
	struct ipck_session row; /* first */
};

struct sessions {
	struct process_node *nodes; /* by pid */
	size_t count, room;
	struct process_node **roots; /* by pid */
	size_t root_count;
	struct session_node *sessions; /* by sid */
	size_t session_count;
	bool hidden; /* /proc hides processes: what is missing is not gone */
	struct pool pool;
};

/* NULL: there is none. */
struct process_node *sessions_find(const struct sessions *sessions, pid_t pid);

/* Tie the nodes, which are given by pid, to one another.  False: no memory. */
bool sessions_tie(struct sessions *sessions);

#endif
