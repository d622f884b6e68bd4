/* SPDX-License-Identifier: MIT */
/* Which kind of object a mapped area shows: told by its name and by the device that it lies on. */
#ifndef SOURCE_AREA_KIND_H
#define SOURCE_AREA_KIND_H

#include "ipckit.h"
#include "source/maps.h"

/*
 * The devices of memory files, normal and huge pages: segments, memory files and shared anonymous
 * memory lie on them, each with inode numbers of its own.
 */
struct memory_devices {
	struct {
		uint32_t major, minor;
	} rows[16];
	size_t count;
	uint64_t page; /* of ours, on one of them */
};

/* The kernel shows them nowhere: by memory files and mappings of our own, gone at once. */
void memory_devices_find(struct memory_devices *devices);
bool memory_devices_have(const struct memory_devices *devices, uint32_t major, uint32_t minor);

/*
 * IPCK_SHM, IPCK_MEMFD, IPCK_POSIX_SHM (semaphores too), IPCK_MMAP; 0: of none, such as a private
 * mapping of a plain file.  The area's name is without " (deleted)".  posix: it lies on a device
 * that is known to be a /dev/shm; otherwise its name tells.
 */
enum ipck_kind area_kind(const struct memory_devices *memory, const struct area *area, bool posix);

#endif
