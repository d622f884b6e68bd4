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

/* What shows that a process was given to another parent.  A fork copies the session, and whoever
 * leaves it leads the new one. */
enum orphan_proof {
	ORPHAN_NOT,
	ORPHAN_LIKELY,  /* the parent leads a session, which it may have founded after the fork */
	ORPHAN_YOUNGER, /* the same, but the session was founded after the parent started */
	ORPHAN_MANAGER, /* the same, but the parent is a service manager of a user */
	ORPHAN_SESSION, /* the parent leads no session */
	ORPHAN_INIT,    /* the parent is init, whose own first session lies outside */
	ORPHAN_SCOPE    /* it is in a scope, where no service manager starts anything */
};

/* A process among the others. */
struct process_node {
	struct ipck_process row; /* first: what a caller sees */
	struct process_node *parent;
	struct process_node **children; /* by start */
	size_t child_count;
	struct session_node *session;
	struct group_node *group;
	struct sessions *all;
	size_t walk; /* of those that looked for circles, the one that came by; 0: none */
	/* For the marks. */
	enum orphan_proof orphan;
	const struct process_node *given; /* of a reaper that is inferred: an orphan it was given */
	const char *unit; /* of its control group: raw; NULL: none, or it was not asked for */
	enum { MANAGER_UNASKED, MANAGER_NOT, MANAGER_SYSTEM, MANAGER_USER } manager;
};

struct group_node {
	struct ipck_group row; /* first */
	struct session_node *session;
	bool notable; /* for the marks: it has a terminal, or a stopped member */
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
	bool global; /* process 1 is init of the machine, not only of a pid namespace in it */
	/* The path of a process's control group, raw; false: it cannot be seen.  NULL: of nobody.
	 */
	bool (*control_group)(pid_t pid, char *path, size_t size);
	struct pool pool;
};

/* NULL: there is none. */
struct process_node *sessions_find(const struct sessions *sessions, pid_t pid);

/* It neither has ended nor is about to: a first thread may end before the others. */
bool process_is_live(const struct ipck_process *process);

static inline bool has_terminal(const struct ipck_process *process)
{
	return process->tty_major != 0 || process->tty_minor != 0;
}

/* Tie the nodes, which are given by pid, to one another.  False: no memory. */
bool sessions_tie(struct sessions *sessions);

#endif
