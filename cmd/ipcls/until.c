/* SPDX-License-Identifier: MIT */
/* Waiting for scripts: --until a state, for the objects that references name. */
#include "common/program.h"
#include "ipcls.h"

#include <stdio.h>
#include <stdlib.h>

const char *const until_words[] = { "unattached", "gone", "drained", NULL };

static const char *const until_states[] = {
	[IPCK_UNTIL_UNATTACHED] = "still in use",
	[IPCK_UNTIL_GONE] = "still there",
	[IPCK_UNTIL_DRAINED] = "not empty yet",
};

static void complain_left(const struct ipck_object *object, const struct request *request)
{
	struct ipck_ref ref;
	char text[IPCK_REF_MAX], after[32];

	ipck_object_ref(object, false, &ref);
	ipck_ref_format(&ref, text, sizeof(text));
	ipck_format_duration(request->timeout, after, sizeof(after));
	complain("%s: %s after %s", text, until_states[request->until], after);
}

static int wait_for(struct ipck *ctx, const struct request *request,
		    const struct ipck_objects *objects)
{
	const size_t count = ipck_objects_count(objects);
	const struct ipck_object **wanted = calloc(count + 1, sizeof(*wanted));
	bool *reached = calloc(count + 1, sizeof(*reached));
	int rc = IPCK_ERR_MEMORY;

	for (size_t i = 0; wanted != NULL && i < count; i++)
		wanted[i] = ipck_objects_at(objects, i);
	if (wanted == NULL || reached == NULL)
		complain("out of memory");
	else
		rc = ipck_wait(ctx, wanted, count, request->until, request->timeout, reached);
	if (rc == IPCK_ERR_BUSY)
		for (size_t i = 0; i < count; i++) {
			if (!reached[i])
				complain_left(wanted[i], request);
		}
	else if (rc != IPCK_OK && rc != IPCK_ERR_MEMORY)
		complain("%s", ipck_message(ctx));
	free(wanted);
	free(reached);
	return rc == IPCK_OK                                      ? EXIT_DONE
	       : rc == IPCK_ERR_ARGUMENT || rc == IPCK_ERR_MEMORY ? EXIT_USAGE
								  : EXIT_PARTIAL;
}

/* Known by its holders alone, and not all processes were seen: one of the others may hold it. */
static bool may_be_out_of_sight(const struct ipck_ref *ref, const struct ipck_coverage *coverage)
{
	return ((ref->kind & IPCK_ENDPOINTS) != 0 || ref->form == IPCK_BY_INODE) &&
	       (coverage->denied > 0 || coverage->hidden);
}

/* What is not there, or is another object by now, is gone: that was waited for, or is missing. */
static void settle_gone(struct operands *operands, const struct ipck_coverage *coverage)
{
	for (size_t i = 0; i < operands->count; i++)
		if (operands->results[i] == IPCK_ERR_NOT_FOUND &&
		    may_be_out_of_sight(&operands->refs[i], coverage))
			operands->results[i] = IPCK_ERR_DENIED;
		else if (operands->results[i] == IPCK_ERR_NOT_FOUND ||
			 operands->results[i] == IPCK_ERR_CHANGED)
			operands->results[i] = IPCK_OK;
}

int wait_until(struct ipck *ctx, struct request *request)
{
	struct operands *operands = &request->operands;
	struct ipck_coverage coverage = { .size = sizeof(coverage) };
	const struct ipck_query query = { .size = sizeof(query),
					  .refs = operands->refs,
					  .ref_count = operands->count,
					  .ref_results = operands->results,
					  .coverage = &coverage };
	struct ipck_objects *objects;
	int status = EXIT_DONE, waited;

	if (operands->count == 0) /* an empty list: nothing to wait for */
		return EXIT_DONE;
	if (ipck_objects_read(ctx, &query, &objects) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		ipck_objects_free(objects);
		return EXIT_USAGE;
	}
	if (request->until == IPCK_UNTIL_GONE)
		settle_gone(operands, &coverage);
	if (operands_complain(operands) > 0)
		status = EXIT_PARTIAL;
	waited = wait_for(ctx, request, objects);
	ipck_objects_free(objects);
	return waited > status ? waited : status;
}
