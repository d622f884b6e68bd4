/* SPDX-License-Identifier: MIT */
/* What can be said of one object that was read, without looking at the system again. */
#include "base/context.h"
#include "kind.h"

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

/* What of its reference is not a number: the name, unless it leads nowhere any more. */
static void ref_of_file(const struct ipck_object *object, struct ipck_ref *out)
{
	const char *name = object->name != NULL ? object->name : "";
	const size_t length = strlen(name);

	if ((object->status & IPCK_STATUS_DELETED) == 0 &&
	    !(object->kind == IPCK_FIFO && object->foreign) && length < sizeof(out->name) &&
	    kind_name_fits(object->kind, name)) {
		out->form = IPCK_BY_NAME;
		memcpy(out->name, name, length + 1);
		return;
	}
	out->form = IPCK_BY_INODE;
	out->major = object->major;
	out->minor = object->minor;
	out->inode = object->inode;
}

static void ref_by_form(const struct ipck_object *object, const struct kind *kind,
			struct ipck_ref *out)
{
	out->major = out->minor = 0;
	out->number = out->inode = 0;
	out->pid = 0;
	out->fd = 0;
	if ((kind->forms & 1u << IPCK_BY_ID) != 0) {
		out->form = IPCK_BY_ID;
	} else if ((kind->forms & 1u << IPCK_BY_NUMBER) != 0) {
		out->form = IPCK_BY_NUMBER;
		out->number = object->number;
	} else if ((kind->forms & 1u << IPCK_BY_DESCRIPTOR) != 0) {
		out->form = IPCK_BY_DESCRIPTOR;
		out->pid = object->process.pid;
		out->fd = object->fd;
	} else if ((kind->forms & 1u << IPCK_BY_NAME) != 0) {
		ref_of_file(object, out);
	} else {
		out->form = IPCK_BY_INODE;
		out->major = object->major;
		out->minor = object->minor;
		out->inode = object->inode;
	}
}

IPCK_API void ipck_object_ref(const struct ipck_object *object, bool exact, struct ipck_ref *out)
{
	const struct kind *kind = kind_of(object->kind);

	if (kind == NULL || (kind->kind & IPCK_KINDS) == 0) { /* made by hand: names nothing */
		*out = (struct ipck_ref){ 0 };
		return;
	}
	/* Member by member: lists make two of these a row, and most of one is an empty name. */
	out->kind = object->kind;
	out->id = object->id;
	out->key = 0;
	out->name[0] = '\0';
	out->ns = object->foreign && (object->kind & IPCK_ENDPOINTS) == 0 ? object->ns : 0;
	out->exact = exact && kind->generation != GENERATION_NONE;
	memset(out->reserved, 0, sizeof(out->reserved));
	ref_by_form(object, kind, out);
	out->generation = (struct ipck_generation){ .key = object->key, .ns = object->ns };
	switch (kind->generation) {
	case GENERATION_CTIME:
		out->generation.ctime = object->ctime;
		break;
	case GENERATION_CREATOR:
		out->generation.cuid = object->cuid;
		out->generation.cgid = object->cgid;
		break;
	case GENERATION_INODE:
		out->generation.major = object->major;
		out->generation.minor = object->minor;
		out->generation.inode = object->inode;
		break;
	default:
		out->generation.start_time = object->process.start_time;
		out->generation.ns = 0;
		break;
	}
}

IPCK_API const struct ipck_holder *ipck_holder_at(const struct ipck_object *object, size_t i)
{
	return i < object->holder_count ? &object->holders[i] : NULL;
}

IPCK_API const struct ipck_watch *ipck_watch_at(const struct ipck_object *endpoint, size_t i)
{
	if ((endpoint->kind & (IPCK_EPOLL | IPCK_INOTIFY)) == 0 ||
	    i >= endpoint->endpoint.watch_count)
		return NULL;
	return &endpoint->endpoint.watches[i];
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
	case IPCK_POSIX_SHM:
		return object->posix_shm.size;
	case IPCK_MEMFD:
	case IPCK_MMAP:
		return object->endpoint.size;
	case IPCK_POSIX_MQ:
		return object->posix_mq.bytes;
	case IPCK_PIPE:
	case IPCK_FIFO:
	case IPCK_UNIX:
		return object->endpoint.used;
	default:
		return 0;
	}
}
