/* SPDX-License-Identifier: MIT */
/*
 * Looking for the members of a set: a snapshot of all processes says who could be one; then the
 * folder of each is opened first, and what makes it a member is read through that second.
 */
#include "action/process_set.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a process of the snapshot is named by. */
struct naming {
	size_t ref; /* the first */
	bool named, by_identity, in_tree;
	bool itself; /* by its own number: no parent has to vouch for it */
	bool other;  /* by something else than the caller's own session */
};

struct look {
	struct ipck *ctx;
	struct ipck_process_set *set;
	struct process_snapshot snapshot;
	struct naming *namings;      /* of the nodes */
	struct process_node **queue; /* those of trees, parents first */
	size_t queued;
	bool late;
};

static struct naming *naming_of(const struct look *look, const struct process_node *node)
{
	return &look->namings[node - look->snapshot.sessions.nodes];
}

static void name(struct look *look, const struct process_node *node, size_t ref, bool other)
{
	struct naming *naming = naming_of(look, node);

	if (!naming->named || ref < naming->ref)
		naming->ref = ref;
	naming->named = true;
	naming->other |= other;
}

/* ---- By references ---- */

/* Is there a process of this number that /proc does not show? */
static bool is_hidden(const struct look *look, const struct set_ref *ref)
{
	const bool alone = ref->kind == IPCK_PROCESS || ref->kind == IPCK_TREE;
	char path[32];

	if (ref->kind == IPCK_SESSION)
		return look->snapshot.sessions.hidden;
	if (kill(alone ? ref->pid : -ref->pid, 0) != 0 && errno == ESRCH)
		return false;
	if (!alone)
		return true;
	/* The number of a thread opens, but is not listed. */
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)ref->pid);
	return access(path, R_OK) != 0;
}

/* The process of that number, or the leader: is it the one that an exact reference means? */
static int check_exact(const struct set_ref *ref, const struct process_node *node)
{
	if (!ref->exact)
		return IPCK_OK;
	return node != NULL && node->row.id.start_time == ref->start_time ? IPCK_OK
									  : IPCK_ERR_CHANGED;
}

static void enqueue(struct look *look, struct process_node *node)
{
	struct naming *naming = naming_of(look, node);

	if (naming->in_tree)
		return;
	naming->in_tree = true;
	look->queue[look->queued++] = node;
}

/* The process of a "pid" or "tree" reference. */
static void name_process(struct look *look, size_t i)
{
	struct set_ref *ref = &look->set->refs[i];
	struct process_node *node = sessions_find(&look->snapshot.sessions, ref->pid);

	if (node == NULL)
		return;
	ref->result = check_exact(ref, node);
	if (ref->result != IPCK_OK)
		return;
	name(look, node, i, true);
	naming_of(look, node)->by_identity = true;
	naming_of(look, node)->itself = true;
	if (ref->kind == IPCK_TREE)
		enqueue(look, node);
}

static void name_groups(struct look *look)
{
	struct sessions *sessions = &look->snapshot.sessions;

	for (size_t r = 0; r < look->set->ref_count; r++) {
		struct set_ref *ref = &look->set->refs[r];
		const bool own = ref->kind == IPCK_SESSION && ref->pid == getsid(0);

		if (ref->result != IPCK_OK || (ref->kind != IPCK_PGRP && ref->kind != IPCK_SESSION))
			continue;
		for (size_t i = 0; i < sessions->count; i++) {
			const struct ipck_process *row = &sessions->nodes[i].row;

			if ((ref->kind == IPCK_PGRP ? row->pgid : row->sid) != ref->pid)
				continue;
			if (!look->late && ref->exact)
				ref->result = check_exact(ref, sessions_find(sessions, ref->pid));
			if (ref->result != IPCK_OK)
				break;
			name(look, &sessions->nodes[i], r, !own);
		}
	}
}

/* What descends from those that are queued. */
static void name_descendants(struct look *look)
{
	for (size_t i = 0; i < look->queued; i++) {
		const struct process_node *node = look->queue[i];

		for (size_t c = 0; c < node->child_count; c++) {
			struct process_node *child = node->children[c];

			name(look, child, naming_of(look, node)->ref, true);
			naming_of(look, child)->by_identity = true;
			enqueue(look, child);
		}
	}
}

