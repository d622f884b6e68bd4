/* SPDX-License-Identifier: MIT */
/* --blocked: which threads wait, for what, and on whom. */
#include "blocked.h"
#include "common/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_COLUMNS "WAITER,SINCE,CALL,OBJECT,HELD-BY,EVIDENCE"

/* What is asked, and what came back. */
struct asking {
	struct ipck *ctx;
	struct request *request;
	struct column_list columns;
	unsigned want; /* IPCK_WAITS_*, BLOCKED_EACH */
	struct ipck_objects *objects;
	const struct ipck_object **wanted; /* of objects; NULL: any */
	struct ipck_ref *closed;           /* FIFOs that nobody has open */
	size_t closed_count;
	struct ipck_waits *waits;
	struct ipck_coverage coverage;
	size_t denied;
	int status;
};

static void choose_columns(struct asking *asking)
{
	const struct request *request = asking->request;
	const bool adds = request->columns == NULL || *request->columns == '+';
	const bool json = request->output.format == OUTPUT_JSON;
	const struct column *by =
		request->sort.given ? column_find(&blocked_columns, request->sort.name, 0) : NULL;

	if (json && adds) {
		column_list_json(&asking->columns, &blocked_columns, 0);
		if (request->columns != NULL)
			column_list_add(&asking->columns, request->columns + 1, 0);
	} else {
		column_list_fill(&asking->columns, &blocked_columns, request->columns,
				 DEFAULT_COLUMNS, 0);
	}
	/* the longest come first */
	asking->want = column_list_wants(&asking->columns) | IPCK_WAITS_SINCE |
		       (by != NULL ? by->want : 0u) | (request->all ? IPCK_WAITS_IDLE : 0u) |
		       (request->user_given ? IPCK_WAITS_USERS : 0u) |
		       (request->each || json ? BLOCKED_EACH : 0u);
	if ((asking->want & BLOCKED_EACH) == 0) /* who waits for others does not wait alike */
		asking->want |= IPCK_WAITS_WHOM;
}

/* The objects that were named, as they are now. */
static bool read_objects(struct asking *asking)
{
	struct operands *operands = &asking->request->operands;
	const struct ipck_query query = { .size = sizeof(query),
					  .refs = operands->refs,
					  .ref_count = operands->count,
					  .ref_results = operands->results };
	size_t count = 0;

	if (operands->count > 0 &&
	    ipck_objects_read(asking->ctx, &query, &asking->objects) != IPCK_OK) {
		complain("%s", ipck_message(asking->ctx));
		return false;
	}
	if (asking->objects != NULL)
		count = ipck_objects_count(asking->objects);
	asking->wanted = calloc(count + 1, sizeof(const struct ipck_object *));
	for (size_t i = 0; asking->wanted != NULL && i < count; i++)
		asking->wanted[i] = ipck_objects_at(asking->objects, i);
	asking->closed = calloc(operands->count + 1, sizeof(*asking->closed));
	for (size_t i = 0; asking->closed != NULL && i < operands->count; i++)
		if (operands->results[i] == IPCK_ERR_NOT_FOUND &&
		    operands->refs[i].kind == IPCK_FIFO && !operands->refs[i].exact)
			asking->closed[asking->closed_count++] = operands->refs[i];
	if (asking->wanted == NULL || asking->closed == NULL)
		complain("out of memory");
	return asking->wanted != NULL && asking->closed != NULL;
}

/* Those that somebody waits to open are there. */
static void note_waited_for(struct asking *asking)
{
	struct operands *operands = &asking->request->operands;
	const struct ipck_wait *wait;

	for (size_t i = 0; (wait = ipck_waits_at(asking->waits, i)) != NULL; i++) {
		struct ipck_ref ref;

		if (asking->closed_count == 0 || wait->kind != IPCK_FIFO ||
		    ipck_ref_parse(wait->ref, &ref) != IPCK_OK)
			continue;
		for (size_t j = 0; j < operands->count; j++)
			if (operands->refs[j].kind == IPCK_FIFO && !operands->refs[j].exact &&
			    strcmp(operands->refs[j].name, ref.name) == 0)
				operands->results[j] = IPCK_OK;
	}
}

static int read_waits(struct asking *asking)
{
	const struct request *request = asking->request;
	const struct ipck_waits_query query = {
		.size = sizeof(query),
		.want = asking->want & ~BLOCKED_EACH,
		.pid = request->selecting.selection.used_by,
		.longer_than = request->longer_than,
		.objects = asking->wanted,
		.object_count = asking->objects != NULL ? ipck_objects_count(asking->objects) : 0,
		.refs = asking->closed,
		.ref_count = asking->closed_count,
		.coverage = &asking->coverage,
		.threads_denied = &asking->denied,
	};
	const int rc = ipck_waits_read(asking->ctx, &query, &asking->waits);

	if (rc == IPCK_OK) {
		note_waited_for(asking);
		return EXIT_DONE;
	}
	complain("%s", ipck_message(asking->ctx));
	/* a process that was named is not there, or not to be seen */
	return query.pid != 0 && (rc == IPCK_ERR_NOT_FOUND || rc == IPCK_ERR_DENIED) ? EXIT_PARTIAL
										     : EXIT_USAGE;
}

