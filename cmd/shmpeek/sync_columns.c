/* SPDX-License-Identifier: MIT */
/* The columns of locks: --as mutex and its kin, --find-mutexes. */
#include "sync_columns.h"

#include <stdio.h>

#define ROW ((const struct sync_row *)row)
#define LOCK (ROW->lock)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

GETTER(get_offset)
{
	(void)style;
	value->number = LOCK->offset;
}

GETTER(get_kind)
{
	(void)style;
	value->text = ipck_sync_kind_name(LOCK->kind);
}

GETTER(get_state)
{
	(void)style;
	value->text = ipck_sync_state_name(LOCK->state);
	if (LOCK->state == IPCK_SYNC_ABANDONED || LOCK->state == IPCK_SYNC_UNUSABLE)
		value->alert = ALERT_BAD;
	else if (LOCK->state == IPCK_SYNC_OWNER_DIED)
		value->alert = ALERT_NOTICE;
}

/* Its bytes say nothing: there are none, or they are no lock. */
static bool silent(const struct ipck_sync *lock, struct value *value)
{
	if (lock->state == IPCK_SYNC_NONE)
		value->state = VALUE_NONE;
	if (lock->state == IPCK_SYNC_UNTOLD && lock->recorded_owner == 0 && lock->why != 0) {
		value->state = VALUE_UNKNOWN;
		value->why = lock->why;
		value->why_text = lock->why_text;
	}
	return value->state != VALUE_SET;
}

/* ---- Who has it ---- */

GETTER(get_owner)
{
	(void)style;
	value->wait = &ROW->owners;
	if (LOCK->state == IPCK_SYNC_ABANDONED)
		value->alert = ALERT_BAD;
	if (LOCK->state == IPCK_SYNC_UNTOLD) {
		value->state = VALUE_UNKNOWN;
		value->why = LOCK->why;
		value->why_text = LOCK->why_text;
	} else if (ROW->owners.awaited_count == 0) {
		value->state = VALUE_NONE;
	} else {
		value->number = (uint64_t)ROW->owners.awaited[0].process.pid;
	}
}

/* In JSON nobody is an empty array, and null that it is not known. */
GETTER(get_owners)
{
	get_owner(row, style, value);
	if (value->state == VALUE_NONE)
		value->state = VALUE_SET;
}

GETTER(get_recorded_owner)
{
	(void)style;
	value->number = (uint64_t)LOCK->recorded_owner;
	if (LOCK->recorded_owner == 0 && !silent(LOCK, value))
		value->state = VALUE_NONE;
}

GETTER(get_evidence)
{
	(void)style;
	if (LOCK->proof == IPCK_PROOF_NONE)
		value->state = VALUE_NONE;
	else
		value->text = ipck_proof_name(LOCK->proof);
}

GETTER(get_count)
{
	(void)style;
	value->number = LOCK->count;
	if (!silent(LOCK, value) && LOCK->kind == IPCK_SYNC_COND)
		value->state = VALUE_NONE;
}

/* ---- Who waits for it ---- */

/* What its bytes do not count was counted by looking, which may have missed some. */
static bool at_least(const struct ipck_sync *lock)
{
	return lock->waiters_some && !lock->waiters_counted && lock->waiting_why != 0;
}

static uint64_t waiters(const struct ipck_sync *lock)
{
	return lock->waiters_counted || lock->waiting_count < lock->waiters ? lock->waiters
									    : lock->waiting_count;
}

GETTER(get_waiters)
{
	(void)style;
	if (silent(LOCK, value))
		return;
	value->number = waiters(LOCK);
	snprintf(value->buffer, sizeof(value->buffer), "%s%llu", at_least(LOCK) ? ">=" : "",
		 (unsigned long long)value->number);
	value->text = value->buffer;
}

GETTER(get_bound)
{
	(void)style;
	if (!silent(LOCK, value))
		value->text =
			ipck_bound_name(at_least(LOCK) ? IPCK_BOUND_AT_LEAST : IPCK_BOUND_EXACT);
}

GETTER(get_waiting)
{
	(void)style;
	value->wait = &ROW->waiting;
	if (ROW->waiting.awaited_count == 0)
		value->state = VALUE_NONE;
	else
		value->number = (uint64_t)ROW->waiting.awaited[0].process.pid;
}

GETTER(get_all_waiting)
{
	get_waiting(row, style, value);
	if (value->state == VALUE_NONE)
		value->state = VALUE_SET;
}

static void of_rwlock(const struct ipck_sync *lock, uint64_t number, struct value *value)
{
	value->number = number;
	if (!silent(lock, value) && lock->kind != IPCK_SYNC_RWLOCK)
		value->state = VALUE_NONE;
}

GETTER(get_readers_waiting)
{
	(void)style;
	of_rwlock(LOCK, LOCK->readers_waiting, value);
}

