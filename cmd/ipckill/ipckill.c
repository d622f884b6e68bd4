/* SPDX-License-Identifier: MIT */
/*
 * ipckill: the command line, and the order of a removal: parse everything, resolve everything, show
 * the plan, confirm, then act with identity checked right before each step.  Called as ipcrm it is
 * ipcrm.c's.
 */
#include "ipckill.h"
#include "common/program.h"
#include "common/signals.h"
#include "ipcrm.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

enum {
	OPTION_DRY_RUN = OPTION_LONG,
	OPTION_FORCE,
	OPTION_SAVE,
	OPTION_SIGNAL,
	OPTION_TIMEOUT,
	OPTION_KEEP
};

static const struct help_example examples[] = {
	{ "Remove these", "ipckill shm:5 sem:key=0x5432" },
	{ "What would go?", "ipckill --owner app --unattached --dry-run" },
	{ "Remove what nobody is attached to any more", "ipckill --owner app --unattached" },
	{ "The same in a script, without a question", "ipckill --owner app --unattached -y" },
	{ "Look first, remove exactly what was seen", "ipcls -no EXACT ... | ipckill -y -" },
	{ "Keep a copy of what was in them", "ipckill --save /root/kept --owner app --unattached" },
	{ "End who holds it, then remove it", "ipckill --signal TERM shm:5" },
	{ NULL, NULL },
};

static const struct option_row action_options[] = {
	{ 0, "Act", NULL, NULL },
	{ 'a', "all", NULL, "all of the kinds given, or of -mqs" },
	{ OPTION_DRY_RUN, "dry-run", NULL, "show the plan and stop" },
	{ 'y', "yes", NULL, "do not ask whether a set is to be removed" },
	{ 'i', "interactive", NULL, "ask before each object" },
	{ OPTION_FORCE, "force", NULL, "also those of a set that are in use" },
	{ OPTION_SAVE, "save", "DIR", "first write the content of each object to a file in DIR" },
	{ OPTION_SIGNAL, "signal", "SIG", "first signal who holds it, and wait until nobody does" },
	{ OPTION_TIMEOUT, "timeout", "DUR", "how long to wait for that; 10s by default" },
	{ OPTION_KEEP, "keep", NULL, "with --signal: signal, and remove nothing" },
	{ 'v', "verbose", NULL, "say whose each object was" },
	{ 'J', "json", NULL, "report as JSON" },
	{ 'h', "help", NULL, "this help" },
	{ 'V', "version", NULL, "the version" },
	{ 0 },
};

static const struct option_row *const tables[] = { kind_options, selection_options, action_options,
						   NULL };

static int help(void)
{
	options_help("Usage: ipckill [OPTION]... REF...|-\n"
		     "       ipckill [OPTION]... SELECTION\n"
		     "Remove IPC objects, and nothing but those meant.\n",
		     examples, tables,
		     "A REF is shm:ID, msg:key=0x1234, posix-shm:/NAME ...; - reads them from\n"
		     "standard input.  What ipcls lists for a selection is what ipckill removes "
		     "for it.\n"
		     "Exit status: 0 done, 1 something was missing, refused or failed, 2 usage:\n"
		     "nothing done.  See ipckill(1) and ipckit(7).");
	return EXIT_DONE;
}

/* One option into the request; help and version are the caller's. */
static bool take_option(struct request *request, const struct options *options, int code)
{
	switch (code) {
	case 'a':
		request->all = true;
		return true;
	case OPTION_DRY_RUN:
		request->dry_run = true;
		return true;
	case 'y':
		request->yes = true;
		return true;
	case 'i':
		request->ask_each = true;
		return true;
	case OPTION_FORCE:
		request->force = true;
		return true;
	case OPTION_SAVE:
		request->save_dir = options->operand;
		return true;
	case OPTION_SIGNAL:
		request->signo = signal_parse(options->operand);
		if (request->signo == 0)
			complain("--signal: %s: not a signal: TERM, SIGHUP, 9, RTMIN+1 ...",
				 options->operand);
		return request->signo != 0;
	case OPTION_TIMEOUT:
		request->wait = true;
		return take_duration(options, code, &request->timeout);
	case OPTION_KEEP:
		return request->keep = true;
	case 'v':
		request->verbose = true;
		return true;
	case 'J':
		request->json = true;
		return true;
	default:
		return selecting_take(&request->selecting, options, code) > 0;
	}
}

/* Are all of them things that can be removed, and that have holders to be signalled? */
static bool check_objects(const struct request *request)
{
	const struct ipck_ref *process = operands_process(&request->operands);

	if (process != NULL)
		complain("pid:%d: names a process, not an object; kill(1) signals processes",
			 (int)process->pid);
	return process == NULL;
}

