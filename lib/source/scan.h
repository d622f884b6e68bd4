/* SPDX-License-Identifier: MIT */
/*
 * What processes hold: the mapped areas and open descriptors of all processes, each with the
 * identity of the object behind it.  Knows /proc/PID, not what follows from it.
 */
#ifndef SOURCE_SCAN_H
#define SOURCE_SCAN_H

#include "base/context.h"
#include "base/pool.h"

/*
 * What tells one held object from another, never the inode alone.
 *   shm, msg, sem           number = id, ns = IPC namespace; no device
 *   POSIX shm and sem       device and inode; kind is IPCK_POSIX_SHM for both
 *   posix-mq, FIFO, memfd, mmap   device and inode
 *   pipe, unix              number = inode; no device
 *   eventfd                 number = the kernel's eventfd-id; before Linux 5.2 as epoll
 *   any other file          device and inode; kind is 0, see scan_query.files
 *   epoll and its like      number = pid << 32 | fd of the first holder (a thread with a table
 *                           of its own counts for itself); no device
 */
struct identity {
	enum ipck_kind kind;
	uint32_t major, minor;
	uint64_t number;
	uint64_t ns;
};

int identity_compare(const struct identity *a, const struct identity *b);
void identity_of(const struct ipck_object *object, struct identity *identity);

/* A number for what the kernel gives none: of the process, or of the thread with its own table. */
static inline uint64_t scan_own_number(pid_t task, int32_t fd)
{
	return (uint64_t)(uint32_t)task << 32 | (uint32_t)fd;
}

struct scanned_process {
	struct ipck_process_id id;
	uid_t uid;           /* effective */
	const char *command; /* raw */
	uint64_t ipc_ns;     /* 0: not looked at, or not to be seen */
};

/* One mapped area or one descriptor. */
struct use {
	struct identity object;
	uint32_t process; /* index into the scan's processes */
	pid_t tid;        /* a thread with a descriptor table of its own; 0 = the process's */
	int32_t fd;       /* -1: a mapped area */
	uint8_t access;   /* IPCK_ACCESS_* */
	uint8_t flags;    /* IPCK_FLAG_*; of descriptors only when the query asked for flags */
	bool deleted;     /* its name is gone */
	bool status_known;
	uint64_t address, bytes, offset; /* of an area */
	const char *name; /* the path as the process sees it, raw, without " (deleted)"; or NULL */
	/* From stat() of the descriptor where the scan had to take it; else status_known is false.
	 */
	uid_t uid;
	gid_t gid;
	mode_t mode;
	uint64_t size, blocks; /* size: of an eventfd with an id of its own, its count */
};

struct scan_device { /* of a tmpfs on a /dev/shm: its files are POSIX objects */
	uint32_t major, minor;
	uint64_t ns;  /* the caller's: the mount namespace that it was found in */
	bool foreign; /* the caller's: which is not its own */
};

struct scan_query {
	unsigned kinds; /* set of enum ipck_kind: what to look for */
	bool flags;     /* flags of descriptors: /proc/PID/fdinfo of each that is of such a kind */
	bool all_areas; /* private mappings of files too: who has one holds the file */
	/* for a proof that nobody has one: a process with descriptors in flight counts as denied */
	bool in_flight;
	/* descriptors of all else that is wanted, by device and inode: kind 0 */
	bool files;
	bool without_users; /* whose the processes are is not asked: uid stays 0 */
	/*
	 * Had this process one thread a moment ago, so that there is no other table of descriptors?
	 * NULL: each is asked.
	 */
	bool (*one_thread)(pid_t pid, const void *data);
	const void *data;
	pid_t only; /* this process alone; 0 = all */
	const struct scan_device *devices;
	size_t device_count;
	/*
	 * Only these objects, sorted by identity_compare(); NULL = all of the kinds.
	 * attachments != 0: all of them are segments, and when so many areas of them have been
	 * found (those of a memory that processes share count once) the scan ends.
	 */
	const struct identity *wanted;
	size_t wanted_count;
	uint64_t attachments;
	/* Processes to begin with, before and with their relatives: the likeliest holders. */
	const pid_t *first;
	size_t first_count;
};

struct scan {
	struct pool pool; /* names and commands */
	struct scanned_process *processes;
	size_t process_count, process_size;
	struct use *uses; /* sorted by identity, then pid, then descriptor or address */
	size_t use_count, use_size;
	struct ipck_coverage coverage;
	bool one; /* only one process was looked at */
};

/* 0, IPCK_ERR_MEMORY, or IPCK_ERR_UNSUPPORTED where there is no /proc of our pid namespace. */
int scan_run(struct ipck *ctx, const struct scan_query *query, struct scan *scan);
void scan_free(struct scan *scan);

/* The uses of one object, count of them; NULL when there are none. */
const struct use *scan_find(const struct scan *scan, const struct identity *object, size_t *count);

#endif
