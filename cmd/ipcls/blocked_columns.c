/* SPDX-License-Identifier: MIT */
/* The columns of --blocked: rows are threads that wait, or several that wait alike. */
#include "blocked.h"
#include "common/users.h"
#include "common/waited.h"

#include <stdio.h>
#include <string.h>

#define ROW ((const struct blocked_row *)row)
#define WAIT (ROW->wait)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

static void none(struct value *value)
{
	value->state = VALUE_NONE;
}

static void set_text(struct value *value, const char *text)
{
	value->text = text;
	if (text == NULL || *text == '\0') {
		value->text = NULL;
		none(value);
	}
}

/* There is none of it; or that is not known, and why. */
static void missing(struct value *value, const struct ipck_wait *wait)
{
	value->state = wait->why != 0 ? VALUE_UNKNOWN : VALUE_NONE;
	value->why = wait->why;
	value->why_text = wait->why_text;
}

#define NUMBER_GETTER(name, member)                                                                \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->number = (uint64_t)WAIT->member;                                            \
	}
#define TEXT_GETTER(name, member)                                                                  \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		set_text(value, WAIT->member);                                                     \
	}

/* ---- Who ---- */

NUMBER_GETTER(get_pid, process.pid)
NUMBER_GETTER(get_tid, tid)
NUMBER_GETTER(get_uid, uid)
NUMBER_GETTER(get_process_threads, threads)
NUMBER_GETTER(get_idle, idle)
TEXT_GETTER(get_command, command)

/* "cat[12]", or of several "cat[12] x3", "cat x3", "3 threads of 12", "3 threads". */
GETTER(get_waiter)
{
	const char *command = WAIT->command != NULL ? WAIT->command : "";
	const int pid = WAIT->process.pid;

	(void)style;
	value->text = value->buffer;
	if (ROW->threads == 1)
		waited_waiter(WAIT, value->buffer, sizeof(value->buffer));
	else if (ROW->one_command && ROW->one_process)
		snprintf(value->buffer, sizeof(value->buffer), "%s[%d] x%zu", command, pid,
			 ROW->threads);
	else if (ROW->one_command)
		snprintf(value->buffer, sizeof(value->buffer), "%s x%zu", command, ROW->threads);
	else if (ROW->one_process)
		snprintf(value->buffer, sizeof(value->buffer), "%zu threads of %d", ROW->threads,
			 pid);
	else
		snprintf(value->buffer, sizeof(value->buffer), "%zu threads", ROW->threads);
}

GETTER(get_threads)
{
	(void)style;
	value->number = ROW->threads;
}

GETTER(get_user)
{
	(void)style;
	value_user(value, WAIT->uid);
}

GETTER(get_state)
{
	(void)style;
	value->buffer[0] = WAIT->state;
	value->buffer[1] = '\0';
	set_text(value, value->buffer);
}

/* ---- For what ---- */

TEXT_GETTER(get_call, call)
TEXT_GETTER(get_wchan, wchan)
NUMBER_GETTER(get_timeout, timeout)

GETTER(get_what)
{
	(void)style;
	value->text = waited_for(WAIT->what);
}

GETTER(get_fd)
{
	(void)style;
	value->number = (uint64_t)WAIT->fd;
	if (WAIT->fd < 0)
		none(value);
}

GETTER(get_ref)
{
	(void)style;
	set_text(value, WAIT->ref);
	if (WAIT->ref == NULL && WAIT->object == NULL)
		missing(value, WAIT);
}

GETTER(get_object)
{
	(void)style;
	set_text(value, WAIT->object != NULL ? WAIT->object : WAIT->ref);
	if (value->text == NULL)
		missing(value, WAIT);
}

GETTER(get_kind)
{
	(void)style;
	set_text(value, WAIT->kind != 0 ? ipck_kind_name(WAIT->kind) : NULL);
	if (WAIT->kind == 0 && WAIT->object == NULL)
		missing(value, WAIT);
}

GETTER(get_wants)
{
	(void)style;
	set_text(value, WAIT->wants);
	value->wait = WAIT;
	if (value->text == NULL)
		missing(value, WAIT);
}

/* Is it of this sort, and could it be read? */
static bool wants(const struct ipck_wait *wait, bool sort, struct value *value)
{
	if (!sort)
		none(value);
	else if (wait->wants == NULL)
		missing(value, wait);
	return sort && value->state == VALUE_SET;
}

static bool wants_semaphore(const struct ipck_wait *wait, struct value *value)
{
	return wants(wait, wait->what == IPCK_WAIT_SEMAPHORE, value);
}

