/* SPDX-License-Identifier: MIT */
/*
 * Who waits for whom, as a graph: threads, and processes that are waited for as a whole.  A thread
 * waits for one member of every group; so it is stuck as soon as all members of one group are.
 * Pure: nothing is read here.
 */
#ifndef INSIGHT_WAIT_GRAPH_H
#define INSIGHT_WAIT_GRAPH_H

#include "base/pool.h"
#include "ipckit.h"

/* What is known of a thread from an earlier look, as bits. */
enum {
	WAIT_STILL = 1u << 0,      /* it is in the same call for the same reason */
	WAIT_STILL_SURE = 1u << 1, /* and has not run meanwhile */
	WAIT_STILL_WHOLE = 1u << 2 /* its process had no other threads meanwhile */
};

struct wait_edge {
	size_t target; /* node */
	size_t group;
	const struct ipck_awaited *on; /* NULL: from a process to its thread */
};

struct wait_group {
	size_t node; /* that waits */
	size_t free; /* members that could go on; the group blocks while that is 0 */
};

struct wait_node {
	size_t edge;     /* its first; the next node's is the end */
	size_t blocking; /* groups that block */
	bool stuck;
};

#define WAIT_NOWHERE SIZE_MAX

/* Nodes: a thread has the number of its row, behind them come the processes. */
struct wait_graph {
	struct pool *pool;
	enum ipck_certainty level;
	const struct ipck_wait *const *waits; /* by pid, then tid */
	const unsigned char *still; /* WAIT_STILL* of each; NULL: this is the first look */
	size_t threads, processes;
	size_t *first_row;       /* of each process; one more is the end */
	struct wait_node *nodes; /* one more is the end */
	struct wait_edge *edges;
	struct wait_group *groups;
	size_t group_count;
	size_t *entering, *first_entering; /* groups that a node is a member of */
	/* Strongly connected components of what is stuck: of each node, or WAIT_NOWHERE. */
	size_t *component;
	bool *cyclic; /* of each component: does it lead back to itself? */
	size_t component_count;
};

/*
 * The graph of the edges that a level takes.  IPCK_CONFIRMED: kernel and libc, of waits that only
 * those who are listed can end; IPCK_SUSPECTED: all but none.  All memory is the pool's.
 * 0 or IPCK_ERR_MEMORY.
 */
int wait_graph_make(struct wait_graph *graph, struct pool *pool, enum ipck_certainty level,
		    const struct ipck_wait *const *waits, const unsigned char *still, size_t count);
/* Find what can never go on: nodes.stuck.  0 or IPCK_ERR_MEMORY. */
int wait_graph_solve(struct wait_graph *graph);
/* Find the components of what is stuck, but for the nodes in without (NULL: none).  The same. */
int wait_graph_components(struct wait_graph *graph, const bool *without);

/* Does this edge keep the node that it leaves from going on? */
static inline bool wait_graph_blocks(const struct wait_graph *graph, const struct wait_edge *edge)
{
	return graph->groups[edge->group].free == 0;
}

#endif
