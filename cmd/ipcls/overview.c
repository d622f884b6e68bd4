/* SPDX-License-Identifier: MIT */
/*
 * ipcls without arguments: one screen that says how much there is, how near the limits are, and
 * what is wrong, each with the command that shows more.  Scans no process.
 */
#include "overview.h"
#include "common/object_columns.h"
#include "common/program.h"
#include "ipcls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct summary *summary_of(struct summaries *summaries, enum ipck_kind kind)
{
	struct summary *summary = summaries->of;

	while (summary->kind->kind != kind)
		summary++;
	return summary;
}

static uint64_t weight(const struct ipck_object *object)
{
	return object->kind == IPCK_SEM        ? object->sem.nsems
	       : object->kind == IPCK_POSIX_MQ ? object->posix_mq.messages
					       : ipck_object_bytes(object);
}

/* Names are the row's own: the reference is kept as text. */
static void keep_largest(struct summary *summary, const struct ipck_object *object)
{
	struct ipck_ref shown;

	summary->largest_weight = weight(object);
	ipck_object_ref(object, true, &summary->largest);
	ipck_object_ref(object, false, &shown);
	ipck_ref_format(&shown, summary->largest_text, sizeof(summary->largest_text));
}

static void find_wrong(struct summary *summary, const struct ipck_object *object)
{
	switch (object->kind) {
	case IPCK_SHM:
		if (object->shm.nattch == 0) {
			summary->unattached++;
			summary->unattached_bytes += object->shm.size;
		}
		break;
	case IPCK_MSG:
		if (ipck_object_why(object, IPCK_MSG_MAX_BYTES) != 0)
			summary->unseen++;
		else if (object->msg.bytes >= object->msg.max_bytes ||
			 object->msg.messages >= object->msg.max_bytes)
			summary->full++;
		break;
	case IPCK_SEM:
		if (ipck_object_why(object, IPCK_SEM_WAITERS) != 0)
			summary->unseen++;
		summary->waiting += object->sem.waiters;
		summary->waiting_sets += object->sem.waiters > 0;
		break;
	case IPCK_POSIX_MQ:
		summary->full += (object->status & IPCK_STATUS_FULL) != 0;
		break;
	case IPCK_POSIX_SEM:
		summary->waiting += object->posix_sem.waiters;
		summary->waiting_sets += object->posix_sem.waiters > 0;
		break;
	default:
		break;
	}
}

static int count(const struct ipck_object *object, void *data)
{
	struct summary *summary = summary_of(data, object->kind);

	summary->objects++;
	summary->bytes +=
		object->kind == IPCK_POSIX_SHM ? object->posix_shm.rss : ipck_object_bytes(object);
	if (summary->objects == 1 || weight(object) > summary->largest_weight)
		keep_largest(summary, object);
	find_wrong(summary, object);
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
	int result;
	const struct ipck_query query = { .size = sizeof(query),
					  .want = IPCK_WANT_PROCESSES | IPCK_WANT_WAITERS,
					  .refs = &summary->largest,
					  .ref_count = 1,
					  .ref_results = &result };

	if (summary->objects == 0 || (summary->kind->kind & IPCK_SYSV) == 0)
		return; /* of the others nobody is recorded */
	ipck_objects_each(ctx, &query, keep_process, summary); /* gone by now: no process shown */
}

/* ---- The table ---- */

#define ROW ((const struct summary *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

GETTER(get_kind)
{
	(void)style;
	value->text = ipck_kind_name(ROW->kind->kind);
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
	/* Semaphores have none, and those of POSIX queues cost a look that moves their times. */
	if ((ROW->kind->kind & (IPCK_SEM | IPCK_POSIX_MQ | IPCK_POSIX_SEM)) != 0)
		value->state = VALUE_NONE;
}

static const char *role(const struct summary *summary)
{
	if (summary->kind->kind == IPCK_SHM)
		return "created by";
	return summary->kind->kind == IPCK_MSG ? "last sender" : "last op";
}

/* How large the largest is, in what its kind is measured in. */
static void amount_text(const struct summary *summary, const struct style *style, char *buf,
			size_t size)
{
	const char *unit = summary->kind->kind == IPCK_SEM        ? " semaphore"
			   : summary->kind->kind == IPCK_POSIX_MQ ? " message"
								  : NULL;

	if (unit == NULL && !style->bytes)
		ipck_format_size(summary->largest_weight, buf, size);
	else
		snprintf(buf, size, "%llu%s%s", (unsigned long long)summary->largest_weight,
			 unit != NULL ? unit : "",
			 unit != NULL ? overview_plural(summary->largest_weight) : "");
}

