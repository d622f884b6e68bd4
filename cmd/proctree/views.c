/* SPDX-License-Identifier: MIT */
/* The views as data, and one look at the processes through one of them. */
#include "chosen.h"
#include "columns.h"
#include "common/coverage.h"
#include "common/hidden.h"
#include "common/program.h"
#include "leftovers.h"
#include "sessions.h"
#include "terminals.h"
#include "uses.h"
#include "watch.h"

#include <stdio.h>

/* What ipck_processes_read() reads; all else is of one process. */
#define PROCESSES_WANT                                                                             \
	(IPCK_PROCESS_MARKS | IPCK_PROCESS_OWNER | IPCK_PROCESS_TERMINAL | IPCK_PROCESS_EXIT |     \
	 IPCK_PROCESS_ENDED)

static const struct view_row rows[] = {
	{ VIEW_TREE, NULL, "processes", &process_columns, "PID,PPID,S,TTY,MARKS,COMMAND",
	  "children", NULL, 0, show_tree },
	{ VIEW_SESSIONS, "--by session", "sessions", &process_columns, "PID,S,MARKS,COMMAND",
	  "members", &session_columns, IPCK_PROCESS_TERMINAL, show_sessions },
	{ VIEW_TERMINALS, "--terminals", "terminals", &terminal_columns,
	  "TTY,USER,LEADER,FOREGROUND,BG,STOPPED,STATUS", NULL, NULL,
	  IPCK_PROCESS_TERMINAL | IPCK_PROCESS_OWNER, show_terminals },
	{ VIEW_ZOMBIES, "--zombies", "zombies", &zombie_columns, "PARENT,PID,END,AGO,COMMAND", NULL,
	  NULL, 0, show_zombies },
	{ VIEW_ORPHANS, "--orphans", "orphans", &orphan_columns,
	  "PID,PPID,USER,ELAPSED,SID,ORPHAN,COMMAND,WHY", NULL, NULL, 0, show_orphans },
	{ VIEW_DAEMONS, "--daemons", "daemons", &daemon_columns,
	  "PID,USER,MARKS,UMASK,CWD,STDIO,COMMAND", NULL, NULL, 0, show_daemons },
};

const struct view_row *view_row(enum view view)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].view == view)
			return &rows[i];
	return &rows[0];
}

static void list_table(const struct column *column, const char *rows_name)
{
	for (; column->name != NULL; column++)
		printf("%-14s %-12s %-11s %-16s %s\n", column->name, rows_name,
		       value_type_name(column->type), column->json, column->help);
}

int list_columns(void)
{
	printf("%-14s %-12s %-11s %-16s %s\n", "COLUMN", "ROWS", "TYPE", "JSON", "MEANING");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct column_set *set =
			rows[i].json_columns != NULL ? rows[i].json_columns : rows[i].columns;

		for (const struct column *const *table = set->tables; *table != NULL; table++)
			if (*table != process_table || i == 0) /* all views have those */
				list_table(*table, rows[i].json);
	}
	return EXIT_DONE;
}

/* What a look costs is decided by its columns, and by what rows are sorted by. */
static void choose_columns(struct look *look, const struct view_row *view)
{
	const struct request *request = look->request;
	const bool more = request->columns != NULL && request->columns[0] == '+';
	const struct column *sorted = column_find(view->columns, request->sort.name, 0);
	const bool uses = request->ipc && view->columns == &process_columns;
	const char *defaults = uses ? USES_DEFAULTS : view->defaults;
	unsigned want;

	if (request->output.format == OUTPUT_JSON)
		column_list_json(&look->columns, view->columns, 0);
	else
		column_list_fill(&look->columns, view->columns, more ? NULL : request->columns,
				 defaults, 0);
	if (request->output.format == OUTPUT_JSON && request->columns != NULL)
		column_list_add(&look->columns, request->columns + more, 0);
	else if (more)
		column_list_insert(&look->columns, request->columns + 1, 0);
	column_list_insert(&look->columns, request->extra, 0);
	want = view->want | column_list_wants(&look->columns) |
	       (request->args && view->tree != NULL ? IPCK_PROCESS_ARGS : 0);
	look->detail_want = want & ~(PROCESSES_WANT | USES_WANT);
	if (sorted != NULL) {
		look->sort_want = sorted->want & ~(PROCESSES_WANT | USES_WANT);
		want |= sorted->want;
	}
	look->want = want & (PROCESSES_WANT | USES_WANT);
}

/* Say once what could not be seen. */
static void complain_unseen(const struct look *look)
{
	if (ipck_processes_hidden(look->processes))
		coverage_hidden();
	complain_hidden(look->writer, "processes");
	uses_complain(look->uses);
}

static int write_view(struct look *look, const struct view_row *view, struct watching *watching)
{
	const bool own = view->json_columns != NULL && look->request->output.format == OUTPUT_JSON;
	struct column_list columns;
	struct writer writer;
	int status;

	writer_open(&writer, &look->request->output);
	if (own)
		column_list_json(&columns, view->json_columns, 0);
	else
		writer.tree = view->tree;
	look->writer = &writer;
	uses_json(look, &writer);
	watch_look(watching, look, &writer);
	writer_begin(&writer, own ? &columns : &look->columns, view->json);
	status = view->show(look);
	writer_end(&writer);
	if (!writer_close(&writer))
		return EXIT_USAGE;
	if (watching == NULL || watching->first)
		complain_unseen(look);
	return status;
}

int look_at(struct ipck *ctx, struct request *request, struct watching *watching)
{
	const struct view_row *view = view_row(request->view);
	struct ipck_processes_query query = { .size = sizeof(query), .want = IPCK_PROCESS_MARKS };
	struct look look = { .ctx = ctx, .request = request };
	struct chosen chosen;
	int status, shown = EXIT_DONE;

	choose_columns(&look, view);
	query.want |= look.want & PROCESSES_WANT;
	if (ipck_processes_read(ctx, &query, &look.processes) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		return EXIT_USAGE;
	}
	status = chosen_make(ctx, request, look.processes, &chosen);
	look.chosen = &chosen;
	if (status != EXIT_USAGE && !uses_read(&look))
		status = EXIT_USAGE;
	/* JSON is always a whole document */
	if (status != EXIT_USAGE && (!chosen.nothing || request->output.format == OUTPUT_JSON))
		shown = write_view(&look, view, watching);
	uses_free(look.uses);
	chosen_free(&chosen);
	ipck_processes_free(look.processes);
	return shown > status ? shown : status;
}

int show(struct ipck *ctx, struct request *request)
{
	return request->watch ? watch(ctx, request) : look_at(ctx, request, NULL);
}
