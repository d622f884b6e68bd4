/* SPDX-License-Identifier: MIT */
/* Carrying a plan out, and saying of each object what became of it. */
#include "common/program.h"
#include "ipckill.h"

#include <json-c/json.h>
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
	int rc = ipck_remove(ctx, step->object, &options);

	step->result = RESULT_REMOVED;
	if (rc == IPCK_OK) {
		if (step->object->kind == IPCK_SHM && step->object->shm.nattch > 0)
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

	ipck_sanitise(object->owner, owner, sizeof(owner));
	ipck_sanitise(object->creator, creator, sizeof(creator));
	snprintf(buf, size, "key 0x%08x, owner %s, creator %s", object->key, owner, creator);
	return buf;
}

static void report_json(const struct step *step, bool first)
{
	struct json_object *row = json_object_new_object();
	char ref[IPCK_REF_MAX];

	json_object_object_add(row, "ref", json_object_new_string(step_ref(step, ref)));
	json_object_object_add(row, "action", json_object_new_string("remove"));
	json_object_object_add(row, "result", json_object_new_string(result_words[step->result]));
	json_object_object_add(row, "reason",
			       step->reason[0] != '\0' ? json_object_new_string(step->reason)
						       : NULL);
	printf("%s\n%s", first ? "" : ",",
	       json_object_to_json_string_ext(row, JSON_C_TO_STRING_PLAIN |
							   JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(row);
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
		if (went_wrong(step))
			status = EXIT_PARTIAL;
	}
	if (request->json)
		puts("\n]}");
	return status;
}
