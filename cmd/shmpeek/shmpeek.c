/* SPDX-License-Identifier: MIT */
/* shmpeek: the command line. */
#include "shmpeek.h"
#include "common/interval.h"
#include "common/options.h"
#include "common/program.h"
#include "common/selecting.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	OPTION_METHOD = OPTION_LONG,
	OPTION_ATTACH,
	OPTION_SWAPPED,
	OPTION_AS,
	OPTION_ENDIAN,
	OPTION_STRINGS,
	OPTION_UTF8,
	OPTION_RAW,
	OPTION_SAVE,
	OPTION_MAP,
	OPTION_FIND,
	OPTION_FIND_HEX,
	OPTION_FIND_VALUE,
	OPTION_FIND_MUTEXES,
	OPTION_STATS,
	OPTION_DIFF,
	OPTION_WATCH,
	OPTION_TIMEOUT,
	OPTION_MESSAGE,
	OPTION_MTYPE,
	OPTION_HEAD,
	OPTION_LIST_COLUMNS,
	OPTION_NOTRUNCATE,
	OPTION_COLOR
};

static const struct help_example examples[] = {
	{ "What is in it?", "shmpeek shm:5" },
	{ "Which parts of it were ever written?", "shmpeek --map shm:5" },
	{ "Only this part, as numbers", "shmpeek -s 4K -l 64 --as u32 shm:5" },
	{ "Which texts are in it?", "shmpeek --strings shm:5" },
	{ "Where is this one?", "shmpeek --find orders shm:5" },
	{ "What changes in it?", "shmpeek --watch shm:5" },
	{ "Who has the mutex at this place?", "shmpeek -s 64 --as mutex posix-shm:/ring" },
	{ "Is any mutex abandoned?", "shmpeek --find-mutexes shm:5" },
	{ "Keep a copy", "shmpeek --save copy.bin shm:5" },
	{ "Which messages wait in a queue?", "shmpeek msg:7" },
	{ "What are the semaphores' values?", "shmpeek sem:3" },
	{ NULL, NULL },
};

static const struct option_row read_options[] = {
	{ 0, "Read", NULL, NULL },
	{ 's', "skip", "OFFSET", "begin here; -OFFSET: so much before the end" },
	{ 'l', "length", "BYTES", "so much; -BYTES: up to so much before the end" },
	{ OPTION_METHOD, "method", "METHOD", "auto, map-files, file, attach or vm" },
	{ OPTION_ATTACH, "attach", NULL, "attach, where nothing else can read it: leaves a trace" },
	{ OPTION_SWAPPED, "swapped", NULL, "also what is in swap: brings it into memory" },
	{ 0 },
};

static const struct option_row view_options[] = {
	{ 0, "View", NULL, NULL },
	{ 'v', "no-squeezing", NULL, "also lines that repeat the one above" },
	{ OPTION_AS, "as", "TYPE", "u8 i16 x32 o64 f64 c ptr ...; mutex rwlock cond sem" },
	{ OPTION_ENDIAN, "endian", "ORDER", "order of bytes of numbers: little or big" },
	{ OPTION_STRINGS, "strings", "[=MIN]", "texts of at least MIN (4) characters" },
	{ OPTION_UTF8, "utf8", NULL, "with --strings: also characters beyond ASCII" },
	{ OPTION_FIND, "find", "TEXT", "the offsets of a text; exit status 1: not there" },
	{ OPTION_FIND_HEX, "find-hex", "BYTES", "the same of bytes: \"de ad be ef\"" },
	{ OPTION_FIND_VALUE, "find-value", "TYPE:N", "the same of a number: u32:123" },
	{ OPTION_FIND_MUTEXES, "find-mutexes", NULL,
	  "what looks like a mutex that processes share" },
	{ OPTION_MAP, "map", NULL, "what was written, what not, what is in memory" },
	{ OPTION_STATS, "stats", NULL, "zero pages and entropy of each range" },
	{ OPTION_DIFF, "diff", "FILE|REF", "where it differs; exit status 1: it does" },
	{ OPTION_RAW, "raw", NULL, "the bytes themselves, to standard output" },
	{ OPTION_SAVE, "save", "FILE", "the same to a new file, without its holes" },
	{ OPTION_WATCH, "watch", "[=DUR]", "then what changes, looking every DUR (1s)" },
	{ OPTION_TIMEOUT, "timeout", "DUR", "with --watch: end after this time" },
	{ 0 },
};

