/* SPDX-License-Identifier: MIT */
/* The columns of a process: the fields of its page, and of its row in JSON. */
#include "common/signals.h"
#include "process.h"

#include <stdio.h>
#include <string.h>

#define PROCESS ((const struct ipck_process *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

/* 0 and NULL are none: no terminal, no parent that we could see. */
#define NUMBER_GETTER(name, member)                                                                \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->number = (uint64_t)PROCESS->member;                                         \
		if (PROCESS->member == 0)                                                          \
			value->state = VALUE_NONE;                                                 \
	}
#define TEXT_GETTER(name, member)                                                                  \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->text = PROCESS->member;                                                     \
		if (value->text == NULL || *value->text == '\0') {                                 \
			value->text = NULL;                                                        \
			value->state = VALUE_NONE;                                                 \
		}                                                                                  \
	}
/* All of them for programs; for people what is missing where nearly all are in it. */
#define SIGNALS_GETTERS(name, set)                                                                 \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		add_signals(set, value);                                                           \
	}                                                                                          \
	GETTER(name##_words)                                                                       \
	{                                                                                          \
		(void)style;                                                                       \
		say_signals(set, value);                                                           \
	}

static void add_signals(uint64_t signals, struct value *value)
{
	char *room = value->buffer;

	for (int number = 1; number <= 64; number++) {
		if ((signals >> (number - 1) & 1) == 0)
			continue;
		value->words[value->word_count++] = signal_name(number, room);
		room += SIGNAL_NAME_MAX;
	}
}

#define MANY 40 /* signals */

static void say_signals(uint64_t signals, struct value *value)
{
	if (__builtin_popcountll(signals) < MANY) {
		add_signals(signals, value);
		return;
	}
	add_signals(~signals, value);
	if (value->word_count == 0) {
		value->words[value->word_count++] = "all";
		return;
	}
	/* in the room behind the names */
	snprintf(value->buffer + 64 * SIGNAL_NAME_MAX, 32, "all but %s", value->words[0]);
	value->words[0] = value->buffer + 64 * SIGNAL_NAME_MAX;
}

NUMBER_GETTER(get_pid, id.pid)
NUMBER_GETTER(get_ppid, ppid)
NUMBER_GETTER(get_pgid, pgid)
NUMBER_GETTER(get_sid, sid)
NUMBER_GETTER(get_threads, threads)
NUMBER_GETTER(get_started, started)
TEXT_GETTER(get_command, command)
TEXT_GETTER(get_args, args)
TEXT_GETTER(get_user, user)
TEXT_GETTER(get_container, container)
TEXT_GETTER(get_tty, terminal)
SIGNALS_GETTERS(get_pending, PROCESS->pending | PROCESS->thread_pending)
SIGNALS_GETTERS(get_blocked, PROCESS->blocked)
SIGNALS_GETTERS(get_ignored, PROCESS->ignored)
SIGNALS_GETTERS(get_caught, PROCESS->caught)

GETTER(get_ref)
{
	const struct ipck_ref ref = { .kind = IPCK_PROCESS,
				      .form = IPCK_BY_PID,
				      .pid = PROCESS->id.pid };

	(void)style;
	ipck_ref_format(&ref, value->buffer, sizeof(value->buffer));
	value->text = value->buffer;
	value->number = (uint64_t)ref.pid;
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

GETTER(get_start_time)
{
	(void)style;
	value->number = PROCESS->id.start_time;
}

GETTER(get_uid)
{
	(void)style;
	value->number = PROCESS->uid;
}

GETTER(get_parent)
{
	(void)style;
	value->process = &PROCESS->parent;
	if (PROCESS->parent.pid == 0)
		value->state = VALUE_NONE;
}

static const char *state_word(char state)
{
	switch (state) {
	case 'R':
		return "running";
	case 'S':
		return "sleeping";
	case 'D':
		return "sleeping, not to be interrupted";
	case 'T':
		return "stopped";
	case 't':
		return "stopped by its tracer";
	case 'Z':
		return "zombie: it ended, and its parent has not asked how";
	case 'X':
	case 'x':
		return "dead";
	case 'I':
		return "idle";
	case 'P':
		return "parked";
	default:
		return NULL;
	}
}

/* The letter alone for programs. */
GETTER(get_state)
{
	(void)style;
	value->buffer[0] = PROCESS->state;
	value->buffer[1] = '\0';
	value->text = value->buffer;
	if (PROCESS->state == 'D' || PROCESS->state == 'T' || PROCESS->state == 't')
		value->alert = ALERT_NOTICE;
	else if (PROCESS->state == 'Z')
		value->alert = ALERT_BAD;
}

GETTER(get_state_words)
{
	const char *word = state_word(PROCESS->state);

	get_state(row, style, value);
	if (PROCESS->state == 'Z' && PROCESS->threads > 1)
		value->text = "its first thread has ended, others live";
	else if (word != NULL)
		value->text = word;
}

/* Those that are not ours, with the numbers that -N takes. */
GETTER(get_namespaces)
{
	char *room = value->buffer;

	(void)style;
	for (unsigned i = 0; i < IPCK_NAMESPACE_TYPES; i++) {
		if ((PROCESS->foreign & 1u << i) == 0)
			continue;
		value->words[value->word_count++] = room;
		room += snprintf(room, 40, "%s:%llu",
				 ipck_namespace_type_name((enum ipck_namespace_type)i),
				 (unsigned long long)PROCESS->namespaces[i]) +
			1;
	}
}

GETTER(get_namespaces_words)
{
	get_namespaces(row, style, value);
	if (value->word_count == 0) {
		value->state = VALUE_NONE;
		value->text = "ours";
	}
}

GETTER(get_descriptors)
{
	(void)style;
	value->number = PROCESS->descriptors;
}

static void set_standard(const struct ipck_process *process, size_t fd, struct value *value)
{
	value->text = process->standard[fd];
	if (value->text == NULL) {
		value->state = VALUE_NONE;
		value->text = "closed";
	}
}

GETTER(get_stdin)
{
	(void)style;
	set_standard(PROCESS, 0, value);
}

GETTER(get_stdout)
{
	(void)style;
	set_standard(PROCESS, 1, value);
}

GETTER(get_stderr)
{
	(void)style;
	set_standard(PROCESS, 2, value);
}

#define JSON COLUMN_JSON

static const struct column columns[] = {
	{ "REF", "ref", 0, VALUE_REF, JSON, 0, 0, get_ref, "reference" },
	{ "EXACT", "exact", 0, VALUE_REF, JSON, 0, 0, get_exact, "reference with its start" },
	{ "PID", "pid", 0, VALUE_NUMBER, JSON, 0, 0, get_pid, "number" },
	{ "PPID", "ppid", 0, VALUE_NUMBER, JSON, 0, 0, get_ppid, "number of its parent" },
	{ "PARENT", "parent", 0, VALUE_PROCESS, JSON, 0, IPCK_PROCESS_PARENT, get_parent,
	  "its parent" },
	{ "GROUP", "pgid", 0, VALUE_NUMBER, JSON, 0, 0, get_pgid, "process group" },
	{ "SESSION", "sid", 0, VALUE_NUMBER, JSON, 0, 0, get_sid, "session" },
	{ "TTY", "tty", 0, VALUE_TEXT, JSON, 0, IPCK_PROCESS_TERMINAL, get_tty,
	  "controlling terminal" },
	{ "STATE", "", 0, VALUE_TEXT, 0, 0, 0, get_state_words, "what it does" },
	{ "S", "state", 0, VALUE_TEXT, JSON, 0, 0, get_state, "the same as ps has it" },
	{ "USER", "user", 0, VALUE_TEXT, JSON, 0, IPCK_PROCESS_OWNER, get_user, "effective user" },
	{ "UID", "uid", 0, VALUE_NUMBER, JSON, 0, IPCK_PROCESS_OWNER, get_uid,
	  "the same as a number" },
	{ "COMMAND", "command", 0, VALUE_TEXT, JSON, 0, 0, get_command, "command" },
	{ "ARGS", "args", 0, VALUE_TEXT, JSON, 0, IPCK_PROCESS_ARGS, get_args, "arguments" },
	{ "SINCE", "started", 0, VALUE_TIME, JSON, 0, 0, get_started, "when it started" },
	{ "START", "start_time", 0, VALUE_NUMBER, JSON, 0, 0, get_start_time,
	  "the same in clock ticks since boot" },
	{ "THREADS", "threads", 0, VALUE_NUMBER, JSON, 0, 0, get_threads, "how many it has" },
	{ "CONTAINER", "container", 0, VALUE_TEXT, JSON, 0, IPCK_PROCESS_CONTAINER, get_container,
	  "container or unit" },
	{ "NAMESPACES", "", 0, VALUE_WORDS, 0, 0, IPCK_PROCESS_NAMESPACES, get_namespaces_words,
	  "those that are not ours" },
	{ "NS", "namespaces", 0, VALUE_WORDS, JSON, 0, IPCK_PROCESS_NAMESPACES, get_namespaces,
	  "the same" },
	{ "DESCRIPTORS", "descriptors", 0, VALUE_NUMBER, JSON, 0, IPCK_PROCESS_DESCRIPTORS,
	  get_descriptors, "how many are open" },
	{ "STDIN", "stdin", 0, VALUE_TEXT, JSON, 0, IPCK_PROCESS_DESCRIPTORS, get_stdin,
	  "what descriptor 0 is on" },
	{ "STDOUT", "stdout", 0, VALUE_TEXT, JSON, 0, IPCK_PROCESS_DESCRIPTORS, get_stdout,
	  "descriptor 1" },
	{ "STDERR", "stderr", 0, VALUE_TEXT, JSON, 0, IPCK_PROCESS_DESCRIPTORS, get_stderr,
	  "descriptor 2" },
	{ "PENDING", "", 0, VALUE_WORDS, 0, 0, IPCK_PROCESS_SIGNALS, get_pending_words,
	  "signals that were sent and not taken yet" },
	{ "SIGPND", "pending", 0, VALUE_WORDS, JSON, 0, IPCK_PROCESS_SIGNALS, get_pending,
	  "the same" },
	{ "BLOCKED", "", 0, VALUE_WORDS, 0, 0, IPCK_PROCESS_SIGNALS, get_blocked_words,
	  "signals that its first thread does not take now" },
	{ "SIGBLK", "blocked", 0, VALUE_WORDS, JSON, 0, IPCK_PROCESS_SIGNALS, get_blocked,
	  "the same" },
	{ "IGNORED", "", 0, VALUE_WORDS, 0, 0, IPCK_PROCESS_SIGNALS, get_ignored_words,
	  "signals that do nothing" },
	{ "SIGIGN", "ignored", 0, VALUE_WORDS, JSON, 0, IPCK_PROCESS_SIGNALS, get_ignored,
	  "the same" },
	{ "CAUGHT", "", 0, VALUE_WORDS, 0, 0, IPCK_PROCESS_SIGNALS, get_caught_words,
	  "signals that it has a function for" },
	{ "SIGCGT", "caught", 0, VALUE_WORDS, JSON, 0, IPCK_PROCESS_SIGNALS, get_caught,
	  "the same" },
	{ 0 },
};

static int why(const void *row, uint32_t field)
{
	return ipck_process_why(PROCESS, field);
}

const struct column_set process_columns = { .tables = ONE_TABLE(columns), .why = why };
