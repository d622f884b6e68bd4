/* SPDX-License-Identifier: MIT */
/*
 * What a descriptor is on, as its link below /proc/PID/fd and statx() through that link tell:
 * nothing is opened, so that no pipe gets another end and no file another reader.
 */
#ifndef SOURCE_DESCRIPTORS_H
#define SOURCE_DESCRIPTORS_H

#include "ipckit.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/*
 * What the link alone tells, with the number in it: of pipes and sockets (all as IPCK_UNIX) the
 * inode.  0 when it is a path, or nothing of ours.
 */
enum ipck_kind descriptor_of_link(const char *link, uint64_t *number);

/* What a path leads to: FIFO, memory file (memory: it lies on a device of such), or 0. */
enum ipck_kind descriptor_of_file(const char *link, const struct stat *status, bool memory);

/* Device, inode, type, links, owner and sizes; false and errno.  Asks no file server. */
bool descriptor_status(int dir, const char *path, struct stat *status);

/* Cut " (deleted)" off a path of the kernel's; was it there? */
bool descriptor_cut_deleted(char *path);

#endif
