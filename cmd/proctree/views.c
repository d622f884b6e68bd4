/* SPDX-License-Identifier: MIT */
/* The views as data, and one look at the processes through one of them. */
#include "chosen.h"
#include "columns.h"
#include "common/program.h"
#include "uses.h"
#include "watch.h"

#include <stdio.h>

static const struct view_row rows[] = {
	{ VIEW_TREE, NULL, "processes", &process_columns, "PID,PPID,S,TTY,MARKS,COMMAND",
	  "children", show_tree },
};

const struct view_row *view_row(enum view view)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].view == view)
			return &rows[i];
	return &rows[0];
}

int list_columns(void)
{
	printf("%-14s %-12s %-11s %-16s %s\n", "COLUMN", "ROWS", "TYPE", "JSON", "MEANING");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (const struct column *const *table = rows[i].columns->tables; *table != NULL;
		     table++)
			for (const struct column *column = *table; column->name != NULL; column++)
				printf("%-14s %-12s %-11s %-16s %s\n", column->name, rows[i].json,
				       value_type_name(column->type), column->json, column->help);
	return EXIT_DONE;
}

/* What a look costs is decided by its columns. */
static void choose_columns(struct look *look, const struct view_row *view)
{
	const struct request *request = look->request;
	const bool uses = request->ipc && view->columns == &process_columns;
	const char *defaults = uses ? USES_DEFAULTS : view->defaults;
	const unsigned own =
		IPCK_PROCESS_MARKS | IPCK_PROCESS_OWNER | IPCK_PROCESS_TERMINAL | IPCK_PROCESS_EXIT;

	if (request->output.format == OUTPUT_JSON)
		column_list_json(&look->columns, view->columns, 0);
	else
		column_list_fill(&look->columns, view->columns, request->columns, defaults, 0);
	if (request->extra[0] != '\0')
		column_list_add(&look->columns, request->extra, 0);
	look->want = column_list_wants(&look->columns) & own;
	look->detail_want = column_list_wants(&look->columns) & ~(own | USES_WANT);
}

int look_at(struct ipck *ctx, struct request *request, struct watching *watching)
{
	const struct view_row *view = view_row(request->view);
	struct ipck_processes_query query = { .size = sizeof(query), .want = IPCK_PROCESS_MARKS };
	struct look look = { .ctx = ctx, .request = request };
	struct chosen chosen;
	struct writer writer;
	int status, shown;

	choose_columns(&look, view);
	query.want |= look.want;
	if (ipck_processes_read(ctx, &query, &look.processes) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		return EXIT_USAGE;
	}
	status = chosen_make(ctx, request, look.processes, &chosen);
	look.chosen = &chosen;
	if (status != EXIT_USAGE && !uses_read(&look))
		status = EXIT_USAGE;
	if (status != EXIT_USAGE) {
		writer_open(&writer, &request->output);
		writer.tree = view->tree;
		look.writer = &writer;
		uses_json(&look, &writer);
		watch_look(watching, &look, &writer);
		writer_begin(&writer, &look.columns, view->json);
		shown = view->show(&look);
		writer_end(&writer);
		if (!writer_close(&writer)) {
			complain("out of memory");
			shown = EXIT_USAGE;
		}
		if (watching == NULL || watching->first)
			uses_complain(look.uses);
		status = shown > status ? shown : status;
	}
	uses_free(look.uses);
	chosen_free(&chosen);
	ipck_processes_free(look.processes);
	return status;
}

int show(struct ipck *ctx, struct request *request)
{
	return request->watch ? watch(ctx, request) : look_at(ctx, request, NULL);
}
