/* SPDX-License-Identifier: MIT */
/* All objects that were named, one after the other: looked up, opened, shown by their view. */
#include "common/coverage.h"
#include "common/program.h"
#include "shmpeek.h"

#include <stdio.h>
#include <string.h>

/* What reading changes, in the words of what an administrator sees of it. */
static const struct {
	unsigned change;
	const char *words;
} changes[] = {
	{ IPCK_CHANGES_ATTACHMENT, "its atime, dtime and lpid change, for a moment its nattch" },
	{ IPCK_CHANGES_ATIME, "its time of access changes" },
	{ IPCK_CHANGES_PAGES, "memory is allocated for pages that were never written" },
	{ IPCK_CHANGES_SWAP, "what of it is in swap comes into memory" },
};

static void announce(const struct peeking *peeking)
{
	const struct ipck_peek_about *about = ipck_peek_about(peeking->content.peek);

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if ((about->changes & changes[i].change) != 0)
			complain("%s: read by method %s: %s", peeking->ref,
				 ipck_peek_method_name(about->method), changes[i].words);
}

static uint64_t place_of(const struct distance *distance, uint64_t bytes)
{
	if (!distance->from_end)
		return distance->bytes;
	return distance->bytes < bytes ? bytes - distance->bytes : 0;
}

/* Where to begin and to end; false when that is past the end. */
static bool settle_ends(struct peeking *peeking)
{
	const struct request *request = peeking->request;
	const uint64_t bytes = peeking->content.bytes;

	peeking->begin = request->skip.given ? place_of(&request->skip, bytes) : 0;
	peeking->end = bytes;
	if (peeking->begin > bytes || (peeking->begin == bytes && bytes > 0)) {
		complain("%s: offset %llu: past its end at %llu", peeking->ref,
			 (unsigned long long)peeking->begin, (unsigned long long)bytes);
		return false;
	}
	if (request->length.given && request->length.from_end)
		peeking->end = place_of(&request->length, bytes);
	else if (request->length.given && request->length.bytes < bytes - peeking->begin)
		peeking->end = peeking->begin + request->length.bytes;
	if (peeking->end < peeking->begin)
		peeking->end = peeking->begin;
	return true;
}

/* What to do where it cannot be read without a trace.  A method is asked for alone. */
static const char *other_way(const struct peeking *peeking)
{
	const enum ipck_peek_method method = peeking->request->method;

	if (peeking->object->kind == IPCK_SHM)
		return method == IPCK_PEEK_AUTO
			       ? "; --attach attaches it: its atime, dtime and lpid change"
			       : "; --method attach attaches it: its atime, dtime and lpid change";
	return method == IPCK_PEEK_MAP_FILES || method == IPCK_PEEK_VM
		       ? "; --method file needs nobody who maps it"
		       : "; --attach reads it all the same: its time of access changes";
}

int open_object(struct peeking *peeking)
{
	const struct ipck_peek_options options = { .size = sizeof(options),
						   .method = peeking->request->method,
						   .may_change = peeking->request->may_change };
	const int rc =
		content_of_object(&peeking->content, peeking->ctx, peeking->object, &options);

	peeking->content.name = peeking->ref;
	if (rc == IPCK_OK) {
		announce(peeking);
		return EXIT_DONE;
	}
	complain("%s%s", ipck_message(peeking->ctx),
		 rc == IPCK_ERR_FOOTPRINT ? other_way(peeking) : "");
	return EXIT_PARTIAL;
}

void complain_unshown(const struct peeking *peeking)
{
	const bool by_vm = peeking->content.peek != NULL &&
			   ipck_peek_about(peeking->content.peek)->method == IPCK_PEEK_VM;
	char size[32];

	if (peeking->swapped > 0) {
		ipck_format_size(peeking->swapped, size, sizeof(size));
		complain("%s: %s in swap are not shown: --swapped brings them into memory",
			 peeking->ref, size);
	}
	if (peeking->unknown > 0) {
		ipck_format_size(peeking->unknown, size, sizeof(size));
		complain("%s: %s are not known to be there%s", peeking->ref, size,
			 by_vm ? ": who it is read through does not map them"
			       : ": --method vm reads them, and allocates what is not");
	}
}

static int watch_one(struct peeking *peeking, const struct view_row *row)
{
	return row->view == VIEW_MESSAGES     ? watch_messages(peeking)
	       : row->view == VIEW_SEMAPHORES ? watch_semaphores(peeking)
					      : watch(peeking);
}

/* Rows of all objects of one view, under one heading or in one array. */
struct section {
	const struct view_row *row;
	struct writer *writer; /* NULL: the view prints text of its own */
	bool begun;
};

/* Headings come when there is something to stand below them; JSON has an array in any case. */
static void begin_section(struct section *section, const struct request *request)
{
	const struct view_row *row = section->row;
	struct column_list columns;

	if (section->writer == NULL || section->begun)
		return;
	section->begun = true;
	if (request->output.format == OUTPUT_JSON)
		column_list_json(&columns, row->columns, row->kinds);
	if (request->columns != NULL || request->output.format != OUTPUT_JSON)
		column_list_fill(&columns, row->columns, request->columns, row->defaults,
				 row->kinds);
	writer_begin(section->writer, &columns, row->json);
}

static int show_one(struct peeking *peeking, struct section *section)
{
	const struct view_row *row = section->row;
	const bool memory = row->view != VIEW_MESSAGES && row->view != VIEW_SEMAPHORES;
	int status = memory ? open_object(peeking) : EXIT_DONE;

	if (status == EXIT_DONE && memory && !settle_ends(peeking))
		status = EXIT_USAGE;
	if (status == EXIT_DONE) {
		begin_section(section, peeking->request);
		status = peeking->request->watch ? watch_one(peeking, row) : row->show(peeking);
	}
	complain_unshown(peeking);
	if (status == EXIT_DONE && (peeking->swapped > 0 || peeking->unknown > 0))
		status = EXIT_PARTIAL;
	content_close(&peeking->content);
	return status;
}

