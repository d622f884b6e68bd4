/* SPDX-License-Identifier: MIT */
/* The columns that zombies, orphans and daemons have besides those of every process. */
#include "columns.h"
#include "common/marks.h"
#include "leftovers.h"

#include <stdio.h>
#include <string.h>

#define LEFTOVER ((const struct leftover *)row)
#define PROCESS (LEFTOVER->row.process)
#define DETAIL (LEFTOVER->row.detail)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)
#define TEXT_GETTER(name, member)                                                                  \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->text = member;                                                              \
		if (value->text == NULL || value->text[0] == '\0')                                 \
			value->state = VALUE_NONE;                                                 \
	}

TEXT_GETTER(get_reason, LEFTOVER->reason)
TEXT_GETTER(get_advice, LEFTOVER->advice)
TEXT_GETTER(get_cwd, DETAIL->cwd)

/* ---- Zombies ---- */

GETTER(get_parent)
{
	(void)style;
	value->process = &LEFTOVER->guilty->who;
}

GETTER(get_end)
{
	(void)style;
	value->number = (uint64_t)PROCESS->exit_status;
	if (LEFTOVER->guilty->lives) {
		value->state = VALUE_NONE;
		value->text = "alive";
	}
}

GETTER(get_ended)
{
	(void)style;
	value->number = PROCESS->ended / 1000000000u;
	if (LEFTOVER->guilty->lives)
		value->state = VALUE_NONE;
}

static void unknown(struct value *value, int why)
{
	value->state = VALUE_UNKNOWN;
	value->why = why;
}

GETTER(get_sigchld)
{
	const struct ipck_reaping *reaping = &LEFTOVER->guilty->reaping;

	(void)style;
	if (LEFTOVER->guilty->error != IPCK_OK)
		unknown(value, LEFTOVER->guilty->error);
	else if (reaping->ignores == IPCK_UNKNOWN)
		unknown(value, reaping->why);
	value->text = reaping->ignores == IPCK_YES   ? "ignored"
		      : reaping->catches == IPCK_YES ? "caught"
		      : reaping->blocks == IPCK_YES  ? "blocked"
						     : "default";
}

GETTER(get_waiting)
{
	const struct ipck_reaping *reaping = &LEFTOVER->guilty->reaping;

	(void)style;
	if (LEFTOVER->guilty->error != IPCK_OK)
		unknown(value, LEFTOVER->guilty->error);
	else if (reaping->waits == IPCK_UNKNOWN)
		unknown(value, reaping->why);
	value->text = reaping->waits == IPCK_YES              ? "yes"
		      : reaping->waits_for_others == IPCK_YES ? "others"
							      : "no";
}

/* ---- Orphans ---- */

GETTER(get_proof)
{
	(void)style;
	value->text = (PROCESS->likely & IPCK_MARK_ORPHAN) != 0 ? "likely" : "proven";
}

/* ---- Daemons ---- */

GETTER(get_umask)
{
	(void)style;
	value->number = DETAIL->umask;
}

/* What a standard descriptor is on, in as few letters as tell it. */
static const char *short_name(const char *link)
{
	static const struct {
		const char *prefix, *name;
	} kinds[] = {
		{ "socket:[", "socket" },
		{ "pipe:[", "pipe" },
		{ "anon_inode:", "anon" },
		{ "/memfd:", "memfd" },
	};

	if (link == NULL)
		return "closed";
	if (strcmp(link, "/dev/null") == 0)
		return "null";
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(link, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return kinds[i].name;
	return strncmp(link, "/dev/", 5) == 0 ? link + 5 : link;
}

static bool is_terminal(const char *link)
{
	return link != NULL &&
	       (strncmp(link, "/dev/pts/", 9) == 0 || strncmp(link, "/dev/tty", 8) == 0 ||
		strcmp(link, "/dev/console") == 0);
}

GETTER(get_stdio)
{
	const char *words[3];

	for (int i = 0; i < 3; i++) {
		const char *link = DETAIL->standard[i];

		words[i] = style->machine && link != NULL ? link : short_name(link);
		if (is_terminal(link))
			value->alert = ALERT_NOTICE;
	}
	snprintf(value->buffer, sizeof(value->buffer), "%s,%s,%s", words[0], words[1], words[2]);
	value->text = value->buffer;
}

/* ---- Tables ---- */

static int why(const void *row, uint32_t field)
{
	if (field == IPCK_PROCESS_ENDED) /* of zombies alone, and of those that have ended */
		return LEFTOVER->guilty->lives ? IPCK_OK : ipck_process_why(PROCESS, field);
	return process_columns.why(row, field);
}

#define JSON COLUMN_JSON

static const struct column zombie_table[] = {
	{ "PARENT", "parent", 0, VALUE_PROCESS, 0, 0, 0, get_parent, "who did not ask for it yet" },
	{ "END", "end", 0, VALUE_EXIT, 0, IPCK_PROCESS_EXIT, IPCK_PROCESS_EXIT, get_end,
	  "how it has ended; alive: its first thread alone has" },
	{ "AGO", "seconds", 0, VALUE_AGE, JSON, IPCK_PROCESS_ENDED, IPCK_PROCESS_ENDED, get_ended,
	  "how long ago" },
	{ "SIGCHLD", "sigchld", 0, VALUE_TEXT, 0, 0, 0, get_sigchld,
	  "what the parent does on it: ignored, caught, blocked or default" },
	{ "WAITING", "waiting", 0, VALUE_TEXT, 0, 0, 0, get_waiting,
	  "does the parent sit in wait(2): yes, no, for others" },
	{ "ADVICE", "advice", 0, VALUE_TEXT, JSON | COLUMN_TRUNC | COLUMN_FLEETING, 0, 0,
	  get_advice, "what helps" },
	{ 0 },
};

static const struct column orphan_table[] = {
	{ "ORPHAN", "orphan", 0, VALUE_TEXT, JSON, 0, 0, get_proof, "proven or likely" },
	{ "WHY", "reason", 0, VALUE_TEXT, JSON | COLUMN_TRUNC | COLUMN_FLEETING, 0, 0, get_reason,
	  "how that is known" },
	{ 0 },
};

static const struct column daemon_table[] = {
	{ "UMASK", "umask", 0, VALUE_MODE, JSON, IPCK_PROCESS_UMASK, IPCK_PROCESS_UMASK, get_umask,
	  "permissions that it takes from what it makes" },
	{ "CWD", "cwd", 0, VALUE_TEXT, JSON | COLUMN_TRUNC | COLUMN_FLEETING, IPCK_PROCESS_CWD,
	  IPCK_PROCESS_CWD, get_cwd, "folder that it works in" },
	{ "STDIO", "stdio", 0, VALUE_TEXT, COLUMN_TRUNC | COLUMN_FLEETING, IPCK_PROCESS_DESCRIPTORS,
	  IPCK_PROCESS_DESCRIPTORS, get_stdio, "what its descriptors 0, 1 and 2 are on" },
	{ "WHY", "reason", 0, VALUE_TEXT, JSON | COLUMN_TRUNC | COLUMN_FLEETING, 0, 0, get_reason,
	  "how it is known to be one" },
	{ 0 },
};

#define WITH(table) ((const struct column *const[]){ process_table, table, NULL })

const struct column_set zombie_columns = { WITH(zombie_table), why, NULL };
const struct column_set orphan_columns = { WITH(orphan_table), why, NULL };
const struct column_set daemon_columns = { WITH(daemon_table), why, NULL };
