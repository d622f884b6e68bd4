/* SPDX-License-Identifier: MIT */
/* proctree: the command line. */
#include "proctree.h"
#include "chosen.h"
#include "common/interval.h"
#include "common/program.h"
#include "common/selecting.h"

#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	OPTION_BY = OPTION_LONG,
	OPTION_ZOMBIES,
	OPTION_ORPHANS,
	OPTION_DAEMONS,
	OPTION_TERMINALS,
	OPTION_IPC,
	OPTION_USER,
	OPTION_COMMAND,
	OPTION_ARGS,
	OPTION_SORT,
	OPTION_WATCH,
	OPTION_TIMEOUT,
	OPTION_RAW,
	OPTION_EXPORT,
	OPTION_LIST_COLUMNS,
	OPTION_NOTRUNCATE,
	OPTION_TIME_FORMAT,
	OPTION_COLOR
};

static const struct help_example examples[] = {
	{ "What runs here, and who started it?", "proctree" },
	{ "Where does this process come from, and what did it start?", "proctree 4711" },
	{ "Which sessions are there, what is in the foreground?", "proctree --by session" },
	{ "Which zombies, and whose fault?", "proctree --zombies" },
	{ "What did ended processes leave behind?", "proctree --orphans" },
	{ "Which daemons, and are they clean ones?", "proctree --daemons" },
	{ "Which IPC objects does each process use?", "proctree --ipc app" },
	{ "End everything that a login left behind", "ipckill --signal TERM session:4711" },
	{ NULL, NULL },
};

static const struct option_row select_options[] = {
	{ 0, "Select", NULL, NULL },
	{ OPTION_USER, "user", "USER", "processes of this user" },
	{ OPTION_COMMAND, "command", "PATTERN", "of this name; * and ? stand for others" },
	{ 0 },
};

static const struct option_row view_options[] = {
	{ 0, "View", NULL, NULL },
	{ OPTION_BY, "by", "WHAT", "the tree by parent, or by session and group" },
	{ OPTION_ZOMBIES, "zombies", NULL, "what has ended and was not asked for, by parent" },
	{ OPTION_ORPHANS, "orphans", NULL, "whose parent has ended" },
	{ OPTION_DAEMONS, "daemons", NULL, "what runs apart from any login" },
	{ OPTION_TERMINALS, "terminals", NULL, "terminals and their foreground groups" },
	{ OPTION_IPC, "ipc", NULL, "with the objects that each uses, and what it waits for" },
	{ 'c', "no-compaction", NULL, "a row for each of identical processes" },
	{ 'H', "highlight", NULL, "highlight this process and its ancestors" },
	{ OPTION_WATCH, "watch", "[=DUR]", "again every DUR (2s), with what is new and gone" },
	{ OPTION_TIMEOUT, "timeout", "DUR", "with --watch: end after this time" },
	{ 0 },
};

static const struct option_row output_options[] = {
	{ 0, "Output", NULL, NULL },
	{ 'p', "pid", NULL, "with PID, of each process" },
	{ 'g', "pgid", NULL, "with PGID" },
	{ 's', "sid", NULL, "with SID" },
	{ 't', "tty", NULL, "with TTY" },
	{ 'u', "show-user", NULL, "with USER" },
	{ 'T', "threads", NULL, "with THREADS" },
	{ OPTION_ARGS, "args", NULL, "arguments instead of names" },
	{ 'o', "output", "[+]COL,...", "these columns, or with + these too" },
	{ OPTION_SORT, "sort", "COL[:desc]", "children of a process in this order" },
	{ OPTION_LIST_COLUMNS, "list-columns", NULL, "all columns, with what they mean" },
	{ 'n', "noheadings", NULL, "no line of headings" },
	{ 'A', "ascii", NULL, "lines of ASCII characters" },
	{ 'U', "utf8", NULL, "lines of UTF-8 characters" },
	{ OPTION_NOTRUNCATE, "notruncate", NULL, "do not fit columns to the terminal" },
	{ OPTION_TIME_FORMAT, "time-format", "FORMAT", "short, full, iso or epoch" },
	{ OPTION_RAW, "raw", NULL, "fields with single blanks between, no tree" },
	{ OPTION_EXPORT, "export", NULL, "NAME=\"value\" pairs, no tree" },
	{ OPTION_COLOR, "color", "[=WHEN]", "auto, always or never" },
	{ 'J', "json", NULL, "JSON: typed values, null for unknown" },
	{ 'h', "help", NULL, "this help" },
	{ 'V', "version", NULL, "the version" },
	{ 0 },
};

