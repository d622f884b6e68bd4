/* SPDX-License-Identifier: MIT */
/* ipcls: the command line, and which view it asks for.  Called as ipcs it is ipcs.c's. */
#include "ipcls.h"
#include "common/interval.h"
#include "common/object_columns.h"
#include "common/program.h"
#include "ipcs.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	OPTION_RAW = OPTION_LONG,
	OPTION_EXPORT,
	OPTION_SORT,
	OPTION_COLOR,
	OPTION_NOTRUNCATE,
	OPTION_TIME_FORMAT,
	OPTION_LIST_COLUMNS,
	OPTION_ELEMENTS,
	OPTION_UNTIL,
	OPTION_TIMEOUT,
	OPTION_FTOK,
	OPTION_FIND_KEY,
	OPTION_NAMESPACES,
	OPTION_HOLDERS,
	OPTION_FILL,
	OPTION_BLOCKED,
	OPTION_DEADLOCKS,
	OPTION_BLOCKED_ON,
	OPTION_LONGER_THAN,
	OPTION_USER,
	OPTION_EACH,
	OPTION_INTERVAL
};

static const struct help_example examples[] = {
	{ "How full is it, and what is wrong?", "ipcls" },
	{ "What is there?", "ipcls -a" },
	{ "Tell me all about these", "ipcls shm:5 sem:key=0x5432" },
	{ "Who holds it, and how?", "ipcls --holders shm:5" },
	{ "What does this process use?", "ipcls --pid 4711" },
	{ "What hangs in this process?", "ipcls pid:4711" },
	{ "Who hangs, in what, on whom?", "ipcls --blocked" },
	{ "Who waits for this one?", "ipcls --blocked-on sem:5" },
	{ "Does anybody hang for ever?", "ipcls --deadlocks" },
	{ "What is left over, and how sure is it?", "ipcls --orphaned=likely" },
	{ "Which segments does nobody use?", "ipcls -m --unattached --unused-for 1h" },
	{ "What is biggest?", "ipcls -m --sort SIZE" },
	{ "What did postgres leave behind?", "ipcls --owner postgres --unattached" },
	{ "Which limit will be hit, and how does it look?", "ipcls -l" },
	{ "Which containers use IPC?", "ipcls --namespaces" },
	{ "Go on when nobody is attached any more", "ipcls --until unattached shm:5" },
	{ "For a program, for a script", "ipcls -m -J; ipcls -m --raw -no REF,SIZE" },
	{ NULL, NULL },
};

static const struct option_row view_options[] = {
	{ 0, "View", NULL, NULL },
	{ 'a', "all", NULL, "list -mqsMQS; with mmap: also what one process alone maps" },
	{ 't', "times", NULL, "when objects were last used and changed" },
	{ 'p', "pids", NULL, "which processes created and last used them" },
	{ 'c', "creators", NULL, "users and groups that created and own them" },
	{ 'l', "limits", NULL, "limits, what is used of them, what fails when reached" },
	{ 'u', "usage", NULL, "totals of each kind, and where shared memory is" },
	{ OPTION_HOLDERS, "holders", NULL, "which processes hold them, a row each" },
	{ OPTION_BLOCKED, "blocked", NULL, "which threads wait, for what, and on whom" },
	{ OPTION_DEADLOCKS, "deadlocks", NULL, "threads that wait for one another" },
	{ OPTION_NAMESPACES, "namespaces", NULL, "IPC namespaces, who lives there, what is there" },
	{ OPTION_ELEMENTS, "elements", NULL, "with the values of every semaphore" },
	{ OPTION_UNTIL, "until", "STATE", "wait until objects are unattached, gone or drained" },
	{ OPTION_TIMEOUT, "timeout", "DUR", "but no longer than this: 90s 5m 2h" },
	{ OPTION_FILL, "fill", NULL, "how full pipes are: holds an end open for a moment" },
	{ OPTION_FTOK, "ftok", "PATH ID", "the key that ftok(3) gives, and nothing else" },
	{ OPTION_FIND_KEY, "find-key", "KEY DIR...", "paths for which ftok(3) gives this key" },
	{ 0 },
};

static const struct option_row blocked_options[] = {
	{ 0, "Blocked threads (also --pid, kinds, and -a for those that idle)", NULL, NULL },
	{ OPTION_BLOCKED_ON, "blocked-on", "REF", "that wait on this object" },
	{ OPTION_LONGER_THAN, "longer-than", "DUR", "that have waited for at least this long" },
	{ OPTION_USER, "user", "USER", "of processes of this user (name or uid)" },
	{ OPTION_EACH, "each", NULL, "a row each, also of those that wait alike" },
	{ OPTION_INTERVAL, "interval", "DUR", "between the two looks of --deadlocks: 100ms" },
	{ 0 },
};

