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
#include "processes.h"

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
	OPTION_KEEP,
	OPTION_THEN
};

static const struct help_example examples[] = {
	{ "Remove these", "ipckill shm:5 sem:key=0x5432" },
	{ "What would go?", "ipckill --owner app --unattached --dry-run" },
	{ "Remove what nobody is attached to any more", "ipckill --owner app --unattached" },
	{ "The same in a script, without a question", "ipckill --owner app --unattached -y" },
	{ "Look first, remove exactly what was seen", "ipcls -no EXACT ... | ipckill -y -" },
	{ "Keep a copy of what was in them", "ipckill --save /root/kept --owner app --unattached" },
	{ "End who holds it, then remove it", "ipckill --signal TERM shm:5" },
	{ "End all of a login, forks and all", "ipckill --signal TERM --then KILL session:812" },
	{ "End one process, and no other", "ipckill --signal TERM pid:4711%18273645" },
	{ NULL, NULL },
};

static const struct option_row action_options[] = {
	{ 0, "Act", NULL, NULL },
	{ 'a', "all", NULL, "all of the kinds given, or of -mqs" },
	{ OPTION_DRY_RUN, "dry-run", NULL, "show the plan and stop" },
	{ 'y', "yes", NULL, "do not ask whether a set is to be removed or signalled" },
	{ 'i', "interactive", NULL, "ask before each object" },
	{ OPTION_FORCE, "force", NULL, "also objects of a set in use; also one's own session" },
	{ OPTION_SAVE, "save", "DIR", "first write the content of each object to a file in DIR" },
	{ OPTION_SIGNAL, "signal", "SIG", "first signal who holds it, and wait until nobody does" },
	{ OPTION_TIMEOUT, "timeout", "DUR", "how long to wait for that; 10s by default" },
	{ OPTION_KEEP, "keep", NULL, "with --signal: signal, and remove nothing" },
	{ OPTION_THEN, "then", "SIG", "send this to processes named that outlive --timeout" },
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
	options_help(
		"Usage: ipckill [OPTION]... REF...|-\n"
		"       ipckill [OPTION]... SELECTION\n"
		"Remove IPC objects, and nothing but those meant; with --signal, end processes.\n",
		examples, tables,
		"A REF is shm:ID, msg:key=0x1234, posix-shm:/NAME ...; - reads them from\n"
		"standard input.  What ipcls lists for a selection is what ipckill removes "
		"for it.\n"
		"Exit status: 0 done, 1 something was missing, refused or failed, 2 usage:\n"
		"nothing done.  See ipckill(1) and ipckit(7).");
	return EXIT_DONE;
}

static bool take_signal(const struct options *options, int code, int *signo)
{
	*signo = signal_parse(options->operand);
	if (*signo == 0)
		complain("%s: %s: not a signal: TERM, SIGHUP, 9, RTMIN+1 ...",
			 options_name(options, code), options->operand);
	return *signo != 0;
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
		return take_signal(options, code, &request->signo);
	case OPTION_THEN:
		return take_signal(options, code, &request->then);
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

/* Is it clear what is to be removed? */
static bool check(const struct request *request)
{
	const bool named = request->operands.count > 0 || request->operands.from_input;
	const char *problem = NULL;

	if (operands_process(&request->operands) != NULL)
		return processes_check(request);
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
	else if (request->then != 0 && request->operands.count > 0)
		problem = "--then: only where processes are named; who holds an object on is told";
	else if (request->then != 0 && !request->operands.from_input)
		problem = "--then: only where processes are named";
	else if (request->json && request->ask_each)
		problem = "-J is for programs, -i for people: give one of them";
	else if (!named && !request->all && request->selecting.selection.tests == 0)
		problem = request->selecting.kinds != 0
				  ? "kinds alone select nothing: say --all, or a selection"
			  : request->signo != 0
				  ? "nothing to signal: name processes, like pid:4711, or objects, "
				    "or give a selection; see ipckill --help"
				  : "nothing to remove: name objects, or give a selection; see "
				    "ipckill --help";
	if (problem != NULL)
		complain("%s", problem);
	return problem == NULL;
}

static bool show_plan(const void *plan, const struct request *request)
{
	return plan_print(plan, request);
}

/* The one question about a set.  EXIT_DONE: go on. */
static int confirm_plan(const struct request *request, const struct plan *plan)
{
	const size_t pending = plan_pending(plan);
	const char *verb = request->keep         ? "Signal all holders of"
			   : request->signo != 0 ? "Signal all holders of, and remove"
						 : "Remove";
	const struct question question = {
		.done = "removed", .pending = pending, .show = show_plan, .shown = plan
	};
	char words[128];

	if (!plan->from_set || request->ask_each)
		return EXIT_DONE;
	snprintf(words, sizeof(words), "%s %s %zu object%s?", verb, pending == 1 ? "this" : "these",
		 pending, pending == 1 ? "" : "s");
	return confirm(request, &question, words);
}

static int carry_out(struct ipck *ctx, struct request *request)
{
	struct plan plan;
	int made = plan_make(ctx, request, &plan), status = made;

	if (made != EXIT_USAGE && !request->dry_run) {
		int confirmed = confirm_plan(request, &plan);

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
	status = operands_process(&request->operands) != NULL ? processes_signal(ctx, request)
							      : carry_out(ctx, request);
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