static const struct option_row queue_options[] = {
	{ 0, "Queues", NULL, NULL },
	{ OPTION_MESSAGE, "message", "INDEX", "all of this message, in hexadecimal; 0: the first" },
	{ OPTION_MTYPE, "mtype", "TYPE", "only messages of this type" },
	{ OPTION_HEAD, "head", "N", "only the first N; also of --find and --strings" },
	{ 0 },
};

static const struct option_row output_options[] = {
	{ 0, "Output", NULL, NULL },
	{ 'o', "output", "[+]COL,...", "these columns, or with + these too" },
	{ OPTION_LIST_COLUMNS, "list-columns", NULL, "all columns, with what they mean" },
	{ 'n', "noheadings", NULL, "no line of headings" },
	{ 'b', "bytes", NULL, "sizes in bytes" },
	{ OPTION_NOTRUNCATE, "notruncate", NULL, "do not fit columns to the terminal" },
	{ OPTION_COLOR, "color", "[=WHEN]", "auto, always or never" },
	{ 'J', "json", NULL, "JSON: typed values, null for unknown" },
	{ 'h', "help", NULL, "this help" },
	{ 'V', "version", NULL, "the version" },
	{ 0 },
};

static const struct option_row *const tables[] = { read_options, view_options, queue_options,
						   output_options, NULL };

static int help(void)
{
	options_help("Usage: shmpeek [OPTION]... REF...|-\n"
		     "What is in shared memory, queues and semaphores, read without a trace.\n",
		     examples, tables,
		     "A REF is shm:ID, posix-shm:/NAME, memfd:INODE, msg:ID, sem:ID ...; - reads "
		     "them from\n"
		     "standard input.  Exit status: 0 done, 1 something named is missing, denied, "
		     "not found\n"
		     "or different, 2 usage.  See shmpeek(1) and ipckit(7).");
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
	{ OPTION_AS, VIEW_ELEMENTS },     { OPTION_STRINGS, VIEW_STRINGS },
	{ OPTION_FIND, VIEW_FIND },       { OPTION_FIND_HEX, VIEW_FIND },
	{ OPTION_FIND_VALUE, VIEW_FIND }, { OPTION_FIND_MUTEXES, VIEW_SYNCS },
	{ OPTION_MAP, VIEW_MAP },         { OPTION_STATS, VIEW_STATS },
	{ OPTION_DIFF, VIEW_DIFF },       { OPTION_RAW, VIEW_RAW },
	{ OPTION_SAVE, VIEW_SAVE },
};

/* Of two that differ only one could be shown. */
static void take_view(struct command_line *line, int code)
{
	struct request *request = line->request;

	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		if (views[i].code != code)
			continue;
		if (request->view != VIEW_DEFAULT)
			line->other_view_code = code;
		request->view = views[i].view;
	}
}

/* Options without an operand; false: it is not one of them. */
static bool take_switch(struct command_line *line, int code)
{
	struct request *request = line->request;
	const struct {
		int code;
		bool *flag, value;
	} flags[] = {
		{ 'v', &request->all_lines, true },
		{ OPTION_UTF8, &request->utf8, true },
		{ OPTION_FIND_MUTEXES, &request->find_mutexes, true },
		{ 'n', &request->output.headings, false },
		{ 'b', &request->output.style.bytes, true },
		{ OPTION_NOTRUNCATE, &request->output.truncate, false },
		{ OPTION_LIST_COLUMNS, &line->list_columns, true },
		{ 'h', &line->help, true },
		{ 'V', &line->version, true },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].code == code) {
			*flags[i].flag = flags[i].value;
			return true;
		}
	switch (code) {
	case OPTION_ATTACH:
		request->may_change |= IPCK_CHANGES_ATTACHMENT | IPCK_CHANGES_ATIME;
		return true;
	case OPTION_SWAPPED:
		request->may_change |= IPCK_CHANGES_SWAP;
		return true;
	case OPTION_RAW:
	case OPTION_MAP:
	case OPTION_STATS:
		return true;
	case 'J':
		request->output.format = OUTPUT_JSON;
		return true;
	default:
		return false;
	}
}

static bool take_number(const struct options *options, int code, uint64_t most, uint64_t *number)
{
	const int rc = ipck_parse_number(options->operand, most, number);

	if (rc != IPCK_OK)
		complain_operand(options, code, rc, "a number");
	return rc == IPCK_OK;
}

