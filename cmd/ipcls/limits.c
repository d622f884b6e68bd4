/* SPDX-License-Identifier: MIT */
/*
 * -l and -u: limits with what is used of them and what fails when one is reached, and totals with
 * the limits they count against.  Both are rows of one sort: a number, and maybe a limit.
 */
#include "common/object_columns.h"
#include "common/program.h"
#include "ipcls.h"

#include <stdio.h>
#include <string.h>

/* One number, and what it is measured against. */
struct measure {
	const char *name;
	const char *kind; /* totals */
	enum ipck_unit unit;
	enum value_state state; /* of used */
	int why;                /* VALUE_UNKNOWN */
	uint64_t used;
	const struct ipck_limit *limit; /* NULL: none */
};

#define ROW ((const struct measure *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

GETTER(get_kind)
{
	(void)style;
	value->text = ROW->kind;
}

GETTER(get_name)
{
	(void)style;
	value->text = ROW->name;
}

GETTER(get_description)
{
	(void)style;
	value->text = ROW->limit->description;
}

GETTER(get_when_exhausted)
{
	(void)style;
	value->text = ROW->limit->when_exhausted;
}

/* One column holds counts and bytes; as text each in its own unit. */
static void get_amount(const struct measure *measure, uint64_t number, const struct style *style,
		       struct value *value)
{
	const struct style plain = { .bytes = style->bytes || measure->unit == IPCK_UNIT_COUNT };

	value->number = number;
	value_text(value, VALUE_SIZE, &plain, value->buffer);
	value->text = value->buffer;
}

GETTER(get_used)
{
	if (ROW->state == VALUE_SET)
		get_amount(ROW, ROW->used, style, value);
	value->state = ROW->state;
	value->why = ROW->why;
}

GETTER(get_limit)
{
	if (ROW->limit != NULL && !ROW->limit->unlimited) {
		get_amount(ROW, ROW->limit->limit, style, value);
	} else {
		value->state = VALUE_NONE;
		value->text = ROW->limit != NULL ? "unlimited" : NULL;
	}
}

GETTER(get_percent)
{
	(void)style;
	if (ROW->state == VALUE_SET && ROW->limit != NULL && !ROW->limit->unlimited)
		value_share(value, ROW->used, ROW->limit->limit);
	else
		value->state = VALUE_NONE;
}

GETTER(get_unlimited)
{
	(void)style;
	value->number = ROW->limit != NULL && ROW->limit->unlimited;
}

#define UNLIMITED                                                                                  \
	{                                                                                          \
		"UNLIMITED", "unlimited", 0, VALUE_BOOLEAN, COLUMN_JSON | COLUMN_JSON_ONLY, 0, 0,  \
			get_unlimited, "the kernel sets no limit"                                  \
	}

static const struct column limit_columns[] = {
	{ "RESOURCE", "resource", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_name, "its name" },
	{ "DESCRIPTION", "description", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_description,
	  "what it limits" },
	{ "USED", "used", 0, VALUE_AMOUNT, COLUMN_JSON, 0, 0, get_used, "how much is used" },
	{ "LIMIT", "limit", 0, VALUE_AMOUNT, COLUMN_JSON, 0, 0, get_limit, "the limit" },
	{ "USE%", "percent", 0, VALUE_PERCENT, COLUMN_JSON, 0, 0, get_percent, "share used" },
	UNLIMITED,
	{ "WHEN-EXHAUSTED", "when_exhausted", 0, VALUE_TEXT, COLUMN_JSON | COLUMN_TRUNC, 0, 0,
	  get_when_exhausted, "the call that fails, and how" },
	{ 0 },
};

static const struct column usage_columns[] = {
	{ "KIND", "kind", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_kind, "as in a reference" },
	{ "TOTAL", "total", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_name, "what is counted" },
	{ "USED", "used", 0, VALUE_AMOUNT, COLUMN_JSON, 0, 0, get_used, "how much there is" },
	{ "LIMIT", "limit", 0, VALUE_AMOUNT, COLUMN_JSON, 0, 0, get_limit,
	  "the limit it counts against" },
	{ "USE%", "percent", 0, VALUE_PERCENT, COLUMN_JSON, 0, 0, get_percent, "share used" },
	UNLIMITED,
	{ 0 },
};

static const struct column_set limit_set = { .tables = ONE_TABLE(limit_columns) };
static const struct column_set usage_set = { .tables = ONE_TABLE(usage_columns) };

