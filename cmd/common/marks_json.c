/* SPDX-License-Identifier: MIT */
/* Marks of processes with their reasons, and how one has ended, as JSON. */
#include "common/json_values.h"
#include "common/signals.h"

#include <sys/wait.h>

static struct json_object *json_mark(const struct ipck_process *process, enum ipck_mark mark)
{
	struct json_object *object = json_object_new_object();
	char reason[IPCK_REASON_MAX];

	if (object == NULL)
		return NULL;
	json_object_object_add(object, "mark", json_object_new_string(ipck_mark_name(mark)));
	json_object_object_add(object, "reason",
			       ipck_mark_reason(process, mark, reason, sizeof(reason)) > 0
				       ? json_outside(reason)
				       : NULL);
	if ((process->likely & (uint32_t)mark) != 0)
		json_object_object_add(object, "likely", json_object_new_boolean(1));
	return object;
}

struct json_object *json_marks(const struct ipck_process *process)
{
	struct json_object *array = json_object_new_array();

	for (unsigned i = 0; array != NULL && i < IPCK_MARK_COUNT; i++)
		if ((process->marks & 1u << i) != 0)
			json_object_array_add(array, json_mark(process, 1u << i));
	return array;
}

struct json_object *json_exit(int status)
{
	struct json_object *object = json_object_new_object();
	char name[SIGNAL_NAME_MAX];

	if (object == NULL)
		return NULL;
	if (WIFSIGNALED(status)) {
		json_object_object_add(object, "signaled",
				       json_object_new_string(signal_name(WTERMSIG(status), name)));
		json_object_object_add(object, "core",
				       json_object_new_boolean(WCOREDUMP(status) ? 1 : 0));
	} else {
		json_object_object_add(object, "exited", json_object_new_int(WEXITSTATUS(status)));
	}
	return object;
}