GETTER(get_writers_waiting)
{
	(void)style;
	of_rwlock(LOCK, LOCK->writers_waiting, value);
}

/* ---- What it is ---- */

GETTER(get_attributes)
{
	static const struct {
		unsigned attribute;
		const char *name;
	} names[] = {
		{ IPCK_SYNC_PSHARED, "pshared" },
		{ IPCK_SYNC_ROBUST, "robust" },
		{ IPCK_SYNC_PI, "pi" },
		{ IPCK_SYNC_PROTECT, "protect" },
		{ IPCK_SYNC_RECURSIVE, "recursive" },
		{ IPCK_SYNC_ERRORCHECK, "errorcheck" },
		{ IPCK_SYNC_ADAPTIVE, "adaptive" },
		{ IPCK_SYNC_PREFER_WRITER, "prefer-writer" },
	};

	(void)style;
	if (silent(LOCK, value))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((LOCK->attributes & names[i].attribute) != 0)
			value->words[value->word_count++] = names[i].name;
}

GETTER(get_finding)
{
	(void)style;
	value->text = LOCK->finding != NULL ? LOCK->finding : LOCK->why_text;
	if (value->text == NULL)
		value->state = VALUE_NONE;
}

#define JSON COLUMN_JSON
#define CUT COLUMN_TRUNC
#define HIDDEN COLUMN_JSON_ONLY

static const struct column columns[] = {
	{ "REF", "ref", 0, VALUE_REF, JSON | CUT, 0, 0, get_row_ref, "reference of the object" },
	{ "EXACT", "exact", 0, VALUE_REF, JSON, 0, 0, get_row_exact,
	  "reference that is refused once the object is not the same any more" },
	{ "OFFSET", "offset", 0, VALUE_OFFSET, JSON, 0, 0, get_offset,
	  "where in it the lock lies" },
	{ "KIND", "kind", 0, VALUE_TEXT, JSON, 0, 0, get_kind, "mutex, rwlock, cond or sem" },
	{ "STATE", "state", 0, VALUE_TEXT, JSON, 0, 0, get_state,
	  "free, taken, shared (by readers), waited-on (a condition), abandoned, owner-died, "
	  "not-recoverable, none or unknown" },
	{ "OWNER", "owner", 0, VALUE_AWAITED, CUT, 0, 0, get_owner,
	  "who has it: command[pid], or command[pid/tid] of a further thread; (tid): gone" },
	{ "OWNERS", "owners", 0, VALUE_AWAITED, JSON | HIDDEN, 0, 0, get_owners,
	  "all that it may be, each with its evidence" },
	{ "RECORDED-OWNER", "recorded_owner", 0, VALUE_NUMBER, JSON, 0, 0, get_recorded_owner,
	  "the owner's thread as the lock has it: a number of the owner's pid namespace" },
	{ "EVIDENCE", "evidence", 0, VALUE_TEXT, JSON, 0, 0, get_evidence,
	  "how sure that is: kernel (it acts on that number), libc, or last-op (one of several)" },
	{ "COUNT", "count", 0, VALUE_NUMBER, JSON, 0, 0, get_count,
	  "mutex: how often it is locked; rwlock: readers that have it; sem: value" },
	{ "WAITERS", "waiters", 0, VALUE_AMOUNT, JSON, 0, 0, get_waiters,
	  "threads that wait for it; of a mutex those that were seen to, >=: at least" },
	{ "BOUND", "waiters_bound", 0, VALUE_TEXT, JSON, 0, 0, get_bound,
	  "of WAITERS: exact or at-least" },
	{ "WAITING", "waiting", 0, VALUE_AWAITED, CUT, 0, 0, get_waiting,
	  "who was seen to wait: command[pid], +N: N more" },
	{ "ALL-WAITING", "waiting", 0, VALUE_AWAITED, JSON | HIDDEN, 0, 0, get_all_waiting,
	  "all of them" },
	{ "READERS-WAITING", "readers_waiting", 0, VALUE_NUMBER, JSON, 0, 0, get_readers_waiting,
	  "rwlock: those of WAITERS that want to read" },
	{ "WRITERS-WAITING", "writers_waiting", 0, VALUE_NUMBER, JSON, 0, 0, get_writers_waiting,
	  "rwlock: those that want to write" },
	{ "ATTRIBUTES", "attributes", 0, VALUE_WORDS, JSON, 0, 0, get_attributes,
	  "pshared, robust, pi, protect, recursive, errorcheck, adaptive, prefer-writer" },
	{ "FINDING", "finding", 0, VALUE_TEXT, JSON | CUT, 0, 0, get_finding,
	  "what is wrong: an owner that has ended, for example" },
	{ 0 },
};

const struct column_set sync_columns = { .tables = ONE_TABLE(columns) };
