/* SPDX-License-Identifier: MIT */
/* What descends from the members of groups and sessions without being of these: reported only. */
#include "action/process_set.h"
#include "base/lines.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

static int note(struct ipck_process_set *set, const struct process_node *node, size_t ref,
		bool late)
{
	const struct ipck_process *row = &node->row;
	struct table_slot *slot = table_slot(&set->outside_by_pid, (uint32_t)row->id.pid);
	const char *command = pool_string(&set->pool, row->command);

	if (slot == NULL || command == NULL)
		return IPCK_ERR_MEMORY;
	if (slot->value != NULL &&
	    set->outside[(uintptr_t)slot->value - 1].process.start_time == row->id.start_time)
		return IPCK_OK;
	if (set->outside_count == set->outside_room) {
		const size_t room = set->outside_room > 0 ? set->outside_room * 2 : 16;
		struct ipck_member *outside = realloc(set->outside, room * sizeof(*outside));

		if (outside == NULL)
			return IPCK_ERR_MEMORY;
		set->outside = outside;
		set->outside_room = room;
	}
	set->outside[set->outside_count++] = (struct ipck_member){
		.process = row->id,
		.ref = ref,
		.command = command,
		.uid = row->uid,
		.ppid = row->ppid,
		.pgid = row->pgid,
		.sid = row->sid,
		.process_state = row->state,
		.late = late,
		.stopped = row->state == 'T' || row->state == 't',
		.state = IPCK_MEMBER_ESCAPED,
	};
	slot->value = (void *)(uintptr_t)set->outside_count;
	return IPCK_OK;
}

/*
 * Those below a member, down to those that are members themselves.  stack has room for all
 * processes: a chain of others can be as long as there are any.
 */
static int note_below(struct ipck_process_set *set, const struct process_node *node, size_t ref,
		      bool late, const struct process_node **stack)
{
	size_t depth = 0;
	int rc = IPCK_OK;

	stack[depth++] = node;
	while (rc == IPCK_OK && depth > 0) {
		const struct process_node *above = stack[--depth];

		for (size_t i = 0; rc == IPCK_OK && i < above->child_count; i++) {
			const struct process_node *child = above->children[i];

			if (set_find_row(set, &child->row) != NULL ||
			    set_spares(set, &child->row, false) != IPCK_SPARED_NOT)
				continue;
			rc = note(set, child, ref, late);
			stack[depth++] = child;
		}
	}
	return rc;
}

int set_note_outside(struct ipck_process_set *set, const struct sessions *sessions, bool late)
{
	const struct process_node **stack = calloc(sessions->count + 1, sizeof(*stack));
	int rc = stack != NULL ? IPCK_OK : IPCK_ERR_MEMORY;

	for (size_t i = 0; rc == IPCK_OK && i < set->count; i++) {
		const struct set_member *member = &set->members[i];
		const struct process_node *node;

		if (member->in_tree || member->outsider || member->row.spared != IPCK_SPARED_NOT ||
		    !set_names(set, member->row.pgid, member->row.sid))
			continue;
		node = sessions_find(sessions, member->row.process.pid);
		if (node != NULL && node->row.id.start_time == member->row.process.start_time)
			rc = note_below(set, node, member->row.ref, late, stack);
	}
	free(stack);
	return rc;
}

static bool lives(const struct ipck_process_id *id)
{
	struct process_stat stat;
	char path[32], text[1024];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)id->pid);
	return file_read(AT_FDCWD, path, text, sizeof(text)) > 0 &&
	       process_stat_parse(text, &stat) && stat.start_time == id->start_time &&
	       !stat_ended(&stat);
}

int set_add_outside(struct ipck_process_set *set)
{
	for (size_t i = 0; i < set->outside_count; i++) {
		const struct ipck_member *row = &set->outside[i];
		const struct set_member *known = set_find(set, row->process.pid);
		struct set_member *member;

		if ((known != NULL && known->row.process.start_time == row->process.start_time) ||
		    !lives(&row->process))
			continue;
		member = set_add(set, row);
		if (member == NULL)
			return IPCK_ERR_MEMORY;
		member->outsider = true;
	}
	return IPCK_OK;
}