static void name_all(struct look *look)
{
	struct ipck_process_set *set = look->set;

	for (size_t i = 0; !look->late && i < set->ref_count; i++)
		if (set->refs[i].result == IPCK_OK &&
		    (set->refs[i].kind == IPCK_PROCESS || set->refs[i].kind == IPCK_TREE))
			name_process(look, i);
	for (size_t i = 0; look->late && i < set->count; i++) {
		const struct set_member *member = &set->members[i];
		struct process_node *node =
			member->in_tree
				? sessions_find(&look->snapshot.sessions, member->row.process.pid)
				: NULL;

		if (node != NULL && node->row.id.start_time == member->row.process.start_time) {
			naming_of(look, node)->ref = member->row.ref;
			enqueue(look, node);
		}
	}
	name_descendants(look);
	name_groups(look);
}

/* ---- Opening ---- */

static int too_many(struct look *look)
{
	return ipck_fail(look->ctx, IPCK_ERR_SYSTEM,
			 "no descriptor left after %zu processes: each takes one; raise the limit "
			 "of open files (RLIMIT_NOFILE, ulimit -n)",
			 look->set->count);
}

/*
 * Is the process that it is the child of, by the snapshot, truly that one?  It is when that one
 * lives still: then it bore its number all the while.  Otherwise a later one of that number could
 * be the parent, but not of a child that was there before the snapshot was begun.
 */
static bool is_child(const struct look *look, const struct process_node *node)
{
	const struct set_member *parent =
		node->parent != NULL ? set_find_row(look->set, &node->parent->row) : NULL;
	struct process_stat stat;

	return (parent != NULL && member_stat(parent, &stat) == 0 &&
		stat.start_time == parent->row.process.start_time) ||
	       node->row.id.start_time < look->snapshot.begun;
}

/* What was read through the folder: is it the process of the snapshot, and named yet? */
static bool is_meant(const struct look *look, const struct process_node *node,
		     const struct process_stat *stat)
{
	const struct naming *naming = naming_of(look, node);

	if (stat->start_time != node->row.id.start_time)
		return false;
	if (!naming->by_identity)
		return set_names(look->set, stat->pgid, stat->sid);
	return naming->itself || is_child(look, node);
}

static int open_folder(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static struct ipck_member row_of(const struct look *look, const struct process_node *node)
{
	const struct naming *naming = naming_of(look, node);
	const struct ipck_process *row = &node->row;
	struct ipck_member member = {
		.process = row->id,
		.ref = naming->ref,
		.command = row->command,
		.uid = row->uid,
		.ppid = row->ppid,
		.pgid = row->pgid,
		.sid = row->sid,
		.process_state = row->state,
		.spared = set_spares(look->set, row, !naming->other),
		.late = look->late,
		.stopped = row->state == 'T' || row->state == 't',
	};

	member.state = member.spared == IPCK_SPARED_ZOMBIE ? IPCK_MEMBER_ENDED
		       : member.spared != IPCK_SPARED_NOT  ? IPCK_MEMBER_SPARED
							   : IPCK_MEMBER_PLANNED;
	return member;
}

/* Take it in, when it is still what it was in the snapshot. */
static int add_member(struct look *look, const struct process_node *node)
{
	const struct naming *naming = naming_of(look, node);
	struct ipck_member row = row_of(look, node);
	struct set_member one = { .row = row, .folder = open_folder(row.process.pid) }, *member;
	struct process_stat stat = { 0 };
	struct table_slot *slot;
	int error = one.folder < 0 ? errno : member_stat(&one, &stat);

	if (error == EMFILE || error == ENFILE)
		return too_many(look);
	if (error == ENOENT || error == ESRCH || (error == 0 && !is_meant(look, node, &stat))) {
		if (one.folder >= 0)
			close(one.folder);
		return IPCK_OK;
	}
	if (error == 0) {
		one.row.ppid = stat.ppid;
		one.row.pgid = stat.pgid;
		one.row.sid = stat.sid;
	} else if (one.row.state == IPCK_MEMBER_PLANNED) {
		member_fail(&one, error);
	}
	slot = table_slot(&look->set->by_pid, (uint32_t)row.process.pid);
	member = slot != NULL ? set_add(look->set, &one.row) : NULL;
	if (member == NULL) {
		if (one.folder >= 0)
			close(one.folder);
		return ipck_fail(look->ctx, IPCK_ERR_MEMORY, "out of memory");
	}
	slot->value = (void *)(uintptr_t)look->set->count; /* who had the number before has ended */
	member->folder = one.folder;
	member->by_identity = naming->by_identity;
	member->in_tree = naming->in_tree;
	return IPCK_OK;
}

static int add_all(struct look *look)
{
	struct sessions *sessions = &look->snapshot.sessions;
	int rc = IPCK_OK;

	/* of a tree parents first, since they vouch for their children */
	for (size_t i = 0; rc == IPCK_OK && i < look->queued + sessions->count; i++) {
		const struct process_node *node =
			i < look->queued ? look->queue[i] : &sessions->nodes[i - look->queued];

		if (naming_of(look, node)->named && set_find_row(look->set, &node->row) == NULL)
			rc = add_member(look, node);
	}
	if (rc == IPCK_OK && !set_has_room())
		rc = too_many(look);
	return rc;
}

/* ---- All of it ---- */

static bool is_found(const struct ipck_process_set *set, const struct set_ref *ref)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct ipck_member *row = &set->members[i].row;

		if (set_ref_is_of(ref, row->pgid, row->sid) ||
		    ((ref->kind == IPCK_PROCESS || ref->kind == IPCK_TREE) &&
		     row->process.pid == ref->pid))
			return true;
	}
	return false;
}

