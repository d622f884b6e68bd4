/* SPDX-License-Identifier: MIT */
/* -l and -u: the limits, what is used of them, and what fails when one is reached. */
#include "common/object_columns.h"
#include "common/program.h"
#include "ipcls.h"

#include <stdio.h>
#include <string.h>

#define LIMIT ((const struct ipck_limit *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

GETTER(get_resource)
{
	(void)style;
	value->text = LIMIT->resource;
}

GETTER(get_description)
{
	(void)style;
	value->text = LIMIT->description;
}

GETTER(get_when_exhausted)
{
	(void)style;
	value->text = LIMIT->when_exhausted;
}

/* One column holds counts and bytes; as text each in its own unit. */
static void get_amount(const struct ipck_limit *limit, uint64_t number, const struct style *style,
		       struct value *value)
{
	const struct style plain = { .bytes = style->bytes || limit->unit == IPCK_UNIT_COUNT };

	value->number = number;
	value_text(value, VALUE_SIZE, &plain, value->buffer);
	value->text = value->buffer;
}

GETTER(get_limit)
{
	if (LIMIT->unlimited) {
		value->state = VALUE_NONE;
		value->text = "unlimited";
	} else {
		get_amount(LIMIT, LIMIT->limit, style, value);
	}
}

GETTER(get_used)
{
	if (LIMIT->used_known)
		get_amount(LIMIT, LIMIT->used, style, value);
	else
		value->state = VALUE_NONE;
}

GETTER(get_percent)
{
	(void)style;
	if (LIMIT->used_known && !LIMIT->unlimited)
		value_share(value, LIMIT->used, LIMIT->limit);
	else
		value->state = VALUE_NONE;
}

GETTER(get_unlimited)
{
	(void)style;
	value->number = LIMIT->unlimited;
}

static const struct column limit_columns[] = {
	{ "RESOURCE", "resource", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_resource, "its name" },
	{ "DESCRIPTION", "description", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_description,
	  "what it limits" },
	{ "USED", "used", 0, VALUE_AMOUNT, COLUMN_JSON, 0, 0, get_used, "how much is used" },
	{ "LIMIT", "limit", 0, VALUE_AMOUNT, COLUMN_JSON, 0, 0, get_limit, "the limit" },
	{ "USE%", "percent", 0, VALUE_PERCENT, COLUMN_JSON, 0, 0, get_percent, "share used" },
	{ "UNLIMITED", "unlimited", 0, VALUE_BOOLEAN, COLUMN_JSON | COLUMN_JSON_ONLY, 0, 0,
	  get_unlimited, "the kernel sets no limit" },
	{ "WHEN-EXHAUSTED", "when_exhausted", 0, VALUE_TEXT, COLUMN_JSON | COLUMN_TRUNC, 0, 0,
	  get_when_exhausted, "the call that fails, and how" },
	{ 0 },
};

static const struct column_set limit_set = { .tables = ONE_TABLE(limit_columns) };

/* Kinds that could not be read are named once; asking for one of them by name is then in vain. */
int complain_missing(unsigned missing)
{
	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++)
		if ((missing & kind->kind) != 0)
			complain("%s: not available from this kernel", kind->plural);
	return missing != 0 ? EXIT_PARTIAL : EXIT_DONE;
}

int show_limits(struct ipck *ctx, const struct request *request)
{
	struct ipck_limits *limits;
	struct writer writer;
	struct column_list columns;
	int status;

	if (request->columns != NULL && !column_list_check(&limit_set, request->columns, ~0u))
		return EXIT_USAGE;
	if (ipck_limits_read(ctx, requested_kinds(request), true, &limits) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		return EXIT_USAGE;
	}
	if (request->output.format == OUTPUT_JSON && request->columns == NULL)
		column_list_json(&columns, &limit_set, 0);
	else
		column_list_fill(&columns, &limit_set, request->columns,
				 "RESOURCE,USED,LIMIT,USE%,WHEN-EXHAUSTED", 0);
	writer_open(&writer, &request->output);
	writer_begin(&writer, &columns, "limits");
	for (size_t i = 0; i < ipck_limits_count(limits) && !writer.failed; i++)
		writer_row(&writer, ipck_limits_at(limits, i));
	writer_end(&writer);
	status = complain_missing(ipck_limits_missing(limits));
	ipck_limits_free(limits);
	return writer_close(&writer) ? status : EXIT_USAGE;
}
