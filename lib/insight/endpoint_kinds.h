/* SPDX-License-Identifier: MIT */
/* Between the files that describe endpoints: one reading, and what each kind adds to a row. */
#ifndef INSIGHT_ENDPOINT_KINDS_H
#define INSIGHT_ENDPOINT_KINDS_H

#include "insight/endpoints.h"
#include "source/unix_sockets.h"

#define ENDPOINT_SKIP 1 /* a describing function's word for: this is no row */

struct endpoint_device {
	uint32_t major, minor;
};

struct endpoint_reading {
	struct ipck *ctx;
	const struct scan *scan;
	unsigned want;
	struct pool *pool;
	int failed; /* a kind could not be listed in full: the reason, and ctx has the message */
	unsigned settled; /* IPCK_STATUS_* bits that the kernel itself decided for this pipe */
	/* The folder in /proc of the process that was looked at last: its next use is often next.
	 */
	uint32_t open_process;
	int open_folder; /* -1: none */
	/* Unix sockets, listed when the first is met. */
	bool sockets_listed;
	struct unix_sockets sockets;
	/* The descriptors of the scan by process and number, and where pipes and sockets live. */
	const struct use **by_fd;
	size_t by_fd_count;
	struct endpoint_device pipes, socket_files;
};

struct endpoint_group { /* all uses of one object */
	const struct use *uses;
	size_t count;
};

/* 0, ENDPOINT_SKIP or IPCK_ERR_MEMORY. */
typedef int endpoint_describe(struct endpoint_reading *reading, const struct endpoint_group *group,
			      struct ipck_object *object);
endpoint_describe endpoint_pipe;   /* and FIFO */
endpoint_describe endpoint_memory; /* memfd, mmap */
endpoint_describe endpoint_socket;
endpoint_describe endpoint_eventfd;
endpoint_describe endpoint_anonymous; /* all else that has no inode of its own */

/* What names an object: kind, identity, name.  IPCK_ERR_MEMORY or 0. */
int endpoint_identify(struct endpoint_reading *reading, const struct endpoint_group *group,
		      struct ipck_object *object);

/* ---- Through the uses of a group -------------------------------------------------------- */

#define ENDPOINT_PATH_MAX 80
/* "/proc/PID/fd/N", or of what: "fdinfo"; of a mapped area "/proc/PID/map_files/START-END". */
void endpoint_path(const struct endpoint_reading *reading, const struct use *use, const char *what,
		   char path[ENDPOINT_PATH_MAX]);
/* The same below /proc/PID, and that folder, open until the next call; or -errno. */
int endpoint_open(struct endpoint_reading *reading, const struct use *use, const char *what,
		  char path[ENDPOINT_PATH_MAX]);

/*
 * Call look() for one use after the other until one gives 0.  0; ENDPOINT_SKIP when all are gone
 * meanwhile (IPCK_ERR_NOT_FOUND); IPCK_ERR_MEMORY; or why the last of the others failed.
 */
int endpoint_try(struct endpoint_reading *reading, const struct endpoint_group *group,
		 int (*look)(struct endpoint_reading *reading, const struct use *use,
			     struct ipck_object *object),
		 struct ipck_object *object);

/* Note what such a trial gave as known or unknown fields.  0, ENDPOINT_SKIP or IPCK_ERR_MEMORY. */
int endpoint_settle(struct ipck_object *object, uint32_t fields, int rc);

/* uid, gid, mode, and of memory kinds size and used: by one stat, when wanted and not known yet. */
int endpoint_owner(struct endpoint_reading *reading, const struct endpoint_group *group,
		   struct ipck_object *object);

/* List all unix sockets that the scan's processes may have.  IPCK_ERR_MEMORY or 0. */
int endpoint_list_sockets(struct endpoint_reading *reading);

#endif
