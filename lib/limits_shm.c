/* SPDX-License-Identifier: MIT */
/* How much there is of each /dev/shm: our own, and those of other mount namespaces. */
#include "limit_rows.h"
#include "source/namespace.h"
#include "source/posix.h"
#include "source/posix_limits.h"

#include <stdio.h>
#include <stdlib.h>

static bool add_room(struct ipck_limits *limits, const char *path, const struct posix_room *room,
		     unsigned want)
{
	const bool used = (want & IPCK_LIMITS_USED) != 0;
	char name[64];
	const struct ipck_limit bytes = {
		.kind = IPCK_POSIX_SHM,
		.resource = pool_string(&limits->pool, path),
		.description = "POSIX shared memory and semaphores",
		.unit = IPCK_UNIT_BYTES,
		.limit = room->bytes,
		.unlimited = !room->bytes_limited,
		.used_known = used && room->bytes_limited,
		.used = used ? room->bytes_used : 0,
		.when_exhausted = "write: ENOSPC \"No space left on device\"; in mapped memory: "
				  "SIGBUS \"Bus error\"",
		.raw = room->bytes,
	};
	struct ipck_limit inodes = {
		.kind = IPCK_POSIX_SHM,
		.description = "files, folders and links in /dev/shm",
		.unit = IPCK_UNIT_COUNT,
		.limit = room->inodes,
		.unlimited = !room->inodes_limited,
		.used_known = used && room->inodes_limited,
		.used = used ? room->inodes_used : 0,
		.when_exhausted = "shm_open: ENOSPC \"No space left on device\"",
		.raw = room->inodes,
	};

	snprintf(name, sizeof(name), "%s:inodes", path);
	inodes.resource = pool_string(&limits->pool, name);
	return bytes.resource != NULL && inodes.resource != NULL && limits_add(limits, &bytes) &&
	       limits_add(limits, &inodes);
}

/* The devices that have their rows. */
struct told {
	struct told_device {
		uint32_t major, minor;
	} * devices;
	size_t count;
};

static bool is_told(struct told *told, const struct posix_place *place)
{
	for (size_t i = 0; i < told->count; i++)
		if (told->devices[i].major == place->major &&
		    told->devices[i].minor == place->minor)
			return true;
	told->devices[told->count++] = (struct told_device){ place->major, place->minor };
	return false;
}

/* The /dev/shm that process pid sees (0: we), when it is a tmpfs that was not told of yet. */
static bool add_place(struct ipck *ctx, struct ipck_limits *limits, pid_t pid, uint64_t ns,
		      unsigned want, struct told *told)
{
	struct posix_place place;
	struct posix_room room;
	char path[48] = "/dev/shm";
	bool good = true;

	if (posix_shm_open(ctx, pid, &place) != IPCK_OK)
		return true;
	if (pid != 0)
		snprintf(path, sizeof(path), "/dev/shm@%llu", (unsigned long long)ns);
	if (!is_told(told, &place) && posix_read_room(place.dir, &room))
		good = add_room(limits, path, &room, want);
	posix_close(&place);
	return good;
}

static bool add_others(struct ipck *ctx, struct ipck_limits *limits, unsigned want,
		       const struct namespaces_seen *seen, struct told *told)
{
	const uint64_t own = namespace_own_mount();

	for (size_t i = 0; i < seen->count; i++)
		if (seen->rows[i].mount != own &&
		    !add_place(ctx, limits, seen->rows[i].pid, seen->rows[i].mount, want, told))
			return false;
	return true;
}

bool limits_add_dev_shm(struct ipck *ctx, struct ipck_limits *limits, unsigned want)
{
	struct namespaces_seen seen = { 0 };
	struct told told = { 0 };
	bool good;

	/* without a /proc there are no others to be seen */
	if ((want & IPCK_LIMITS_EACH) != 0 && namespaces_find(ctx, &seen) == IPCK_ERR_MEMORY)
		return false;
	told.devices = calloc(seen.count + 1, sizeof(*told.devices));
	good = told.devices != NULL && add_place(ctx, limits, 0, 0, want, &told) &&
	       add_others(ctx, limits, want, &seen, &told);
	free(told.devices);
	namespaces_free(&seen);
	return good;
}
