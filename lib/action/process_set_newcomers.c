/* SPDX-License-Identifier: MIT */
/*
 * Who came into the groups and sessions of a set after it was opened: are these still the groups
 * that were meant, or later ones of the same numbers?
 */
#include "action/process_set.h"

#include <string.h>
#include <unistd.h>

bool set_ref_is_of(const struct set_ref *ref, pid_t pgid, pid_t sid)
{
	return (ref->kind == IPCK_PGRP && ref->pid == pgid) ||
	       (ref->kind == IPCK_SESSION && ref->pid == sid);
}

/*
 * Which groups and sessions are held by one of the first members, so that their numbers mean the
 * same as before?  The kernel gives none again as long as a process, or its zombie, is in it.
 */
void set_find_held(struct ipck_process_set *set, size_t members)
{
	for (size_t r = 0; r < set->ref_count; r++) {
		struct set_ref *ref = &set->refs[r];
		const uint64_t now = process_ticks_now();
		struct process_stat stat;

		ref->held = false;
		for (size_t i = 0; !ref->held && i < members; i++) {
			const struct set_member *member = &set->members[i];

			ref->held = !member->outsider &&
				    set_ref_is_of(ref, member->row.pgid, member->row.sid) &&
				    member_stat(member, &stat) == 0 &&
				    set_ref_is_of(ref, stat.pgid, stat.sid);
		}
		if (ref->held)
			ref->held_at = now;
	}
}

/* Only fork(2) brings a process into a session: one from before the last look is of the old one. */
static bool is_held(const struct ipck_process_set *set, const struct set_member *newcomer)
{
	for (size_t r = 0; r < set->ref_count; r++) {
		const struct set_ref *ref = &set->refs[r];

		if (ref->result == IPCK_OK &&
		    set_ref_is_of(ref, newcomer->row.pgid, newcomer->row.sid) &&
		    (ref->held || (ref->kind == IPCK_SESSION &&
				   newcomer->row.process.start_time < ref->held_at)))
			return true;
	}
	return false;
}

/* Has a later process than the leader that was there the number by now? */
static bool is_given_again(const struct ipck_process_set *set, const struct sessions *sessions,
			   const struct set_ref *ref, size_t before)
{
	const struct process_node *now = sessions_find(sessions, ref->pid);

	for (size_t i = 0; now != NULL && i < before; i++) {
		const struct ipck_process_id *then = &set->members[i].row.process;

		if (then->pid == ref->pid && then->start_time != now->row.id.start_time)
			return true;
	}
	return now != NULL && now->row.id.start_time > ref->held_at;
}

/* Is its group or session surely a later one?  No process gets the number of one that exists. */
static bool is_later(const struct ipck_process_set *set, const struct sessions *sessions,
		     const struct set_member *newcomer, size_t before)
{
	for (size_t r = 0; r < set->ref_count; r++) {
		const struct set_ref *ref = &set->refs[r];

		if (ref->result == IPCK_OK &&
		    set_ref_is_of(ref, newcomer->row.pgid, newcomer->row.sid) &&
		    !is_given_again(set, sessions, ref, before))
			return false;
	}
	return true;
}

/* Let those go whose group or session can be a later one of the same number. */
void set_check_newcomers(struct ipck_process_set *set, const struct sessions *sessions,
			 size_t before)
{
	size_t kept = before;

	for (size_t i = before; i < set->count; i++) {
		struct set_member *member = &set->members[i];

		if (member->by_identity || is_held(set, member))
			set->members[kept++] = *member;
		else {
			set->doubtful |= !is_later(set, sessions, member, before);
			if (member->folder >= 0)
				close(member->folder);
		}
	}
	if (kept == set->count)
		return;
	/* again into the same table: it has room for them */
	set->count = kept;
	memset(set->by_pid.slots, 0, set->by_pid.size * sizeof(*set->by_pid.slots));
	set->by_pid.used = 0;
	for (size_t i = 0; i < kept; i++)
		table_slot(&set->by_pid, (uint32_t)set->members[i].row.process.pid)->value =
			(void *)(uintptr_t)(i + 1);
}
