/* SPDX-License-Identifier: MIT */
/* --terminals: a row for each terminal that a session has, and what is in its foreground. */
#include "terminals.h"
#include "common/program.h"
#include "sessions.h"

#include <stdlib.h>

struct terminal {
	const struct ipck_session *session;
	const struct ipck_group *foreground;   /* NULL: nobody is in it, or it is outside */
	struct ipck_operator leader, front;    /* of the session, and of that group or in it */
	size_t processes, background, stopped; /* groups, of these two */
};

#define TERMINAL ((const struct terminal *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

GETTER(get_tty)
{
	(void)style;
	value->text = TERMINAL->session->terminal;
}

GETTER(get_sid)
{
	(void)style;
	value->number = (uint64_t)TERMINAL->session->sid;
	if (TERMINAL->session->sid == 0)
		value->state = VALUE_NONE;
}

GETTER(get_leader)
{
	(void)style;
	value->process = &TERMINAL->leader;
}

GETTER(get_user)
{
	const struct ipck_group *group = ipck_group_at(TERMINAL->session, 0);
	const struct ipck_process *leader = TERMINAL->session->leader;

	(void)style;
	value->text = (leader != NULL ? leader : ipck_group_member_at(group, 0))->user;
}

GETTER(get_foreground_pgid)
{
	(void)style;
	value->number = (uint64_t)TERMINAL->session->foreground_pgid;
	if (TERMINAL->session->foreground_pgid <= 0)
		value->state = VALUE_NONE;
}

/* Its leader; or who is there, where that is gone. */
GETTER(get_foreground)
{
	(void)style;
	value->process = &TERMINAL->front;
}

GETTER(get_processes)
{
	(void)style;
	value->number = TERMINAL->processes;
}

GETTER(get_background)
{
	(void)style;
	value->number = TERMINAL->background;
}

GETTER(get_stopped)
{
	(void)style;
	value->number = TERMINAL->stopped;
	if (TERMINAL->stopped > 0)
		value->alert = ALERT_NOTICE;
}

GETTER(get_status)
{
	const struct ipck_session *session = TERMINAL->session;

	(void)style;
	if (session->hung) {
		value->words[value->word_count++] = "hung";
		value->alert = ALERT_BAD;
	}
	if (session->foreground_pgid == 0)
		value->words[value->word_count++] = "foreground-outside";
	if (session->leader == NULL && session->sid > 0)
		value->words[value->word_count++] = "no-leader";
}

#define JSON COLUMN_JSON

static const struct column columns[] = {
	{ "TTY", "tty", 0, VALUE_TEXT, JSON, 0, 0, get_tty, "the terminal" },
	{ "USER", "user", 0, VALUE_TEXT, JSON, 0, 0, get_user, "of the session's leader" },
	{ "SID", "sid", 0, VALUE_NUMBER, JSON, 0, 0, get_sid, "session that it controls" },
	{ "LEADER", "leader", 0, VALUE_PROCESS, JSON, 0, 0, get_leader, "leader of that session" },
	{ "FG-PGID", "foreground_pgid", 0, VALUE_NUMBER, JSON, 0, 0, get_foreground_pgid,
	  "group in its foreground" },
	{ "FOREGROUND", "foreground", 0, VALUE_PROCESS, JSON | COLUMN_TRUNC, 0, 0, get_foreground,
	  "leader of that group" },
	{ "PROCESSES", "processes", 0, VALUE_NUMBER, JSON, 0, 0, get_processes,
	  "processes that have it" },
	{ "BG", "background", 0, VALUE_NUMBER, JSON, 0, 0, get_background,
	  "groups in its background" },
	{ "STOPPED", "stopped", 0, VALUE_NUMBER, JSON, 0, 0, get_stopped,
	  "groups that have a stopped member" },
	{ "STATUS", "status", 0, VALUE_WORDS, JSON, 0, 0, get_status,
	  "hung: nobody is in its foreground; foreground-outside: of our pid namespace; "
	  "no-leader" },
	{ 0 },
};

const struct column_set terminal_columns = { ONE_TABLE(columns), NULL, NULL };

static bool is_stopped(const struct ipck_group *group)
{
	const struct ipck_process *member;

	for (size_t i = 0; (member = ipck_group_member_at(group, i)) != NULL; i++)
		if ((member->marks & IPCK_MARK_STOPPED) != 0)
			return true;
	return false;
}

static struct ipck_operator named(const struct ipck_process *process)
{
	if (process == NULL)
		return (struct ipck_operator){ .state = IPCK_OPERATOR_NEVER };
	return (struct ipck_operator){ .pid = process->id.pid,
				       .state = IPCK_OPERATOR_RUNNING,
				       .command = process->command };
}

static void count(const struct ipck_session *session, struct terminal *terminal)
{
	const struct ipck_group *group;

	*terminal = (struct terminal){ .session = session, .leader = named(session->leader) };
	for (size_t i = 0; (group = ipck_group_at(session, i)) != NULL; i++) {
		terminal->processes += group->count;
		terminal->stopped += is_stopped(group);
		if (session->foreground_pgid > 0 && group->pgid == session->foreground_pgid)
			terminal->foreground = group;
		else
			terminal->background += session->foreground_pgid != 0;
	}
	group = terminal->foreground;
	terminal->front = named(group == NULL           ? NULL
				: group->leader != NULL ? group->leader
							: ipck_group_member_at(group, 0));
}

/* The terminals to be shown, by session; NULL: no memory. */
static struct terminal *find_terminals(const struct look *look, size_t *found)
{
	const struct ipck_session *session;
	struct terminal *terminals;
	size_t sessions = 0;

	while (ipck_session_at(look->processes, sessions) != NULL)
		sessions++;
	*found = 0;
	terminals = calloc(sessions + 1, sizeof(*terminals));
	for (size_t i = 0; terminals != NULL && i < sessions; i++) {
		session = ipck_session_at(look->processes, i);
		if ((session->tty_major != 0 || session->tty_minor != 0) &&
		    session_is_shown(look, session))
			count(session, &terminals[(*found)++]);
	}
	return terminals;
}

int show_terminals(struct look *look)
{
	size_t found;
	struct terminal *terminals = find_terminals(look, &found);
	const void **order = calloc(found + 1, sizeof(*order));
	bool good = terminals != NULL && order != NULL;

	if (!good)
		complain("out of memory");
	for (size_t i = 0; good && i < found; i++)
		order[i] = &terminals[i];
	if (good)
		sort_rows(order, found, &look->request->sort, &terminal_columns, 0,
			  &look->request->output.style);
	for (size_t i = 0; good && i < found; i++)
		good = writer_row(look->writer, order[i]);
	free(order);
	free(terminals);
	return good ? EXIT_DONE : EXIT_USAGE;
}
