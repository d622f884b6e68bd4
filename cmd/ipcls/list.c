/* SPDX-License-Identifier: MIT */
/* Lists of objects: one table, or one JSON array, a kind. */
#include "common/object_columns.h"
#include "common/program.h"
#include "ipcls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned requested_kinds(const struct request *request)
{
	unsigned kinds = request->selecting.kinds;

	for (size_t i = 0; i < request->operands.count; i++)
		kinds |= request->operands.refs[i].kind;
	return kinds != 0 ? kinds : IPCK_SYSV;
}

static const char *view_columns(const struct request *request, const struct object_kind *kind)
{
	switch (request->view) {
	case VIEW_TIMES:
		return kind->times;
	case VIEW_PIDS:
		return kind->pids;
	case VIEW_CREATORS:
		return kind->creators;
	default:
		return kind->default_list;
	}
}

/* The columns of one kind: of -o, of the view, or those that JSON always has. */
static void choose_columns(struct column_list *list, const struct request *request,
			   const struct object_kind *kind)
{
	const bool json = request->output.format == OUTPUT_JSON;
	const bool adds = request->columns == NULL || *request->columns == '+';

	if (json && adds) {
		column_list_json(list, &object_columns, kind->kind);
		if (request->columns != NULL)
			column_list_add(list, request->columns + 1, kind->kind);
	} else {
		column_list_fill(list, &object_columns, request->columns,
				 view_columns(request, kind), kind->kind);
	}
	/* The values of a set are part of its page, and of its JSON. */
	if (request->elements || (json && request->columns == NULL && request->operands.count > 0))
		column_list_add(list, "VALUES", kind->kind);
}

/* Elements in JSON carry waiters and last operators too; in text they are only values. */
static unsigned wants(const struct request *request, const struct column_list *columns)
{
	unsigned want = column_list_wants(columns);

	if ((want & IPCK_WANT_ELEMENTS) != 0 && request->output.format == OUTPUT_JSON)
		want |= IPCK_WANT_WAITERS;
	return want;
}

static bool same_hidden(const struct hidden *a, const struct hidden *b)
{
	return a->rows == b->rows && a->why == b->why;
}

/* The names of all columns that were hidden like this one; false if an earlier one said so. */
static bool hidden_names(const struct writer *writer, size_t column, char *names, size_t size)
{
	const struct hidden *hidden = &writer->hidden[column];
	size_t used = 0;

	for (size_t i = 0; i < column; i++)
		if (same_hidden(&writer->hidden[i], hidden))
			return false;
	for (size_t i = column; i < writer->columns.count && used < size; i++)
		if (same_hidden(&writer->hidden[i], hidden))
			used += (size_t)snprintf(names + used, size - used, "%s%s",
						 used > 0 ? ", " : "",
						 writer->columns.columns[i]->name);
	return true;
}

void complain_hidden(const struct writer *writer, const char *plural)
{
	for (size_t i = 0; i < writer->columns.count; i++) {
		const struct hidden *hidden = &writer->hidden[i];
		char names[256];

		if (hidden->rows == 0 || !hidden_names(writer, i, names, sizeof(names)))
			continue;
		complain("%u of %zu %s: %s unknown: %s; %s", hidden->rows, writer->rows, plural,
			 names, ipck_strerror(hidden->why),
			 hidden->why == IPCK_ERR_DENIED    ? "their owner or root would see it"
			 : hidden->why == IPCK_ERR_OUTSIDE ? "seen from the host it is known"
							   : "it needs a whole /proc");
	}
}

/* One kind on its way out.  Begun with its first row, since a kind that cannot be read has none. */
struct section {
	struct writer *writer;
	const struct column_list *columns;
	const char *json_name;
	bool begun;
};

static bool section_begin(struct section *section)
{
	if (section->begun)
		return true;
	section->begun = true;
	return writer_begin(section->writer, section->columns, section->json_name);
}

static int section_row(const struct ipck_object *object, void *data)
{
	struct section *section = data;

	return section_begin(section) && writer_row(section->writer, object) ? IPCK_OK
									     : IPCK_ERR_STOPPED;
}

/* Rows in the order asked for: all are read before the first is written. */
static int sorted(struct ipck *ctx, const struct ipck_query *query, struct section *section,
		  const struct request *request)
{
	struct ipck_objects *objects;
	int rc = ipck_objects_read(ctx, query, &objects), stopped = IPCK_OK;
	size_t count;
	const void **rows;

	if (objects == NULL)
		return rc;
	count = ipck_objects_count(objects);
	rows = calloc(count + 1, sizeof(*rows));
	if (rows == NULL) {
		section->writer->failed = true;
		count = 0;
	}
	for (size_t i = 0; i < count; i++)
		rows[i] = ipck_objects_at(objects, i);
	sort_rows(rows, count, &request->sort, &object_columns, query->kinds,
		  &request->output.style);
	for (size_t i = 0; i < count && stopped == IPCK_OK; i++)
		stopped = section_row(rows[i], section);
	free(rows);
	ipck_objects_free(objects);
	return rc;
}