/* ---- What both views do ---- */

/* Those asked for, or all that have limits and totals.  0: complained of. */
static unsigned measured_kinds(const struct request *request)
{
	const unsigned all = IPCK_SYSV | IPCK_POSIX;
	const unsigned kinds = request->selecting.kinds != 0 ? request->selecting.kinds : all;

	if ((kinds & all) == 0)
		complain("-l and -u are of System V and POSIX objects: leave out the other kinds");
	return kinds & all;
}

void table_columns(struct column_list *list, const struct request *request,
		   const struct column_set *set, const char *base)
{
	if (request->output.format == OUTPUT_JSON && request->columns == NULL)
		column_list_json(list, set, 0);
	else
		column_list_fill(list, set, request->columns, base, 0);
}

/*
 * Kinds that could not be read are named once; asking for one of them by name is then in vain.
 * A machine without a /dev/shm is not at fault, one without System V IPC is.
 */
static int complain_missing(const struct request *request, unsigned missing)
{
	const unsigned needed = request->selecting.kinds | IPCK_SYSV;

	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++)
		if ((missing & kind->kind) != 0)
			complain("%s: not available from this kernel", kind->plural);
	return (missing & needed) != 0 ? EXIT_PARTIAL : EXIT_DONE;
}

static void complain_partial(unsigned partial)
{
	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++)
		if ((partial & kind->kind) != 0)
			complain("%s: not all could be seen: permission denied; as root all are",
				 kind->plural);
}

/* ---- Limits ---- */

int show_limits(struct ipck *ctx, const struct request *request)
{
	const unsigned kinds = measured_kinds(request);
	struct ipck_limits *limits;
	struct writer writer;
	struct column_list columns;
	int status;

	if (kinds == 0)
		return EXIT_USAGE;
	if (request->columns != NULL && !column_list_check(&limit_set, request->columns, ~0u))
		return EXIT_USAGE;
	if (ipck_limits_read(ctx, kinds, IPCK_LIMITS_USED | IPCK_LIMITS_EACH, &limits) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		return EXIT_USAGE;
	}
	table_columns(&columns, request, &limit_set, "RESOURCE,USED,LIMIT,USE%,WHEN-EXHAUSTED");
	writer_open(&writer, &request->output);
	writer_begin(&writer, &columns, "limits");
	for (size_t i = 0; i < ipck_limits_count(limits) && !writer.failed; i++) {
		const struct ipck_limit *limit = ipck_limits_at(limits, i);
		const struct measure row = { .name = limit->resource,
					     .unit = limit->unit,
					     .state = limit->used_known ? VALUE_SET : VALUE_NONE,
					     .used = limit->used,
					     .limit = limit };

		writer_row(&writer, &row);
	}
	writer_end(&writer);
	status = complain_missing(request, ipck_limits_missing(limits));
	ipck_limits_free(limits);
	return writer_close(&writer) ? status : EXIT_USAGE;
}

/* ---- Totals ---- */

struct total {
	enum ipck_kind kind;
	const char *name;
	enum ipck_unit unit;
	size_t offset;        /* into struct ipck_usage */
	const char *resource; /* the limit it counts against; NULL: none */
	size_t known;         /* offset of a bool, where it may be unknown though its kind is not */
};

#define USAGE(member) offsetof(struct ipck_usage, member)