/* Of a file, or what stands for one. */
static bool take_file(const struct options *options, int code, const char **path)
{
	*path = options->operand;
	if (options->operand[0] == '\0')
		complain("%s: no file is named", options_name(options, code));
	else if (strcmp(options->operand, "-") == 0)
		complain(code == OPTION_SAVE ? "%s: -: not standard output, which --raw writes to"
					     : "%s: -: not standard input: parts of the file are "
					       "skipped",
			 options_name(options, code));
	else
		return true;
	return false;
}

/* Of queues, and how much. */
static bool take_count(struct request *request, const struct options *options, int code)
{
	uint64_t type = 0;

	switch (code) {
	case OPTION_MESSAGE:
		return request->one_message =
			       take_number(options, code, INT32_MAX, &request->message);
	case OPTION_MTYPE:
		request->one_type = take_number(options, code, INT64_MAX, &type);
		request->message_type = (int64_t)type;
		return request->one_type;
	case OPTION_HEAD:
		if (!take_number(options, code, UINT64_MAX, &request->head))
			return false;
		if (request->head == 0)
			complain("%s: 0: nothing would be shown", options_name(options, code));
		return request->head > 0;
	default: /* OPTION_STRINGS */
		if (options->operand == NULL)
			return true;
		if (!take_number(options, code, 1 << 16, &request->least_string))
			return false;
		if (request->least_string == 0)
			complain("%s: 0: every place has such a string",
				 options_name(options, code));
		return request->least_string > 0;
	}
}

/* One option into the request; false when its operand is bad. */
static bool take_option(struct command_line *line, const struct options *options, int code)
{
	static const char *const whens[] = { "auto", "always", "never", NULL };
	struct request *request = line->request;
	int choice = 0;

	take_view(line, code);
	if (take_switch(line, code))
		return true;
	switch (code) {
	case 's':
		return take_distance(options, code, &request->skip);
	case 'l':
		return take_distance(options, code, &request->length);
	case OPTION_METHOD:
		return take_method(options, code, request);
	case OPTION_AS:
		return take_type(options, code, request);
	case OPTION_ENDIAN:
		return take_endian(options, code, request);
	case OPTION_FIND:
		return take_text(options, code, &request->needle);
	case OPTION_FIND_HEX:
		return take_hex(options, code, &request->needle);
	case OPTION_FIND_VALUE:
		return take_value(options, code, &request->needle);
	case OPTION_DIFF:
		return take_file(options, code, &request->other);
	case OPTION_SAVE:
		return take_file(options, code, &request->save_file);
	case OPTION_WATCH:
		request->watch = true;
		return options->operand == NULL ||
		       take_interval(options, code, 20, 3600000, &request->interval);
	case OPTION_TIMEOUT:
		return take_duration(options, code, &request->timeout);
	case 'o':
		request->columns = options->operand;
		return true;
	case OPTION_COLOR:
		request->color_when = options->operand != NULL ? options->operand : "always";
		return options->operand == NULL ||
		       take_word(options, code, whens, "auto, always or never", &choice);
	default:
		return take_count(request, options, code);
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
		return puts("shmpeek from ipckit " PACKAGE_VERSION) < 0 ? EXIT_USAGE : EXIT_DONE;
	if (line->other_view_code != 0) {
		complain("%s: one view at a time", options_name(options, line->other_view_code));
		return EXIT_USAGE;
	}
	if (line->list_columns)
		return list_columns(request->view);
	if (!operands_read(&request->operands, argv + optind, (size_t)(argc - optind), false) ||
	    !request_valid(request))
		return EXIT_USAGE;
	request->output.color = color_wanted(request->color_when);
	if (ipck_open(NULL, &ctx) != IPCK_OK) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	status = show_objects(ctx, request);
	ipck_close(ctx);
	return status;
}

int main(int argc, char **argv)
{
	struct request request = {
		.color_when = "auto",
		.interval = 1000,
		.timeout = UINT64_MAX,
		.least_string = 4,
		.other_content = { .fd = -1 },
		.output = { .format = OUTPUT_TABLE,
			    .headings = true,
			    .truncate = true,
			    .part = 512,
			    .style = { .now = time(NULL) } },
	};
	struct command_line line = { .request = &request };
	struct options options = { 0 };
	int code = OPTION_BAD, status = EXIT_USAGE;

	program_begin("shmpeek");
	if (options_begin(&options, argc, argv, tables))
		while ((code = options_next(&options)) >= 0)
			if (!take_option(&line, &options, code)) {
				code = OPTION_BAD;
				break;
			}
	if (code == OPTION_END)
		status = run(&line, &options, argc, argv);
	options_free(&options);
	operands_free(&request.operands);
	free(request.needle.bytes);
	return program_end(status);
}
