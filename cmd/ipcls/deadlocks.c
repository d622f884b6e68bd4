/* SPDX-License-Identifier: MIT */
/* --deadlocks: threads that wait for one another. */
#include "deadlocks.h"
#include "common/program.h"
#include "common/waited.h"

#include <stdio.h>

const char *certainty_name(enum ipck_certainty certainty)
{
	return certainty == IPCK_CONFIRMED ? "confirmed" : "suspected";
}

void deadlock_holder(const struct ipck_deadlock *deadlock,
		     const struct ipck_deadlock_member *member, char *buf, size_t size)
{
	const struct ipck_wait *next = ipck_deadlock_member_at(deadlock, member->next)->wait;

	if (member->on->tid != 0 || member->on->command == NULL)
		waited_waiter(next, buf, size);
	else /* the process, whichever of its threads */
		snprintf(buf, size, "%s[%d]", member->on->command, (int)next->process.pid);
}

/* ---- Rows ---- */

#define ROW ((const struct deadlock_row *)row)
#define WAIT (ROW->member->wait)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

static void set_text(struct value *value, const char *text)
{
	value->text = text;
	if (text == NULL || *text == '\0')
		value->state = VALUE_NONE;
}

GETTER(get_number)
{
	(void)style;
	value->number = ROW->number;
}

GETTER(get_certainty)
{
	(void)style;
	value->text = certainty_name(ROW->deadlock->certainty);
}

GETTER(get_waiter)
{
	(void)style;
	waited_waiter(WAIT, value->buffer, sizeof(value->buffer));
	value->text = value->buffer;
}

GETTER(get_pid)
{
	(void)style;
	value->number = (uint64_t)WAIT->process.pid;
}

GETTER(get_tid)
{
	(void)style;
	value->number = (uint64_t)WAIT->tid;
}

GETTER(get_command)
{
	(void)style;
	set_text(value, WAIT->command);
}

GETTER(get_call)
{
	(void)style;
	set_text(value, WAIT->call);
}

GETTER(get_ref)
{
	(void)style;
	set_text(value, WAIT->ref);
}

GETTER(get_object)
{
	(void)style;
	set_text(value, WAIT->object != NULL ? WAIT->object : WAIT->ref);
}

GETTER(get_wants)
{
	(void)style;
	set_text(value, WAIT->wants);
}

GETTER(get_holder)
{
	(void)style;
	deadlock_holder(ROW->deadlock, ROW->member, value->buffer, sizeof(value->buffer));
	value->text = value->buffer;
}

GETTER(get_evidence)
{
	(void)style;
	value->text = ipck_proof_name(ROW->member->on->proof);
}

GETTER(get_behind)
{
	(void)style;
	value->number = ROW->deadlock->behind;
}

#define CUT COLUMN_TRUNC

static const struct column columns[] = {
	{ "DEADLOCK", "deadlock", 0, VALUE_NUMBER, 0, 0, 0, get_number, "its number, from 1 on" },
	{ "CERTAINTY", "certainty", 0, VALUE_TEXT, 0, 0, 0, get_certainty,
	  "confirmed or suspected" },
	{ "WAITER", "waiter", 0, VALUE_TEXT, CUT, 0, 0, get_waiter, "a member of it" },
	{ "PID", "pid", 0, VALUE_NUMBER, 0, 0, 0, get_pid, "its process" },
	{ "TID", "tid", 0, VALUE_NUMBER, 0, 0, 0, get_tid, "its thread" },
	{ "COMMAND", "command", 0, VALUE_TEXT, CUT, 0, 0, get_command, "its command" },
	{ "CALL", "call", 0, VALUE_TEXT, 0, 0, 0, get_call, "the call that it sleeps in" },
	{ "REF", "ref", 0, VALUE_TEXT, 0, 0, 0, get_ref, "the object that it waits on" },
	{ "OBJECT", "object", 0, VALUE_TEXT, CUT, 0, 0, get_object, "the same, and where in it" },
	{ "WANTS", "wants", 0, VALUE_TEXT, CUT, 0, 0, get_wants, "what it wants of it" },
	{ "HELD-BY", "held_by", 0, VALUE_TEXT, CUT, 0, 0, get_holder,
	  "the member that it waits for" },
	{ "EVIDENCE", "evidence", 0, VALUE_TEXT, 0, 0, 0, get_evidence, "who says so" },
	{ "BEHIND", "behind", 0, VALUE_NUMBER, 0, 0, 0, get_behind,
	  "threads that wait behind the deadlock" },
	{ 0 },
};

const struct column_set deadlock_columns = { .tables = ONE_TABLE(columns) };

#define DEFAULT_COLUMNS "DEADLOCK,CERTAINTY,WAITER,CALL,OBJECT,HELD-BY,EVIDENCE"

static bool write_rows(const struct request *request, const struct ipck_deadlocks *deadlocks)
{
	const struct ipck_deadlock *deadlock;
	const struct ipck_deadlock_member *member;
	struct column_list list;
	struct writer writer;

	column_list_fill(&list, &deadlock_columns, request->columns, DEFAULT_COLUMNS, 0);
	writer_open(&writer, &request->output);
	writer_begin(&writer, &list, "deadlocks");
	for (size_t i = 0; (deadlock = ipck_deadlocks_at(deadlocks, i)) != NULL; i++)
		for (size_t j = 0;
		     !writer.failed && (member = ipck_deadlock_member_at(deadlock, j)) != NULL;
		     j++) {
			const struct deadlock_row row = { i + 1, deadlock, member };

			writer_row(&writer, &row);
		}
	writer_end(&writer);
	return writer_close(&writer);
}

/* ---- Forms ---- */

static void print_all(const struct ipck_deadlocks *deadlocks, const struct ipck_coverage *coverage)
{
	const struct ipck_deadlock *deadlock;

	for (size_t i = 0; (deadlock = ipck_deadlocks_at(deadlocks, i)) != NULL; i++) {
		if (i > 0)
			putchar('\n');
		deadlock_sentences(deadlock);
	}
	if (ipck_deadlocks_count(deadlocks) == 0)
		printf("No deadlock found among the threads of %zu process%s.\n", coverage->processes,
		       coverage->processes == 1 ? "" : "es");
}

static bool print_deadlocks(const struct request *request, const struct ipck_deadlocks *deadlocks,
			    const struct ipck_coverage *coverage)
{
	if (request->output.format == OUTPUT_JSON)
		return deadlocks_json(deadlocks);
	if (request->output.format != OUTPUT_TABLE || request->columns != NULL)
		return write_rows(request, deadlocks);
	print_all(deadlocks, coverage);
	return true;
}

int show_deadlocks(struct ipck *ctx, struct request *request)
{
	struct ipck_coverage coverage = { .size = sizeof(coverage) };
	struct ipck_deadlocks *deadlocks;
	size_t denied = 0;
	const struct ipck_deadlocks_query query = { .size = sizeof(query),
						    .interval = request->interval,
						    .coverage = &coverage,
						    .threads_denied = &denied };
	int status = EXIT_DONE;

	if (ipck_deadlocks_read(ctx, &query, &deadlocks) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		return EXIT_USAGE;
	}
	if (ipck_deadlocks_count(deadlocks) > 0)
		status = EXIT_FOUND;
	if (!print_deadlocks(request, deadlocks, &coverage))
		status = EXIT_USAGE;
	ipck_deadlocks_free(deadlocks);
	complain_uninspected(denied, &coverage);
	return status;
}
