/* SPDX-License-Identifier: MIT */
/* Why a process has a mark, in words: one clause each, with what shows it. */
#include "insight/marks.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* ---- Text ---- */

struct text {
	size_t used;
	char buf[2 * IPCK_REASON_MAX];
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
	const size_t room = sizeof(text->buf) - text->used;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text->buf + text->used, room, format, args);
	va_end(args);
	if (length > 0)
		text->used += (size_t)length < room ? (size_t)length : room - 1;
}

/* An outside string: of a name so much that the clause around it remains. */
static void add_name(struct text *text, const char *name)
{
	char plain[IPCK_REASON_MAX / 4];

	ipck_sanitise(name, plain, sizeof(plain));
	add(text, "%s", plain);
}

/* "sh[4710]" */
static void add_process(struct text *text, const struct ipck_process *process)
{
	add_name(text, process->command);
	add(text, "[%d]", (int)process->id.pid);
}

static void add_parent(struct text *text, const struct process_node *node)
{
	if (node->parent != NULL)
		add_process(text, &node->parent->row);
	else
		add(text, "its parent");
}

static void add_terminal(struct text *text, const struct ipck_process *process)
{
	if (process->terminal != NULL)
		add_name(text, process->terminal);
	else
		add(text, "its terminal");
}

/* At most size - 1 bytes, and no part of a character. */
static size_t cut(const struct text *text, char *buf, size_t size)
{
	size_t used = 0;

	if (size == 0)
		return 0;
	if (size > IPCK_REASON_MAX)
		size = IPCK_REASON_MAX;
	while (text->buf[used] != '\0') {
		uint32_t code;
		const size_t length = text_decode(text->buf + used, &code);

		if (length == 0 || used + length >= size)
			break;
		used += length;
	}
	memcpy(buf, text->buf, used);
	buf[used] = '\0';
	return used;
}

/* ---- Ended, orphaned ---- */

static void say_zombie(struct text *text, const struct process_node *node)
{
	const struct ipck_process *row = &node->row;
	char name[32];

	if ((row->known & IPCK_PROCESS_EXIT) == 0) {
		add(text, "exit status not to be seen");
	} else if (WIFSIGNALED(row->exit_status)) {
		ipck_format_signal(WTERMSIG(row->exit_status), name, sizeof(name));
		add(text, "killed by %s%s", name,
		    WCOREDUMP(row->exit_status) ? " with a core dump" : "");
	} else {
		add(text, "exited with %d", WEXITSTATUS(row->exit_status));
	}
	add(text, ", not yet asked for by ");
	add_parent(text, node);
}

static void say_zombie_leader(struct text *text, const struct process_node *node)
{
	const unsigned long long others = node->row.threads - 1;

	add(text, "its first thread has ended, but %llu other%s not: the process goes on", others,
	    others == 1 ? " has" : "s have");
}

static void say_orphan(struct text *text, const struct process_node *node)
{
	if (node->orphan == ORPHAN_SCOPE) {
		add(text, "it is in ");
		add_name(text, node->unit);
		add(text, ", where its parent ");
		add_parent(text, node);
		add(text, " starts nothing");
		return;
	}
	add(text, "its session %d%s is not that of its parent ", (int)node->row.sid,
	    session_lost_leader(node) ? ", whose leader has ended," : "");
	add_parent(text, node);
	switch (node->orphan) {
	case ORPHAN_INIT:
		add(text, ", which is init");
		break;
	case ORPHAN_SESSION:
		add(text, ", which leads none");
		break;
	case ORPHAN_YOUNGER:
		add(text, " and was founded after that had started");
		break;
	case ORPHAN_MANAGER:
		add(text, ", a service manager, which is given orphans");
		break;
	default:
		add(text, ", unless that called setsid() after the fork");
		break;
	}
}

static void say_parent_hidden(struct text *text, const struct process_node *node)
{
	const struct process_node *other = sessions_find(node->all, node->row.ppid);
	const int ppid = (int)node->row.ppid;

	if (other == NULL) {
		add(text, "/proc does not show its parent %d%s", ppid,
		    node->all->hidden ? ": it hides processes from us" : "");
		return;
	}
	add(text, "its parent %d had ended: that number is of ", ppid);
	add_process(text, &other->row);
	add(text, " by now");
}

/* ---- Daemons and reapers ---- */

