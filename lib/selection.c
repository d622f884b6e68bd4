/* SPDX-License-Identifier: MIT */
/* Which objects a selection takes.  Pure: looks at a row and a clock, never at the system. */
#include "selection.h"

/* The tests that only make sense for some kinds; all others apply to every kind. */
static const struct {
	unsigned test, kinds;
} limited[] = {
	{ IPCK_SELECT_CREATOR, IPCK_SYSV },
	{ IPCK_SELECT_CREATED_BY, IPCK_SHM },
	{ IPCK_SELECT_KEY, IPCK_SYSV },
	{ IPCK_SELECT_UNATTACHED, IPCK_SHM },
	{ IPCK_SELECT_DELETED, IPCK_SHM | IPCK_POSIX | IPCK_FIFO },
	{ IPCK_SELECT_OLDER_THAN, IPCK_SYSV },
	{ IPCK_SELECT_UNUSED_FOR, IPCK_SYSV | IPCK_POSIX },
	{ IPCK_SELECT_LARGER_THAN, IPCK_SHM | IPCK_MSG | IPCK_POSIX_SHM | IPCK_MEMFD | IPCK_MMAP },
	{ IPCK_SELECT_ORPHANED, IPCK_SYSV | IPCK_POSIX },
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

static bool deleted(const struct ipck_object *object)
{
	return object->kind == IPCK_SHM ? object->shm.dest
					: (object->status & IPCK_STATUS_DELETED) != 0;
}

/*
 * Anonymous inodes belong to nobody; and of a file without a name that may not be looked at through
 * its holder nothing is known: its owner is not root for that, nor was it used in 1970.
 */
static bool lacks(const struct ipck_object *object, uint32_t field)
{
	return (object->kind & IPCK_SYSV) == 0 && (object->known & field) == 0;
}

static bool ownerless(const struct ipck_object *object)
{
	return lacks(object, IPCK_FIELD_OWNER);
}

static bool timeless(const struct ipck_object *object)
{
	return lacks(object, IPCK_FIELD_TIMES);
}

static bool sizeless(const struct ipck_object *object)
{
	return lacks(object,
		     object->kind == IPCK_POSIX_SHM ? IPCK_POSIX_SHM_SIZE : IPCK_ENDPOINT_SIZE);
}

/* Does the kernel not tell what the tests ask of this object? */
static bool untold(unsigned tests, const struct ipck_object *object)
{
	/* A creator outside our pid namespace has no number here. */
	return ((tests & IPCK_SELECT_CREATED_BY) != 0 && object->shm.creator.pid == 0) ||
	       ((tests & IPCK_SELECT_OWNER) != 0 && ownerless(object)) ||
	       ((tests & IPCK_SELECT_UNUSED_FOR) != 0 && timeless(object)) ||
	       ((tests & IPCK_SELECT_LARGER_THAN) != 0 && sizeless(object));
}

enum verdict selection_takes(const struct ipck_selection *select, const struct ipck_object *object,
			     int64_t now)
{
	const unsigned tests = select->tests;

	if (!ipck_selection_applies(select, object->kind))
		return LEAVES;
	if ((tests & IPCK_SELECT_OWNER) != 0 && object->uid != select->owner && !ownerless(object))
		return LEAVES;
	if ((tests & IPCK_SELECT_CREATOR) != 0 && object->cuid != select->creator)
		return LEAVES;
	if ((tests & IPCK_SELECT_CREATED_BY) != 0 && object->shm.creator.pid != 0 &&
	    object->shm.creator.pid != select->created_by)
		return LEAVES;
	if ((tests & IPCK_SELECT_KEY) != 0 && !key_in(select, object->key))
		return LEAVES;
	if ((tests & IPCK_SELECT_UNATTACHED) != 0 && object->shm.nattch != 0)
		return LEAVES;
	if ((tests & IPCK_SELECT_DELETED) != 0 && !deleted(object))
		return LEAVES;
	if ((tests & IPCK_SELECT_OLDER_THAN) != 0 && !aged(now, object->ctime, select->older_than))
		return LEAVES;
	if ((tests & IPCK_SELECT_UNUSED_FOR) != 0 && !timeless(object) &&
	    !aged(now, object->last_used, select->unused_for))
		return LEAVES;
	if ((tests & IPCK_SELECT_LARGER_THAN) != 0 && !sizeless(object) &&
	    ipck_object_bytes(object) <= select->larger_than)
		return LEAVES;
	return untold(tests, object) ? CANNOT_TELL : TAKES;
}

/* Was the process recorded on the object, and is it still that process? */
static bool recorded(const struct ipck_operator *operator, pid_t pid)
{
	return operator->pid == pid && operator->state != IPCK_OPERATOR_LATER;
}

static bool used_by(const struct ipck_object *object, pid_t pid)
{
	for (size_t i = 0; i < object->holder_count; i++)
		if (object->holders[i].process.pid == pid)
			return true;
	switch (object->kind) {
	case IPCK_MSG:
		return recorded(&object->msg.sender, pid) || recorded(&object->msg.receiver, pid);
	case IPCK_SEM:
		for (uint64_t i = 0; object->sem.semaphores != NULL && i < object->sem.nsems; i++)
			if (recorded(&object->sem.semaphores[i].last_operator, pid))
				return true;
		return recorded(&object->sem.last_operator, pid);
	default:
		return false;
	}
}

bool selection_keeps(const struct ipck_selection *select, const struct ipck_object *object)
{
	if ((select->tests & IPCK_SELECT_USED_BY) != 0 && !used_by(object, select->used_by))
		return false;
	return (select->tests & IPCK_SELECT_ORPHANED) == 0 || object->orphan >= select->orphan;
}
