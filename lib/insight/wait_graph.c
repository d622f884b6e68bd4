/* SPDX-License-Identifier: MIT */
/* The graph of waits: made from the lists of those who are awaited, and what of it is stuck. */
#include "insight/wait_graph.h"

#include <string.h>

/* ---- Making ---- */

static void *array(struct pool *pool, size_t count, size_t size)
{
	void *memory = NULL;

	if (count < SIZE_MAX / 2 / size)
		memory = pool_alloc(pool, (count + 1) * size);
	return memory != NULL ? memset(memory, 0, (count + 1) * size) : NULL;
}

static pid_t pid_at(const struct wait_graph *graph, size_t process)
{
	return graph->waits[graph->first_row[process]]->process.pid;
}

/* The processes of the rows.  Rows of one pid and of two processes stay two. */
static void find_processes(struct wait_graph *graph)
{
	for (size_t i = 0; i < graph->threads; i++) {
		const struct ipck_process_id *process = &graph->waits[i]->process;
		const struct ipck_process_id *previous =
			i > 0 ? &graph->waits[i - 1]->process : NULL;

		if (previous == NULL || previous->pid != process->pid ||
		    previous->start_time != process->start_time)
			graph->first_row[graph->processes++] = i;
	}
	graph->first_row[graph->processes] = graph->threads;
}

static size_t thread_of(const struct wait_graph *graph, size_t process, pid_t tid)
{
	size_t low = graph->first_row[process], high = graph->first_row[process + 1];

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (graph->waits[middle]->tid == tid)
			return middle;
		if (graph->waits[middle]->tid < tid)
			low = middle + 1;
		else
			high = middle;
	}
	return WAIT_NOWHERE;
}

/* The node of a process, or of a thread of it; WAIT_NOWHERE: it does not sleep, or is unknown. */
static size_t node_of(const struct wait_graph *graph, const struct ipck_awaited *awaited)
{
	size_t low = 0, high = graph->processes;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (pid_at(graph, middle) < awaited->process.pid)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == graph->processes || awaited->process.start_time == 0 ||
	    pid_at(graph, low) != awaited->process.pid ||
	    graph->waits[graph->first_row[low]]->process.start_time != awaited->process.start_time)
		return WAIT_NOWHERE;
	if (awaited->tid == 0)
		return graph->threads + low;
	return thread_of(graph, low, awaited->tid);
}

static void add_edge(struct wait_graph *graph, size_t *edges, size_t target,
		     const struct ipck_awaited *on)
{
	graph->edges[(*edges)++] =
		(struct wait_edge){ .target = target, .group = graph->group_count, .on = on };
}

static void end_group(struct wait_graph *graph, size_t node)
{
	graph->groups[graph->group_count++].node = node;
	graph->nodes[node].blocking++;
}

/* Could somebody of the group go on, whatever becomes of the others?  Then it never blocks. */
static bool never_blocks(const struct wait_graph *graph, const struct ipck_awaited *member)
{
	const enum ipck_proof least =
		graph->level == IPCK_CONFIRMED ? IPCK_PROOF_LIBC : IPCK_PROOF_LAST_OP;

	return member->proof < least || (!member->gone && node_of(graph, member) == WAIT_NOWHERE);
}

/* One group, [from, to) of the list.  Who is gone does nothing any more; a group of such alone is
 * an object that was abandoned, and no deadlock. */
static void add_group(struct wait_graph *graph, size_t *edges, size_t node, size_t from, size_t to)
{
	const struct ipck_awaited *awaited = graph->waits[node]->awaited;
	const size_t before = *edges;

	for (size_t i = from; i < to; i++)
		if (never_blocks(graph, &awaited[i])) {
			*edges = before;
			return;
		} else if (!awaited[i].gone) {
			add_edge(graph, edges, node_of(graph, &awaited[i]), &awaited[i]);
		}
	if (*edges > before)
		end_group(graph, node);
}

/* A FIFO is opened for both by who waits for others to come and open it: daemons idle like that. */
static bool keeps_fifo_open(const struct ipck_wait *wait)
{
	if (wait->kind != IPCK_FIFO || !wait->open)
		return false;
	for (size_t i = 0; i < wait->awaited_count; i++)
		if (wait->awaited[i].process.pid == wait->process.pid)
			return true;
	return false;
}