/* Is it clear what is to be removed? */
static bool check(const struct request *request)
{
	const bool named = request->operands.count > 0 || request->operands.from_input;
	const char *problem = NULL;

	if (named && request->all)
		problem = "--all: leave it out where objects are named";
	else if (named && request->selecting.kinds != 0)
		problem = "a reference names its kind: leave out -m, -q and -s";
	else if ((request->selecting.kinds & IPCK_ENDPOINTS) != 0 && !request->keep)
		problem = "what descriptors share cannot be removed: it goes with its last holder";
	else if (named && request->selecting.where != IPCK_NS_OWN)
		problem = "a reference names its namespace, shm:5@INODE: leave out -N";
	else if (request->yes && request->ask_each)
		problem = "-y answers what -i would ask: give one of them";
	else if (request->signo == 0 && (request->keep || request->wait))
		problem = request->keep ? "--keep: only with --signal"
					: "--timeout: only with --signal";
	else if (request->json && request->ask_each)
		problem = "-J is for programs, -i for people: give one of them";
	else if (!named && !request->all && request->selecting.selection.tests == 0)
		problem = request->selecting.kinds != 0
				  ? "kinds alone select nothing: say --all, or a selection"
				  : "nothing to remove: name objects, or give a selection; see "
				    "ipckill --help";
	if (problem != NULL)
		complain("%s", problem);
	return problem == NULL && check_objects(request);
}

/* The one question about a set.  EXIT_DONE: go on. */
static int confirm(const struct request *request, const struct plan *plan)
{
	const size_t pending = plan_pending(plan);
	const char *question = request->keep         ? "Signal all holders of"
			       : request->signo != 0 ? "Signal all holders of, and remove"
						     : "Remove";

	if (!plan->from_set || request->yes || request->ask_each || pending == 0)
		return EXIT_DONE;
	if (request->json) {
		complain("%zu to be removed: -J asks nothing; give -y or --dry-run", pending);
		return EXIT_USAGE;
	}
	if (!plan_print(plan, request))
		return EXIT_USAGE;
	program_flush();
	if (!program_output_good()) {
		complain("the plan could not be shown: nothing removed");
		return EXIT_USAGE;
	}
	switch (ask("%s %s %zu object%s? [y/N] ", question, pending == 1 ? "this" : "these",
		    pending, pending == 1 ? "" : "s")) {
	case ANSWER_YES:
		return EXIT_DONE;
	case ANSWER_NO_TERMINAL:
		complain("%zu to be removed: no terminal to ask on; give -y", pending);
		return EXIT_USAGE;
	default:
		complain("not confirmed: nothing removed");
		return EXIT_PARTIAL;
	}
}

static int carry_out(struct ipck *ctx, struct request *request)
{
	struct plan plan;
	int made = plan_make(ctx, request, &plan), status = made;

	if (made != EXIT_USAGE && !request->dry_run) {
		int confirmed = confirm(request, &plan);

		if (confirmed != EXIT_DONE) {
			plan_free(&plan);
			return confirmed;
		}
	}
	if (made != EXIT_USAGE) {
		if (request->dry_run && !request->json && !plan_print(&plan, request))
			status = EXIT_USAGE;
		else
			status = plan_carry_out(ctx, request, &plan);
	}
	plan_free(&plan);
	return status > made ? status : made;
}

static int run(struct request *request, char **operands, size_t count)
{
	struct ipck *ctx;
	int status;

	if (!operands_read(&request->operands, operands, count, true) || !check(request))
		return EXIT_USAGE;
	if (request->ask_each && !request->dry_run && !can_ask()) {
		complain("-i: no terminal to ask on");
		return EXIT_USAGE;
	}
	if (ipck_open(NULL, &ctx) != IPCK_OK) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	status = carry_out(ctx, request);
	ipck_close(ctx);
	return status;
}

int main(int argc, char **argv)
{
	struct request request = {
		.timeout = 10,
		.selecting = SELECTING_INITIAL,
		.output = { .format = OUTPUT_TABLE,
			    .headings = true,
			    .truncate = true,
			    .style = { .now = time(NULL) } },
	};
	struct options options;
	bool show_help = false, show_version = false;
	int code = OPTION_BAD, status = EXIT_USAGE;

	/* A reader of the report that goes away must not stop a removal half way. */
	signal(SIGPIPE, SIG_IGN);
	if (program_called(argv[0], "ipcrm")) {
		program_begin("ipcrm");
		return ipcrm_main(argc, argv);
	}
	program_begin("ipckill");
	if (options_begin(&options, argc, argv, tables))
		while ((code = options_next(&options)) >= 0) {
			show_help |= code == 'h';
			show_version |= code == 'V';
			if (code != 'h' && code != 'V' && !take_option(&request, &options, code)) {
				code = OPTION_BAD;
				break;
			}
		}
	if (code == OPTION_END && show_help)
		status = help();
	else if (code == OPTION_END && show_version)
		status = puts("ipckill from ipckit " PACKAGE_VERSION) < 0 ? EXIT_USAGE : EXIT_DONE;
	else if (code == OPTION_END)
		status = run(&request, argv + optind, (size_t)(argc - optind));
	options_free(&options);
	selecting_free(&request.selecting);
	operands_free(&request.operands);
	return program_end(status);
}
