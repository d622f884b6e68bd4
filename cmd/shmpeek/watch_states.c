/* SPDX-License-Identifier: MIT */
/* --watch of numbers: the object is read again at each tick, and what differs is told. */
#include "watch_states.h"
#include "common/json_values.h"
#include "common/program.h"
#include "common/watch_clock.h"

#include <stdio.h>
#include <string.h>

/* The same object once more; NULL: it is not there any more, or cannot be read.  Complains. */
static struct ipck_objects *read_again(const struct peeking *peeking, int *status)
{
	struct ipck_ref ref;
	int result = IPCK_OK;
	const struct ipck_query query = {
		.size = sizeof(query),
		.refs = &ref,
		.ref_count = 1,
		.ref_results = &result,
		.want = view_row(peeking->request, peeking->object->kind)->want,
	};
	struct ipck_objects *objects;
	const bool read = (ipck_object_ref(peeking->object, true, &ref),
			   ipck_objects_read(peeking->ctx, &query, &objects) == IPCK_OK);

	if (read && result == IPCK_OK && ipck_objects_count(objects) == 1)
		return objects;
	if (read && (result == IPCK_ERR_NOT_FOUND || result == IPCK_ERR_CHANGED)) {
		complain("%s: %s", peeking->ref,
			 result == IPCK_ERR_CHANGED ? "replaced, or its permissions changed"
						    : "gone");
	} else {
		complain("%s: %s", peeking->ref,
			 read ? ipck_strerror(result) : ipck_message(peeking->ctx));
		*status = EXIT_PARTIAL;
	}
	ipck_objects_free(objects);
	return NULL;
}

static bool same(const struct state *a, const struct state *b)
{
	for (size_t i = 0; i < STATE_NUMBERS && a->numbers[i].name != NULL; i++)
		if (a->numbers[i].number != b->numbers[i].number)
			return false;
	for (size_t i = 0; i < STATE_PROCESSES && a->processes[i].name != NULL; i++)
		if (a->processes[i].process->pid != b->processes[i].process->pid)
			return false;
	return true;
}

/* "12:34:56.789 sem:5 num 0: value 3 -> 2, last worker[12]" */
static void print_change(const struct peeking *peeking, const char *number,
			 const struct state *before, const struct state *now)
{
	char time[WATCH_TIME_MAX], text[VALUE_TEXT_MAX];
	const char *mark = ":";

	printf("%s %s%s", watch_time_text(time), peeking->ref, number);
	for (size_t i = 0; i < STATE_NUMBERS && now->numbers[i].name != NULL; i++) {
		if (before->numbers[i].number == now->numbers[i].number)
			continue;
		printf("%s %s %llu -> %llu", mark, now->numbers[i].name,
		       (unsigned long long)before->numbers[i].number,
		       (unsigned long long)now->numbers[i].number);
		mark = ",";
	}
	for (size_t i = 0; i < STATE_PROCESSES && now->processes[i].name != NULL; i++) {
		const struct value value = { .process = now->processes[i].process };

		value_text(&value, VALUE_PROCESS, &peeking->request->output.style, text);
		printf("%s %s %s", mark, now->processes[i].name, text);
		mark = ",";
	}
	putchar('\n');
}

static struct json_object *json_numbers(struct json_object *object, const struct state *state)
{
	for (size_t i = 0; i < STATE_NUMBERS && state->numbers[i].name != NULL; i++)
		json_object_object_add(object, state->numbers[i].name,
				       json_object_new_uint64(state->numbers[i].number));
	return object;
}

static void print_json(const struct peeking *peeking, const size_t *number,
		       const struct state *before, const struct state *now)
{
	struct json_object *line = json_object_new_object();
	char time[WATCH_TIME_MAX];

	watch_time_number(time);
	json_object_object_add(line, "time", json_object_new_double_s(0, time));
	json_object_object_add(line, "event",
			       json_object_new_string(before != NULL ? "change" : "begin"));
	json_object_object_add(line, "ref", json_object_new_string(peeking->ref));
	if (number != NULL)
		json_object_object_add(line, "num", json_object_new_uint64(*number));
	json_numbers(line, now);
	for (size_t i = 0; i < STATE_PROCESSES && now->processes[i].name != NULL; i++)
		json_object_object_add(line, now->processes[i].json,
				       json_process(now->processes[i].process));
	if (before != NULL)
		json_object_object_add(line, "before",
				       json_numbers(json_object_new_object(), before));
	puts(json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN |
							  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(line);
}

/* Those that differ; all without before. */
static void print_states(const struct peeking *peeking, const struct state_kind *kind,
			 const struct ipck_object *before, const struct ipck_object *now)
{
	const size_t count = kind->count(now);

	for (size_t i = 0; i < count; i++) {
		struct state was = { 0 }, is = { 0 };
		char number[32] = "";

		kind->get(now, i, &is);
		if (before != NULL)
			kind->get(before, i, &was);
		if (before != NULL && same(&was, &is))
			continue;
		if (kind->numbered)
			snprintf(number, sizeof(number), " num %zu", i);
		if (peeking->request->output.format == OUTPUT_JSON)
			print_json(peeking, kind->numbered ? &i : NULL,
				   before != NULL ? &was : NULL, &is);
		else
			print_change(peeking, number, &was, &is);
	}
}

/* What is there at first; false: that cannot be told. */
static bool print_first(struct peeking *peeking, const struct state_kind *kind, int *status)
{
	if (peeking->request->output.format != OUTPUT_JSON) {
		*status = watch_view(peeking);
	} else if (kind->known(peeking, peeking->object)) {
		print_states(peeking, kind, NULL, peeking->object);
	} else {
		*status = EXIT_PARTIAL;
	}
	return *status == EXIT_DONE;
}

int watch_states(struct peeking *peeking, const struct state_kind *kind)
{
	const struct ipck_object *before = peeking->object, *now;
	struct ipck_objects *last = NULL, *objects;
	int status = EXIT_DONE;

	if (!watch_begin(peeking->request->interval, peeking->request->timeout))
		return EXIT_USAGE;
	if (!print_first(peeking, kind, &status))
		return status;
	while (watch_tick()) {
		objects = read_again(peeking, &status);
		if (objects == NULL)
			break;
		now = ipck_objects_at(objects, 0);
		if (!kind->known(peeking, now)) {
			ipck_objects_free(objects);
			status = EXIT_PARTIAL;
			break;
		}
		print_states(peeking, kind, before, now);
		ipck_objects_free(last);
		last = objects;
		before = now;
	}
	ipck_objects_free(last);
	return status != EXIT_DONE ? status : watch_status();
}
