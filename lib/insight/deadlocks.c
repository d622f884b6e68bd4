/* SPDX-License-Identifier: MIT */
/*
 * Deadlocks: the cycles of what is stuck, first by what the kernel and the C library recorded, then
 * by all that is known; and how many threads hang behind them.
 */
#include "insight/deadlocks.h"

#include <string.h>

struct level {
	struct deadlocks *out;
	struct wait_graph graph;
	const bool *without; /* nodes that a stronger level has found stuck */
	size_t first;        /* of the deadlocks of this level */
	size_t *number;      /* of the deadlock that a component is */
	size_t *place;       /* of a thread among its members */
	size_t *next;        /* the thread that a member waits for */
	size_t *speaker;     /* of a process: its first thread in the same component */
};

static void *array(struct level *level, size_t count, size_t size)
{
	void *memory = pool_alloc(&level->out->pool, (count + 1) * size);

	return memory != NULL ? memset(memory, 0, (count + 1) * size) : NULL;
}

/* The deadlock that a node is a member of; WAIT_NOWHERE: none. */
static size_t deadlock_of(const struct level *level, size_t node)
{
	const size_t component = level->graph.component[node];

	return component == WAIT_NOWHERE ? WAIT_NOWHERE : level->number[component];
}

/* Number the cycles by their first threads, and count their threads. */
static int count_cycles(struct level *level)
{
	const struct wait_graph *graph = &level->graph;
	struct deadlocks *out = level->out;
	struct found_deadlock *found;
	size_t count = out->count;

	for (size_t i = 0; i < graph->component_count; i++)
		level->number[i] = WAIT_NOWHERE;
	for (size_t i = 0; i < graph->threads; i++) {
		const size_t component = graph->component[i];

		if (component != WAIT_NOWHERE && graph->cyclic[component] &&
		    level->number[component] == WAIT_NOWHERE)
			level->number[component] = count++;
	}
	found = array(level, count, sizeof(*found));
	if (found == NULL)
		return IPCK_ERR_MEMORY;
	if (out->count > 0)
		memcpy(found, out->found, out->count * sizeof(*found));
	level->first = out->count;
	out->found = found;
	out->count = count;
	for (size_t i = 0; i < graph->threads; i++)
		if (deadlock_of(level, i) != WAIT_NOWHERE)
			found[deadlock_of(level, i)].deadlock.member_count++;
	for (size_t i = level->first; i < count; i++) {
		found[i].deadlock.certainty = graph->level;
		found[i].members =
			array(level, found[i].deadlock.member_count, sizeof(*found[i].members));
		if (found[i].members == NULL)
			return IPCK_ERR_MEMORY;
	}
	return IPCK_OK;
}

/* ---- Members, along the cycle ---- */

static void find_speakers(struct level *level)
{
	const struct wait_graph *graph = &level->graph;

	for (size_t i = 0; i < graph->processes; i++) {
		const size_t component = graph->component[graph->threads + i];

		level->speaker[i] = WAIT_NOWHERE;
		for (size_t row = graph->first_row[i];
		     component != WAIT_NOWHERE && row < graph->first_row[i + 1]; row++)
			if (graph->component[row] == component) {
				level->speaker[i] = row;
				break;
			}
	}
}

/* The member that a member waits for; *on: by which of its waits. */
static size_t follow(const struct level *level, size_t row, const struct ipck_awaited **on)
{
	const struct wait_graph *graph = &level->graph;

	for (size_t i = graph->nodes[row].edge; i < graph->nodes[row + 1].edge; i++) {
		const struct wait_edge *edge = &graph->edges[i];

		if (!wait_graph_blocks(graph, edge) ||
		    graph->component[edge->target] != graph->component[row])
			continue;
		*on = edge->on;
		return edge->target < graph->threads
			       ? edge->target
			       : level->speaker[edge->target - graph->threads];
	}
	return row; /* not reached: each thread of a cycle leads into it */
}

/* Put the thread, and those it leads to, in the next places that are left. */
static void place_chain(struct level *level, size_t row, size_t *filled)
{
	struct found_deadlock *found = &level->out->found[deadlock_of(level, row)];

	while (level->place[row] == WAIT_NOWHERE) {
		struct ipck_deadlock_member *member =
			&found->members[filled[found - level->out->found]];

		level->place[row] = filled[found - level->out->found]++;
		member->wait = level->graph.waits[row];
		level->next[row] = follow(level, row, &member->on);
		row = level->next[row];
	}
}