static bool wants_message(const struct ipck_wait *wait, struct value *value)
{
	return wants(wait, wait->what == IPCK_WAIT_MESSAGE || wait->what == IPCK_WAIT_ROOM, value);
}

static void set_amount(struct value *value, int64_t number)
{
	value->negative = number < 0;
	value->number = number < 0 ? -(uint64_t)number : (uint64_t)number;
	snprintf(value->buffer, sizeof(value->buffer), "%lld", (long long)number);
	value->text = value->buffer;
}

GETTER(get_num)
{
	(void)style;
	if (wants_semaphore(WAIT, value))
		value->number = WAIT->semaphore.num;
}

GETTER(get_op)
{
	(void)style;
	if (wants_semaphore(WAIT, value))
		set_amount(value, WAIT->semaphore.op);
}

GETTER(get_undo)
{
	(void)style;
	if (wants_semaphore(WAIT, value))
		value->number = WAIT->semaphore.undo;
}

GETTER(get_value)
{
	(void)style;
	if (!wants_semaphore(WAIT, value))
		return;
	value->number = WAIT->semaphore.value;
	if (!WAIT->semaphore.counts_known) {
		value->state = VALUE_UNKNOWN;
		value->why = WAIT->why != 0 ? WAIT->why : IPCK_ERR_DENIED;
	}
}

GETTER(get_type)
{
	(void)style;
	if (wants_message(WAIT, value) && WAIT->message.type_known)
		set_amount(value, WAIT->message.type);
	else if (value->state == VALUE_SET)
		none(value);
}

GETTER(get_size)
{
	(void)style;
	if (wants_message(WAIT, value))
		value->number = WAIT->message.size;
}

/* ---- Since when, on whom ---- */

GETTER(get_since)
{
	(void)style;
	value->number = WAIT->nanoseconds / 1000000000;
	value->at_least = WAIT->bound == IPCK_BOUND_AT_LEAST;
	if (WAIT->bound == IPCK_BOUND_UNKNOWN) {
		value->state = VALUE_UNKNOWN;
		value->why = IPCK_ERR_UNSUPPORTED;
	}
}

GETTER(get_bound)
{
	(void)style;
	value->text = ipck_bound_name(WAIT->bound);
}

static bool somebody_gone(const struct ipck_wait *wait)
{
	const struct ipck_awaited *awaited;

	for (size_t i = 0; (awaited = ipck_awaited_at(wait, i)) != NULL; i++)
		if (awaited->gone)
			return true;
	return false;
}

GETTER(get_held_by)
{
	const struct ipck_awaited *first = ipck_awaited_at(WAIT, 0);

	(void)style;
	value->wait = WAIT;
	value->number = first != NULL ? (uint64_t)first->process.pid : 0;
	if (somebody_gone(WAIT))
		value->alert = ALERT_BAD;
	if (first == NULL)
		missing(value, WAIT);
}

/* In JSON nobody is an empty array, and null that it is not known. */
GETTER(get_waiting_on)
{
	get_held_by(row, style, value);
	if (value->state == VALUE_NONE)
		value->state = VALUE_SET;
}

GETTER(get_evidence)
{
	(void)style;
	value->text = ipck_proof_name(waited_proof(WAIT));
}

TEXT_GETTER(get_finding, finding)
NUMBER_GETTER(get_open, open)
NUMBER_GETTER(get_more, more)

#define JSON COLUMN_JSON
#define CUT COLUMN_TRUNC
#define HIDDEN COLUMN_JSON_ONLY
#define EACH BLOCKED_EACH

