/* SPDX-License-Identifier: MIT */
/* Which requests make sense: what may stand together, and on what. */
#include "common/program.h"
#include "ipcls.h"

/* Views of the system, not of objects: as the user typed them; NULL for the others. */
static const char *whole_view(enum view view)
{
	return view == VIEW_LIMITS       ? "-l"
	       : view == VIEW_USAGE      ? "-u"
	       : view == VIEW_NAMESPACES ? "--namespaces"
					 : NULL;
}

bool shows_holders(const struct request *request)
{
	return request->view == VIEW_HOLDERS && request->output.format != OUTPUT_JSON;
}

/* Does each column that was named exist for what is to be shown? */
static bool check_columns(const struct request *request)
{
	const unsigned kinds = requested_kinds(request);
	const struct column_set *set = shows_holders(request) ? &holder_columns : &object_columns;

	return (request->columns == NULL || column_list_check(set, request->columns, kinds)) &&
	       (!request->sort.given || column_check(set, request->sort.name, kinds));
}

/* What only makes sense, or makes none, together. */
static bool check_view(const struct request *request)
{
	const char *whole = whole_view(request->view);

	if (request->operands.count > 0 && (request->selecting.kinds != 0 || request->all)) {
		complain("a reference names its kind: leave out -a, --type and the letters of "
			 "kinds");
		return false;
	}
	if (request->operands.count > 0 && request->selecting.where != IPCK_NS_OWN) {
		complain("a reference names its namespace, shm:5@INODE: leave out -N");
		return false;
	}
	if (whole != NULL && request->operands.count > 0) {
		complain("%s is of the whole system: leave out the references", whole);
		return false;
	}
	if (whole != NULL &&
	    (request->selecting.selection.tests != 0 || request->selecting.where != IPCK_NS_OWN)) {
		complain("%s is of the whole system: leave out the selection", whole);
		return false;
	}
	if (request->view == VIEW_NAMESPACES) {
		if (request->selecting.kinds != 0)
			complain("--namespaces counts all kinds: leave out -m, -q and -s");
		return request->selecting.kinds == 0;
	}
	if (whole != NULL) {
		if (request->sort.given)
			complain("%s has an order of its own: leave out --sort", whole);
		return !request->sort.given;
	}
	return check_columns(request);
}

bool wants_list(const struct request *request)
{
	return request->all || request->selecting.kinds != 0 ||
	       request->selecting.where != IPCK_NS_OWN || request->fill ||
	       request->selecting.selection.tests != 0 || request->columns != NULL ||
	       request->sort.given || request->view != VIEW_DEFAULT || request->elements ||
	       request->output.format != OUTPUT_TABLE;
}

/* A process has a page, and JSON; all else is of objects. */
static bool check_processes(const struct request *request)
{
	const struct ipck_ref *process = operands_process(&request->operands);
	const bool table = request->output.format == OUTPUT_TABLE;

	if (process == NULL ||
	    (!request->waits && request->view == VIEW_DEFAULT && request->columns == NULL &&
	     !request->sort.given && !request->elements && !request->fill &&
	     request->selecting.selection.tests == 0 &&
	     (table || request->output.format == OUTPUT_JSON)))
		return true;
	complain("pid:%d: names a process, not an object: ipcls pid:%d is its page, ipcls --pid %d "
		 "lists its objects",
		 (int)process->pid, (int)process->pid, (int)process->pid);
	return false;
}

/* --until shows nothing: what says how to show it is a mistake. */
static bool check_waiting(const struct request *request)
{
	const char *problem = NULL;

	if (!request->waits && request->timeout != UINT64_MAX)
		problem = "--timeout: only with --until";
	else if (!request->waits)
		return true;
	else if (request->operands.count == 0 && !request->operands.from_input)
		problem = "--until: name the objects to wait for";
	else if (wants_list(request))
		problem = "--until shows nothing: leave out views, selections, columns and formats";
	if (problem != NULL)
		complain("%s", problem);
	return problem == NULL;
}

bool request_valid(const struct request *request)
{
	return check_processes(request) && check_view(request) && check_waiting(request);
}