static const struct option_row output_options[] = {
	{ 0, "Output", NULL, NULL },
	{ 'o', "output", "[+]COL,...", "these columns, or with + these too" },
	{ OPTION_LIST_COLUMNS, "list-columns", NULL, "all columns, with what they mean" },
	{ OPTION_SORT, "sort", "COL[:desc]", "order by a column; sizes descend unless :asc" },
	{ 'n', "noheadings", NULL, "no line of headings" },
	{ 'b', "bytes", NULL, "sizes in bytes" },
	{ OPTION_NOTRUNCATE, "notruncate", NULL, "do not fit columns to the terminal" },
	{ OPTION_TIME_FORMAT, "time-format", "FORMAT", "short, full, iso or epoch" },
	{ OPTION_COLOR, "color", "[=WHEN]", "auto, always or never" },
	{ 'J', "json", NULL, "JSON: typed values, null for unknown" },
	{ OPTION_RAW, "raw", NULL, "fields with one blank between, for awk and cut" },
	{ OPTION_EXPORT, "export", NULL, "NAME=\"value\" pairs, for eval" },
	{ 'h', "help", NULL, "this help" },
	{ 'V', "version", NULL, "the version" },
	{ 0 },
};

static const struct option_row *const tables[] = { kind_options,    selection_options, view_options,
						   blocked_options, output_options,    NULL };

static int help(void)
{
	options_help(
		"Usage: ipcls [OPTION]... [REF|-]...\n"
		"IPC objects: what is there, how full, whose, who holds them, and what is wrong.\n",
		examples, tables,
		"A REF is shm:ID, msg:key=0x1234, posix-shm:/NAME, pipe:INODE, pid:PID ...; - "
		"reads\n"
		"them from standard input.  Exit status: 0 done, 1 something named is missing or "
		"denied, 2 usage,\n"
		"3 a deadlock was found.\n"
		"See ipcls(1) and ipckit(7).");
	return EXIT_DONE;
}

/* What main() needs besides the request itself. */
struct command_line {
	struct request *request;
	const char *ftok_path, *find_key;
	char **blocked_on;   /* room for every word of the line */
	int other_view_code; /* option that asks for a second view; 0: none */
	bool list_columns, help, version;
};

static const struct {
	int code;
	enum view view;
} views[] = {
	{ 't', VIEW_TIMES },
	{ 'p', VIEW_PIDS },
	{ 'c', VIEW_CREATORS },
	{ OPTION_HOLDERS, VIEW_HOLDERS },
	{ 'l', VIEW_LIMITS },
	{ 'u', VIEW_USAGE },
	{ OPTION_NAMESPACES, VIEW_NAMESPACES },
	{ OPTION_BLOCKED, VIEW_BLOCKED },
	{ OPTION_DEADLOCKS, VIEW_DEADLOCKS },
};

static const struct {
	int code;
	enum output_format format;
} formats[] = { { 'J', OUTPUT_JSON },
		{ OPTION_RAW, OUTPUT_RAW },
		{ OPTION_EXPORT, OUTPUT_EXPORT } };

/* Of two that differ only one could be shown. */
static void take_view(struct command_line *line, enum view view, int code)
{
	if (line->request->view != VIEW_DEFAULT && line->request->view != view)
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
		{ 'a', &request->all, true },
		{ 'n', &request->output.headings, false },
		{ 'b', &request->output.style.bytes, true },
		{ OPTION_NOTRUNCATE, &request->output.truncate, false },
		{ OPTION_ELEMENTS, &request->elements, true },
		{ OPTION_FILL, &request->fill, true },
		{ OPTION_EACH, &request->each, true },
		{ OPTION_LIST_COLUMNS, &line->list_columns, true },
		{ 'h', &line->help, true },
		{ 'V', &line->version, true },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].code == code) {
			*flags[i].flag = flags[i].value;
			return true;
		}
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		if (views[i].code == code) {
			take_view(line, views[i].view, code);
			return true;
		}
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i].code == code) {
			request->output.format = formats[i].format;
			return true;
		}
	return false;
}

#define LEAST_INTERVAL 20 /* milliseconds */
#define MOST_INTERVAL 3600000

