/* SPDX-License-Identifier: MIT */
/* Which requests make sense: what may stand together. */
#include "common/program.h"
#include "proctree.h"

bool request_valid(const struct request *request)
{
	const struct view_row *view = view_row(request->view);
	const char *problem = NULL;

	if (request->timeout != UINT64_MAX && !request->watch)
		problem = "--timeout: only with --watch";
	else if (request->ipc && request->view != VIEW_TREE && request->view != VIEW_SESSIONS)
		problem =
			"--ipc: only of the tree and of --by session; ipcls --orphaned shows what "
			"nobody uses";
	else if (request->sort.given && request->view == VIEW_SESSIONS)
		problem = "--sort: not with --by session, where members come by their start";
	else if (request->watch &&
		 (request->output.format == OUTPUT_RAW || request->output.format == OUTPUT_EXPORT))
		problem = "--watch: a table, or with -J lines of JSON";
	if (problem != NULL)
		complain("%s", problem);
	return problem == NULL &&
	       (request->columns == NULL ||
		column_list_check(view->columns, request->columns, 0)) &&
	       (request->extra[0] == '\0' || column_list_check(view->columns, request->extra, 0)) &&
	       (!request->sort.given || column_check(view->columns, request->sort.name, 0));
}
