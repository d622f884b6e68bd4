/* SPDX-License-Identifier: MIT */
/* What one process maps. */
#include "source/area_kind.h"
#include "source/descriptors.h"
#include "source/maps.h"
#include "source/scanner.h"

#include <errno.h>

/* The kind and identity of an area; false when nobody asked for such. */
static bool classify(struct scanner *scanner, const struct area *area, struct identity *object)
{
	const bool posix = scanner_is_posix(scanner, area->major, area->minor);

	*object = (struct identity){ .kind = area_kind(&scanner->memory, area, posix),
				     .number = area->inode };
	if ((scanner->kinds & object->kind) == 0)
		return false;
	if (object->kind == IPCK_SHM) {
		object->ns = scanner_ipc(scanner);
		return true;
	}
	object->major = area->major;
	object->minor = area->minor;
	return true;
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
