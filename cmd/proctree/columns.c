/* SPDX-License-Identifier: MIT */
/* The columns of a process. */
#include "columns.h"
#include "common/marks.h"
#include "uses.h"

#include <stdio.h>
#include <string.h>

#define ROW ((const struct row *)row)
#define PROCESS (ROW->process)
#define DETAIL (ROW->detail)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

/* 0 is none: no parent, no group of our pid namespace. */
#define NUMBER_GETTER(name, member)                                                                \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->number = (uint64_t)PROCESS->member;                                         \
		if (PROCESS->member <= 0)                                                          \
			value->state = VALUE_NONE;                                                 \
	}
#define TEXT_GETTER(name, member)                                                                  \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->text = member;                                                              \
		if (value->text == NULL)                                                           \
			value->state = VALUE_NONE;                                                 \
	}

NUMBER_GETTER(get_pid, id.pid)
NUMBER_GETTER(get_ppid, ppid)
NUMBER_GETTER(get_pgid, pgid)
NUMBER_GETTER(get_sid, sid)
NUMBER_GETTER(get_tpgid, tpgid)
NUMBER_GETTER(get_started, started)
TEXT_GETTER(get_user, PROCESS->user)
TEXT_GETTER(get_tty, PROCESS->terminal)
TEXT_GETTER(get_args, DETAIL->args)

/* A zombie, but not one whose first thread alone has ended. */
static bool has_ended(const struct ipck_process *process)
{
	return process->state == 'Z' && process->threads <= 1;
}

GETTER(get_threads)
{
	(void)style;
	value->number = PROCESS->threads;
}

GETTER(get_uid)
{
	(void)style;
	value->number = PROCESS->uid;
}

/* Red is what is wrong, yellow what may be. */
static enum alert alert_of(const struct ipck_process *process, const struct style *style)
{
	const uint32_t bad = IPCK_MARK_ZOMBIE | IPCK_MARK_ZOMBIE_LEADER | IPCK_MARK_HUNG_TERMINAL;
	const uint32_t odd = IPCK_MARK_ORPHAN | IPCK_MARK_ORPHANED_GROUP | IPCK_MARK_STOPPED;
	const uint32_t marks = marks_shown(process, style);

	return (marks & bad) != 0 ? ALERT_BAD : (marks & odd) != 0 ? ALERT_NOTICE : ALERT_NONE;
}

GETTER(get_state)
{
	(void)style;
	value->buffer[0] = PROCESS->state;
	value->buffer[1] = '\0';
	value->text = value->buffer;
	value->alert = alert_of(PROCESS, style) == ALERT_BAD ? ALERT_BAD : ALERT_NONE;
}

GETTER(get_marks)
{
	(void)style;
	value->marked = PROCESS;
	value->alert = alert_of(PROCESS, style);
}

GETTER(get_exit)
{
	(void)style;
	value->number = (uint64_t)PROCESS->exit_status;
	if (!has_ended(PROCESS))
		value->state = VALUE_NONE;
}

GETTER(get_elapsed)
{
	/* what started in this second is no second old yet, whatever was rounded */
	value->number =
		style->now > PROCESS->started ? (uint64_t)(style->now - PROCESS->started) : 0;
}

/* With --args the arguments, and in brackets the name of what has none, as ps(1) does. */
static const char *command_of(const struct row *row, char *buf, size_t size)
{
	const struct ipck_process *process = row->process;

	if (!row->request->args || row->request->output.format == OUTPUT_JSON)
		return process->command;
	if (row->detail != NULL && row->detail->args != NULL && *row->detail->args != '\0')
		return row->detail->args;
	snprintf(buf, size, "[%s]", process->command);
	return buf;
}

GETTER(get_command)
{
	char bracketed[IPCK_NAME_MAX];
	const char *command = command_of(ROW, bracketed, sizeof(bracketed));

	(void)style;
	value->text = command;
	if (ROW->own)
		value->alert = ALERT_OWN;
	if (ROW->same < 2 && command != bracketed)
		return;
	if (ROW->same < 2)
		snprintf(value->buffer, sizeof(value->buffer), "%s", command);
	else
		snprintf(value->buffer, sizeof(value->buffer), "%zu*[%s]", ROW->same, command);
	value->text = value->buffer;
}

