/* SPDX-License-Identifier: MIT */
/* How much memory is behind memory files and shared anonymous areas that a scan found. */
#ifndef SOURCE_MEMORY_FILES_H
#define SOURCE_MEMORY_FILES_H

#include "source/scan.h"

struct memory_files {
	uint64_t objects;
	uint64_t bytes; /* allocated, in memory or swap; without those of huge pages */
	int why;        /* why the bytes of some are missing; 0: none are */
};

/*
 * Of IPCK_MEMFD, or of IPCK_MMAP those that no file is behind: each object once, by
 * /proc/PID/fd and /proc/PID/map_files (CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN) where the scan did
 * not take its status.
 */
void memory_files_add_up(const struct scan *scan, enum ipck_kind kind, struct memory_files *files);

#endif
