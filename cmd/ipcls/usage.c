/* SPDX-License-Identifier: MIT */
/* -u: the kernel's own totals, beside the limits they count against. */
#include "common/object_columns.h"
#include "common/program.h"
#include "ipcls.h"

#include <string.h>

struct total {
	enum ipck_kind kind;
	const char *name;
	bool bytes;
	size_t offset;        /* into struct ipck_usage */
	const char *resource; /* the limit it counts against; NULL: none */
	bool in_memory;       /* rss and swap, which may be unknown where the rest is not */
};

static const struct total totals[] = {
	{ IPCK_SHM, "segments", false, offsetof(struct ipck_usage, shm.segments), "SHMMNI", false },
	{ IPCK_SHM, "bytes", true, offsetof(struct ipck_usage, shm.bytes), "SHMALL", false },
	{ IPCK_SHM, "rss", true, offsetof(struct ipck_usage, shm.rss), NULL, true },
	{ IPCK_SHM, "swap", true, offsetof(struct ipck_usage, shm.swap), NULL, true },
	{ IPCK_MSG, "queues", false, offsetof(struct ipck_usage, msg.queues), "MSGMNI", false },
	{ IPCK_MSG, "messages", false, offsetof(struct ipck_usage, msg.messages), NULL, false },
	{ IPCK_MSG, "bytes", true, offsetof(struct ipck_usage, msg.bytes), NULL, false },
	{ IPCK_SEM, "sets", false, offsetof(struct ipck_usage, sem.sets), "SEMMNI", false },
	{ IPCK_SEM, "semaphores", false, offsetof(struct ipck_usage, sem.semaphores), "SEMMNS",
	  false },
};

struct usage_row {
	const struct total *total;
	uint64_t used;
	const struct ipck_limit *limit; /* NULL: none */
	bool known;
};

#define ROW ((const struct usage_row *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

GETTER(get_kind)
{
	(void)style;
	value->text = ipck_kind_name(ROW->total->kind);
}

GETTER(get_total)
{
	(void)style;
	value->text = ROW->total->name;
}

static void get_amount(const struct usage_row *row, uint64_t number, const struct style *style,
		       struct value *value)
{
	const struct style plain = { .bytes = style->bytes || !row->total->bytes };

	value->number = number;
	value_text(value, VALUE_SIZE, &plain, value->buffer);
	value->text = value->buffer;
}

GETTER(get_used)
{
	if (ROW->known)
		get_amount(ROW, ROW->used, style, value);
	else
		value->state = VALUE_UNKNOWN;
	value->why = ROW->known ? IPCK_OK : IPCK_ERR_UNSUPPORTED;
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
	if (ROW->limit != NULL && !ROW->limit->unlimited)
		value_share(value, ROW->used, ROW->limit->limit);
	else
		value->state = VALUE_NONE;
}

GETTER(get_unlimited)
{
	(void)style;
	value->number = ROW->limit != NULL && ROW->limit->unlimited;
}

static const struct column columns[] = {
	{ "KIND", "kind", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_kind, "shm, msg or sem" },
	{ "TOTAL", "total", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_total, "what is counted" },
	{ "USED", "used", 0, VALUE_AMOUNT, COLUMN_JSON, 0, 0, get_used, "how much there is" },
	{ "LIMIT", "limit", 0, VALUE_AMOUNT, COLUMN_JSON, 0, 0, get_limit,
	  "the limit it counts against" },
	{ "USE%", "percent", 0, VALUE_PERCENT, COLUMN_JSON, 0, 0, get_percent, "share used" },
	{ "UNLIMITED", "unlimited", 0, VALUE_BOOLEAN, COLUMN_JSON | COLUMN_JSON_ONLY, 0, 0,
	  get_unlimited, "the kernel sets no limit" },
	{ 0 },
};

static const struct column_set usage_set = { .tables = ONE_TABLE(columns) };

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
		struct usage_row row = { &totals[i], 0, limit_of(limits, totals[i].resource),
					 usage->shm.rss_known || !totals[i].in_memory };

		if ((usage->known & totals[i].kind) == 0)
			continue;
		memcpy(&row.used, (const char *)usage + totals[i].offset, sizeof(row.used));
		writer_row(writer, &row);
	}
}

int show_usage(struct ipck *ctx, const struct request *request)
{
	struct ipck_usage usage = { .size = sizeof(usage) };
	struct ipck_limits *limits;
	struct column_list list;
	struct writer writer;
	int status;

	if (request->columns != NULL && !column_list_check(&usage_set, request->columns, ~0u))
		return EXIT_USAGE;
	if (ipck_usage_read(ctx, requested_kinds(request), &usage) != IPCK_OK ||
	    ipck_limits_read(ctx, requested_kinds(request), true, &limits) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		return EXIT_USAGE;
	}
	if (request->output.format == OUTPUT_JSON && request->columns == NULL)
		column_list_json(&list, &usage_set, 0);
	else
		column_list_fill(&list, &usage_set, request->columns, "KIND,TOTAL,USED,LIMIT,USE%",
				 0);
	writer_open(&writer, &request->output);
	writer_begin(&writer, &list, "usage");
	write_totals(&writer, &usage, limits);
	writer_end(&writer);
	ipck_limits_free(limits);
	status = complain_missing(requested_kinds(request) & ~usage.known);
	return writer_close(&writer) ? status : EXIT_USAGE;
}