static const struct column columns[] = {
	{ "WAITER", "waiter", 0, VALUE_TEXT, 0, 0, 0, get_waiter,
	  "who waits: command[pid], or command[pid/tid] of a further thread; x3: three of them" },
	{ "PID", "pid", 0, VALUE_NUMBER, JSON, EACH, 0, get_pid, "its process" },
	{ "TID", "tid", 0, VALUE_NUMBER, JSON, EACH, 0, get_tid, "its thread" },
	{ "COMMAND", "command", 0, VALUE_TEXT, JSON | CUT, EACH, 0, get_command,
	  "command of the thread" },
	{ "USER", "user", 0, VALUE_TEXT, JSON | CUT, EACH | IPCK_WAITS_USERS, 0, get_user,
	  "effective user of the process" },
	{ "UID", "uid", 0, VALUE_NUMBER, JSON, EACH | IPCK_WAITS_USERS, 0, get_uid,
	  "the same as a number" },
	{ "STATE", "state", 0, VALUE_TEXT, JSON, EACH, 0, get_state,
	  "as ps has it: S asleep, D not to be disturbed, T stopped" },
	{ "SINCE", "seconds", 0, VALUE_AGE, JSON, IPCK_WAITS_SINCE, 0, get_since,
	  "for how long; >5m: at least" },
	{ "BOUND", "bound", 0, VALUE_TEXT, JSON, IPCK_WAITS_SINCE | EACH, 0, get_bound,
	  "of SINCE: exact, at-least or unknown" },
	{ "CALL", "call", 0, VALUE_TEXT, JSON | CUT, 0, 0, get_call,
	  "the call in which it sleeps; none: a page fault, for example" },
	{ "FOR", "for", 0, VALUE_TEXT, JSON, 0, 0, get_what,
	  "what it waits for, in a word: semaphore, message, room, data, mutex ..." },
	{ "OBJECT", "object", 0, VALUE_TEXT, JSON | CUT, 0, 0, get_object,
	  "what it waits on, and where in it" },
	{ "REF", "ref", 0, VALUE_TEXT, JSON, 0, 0, get_ref, "reference of that" },
	{ "KIND", "kind", 0, VALUE_TEXT, JSON, 0, 0, get_kind, "kind of that" },
	{ "FD", "fd", 0, VALUE_NUMBER, JSON, EACH, 0, get_fd, "descriptor of the call" },
	{ "WANTS", "wants", 0, VALUE_WANTS, JSON | CUT, EACH, 0, get_wants,
	  "what must become of it, for the thread to go on" },
	{ "NUM", "num", 0, VALUE_NUMBER, 0, EACH, 0, get_num, "sets: number of the semaphore" },
	{ "OP", "op", 0, VALUE_AMOUNT, 0, EACH, 0, get_op,
	  "sets: what to add to it; 0: it is to be zero" },
	{ "VALUE", "value", 0, VALUE_NUMBER, 0, EACH, 0, get_value, "sets: what it is" },
	{ "UNDO", "undo", 0, VALUE_BOOLEAN, 0, EACH, 0, get_undo, "sets: with SEM_UNDO" },
	{ "TYPE", "type", 0, VALUE_AMOUNT, 0, EACH, 0, get_type,
	  "queues: type of the message; of POSIX queues its priority" },
	{ "SIZE", "size", 0, VALUE_SIZE, 0, EACH, 0, get_size,
	  "queues: bytes of the message, or of the room for it" },
	{ "TIMEOUT", "timeout", 0, VALUE_BOOLEAN, JSON, EACH, 0, get_timeout,
	  "it gives up after some time" },
	{ "IDLE", "idle", 0, VALUE_BOOLEAN, JSON, EACH, 0, get_idle,
	  "ordinary idling, which is shown with -a" },
	{ "HELD-BY", "held_by", 0, VALUE_AWAITED, CUT, IPCK_WAITS_WHOM, 0, get_held_by,
	  "on whom it waits: command[pid], +N: N more, (pid): gone" },
	{ "WAITING-ON", "waiting_on", 0, VALUE_AWAITED, JSON | HIDDEN, IPCK_WAITS_WHOM, 0,
	  get_waiting_on, "all of them, each with its evidence" },
	{ "MORE", "more", 0, VALUE_NUMBER, JSON, IPCK_WAITS_WHOM, 0, get_more,
	  "further ones that are not listed" },
	{ "OPEN", "open", 0, VALUE_BOOLEAN, JSON, IPCK_WAITS_WHOM | EACH, 0, get_open,
	  "others than these could end the wait too" },
	{ "EVIDENCE", "evidence", 0, VALUE_TEXT, 0, IPCK_WAITS_WHOM, 0, get_evidence,
	  "how sure that is: kernel, libc, last-op or none" },
	{ "FINDING", "finding", 0, VALUE_TEXT, JSON | CUT, IPCK_WAITS_WHOM, 0, get_finding,
	  "what is wrong: an owner that is gone, for example" },
	{ "WCHAN", "wchan", 0, VALUE_TEXT, 0, IPCK_WAITS_WCHAN | EACH, 0, get_wchan,
	  "where in the kernel it sleeps" },
	{ "THREADS", "threads", 0, VALUE_NUMBER, 0, 0, 0, get_threads,
	  "threads that wait so, in this row" },
	{ "NLWP", "nlwp", 0, VALUE_NUMBER, 0, EACH, 0, get_process_threads,
	  "threads of the process" },
	{ 0 },
};

const struct column_set blocked_columns = { .tables = ONE_TABLE(columns) };
