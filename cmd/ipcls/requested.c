/* SPDX-License-Identifier: MIT */
/* What a request comes to: which kinds, which columns, and what these cost. */
#include "common/object_columns.h"
#include "ipcls.h"

unsigned requested_kinds(const struct request *request)
{
	unsigned kinds = request->selecting.kinds;

	for (size_t i = 0; i < request->operands.count; i++)
		kinds |= request->operands.refs[i].kind & (unsigned)IPCK_KINDS;
	if (kinds != 0 || request->operands.count > 0) /* processes are of no kind of object */
		return kinds;
	if (request->view == VIEW_LIMITS || request->view == VIEW_USAGE)
		return IPCK_SYSV;
	kinds = selecting_kinds(&request->selecting);
	return request->view == VIEW_HOLDERS ? kinds & HOLDABLE : kinds;
}

unsigned requested_wants(const struct request *request)
{
	const bool orphans = (request->selecting.selection.tests & IPCK_SELECT_ORPHANED) != 0;

	return (request->fill ? IPCK_WANT_FILL : 0u) |
	       (request->all ? IPCK_WANT_ALL_MAPPINGS : 0u) | (orphans ? IPCK_WANT_ORPHAN : 0u) |
	       /* to look at what was named may cost its times */
	       (request->operands.count > 0 ? IPCK_WANT_CONTENT : 0u);
}

static const char *view_columns(const struct request *request, const struct object_kind *kind,
				unsigned kinds)
{
	switch (request->view) {
	case VIEW_TIMES:
		return kind->times;
	case VIEW_PIDS:
		return kind->pids;
	case VIEW_CREATORS:
		return kind->creators;
	default:
		if ((request->selecting.selection.tests & IPCK_SELECT_ORPHANED) != 0)
			return kind->orphaned;
		/* of what has no ends, who holds it */
		return column_find(&object_columns, "WRITERS", kinds) == NULL &&
				       kind == &all_endpoints
			       ? "REF,HOLDERS"
			       : kind->default_list;
	}
}

/* What options add to the rows of JSON. */
static void add_to_json(struct column_list *list, const struct request *request, unsigned kinds)
{
	if (request->columns != NULL)
		column_list_add(list, request->columns + 1, kinds);
	if (request->view == VIEW_HOLDERS)
		column_list_add(list, "HOLDERS", kinds);
	if ((request->selecting.selection.tests & IPCK_SELECT_ORPHANED) != 0)
		column_list_add(list, "ORPHAN,EVIDENCE", kinds);
}

void requested_columns(struct column_list *list, const struct request *request,
		       const struct object_kind *kind, unsigned kinds)
{
	const struct column_set *set = kind == &all_endpoints ? &mixed_columns : &object_columns;
	const bool json = request->output.format == OUTPUT_JSON;
	const bool adds = request->columns == NULL || *request->columns == '+';

	if (json && adds) {
		column_list_json(list, set, kinds);
		add_to_json(list, request, kinds);
	} else {
		column_list_fill(list, set, request->columns, view_columns(request, kind, kinds),
				 kinds);
	}
	/* The values of a set are part of its page, and of its JSON. */
	if (request->elements || (json && request->columns == NULL && request->operands.count > 0))
		column_list_add(list, "VALUES", kinds);
}

/* Elements in JSON carry waiters and last operators too; in text they are only values. */
unsigned columns_want(const struct request *request, const struct column_list *columns,
		      unsigned kinds)
{
	const struct column *by = request->sort.given
					  ? column_find(&object_columns, request->sort.name, kinds)
					  : NULL;
	unsigned want = column_list_wants(columns) | requested_wants(request);

	/* all others have it at hand; kinds that are read together shall not ask for endpoints */
	if ((kinds & IPCK_ENDPOINTS) == 0)
		want &= ~(unsigned)IPCK_WANT_OWNER;
	if ((want & IPCK_WANT_ELEMENTS) != 0 && request->output.format == OUTPUT_JSON)
		want |= IPCK_WANT_WAITERS;
	/* a holder's container is part of it */
	if ((want & IPCK_WANT_HOLDERS) != 0 && request->output.format == OUTPUT_JSON)
		want |= IPCK_WANT_CONTAINERS;
	return want | (by != NULL ? by->want : 0);
}