static const struct option_row *const tables[] = { select_options, view_options, output_options,
						   NULL };

static int help(void)
{
	options_help("Usage: proctree [OPTION]... [PID|USER|REF]...\n"
		     "Processes, how they belong together, and what is left over.\n",
		     examples, tables,
		     "A REF is pid:N, pgrp:N, session:N, tree:N, or an object: its users.\n"
		     "Exit status: 0 done, 1 something named is missing, 2 usage.\n"
		     "See proctree(1) and ipckit(7).");
	return EXIT_DONE;
}

/* What main() needs besides the request itself. */
struct command_line {
	struct request *request;
	int other_view_code; /* option that asks for a second view; 0: none */
	bool list_columns, help, version;
};

static const struct {
	int code;
	enum view view;
} views[] = {
	{ OPTION_ZOMBIES, VIEW_ZOMBIES },
	{ OPTION_ORPHANS, VIEW_ORPHANS },
	{ OPTION_DAEMONS, VIEW_DAEMONS },
	{ OPTION_TERMINALS, VIEW_TERMINALS },
};

static const struct {
	int code;
	const char *column;
} short_forms[] = {
	{ 'p', "PID" }, { 'g', "PGID" }, { 's', "SID" },
	{ 't', "TTY" }, { 'u', "USER" }, { 'T', "THREADS" },
};

static void take_view(struct command_line *line, enum view view, int code)
{
	if (line->request->view != VIEW_TREE && line->request->view != view)
		line->other_view_code = code;
	line->request->view = view;
}

/* Options without an operand; false: it is not one of them. */
static bool take_switch(struct command_line *line, int code)
{
	struct request *request = line->request;
	const struct {
		int code;
		bool *flag, value;
	} flags[] = {
		{ OPTION_IPC, &request->ipc, true },
		{ OPTION_IPC, &request->all_rows, true },
		{ 'c', &request->all_rows, true },
		{ 'p', &request->all_rows, true },
		{ 'H', &request->own_chain, true },
		{ OPTION_ARGS, &request->args, true },
		{ 'n', &request->output.headings, false },
		{ OPTION_NOTRUNCATE, &request->output.truncate, false },
		{ OPTION_LIST_COLUMNS, &line->list_columns, true },
		{ 'h', &line->help, true },
		{ 'V', &line->version, true },
	};
	bool taken = false;

	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		if (views[i].code == code) {
			take_view(line, views[i].view, code);
			return true;
		}
	for (size_t i = 0; i < sizeof(short_forms) / sizeof(short_forms[0]); i++)
		if (short_forms[i].code == code) {
			if (strstr(request->extra, short_forms[i].column) == NULL) {
				strcat(request->extra, request->extra[0] != '\0' ? "," : "");
				strcat(request->extra, short_forms[i].column);
			}
			taken = true;
		}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].code == code) {
			*flags[i].flag = flags[i].value;
			taken = true;
		}
	return taken;
}

static bool take_format(struct request *request, int code)
{
	switch (code) {
	case 'J':
		request->output.format = OUTPUT_JSON;
		return true;
	case OPTION_RAW:
		request->output.format = OUTPUT_RAW;
		break;
	case OPTION_EXPORT:
		request->output.format = OUTPUT_EXPORT;
		break;
	case 'A':
		request->output.lines = LINES_ASCII;
		return true;
	case 'U':
		request->output.lines = LINES_UTF8;
		return true;
	default:
		return false;
	}
	request->output.style.bytes = request->output.style.machine = true;
	request->output.style.time_format = TIME_EPOCH;
	return true;
}