/* ---- Output ---- */

static bool has_column(const struct column_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->columns[i] == column_find(&blocked_columns, name, 0))
			return true;
	return false;
}

/* What is wrong has no room in the table, and is not to be lost: a line each below it. */
static void print_findings(const struct asking *asking, const struct blocked_row *const *rows,
			   size_t count)
{
	const struct column *waiter = column_find(&blocked_columns, "WAITER", 0);
	const struct column *object = column_find(&blocked_columns, "OBJECT", 0);
	const struct style *style = &asking->request->output.style;
	bool first = true;

	for (size_t i = 0; i < count; i++) {
		char text[VALUE_TEXT_MAX];
		struct value value;

		if (rows[i]->wait->finding == NULL)
			continue;
		column_value(&blocked_columns, waiter, rows[i], style, &value);
		value_text(&value, VALUE_TEXT, style, text);
		printf("%s%s: ", first ? "\n" : "", text);
		column_value(&blocked_columns, object, rows[i], style, &value);
		value_text(&value, VALUE_TEXT, style, text);
		printf("%s: ", text);
		ipck_sanitise(rows[i]->wait->finding, text, sizeof(text));
		puts(text);
		first = false;
	}
}

static const char *reason_of(const struct ipck_wait *wait)
{
	if (wait->why == 0 || (wait->object != NULL && wait->awaited_count > 0))
		return NULL;
	return wait->why_text != NULL ? wait->why_text : ipck_strerror(wait->why);
}

/* Why there are question marks: a line for each reason. */
static void complain_reasons(const struct blocked_rows *made)
{
	size_t all = 0;

	for (size_t i = 0; i < made->count; i++)
		all += made->rows[i].threads;
	for (size_t i = 0; i < made->count; i++) {
		const char *reason = reason_of(made->rows[i].wait), *other;
		size_t before = 0, count = 0;

		for (size_t j = 0; reason != NULL && j < made->count; j++) {
			other = reason_of(made->rows[j].wait);
			if (other == NULL || strcmp(other, reason) != 0)
				continue;
			before += j < i;
			count += made->rows[j].threads;
			if (before > 0)
				break;
		}
		if (reason != NULL && before == 0)
			complain("%zu of %zu waits are not known in full: %s", count, all, reason);
	}
}

static bool write_rows(struct asking *asking)
{
	const struct request *request = asking->request;
	const bool table = request->output.format == OUTPUT_TABLE && request->output.headings;
	struct blocked_rows made = { 0 };
	const void **rows = NULL;
	struct writer writer;
	bool good;

	writer_open(&writer, &request->output);
	good = writer_begin(&writer, &asking->columns, "blocked") &&
	       blocked_rows_make(&made, asking->waits, request, NULL,
				 (asking->want & BLOCKED_EACH) != 0);
	if (good)
		rows = calloc(made.count + 1, sizeof(*rows));
	writer.failed |= rows == NULL;
	for (size_t i = 0; rows != NULL && i < made.count; i++)
		rows[i] = &made.rows[i];
	if (rows != NULL)
		sort_rows(rows, made.count, &request->sort, &blocked_columns, 0,
			  &request->output.style);
	for (size_t i = 0; rows != NULL && i < made.count && !writer.failed; i++)
		writer_row(&writer, rows[i]);
	writer_end(&writer);
	if (rows != NULL && table && !has_column(&asking->columns, "FINDING"))
		print_findings(asking, (const struct blocked_row *const *)rows, made.count);
	good = writer_close(&writer);
	if (rows != NULL)
		complain_reasons(&made);
	free(rows);
	blocked_rows_free(&made);
	return good;
}

static int show_asked(struct asking *asking)
{
	struct request *request = asking->request;
	const bool named = request->operands.count > 0 || request->operands.from_input;
	int status;

	if (named && !read_objects(asking))
		return EXIT_USAGE;
	status = read_waits(asking);
	if (status != EXIT_DONE)
		return status;
	if (!write_rows(asking))
		return EXIT_USAGE;
	complain_uninspected(asking->denied, &asking->coverage);
	return operands_complain(&request->operands) > 0 ? EXIT_PARTIAL : EXIT_DONE;
}

int show_blocked(struct ipck *ctx, struct request *request)
{
	struct asking asking = { .ctx = ctx,
				 .request = request,
				 .coverage = { .size = sizeof(asking.coverage) } };
	int status;

	choose_columns(&asking);
	status = show_asked(&asking);
	ipck_waits_free(asking.waits);
	ipck_objects_free(asking.objects);
	free(asking.wanted);
	free(asking.closed);
	return status;
}
