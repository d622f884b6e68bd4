/* SPDX-License-Identifier: MIT */
/*
 * The mapped areas of one process: by the PROCMAP_QUERY ioctl (Linux 6.11), which leaves in the
 * kernel what was not asked for, or from the text of /proc/PID/maps.  Both give the same areas.
 */
#ifndef SOURCE_MAPS_H
#define SOURCE_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct area {
	uint64_t start, end, offset;
	uint32_t major, minor; /* of the file's device */
	uint64_t inode;
	unsigned access; /* IPCK_ACCESS_* */
	bool shared;
	char *name; /* the path as the process sees it, raw; the caller may write into it */
};

enum maps_method { MAPS_AUTO, MAPS_IOCTL, MAPS_TEXT };

/*
 * Call area() for each file-backed area (shared ones only, or all), in the order of addresses.
 * file: "/proc/PID/maps", or "maps" relative to the open folder dir.  A row function that returns
 * other than 0 ends it with that value.  0 or -errno (of open or read), ENOTTY for MAPS_IOCTL on a
 * kernel without it.
 */
int maps_each(int dir, const char *file, bool all, enum maps_method method,
	      int (*row)(struct area *area, void *data), void *data);

#define MAPS_NAME_SIZE 4096 /* the kernel gives no longer name by ioctl: such a one is empty */

/*
 * The area that an address lies in, of whatever kind; its name is put into name, which has
 * MAPS_NAME_SIZE bytes.  The rest as above; ENOENT: nothing is mapped there.
 */
int maps_at(int dir, const char *file, uint64_t address, enum maps_method method, struct area *area,
	    char *name);

/* One line of /proc/PID/maps, which it takes apart in place; false when it is none. */
bool maps_parse_line(char *line, struct area *area);

#endif
