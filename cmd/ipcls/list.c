/* SPDX-License-Identifier: MIT */
/* Lists of objects: one table, or one JSON array, a kind. */
#include "common/hidden.h"
#include "common/object_columns.h"
#include "common/program.h"
#include "ipcls.h"
#include "waiters.h"

#include <stdlib.h>
#include <string.h>

/* A listing in progress. */
struct listing {
	struct ipck *ctx;
	struct request *request;
	struct writer writer;
	size_t undecided;
	struct ipck_coverage coverage;
	/* Objects that are read together, since the processes are scanned once for all of them. */
	struct ipck_objects *objects;
	int rc; /* of that */
	bool read;
};

/* Rows of one table: of one kind, or of all kinds of endpoints. */
struct section {
	struct listing *listing;
	const struct object_kind *kind;
	unsigned kinds;
	struct column_list columns;
	bool begun;
};

/*
 * The sections in the order of output, one a call; false: no more.  Tables show all kinds of
 * endpoints as one; JSON has an array for each.
 */
static bool next_section(struct section *section, const struct object_kind **next, unsigned kinds)
{
	const struct request *request = section->listing->request;
	const unsigned endpoints = kinds & IPCK_ENDPOINTS;
	const bool joint =
		request->output.format != OUTPUT_JSON && (endpoints & (endpoints - 1)) != 0;

	for (; (*next)->kind != 0; ++*next) {
		if ((kinds & (*next)->kind) == 0)
			continue;
		section->kind = *next;
		section->kinds = (*next)->kind;
		section->begun = false;
		if (joint && ((*next)->kind & IPCK_ENDPOINTS) != 0) {
			section->kind = &all_endpoints;
			section->kinds = endpoints;
			while ((*next)->kind != 0) /* they are the last */
				++*next;
		} else {
			++*next;
		}
		requested_columns(&section->columns, request, section->kind, section->kinds);
		if (section->columns.count > 0)
			return true;
	}
	return false;
}

/* Begun with its first row, since a kind that cannot be read has none. */
static bool section_begin(struct section *section)
{
	if (section->begun)
		return true;
	section->begun = true;
	return writer_begin(&section->listing->writer, &section->columns, section->kind->json);
}

static int section_row(const struct ipck_object *object, void *data)
{
	struct section *section = data;

	return section_begin(section) && writer_row(&section->listing->writer, object)
		       ? IPCK_OK
		       : IPCK_ERR_STOPPED;
}

static void section_end(struct section *section)
{
	struct writer *writer = &section->listing->writer;

	section_begin(section);
	writer_end(writer);
	complain_hidden(writer, section->kind->plural);
}

