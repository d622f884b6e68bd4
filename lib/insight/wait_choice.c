/* SPDX-License-Identifier: MIT */
/* Which children end a wait4() or waitid(), as its arguments say it. */
#include "insight/wait_choice.h"

#include "base/lines.h"
#include "base/parse.h"
#include "source/fdinfo.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* ---- Numbers in other pid namespaces ---- */

/* The numbers of a process or its group in all pid namespaces: "NSpid:\t4711\t12\n". */
struct numbers {
	size_t count;
	pid_t all[32]; /* MAX_PID_NS_LEVEL of the kernel */
};

static bool parse_numbers(const char *text, const char *label, struct numbers *numbers)
{
	const char *p = strstr(text, label);
	uint64_t value;

	*numbers = (struct numbers){ 0 };
	if (p == NULL)
		return false;
	p += strlen(label);
	while (numbers->count < sizeof(numbers->all) / sizeof(numbers->all[0]) &&
	       parse_literal(&p, "\t") && parse_upto(&p, 10, INT32_MAX, &value))
		numbers->all[numbers->count++] = (pid_t)value;
	return numbers->count > 0 && *p == '\n';
}

static bool read_numbers(int dir, const char *path, struct numbers *pids, struct numbers *groups)
{
	char text[8192];

	return file_read(dir, path, text, sizeof(text)) > 0 &&
	       parse_numbers(text, "\nNSpid:", pids) && parse_numbers(text, "\nNSpgid:", groups);
}

bool wait_choice_is_init(const struct thread *thread)
{
	struct numbers pids, groups;

	return !read_numbers(thread->dir, "status", &pids, &groups) ||
	       pids.all[pids.count - 1] == 1;
}

/* ---- Choices ---- */

/* wait4(PID, ...), waitid(TYPE, ID, ...). */
bool wait_choice_read(const struct thread *thread, enum call_family family, bool ours,
		      struct wait_choice *choice)
{
	const uint64_t *args = thread->call.args;
	const int id = (int)(uint32_t)args[family == CALL_WAITID ? 1 : 0];
	char path[32], text[1024];

	*choice = (struct wait_choice){ .number = id, .ours = ours, .fd = -1 };
	if (family == CALL_WAIT4) {
		choice->options = (unsigned)args[2] | WEXITED;
		choice->by = id > 0    ? CHOOSE_ONE
			     : id == 0 ? CHOOSE_OWN_GROUP
			     : id < -1 ? CHOOSE_GROUP
				       : CHOOSE_ANY;
		if (id < -1 && id > INT32_MIN)
			choice->number = -id;
		return true;
	}
	choice->options = (unsigned)args[3];
	switch ((uint32_t)args[0]) {
	case P_PID:
		choice->by = CHOOSE_ONE;
		return true;
	case P_PGID:
		choice->by = id == 0 ? CHOOSE_OWN_GROUP : CHOOSE_GROUP;
		return true;
	case P_PIDFD:
		choice->by = CHOOSE_ONE;
		choice->ours = true; /* as fdinfo tells it */
		choice->fd = id;
		snprintf(path, sizeof(path), "fdinfo/%d", id);
		return thread_read(thread, path, text, sizeof(text)) > 0 &&
		       fdinfo_parse_pid(text, &choice->number) && choice->number > 0;
	default:
		choice->by = CHOOSE_ANY;
		return true;
	}
}

bool wait_choice_place(const struct thread *thread, struct wait_choice *choice)
{
	struct numbers pids, groups;

	if (choice->by == CHOOSE_ANY || (choice->by == CHOOSE_ONE && choice->ours))
		return true;
	/* the thread's number in its own pid namespace is the last one */
	if (!read_numbers(thread->dir, "status", &pids, &groups))
		return false;
	choice->depth = pids.count - 1;
	choice->group = groups.all[0];
	return true;
}

bool wait_choice_fits(const struct wait_choice *choice, pid_t pid)
{
	struct numbers pids, groups;
	char path[32];

	if (choice->by == CHOOSE_ANY)
		return true;
	if (choice->by == CHOOSE_ONE && choice->ours)
		return choice->number == pid;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (!read_numbers(AT_FDCWD, path, &pids, &groups))
		return false;
	if (choice->by == CHOOSE_OWN_GROUP)
		return groups.all[0] == choice->group;
	if (choice->by == CHOOSE_GROUP)
		return choice->depth < groups.count && groups.all[choice->depth] == choice->number;
	return choice->depth < pids.count && pids.all[choice->depth] == choice->number;
}