static int place_members(struct level *level)
{
	const struct wait_graph *graph = &level->graph;
	size_t *filled = array(level, level->out->count, sizeof(*filled));

	if (filled == NULL)
		return IPCK_ERR_MEMORY;
	find_speakers(level);
	for (size_t i = 0; i < graph->threads; i++)
		level->place[i] = WAIT_NOWHERE;
	for (size_t i = 0; i < graph->threads; i++)
		if (deadlock_of(level, i) != WAIT_NOWHERE)
			place_chain(level, i, filled);
	for (size_t i = 0; i < graph->threads; i++)
		if (deadlock_of(level, i) != WAIT_NOWHERE)
			level->out->found[deadlock_of(level, i)].members[level->place[i]].next =
				level->place[level->next[i]];
	return IPCK_OK;
}

/* ---- Behind ---- */

/* Each that is stuck, but in no cycle, counts with one deadlock that it leads to. */
static int count_behind(struct level *level)
{
	const struct wait_graph *graph = &level->graph;
	const size_t nodes = graph->threads + graph->processes;
	size_t *of = array(level, nodes, sizeof(*of)), *list = array(level, nodes, sizeof(*list));
	size_t count = 0;

	if (of == NULL || list == NULL)
		return IPCK_ERR_MEMORY;
	for (size_t i = 0; i < nodes; i++) {
		of[i] = deadlock_of(level, i);
		if (of[i] != WAIT_NOWHERE)
			list[count++] = i;
	}
	for (size_t next = 0; next < count; next++) {
		const size_t node = list[next];

		for (size_t i = graph->first_entering[node]; i < graph->first_entering[node + 1];
		     i++) {
			const struct wait_group *group = &graph->groups[graph->entering[i]];

			/* stuck, and in a component: no stronger level has it */
			if (group->free > 0 || of[group->node] != WAIT_NOWHERE ||
			    graph->component[group->node] == WAIT_NOWHERE)
				continue;
			of[group->node] = of[node];
			list[count++] = group->node;
			if (group->node < graph->threads)
				level->out->found[of[node]].deadlock.behind++;
		}
	}
	return IPCK_OK;
}

/* ---- Levels ---- */

static int make_arrays(struct level *level)
{
	const struct wait_graph *graph = &level->graph;

	level->number = array(level, graph->component_count, sizeof(*level->number));
	level->place = array(level, graph->threads, sizeof(*level->place));
	level->next = array(level, graph->threads, sizeof(*level->next));
	level->speaker = array(level, graph->processes, sizeof(*level->speaker));
	return level->number != NULL && level->place != NULL && level->next != NULL &&
			       level->speaker != NULL
		       ? IPCK_OK
		       : IPCK_ERR_MEMORY;
}

/* The deadlocks of one level behind those that are there. */
static int find_level(struct level *level, enum ipck_certainty certainty,
		      const struct ipck_wait *const *waits, const unsigned char *still,
		      size_t count)
{
	struct wait_graph *graph = &level->graph;
	int rc = wait_graph_make(graph, &level->out->pool, certainty, waits, still, count);

	if (rc == IPCK_OK)
		rc = wait_graph_solve(graph);
	if (rc == IPCK_OK)
		rc = wait_graph_components(graph, level->without);
	if (rc == IPCK_OK)
		rc = make_arrays(level);
	if (rc == IPCK_OK)
		rc = count_cycles(level);
	if (rc == IPCK_OK)
		rc = place_members(level);
	return rc == IPCK_OK ? count_behind(level) : rc;
}

int deadlocks_find(struct deadlocks *deadlocks, const struct ipck_wait *const *waits,
		   const unsigned char *still, size_t count)
{
	struct level sure = { .out = deadlocks }, maybe = { .out = deadlocks };
	size_t nodes;
	bool *stuck;
	int rc;

	*deadlocks = (struct deadlocks){ 0 };
	rc = find_level(&sure, IPCK_CONFIRMED, waits, still, count);
	if (rc != IPCK_OK)
		return rc;
	/* The nodes of both graphs are the same. */
	nodes = sure.graph.threads + sure.graph.processes;
	stuck = array(&sure, nodes, sizeof(*stuck));
	if (stuck == NULL)
		return IPCK_ERR_MEMORY;
	for (size_t i = 0; i < nodes; i++)
		stuck[i] = sure.graph.nodes[i].stuck;
	maybe.without = stuck;
	rc = find_level(&maybe, IPCK_SUSPECTED, waits, still, count);
	for (size_t i = 0; rc == IPCK_OK && i < nodes; i++)
		stuck[i] |= maybe.graph.nodes[i].stuck;
	deadlocks->stuck = stuck;
	return rc;
}

void deadlocks_end(struct deadlocks *deadlocks)
{
	pool_free(&deadlocks->pool);
	*deadlocks = (struct deadlocks){ 0 };
}