/* One option into the request; false when its operand is bad. */
static bool take_option(struct command_line *line, const struct options *options, int code)
{
	static const char *const whens[] = { "auto", "always", "never", NULL };
	static const char *const bys[] = { "parent", "session", NULL };
	static const char *const times[] = { "short", "full", "iso", "epoch", NULL };
	struct request *request = line->request;
	int choice = 0;

	if (take_switch(line, code) || take_format(request, code))
		return true;
	switch (code) {
	case OPTION_BY:
		if (!take_word(options, code, bys, "parent or session", &choice))
			return false;
		take_view(line, choice == 0 ? VIEW_TREE : VIEW_SESSIONS, code);
		return true;
	case OPTION_USER:
		request->by_user = true;
		return take_user(options, code, &request->uid);
	case OPTION_COMMAND:
		request->command = options->operand;
		return true;
	case OPTION_WATCH:
		request->watch = request->all_rows = true;
		return options->operand == NULL ||
		       take_interval(options, code, 20, 3600000, &request->interval);
	case OPTION_TIMEOUT:
		return take_duration(options, code, &request->timeout);
	case 'o':
		request->columns = options->operand;
		return true;
	case OPTION_SORT:
		return sort_order_parse(options->operand, &request->sort);
	case OPTION_TIME_FORMAT:
		if (!take_word(options, code, times, "short, full, iso or epoch", &choice))
			return false;
		request->output.style.time_format = (enum time_format)choice;
		return true;
	default: /* OPTION_COLOR */
		request->color_when = options->operand != NULL ? options->operand : "always";
		return options->operand == NULL ||
		       take_word(options, code, whens, "auto, always or never", &choice);
	}
}

static int run(struct command_line *line, const struct options *options, int argc, char **argv)
{
	struct request *request = line->request;
	struct ipck *ctx;
	int status;

	if (line->help)
		return help();
	if (line->version)
		return puts("proctree from ipckit " PACKAGE_VERSION) < 0 ? EXIT_USAGE : EXIT_DONE;
	if (line->other_view_code != 0) {
		complain("%s: one view at a time", options_name(options, line->other_view_code));
		return EXIT_USAGE;
	}
	if (line->list_columns)
		return list_columns();
	if (!take_operands(request, argv + optind, (size_t)(argc - optind)) ||
	    !request_valid(request))
		return EXIT_USAGE;
	/* what the terminal shows is UTF-8 then, whatever the locale says */
	if (request->output.lines == LINES_UTF8 && MB_CUR_MAX == 1)
		setlocale(LC_CTYPE, "C.UTF-8");
	request->output.color = color_wanted(request->color_when);
	if (ipck_open(NULL, &ctx) != IPCK_OK) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	status = show(ctx, request);
	ipck_close(ctx);
	return status;
}

int main(int argc, char **argv)
{
	struct request request = {
		.color_when = "auto",
		.interval = 2000,
		.timeout = UINT64_MAX,
		.output = { .format = OUTPUT_TABLE,
			    .headings = true,
			    .truncate = true,
			    .style = { .now = time(NULL) } },
	};
	struct command_line line = { .request = &request };
	struct options options = { 0 };
	int code = OPTION_BAD, status = EXIT_USAGE;

	program_begin("proctree");
	if (options_begin(&options, argc, argv, tables))
		while ((code = options_next(&options)) >= 0)
			if (!take_option(&line, &options, code)) {
				code = OPTION_BAD;
				break;
			}
	if (code == OPTION_END)
		status = run(&line, &options, argc, argv);
	options_free(&options);
	drop_operands(&request);
	return program_end(status);
}
