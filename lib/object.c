/* SPDX-License-Identifier: MIT */
/* What can be said of one object that was read, without looking at the system again. */
#include "base/context.h"

#include <string.h>

IPCK_API int ipck_object_why(const struct ipck_object *object, uint32_t field)
{
	if ((object->known & field) != 0)
		return IPCK_OK;
	if ((object->unknown.denied & field) != 0)
		return IPCK_ERR_DENIED;
	if ((object->unknown.outside & field) != 0)
		return IPCK_ERR_OUTSIDE;
	if ((object->unknown.unsupported & field) != 0)
		return IPCK_ERR_UNSUPPORTED;
	return IPCK_ERR_NOT_WANTED;
}

IPCK_API void ipck_object_ref(const struct ipck_object *object, bool exact, struct ipck_ref *out)
{
	/* Member by member: lists make two of these a row, and most of one is an empty name. */
	out->kind = object->kind;
	out->form = IPCK_BY_ID;
	out->id = object->id;
	out->key = 0;
	out->name[0] = '\0';
	out->ns = 0;
	out->exact = exact;
	memset(out->reserved, 0, sizeof(out->reserved));
	out->generation = (struct ipck_generation){ .key = object->key, .ns = object->ns };
	if (object->kind == IPCK_SEM) {
		out->generation.cuid = object->cuid;
		out->generation.cgid = object->cgid;
	} else {
		out->generation.ctime = object->ctime;
	}
}

IPCK_API const struct ipck_semaphore *ipck_semaphore_at(const struct ipck_object *set, size_t i)
{
	if (set->kind != IPCK_SEM || set->sem.semaphores == NULL || i >= set->sem.nsems)
		return NULL;
	return &set->sem.semaphores[i];
}

IPCK_API uint64_t ipck_object_bytes(const struct ipck_object *object)
{
	switch (object->kind) {
	case IPCK_SHM:
		return object->shm.size;
	case IPCK_MSG:
		return object->msg.bytes;
	default:
		return 0;
	}
}