static int list_kind(struct ipck *ctx, struct request *request, const struct object_kind *kind,
		     struct writer *writer, size_t *undecided)
{
	struct ipck_query query = { .size = sizeof(query),
				    .kinds = kind->kind,
				    .select = request->selecting.selection,
				    .undecided = undecided };
	const struct column *by =
		request->sort.given ? column_find(&object_columns, request->sort.name, kind->kind)
				    : NULL;
	struct column_list columns;
	struct section section = { writer, &columns, kind->json, false };
	int rc;

	choose_columns(&columns, request, kind);
	if (columns.count == 0)
		return EXIT_DONE;
	query.want = wants(request, &columns) | (by != NULL ? by->want : 0);
	rc = by != NULL ? sorted(ctx, &query, &section, request)
			: ipck_objects_each(ctx, &query, section_row, &section);
	if (rc == IPCK_ERR_UNSUPPORTED && !section.begun) {
		writer_null(writer, kind->json);
	} else {
		section_begin(&section);
		writer_end(writer);
		complain_hidden(writer, kind->plural);
	}
	if (writer->failed)
		return EXIT_USAGE;
	if (rc == IPCK_OK)
		return EXIT_DONE;
	complain("%s", ipck_message(ctx));
	/* Some objects out of sight end well; a kind that is not there at all does not. */
	return rc == IPCK_ERR_DENIED ? EXIT_DONE : EXIT_PARTIAL;
}

/* The objects of one kind among those that references named, in their order or sorted. */
static int list_named(struct request *request, const struct object_kind *kind,
		      struct writer *writer, const struct ipck_objects *objects)
{
	const size_t count = ipck_objects_count(objects);
	const void **rows = calloc(count + 1, sizeof(*rows));
	struct column_list columns;
	size_t used = 0;

	choose_columns(&columns, request, kind);
	if (rows == NULL) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < count; i++)
		if (ipck_objects_at(objects, i)->kind == kind->kind)
			rows[used++] = ipck_objects_at(objects, i);
	if (columns.count > 0 && writer_begin(writer, &columns, kind->json)) {
		sort_rows(rows, used, &request->sort, &object_columns, kind->kind,
			  &request->output.style);
		for (size_t i = 0; i < used && writer_row(writer, rows[i]); i++)
			;
		writer_end(writer);
		complain_hidden(writer, kind->plural);
	}
	free(rows);
	return writer->failed ? EXIT_USAGE : EXIT_DONE;
}

static int list_references(struct ipck *ctx, struct request *request, struct writer *writer)
{
	const unsigned kinds = requested_kinds(request);
	struct ipck_query query = { .size = sizeof(query),
				    .select = request->selecting.selection,
				    .refs = request->operands.refs,
				    .ref_count = request->operands.count,
				    .ref_results = request->operands.results };
	struct ipck_objects *objects;
	int status = EXIT_DONE;

	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++) {
		struct column_list columns;

		if ((kinds & kind->kind) == 0)
			continue;
		choose_columns(&columns, request, kind);
		query.want |= wants(request, &columns);
	}
	if (ipck_objects_read(ctx, &query, &objects) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		ipck_objects_free(objects);
		return EXIT_USAGE;
	}
	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++)
		if ((kinds & kind->kind) != 0 && status == EXIT_DONE)
			status = list_named(request, kind, writer, objects);
	ipck_objects_free(objects);
	if (operands_complain(&request->operands) > 0 && status == EXIT_DONE)
		status = EXIT_PARTIAL;
	return status;
}

static int list_kinds(struct ipck *ctx, struct request *request, struct writer *writer)
{
	const struct selecting *selecting = &request->selecting;
	const unsigned kinds = requested_kinds(request);
	size_t undecided = 0;
	int status = EXIT_DONE;

	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++) {
		int result;

		/* A kind that a test is not for is passed over, unless it was asked for. */
		if ((kinds & kind->kind) == 0 ||
		    (selecting->kinds == 0 &&
		     !ipck_selection_applies(&selecting->selection, kind->kind)))
			continue;
		result = list_kind(ctx, request, kind, writer, &undecided);
		if (result > status)
			status = result;
		if (status == EXIT_USAGE)
			break;
	}
	selecting_complain(selecting, undecided);
	return status;
}

int show_lists(struct ipck *ctx, struct request *request)
{
	struct writer writer;
	int status;

	writer_open(&writer, &request->output);
	if (request->operands.count > 0)
		status = list_references(ctx, request, &writer);
	else if (request->operands.from_input)
		status = EXIT_DONE; /* an empty list names nothing, and must not mean everything */
	else
		status = list_kinds(ctx, request, &writer);
	if (!writer_close(&writer))
		status = EXIT_USAGE;
	return status;
}
