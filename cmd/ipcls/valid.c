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

const struct column_set *view_column_set(const struct request *request)
{
	return request->view == VIEW_BLOCKED     ? &blocked_columns
	       : request->view == VIEW_DEADLOCKS ? &deadlock_columns
	       : shows_holders(request)          ? &holder_columns
						 : &object_columns;
}

/* Does each column that was named exist for what is to be shown? */
static bool check_columns(const struct request *request)
{
	const unsigned kinds = requested_kinds(request);
	const struct column_set *set = view_column_set(request);

	return (request->columns == NULL || column_list_check(set, request->columns, kinds)) &&
	       (!request->sort.given || column_check(set, request->sort.name, kinds));
}

/* Threads are selected by what they wait on, by their process and by their time. */
static bool check_blocked(const struct request *request)
{
	const struct selecting *selecting = &request->selecting;
	const bool named = request->operands.count > 0 || request->operands.from_input;
	const char *problem = NULL;

	if (request->view != VIEW_BLOCKED) {
		if (request->blocked_on > 0)
			problem = "--blocked-on: only with --blocked";
		else if (request->longer_than > 0)
			problem = "--longer-than: only with --blocked; of objects, --older-than "
				  "or --unused-for";
		else if (request->user_given)
			problem = "--user: only with --blocked; of objects, --owner";
		else if (request->each)
			problem = "--each: only with --blocked";
	} else if (selecting->where != IPCK_NS_OWN) {
		problem = "--blocked looks at all namespaces: leave out -N";
	} else if ((selecting->selection.tests & ~(unsigned)IPCK_SELECT_USED_BY) != 0) {
		problem = "--blocked: of the selections only --pid is one of threads";
	} else if (selecting->selection.orphan_age != IPCK_ORPHAN_AGE) {
		problem = "--blocked shows threads: leave out --orphan-age";
	} else if (selecting->kinds != 0 && named) {
		problem = "a reference names its kind: leave out --type and the letters of kinds";
	} else if (request->elements || request->fill) {
		problem = "--blocked shows threads: leave out --elements and --fill";
	}
	if (problem != NULL)
		complain("%s", problem);
	return problem == NULL;
}

/* Deadlocks are looked for among all threads: there is nothing to choose. */
static bool check_deadlocks(const struct request *request)
{
	const struct selecting *selecting = &request->selecting;
	const char *problem = NULL;

	if (request->view != VIEW_DEADLOCKS) {
		if (request->interval > 0)
			problem = "--interval: only with --deadlocks";
	} else if (request->operands.count > 0 || request->operands.from_input) {
		problem = "--deadlocks is of the whole system: leave out the references";
	} else if (selecting->selection.tests != 0 || selecting->where != IPCK_NS_OWN ||
		   selecting->selection.orphan_age != IPCK_ORPHAN_AGE) {
		problem = "--deadlocks is of the whole system: leave out the selection";
	} else if (selecting->kinds != 0 || request->all) {
		problem = "--deadlocks looks at all threads: leave out -a and kinds";
	} else if (request->elements || request->fill) {
		problem = "--deadlocks shows threads: leave out --elements and --fill";
	} else if (request->sort.given) {
		problem = "--deadlocks has an order of its own: leave out --sort";
	} else if (request->columns != NULL && request->output.format == OUTPUT_JSON) {
		problem = "--deadlocks: JSON has all keys: leave out -o";
	}
	if (problem != NULL)
		complain("%s", problem);
	return problem == NULL;
}

/* What only makes sense, or makes none, together. */
static bool check_view(const struct request *request)
{
	const char *whole = whole_view(request->view);

	if (!check_blocked(request) || !check_deadlocks(request))
		return false;
	if (request->view == VIEW_BLOCKED || request->view == VIEW_DEADLOCKS)
		return check_columns(request);
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

/* Groups, sessions and trees are shown by another command. */
static bool check_sets(const struct request *request)
{
	char text[IPCK_REF_MAX];

	for (size_t i = 0; i < request->operands.count; i++) {
		const struct ipck_ref *ref = &request->operands.refs[i];

		if ((ref->kind & IPCK_PROCESSES) == 0 || ref->kind == IPCK_PROCESS)
			continue;
		ipck_ref_format(ref, text, sizeof(text));
		complain("%s: names processes, not an object: proctree %s shows them", text, text);
		return false;
	}
	return true;
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
	return check_sets(request) && check_processes(request) && check_view(request) &&
	       check_waiting(request);
}
