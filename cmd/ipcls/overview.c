/* SPDX-License-Identifier: MIT */
/*
 * ipcls without arguments: one screen that says how much there is, how near the limits are, and
 * what is wrong, each with the command that shows more.  Scans no process.
 */
#include "common/object_columns.h"
#include "common/program.h"
#include "ipcls.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What is counted of one kind, in one pass over its objects. */
struct summary {
	const struct object_kind *kind;
	bool listed;
	uint64_t objects, bytes;
	struct ipck_object largest; /* plain fields only; objects == 0: none */
	uint64_t largest_weight;
	struct ipck_operator who; /* creator or last operator of the largest */
	char command[64];
	const struct ipck_limit *limit;
	/* what is wrong */
	uint64_t full, waiting, waiting_sets, unattached, unattached_bytes, unseen;
};

static uint64_t weight(const struct ipck_object *object)
{
	return object->kind == IPCK_SEM ? object->sem.nsems : ipck_object_bytes(object);
}

static int count(const struct ipck_object *object, void *data)
{
	struct summary *summary = data;

	summary->objects++;
	summary->bytes += ipck_object_bytes(object);
	if (summary->objects == 1 || weight(object) > summary->largest_weight) {
		summary->largest = *object;
		summary->largest_weight = weight(object);
	}
	if (object->kind == IPCK_SHM && object->shm.nattch == 0) {
		summary->unattached++;
		summary->unattached_bytes += object->shm.size;
	}
	if (object->kind == IPCK_MSG) {
		if (ipck_object_why(object, IPCK_MSG_MAX_BYTES) != 0)
			summary->unseen++;
		else if (object->msg.bytes >= object->msg.max_bytes ||
			 object->msg.messages >= object->msg.max_bytes)
			summary->full++;
	}
	if (object->kind == IPCK_SEM) {
		if (ipck_object_why(object, IPCK_SEM_WAITERS) != 0)
			summary->unseen++;
		summary->waiting += object->sem.waiters;
		summary->waiting_sets += object->sem.waiters > 0;
	}
	return IPCK_OK;
}

/* The process behind the largest object, which is the only one looked up. */
static int keep_process(const struct ipck_object *object, void *data)
{
	struct summary *summary = data;

	summary->who = object->kind == IPCK_SHM   ? object->shm.creator
		       : object->kind == IPCK_MSG ? object->msg.sender
						  : object->sem.last_operator;
	if (object->kind == IPCK_SEM && ipck_object_why(object, IPCK_SEM_LPID) != 0)
		summary->who.state = IPCK_OPERATOR_NEVER; /* not to be seen: said below the table */
	if (summary->who.command != NULL) {
		snprintf(summary->command, sizeof(summary->command), "%s", summary->who.command);
		summary->who.command = summary->command;
	}
	return IPCK_OK;
}

static void look_at_largest(struct ipck *ctx, struct summary *summary)
{
	struct ipck_ref ref;
	int result;
	const struct ipck_query query = { .size = sizeof(query),
					  .want = IPCK_WANT_PROCESSES | IPCK_WANT_WAITERS,
					  .refs = &ref,
					  .ref_count = 1,
					  .ref_results = &result };

	if (summary->objects == 0)
		return;
	ipck_object_ref(&summary->largest, true, &ref);
	ipck_objects_each(ctx, &query, keep_process, summary); /* gone by now: no process shown */
}

/* ---- The table ---- */

static const char *plural(uint64_t number)
{
	return number == 1 ? "" : "s";
}

#define ROW ((const struct summary *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

GETTER(get_kind)
{
	(void)style;
	value->text = ROW->kind->json;
}

GETTER(get_objects)
{
	(void)style;
	value->number = ROW->objects;
}

GETTER(get_limit)
{
	(void)style;
	if (ROW->limit != NULL && !ROW->limit->unlimited)
		value->number = ROW->limit->limit;
	else
		value->state = VALUE_NONE;
}

