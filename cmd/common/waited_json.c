/* SPDX-License-Identifier: MIT */
/* Threads that wait, in JSON: what they want, and on whom they wait. */
#include "common/json_values.h"
#include "common/waited.h"

static struct json_object *json_semaphore(const struct ipck_semaphore_wait *wait)
{
	struct json_object *object = json_object_new_object();

	if (object == NULL)
		return NULL;
	json_object_object_add(object, "num", json_object_new_uint64(wait->num));
	json_object_object_add(object, "op", json_object_new_int(wait->op));
	json_object_object_add(object, "value", json_number_if(wait->counts_known, wait->value));
	json_object_object_add(object, "undo", json_object_new_boolean(wait->undo));
	json_object_object_add(object, "ncount", json_number_if(wait->counts_known, wait->ncount));
	json_object_object_add(object, "zcount", json_number_if(wait->counts_known, wait->zcount));
	return object;
}

static struct json_object *json_message(const struct ipck_message_wait *wait)
{
	struct json_object *object = json_object_new_object();

	if (object == NULL)
		return NULL;
	json_object_object_add(object, "type",
			       wait->type_known ? json_object_new_int64(wait->type) : NULL);
	json_object_object_add(object, "size", json_object_new_uint64(wait->size));
	json_object_object_add(object, "messages",
			       json_number_if(wait->fill_known, wait->messages));
	json_object_object_add(object, "bytes", json_number_if(wait->fill_known, wait->bytes));
	json_object_object_add(object, "max_bytes",
			       json_number_if(wait->fill_known, wait->max_bytes));
	return object;
}

struct json_object *json_wants(const struct ipck_wait *wait)
{
	switch (wait->what) {
	case IPCK_WAIT_SEMAPHORE:
		return wait->wants != NULL ? json_semaphore(&wait->semaphore) : NULL;
	case IPCK_WAIT_MESSAGE:
	case IPCK_WAIT_ROOM:
		return wait->wants != NULL ? json_message(&wait->message) : NULL;
	default:
		return json_outside(wait->wants);
	}
}

static struct json_object *json_waiting_on(const struct ipck_awaited *awaited)
{
	struct json_object *object = json_object_new_object();

	if (object == NULL)
		return NULL;
	json_object_object_add(object, "pid", json_object_new_int(awaited->process.pid));
	json_object_object_add(object, "tid",
			       json_number_if(awaited->tid != 0, (uint64_t)awaited->tid));
	json_object_object_add(object, "command", json_outside(awaited->command));
	json_object_object_add(object, "evidence",
			       json_object_new_string(ipck_proof_name(awaited->proof)));
	json_object_object_add(object, "gone", json_object_new_boolean(awaited->gone));
	json_object_object_add(object, "group", json_object_new_uint64(awaited->group));
	return object;
}

struct json_object *json_awaited(const struct ipck_wait *wait)
{
	struct json_object *array = json_object_new_array_ext((int)wait->awaited_count);
	const struct ipck_awaited *awaited;

	for (size_t i = 0; array != NULL && (awaited = ipck_awaited_at(wait, i)) != NULL; i++)
		json_object_array_add(array, json_waiting_on(awaited));
	return array;
}
