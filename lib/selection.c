/* SPDX-License-Identifier: MIT */
/* Which objects a selection takes.  Pure: looks at a row and a clock, never at the system. */
#include "selection.h"

/* The tests that only make sense for some kinds; all others apply to every kind. */
static const struct {
	unsigned test, kinds;
} limited[] = {
	{ IPCK_SELECT_CREATED_BY, IPCK_SHM },
	{ IPCK_SELECT_UNATTACHED, IPCK_SHM },
	{ IPCK_SELECT_DELETED, IPCK_SHM },
	{ IPCK_SELECT_LARGER_THAN, IPCK_SHM | IPCK_MSG },
};

IPCK_API bool ipck_selection_applies(const struct ipck_selection *select, enum ipck_kind kind)
{
	if ((select->tests & ~(unsigned)SELECTION_TESTS) != 0)
		return false;
	for (size_t i = 0; i < sizeof(limited) / sizeof(limited[0]); i++)
		if ((select->tests & limited[i].test) != 0 && (kind & limited[i].kinds) == 0)
			return false;
	return true;
}

static bool key_in(const struct ipck_selection *select, uint32_t key)
{
	for (size_t i = 0; i < select->key_count; i++)
		if (key >= select->keys[i].first && key <= select->keys[i].last)
			return true;
	return false;
}

/* At least this long ago.  A time in the future is no age at all. */
static bool aged(int64_t now, int64_t time, uint64_t least)
{
	return now >= time && (uint64_t)(now - time) >= least;
}

enum verdict selection_takes(const struct ipck_selection *select, const struct ipck_object *object,
			     int64_t now)
{
	const unsigned tests = select->tests;
	/* A creator outside our pid namespace has no number here. */
	const bool unsure = (tests & IPCK_SELECT_CREATED_BY) != 0 && object->kind == IPCK_SHM &&
			    object->shm.creator.pid == 0;

	if (!ipck_selection_applies(select, object->kind))
		return LEAVES;
	if ((tests & IPCK_SELECT_OWNER) != 0 && object->uid != select->owner)
		return LEAVES;
	if ((tests & IPCK_SELECT_CREATOR) != 0 && object->cuid != select->creator)
		return LEAVES;
	if ((tests & IPCK_SELECT_CREATED_BY) != 0 && !unsure &&
	    object->shm.creator.pid != select->created_by)
		return LEAVES;
	if ((tests & IPCK_SELECT_KEY) != 0 && !key_in(select, object->key))
		return LEAVES;
	if ((tests & IPCK_SELECT_UNATTACHED) != 0 && object->shm.nattch != 0)
		return LEAVES;
	if ((tests & IPCK_SELECT_DELETED) != 0 && !object->shm.dest)
		return LEAVES;
	if ((tests & IPCK_SELECT_OLDER_THAN) != 0 && !aged(now, object->ctime, select->older_than))
		return LEAVES;
	if ((tests & IPCK_SELECT_UNUSED_FOR) != 0 &&
	    !aged(now, object->last_used, select->unused_for))
		return LEAVES;
	if ((tests & IPCK_SELECT_LARGER_THAN) != 0 &&
	    ipck_object_bytes(object) <= select->larger_than)
		return LEAVES;
	return unsure ? CANNOT_TELL : TAKES;
}