GETTER(get_largest)
{
	char amount[48], who[VALUE_TEXT_MAX] = "-";
	const struct value process = { .process = &ROW->who };

	if (ROW->objects == 0 || ROW->kind->kind == IPCK_POSIX_SEM) {
		value->state = VALUE_NONE;
		return;
	}
	amount_text(ROW, style, amount, sizeof(amount));
	if ((ROW->kind->kind & IPCK_SYSV) != 0)
		value_text(&process, VALUE_PROCESS, style, who);
	snprintf(value->buffer, sizeof(value->buffer), "%.4000s %s", ROW->largest_text, amount);
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

/* How many objects of a kind there may be. */
static const struct ipck_limit *objects_limit(const struct ipck_limits *limits, enum ipck_kind kind)
{
	static const struct {
		enum ipck_kind kind;
		const char *resource;
	} names[] = { { IPCK_SHM, "SHMMNI" },
		      { IPCK_MSG, "MSGMNI" },
		      { IPCK_SEM, "SEMMNI" },
		      { IPCK_POSIX_MQ, "fs.mqueue.queues_max" } };

	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
		for (size_t i = 0; names[n].kind == kind && i < ipck_limits_count(limits); i++)
			if (strcmp(ipck_limits_at(limits, i)->resource, names[n].resource) == 0)
				return ipck_limits_at(limits, i);
	return NULL;
}

/* ---- All of it ---- */

static bool print_table(const struct request *request, const struct summaries *summaries)
{
	struct column_list list;
	struct writer writer;

	column_list_fill(&list, &overview_set, NULL, "KIND,OBJECTS,LIMIT,USE%,BYTES,LARGEST", 0);
	writer_open(&writer, &request->output);
	writer_begin(&writer, &list, "overview");
	for (size_t i = 0; i < summaries->count && !writer.failed; i++)
		if (summaries->of[i].listed)
			writer_row(&writer, &summaries->of[i]);
	writer_end(&writer);
	return writer_close(&writer);
}

/* What is read at one go; both kinds of files of /dev/shm together tell whether all have a name. */
static const unsigned groups[] = { IPCK_SHM, IPCK_MSG, IPCK_SEM, IPCK_POSIX_SHM | IPCK_POSIX_SEM,
				   IPCK_POSIX_MQ };

static void count_all(struct ipck *ctx, struct summaries *summaries)
{
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		const struct ipck_query query = { .size = sizeof(query),
						  .kinds = groups[g],
						  .want = IPCK_WANT_WAITERS };
		int rc = ipck_objects_each(ctx, &query, count, summaries);

		if (rc != IPCK_OK)
			complain("%s", ipck_message(ctx));
		for (size_t i = 0; i < summaries->count; i++)
			if ((summaries->of[i].kind->kind & groups[g]) != 0)
				summaries->of[i].listed = rc == IPCK_OK || rc == IPCK_ERR_DENIED;
	}
}

int show_overview(struct ipck *ctx, const struct request *request)
{
	struct summaries *summaries = calloc(1, sizeof(*summaries));
	struct ipck_limits *limits;
	bool good;

	if (summaries == NULL ||
	    ipck_limits_read(ctx, IPCK_SYSV | IPCK_POSIX, IPCK_LIMITS_USED, &limits) != IPCK_OK) {
		complain("%s", summaries == NULL ? "out of memory" : ipck_message(ctx));
		free(summaries);
		return EXIT_USAGE;
	}
	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++)
		if ((kind->kind & (IPCK_SYSV | IPCK_POSIX)) != 0)
			summaries->of[summaries->count++].kind = kind;
	count_all(ctx, summaries);
	for (size_t i = 0; i < summaries->count; i++) {
		struct summary *summary = &summaries->of[i];

		summary->limit = objects_limit(limits, summary->kind->kind);
		look_at_largest(ctx, summary);
	}
	good = print_table(request, summaries);
	print_attention(request, summaries, limits);
	ipck_limits_free(limits);
	free(summaries);
	return good ? EXIT_DONE : EXIT_USAGE;
}
