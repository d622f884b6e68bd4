/* SPDX-License-Identifier: MIT */
/*
 * A scan under way, between the files that make it: scan.c visits the processes, scan_process.c
 * looks at one, scan_areas.c and scan_descriptors.c at what it holds, scan_kinds.c knows what is
 * asked for, scan_shared.c joins what several share.
 */
#ifndef SOURCE_SCANNER_H
#define SOURCE_SCANNER_H

#include "base/table.h"
#include "source/area_kind.h"
#include "source/scan.h"

#define SCAN_ANONYMOUS (IPCK_EPOLL | IPCK_TIMERFD | IPCK_SIGNALFD | IPCK_INOTIFY | IPCK_PIDFD)
#define SCAN_MAPPED (IPCK_SHM | IPCK_POSIX_SHM | IPCK_POSIX_SEM | IPCK_MEMFD | IPCK_MMAP)
#define SCAN_OPENED (IPCK_POSIX | (IPCK_ENDPOINTS & ~(unsigned)IPCK_MMAP))

enum scan_seen { SCAN_SEEN, SCAN_DENIED, SCAN_VANISHED, SCAN_EMPTY };

struct scanner {
	struct ipck *ctx;
	const struct scan_query *query;
	struct scan *scan;
	unsigned kinds; /* the query's; POSIX semaphores count as the shared memory they lie in */
	struct memory_devices memory;
	struct table queues; /* devices that were asked whether they are an mqueue file system */
	struct table visited;
	struct table asked; /* whose children were visited */
	uint64_t found;     /* areas of wanted segments */
	struct { /* of the processes that have such areas, in kcmp()'s order of memories */
		pid_t *pids;
		size_t count, size;
	} memories;

	/* The process in hand. */
	pid_t pid;
	int dir;        /* /proc/PID; -1: not opened, see scanner_dir() */
	int opened;     /* its folder of descriptors, while dir is -1 */
	bool single;    /* it has one thread, and descriptors alone are asked for */
	int64_t index;  /* in scan->processes; -1: it has no use yet */
	pid_t tid;      /* a thread with a descriptor table of its own */
	pid_t alive;    /* the thread whose memory is looked at, when the first one has ended */
	uint64_t areas; /* of wanted segments */
	uint64_t ipc;   /* its namespace, once ipc_known */
	bool ipc_known;
	const char *name; /* the last name that was kept */
};

/* The folder of the process in hand, opened by the first who needs it; -1: it has ended. */
int scanner_dir(struct scanner *scanner);
/* Is this object asked for?  POSIX semaphores under IPCK_POSIX_SHM. */
bool scanner_wants(const struct scanner *scanner, const struct identity *object);
/* Keep a use, with its name; the process comes in with its first one.  0 or IPCK_ERR_MEMORY. */
int scanner_add(struct scanner *scanner, struct use *use, const char *name);
/* The IPC namespace of the process in hand. */
uint64_t scanner_ipc(struct scanner *scanner);
bool scanner_is_posix(const struct scanner *scanner, uint32_t major, uint32_t minor);

/* Which of them an error of open() or read() of a /proc file stands for. */
enum scan_seen scan_failed(int error);
/* The same for fdopendir(), which looks at the folder once more; closes fd. */
int scan_stream_failed(int fd, int error, enum scan_seen *seen);

/* All that the process in hand holds.  IPCK_ERR_MEMORY or 0, and *seen. */
int scan_process(struct scanner *scanner, enum scan_seen *seen);
/* What the process maps.  file: "maps", or a thread's.  IPCK_ERR_MEMORY or 0, and *seen. */
int scan_areas(struct scanner *scanner, const char *file, enum scan_seen *seen);
/* What its descriptors are on.  folder: "fd", or a thread's. */
int scan_descriptors(struct scanner *scanner, const char *folder, enum scan_seen *seen);
/* Give each descriptor of one open file the same identity, whatever process it is in. */
int scan_shared(struct scanner *scanner);

#endif
