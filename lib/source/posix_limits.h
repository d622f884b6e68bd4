/* SPDX-License-Identifier: MIT */
/* The limits of POSIX message queues and of the tmpfs on /dev/shm, and the kernel's charges. */
#ifndef SOURCE_POSIX_LIMITS_H
#define SOURCE_POSIX_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct posix_limits { /* /proc/sys/fs/mqueue, of the calling thread's IPC namespace */
	uint64_t queues_max, msg_max, msgsize_max, msg_default, msgsize_default;
};

bool posix_read_limits(struct posix_limits *limits);

/* What a queue of these attributes counts against RLIMIT_MSGQUEUE of the user who made it. */
uint64_t posix_queue_charge(uint64_t max_messages, uint64_t max_message_size);

struct posix_room { /* how much there is of a file system, and how much of it is used */
	bool bytes_limited, inodes_limited; /* a tmpfs may be mounted with size=0, nr_inodes=0 */
	uint64_t bytes, bytes_used;         /* used: only when limited */
	uint64_t inodes, inodes_used;
};

/* Of a /dev/shm, an open folder; false when it is no tmpfs. */
bool posix_read_room(int dir, struct posix_room *room);

#endif
