/* SPDX-License-Identifier: MIT */
/* What is to be removed: resolved in full, and shown, before anything is. */
#include "common/coverage.h"
#include "common/object_columns.h"
#include "common/program.h"
#include "saving.h"
#include "signalling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *step_ref(const struct step *step, char *buf)
{
	struct ipck_ref ref;

	if (step->object != NULL)
		ipck_object_ref(step->object, false, &ref);
	else
		ref = *step->named;
	if (ipck_ref_format(&ref, buf, IPCK_REF_MAX) < 0)
		buf[0] = '\0';
	return buf;
}

/* Why an object of a set is spared without --force; "" when it is not. */
static void in_use(const struct ipck_object *object, char *reason, size_t size)
{
	reason[0] = '\0';
	if (object->kind == IPCK_SHM && object->shm.nattch > 0)
		snprintf(reason, size, "attached %llu time%s; --force would remove it",
			 (unsigned long long)object->shm.nattch,
			 object->shm.nattch == 1 ? "" : "s");
	else if (object->kind == IPCK_SEM && object->sem.waiters > 0)
		snprintf(reason, size, "%llu waiting; --force would remove it",
			 (unsigned long long)object->sem.waiters);
	else if ((object->kind & IPCK_POSIX) != 0 && object->held > 0)
		snprintf(reason, size, "held by %zu process%s; --force would remove it",
			 object->held, object->held == 1 ? "" : "es");
	else if ((object->kind & IPCK_POSIX) != 0 && !object->holders_complete)
		snprintf(reason, size, "cannot see whether anybody holds it: %s",
			 ipck_strerror(IPCK_ERR_DENIED));
	else if (object->kind == IPCK_SEM && ipck_object_why(object, IPCK_SEM_WAITERS) != 0)
		snprintf(reason, size, "cannot see whether anybody waits: %s",
			 ipck_strerror(ipck_object_why(object, IPCK_SEM_WAITERS)));
}

static void add_object(struct plan *plan, const struct ipck_object *object,
		       const struct request *request)
{
	struct step *step = &plan->steps[plan->count++];

	step->object = object;
	if (request->signo != 0) { /* its holders let go first */
		signalling_check(request, step);
		return;
	}
	if ((object->kind & IPCK_ENDPOINTS) != 0) {
		step->result = RESULT_REFUSED;
		snprintf(step->reason, sizeof(step->reason),
			 "cannot be removed: it goes with its last holder");
		return;
	}
	if (!plan->from_set || request->force)
		return;
	in_use(object, step->reason, sizeof(step->reason));
	if (step->reason[0] != '\0')
		step->result = RESULT_REFUSED;
}

static void add_missing(struct plan *plan, const struct ipck_ref *ref, int why)
{
	struct step *step = &plan->steps[plan->count++];

	switch (why) {
	case IPCK_ERR_NOT_FOUND:
		step->result = RESULT_MISSING;
		break;
	case IPCK_ERR_NOT_SELECTED:
		step->result = RESULT_SKIPPED;
		break;
	case IPCK_ERR_CHANGED:
	case IPCK_ERR_OUTSIDE:
		step->result = RESULT_REFUSED;
		break;
	default:
		step->result = RESULT_FAILED;
		break;
	}
	step->named = ref;
	snprintf(step->reason, sizeof(step->reason), "%s", ipck_strerror(why));
}

/* All of no kind given stays what it always was: System V.  Selections take what ipcls lists. */
static unsigned kinds_to_plan(const struct request *request)
{
	const struct selecting *selecting = &request->selecting;

	if (selecting->kinds == 0 && selecting->selection.tests == 0)
		return IPCK_SYSV;
	/* what only descriptors keep can be signalled, not removed */
	return selecting_kinds(selecting) & (request->keep ? ~0u : ~(unsigned)IPCK_ENDPOINTS);
}

/* Who is in use is spared in a set; of POSIX objects only the processes tell. */
static unsigned wants_to_plan(const struct request *request, bool from_set, unsigned kinds)
{
	for (size_t i = 0; i < request->operands.count; i++)
		kinds |= request->operands.refs[i].kind;
	return IPCK_WANT_NAMES | IPCK_WANT_OWNER | IPCK_WANT_WAITERS | IPCK_WANT_PROCESSES |
	       (from_set && !request->force && (kinds & IPCK_POSIX) != 0 ? IPCK_WANT_HOLDERS : 0);
}