static void say_daemon(struct text *text, const struct process_node *node)
{
	if (node->row.sid == node->row.id.pid)
		add(text, "no terminal, a session of its own, ");
	else
		add(text, "no terminal, session %d has no leader any more, ", (int)node->row.sid);
	add(text, is_proven(node, IPCK_MARK_ORPHAN) ? "given to " : "child of ");
	add_parent(text, node);
	if ((node->row.likely & IPCK_MARK_DAEMON) != 0)
		add(text, ", which may have started it so");
}

static void say_service(struct text *text, const struct process_node *node)
{
	if ((node->row.likely & IPCK_MARK_SERVICE) != 0)
		add(text, "one of several children of ");
	else
		add(text, "child of ");
	add_parent(text, node);
	add(text, ", a service manager, in ");
	add_name(text, node->unit);
}

static void say_reaper(struct text *text, const struct process_node *node)
{
	if (is_init(node)) {
		add(text, "init of this pid namespace");
	} else if (node->given == NULL) {
		add(text, "a service manager, by its control group");
	} else {
		add(text, "it was given ");
		add_process(text, &node->given->row);
		add(text, ", of session %d", (int)node->given->row.sid);
	}
}

/* ---- Groups and terminals ---- */

static void say_orphaned_group(struct text *text, const struct process_node *node)
{
	add(text,
	    "nobody else in its session has a child in group %d: stop signals of the terminal are "
	    "ignored, and members that were stopped when it was orphaned got HUP and CONT",
	    (int)node->row.pgid);
}

static void say_foreground(struct text *text, const struct process_node *node)
{
	if (node->row.tpgid == 0)
		add(text, "its group and the foreground group of ");
	else
		add(text, "group %d is in the foreground of ", (int)node->row.pgid);
	add_terminal(text, &node->row);
	if (node->row.tpgid == 0)
		add(text, " are both outside of this pid namespace");
}

static void say_hung_terminal(struct text *text, const struct process_node *node)
{
	add(text, "the foreground group %d of ", (int)node->row.tpgid);
	add_terminal(text, &node->row);
	add(text, " has no process any more");
}

static void say_session_leader(struct text *text, const struct process_node *node)
{
	add(text, "leads session %d", (int)node->row.sid);
	if (has_terminal(&node->row)) {
		add(text, " on ");
		add_terminal(text, &node->row);
	}
}

static void say_group_leader(struct text *text, const struct process_node *node)
{
	const size_t count = node->group->row.count;

	add(text, "leads group %d of %zu process%s", (int)node->row.pgid, count,
	    count == 1 ? "" : "es");
}

static void say_stopped(struct text *text, const struct process_node *node)
{
	add(text, node->row.state == 't' ? "by a tracer" : "by a signal, until it gets CONT");
}

static void say_kernel(struct text *text, const struct process_node *node)
{
	(void)node;
	add(text, "a thread of the kernel");
}

size_t mark_reason(const struct process_node *node, enum ipck_mark mark, char *buf, size_t size)
{
	static const struct {
		enum ipck_mark mark;
		void (*say)(struct text *text, const struct process_node *node);
	} rows[] = {
		{ IPCK_MARK_ZOMBIE, say_zombie },
		{ IPCK_MARK_ZOMBIE_LEADER, say_zombie_leader },
		{ IPCK_MARK_ORPHAN, say_orphan },
		{ IPCK_MARK_PARENT_HIDDEN, say_parent_hidden },
		{ IPCK_MARK_DAEMON, say_daemon },
		{ IPCK_MARK_SERVICE, say_service },
		{ IPCK_MARK_REAPER, say_reaper },
		{ IPCK_MARK_ORPHANED_GROUP, say_orphaned_group },
		{ IPCK_MARK_STOPPED, say_stopped },
		{ IPCK_MARK_FOREGROUND, say_foreground },
		{ IPCK_MARK_HUNG_TERMINAL, say_hung_terminal },
		{ IPCK_MARK_SESSION_LEADER, say_session_leader },
		{ IPCK_MARK_GROUP_LEADER, say_group_leader },
		{ IPCK_MARK_KERNEL, say_kernel },
	};
	struct text text = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].mark == mark && (node->row.marks & mark) != 0)
			rows[i].say(&text, node);
	return cut(&text, buf, size);
}
