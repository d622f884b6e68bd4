/* SPDX-License-Identifier: MIT */
/* The files of /proc/sys/fs/mqueue and statfs() of a /dev/shm; no permission needed. */
#include "source/posix_limits.h"

#include "base/lines.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

bool posix_read_limits(struct posix_limits *limits)
{
	const struct {
		const char *path;
		uint64_t *number;
	} files[] = {
		{ "/proc/sys/fs/mqueue/queues_max", &limits->queues_max },
		{ "/proc/sys/fs/mqueue/msg_max", &limits->msg_max },
		{ "/proc/sys/fs/mqueue/msgsize_max", &limits->msgsize_max },
		{ "/proc/sys/fs/mqueue/msg_default", &limits->msg_default },
		{ "/proc/sys/fs/mqueue/msgsize_default", &limits->msgsize_default },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!file_numbers(AT_FDCWD, files[i].path, (uint64_t *[]){ files[i].number }, 1))
			return false;
	return true;
}

/*
 * mqueue_get_inode() of ipc/mqueue.c: a struct msg_msg for each message there may be, a struct
 * posix_msg_tree_node for each priority there may be, and the messages themselves.  Both structs
 * have 48 bytes in a 64-bit kernel and 24 in one of 32 bits, which runs no 64-bit programs.
 */
#define PRIORITIES UINT64_C(32768) /* MQ_PRIO_MAX */

uint64_t posix_queue_charge(uint64_t max_messages, uint64_t max_message_size)
{
	const uint64_t node = sizeof(void *) == 8 ? 48 : 24;
	const uint64_t nodes = max_messages < PRIORITIES ? max_messages : PRIORITIES;

	return max_messages * node + nodes * node + max_messages * max_message_size;
}

bool posix_read_room(int dir, struct posix_room *room)
{
	struct statfs status;

	if (fstatfs(dir, &status) != 0 || status.f_type != TMPFS_MAGIC)
		return false;
	*room = (struct posix_room){
		.bytes_limited = status.f_blocks > 0,
		.inodes_limited = status.f_files > 0,
		.bytes = status.f_blocks * (uint64_t)status.f_bsize,
		.bytes_used = (status.f_blocks - status.f_bfree) * (uint64_t)status.f_bsize,
		.inodes = status.f_files,
		.inodes_used = status.f_files - status.f_ffree,
	};
	return true;
}