/* The rows of a section among objects that were read, sorted if that was asked for. */
static void section_rows(struct section *section, const struct ipck_objects *objects)
{
	const struct request *request = section->listing->request;
	const size_t count = objects != NULL ? ipck_objects_count(objects) : 0;
	const void **rows = calloc(count + 1, sizeof(*rows));
	size_t used = 0;

	if (rows == NULL) {
		section->listing->writer.failed = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		if ((ipck_objects_at(objects, i)->kind & section->kinds) != 0)
			rows[used++] = ipck_objects_at(objects, i);
	sort_rows(rows, used, &request->sort, section->columns.set, section->kinds,
		  &request->output.style);
	for (size_t i = 0; i < used && section_row(rows[i], section) == IPCK_OK; i++)
		;
	free(rows);
}

/* What the sections of these kinds want together. */
static unsigned wants_together(struct listing *listing, unsigned kinds)
{
	struct section section = { .listing = listing };
	const struct object_kind *next = object_kinds;
	unsigned want = 0;

	while (next_section(&section, &next, kinds))
		want |= columns_want(listing->request, &section.columns, section.kinds);
	return want;
}

/* ---- Kinds ---- */

/*
 * May the rows of a section go out as they are read?  Not where they are to be sorted, or wait for
 * a scan of the processes.
 */
static bool streams(const struct section *section)
{
	const struct request *request = section->listing->request;
	const struct selecting *selecting = &request->selecting;

	return (section->kinds & IPCK_SYSV) != 0 && !request->sort.given &&
	       selecting->where == IPCK_NS_OWN &&
	       (selecting->selection.tests & (IPCK_SELECT_USED_BY | IPCK_SELECT_ORPHANED)) == 0 &&
	       (columns_want(request, &section->columns, section->kinds) &
		(IPCK_WANT_HOLDERS | IPCK_WANT_ORPHAN | IPCK_WANT_QUEUE_WAITERS)) == 0;
}

static int read_kinds(struct listing *listing, unsigned kinds, unsigned want,
		      struct section *section)
{
	struct ipck_query query = { .size = sizeof(query),
				    .kinds = kinds,
				    .want = want,
				    .undecided = &listing->undecided,
				    .coverage = section == NULL ? &listing->coverage : NULL };

	if (!selecting_query(&listing->request->selecting, listing->ctx, &query))
		return IPCK_ERR_NOT_FOUND;
	return section != NULL ? ipck_objects_each(listing->ctx, &query, section_row, section)
			       : ipck_objects_read(listing->ctx, &query, &listing->objects);
}

/* Read all kinds that cannot go out as they are read, once for all their sections. */
static int read_together(struct listing *listing, unsigned kinds)
{
	struct section section = { .listing = listing };
	const struct object_kind *next = object_kinds;
	unsigned together = 0;

	if (listing->read)
		return listing->rc;
	while (next_section(&section, &next, kinds))
		if (!streams(&section))
			together |= section.kinds;
	listing->read = true;
	listing->rc = read_kinds(listing, together, wants_together(listing, together), NULL);
	if (listing->rc != IPCK_OK)
		complain("%s", ipck_message(listing->ctx));
	return listing->rc;
}

static int stop(const struct ipck_object *object, void *data)
{
	(void)object;
	(void)data;
	return IPCK_ERR_STOPPED;
}

/* Several kinds were read together and one of them is not there: is it this one? */
static bool missing(struct listing *listing, unsigned kinds)
{
	struct ipck_query query = { .size = sizeof(query), .kinds = kinds };

	return selecting_query(&listing->request->selecting, listing->ctx, &query) &&
	       ipck_objects_each(listing->ctx, &query, stop, NULL) == IPCK_ERR_UNSUPPORTED;
}

int list_status(const struct request *request, unsigned kinds, int rc)
{
	/* Some objects out of sight end well; a kind that is not there at all does not ... */
	if (rc == IPCK_OK || rc == IPCK_ERR_DENIED)
		return EXIT_DONE;
	/* ... unless nobody asked for it: POSIX queues need a mount or root. */
	return rc == IPCK_ERR_UNSUPPORTED && (kinds & IPCK_SYSV) == 0 &&
			       request->selecting.kinds == 0
		       ? EXIT_DONE
		       : EXIT_PARTIAL;
}

/* Nobody asked for these tables: what is not there would bury what is. */
static bool leaves_out_empty(const struct request *request)
{
	const struct selecting *selecting = &request->selecting;

	if (request->output.format != OUTPUT_TABLE)
		return false;
	return !request->output.headings ||
	       (selecting->kinds == 0 &&
		(selecting->selection.tests & (IPCK_SELECT_USED_BY | IPCK_SELECT_ORPHANED)) != 0);
}

static int list_section(struct section *section, unsigned kinds)
{
	struct listing *listing = section->listing;
	const bool alone = streams(section);
	int rc;

	if (alone) {
		rc = read_kinds(listing, section->kinds,
				columns_want(listing->request, &section->columns, section->kinds),
				section);
		if (rc != IPCK_OK && !listing->writer.failed)
			complain("%s", ipck_message(listing->ctx));
	} else {
		rc = read_together(listing, kinds);
		if (rc == IPCK_ERR_NOT_FOUND) /* the namespace that -N named */
			return EXIT_PARTIAL;
		if (listing->objects == NULL && rc != IPCK_ERR_UNSUPPORTED)
			return EXIT_USAGE;
		section_rows(section, listing->objects);
		if (rc == IPCK_ERR_UNSUPPORTED &&
		    (section->begun || !missing(listing, section->kinds)))
			rc = IPCK_OK; /* it was another kind */
	}
	if (!section->begun && leaves_out_empty(listing->request))
		return list_status(listing->request, section->kinds, rc);
	if (rc == IPCK_ERR_UNSUPPORTED && !section->begun)
		writer_null(&listing->writer, section->kind->json);
	else
		section_end(section);
	if (listing->writer.failed)
		return EXIT_USAGE;
	return list_status(listing->request, section->kinds, rc);
}

static int list_kinds(struct listing *listing)
{
	const struct selecting *selecting = &listing->request->selecting;
	struct section section = { .listing = listing };
	const struct object_kind *next = object_kinds;
	unsigned kinds = requested_kinds(listing->request);
	int status = EXIT_DONE;

	/* A kind that a test is not for is passed over, unless it was asked for. */
	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++)
		if (selecting->kinds == 0 &&
		    !ipck_selection_applies(&selecting->selection, kind->kind))
			kinds &= ~(unsigned)kind->kind;
	while (status != EXIT_USAGE && next_section(&section, &next, kinds)) {
		int result = list_section(&section, kinds);

		if (result > status)
			status = result;
	}
	selecting_complain(selecting, listing->undecided);
	return status;
}

