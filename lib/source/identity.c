/* SPDX-License-Identifier: MIT */
/* What tells one held object from another: see struct identity. */
#include "source/scan.h"

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

int identity_compare(const struct identity *a, const struct identity *b)
{
	int order = compare(a->kind, b->kind);

	if (order == 0)
		order = compare(a->major, b->major);
	if (order == 0)
		order = compare(a->minor, b->minor);
	if (order == 0)
		order = compare(a->number, b->number);
	return order != 0 ? order : compare(a->ns, b->ns);
}

void identity_of(const struct ipck_object *object, struct identity *identity)
{
	*identity = (struct identity){ .kind = object->kind };
	switch (object->kind) {
	case IPCK_SHM:
	case IPCK_MSG:
	case IPCK_SEM:
		identity->number = (uint32_t)object->id;
		identity->ns = object->ns;
		break;
	case IPCK_PIPE:
	case IPCK_UNIX:
	case IPCK_EVENTFD:
		identity->number = object->number;
		break;
	case IPCK_EPOLL:
	case IPCK_TIMERFD:
	case IPCK_SIGNALFD:
	case IPCK_INOTIFY:
	case IPCK_PIDFD:
		identity->number =
			(uint64_t)(uint32_t)object->process.pid << 32 | (uint32_t)object->fd;
		break;
	default:
		if (object->kind == IPCK_POSIX_SEM)
			identity->kind = IPCK_POSIX_SHM;
		identity->major = object->major;
		identity->minor = object->minor;
		identity->number = object->inode;
		break;
	}
}

const struct use *scan_find(const struct scan *scan, const struct identity *object, size_t *count)
{
	size_t low = 0, high = scan->use_count;

	while (low < high) { /* the first that does not come before it */
		size_t middle = low + (high - low) / 2;

		if (identity_compare(&scan->uses[middle].object, object) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*count = 0;
	while (low + *count < scan->use_count &&
	       identity_compare(&scan->uses[low + *count].object, object) == 0)
		++*count;
	return *count > 0 ? &scan->uses[low] : NULL;
}
