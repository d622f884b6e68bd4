/* SPDX-License-Identifier: MIT */
/* Carrying a plan out, and saying of each object what became of it. */
#include "common/program.h"
#include "ipckill.h"

#include <stdio.h>
#include <string.h>

static const char *const result_words[] = {
	[RESULT_PLANNED] = "planned", [RESULT_REMOVED] = "removed", [RESULT_REFUSED] = "refused",
	[RESULT_FAILED] = "failed",   [RESULT_SKIPPED] = "skipped", [RESULT_MISSING] = "missing",
};

/* The library's message without the reference, which stands before it in the report anyway. */
static const char *reason_only(const char *message)
{
	const char *colon = strstr(message, ": ");

	return colon != NULL ? colon + 2 : message;
}

static void carry_out(struct ipck *ctx, const struct request *request, struct step *step,
		      bool from_set)
{
	const struct ipck_remove_options options = { .size = sizeof(options),
						     .idle_only = from_set && !request->force };
	struct ipck_remove_result outcome = { .size = sizeof(outcome) };
	int rc = ipck_remove(ctx, step->object, &options, &outcome);

	step->result = RESULT_REMOVED;
	if (rc == IPCK_OK) {
		if (outcome.pending)
			snprintf(step->reason, sizeof(step->reason),
				 "goes with its last attachment");
		return;
	}
	step->result =
		rc == IPCK_ERR_CHANGED || rc == IPCK_ERR_BUSY ? RESULT_REFUSED : RESULT_FAILED;
	snprintf(step->reason, sizeof(step->reason), "%s", reason_only(ipck_message(ctx)));
}

/* The object in words, for a question or with -v.  Names come from outside. */
static const char *description(const struct ipck_object *object, char *buf, size_t size)
{
	char owner[128], creator[128];

	ipck_sanitise(object->owner != NULL ? object->owner : "nobody", owner, sizeof(owner));
	if ((object->kind & IPCK_SYSV) == 0) {
		snprintf(buf, size, "owner %s, mode %04o", owner, object->mode);
		return buf;
	}
	ipck_sanitise(object->creator, creator, sizeof(creator));
	snprintf(buf, size, "key 0x%08x, owner %s, creator %s", object->key, owner, creator);
	return buf;
}

/* A JSON string, by hand: a report must not fail for want of memory when half is removed. */
static void put_json(const char *text)
{
	char valid[IPCK_REF_MAX];

	ipck_utf8(text, valid, sizeof(valid));
	putchar('"');
	for (const char *p = valid; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			putchar('\\');
		if ((unsigned char)*p < 0x20)
			printf("\\u%04x", (unsigned char)*p);
		else
			putchar(*p);
	}
	putchar('"');
}

static void report_json(const struct step *step, bool first)
{
	char ref[IPCK_REF_MAX];

	printf("%s\n{\"ref\":", first ? "" : ",");
	put_json(step_ref(step, ref));
	fputs(",\"action\":\"remove\",\"result\":", stdout);
	put_json(result_words[step->result]);
	fputs(",\"reason\":", stdout);
	if (step->reason[0] != '\0')
		put_json(step->reason);
	else
		fputs("null", stdout);
	putchar('}');
}

static bool went_wrong(const struct step *step)
{
	return step->result == RESULT_REFUSED || step->result == RESULT_FAILED ||
	       step->result == RESULT_MISSING;
}

static void report_text(const struct step *step, const struct request *request)
{
	char words[320], ref[IPCK_REF_MAX];

	if (went_wrong(step)) {
		complain("%s: %s%s", step_ref(step, ref),
			 step->result == RESULT_REFUSED ? "refused: " : "", step->reason);
		return;
	}
	if (step->result == RESULT_PLANNED) /* the table of the plan has shown it */
		return;
	printf("%s %s", result_words[step->result], step_ref(step, ref));
	if (request->verbose && step->object != NULL)
		printf(" (%s)", description(step->object, words, sizeof(words)));
	printf("%s%s\n", step->reason[0] != '\0' ? ": " : "", step->reason);
}

static bool agreed(const struct step *step)
{
	char words[320], ref[IPCK_REF_MAX];

	return ask("remove %s (%s)? [y/N] ", step_ref(step, ref),
		   description(step->object, words, sizeof(words))) == ANSWER_YES;
}

int plan_carry_out(struct ipck *ctx, const struct request *request, struct plan *plan)
{
	int status = EXIT_DONE;

	if (request->json)
		fputs("{\"results\": [", stdout);
	for (size_t i = 0; i < plan->count; i++) {
		struct step *step = &plan->steps[i];

		if (step->result == RESULT_PLANNED && !request->dry_run) {
			if (request->ask_each && !agreed(step))
				step->result = RESULT_SKIPPED;
			else
				carry_out(ctx, request, step, plan->from_set);
		}
		if (request->json)
			report_json(step, i == 0);
		if (!request->json || went_wrong(step))
			report_text(step, request);
		program_flush(); /* told before the next one goes */
		if (went_wrong(step))
			status = EXIT_PARTIAL;
	}
	if (request->json)
		puts("\n]}");
	return status;
}