/* One option into the request; false when its operand is bad. */
static bool take_option(struct command_line *line, const struct options *options, int code)
{
	static const char *const times[] = { "short", "full", "iso", "epoch", NULL };
	static const char *const whens[] = { "auto", "always", "never", NULL };
	struct request *request = line->request;
	int choice = 0;

	if (take_switch(line, code))
		return true;
	switch (code) {
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
	case OPTION_COLOR:
		request->color = options->operand != NULL ? options->operand : "always";
		return options->operand == NULL ||
		       take_word(options, code, whens, "auto, always or never", &choice);
	case OPTION_UNTIL:
		request->waits = true;
		if (!take_word(options, code, until_words, "unattached, gone or drained", &choice))
			return false;
		request->until = (enum ipck_state)choice;
		return true;
	case OPTION_TIMEOUT:
		return take_duration(options, code, &request->timeout);
	case OPTION_INTERVAL:
		return take_interval(options, code, LEAST_INTERVAL, MOST_INTERVAL,
				     &request->interval);
	case OPTION_BLOCKED_ON:
		take_view(line, VIEW_BLOCKED, code);
		line->blocked_on[request->blocked_on++] = (char *)options->operand;
		return true;
	case OPTION_LONGER_THAN:
		return take_duration(options, code, &request->longer_than);
	case OPTION_USER:
		request->user_given = true;
		return take_user(options, code, &request->user);
	case OPTION_FTOK:
		line->ftok_path = options->operand;
		return true;
	case OPTION_FIND_KEY:
		line->find_key = options->operand;
		return true;
	default:
		return selecting_take(&request->selecting, options, code) > 0;
	}
}

static int show(struct request *request)
{
	struct ipck *ctx;
	int status;

	if (ipck_open(NULL, &ctx) != IPCK_OK) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	if (request->waits)
		status = wait_until(ctx, request);
	else if (request->view == VIEW_LIMITS)
		status = show_limits(ctx, request);
	else if (request->view == VIEW_USAGE)
		status = show_usage(ctx, request);
	else if (request->view == VIEW_NAMESPACES)
		status = show_namespaces(ctx, request);
	else if (request->view == VIEW_BLOCKED)
		status = show_blocked(ctx, request);
	else if (request->view == VIEW_DEADLOCKS)
		status = show_deadlocks(ctx, request);
	else if (shows_holders(request))
		status = show_holders(ctx, request);
	else if (request->operands.count > 0 && request->view == VIEW_DEFAULT &&
		 request->columns == NULL && request->output.format == OUTPUT_TABLE)
		status = show_details(ctx, request);
	else if (request->operands.count > 0 || request->operands.from_input || wants_list(request))
		status = show_lists(ctx, request);
	else
		status = show_overview(ctx, request);
	ipck_close(ctx);
	return status;
}

static void settle_output(struct request *request)
{
	struct writer_options *output = &request->output;

	if (output->format == OUTPUT_RAW || output->format == OUTPUT_EXPORT) {
		output->style.bytes = true;
		output->style.machine = true;
	}
	output->color = color_wanted(request->color);
}

static int run(struct command_line *line, const struct options *options, int argc, char **argv)
{
	struct request *request = line->request;
	const bool json = request->output.format == OUTPUT_JSON;
	char **operands = argv + optind;
	const size_t count = (size_t)(argc - optind);

	if (line->help)
		return help();
	if (line->version) {
		puts("ipcls from ipckit " PACKAGE_VERSION);
		return EXIT_DONE;
	}
	if (line->list_columns)
		return list_columns(view_column_set(request));
	if (line->ftok_path != NULL) {
		if (count == 1)
			return show_ftok(line->ftok_path, operands[0], json);
		complain("--ftok: needs a path and a project id: --ftok PATH ID");
		return EXIT_USAGE;
	}
	if (line->find_key != NULL)
		return find_key(line->find_key, operands, count, json);
	if (line->other_view_code != 0) {
		complain("%s: one view at a time", options_name(options, line->other_view_code));
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < count; i++)
		line->blocked_on[request->blocked_on + i] = operands[i];
	if (!operands_read(&request->operands, line->blocked_on, request->blocked_on + count,
			   false) ||
	    !request_valid(request))
		return EXIT_USAGE;
	settle_output(request);
	return show(request);
}

int main(int argc, char **argv)
{
	struct request request = {
		.color = "auto",
		.timeout = UINT64_MAX,
		.selecting = SELECTING_INITIAL,
		.output = { .format = OUTPUT_TABLE,
			    .headings = true,
			    .truncate = true,
			    .style = { .now = time(NULL) } },
	};
	struct command_line line = { .request = &request };
	struct options options = { 0 };
	int code = OPTION_BAD, status = EXIT_USAGE;

	if (program_called(argv[0], "ipcs")) {
		program_begin("ipcs");
		return ipcs_main(argc, argv);
	}
	program_begin("ipcls");
	line.blocked_on = calloc((size_t)argc + 1, sizeof(*line.blocked_on));
	if (line.blocked_on == NULL)
		complain("out of memory");
	else if (options_begin(&options, argc, argv, tables))
		while ((code = options_next(&options)) >= 0)
			if (!take_option(&line, &options, code)) {
				code = OPTION_BAD;
				break;
			}
	if (code == OPTION_END)
		status = run(&line, &options, argc, argv);
	options_free(&options);
	free(line.blocked_on);
	selecting_free(&request.selecting);
	operands_free(&request.operands);
	return program_end(status);
}