GETTER(get_percent)
{
	(void)style;
	if (ROW->limit != NULL && !ROW->limit->unlimited && ROW->limit->used_known)
		value_share(value, ROW->limit->used, ROW->limit->limit);
	else
		value->state = VALUE_NONE;
}

GETTER(get_bytes)
{
	(void)style;
	value->number = ROW->bytes;
	if (ROW->kind->kind == IPCK_SEM)
		value->state = VALUE_NONE;
}

static const char *role(const struct summary *summary)
{
	if (summary->kind->kind == IPCK_SHM)
		return "created by";
	return summary->kind->kind == IPCK_MSG ? "last sender" : "last operator";
}

GETTER(get_largest)
{
	char amount[32], who[VALUE_TEXT_MAX];
	const struct value process = { .process = &ROW->who };

	if (ROW->objects == 0) {
		value->state = VALUE_NONE;
		return;
	}
	if (ROW->kind->kind == IPCK_SEM)
		snprintf(amount, sizeof(amount), "%llu semaphore%s",
			 (unsigned long long)ROW->largest_weight, plural(ROW->largest_weight));
	else if (style->bytes)
		snprintf(amount, sizeof(amount), "%llu", (unsigned long long)ROW->largest_weight);
	else
		ipck_format_size(ROW->largest_weight, amount, sizeof(amount));
	value_text(&process, VALUE_PROCESS, style, who);
	snprintf(value->buffer, sizeof(value->buffer), "%s:%d %s", ROW->kind->json, ROW->largest.id,
		 amount);
	if (strcmp(who, "-") != 0)
		snprintf(value->buffer + strlen(value->buffer),
			 sizeof(value->buffer) - strlen(value->buffer), ", %s %.200s", role(ROW),
			 who);
	value->text = value->buffer;
}

static const struct column columns[] = {
	{ "KIND", "kind", 0, VALUE_TEXT, 0, 0, 0, get_kind, "" },
	{ "OBJECTS", "objects", 0, VALUE_NUMBER, 0, 0, 0, get_objects, "" },
	{ "LIMIT", "limit", 0, VALUE_NUMBER, 0, 0, 0, get_limit, "" },
	{ "USE%", "percent", 0, VALUE_PERCENT, 0, 0, 0, get_percent, "" },
	{ "BYTES", "bytes", 0, VALUE_SIZE, 0, 0, 0, get_bytes, "" },
	{ "LARGEST", "largest", 0, VALUE_REF, COLUMN_TRUNC, 0, 0, get_largest, "" },
	{ 0 },
};

static const struct column_set overview_set = { .tables = ONE_TABLE(columns) };

/* ---- What is wrong ---- */

struct findings {
	const struct request *request;
	size_t count;
};

/* One line: what is wrong, and under it the command that shows more. */
__attribute__((format(printf, 4, 5))) static void finding(struct findings *findings,
							  enum alert alert, const char *command,
							  const char *format, ...)
{
	const bool color = findings->request->output.color;
	va_list args;

	if (findings->count++ == 0)
		printf("\nNeeds attention\n");
	printf("  %s", color ? alert_escape[alert] : "");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("%s\n      %s\n", color ? "\033[0m" : "", command);
}

static void find_in_kind(struct findings *findings, const struct summary *summary)
{
	char bytes[32];

	if (summary->full > 0)
		finding(findings, ALERT_BAD, "ipcls -q --sort FULL:desc",
			"%llu queue%s full: msgsnd waits, or fails: \"Resource temporarily "
			"unavailable\"",
			(unsigned long long)summary->full, summary->full == 1 ? " is" : "s are");
	if (summary->waiting > 0)
		finding(findings, ALERT_NOTICE, "ipcls -s --sort WAITING:desc",
			"%llu thread%s wait%s on %llu semaphore set%s",
			(unsigned long long)summary->waiting, plural(summary->waiting),
			summary->waiting == 1 ? "s" : "", (unsigned long long)summary->waiting_sets,
			plural(summary->waiting_sets));
	if (summary->unattached > 0) {
		ipck_format_size(summary->unattached_bytes, bytes, sizeof(bytes));
		finding(findings, ALERT_NOTICE, "ipcls -m --unattached",
			"%llu segment%s (%s) that nobody is attached to",
			(unsigned long long)summary->unattached, plural(summary->unattached),
			bytes);
	}
	if (summary->unseen > 0)
		finding(findings, ALERT_NONE,
			summary->kind->kind == IPCK_MSG ? "sudo ipcls -q" : "sudo ipcls -s",
			"%llu %s%s may hide %s: permission denied",
			(unsigned long long)summary->unseen, ipck_kind_title(summary->kind->kind),
			plural(summary->unseen),
			summary->kind->kind == IPCK_MSG ? "that they are full" : "waiters");
}

