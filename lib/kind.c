/* SPDX-License-Identifier: MIT */
/* The kinds of what references name, as data.  A new kind of object is a row here and in
 * cmd/common/object_kinds.c. */
#include "kind.h"
#include "base/context.h"

#include <string.h>

#define ID (1u << IPCK_BY_ID | 1u << IPCK_BY_KEY)
#define NAME (1u << IPCK_BY_NAME | 1u << IPCK_BY_INODE)
#define NUMBER (1u << IPCK_BY_NUMBER)
#define INODE (1u << IPCK_BY_INODE)
#define DESCRIPTOR (1u << IPCK_BY_DESCRIPTOR)
#define PID (1u << IPCK_BY_PID)

const struct kind all_kinds[] = {
	{ IPCK_SHM, "shm", "shared memory segment", ID, GENERATION_CTIME },
	{ IPCK_MSG, "msg", "message queue", ID, GENERATION_CTIME },
	{ IPCK_SEM, "sem", "semaphore set", ID, GENERATION_CREATOR },
	{ IPCK_POSIX_SHM, "posix-shm", "POSIX shared memory", NAME, GENERATION_INODE },
	{ IPCK_POSIX_MQ, "posix-mq", "POSIX message queue", NAME, GENERATION_INODE },
	{ IPCK_POSIX_SEM, "posix-sem", "POSIX semaphore", NAME, GENERATION_INODE },
	{ IPCK_PIPE, "pipe", "pipe", NUMBER, GENERATION_NONE },
	{ IPCK_FIFO, "fifo", "FIFO", NAME, GENERATION_INODE },
	{ IPCK_UNIX, "unix", "unix socket", NUMBER, GENERATION_NONE },
	{ IPCK_EVENTFD, "eventfd", "eventfd counter", NUMBER, GENERATION_NONE },
	{ IPCK_MEMFD, "memfd", "memory file", NUMBER, GENERATION_INODE },
	{ IPCK_MMAP, "mmap", "shared mapping", INODE, GENERATION_NONE },
	{ IPCK_EPOLL, "epoll", "epoll set", DESCRIPTOR, GENERATION_START },
	{ IPCK_TIMERFD, "timerfd", "timer descriptor", DESCRIPTOR, GENERATION_START },
	{ IPCK_SIGNALFD, "signalfd", "signal descriptor", DESCRIPTOR, GENERATION_START },
	{ IPCK_INOTIFY, "inotify", "inotify descriptor", DESCRIPTOR, GENERATION_START },
	{ IPCK_PIDFD, "pidfd", "process descriptor", DESCRIPTOR, GENERATION_START },
	{ IPCK_PROCESS, "pid", "process", PID, GENERATION_START },
	{ IPCK_PGRP, "pgrp", "process group", PID, GENERATION_START },
	{ IPCK_SESSION, "session", "session", PID, GENERATION_START },
	{ IPCK_TREE, "tree", "process tree", PID, GENERATION_START },
	{ 0 },
};

const struct kind *kind_of(enum ipck_kind kind)
{
	for (const struct kind *row = all_kinds; row->kind != 0; row++)
		if (row->kind == kind)
			return row;
	return NULL;
}

bool kind_name_fits(enum ipck_kind kind, const char *name)
{
	if (name[0] != '/' || name[1] == '\0')
		return false;
	if ((kind & IPCK_POSIX) == 0)
		return true;
	/* Each component is a file in the folder, or in one of its folders: /x, /x/y. */
	for (const char *p = name; *p == '/';) {
		size_t length = strcspn(++p, "/");

		if (length == 0 || (length == 1 && p[0] == '.') ||
		    (length == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += length;
		if (*p == '/' && kind == IPCK_POSIX_MQ)
			return false;
	}
	return true;
}

IPCK_API const char *ipck_kind_name(enum ipck_kind kind)
{
	const struct kind *row = kind_of(kind);

	return row != NULL ? row->name : "?";
}

IPCK_API const char *ipck_kind_title(enum ipck_kind kind)
{
	const struct kind *row = kind_of(kind);

	return row != NULL ? row->title : "object";
}
