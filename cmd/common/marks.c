/* SPDX-License-Identifier: MIT */
/* Marks of processes, and how one has ended, in words. */
#include "common/marks.h"
#include "common/signals.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

uint32_t marks_shown(const struct ipck_process *process, const struct style *style)
{
	uint32_t marks = process->marks;

	if (style->machine)
		return marks;
	/* the group of who leads a session is orphaned by definition */
	if ((marks & IPCK_MARK_SESSION_LEADER) != 0 && (marks & IPCK_MARK_STOPPED) == 0)
		marks &= ~(uint32_t)IPCK_MARK_ORPHANED_GROUP;
	return marks & ~(uint32_t)(IPCK_MARK_SESSION_LEADER | IPCK_MARK_GROUP_LEADER);
}

size_t marks_text(const struct ipck_process *process, const struct style *style, char *buf)
{
	const uint32_t marks = marks_shown(process, style);
	size_t length = 0;

	buf[0] = marks != 0 || style->machine ? '\0' : '-';
	buf[1] = '\0';
	for (unsigned i = 0; i < IPCK_MARK_COUNT; i++)
		if ((marks & 1u << i) != 0)
			length += (size_t)snprintf(buf + length, VALUE_TEXT_MAX - length, "%s%s%s",
						   length > 0 ? "," : "", ipck_mark_name(1u << i),
						   (process->likely & 1u << i) != 0 ? "?" : "");
	return length > 0 ? length : strlen(buf);
}

int marks_compare(const struct ipck_process *a, const struct ipck_process *b)
{
	const uint32_t differ = a->marks ^ b->marks;

	/* whoever has the lowest bit that the other lacks */
	return differ == 0 ? 0 : (a->marks & (differ & -differ)) != 0 ? -1 : 1;
}

size_t exit_text(int status, char *buf)
{
	char name[SIGNAL_NAME_MAX];

	if (WIFSIGNALED(status))
		return (size_t)snprintf(buf, VALUE_TEXT_MAX, "killed by %s%s",
					signal_name(WTERMSIG(status), name),
					WCOREDUMP(status) ? ", core dumped" : "");
	return (size_t)snprintf(buf, VALUE_TEXT_MAX, "exited %d", WEXITSTATUS(status));
}