/* ---- References ---- */

/* In JSON the objects that references name tell who waits on them, as their pages do. */
struct naming {
	const struct request *request;
	struct waiters waiters;
};

static struct json_object *make_waiting(const void *row, void *data, int *why)
{
	const struct naming *naming = data;

	*why = naming->waiters.why;
	return waiters_json(&naming->waiters, row, naming->request);
}

static bool add_waiting(struct listing *listing, struct naming *naming)
{
	const struct request *request = listing->request;

	if (request->output.format != OUTPUT_JSON || request->columns != NULL ||
	    request->operands.objects == 0)
		return true;
	if (!waiters_read(listing->ctx, listing->objects, &naming->waiters))
		return false;
	listing->writer.more[0] = (struct writer_member){ "waiting", make_waiting, naming };
	return true;
}

static int list_named(struct listing *listing)
{
	struct naming naming = { .request = listing->request };
	const unsigned kinds = requested_kinds(listing->request);
	struct section section = { .listing = listing };
	const struct object_kind *next = object_kinds;

	if (!add_waiting(listing, &naming))
		return EXIT_USAGE;
	while (!listing->writer.failed && kinds != 0 && next_section(&section, &next, kinds)) {
		section_rows(&section, listing->objects);
		section_end(&section);
	}
	listing->writer.more[0].key = NULL;
	/* once is enough: the same processes are not looked into for holders either */
	if (naming.waiters.waits != NULL && listing->coverage.denied == 0)
		complain_uninspected(naming.waiters.denied, &listing->coverage);
	waiters_free(&naming.waiters);
	return listing->writer.failed ? EXIT_USAGE : EXIT_DONE;
}

static int list_references(struct listing *listing)
{
	struct request *request = listing->request;
	const unsigned kinds = requested_kinds(request);
	const struct ipck_query query = { .size = sizeof(query),
					  .want = wants_together(listing, kinds),
					  .select = request->selecting.selection,
					  .refs = request->operands.refs,
					  .ref_count = request->operands.objects,
					  .ref_results = request->operands.results,
					  .coverage = &listing->coverage };
	int status = EXIT_DONE;

	if (ipck_objects_read(listing->ctx, &query, &listing->objects) != IPCK_OK) {
		complain("%s", ipck_message(listing->ctx));
		return EXIT_USAGE;
	}
	if (list_named(listing) != EXIT_DONE)
		return EXIT_USAGE;
	if (operands_complain(&request->operands) > 0)
		status = EXIT_PARTIAL;
	if (operands_process(&request->operands) != NULL) {
		int processes = list_processes(listing->ctx, request, &listing->writer);

		status = processes > status ? processes : status;
	}
	return status;
}

int show_lists(struct ipck *ctx, struct request *request)
{
	struct listing listing = { .ctx = ctx,
				   .request = request,
				   .coverage = { .size = sizeof(listing.coverage) } };
	int status;

	writer_open(&listing.writer, &request->output);
	if (request->operands.count > 0)
		status = list_references(&listing);
	else if (request->operands.from_input)
		status = EXIT_DONE; /* an empty list names nothing, and must not mean everything */
	else
		status = list_kinds(&listing);
	if (status != EXIT_USAGE)
		coverage_complain(&listing.coverage, &request->selecting.selection);
	ipck_objects_free(listing.objects);
	if (!writer_close(&listing.writer))
		status = EXIT_USAGE;
	return status;
}
