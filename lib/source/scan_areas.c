/* SPDX-License-Identifier: MIT */
/*
 * What one process maps.  The class of an area is told by its name first: segments, memory files
 * and shared anonymous memory lie on one device, each with inode numbers of its own.
 */
#include "source/descriptors.h"
#include "source/maps.h"
#include "source/scanner.h"

#include <errno.h>
#include <string.h>

/* "/SYSV" and the key, eight digits of base 16. */
static bool is_segment(const char *name)
{
	return strncmp(name, "/SYSV", 5) == 0 && strlen(name) == 13 &&
	       strspn(name + 5, "0123456789abcdef") == 8;
}

/* On a /dev/shm that was not asked for, of another mount namespace say. */
static bool in_dev_shm(const struct area *area)
{
	return area->major == 0 && strncmp(area->name, "/dev/shm/", 9) == 0;
}

/* Not "socket:[1]" nor "anon_inode:[...]".  A name that is too long to be told is a path. */
static bool is_path(const char *name)
{
	return name[0] == '/' || name[0] == '\0';
}

/* The kind and identity of an area; false when nobody asked for such. */
static bool classify(struct scanner *scanner, const struct area *area, struct identity *object)
{
	const bool memory = scanner_is_memory(scanner, area->major, area->minor);

	*object = (struct identity){ .number = area->inode };
	if (memory && is_segment(area->name)) {
		object->kind = IPCK_SHM;
		if ((scanner->kinds & IPCK_SHM) == 0)
			return false;
		object->ns = scanner_ipc(scanner);
		return true;
	}
	if (memory && strncmp(area->name, "/memfd:", 7) == 0)
		object->kind = IPCK_MEMFD;
	else if (scanner_is_posix(scanner, area->major, area->minor) || in_dev_shm(area))
		object->kind = IPCK_POSIX_SHM;
	else if (area->shared && (memory || is_path(area->name)))
		object->kind = IPCK_MMAP; /* on a memory device: anonymous, whatever its name */
	object->major = area->major;
	object->minor = area->minor;
	return (scanner->kinds & object->kind) != 0;
}

struct areas {
	struct scanner *scanner;
	int failed;
};

static int on_area(struct area *area, void *data)
{
	struct areas *areas = data;
	struct scanner *scanner = areas->scanner;
	const bool deleted = descriptor_cut_deleted(area->name);
	struct use use = { .fd = -1,
			   .access = (uint8_t)area->access,
			   .flags = area->shared ? 0 : IPCK_FLAG_PRIVATE,
			   .deleted = deleted,
			   .address = area->start,
			   .bytes = area->end - area->start,
			   .offset = area->offset };

	if (!classify(scanner, area, &use.object) || !scanner_wants(scanner, &use.object))
		return 0;
	areas->failed = scanner_add(scanner, &use, area->name);
	return areas->failed;
}

int scan_areas(struct scanner *scanner, const char *file, enum scan_seen *seen)
{
	struct areas areas = { scanner, IPCK_OK };
	int rc = maps_each(scanner->dir, file, scanner->query->all_areas, MAPS_AUTO, on_area,
			   &areas);

	if (areas.failed != IPCK_OK)
		return areas.failed;
	/* ESRCH is also what a process without memory gives: a zombie, a thread of the kernel */
	*seen = rc == 0 ? SCAN_SEEN : rc == -ESRCH ? SCAN_EMPTY : scan_failed(-rc);
	return IPCK_OK;
}