/* "shmget fails: ENOSPC ..." is said of limits that are reached, or nearly. */
static void find_limits(struct findings *findings, const struct ipck_limits *limits)
{
	for (size_t i = 0; i < ipck_limits_count(limits); i++) {
		const struct ipck_limit *limit = ipck_limits_at(limits, i);
		struct value share;

		if (!limit->used_known || limit->unlimited)
			continue;
		value_share(&share, limit->used, limit->limit);
		if (share.alert != ALERT_NONE)
			finding(findings, share.alert, "ipcls -l", "%s (%s) %s%llu%%%s: %s",
				limit->resource, limit->description,
				share.alert == ALERT_BAD ? "is reached, " : "is at ",
				(unsigned long long)(share.number / 10),
				share.alert == ALERT_BAD ? "" : "; when it is reached",
				limit->when_exhausted);
	}
}

/* How many objects of a kind there may be. */
static const struct ipck_limit *objects_limit(const struct ipck_limits *limits, enum ipck_kind kind)
{
	const char *resource = kind == IPCK_SHM ? "SHMMNI" : kind == IPCK_MSG ? "MSGMNI" : "SEMMNI";

	for (size_t i = 0; i < ipck_limits_count(limits); i++)
		if (strcmp(ipck_limits_at(limits, i)->resource, resource) == 0)
			return ipck_limits_at(limits, i);
	return NULL;
}

static bool print_table(const struct request *request, const struct summary *summaries, size_t n)
{
	struct column_list list;
	struct writer writer;

	column_list_fill(&list, &overview_set, NULL, "KIND,OBJECTS,LIMIT,USE%,BYTES,LARGEST", 0);
	writer_open(&writer, &request->output);
	writer_begin(&writer, &list, "overview");
	for (size_t i = 0; i < n && !writer.failed; i++)
		if (summaries[i].listed)
			writer_row(&writer, &summaries[i]);
	writer_end(&writer);
	return writer_close(&writer);
}

int show_overview(struct ipck *ctx, const struct request *request)
{
	struct summary summaries[4] = { 0 };
	struct findings findings = { .request = request };
	struct ipck_limits *limits;
	size_t n = 0;
	bool good;

	if (ipck_limits_read(ctx, IPCK_SYSV, true, &limits) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		return EXIT_USAGE;
	}
	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++, n++) {
		struct ipck_query query = { .size = sizeof(query),
					    .kinds = kind->kind,
					    .want = IPCK_WANT_WAITERS };
		int rc;

		summaries[n].kind = kind;
		rc = ipck_objects_each(ctx, &query, count, &summaries[n]);
		summaries[n].listed = rc == IPCK_OK || rc == IPCK_ERR_DENIED;
		summaries[n].limit = objects_limit(limits, kind->kind);
		if (rc != IPCK_OK)
			complain("%s", ipck_message(ctx));
		look_at_largest(ctx, &summaries[n]);
	}
	good = print_table(request, summaries, n);
	find_limits(&findings, limits);
	for (size_t i = 0; i < n; i++)
		find_in_kind(&findings, &summaries[i]);
	ipck_limits_free(limits);
	return good ? EXIT_DONE : EXIT_USAGE;
}