/* A group that forks and exits all the time can have had nobody where the look just was. */
static void settle_refs(struct look *look)
{
	struct ipck_process_set *set = look->set;

	set->missed = false;
	for (size_t i = 0; i < set->ref_count; i++) {
		struct set_ref *ref = &set->refs[i];

		if (ref->result != IPCK_OK || is_found(set, ref))
			continue;
		ref->result = is_hidden(look, ref) ? IPCK_ERR_DENIED : IPCK_ERR_NOT_FOUND;
		set->missed |= ref->result == IPCK_ERR_DENIED && ref->kind == IPCK_PGRP;
	}
}

static int look_around(struct look *look)
{
	struct ipck_process_set *set = look->set;
	struct sessions *sessions = &look->snapshot.sessions;
	const size_t before = set->count;
	int rc = process_snapshot_read(&look->snapshot);

	if (rc != IPCK_OK)
		return ipck_fail(look->ctx, (enum ipck_error)rc, "/proc: %s",
				 rc == IPCK_ERR_UNSUPPORTED
					 ? "not available, or of another pid namespace"
					 : "the processes cannot be read");
	set->hidden |= sessions->hidden;
	look->namings = calloc(sessions->count + 1, sizeof(*look->namings));
	look->queue = calloc(sessions->count + 1, sizeof(struct process_node *));
	if (look->namings == NULL || look->queue == NULL ||
	    set_find_ancestors(set, sessions) != IPCK_OK)
		return ipck_fail(look->ctx, IPCK_ERR_MEMORY, "out of memory");
	for (size_t i = 0; !look->late && i < set->ref_count; i++)
		if (set->refs[i].result == IPCK_ERR_DENIED)
			set->refs[i].result = IPCK_OK; /* of the look before */
	name_all(look);
	rc = add_all(look);
	set_find_held(set, look->late ? before : set->count);
	if (look->late)
		set_check_newcomers(look->set, &look->snapshot.sessions, before);
	else
		settle_refs(look);
	if (rc == IPCK_OK && set_note_outside(set, sessions, look->late) != IPCK_OK)
		rc = ipck_fail(look->ctx, IPCK_ERR_MEMORY, "out of memory");
	return rc;
}

int set_look(struct ipck *ctx, struct ipck_process_set *set, bool late, size_t *fresh)
{
	struct look look = { .ctx = ctx, .set = set, .late = late };
	const size_t before = set->count;
	int rc;

	*fresh = 0;
	if (!set_has_room())
		return too_many(&look);
	rc = look_around(&look);
	if (set->count > before)
		*fresh = set->count - before;
	free(look.namings);
	free(look.queue);
	process_snapshot_free(&look.snapshot);
	return rc;
}
