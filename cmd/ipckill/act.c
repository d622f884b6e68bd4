/* SPDX-License-Identifier: MIT */
/*
 * Carrying a plan out: each object is saved, then its holders are made to let go, then it is
 * removed, as far as the request says so.  With --signal the three are done for all objects one
 * after the other, since one process may hold many.
 */
#include "common/program.h"
#include "interrupt.h"
#include "saving.h"
#include "signalling.h"

#include <stdio.h>

struct run {
	struct ipck *ctx;
	const struct request *request;
	struct plan *plan;
	struct saving saving;
	struct targets targets;
};

static void remove_object(struct run *run, struct step *step)
{
	const struct request *request = run->request;
	const struct ipck_remove_options options = {
		.size = sizeof(options),
		/* Whoever came after the signal was not asked to let go. */
		.idle_only = (run->plan->from_set || request->signo != 0) && !request->force,
	};
	struct ipck_remove_result outcome = { .size = sizeof(outcome) };
	int rc = ipck_remove(run->ctx, step->object, &options, &outcome);

	if (rc != IPCK_OK) {
		step_fail(step, rc, "%s", reason_only(ipck_message(run->ctx)));
		return;
	}
	step->result = RESULT_REMOVED;
	if (outcome.pending)
		snprintf(step->reason, sizeof(step->reason), "goes with its last attachment");
}

/* What is still to be done after Ctrl-C is told to be undone. */
static bool stopped(struct step *step)
{
	if (!interrupted())
		return false;
	step->result = RESULT_INTERRUPTED;
	snprintf(step->reason, sizeof(step->reason), "not done: interrupted");
	return true;
}

/* Ask for it, and save it.  False: it goes no further. */
static bool prepare(struct run *run, struct step *step)
{
	const struct request *request = run->request;
	char words[320], ref[IPCK_REF_MAX];

	if (step->result != RESULT_PLANNED || stopped(step))
		return false;
	if (request->ask_each &&
	    ask("%s %s (%s)? [y/N] ", request->keep ? "signal the holders of" : "remove",
		step_ref(step, ref), step_description(step, words, sizeof(words))) != ANSWER_YES) {
		if (!stopped(step))
			step->result = RESULT_SKIPPED;
		return false;
	}
	return request->save_dir == NULL || saving_keep(&run->saving, run->ctx, run->plan, step);
}

/* Everything up to the removal, for all objects. */
static void signal_holders(struct run *run)
{
	const struct request *request = run->request;
	struct plan *plan = run->plan;

	for (size_t i = 0; i < plan->count; i++)
		prepare(run, &plan->steps[i]);
	/* Once more: a process that holds only what was answered for with no is spared. */
	signalling_free(&run->targets);
	if (!signalling_find(plan, &run->targets)) {
		for (size_t i = 0; i < plan->count; i++)
			if (plan->steps[i].result == RESULT_PLANNED)
				step_fail(&plan->steps[i], IPCK_ERR_MEMORY, "out of memory");
		return;
	}
	signalling_send(run->ctx, request, &run->targets);
	if (!interrupted() && (!request->keep || request->wait))
		signalling_wait(run->ctx, request, plan, &run->targets);
	for (size_t i = 0; i < plan->count; i++)
		if (request->keep && plan->steps[i].result == RESULT_PLANNED &&
		    !stopped(&plan->steps[i])) {
			plan->steps[i].result = RESULT_SIGNALLED;
			if (plan->steps[i].object->holder_count == 0)
				snprintf(plan->steps[i].reason, sizeof(plan->steps[i].reason),
					 "nobody holds it");
		}
}

static void finish(struct run *run, struct step *step)
{
	const bool ready = run->request->signo != 0
				   ? step->result == RESULT_PLANNED && !stopped(step)
				   : prepare(run, step);

	if (ready)
		remove_object(run, step);
}

static int carry_out(struct run *run)
{
	const struct request *request = run->request;
	int status = EXIT_DONE;

	if (!request->dry_run)
		interrupts_note();
	if (request->signo != 0 && !request->dry_run)
		signal_holders(run);
	report_begin(request);
	for (size_t i = 0; i < run->plan->count; i++) {
		struct step *step = &run->plan->steps[i];

		if (!request->dry_run)
			finish(run, step);
		report_step(step, request, &run->targets, i == 0);
		if (step_went_wrong(step))
			status = EXIT_PARTIAL;
	}
	report_end(request);
	return status;
}

int plan_carry_out(struct ipck *ctx, const struct request *request, struct plan *plan)
{
	struct run run = { .ctx = ctx, .request = request, .plan = plan };
	const bool saves = request->save_dir != NULL && !request->dry_run && plan_pending(plan) > 0;
	int status;

	if (request->signo != 0 && !signalling_find(plan, &run.targets)) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	if (saves && !saving_open(&run.saving, request->save_dir)) {
		signalling_free(&run.targets);
		return EXIT_USAGE;
	}
	status = carry_out(&run);
	if (saves && !saving_close(&run.saving) && status == EXIT_DONE)
		status = EXIT_PARTIAL;
	signalling_free(&run.targets);
	return status;
}
