/* SPDX-License-Identifier: MIT */
/* --deadlocks -J: an object for each deadlock, with its members. */
#include "common/json_values.h"
#include "deadlocks.h"

#include <stdio.h>

static struct json_object *json_member(const struct ipck_deadlock_member *member)
{
	const struct ipck_wait *wait = member->wait;
	struct json_object *object = json_object_new_object();

	if (object == NULL)
		return NULL;
	json_object_object_add(object, "pid", json_object_new_int(wait->process.pid));
	json_object_object_add(object, "tid", json_object_new_int(wait->tid));
	json_object_object_add(object, "command", json_outside(wait->command));
	json_object_object_add(object, "call", json_outside(wait->call));
	json_object_object_add(object, "ref", json_outside(wait->ref));
	json_object_object_add(object, "object",
			       json_outside(wait->object != NULL ? wait->object : wait->ref));
	json_object_object_add(object, "wants", json_wants(wait));
	json_object_object_add(object, "next", json_object_new_uint64(member->next));
	json_object_object_add(object, "evidence",
			       json_object_new_string(ipck_proof_name(member->on->proof)));
	return object;
}

static struct json_object *json_deadlock(const struct ipck_deadlock *deadlock)
{
	const struct ipck_deadlock_member *member;
	struct json_object *object = json_object_new_object();
	struct json_object *members = json_object_new_array();

	if (object == NULL || members == NULL) {
		json_object_put(object);
		json_object_put(members);
		return NULL;
	}
	json_object_object_add(object, "certainty",
			       json_object_new_string(certainty_name(deadlock->certainty)));
	json_object_object_add(object, "behind", json_object_new_uint64(deadlock->behind));
	json_object_object_add(object, "members", members);
	for (size_t i = 0; (member = ipck_deadlock_member_at(deadlock, i)) != NULL; i++) {
		struct json_object *one = json_member(member);

		if (one == NULL || json_object_array_add(members, one) != 0) {
			json_object_put(one);
			json_object_put(object);
			return NULL;
		}
	}
	return object;
}

bool deadlocks_json(const struct ipck_deadlocks *deadlocks)
{
	const struct ipck_deadlock *deadlock;

	fputs("{\"deadlocks\": [", stdout);
	for (size_t i = 0; (deadlock = ipck_deadlocks_at(deadlocks, i)) != NULL; i++) {
		struct json_object *object = json_deadlock(deadlock);
		const char *text = json_object_to_json_string_ext(
			object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

		if (object == NULL || text == NULL) {
			json_object_put(object);
			return false;
		}
		printf("%s%s", i == 0 ? "\n" : ",\n", text);
		json_object_put(object);
	}
	puts(ipck_deadlocks_count(deadlocks) == 0 ? "]}" : "\n]}");
	return true;
}
