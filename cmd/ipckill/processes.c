/* SPDX-License-Identifier: MIT */
/*
 * Signalling processes: everything is found and shown before the first signal, a set is confirmed
 * once, and who outlives the time to end gets what --then says.
 */
#include "processes.h"
#include "common/program.h"
#include "common/signals.h"
#include "interrupt.h"
#include "signalling.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

/* How long one wait lasts at most: a Ctrl-C right before it is noticed after it. */
#define WAIT_SLICE 1000 /* milliseconds */

bool means_the_end(int signo)
{
	static const int ending[] = { SIGTERM, SIGKILL, SIGINT, SIGHUP, SIGQUIT, SIGABRT };

	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (ending[i] == signo)
			return true;
	return false;
}

/* HUP is what daemons read their settings again for: only who says how long waits for an end. */
bool processes_wait(const struct request *request)
{
	return request->wait || (means_the_end(request->signo) && request->signo != SIGHUP);
}

static const char *problem_with(const struct request *request)
{
	const struct selecting *selecting = &request->selecting;

	if (request->all || selecting->kinds != 0 || selecting->selection.tests != 0)
		return "--all, kinds and selections are of objects: leave them out where processes "
		       "are named";
	if (selecting->where != IPCK_NS_OWN)
		return "-N: is of objects: leave it out where processes are named";
	if (request->save_dir != NULL)
		return "--save: is of objects: nothing of a process can be saved";
	if (request->keep)
		return "--keep: is of objects: where processes are named nothing is removed";
	if (request->ask_each)
		return "-i: asks for each object; processes are confirmed once, as a set";
	if (request->then != 0 && !processes_wait(request))
		return "--then: nobody is meant to end by that signal: say how long to wait by "
		       "--timeout";
	return NULL;
}

/* Numbers that mean more than anybody wants to signal. */
static bool check_reference(const struct ipck_ref *ref, bool force)
{
	const char *problem = NULL;
	char text[IPCK_REF_MAX];

	if (ref->pid > 1)
		return true;
	if (ref->kind == IPCK_PGRP)
		problem = "is no group to signal: kill(2) takes its number for all processes";
	else if (ref->kind == IPCK_SESSION)
		problem = "is the session of init: name groups or processes of it";
	else if (ref->kind == IPCK_TREE && !force)
		problem = "all processes descend from it; --force would signal them";
	if (problem == NULL)
		return true;
	ipck_ref_format(ref, text, sizeof(text));
	complain("%s: %s", text, problem);
	return false;
}

bool processes_check(const struct request *request)
{
	const struct operands *operands = &request->operands;
	const char *problem;
	char text[IPCK_REF_MAX];

	ipck_ref_format(operands_process(operands), text, sizeof(text));
	if (operands->objects > 0) {
		complain("%s: names a process, not an object; name one or the other in one run",
			 text);
		return false;
	}
	if (request->signo == 0) {
		complain("%s: is signalled, not removed: say --signal TERM, or another signal",
			 text);
		return false;
	}
	problem = problem_with(request);
	if (problem != NULL) {
		complain("%s", problem);
		return false;
	}
	for (size_t i = 0; i < operands->count; i++)
		if (!check_reference(&operands->refs[i], request->force))
			return false;
	return true;
}

/* The library holds a descriptor to each process. */
static void allow_many_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* EXIT_USAGE: nothing can be done. */
static int find(struct process_run *run)
{
	const struct operands *operands = &run->request->operands;
	const struct ipck_process_set_query query = {
		.size = sizeof(query),
		.refs = operands->refs,
		.ref_count = operands->count,
		.ref_results = operands->results,
		.force = run->request->force,
	};
	int rc;

	allow_many_descriptors();
	rc = ipck_process_set_open(run->ctx, &query, &run->set);
	run->opened = run->set != NULL ? ipck_process_set_count(run->set) : 0;
	if (rc == IPCK_OK)
		return EXIT_DONE;
	if (run->set != NULL)
		return EXIT_PARTIAL; /* the report says which reference, and why */
	complain("%s", ipck_message(run->ctx));
	return EXIT_USAGE;
}

static size_t pending(const struct process_run *run)
{
	const struct ipck_member *member;
	size_t count = 0;

	for (size_t i = 0; (member = ipck_process_set_at(run->set, i)) != NULL; i++)
		count += member->state == IPCK_MEMBER_PLANNED;
	return count;
}

static bool show(const void *shown, const struct request *request)
{
	(void)request;
	return process_table(shown);
}