static int show_object(struct ipck *ctx, struct request *request, const struct ipck_object *object,
		       struct section *section)
{
	struct peeking peeking = { .ctx = ctx,
				   .request = request,
				   .object = object,
				   .writer = section->writer,
				   .content = { .fd = -1 } };
	char text[IPCK_REF_MAX];
	struct ipck_ref ref;

	ipck_object_ref(object, false, &ref);
	ipck_ref_format(&ref, text, sizeof(text));
	peeking.ref = text;
	if (section->writer == NULL && request->operands.count > 1 && request->view != VIEW_RAW)
		printf("==> %s <==\n", text);
	return show_one(&peeking, section);
}

static int show_section(struct ipck *ctx, struct request *request,
			const struct ipck_objects *objects, const struct view_row *row,
			struct writer *writer)
{
	const bool json = request->output.format == OUTPUT_JSON;
	const bool rows =
		!request->watch && (json || (row->defaults != NULL && !request->one_message));
	struct section section = { row, rows ? writer : NULL, false };
	int status = EXIT_DONE, ended;

	if (json)
		begin_section(&section, request);
	for (size_t i = 0; i < ipck_objects_count(objects); i++) {
		const struct ipck_object *object = ipck_objects_at(objects, i);

		if (view_row(request, object->kind) != row)
			continue;
		ended = show_object(ctx, request, object, &section);
		status = ended > status ? ended : status;
	}
	if (section.begun)
		writer_end(writer);
	return status;
}

/* What the view needs, and the columns that were asked for. */
static unsigned wants_of(const struct request *request, enum ipck_kind kind)
{
	const struct view_row *row = view_row(request, kind);
	struct column_list columns;

	if (request->columns == NULL || row->columns == NULL)
		return row->want;
	column_list_fill(&columns, row->columns, request->columns, "", row->kinds);
	return row->want | column_list_wants(&columns);
}

/* The objects' sizes are known beforehand: an offset past the end of one shows nothing of any. */
static bool check_offsets(const struct request *request, const struct ipck_objects *objects)
{
	for (size_t i = 0; request->skip.given && i < ipck_objects_count(objects); i++) {
		const struct ipck_object *object = ipck_objects_at(objects, i);
		char text[IPCK_REF_MAX];
		struct peeking peeking = { .request = (struct request *)request,
					   .ref = text,
					   .object = object };
		struct ipck_ref ref;

		peeking.content.bytes =
			object->kind == IPCK_SHM ? object->shm.size
			: object->kind == IPCK_POSIX_SHM &&
					ipck_object_why(object, IPCK_POSIX_SHM_SIZE) == IPCK_OK
				? object->posix_shm.size
				: UINT64_MAX;
		ipck_object_ref(object, false, &ref);
		ipck_ref_format(&ref, text, sizeof(text));
		if (!settle_ends(&peeking))
			return false;
	}
	return true;
}

/* Section by section, in the order of their first references; JSON also has those without a row. */
static int show_sections(struct ipck *ctx, struct request *request,
			 const struct ipck_objects *objects)
{
	const bool json = request->output.format == OUTPUT_JSON && !request->watch;
	const struct view_row *shown[8];
	int status = EXIT_DONE, ended;
	struct writer writer;
	size_t sections = 0;

	writer_open(&writer, &request->output);
	for (size_t i = 0; i < request->operands.count; i++) {
		const struct view_row *row = view_row(request, request->operands.refs[i].kind);
		size_t s = 0;

		while (s < sections && shown[s] != row)
			s++;
		if (s < sections)
			continue;
		shown[sections++] = row;
		ended = show_section(ctx, request, objects, row, &writer);
		status = ended > status ? ended : status;
	}
	if ((json || writer.sections > 0) && !writer_close(&writer))
		return EXIT_USAGE;
	return status;
}

int read_objects(struct ipck *ctx, struct operands *operands, unsigned want,
		 struct ipck_objects **objects)
{
	struct ipck_coverage coverage = { .size = sizeof(coverage) };
	const struct ipck_query query = { .size = sizeof(query),
					  .want = want,
					  .refs = operands->refs,
					  .ref_count = operands->count,
					  .ref_results = operands->results,
					  .coverage = &coverage };

	if (ipck_objects_read(ctx, &query, objects) != IPCK_OK && *objects == NULL) {
		complain("%s", ipck_message(ctx));
		return EXIT_USAGE;
	}
	if (operands_complain(operands) == 0)
		return EXIT_DONE;
	/* what was not found can be there all the same */
	coverage_complain(&coverage, &query.select);
	return EXIT_PARTIAL;
}

int show_objects(struct ipck *ctx, struct request *request)
{
	struct ipck_objects *objects;
	int status, ended;
	unsigned want = 0;

	for (size_t i = 0; i < request->operands.count; i++)
		want |= wants_of(request, request->operands.refs[i].kind);
	status = read_objects(ctx, &request->operands, want, &objects);
	if (objects == NULL)
		return status;
	ended = check_offsets(request, objects) ? EXIT_DONE : EXIT_USAGE;
	if (ended == EXIT_DONE && request->other != NULL && ipck_objects_count(objects) > 0)
		ended = other_open(ctx, request);
	if (ended == EXIT_DONE)
		ended = show_sections(ctx, request, objects);
	content_close(&request->other_content);
	ipck_objects_free(objects);
	return ended > status ? ended : status;
}