GETTER(get_exact)
{
	const struct ipck_ref ref = { .kind = IPCK_PROCESS,
				      .form = IPCK_BY_PID,
				      .pid = PROCESS->id.pid,
				      .exact = true,
				      .generation = { .start_time = PROCESS->id.start_time } };

	(void)style;
	ipck_ref_format(&ref, value->buffer, sizeof(value->buffer));
	value->text = value->buffer;
	value->number = (uint64_t)ref.pid;
}

/* A row of the snapshot knows its own; the rest comes from the detail. */
static int why(const void *row, uint32_t field)
{
	const uint32_t own =
		IPCK_PROCESS_MARKS | IPCK_PROCESS_OWNER | IPCK_PROCESS_TERMINAL | IPCK_PROCESS_EXIT;

	if (field == IPCK_PROCESS_EXIT && !has_ended(PROCESS))
		return IPCK_OK; /* it has none */
	if ((field & own) != 0)
		return ipck_process_why(PROCESS, field);
	return DETAIL != NULL ? ipck_process_why(DETAIL, field) : ROW->detail_error;
}

#define JSON COLUMN_JSON

const struct column process_table[] = {
	{ "PID", "pid", 0, VALUE_NUMBER, JSON, 0, 0, get_pid, "process" },
	{ "PPID", "ppid", 0, VALUE_NUMBER, JSON, 0, 0, get_ppid, "its parent" },
	{ "PGID", "pgid", 0, VALUE_NUMBER, JSON, 0, 0, get_pgid, "its process group" },
	{ "SID", "sid", 0, VALUE_NUMBER, JSON, 0, 0, get_sid, "its session" },
	{ "TTY", "tty", 0, VALUE_TEXT, JSON, IPCK_PROCESS_TERMINAL, IPCK_PROCESS_TERMINAL, get_tty,
	  "its controlling terminal" },
	{ "TPGID", "tpgid", 0, VALUE_NUMBER, JSON, 0, 0, get_tpgid,
	  "foreground group of that terminal" },
	{ "S", "state", 0, VALUE_TEXT, JSON, 0, 0, get_state, "state, as ps(1) has it" },
	{ "USER", "user", 0, VALUE_TEXT, JSON, IPCK_PROCESS_OWNER, IPCK_PROCESS_OWNER, get_user,
	  "effective user" },
	{ "UID", "uid", 0, VALUE_NUMBER, JSON, 0, 0, get_uid, "effective user's number" },
	{ "THREADS", "threads", 0, VALUE_NUMBER, JSON, 0, 0, get_threads, "threads" },
	{ "STARTED", "start_time", 0, VALUE_TIME, JSON, 0, 0, get_started, "when it was started" },
	{ "ELAPSED", "elapsed", 0, VALUE_AGE, 0, 0, 0, get_elapsed, "time since then" },
	{ "EXACT", "exact", 0, VALUE_REF, JSON, 0, 0, get_exact, "reference with its start time" },
	{ "EXIT", "exit", 0, VALUE_EXIT, JSON, IPCK_PROCESS_EXIT, IPCK_PROCESS_EXIT, get_exit,
	  "how a zombie has ended" },
	{ "ARGS", "args", 0, VALUE_TEXT, JSON | COLUMN_TRUNC | COLUMN_FLEETING, IPCK_PROCESS_ARGS,
	  IPCK_PROCESS_ARGS, get_args, "arguments" },
	{ "MARKS", "marks", 0, VALUE_MARKS, JSON, IPCK_PROCESS_MARKS, IPCK_PROCESS_MARKS, get_marks,
	  "what is notable of it; see proctree(1)" },
	{ "COMMAND", "command", 0, VALUE_TEXT, JSON | COLUMN_TREE | COLUMN_TRUNC, 0, 0, get_command,
	  "name, below that of its parent" },
	{ 0 },
};

const struct column_set process_columns = {
	(const struct column *const[]){ process_table, uses_columns, NULL }, why, NULL
};
