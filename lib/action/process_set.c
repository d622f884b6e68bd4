/* SPDX-License-Identifier: MIT */
/* Sets of processes: opening one by references, and its rows. */
#include "action/process_set.h"

#include <stdlib.h>
#include <unistd.h>

/* Is it a reference that can name processes, with all that it needs? */
static int take_ref(struct ipck *ctx, const struct ipck_ref *from, bool force, struct set_ref *ref)
{
	const bool group = from->kind == IPCK_PGRP || from->kind == IPCK_SESSION;

	if ((from->kind & IPCK_PROCESSES) == 0 || (from->kind & (from->kind - 1)) != 0 ||
	    from->form != IPCK_BY_PID)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "%s: not a reference to processes",
				 ipck_kind_name(from->kind) != NULL ? ipck_kind_name(from->kind)
								    : "reference");
	*ref = (struct set_ref){
		.kind = from->kind,
		.pid = from->pid,
		.exact = from->exact,
		.start_time = from->generation.start_time,
	};
	/* 0 and 1 mean the caller's own group and all processes, to the kernel. */
	if (ref->pid < 1 || (group && ref->pid < 2) ||
	    (ref->kind == IPCK_TREE && ref->pid == 1 && !force))
		ref->result = IPCK_ERR_ARGUMENT;
	return IPCK_OK;
}

static int ref_fail(struct ipck *ctx, const struct set_ref *ref)
{
	const char *kind = ipck_kind_name(ref->kind);
	const bool group = ref->kind == IPCK_PGRP || ref->kind == IPCK_SESSION;
	const char *why = ref->result == IPCK_ERR_CHANGED && group
				  ? "changed since it was listed: its leader is gone or another one"
			  : ref->result == IPCK_ERR_CHANGED   ? "changed since it was listed"
			  : ref->result == IPCK_ERR_NOT_FOUND ? "no such process"
			  : ref->result == IPCK_ERR_DENIED
				  ? "hidden by /proc: cannot see what would be signalled"
			  : ref->kind == IPCK_TREE ? "all processes descend from it"
						   : "too low a number to be signalled";

	return ipck_fail(ctx, (enum ipck_error)ref->result, "%s:%d: %s", kind, (int)ref->pid, why);
}

static int by_pid(const void *a, const void *b)
{
	const struct ipck_member *left = &((const struct set_member *)a)->row;
	const struct ipck_member *right = &((const struct set_member *)b)->row;

	return (left->process.pid > right->process.pid) - (left->process.pid < right->process.pid);
}

static int open_set(struct ipck *ctx, const struct ipck_process_set_query *query,
		    struct ipck_process_set *set)
{
	size_t fresh;
	int rc = IPCK_OK;

	set->refs = calloc(query->ref_count + 1, sizeof(*set->refs));
	if (set->refs == NULL)
		return ipck_fail(ctx, IPCK_ERR_MEMORY, "out of memory");
	set->ref_count = query->ref_count;
	set->force = query->force;
	for (size_t i = 0; rc == IPCK_OK && i < query->ref_count; i++)
		rc = take_ref(ctx, &query->refs[i], query->force, &set->refs[i]);
	set->missed = true;
	for (int i = 0; rc == IPCK_OK && set->missed && i < SET_LOOKS; i++)
		rc = set_look(ctx, set, false, &fresh);
	if (rc != IPCK_OK)
		return rc;
	qsort(set->members, set->count, sizeof(*set->members), by_pid);
	for (size_t i = 0; i < set->count; i++) /* each has its slot already */
		table_slot(&set->by_pid, (uint32_t)set->members[i].row.process.pid)->value =
			(void *)(uintptr_t)(i + 1);
	return IPCK_OK;
}

IPCK_API int ipck_process_set_open(struct ipck *ctx, const struct ipck_process_set_query *query,
				   struct ipck_process_set **out)
{
	struct ipck_process_set_query own;
	struct ipck_process_set *set;
	int rc = IPCK_OK;

	*out = NULL;
	if (!ipck_take(&own, sizeof(own), query, query->size))
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "process set: invalid argument");
	set = calloc(1, sizeof(*set));
	if (set == NULL)
		return ipck_fail(ctx, IPCK_ERR_MEMORY, "out of memory");
	rc = open_set(ctx, &own, set);
	if (rc != IPCK_OK) {
		ipck_process_set_close(set);
		return rc;
	}
	for (size_t i = 0; i < set->ref_count; i++) {
		if (own.ref_results != NULL)
			own.ref_results[i] = set->refs[i].result;
		if (rc == IPCK_OK && set->refs[i].result != IPCK_OK)
			rc = ref_fail(ctx, &set->refs[i]);
	}
	*out = set;
	return rc;
}

IPCK_API size_t ipck_process_set_count(const struct ipck_process_set *set)
{
	return set->count;
}

IPCK_API const struct ipck_member *ipck_process_set_at(const struct ipck_process_set *set, size_t i)
{
	return i < set->count ? &set->members[i].row : NULL;
}

IPCK_API void ipck_process_set_close(struct ipck_process_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->count; i++)
		if (set->members[i].folder >= 0)
			close(set->members[i].folder);
	table_free(&set->by_pid);
	table_free(&set->outside_by_pid);
	table_free(&set->ancestors);
	table_free(&set->stopped_groups);
	pool_free(&set->pool);
	free(set->members);
	free(set->outside);
	free(set->refs);
	free(set);
}
