/* SPDX-License-Identifier: MIT */
/* The page of one object: its fields, the semaphores of a set, what it watches, who holds it. */
#include "common/held.h"
#include "common/object_columns.h"
#include "common/program.h"
#include "common/semaphore_columns.h"
#include "ipcls.h"
#include "waiters.h"

#include <stdio.h>
#include <string.h>

/* The user as a number, too: another machine may know it by another name. */
static void print_more(const struct column *column, const void *row, const struct value *value)
{
	const struct ipck_object *object = row;

	if (strcmp(column->name, "OWNER") == 0 && value->state == VALUE_SET)
		printf(" (uid %u)", object->uid);
	else if (strcmp(column->name, "CUSER") == 0)
		printf(" (uid %u)", object->cuid);
}

/* ---- Semaphores of a set ---- */

static bool print_semaphores(const struct ipck_object *set, const struct request *request)
{
	struct writer writer;
	struct column_list columns;

	putchar('\n');
	column_list_fill(&columns, &semaphore_columns, NULL,
			 "NUM,VALUE,NCOUNT,ZCOUNT,LAST-OPERATOR", IPCK_SEM);
	writer_open(&writer, &request->output);
	writer_begin(&writer, &columns, "semaphores");
	for (size_t i = 0; i < set->sem.nsems && !writer.failed; i++) {
		const struct semaphore_row row = { set, i };

		writer_row(&writer, &row);
	}
	writer_end(&writer);
	return writer_close(&writer);
}

/* ---- What an epoll set or an inotify descriptor watches ---- */

struct watched {
	enum ipck_kind kind;
	const struct ipck_watch *watch;
};
#define WATCHED ((const struct watched *)row)

static void get_fd(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->number = (uint64_t)WATCHED->watch->fd;
}

static void get_events(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->word_count = held_events(WATCHED->kind, WATCHED->watch->events, value->words);
}

static void get_watched(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->text = WATCHED->watch->ref;
	if (value->text == NULL)
		value->state = VALUE_NONE;
}

static const struct column watch_columns[] = {
	{ "FD", "fd", 0, VALUE_NUMBER, 0, 0, 0, get_fd, "descriptor, or number of the watch" },
	{ "EVENTS", "events", 0, VALUE_WORDS, 0, 0, 0, get_events, "what for" },
	{ "WATCHED", "ref", 0, VALUE_TEXT, 0, 0, 0, get_watched, "what it is" },
	{ 0 },
};

static const struct column_set watch_set = { .tables = ONE_TABLE(watch_columns) };

static bool print_watches(const struct ipck_object *watching, const struct request *request)
{
	struct watched row = { .kind = watching->kind };
	struct column_list columns;
	struct writer writer;

	putchar('\n');
	column_list_fill(&columns, &watch_set, NULL, "FD,EVENTS,WATCHED", 0);
	writer_open(&writer, &request->output);
	writer_begin(&writer, &columns, "watches");
	for (size_t i = 0; (row.watch = ipck_watch_at(watching, i)) != NULL && !writer.failed; i++)
		writer_row(&writer, &row);
	writer_end(&writer);
	return writer_close(&writer);
}

/* ---- The page ---- */

static bool print_uses(const struct ipck_object *object, const struct request *request)
{
	if (object->kind == IPCK_SEM && object->sem.semaphores != NULL &&
	    (object->known & (IPCK_SEM_VALUES | IPCK_SEM_WAITERS)) != 0)
		return print_semaphores(object, request);
	if (ipck_watch_at(object, 0) != NULL && !print_watches(object, request))
		return false;
	return print_holders(object, request);
}

static bool print_page(const struct ipck_object *object, const struct waiters *waiters,
		       const struct request *request)
{
	const struct object_kind *kind = object_kind_of(object->kind);
	struct column_list columns;
	struct ipck_ref ref;
	char text[IPCK_REF_MAX];

	ipck_object_ref(object, false, &ref);
	ipck_ref_format(&ref, text, sizeof(text));
	printf("%s  %s\n", text, ipck_kind_title(object->kind));
	column_list_fill(&columns, &object_columns, NULL, kind->detail, kind->kind);
	print_fields(&columns, object, request, print_more);
	return print_uses(object, request) && print_waiters(waiters, object, request);
}

static int print_pages(struct ipck *ctx, const struct request *request,
		       const struct ipck_objects *objects)
{
	struct waiters waiters = { 0 };
	int status = EXIT_DONE;

	if (ipck_objects_count(objects) > 0 && !waiters_read(ctx, objects, &waiters))
		return EXIT_USAGE;
	for (size_t i = 0; i < ipck_objects_count(objects) && status == EXIT_DONE; i++) {
		if (i > 0)
			putchar('\n');
		if (!print_page(ipck_objects_at(objects, i), &waiters, request))
			status = EXIT_USAGE;
	}
	waiters_free(&waiters);
	return status;
}

static int print_processes(struct ipck *ctx, const struct request *request)
{
	const struct operands *operands = &request->operands;
	int status = EXIT_DONE;

	for (size_t i = operands->objects; i < operands->count && status != EXIT_USAGE; i++) {
		int shown;

		if (i > 0)
			putchar('\n');
		shown = show_process(ctx, request, &operands->refs[i]);
		status = shown > status ? shown : status;
	}
	return status;
}

int show_details(struct ipck *ctx, struct request *request)
{
	struct ipck_coverage coverage = { .size = sizeof(coverage) };
	const struct ipck_query query = {
		.size = sizeof(query),
		.want = IPCK_WANT_RSS | IPCK_WANT_ELEMENTS | IPCK_WANT_WAITERS | IPCK_WANT_NAMES |
			IPCK_WANT_PROCESSES | IPCK_WANT_HOLDERS | IPCK_WANT_FLAGS |
			IPCK_WANT_OWNER | IPCK_WANT_ORPHAN | IPCK_WANT_CONTAINERS |
			IPCK_WANT_ENDPOINT | requested_wants(request),
		.select = request->selecting.selection,
		.refs = request->operands.refs,
		.ref_count = request->operands.objects,
		.ref_results = request->operands.results,
		.coverage = &coverage,
	};
	struct ipck_objects *objects;
	int status, processes;

	if (ipck_objects_read(ctx, &query, &objects) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		ipck_objects_free(objects);
		return EXIT_USAGE;
	}
	status = print_pages(ctx, request, objects);
	ipck_objects_free(objects);
	coverage_complain(&coverage, &request->selecting.selection);
	if (operands_complain(&request->operands) > 0 && status == EXIT_DONE)
		status = EXIT_PARTIAL;
	processes = status != EXIT_USAGE ? print_processes(ctx, request) : EXIT_DONE;
	return processes > status ? processes : status;
}
