/* SPDX-License-Identifier: MIT */
/* The tmpfs mounts of a process, and how much each occupies.  Opens no file that lies in one. */
#ifndef SOURCE_TMPFS_H
#define SOURCE_TMPFS_H

#include "base/context.h"
#include "base/pool.h"

/* A file system of type tmpfs or devtmpfs. */
struct tmpfs {
	uint32_t major, minor;
	uint64_t ns;      /* the mount namespace it was found in, as the caller named it */
	const char *path; /* where it is mounted there, raw */
	int why;          /* why used is not known: another mount hides it, ...; 0: it is */
	uint64_t used;    /* bytes, in memory or swap */
	bool limited;     /* mounted without size=0: used counts files without a name too */
	bool shm;         /* mounted on /dev/shm: its files were looked at */
	int files_why;    /* shm, or not limited: 0, or why some files could not be seen */
	uint64_t listed;  /* bytes of the files in its root folder */
	uint64_t nested;  /* bytes of those in folders */
};

struct tmpfs_list {
	struct pool *pool; /* keeps the strings; set by the owner */
	struct tmpfs *rows;
	size_t count, size;
};

/*
 * Add what process pid (0: the calling thread) has mounted, each file system once; what an earlier
 * process knew to be there but could not reach may become known.
 * 0, IPCK_ERR_NOT_FOUND (no such process), IPCK_ERR_DENIED, IPCK_ERR_UNSUPPORTED or
 * IPCK_ERR_MEMORY.
 */
int tmpfs_add(pid_t pid, uint64_t ns, struct tmpfs_list *list);
void tmpfs_free(struct tmpfs_list *list);

/* A line of /proc/PID/mountinfo, which it takes apart in place. */
struct mount_line {
	uint32_t major, minor;
	const char *root; /* the folder of the file system that is mounted; escapes resolved */
	char *path;       /* where; escapes resolved */
	const char *type;
};
bool mount_parse_line(char *line, struct mount_line *mount);

#endif