int plan_make(struct ipck *ctx, struct request *request, struct plan *plan)
{
	struct ipck_coverage coverage = { .size = sizeof(coverage) };
	const bool from_set = request->operands.count == 0 || request->operands.from_input ||
			      request->selecting.selection.tests != 0;
	const unsigned kinds = request->operands.count > 0 ? 0 : kinds_to_plan(request);
	size_t undecided = 0;
	struct ipck_query query = {
		.undecided = &undecided,
		.size = sizeof(query),
		.kinds = kinds,
		.coverage = &coverage,
		.want = wants_to_plan(request, from_set, kinds),
		.refs = request->operands.refs,
		.ref_count = request->operands.count,
		.ref_results = request->operands.results,
	};
	size_t objects;
	int rc;

	*plan = (struct plan){ .from_set = from_set };
	if (request->save_dir != NULL)
		query.want |= saving_wants();
	if (request->signo != 0)
		query.want |= IPCK_WANT_HOLDERS;
	if (request->operands.count == 0 && request->operands.from_input)
		return EXIT_DONE; /* an empty list names nothing, and must not mean everything */
	rc = selecting_query(&request->selecting, ctx, &query)
		     ? ipck_objects_read(ctx, &query, &plan->objects)
		     : IPCK_ERR_NOT_FOUND;
	if (rc != IPCK_OK)
		complain("%s", ipck_message(ctx));
	selecting_complain(&request->selecting, undecided);
	coverage_complain(&coverage, &query.select);
	if (plan->objects == NULL)
		return rc == IPCK_ERR_NOT_FOUND ? EXIT_PARTIAL : EXIT_USAGE;
	objects = ipck_objects_count(plan->objects);
	plan->steps = calloc(objects + request->operands.count + 1, sizeof(*plan->steps));
	if (plan->steps == NULL) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < objects; i++)
		add_object(plan, ipck_objects_at(plan->objects, i), request);
	for (size_t i = 0; i < request->operands.count; i++)
		if (request->operands.results[i] != IPCK_OK)
			add_missing(plan, &request->operands.refs[i], request->operands.results[i]);
	return rc == IPCK_OK || rc == IPCK_ERR_DENIED ? EXIT_DONE : EXIT_PARTIAL;
}

void plan_free(struct plan *plan)
{
	ipck_objects_free(plan->objects);
	free(plan->steps);
}

size_t plan_pending(const struct plan *plan)
{
	size_t pending = 0;

	for (size_t i = 0; i < plan->count; i++)
		pending += plan->steps[i].result == RESULT_PLANNED;
	return pending;
}

/* What goes before the removal: signals, and files. */
static bool print_before(const struct plan *plan, const struct request *request)
{
	struct targets targets;
	char ref[IPCK_REF_MAX], file[STEP_FILE_MAX];

	if (request->signo != 0) {
		if (!signalling_find(plan, &targets)) {
			complain("out of memory");
			return false;
		}
		signalling_print(&targets, request);
		signalling_free(&targets);
	}
	for (size_t i = 0; request->save_dir != NULL && i < plan->count; i++)
		if (plan->steps[i].result == RESULT_PLANNED)
			printf("would save %s as %s\n", step_ref(&plan->steps[i], ref),
			       saving_name(plan, &plan->steps[i], file));
	return true;
}

bool plan_print(const struct plan *plan, const struct request *request)
{
	struct writer writer;

	writer_open(&writer, &request->output);
	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++) {
		struct column_list columns;
		bool begun = false;

		column_list_fill(&columns, &object_columns, NULL, kind->plan, kind->kind);
		for (size_t i = 0; i < plan->count; i++) {
			const struct step *step = &plan->steps[i];

			if (step->result != RESULT_PLANNED || step->object->kind != kind->kind)
				continue;
			if (!begun)
				writer_begin(&writer, &columns, kind->json);
			begun = true;
			writer_row(&writer, step->object);
		}
		if (begun)
			writer_end(&writer);
	}
	return writer_close(&writer) && print_before(plan, request);
}