/* Can the thread be stuck at all? */
static bool is_candidate(const struct wait_graph *graph, size_t row)
{
	const struct ipck_wait *wait = graph->waits[row];
	const unsigned sure =
		graph->level == IPCK_CONFIRMED ? WAIT_STILL | WAIT_STILL_SURE : WAIT_STILL;

	return !wait->timeout && !(wait->open && graph->level == IPCK_CONFIRMED) &&
	       wait->more == 0 && !keeps_fifo_open(wait) &&
	       (graph->still == NULL || (graph->still[row] & sure) == sure);
}

static void add_thread(struct wait_graph *graph, size_t *edges, size_t row)
{
	const struct ipck_wait *wait = graph->waits[row];
	bool ordered = true;
	size_t from = 0;

	if (!is_candidate(graph, row))
		return;
	for (size_t i = 1; i < wait->awaited_count; i++)
		ordered &= wait->awaited[i - 1].group <= wait->awaited[i].group;
	/* Out of order, all count as one group: that can only make less stuck. */
	for (size_t i = 1; i <= wait->awaited_count; i++)
		if (i == wait->awaited_count ||
		    (ordered && wait->awaited[i].group != wait->awaited[from].group)) {
			add_group(graph, edges, row, from, i);
			from = i;
		}
}

/* A process is stuck when all its threads are, as far as all of them are known. */
static void add_process(struct wait_graph *graph, size_t *edges, size_t process)
{
	const size_t from = graph->first_row[process], to = graph->first_row[process + 1];

	for (size_t i = from; i < to; i++)
		if (graph->waits[i]->threads != to - from ||
		    (graph->still != NULL && (graph->still[i] & WAIT_STILL_WHOLE) == 0))
			return;
	for (size_t i = from; i < to; i++)
		add_edge(graph, edges, i, NULL);
	end_group(graph, graph->threads + process);
}

static bool index_entering(struct wait_graph *graph, size_t nodes, size_t edges)
{
	size_t *first = graph->first_entering = array(graph->pool, nodes + 1, sizeof(*first));
	size_t *next = array(graph->pool, nodes, sizeof(*next));

	graph->entering = array(graph->pool, edges, sizeof(*graph->entering));
	if (first == NULL || next == NULL || graph->entering == NULL)
		return false;
	for (size_t i = 0; i < edges; i++)
		first[graph->edges[i].target + 1]++;
	for (size_t i = 0; i < nodes; i++) {
		first[i + 1] += first[i];
		next[i] = first[i];
	}
	for (size_t i = 0; i < edges; i++)
		graph->entering[next[graph->edges[i].target]++] = graph->edges[i].group;
	return true;
}

int wait_graph_make(struct wait_graph *graph, struct pool *pool, enum ipck_certainty level,
		    const struct ipck_wait *const *waits, const unsigned char *still, size_t count)
{
	size_t most = count, edges = 0;

	*graph = (struct wait_graph){
		.pool = pool, .level = level, .waits = waits, .still = still, .threads = count
	};
	for (size_t i = 0; i < count; i++)
		most += waits[i]->awaited_count;
	graph->first_row = array(pool, count, sizeof(*graph->first_row));
	graph->nodes = array(pool, 2 * count, sizeof(*graph->nodes));
	graph->edges = array(pool, most, sizeof(*graph->edges));
	graph->groups = array(pool, most, sizeof(*graph->groups));
	if (graph->first_row == NULL || graph->nodes == NULL || graph->edges == NULL ||
	    graph->groups == NULL)
		return IPCK_ERR_MEMORY;
	find_processes(graph);
	for (size_t i = 0; i < count; i++) {
		graph->nodes[i].edge = edges;
		add_thread(graph, &edges, i);
	}
	for (size_t i = 0; i < graph->processes; i++) {
		graph->nodes[count + i].edge = edges;
		add_process(graph, &edges, i);
	}
	graph->nodes[count + graph->processes].edge = edges;
	return index_entering(graph, count + graph->processes, edges) ? IPCK_OK : IPCK_ERR_MEMORY;
}

/* ---- What is stuck ---- */

