/* SPDX-License-Identifier: MIT */
/* The columns that a look at the processes fills: who holds it, is it left over, and whose. */
#include "common/object_getters.h"

#include <string.h>

#define HELD (IPCK_SHM | FILES) /* kinds of which can be seen who holds them */

/* Nobody was found, and not everybody was looked at: that is not nobody. */
static bool all_seen(const struct ipck_object *object, struct value *value)
{
	if (object->held > 0 || object->holders_complete)
		return true;
	value->state = VALUE_UNKNOWN;
	value->why = IPCK_ERR_DENIED;
	return false;
}

GETTER(get_held)
{
	(void)style;
	if (all_seen(OBJECT, value))
		value->number = OBJECT->held;
}

GETTER(get_holders)
{
	(void)style;
	value->object = OBJECT;
	value->access = 0;
	value->number = OBJECT->held;
	all_seen(OBJECT, value);
}

GETTER(get_orphan)
{
	(void)style;
	value->text = OBJECT->orphan == IPCK_ORPHAN_PROVEN ? "proven" : "likely";
	if (OBJECT->orphan == IPCK_ORPHAN_NO) {
		none(value);
		value->text = "no";
	}
}

GETTER(get_evidence)
{
	(void)style;
	for (unsigned i = 0; i < IPCK_EVIDENCE_COUNT; i++)
		add_word(value, (OBJECT->evidence & 1u << i) != 0, ipck_evidence_name(1u << i));
}

/* "": looked at, and there is none. */
GETTER(get_container)
{
	(void)style;
	if (OBJECT->container != NULL && *OBJECT->container != '\0')
		value->text = OBJECT->container;
	else
		none(value);
}

const struct column holding_columns[] = {
	{ "HELD", "held", HELD, VALUE_NUMBER, 0, IPCK_WANT_HOLDERS, IPCK_FIELD_HOLDERS, get_held,
	  "processes that hold it" },
	{ "HOLDERS", "holders", HELD, VALUE_HOLDERS, CUT, IPCK_WANT_HOLDERS | IPCK_WANT_FLAGS,
	  IPCK_FIELD_HOLDERS, get_holders, "who holds it" },
	{ "ORPHAN", "orphan", IPCK_SYSV | IPCK_POSIX, VALUE_TEXT, 0, IPCK_WANT_ORPHAN,
	  IPCK_FIELD_ORPHAN, get_orphan, "is it left over: proven, likely or no" },
	{ "EVIDENCE", "evidence", IPCK_SYSV | IPCK_POSIX, VALUE_WORDS, CUT, IPCK_WANT_ORPHAN,
	  IPCK_FIELD_ORPHAN, get_evidence, "what speaks for that and against it" },
	{ "CONTAINER", "container", ALL, VALUE_TEXT, CUT, IPCK_WANT_CONTAINERS,
	  IPCK_FIELD_CONTAINER, get_container, "container or unit of its first process" },
	{ 0 },
};