/* One process that is named is meant; all else may be more than was thought of. */
static int confirm_set(const struct process_run *run)
{
	const struct request *request = run->request;
	const struct operands *operands = &request->operands;
	const struct question question = {
		.done = "signalled", .pending = pending(run), .show = show, .shown = run
	};
	char words[160], signal[SIGNAL_NAME_MAX], after[32], then[SIGNAL_NAME_MAX];
	int length;

	if (operands->count == 1 && operands->refs[0].kind == IPCK_PROCESS && !operands->from_input)
		return EXIT_DONE;
	length = snprintf(words, sizeof(words), "Send %s to %s %zu process%s",
			  signal_name(request->signo, signal),
			  question.pending == 1 ? "this" : "these", question.pending,
			  question.pending == 1 ? "" : "es");
	if (request->then != 0) {
		ipck_format_duration(request->timeout, after, sizeof(after));
		length += snprintf(words + length, sizeof(words) - (size_t)length,
				   ", and %s to who is left after %s",
				   signal_name(request->then, then), after);
	}
	snprintf(words + length, sizeof(words) - (size_t)length, "?");
	return confirm(request, &question, words);
}

/* Those that have ended get no more signals. */
static bool *find_over(const struct process_run *run, size_t *count)
{
	const struct ipck_member *member;
	bool *over;

	*count = ipck_process_set_count(run->set);
	over = calloc(*count + 1, sizeof(*over));
	for (size_t i = 0; over != NULL && i < *count; i++) {
		member = ipck_process_set_at(run->set, i);
		over[i] = member->state == IPCK_MEMBER_ENDED;
	}
	return over;
}

/* What went wrong as a whole; the report tells what did so with each. */
static void tell_failure(const struct process_run *run)
{
	const struct ipck_member *member;

	for (size_t i = 0; (member = ipck_process_set_at(run->set, i)) != NULL; i++)
		if (member->state == IPCK_MEMBER_FAILED && member->reason == run->error)
			return;
	complain("%s", ipck_message(run->ctx));
}

static bool send_signal(struct process_run *run, int signo)
{
	size_t count;
	bool *over = find_over(run, &count);
	int rc;

	if (over == NULL) {
		complain("out of memory");
		return false;
	}
	rc = ipck_process_set_signal(run->ctx, run->set, signo);
	if (rc != IPCK_OK) {
		run->error = rc;
		tell_failure(run);
	}
	if (!run->request->json)
		process_tell(run, signo, over, count);
	program_flush(); /* told before it is waited for */
	free(over);
	return true;
}

/* How many of those that got the signal live on; what cannot be waited for does. */
static size_t wait_for_end(struct process_run *run)
{
	uint64_t left_to_wait = run->request->timeout < UINT64_MAX / 1000
					? run->request->timeout * 1000
					: UINT64_MAX;
	size_t left = 0;
	int rc;

	do {
		const uint64_t slice = left_to_wait < WAIT_SLICE ? left_to_wait : WAIT_SLICE;

		rc = ipck_process_set_wait(run->ctx, run->set, slice, &left);
		left_to_wait -= slice;
	} while ((rc == IPCK_ERR_BUSY || rc == IPCK_ERR_STOPPED) && left_to_wait > 0 &&
		 !interrupted());
	run->waited = !interrupted() || rc == IPCK_OK;
	return rc == IPCK_OK ? 0 : left;
}

static bool act(struct process_run *run)
{
	const struct request *request = run->request;

	interrupts_note();
	if (!send_signal(run, request->signo))
		return false;
	if (!processes_wait(request) || interrupted())
		return true;
	if (wait_for_end(run) == 0 || request->then == 0 || interrupted())
		return true;
	if (!send_signal(run, request->then))
		return false;
	run->waited = false;
	if (!interrupted())
		wait_for_end(run);
	return true;
}

static bool print_dry_run(const struct process_run *run)
{
	const struct ipck_member *member;

	if (!process_table(run))
		return false;
	for (size_t i = 0; (member = ipck_process_set_at(run->set, i)) != NULL; i++)
		if (member->state == IPCK_MEMBER_PLANNED) {
			signalling_tell("would signal", run->request->signo, member->command,
					member->process.pid, member->uid);
			putchar('\n');
		}
	return true;
}

int processes_signal(struct ipck *ctx, const struct request *request)
{
	struct process_run run = { .ctx = ctx, .request = request };
	int found = find(&run), status = found;

	if (found != EXIT_USAGE && !request->dry_run)
		status = confirm_set(&run);
	else if (found != EXIT_USAGE && !request->json && !print_dry_run(&run))
		status = EXIT_USAGE;
	if (found != EXIT_USAGE && (request->dry_run || status == EXIT_DONE)) {
		if (request->dry_run || pending(&run) == 0 || act(&run))
			status = process_report(&run);
		else
			status = EXIT_PARTIAL;
	}
	ipck_process_set_close(run.set);
	return status > found ? status : found;
}
