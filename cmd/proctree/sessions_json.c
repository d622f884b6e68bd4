/* SPDX-License-Identifier: MIT */
/* --by session as JSON: sessions hold groups, and groups hold processes, each with its own keys. */
#include "columns.h"
#include "common/json_values.h"
#include "common/row_json.h"
#include "sessions.h"
#include "uses.h"

#include <json-c/json.h>

static bool put(struct json_object *object, const char *key, struct json_object *value)
{
	return json_object_object_add(object, key, value) == 0;
}

static struct json_object *number_or_null(pid_t number)
{
	return number > 0 ? json_object_new_int(number) : NULL;
}

static struct json_object *one_process(const struct look *look, const struct ipck_process *process)
{
	struct json_object *object;
	struct row row;

	row_begin(look, process, &row);
	object = writer_json_object(&look->columns, &row);
	uses_put(object, &row);
	row_end(&row);
	return object;
}

static struct json_object *processes_of(const struct look *look, const struct ipck_group *group)
{
	struct json_object *array = json_object_new_array();
	const struct ipck_process *member;

	for (size_t i = 0; array != NULL && (member = ipck_group_member_at(group, i)) != NULL;
	     i++) {
		struct json_object *object;

		if (!is_named(look, member))
			continue;
		object = one_process(look, member);
		if (object == NULL || json_object_array_add(array, object) != 0) {
			json_object_put(array);
			return NULL;
		}
	}
	return array;
}

static struct json_object *one_group(const struct look *look, const struct ipck_group *group)
{
	struct json_object *object = json_object_new_object();
	struct json_object *processes = processes_of(look, group);

	if (object != NULL && processes != NULL &&
	    put(object, "pgid", number_or_null(group->pgid)) &&
	    put(object, "foreground", json_object_new_boolean(group->foreground)) &&
	    put(object, "orphaned", json_object_new_boolean(group->orphaned)) &&
	    put(object, "processes", processes))
		return object;
	json_object_put(object);
	return NULL;
}

/* ---- Sessions ---- */

#define SESSION ((const struct session_line *)row)->session
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

GETTER(get_sid)
{
	(void)style;
	value->number = (uint64_t)SESSION->sid;
	if (SESSION->sid <= 0)
		value->state = VALUE_NONE;
}

GETTER(get_tty)
{
	(void)style;
	value->text = SESSION->terminal;
	if (value->text == NULL)
		value->state = VALUE_NONE;
}

GETTER(get_foreground_pgid)
{
	(void)style;
	value->number = (uint64_t)SESSION->foreground_pgid;
	if (SESSION->foreground_pgid <= 0)
		value->state = VALUE_NONE;
}

GETTER(get_hung)
{
	(void)style;
	value->number = SESSION->hung;
}

GETTER(get_leader)
{
	(void)style;
	value->process = &((const struct session_line *)row)->leader;
}

static const struct column columns[] = {
	{ "SID", "sid", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_sid, "session" },
	{ "TTY", "tty", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_tty, "its controlling terminal" },
	{ "FG-PGID", "foreground_pgid", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_foreground_pgid,
	  "group in the foreground of that" },
	{ "HUNG", "hung", 0, VALUE_BOOLEAN, COLUMN_JSON, 0, 0, get_hung,
	  "nobody is in its foreground" },
	{ "LEADER", "leader", 0, VALUE_PROCESS, COLUMN_JSON, 0, 0, get_leader, "its leader" },
	{ 0 },
};

const struct column_set session_columns = { ONE_TABLE(columns), NULL, NULL };

struct json_object *sessions_make_groups(const void *row, void *data, int *why)
{
	const struct look *look = data;
	struct json_object *array = json_object_new_array();
	const struct ipck_group *group;

	(void)why;
	for (size_t i = 0; array != NULL && (group = ipck_group_at(SESSION, i)) != NULL; i++) {
		struct json_object *object;

		if (!group_is_shown(look, group))
			continue;
		object = one_group(look, group);
		if (object == NULL || json_object_array_add(array, object) != 0) {
			json_object_put(array);
			return NULL;
		}
	}
	return array;
}
