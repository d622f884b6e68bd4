/* SPDX-License-Identifier: MIT */
/* What is notable of a process among all others. */
#include "insight/marks.h"

static uint32_t marks_of(const struct ipck_process *process)
{
	uint32_t marks = 0;

	if (process->kernel)
		return IPCK_MARK_KERNEL;
	if (process->state == 'Z')
		marks |= process->threads > 1 ? IPCK_MARK_ZOMBIE_LEADER : IPCK_MARK_ZOMBIE;
	if (process->state == 'T' || process->state == 't')
		marks |= IPCK_MARK_STOPPED;
	if (process->sid == process->id.pid)
		marks |= IPCK_MARK_SESSION_LEADER;
	if (process->pgid == process->id.pid)
		marks |= IPCK_MARK_GROUP_LEADER;
	if (process->tpgid > 0 && process->pgid == process->tpgid)
		marks |= IPCK_MARK_FOREGROUND;
	return marks;
}

int marks_find(struct sessions *sessions)
{
	for (size_t i = 0; i < sessions->count; i++) {
		struct ipck_process *process = &sessions->nodes[i].row;

		process->marks = marks_of(process);
		process->known |= IPCK_PROCESS_MARKS;
	}
	return IPCK_OK;
}