int wait_graph_solve(struct wait_graph *graph)
{
	const size_t nodes = graph->threads + graph->processes;
	size_t *freed = array(graph->pool, nodes, sizeof(*freed));
	size_t count = 0;

	if (freed == NULL)
		return IPCK_ERR_MEMORY;
	for (size_t i = 0; i < nodes; i++) {
		graph->nodes[i].stuck = graph->nodes[i].blocking > 0;
		if (!graph->nodes[i].stuck)
			freed[count++] = i;
	}
	/* Who could go on frees the groups that he is in, these free who waits for them. */
	while (count > 0) {
		const size_t node = freed[--count];

		for (size_t i = graph->first_entering[node]; i < graph->first_entering[node + 1];
		     i++) {
			struct wait_group *group = &graph->groups[graph->entering[i]];
			struct wait_node *waiter = &graph->nodes[group->node];

			if (group->free++ > 0 || --waiter->blocking > 0)
				continue;
			waiter->stuck = false;
			freed[count++] = group->node;
		}
	}
	return IPCK_OK;
}

/* ---- Components: Tarjan's, without recursion, since a chain may have any length ---- */

struct search {
	struct wait_graph *graph;
	const bool *without;
	size_t *order, *low; /* order: 1 for the first that was visited, 0: not yet */
	size_t *cursor;      /* the next edge to follow */
	size_t *path;        /* nodes that are being visited, each reached from the one before */
	size_t *open;        /* visited, component not known yet */
	size_t path_count, open_count, visited;
};

static bool takes_part(const struct search *search, size_t node)
{
	return search->graph->nodes[node].stuck &&
	       (search->without == NULL || !search->without[node]);
}

static void enter(struct search *search, size_t node)
{
	search->order[node] = search->low[node] = ++search->visited;
	search->cursor[node] = search->graph->nodes[node].edge;
	search->path[search->path_count++] = node;
	search->open[search->open_count++] = node;
}

static void lower(struct search *search, size_t node, size_t to)
{
	if (search->low[node] > to)
		search->low[node] = to;
}

static bool waits_for_itself(const struct wait_graph *graph, size_t node)
{
	for (size_t i = graph->nodes[node].edge; i < graph->nodes[node + 1].edge; i++)
		if (graph->edges[i].target == node && wait_graph_blocks(graph, &graph->edges[i]))
			return true;
	return false;
}

/* All that was visited since node, and has no component yet, is one. */
static void close_component(struct search *search, size_t node)
{
	struct wait_graph *graph = search->graph;
	size_t member, count = 0;

	do {
		member = search->open[--search->open_count];
		graph->component[member] = graph->component_count;
		count++;
	} while (member != node);
	graph->cyclic[graph->component_count++] = count > 1 || waits_for_itself(graph, node);
}

/* The next step from the node at the end of the path. */
static void step(struct search *search)
{
	struct wait_graph *graph = search->graph;
	const size_t node = search->path[search->path_count - 1];

	while (search->cursor[node] < graph->nodes[node + 1].edge) {
		const struct wait_edge *edge = &graph->edges[search->cursor[node]++];

		if (!wait_graph_blocks(graph, edge) || !takes_part(search, edge->target))
			continue;
		if (search->order[edge->target] == 0) {
			enter(search, edge->target);
			return;
		}
		if (graph->component[edge->target] == WAIT_NOWHERE)
			lower(search, node, search->order[edge->target]);
	}
	search->path_count--;
	if (search->low[node] == search->order[node])
		close_component(search, node);
	else /* so there is a node before it */
		lower(search, search->path[search->path_count - 1], search->low[node]);
}

int wait_graph_components(struct wait_graph *graph, const bool *without)
{
	const size_t nodes = graph->threads + graph->processes;
	struct search search = { .graph = graph, .without = without };
	size_t **const arrays[] = { &search.order, &search.low,  &search.cursor,
				    &search.path,  &search.open, &graph->component };

	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
		*arrays[i] = array(graph->pool, nodes, sizeof(**arrays[i]));
		if (*arrays[i] == NULL)
			return IPCK_ERR_MEMORY;
	}
	graph->cyclic = array(graph->pool, nodes, sizeof(*graph->cyclic));
	if (graph->cyclic == NULL)
		return IPCK_ERR_MEMORY;
	graph->component_count = 0;
	for (size_t i = 0; i < nodes; i++)
		graph->component[i] = WAIT_NOWHERE;
	for (size_t i = 0; i < nodes; i++) {
		if (search.order[i] != 0 || !takes_part(&search, i))
			continue;
		enter(&search, i);
		while (search.path_count > 0)
			step(&search);
	}
	return IPCK_OK;
}
