/* SPDX-License-Identifier: MIT */
/* "ipc" and "waits" of a process in JSON: all that it uses, and each of its threads that waits. */
#include "common/held.h"
#include "common/json_values.h"
#include "common/waited.h"
#include "uses.h"

static struct json_object *number(uint64_t value)
{
	return json_object_new_uint64(value);
}

static struct json_object *json_use(const struct use *use)
{
	struct json_object *object = json_object_new_object();
	char text[IPCK_REF_MAX], access[4];
	struct ipck_ref ref;

	if (object == NULL)
		return NULL;
	ipck_object_ref(use->object, false, &ref);
	ipck_ref_format(&ref, text, sizeof(text));
	json_object_object_add(object, "ref", json_object_new_string(text));
	json_object_object_add(object, "kind",
			       json_object_new_string(ipck_kind_name(use->object->kind)));
	json_object_object_add(object, "how", json_object_new_string(use_how_name(use->how)));
	held_access(use->access, access);
	json_object_object_add(object, "access",
			       use->access != 0 ? json_object_new_string(access) : NULL);
	json_object_object_add(object, "bytes", use->how == USE_MAP ? number(use->bytes) : NULL);
	json_object_object_add(object, "descriptors",
			       use->how == USE_FD ? number(use->descriptors) : NULL);
	return object;
}

static struct json_object *json_wait(const struct ipck_wait *wait)
{
	struct json_object *object = json_object_new_object();
	const char *why = wait->why == 0           ? NULL
			  : wait->why_text != NULL ? wait->why_text
						   : ipck_strerror(wait->why);

	if (object == NULL)
		return NULL;
	json_object_object_add(object, "tid", number((uint64_t)wait->tid));
	json_object_object_add(object, "call", json_outside(wait->call));
	json_object_object_add(object, "for", json_outside(waited_for(wait->what)));
	json_object_object_add(object, "ref", json_outside(wait->ref));
	json_object_object_add(object, "object", json_outside(wait->object));
	json_object_object_add(object, "wants", json_wants(wait));
	json_object_object_add(object, "timeout", json_object_new_boolean(wait->timeout));
	json_object_object_add(
		object, "seconds",
		json_number_if(wait->bound != IPCK_BOUND_UNKNOWN, wait->nanoseconds / 1000000000));
	json_object_object_add(object, "waiting_on", json_awaited(wait));
	json_object_object_add(object, "finding", json_outside(wait->finding));
	json_object_object_add(object, "reason", json_outside(why));
	return object;
}

/* Unknown where nothing was seen and not all could be. */
static struct json_object *make_ipc(const void *row, void *data, int *why)
{
	const struct uses *uses = ((const struct row *)row)->uses;
	struct json_object *array;

	(void)data;
	*why = uses == NULL ? IPCK_ERR_MEMORY : uses->count == 0 ? uses->why : 0;
	if (*why != 0)
		return NULL;
	array = json_object_new_array();
	for (size_t i = 0; array != NULL && i < uses->count; i++)
		json_object_array_add(array, json_use(&uses->uses[i]));
	return array;
}

static struct json_object *make_waits(const void *row, void *data, int *why)
{
	const struct uses *uses = ((const struct row *)row)->uses;
	struct json_object *array;

	(void)data;
	*why = uses == NULL ? IPCK_ERR_MEMORY : uses->wait_count == 0 ? uses->wait_why : 0;
	if (*why != 0)
		return NULL;
	array = json_object_new_array();
	for (size_t i = 0; array != NULL && i < uses->wait_count; i++)
		json_object_array_add(array, json_wait(uses->waits[i]));
	return array;
}

static void put_member(struct json_object *object, const char *key, struct json_object *member,
		       int why)
{
	struct json_object *unknown;

	json_object_object_add(object, key, member);
	if (why == 0)
		return;
	if (!json_object_object_get_ex(object, "unknown", &unknown)) {
		unknown = json_object_new_object();
		json_object_object_add(object, "unknown", unknown);
	}
	json_object_object_add(unknown, key, json_object_new_string(ipck_strerror(why)));
}

void uses_put(struct json_object *object, const struct row *row)
{
	struct json_object *member;
	int why;

	if (object == NULL || row->uses == NULL)
		return;
	member = make_ipc(row, NULL, &why);
	put_member(object, "ipc", member, why);
	member = make_waits(row, NULL, &why);
	put_member(object, "waits", member, why);
}

void uses_json(struct look *look, struct writer *writer)
{
	size_t i = 0;

	if (look->uses == NULL || writer->tree == NULL)
		return;
	while (i + 2 < WRITER_MEMBERS && writer->more[i].key != NULL)
		i++;
	writer->more[i] = (struct writer_member){ "ipc", make_ipc, NULL };
	writer->more[i + 1] = (struct writer_member){ "waits", make_waits, NULL };
}