static const struct total totals[] = {
	{ IPCK_SHM, "segments", IPCK_UNIT_COUNT, USAGE(shm.segments), "SHMMNI", 0 },
	{ IPCK_SHM, "bytes", IPCK_UNIT_BYTES, USAGE(shm.bytes), "SHMALL", 0 },
	{ IPCK_SHM, "rss", IPCK_UNIT_BYTES, USAGE(shm.rss), NULL, USAGE(shm.rss_known) },
	{ IPCK_SHM, "swap", IPCK_UNIT_BYTES, USAGE(shm.swap), NULL, USAGE(shm.rss_known) },
	{ IPCK_MSG, "queues", IPCK_UNIT_COUNT, USAGE(msg.queues), "MSGMNI", 0 },
	{ IPCK_MSG, "messages", IPCK_UNIT_COUNT, USAGE(msg.messages), NULL, 0 },
	{ IPCK_MSG, "bytes", IPCK_UNIT_BYTES, USAGE(msg.bytes), NULL, 0 },
	{ IPCK_SEM, "sets", IPCK_UNIT_COUNT, USAGE(sem.sets), "SEMMNI", 0 },
	{ IPCK_SEM, "semaphores", IPCK_UNIT_COUNT, USAGE(sem.semaphores), "SEMMNS", 0 },
	{ IPCK_POSIX_SHM, "objects", IPCK_UNIT_COUNT, USAGE(posix_shm.objects), NULL, 0 },
	{ IPCK_POSIX_SHM, "bytes", IPCK_UNIT_BYTES, USAGE(posix_shm.bytes), "/dev/shm", 0 },
	{ IPCK_POSIX_MQ, "queues", IPCK_UNIT_COUNT, USAGE(posix_mq.queues), "fs.mqueue.queues_max",
	  0 },
	{ IPCK_POSIX_MQ, "messages", IPCK_UNIT_COUNT, USAGE(posix_mq.messages), NULL,
	  USAGE(posix_mq.messages_known) },
	{ IPCK_POSIX_SEM, "objects", IPCK_UNIT_COUNT, USAGE(posix_sem.objects), NULL, 0 },
};

static const struct ipck_limit *limit_of(const struct ipck_limits *limits, const char *resource)
{
	for (size_t i = 0; resource != NULL && i < ipck_limits_count(limits); i++)
		if (strcmp(ipck_limits_at(limits, i)->resource, resource) == 0)
			return ipck_limits_at(limits, i);
	return NULL;
}

static void write_totals(struct writer *writer, const struct ipck_usage *usage,
			 const struct ipck_limits *limits)
{
	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]) && !writer->failed; i++) {
		const struct total *total = &totals[i];
		const char *base = (const char *)usage;
		struct measure row = { .name = total->name,
				       .kind = ipck_kind_name(total->kind),
				       .unit = total->unit,
				       .limit = limit_of(limits, total->resource) };

		if ((usage->known & total->kind) == 0)
			continue;
		if (total->known != 0 && !*(const bool *)(base + total->known)) {
			row.state = VALUE_UNKNOWN;
			row.why = total->kind == IPCK_POSIX_MQ ? IPCK_ERR_DENIED
							       : IPCK_ERR_UNSUPPORTED;
		}
		memcpy(&row.used, base + total->offset, sizeof(row.used));
		writer_row(writer, &row);
	}
}

/* -o names columns of one of the two tables; the other is then left out. */
static bool names_shmem(const struct request *request)
{
	const char *text = request->columns;
	char name[32];

	if (text == NULL)
		return false;
	text += *text == '+';
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, ","), text);
	return column_find(&shmem_columns, name, ~0u) != NULL;
}

static bool write_usage(struct ipck *ctx, const struct request *request, unsigned kinds,
			struct writer *writer, int *status)
{
	struct ipck_usage usage = { .size = sizeof(usage) };
	struct ipck_limits *limits;
	struct column_list list;

	if (ipck_usage_read(ctx, kinds, &usage) != IPCK_OK ||
	    ipck_limits_read(ctx, kinds, 0, &limits) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		return false;
	}
	table_columns(&list, request, &usage_set, "KIND,TOTAL,USED,LIMIT,USE%");
	writer_begin(writer, &list, "usage");
	write_totals(writer, &usage, limits);
	writer_end(writer);
	ipck_limits_free(limits);
	complain_partial(usage.partial);
	*status = complain_missing(request, kinds & ~usage.known);
	return true;
}

int show_usage(struct ipck *ctx, const struct request *request)
{
	const bool only_shmem = names_shmem(request);
	const bool shmem =
		only_shmem || (request->columns == NULL && request->selecting.kinds == 0);
	const unsigned kinds = measured_kinds(request);
	struct writer writer;
	int status = EXIT_DONE;

	if (kinds == 0)
		return EXIT_USAGE;
	if (request->columns != NULL &&
	    !column_list_check(only_shmem ? &shmem_columns : &usage_set, request->columns, ~0u))
		return EXIT_USAGE;
	writer_open(&writer, &request->output);
	if (!only_shmem && !write_usage(ctx, request, kinds, &writer, &status))
		return EXIT_USAGE;
	if (shmem && !write_shmem(ctx, request, &writer)) {
		writer_null(&writer, "shmem");
		status = EXIT_PARTIAL;
	}
	return writer_close(&writer) ? status : EXIT_USAGE;
}
