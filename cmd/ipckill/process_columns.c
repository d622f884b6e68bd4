/* SPDX-License-Identifier: MIT */
/* The columns of a process that is to be signalled: the plan as a table, the report as JSON. */
#include "common/program.h"
#include "common/signals.h"
#include "common/users.h"
#include "processes.h"

#include <stdio.h>

#define ROW ((const struct process_row *)row)
#define MEMBER (ROW->member)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

static void set_text(struct value *value, const char *text)
{
	value->text = text;
	if (text == NULL || text[0] == '\0')
		value->state = VALUE_NONE;
}

/* 0 is none: outside of our pid namespace. */
#define NUMBER_GETTER(name, member)                                                                \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		if (MEMBER == NULL || MEMBER->member <= 0)                                         \
			value->state = VALUE_NONE;                                                 \
		else                                                                               \
			value->number = (uint64_t)MEMBER->member;                                  \
	}

NUMBER_GETTER(get_pid, process.pid)
NUMBER_GETTER(get_ppid, ppid)
NUMBER_GETTER(get_pgid, pgid)
NUMBER_GETTER(get_sid, sid)

static void set_ref(const struct process_row *row, bool exact, struct value *value)
{
	const struct ipck_member *member = row->member;
	struct ipck_ref ref = { .kind = IPCK_PROCESS, .form = IPCK_BY_PID, .exact = exact };

	if (member != NULL) {
		ref.pid = member->process.pid;
		ref.generation.start_time = member->process.start_time;
	}
	ipck_ref_format(member != NULL ? &ref : row->ref, value->buffer, sizeof(value->buffer));
	value->text = value->buffer;
	value->number = (uint64_t)ref.pid;
}

GETTER(get_ref)
{
	(void)style;
	set_ref(ROW, false, value);
}

GETTER(get_exact)
{
	(void)style;
	if (MEMBER != NULL)
		set_ref(ROW, true, value);
	else
		value->state = VALUE_NONE;
}

GETTER(get_command)
{
	(void)style;
	set_text(value, MEMBER != NULL ? MEMBER->command : NULL);
}

GETTER(get_uid)
{
	(void)style;
	if (MEMBER != NULL)
		value->number = MEMBER->uid;
	else
		value->state = VALUE_NONE;
}

GETTER(get_user)
{
	(void)style;
	if (MEMBER != NULL)
		value_user(value, MEMBER->uid);
	else
		value->state = VALUE_NONE;
}

GETTER(get_state)
{
	(void)style;
	value->buffer[0] = MEMBER != NULL ? MEMBER->process_state : '\0';
	value->buffer[1] = '\0';
	set_text(value, value->buffer);
}

GETTER(get_spared)
{
	(void)style;
	set_text(value, MEMBER != NULL ? spared_word(MEMBER->spared) : NULL);
}

GETTER(get_result)
{
	(void)style;
	value->text = process_result_word(ROW->result);
}

GETTER(get_reason)
{
	(void)style;
	set_text(value, ROW->reason);
}

GETTER(get_signal)
{
	(void)style;
	if (MEMBER != NULL && MEMBER->signo != 0)
		value->text = signal_name(MEMBER->signo, value->buffer);
	else
		value->state = VALUE_NONE;
}

GETTER(get_late)
{
	(void)style;
	if (MEMBER != NULL)
		value->number = MEMBER->late;
	else
		value->state = VALUE_NONE;
}

#define JSON COLUMN_JSON
#define JSON_ONLY (COLUMN_JSON | COLUMN_JSON_ONLY)

static const struct column columns[] = {
	{ "REF", "ref", 0, VALUE_REF, JSON, 0, 0, get_ref, "the process, or what names none" },
	{ "EXACT", "exact", 0, VALUE_REF, JSON_ONLY, 0, 0, get_exact, "with its start time" },
	{ "PID", "pid", 0, VALUE_NUMBER, JSON_ONLY, 0, 0, get_pid, "process" },
	{ "PPID", "ppid", 0, VALUE_NUMBER, JSON, 0, 0, get_ppid, "its parent" },
	{ "PGID", "pgid", 0, VALUE_NUMBER, JSON, 0, 0, get_pgid, "its process group" },
	{ "SID", "sid", 0, VALUE_NUMBER, JSON, 0, 0, get_sid, "its session" },
	{ "UID", "uid", 0, VALUE_NUMBER, JSON_ONLY, 0, 0, get_uid, "effective user's number" },
	{ "USER", "user", 0, VALUE_TEXT, JSON, 0, 0, get_user, "effective user" },
	{ "S", "state", 0, VALUE_TEXT, JSON, 0, 0, get_state, "state, as ps(1) has it" },
	{ "COMMAND", "command", 0, VALUE_TEXT, JSON | COLUMN_TRUNC, 0, 0, get_command, "name" },
	{ "SPARED", "spared", 0, VALUE_TEXT, JSON, 0, 0, get_spared, "why it is not signalled" },
	{ "SIGNAL", "signal", 0, VALUE_TEXT, JSON_ONLY, 0, 0, get_signal, "the last that it got" },
	{ "LATE", "late", 0, VALUE_BOOLEAN, JSON_ONLY, 0, 0, get_late, "it came meanwhile" },
	{ "RESULT", "result", 0, VALUE_TEXT, JSON_ONLY, 0, 0, get_result, "what became of it" },
	{ "REASON", "reason", 0, VALUE_TEXT, JSON_ONLY, 0, 0, get_reason, "the same in words" },
	{ 0 },
};

static const struct column_set set_columns = { ONE_TABLE(columns), NULL, NULL };

bool process_table(const struct process_run *run)
{
	const struct ipck_member *member;
	struct column_list list;
	struct writer writer;
	bool spared = false;

	for (size_t i = 0; (member = ipck_process_set_at(run->set, i)) != NULL; i++)
		spared |= member->spared != IPCK_SPARED_NOT;
	column_list_fill(&list, &set_columns, NULL,
			 spared ? "REF,PPID,PGID,SID,USER,S,SPARED,COMMAND"
				: "REF,PPID,PGID,SID,USER,S,COMMAND",
			 0);
	writer_open(&writer, &run->request->output);
	writer.quiet = true;
	writer_begin(&writer, &list, "processes");
	for (size_t i = 0; (member = ipck_process_set_at(run->set, i)) != NULL; i++)
		writer_row(&writer, &(struct process_row){ .member = member });
	writer_end(&writer);
	if (writer_close(&writer))
		return true;
	complain("out of memory");
	return false;
}

bool process_json(const struct process_row *rows, size_t count, const struct request *request)
{
	struct writer_options options = request->output;
	struct column_list list;
	struct writer writer;

	options.format = OUTPUT_JSON;
	column_list_json(&list, &set_columns, 0);
	writer_open(&writer, &options);
	writer_begin(&writer, &list, "processes");
	for (size_t i = 0; i < count; i++)
		writer_row(&writer, &rows[i]);
	writer_end(&writer);
	return writer_close(&writer);
}
