/* SPDX-License-Identifier: MIT */
/*
 * What ipcrm removes and how it reports it.  What could not be removed is always reported and ends
 * with 1; with -a, an object that went by itself meanwhile was removed all the same.
 */
#include "common/program.h"
#include "ipcrm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct ipcrm_kind ipcrm_kinds[IPCRM_KINDS] = {
	{ IPCK_SHM, "shm", "shared memory segment", "shared memory", 'm', 'M' },
	{ IPCK_SEM, "sem", "semaphore", "semaphores", 's', 'S' },
	{ IPCK_MSG, "msg", "message queue", "message queues", 'q', 'Q' },
};

const struct ipcrm_kind *ipcrm_kind_of_word(const char *word)
{
	for (size_t i = 0; i < IPCRM_KINDS; i++)
		if (strcmp(ipcrm_kinds[i].word, word) == 0)
			return &ipcrm_kinds[i];
	return NULL;
}

static void say_removing(enum ipck_kind kind, int32_t id)
{
	for (size_t i = 0; i < IPCRM_KINDS; i++)
		if (ipcrm_kinds[i].kind == kind)
			printf("removing %s id `%" PRId32 "'\n", ipcrm_kinds[i].removing, id);
}

/* What went wrong with an object that was named; text is its key as given, or NULL. */
static void report(struct ipck *ctx, int reason, int32_t id, const char *text)
{
	const char *what = text != NULL ? "key" : "id";
	char number[16];

	snprintf(number, sizeof(number), "%" PRId32, id);
	if (text == NULL)
		text = number;
	switch (reason) {
	case IPCK_ERR_DENIED:
		complain("permission denied for %s (%s)", what, text);
		break;
	case IPCK_ERR_NOT_FOUND:
		complain("invalid %s (%s)", what, text);
		break;
	case IPCK_ERR_CHANGED:
		complain("already removed %s (%s)", what, text);
		break;
	default:
		complain("%s failed: %s", what, ipck_message(ctx));
		break;
	}
}

static int read_one(struct ipck *ctx, const struct ipck_ref *ref, struct ipck_objects **objects)
{
	const struct ipck_query query = { .size = sizeof(query), .refs = ref, .ref_count = 1 };
	int rc = ipck_objects_read(ctx, &query, objects);

	if (rc == IPCK_OK && ipck_objects_count(*objects) == 0)
		rc = IPCK_ERR_NOT_FOUND; /* it went while it was read */
	if (rc != IPCK_OK) {
		ipck_objects_free(*objects);
		*objects = NULL;
	}
	return rc;
}

/*
 * Remove whatever a reference names now.  Somebody may change the object between the look and the
 * act: then look again, since the user named it by its number or key and by nothing else.
 */
static int remove_ref(struct ipck *ctx, const struct ipck_ref *ref, bool announce)
{
	int rc = IPCK_ERR_CHANGED;

	for (int tries = 0; rc == IPCK_ERR_CHANGED && tries < 3; tries++) {
		const struct ipck_object *object;
		struct ipck_objects *objects;

		rc = read_one(ctx, ref, &objects);
		if (rc != IPCK_OK)
			break;
		object = ipck_objects_at(objects, 0);
		if (announce)
			say_removing(object->kind, object->id);
		announce = false;
		rc = ipck_remove(ctx, object, NULL, NULL);
		ipck_objects_free(objects);
	}
	return rc;
}

static bool carry_out(struct ipck *ctx, const struct ipcrm_order *order)
{
	const bool by_key = order->ref.form == IPCK_BY_KEY;
	int rc;

	/* An id is announced before anything is known of it, a key when it has led to an id. */
	if (order->verbose && !by_key)
		say_removing(order->ref.kind, order->ref.id);
	rc = remove_ref(ctx, &order->ref, order->verbose && by_key);
	if (rc != IPCK_OK)
		report(ctx, rc, order->ref.id, order->text);
	return rc == IPCK_OK;
}

/* An object of the list that -a works off.  One that went meanwhile is what was wanted. */
static bool remove_listed(struct ipck *ctx, const struct ipck_object *object, bool verbose)
{
	int rc;

	if (verbose)
		say_removing(object->kind, object->id);
	rc = ipck_remove(ctx, object, NULL, NULL);
	if (rc == IPCK_ERR_CHANGED) {
		struct ipck_ref ref;

		ipck_object_ref(object, false, &ref);
		rc = remove_ref(ctx, &ref, false);
	}
	if (rc == IPCK_OK || rc == IPCK_ERR_NOT_FOUND)
		return true;
	report(ctx, rc, object->id, NULL);
	return false;
}

static bool remove_all(struct ipck *ctx, const struct ipcrm_kind *kind, bool verbose)
{
	const struct ipck_query query = { .size = sizeof(query), .kinds = kind->kind };
	struct ipck_objects *objects;
	int rc = ipck_objects_read(ctx, &query, &objects);
	bool complete = rc == IPCK_OK;

	if (rc == IPCK_ERR_UNSUPPORTED)
		complain("kernel not configured for %s", kind->feature);
	else if (rc != IPCK_OK)
		complain("%s", ipck_message(ctx));
	for (size_t i = 0; objects != NULL && i < ipck_objects_count(objects); i++)
		complete = remove_listed(ctx, ipck_objects_at(objects, i), verbose) && complete;
	ipck_objects_free(objects);
	return complete;
}

bool ipcrm_remove(struct ipck *ctx, const struct ipcrm_plan *plan)
{
	bool complete = true;

	for (size_t i = 0; i < plan->count; i++)
		complete = carry_out(ctx, &plan->orders[i]) && complete;
	for (size_t i = 0; plan->all && i < IPCRM_KINDS; i++)
		if (plan->kinds == 0 || (plan->kinds & ipcrm_kinds[i].kind) != 0)
			complete = remove_all(ctx, &ipcrm_kinds[i], plan->verbose) && complete;
	if (plan->old_syntax && complete)
		puts("resource(s) deleted");
	return complete;
}
