/* SPDX-License-Identifier: MIT */
/* Which requests make sense: what may stand together, and on what. */
#include "common/program.h"
#include "shmpeek.h"

#include <unistd.h>

/* Options of one view, given with another. */
static const char *misplaced(const struct request *request)
{
	const enum view view = request->view;
	const bool json = request->output.format == OUTPUT_JSON;

	if (request->all_lines && view != VIEW_DEFAULT && view != VIEW_ELEMENTS &&
	    view != VIEW_DIFF)
		return "-v: only of views in hexadecimal, --as and --diff";
	if (request->utf8 && view != VIEW_STRINGS)
		return "--utf8: only with --strings";
	if (request->other_endian && view != VIEW_ELEMENTS && !request->needle.number)
		return "--endian: only of numbers, with --as and --find-value";
	if ((request->one_message || request->one_type) && view != VIEW_DEFAULT && view != VIEW_RAW)
		return "--message and --mtype are of queues: leave out views of memory";
	if (request->one_message && (request->watch || (request->columns != NULL && !json)))
		return "--message: shows bytes: leave out -o and --watch";
	if (request->one_message && view == VIEW_RAW && json)
		return "-J: not with --raw";
	if (request->one_message && request->one_type)
		return "--message: names one already: leave out --mtype";
	if (request->timeout != UINT64_MAX && !request->watch)
		return "--timeout: only with --watch";
	return NULL;
}

static const char *unfit(const struct request *request)
{
	const size_t count = request->operands.count;

	if (count == 0 && !request->operands.from_input)
		return "nothing to show: name objects, like shm:5; ipcls -a lists them";
	/* Unlike the other views nothing of what others wrote is made harmless. */
	if (request->view == VIEW_RAW && isatty(STDOUT_FILENO))
		return "--raw: standard output is a terminal, which would obey what is in it: "
		       "redirect it, or take --save";
	if (count > 1 && request->save_file != NULL)
		return "--save: one object into one file";
	if (count > 1 && request->other != NULL)
		return "--diff: one object with another";
	if (count > 1 && request->watch)
		return "--watch: one object at a time";
	if (request->watch && (request->view == VIEW_RAW || request->view == VIEW_SAVE ||
			       request->view == VIEW_DIFF || request->view == VIEW_FIND))
		return "--watch: not with --raw, --save, --diff or --find";
	return NULL;
}

/* Has it rows of which some may be enough? */
static bool has_head(const struct request *request, const struct view_row *row)
{
	return row->view == VIEW_MESSAGES || row->view == VIEW_STRINGS || row->view == VIEW_FIND ||
	       (row->view == VIEW_SYNCS && request->find_mutexes);
}

/* Has each object that is named the view that was asked for? */
static bool check_kinds(const struct request *request)
{
	const bool json = request->output.format == OUTPUT_JSON;
	char text[IPCK_REF_MAX];

	for (size_t i = 0; i < request->operands.count; i++) {
		const struct ipck_ref *ref = &request->operands.refs[i];
		const struct view_row *row = view_row(request, ref->kind);
		const char *problem = NULL;

		if ((ref->kind & (IPCK_PGRP | IPCK_SESSION | IPCK_TREE)) != 0)
			problem = "names processes, not an object; proctree shows them";
		else if ((row->kinds & ref->kind) == 0)
			problem = request->view == VIEW_DEFAULT
					  ? "has no content that can be shown; ipcls tells of it"
					  : "not shared memory, which this view is of";
		else if (request->watch && ref->kind == IPCK_POSIX_MQ)
			problem = "--watch: not of POSIX queues";
		else if (json && row->json == NULL && !request->watch)
			problem = "-J: bytes have no JSON: leave it out, or take --map, --stats or "
				  "--strings";
		else if (request->columns != NULL && row->columns == NULL)
			problem = "-o: this view has no columns";
		else if (request->columns != NULL && row->defaults == NULL && !json)
			problem = "-o: this view has columns only with -J";
		else if ((request->skip.given || request->length.given) &&
			 (row->view == VIEW_MESSAGES || row->view == VIEW_SEMAPHORES))
			problem = "-s and -l are of shared memory";
		else if ((request->may_change != 0 || request->method != IPCK_PEEK_AUTO) &&
			 (row->view == VIEW_MESSAGES || row->view == VIEW_SEMAPHORES))
			problem = "--method, --attach and --swapped are of shared memory";
		else if (request->head > 0 && !has_head(request, row))
			problem = "--head: only of messages, --strings, --find and --find-mutexes; "
				  "-l limits "
				  "what is shown of memory";
		else if (request->columns != NULL && request->watch && json)
			problem = "-o: the events of --watch -J have keys of their own";
		else if ((request->one_message || request->one_type) && row->view != VIEW_MESSAGES)
			problem = "--message and --mtype are of queues";
		if (problem == NULL)
			continue;
		ipck_ref_format(ref, text, sizeof(text));
		complain("%s: %s", text, problem);
		return false;
	}
	return true;
}

static bool check_columns(const struct request *request)
{
	for (size_t i = 0; request->columns != NULL && i < request->operands.count; i++) {
		const struct view_row *row = view_row(request, request->operands.refs[i].kind);

		if (!column_list_check(row->columns, request->columns, row->kinds))
			return false;
		if (row->columns != view_row(request, request->operands.refs[0].kind)->columns) {
			complain("-o: the objects named have different columns");
			return false;
		}
	}
	return true;
}

bool request_valid(const struct request *request)
{
	const char *problem = misplaced(request);

	problem = problem != NULL ? problem : unfit(request);
	if (problem != NULL)
		complain("%s", problem);
	return problem == NULL && check_kinds(request) && check_columns(request);
}
