/* SPDX-License-Identifier: MIT */
/*
 * The columns that every kind of object has, and the set of all columns.  A new column is a row in
 * one of its tables and, if need be, a getter; text, JSON, --list-columns, sorting and the detail
 * page follow.
 */
#include "common/object_getters.h"

#include <stdio.h>

static void get_reference(const struct ipck_object *object, bool exact, struct value *value)
{
	struct ipck_ref ref;

	ipck_object_ref(object, exact, &ref);
	ipck_ref_format(&ref, value->buffer, sizeof(value->buffer));
	value->text = value->buffer;
	value->number = ref.form == IPCK_BY_ID       ? (uint64_t)ref.id
			: ref.form == IPCK_BY_NUMBER ? ref.number
			: ref.form == IPCK_BY_INODE  ? ref.inode
			: ref.form == IPCK_BY_DESCRIPTOR
				? (uint64_t)ref.pid << 32 | (uint32_t)ref.fd
				: 0;
}

GETTER(get_ref)
{
	(void)style;
	get_reference(OBJECT, false, value);
}

GETTER(get_exact)
{
	(void)style;
	get_reference(OBJECT, true, value);
}

GETTER(get_kind)
{
	(void)style;
	value->text = ipck_kind_name(OBJECT->kind);
}

/* How long nobody has done anything with it that moves one of its times. */
GETTER(get_idle)
{
	value->number =
		style->now > OBJECT->last_used ? (uint64_t)(style->now - OBJECT->last_used) : 0;
}

/*
 * Is a field known?  Anonymous inodes have no owner, and descriptors are in no namespace of their
 * own: none, which is not the same as unknown.
 */
static bool known(const struct ipck_object *object, uint32_t field, struct value *value)
{
	value->why = ipck_object_why(object, field);
	if (value->why == IPCK_OK)
		return true;
	if ((object->kind & IPCK_ENDPOINTS) != 0 &&
	    (value->why == IPCK_ERR_UNSUPPORTED || value->why == IPCK_ERR_NOT_WANTED))
		none(value);
	else
		value->state = VALUE_UNKNOWN;
	return false;
}

#define KNOWN_NUMBER_GETTER(name, member, field)                                                   \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		if (known(OBJECT, field, value))                                                   \
			value->number = OBJECT->member;                                            \
	}
#define KNOWN_TEXT_GETTER(name, member, field)                                                     \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		if (known(OBJECT, field, value))                                                   \
			value->text = OBJECT->member;                                              \
	}

KNOWN_NUMBER_GETTER(get_namespace, ns, IPCK_FIELD_NAMESPACE)
KNOWN_NUMBER_GETTER(get_uid, uid, IPCK_FIELD_OWNER)
KNOWN_NUMBER_GETTER(get_gid, gid, IPCK_FIELD_OWNER)
KNOWN_NUMBER_GETTER(get_mode, mode, IPCK_FIELD_OWNER)
KNOWN_TEXT_GETTER(get_owner, owner, IPCK_FIELD_NAMES)
KNOWN_TEXT_GETTER(get_group, group, IPCK_FIELD_NAMES)
TEXT_GETTER(get_name, name)
POSITIVE_GETTER(get_inode, inode) /* 0: all anonymous ones share one */

GETTER(get_device)
{
	(void)style;
	if (OBJECT->inode == 0) {
		none(value);
		return;
	}
	snprintf(value->buffer, sizeof(value->buffer), "%u:%u", OBJECT->major, OBJECT->minor);
	value->text = value->buffer;
}

GETTER(get_status)
{
	static const char *const words[] = { "empty",   "full",      "no-reader", "no-writer",
					     "deleted", "listening", "waited-on" };

	(void)style;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		add_word(value, (OBJECT->status & 1u << i) != 0, words[i]);
	if ((OBJECT->status & IPCK_STATUS_FULL) != 0)
		value->alert = ALERT_BAD;
}

static const struct column common_columns[] = {
	{ "REF", "ref", ALL, VALUE_REF, JSON, 0, 0, get_ref,
	  "reference, as every command takes it" },
	{ "EXACT", "exact", ALL, VALUE_REF, JSON, 0, 0, get_exact,
	  "reference that is refused once the object is not the same any more" },
	{ "KIND", "kind", ALL, VALUE_TEXT, JSON, 0, 0, get_kind,
	  "kind of object, as in a reference" },
	{ "NAMESPACE", "namespace", ALL, VALUE_NUMBER, JSON, 0, 0, get_namespace,
	  "inode of the IPC namespace; of POSIX memory and semaphores the mount namespace" },
	{ "OWNER", "owner", ALL, VALUE_TEXT, JSON | CUT, IPCK_WANT_NAMES | IPCK_WANT_OWNER, 0,
	  get_owner, "user who owns it" },
	{ "UID", "uid", ALL, VALUE_NUMBER, JSON, IPCK_WANT_OWNER, 0, get_uid,
	  "user id of the owner" },
	{ "GROUP", "group", ALL, VALUE_TEXT, JSON | CUT, IPCK_WANT_NAMES | IPCK_WANT_OWNER, 0,
	  get_group, "group that owns it" },
	{ "GID", "gid", ALL, VALUE_NUMBER, JSON, IPCK_WANT_OWNER, 0, get_gid,
	  "group id of the owner" },
	{ "MODE", "mode", ALL, VALUE_MODE, JSON, IPCK_WANT_OWNER, 0, get_mode,
	  "permission bits, octal" },
	{ "NAME", "name", FILES, VALUE_TEXT, JSON | CUT, 0, 0, get_name, "name or path" },
	{ "DEV", "dev", FILES, VALUE_TEXT, 0, 0, 0, get_device, "device of its inode" },
	{ "INODE", "inode", FILES, VALUE_NUMBER, 0, 0, 0, get_inode, "its inode" },
	{ "STATUS", "status", FILES, VALUE_WORDS, JSON, 0, 0, get_status,
	  "empty, full, no-reader, no-writer, deleted, listening, waited-on" },
	{ "IDLE", "idle", IPCK_SYSV | IPCK_POSIX, VALUE_AGE, 0, 0, IPCK_FIELD_TIMES, get_idle,
	  "time since the latest of its times" },
	{ 0 },
};

static int why(const void *row, uint32_t field)
{
	return ipck_object_why(OBJECT, field);
}

static unsigned kind_of(const void *row)
{
	return OBJECT->kind;
}

static const struct column *const tables[] = { common_columns,   sysv_columns,    posix_columns,
					       endpoint_columns, holding_columns, NULL };

const struct column_set object_columns = { .tables = tables, .why = why };
const struct column_set mixed_columns = { .tables = tables, .why = why, .kind = kind_of };
