/* SPDX-License-Identifier: MIT */
/*
 * What the kernel says of POSIX shared memory, semaphores and message queues: files on the tmpfs at
 * /dev/shm and on the mqueue file system.  Nothing is mounted where anybody could see it, nothing
 * created, no semaphore opened, no time of a file touched (but see posix_mq_content()).
 */
#ifndef SOURCE_POSIX_H
#define SOURCE_POSIX_H

#include "base/context.h"
#include "base/pool.h"

/* A folder that POSIX objects live in. */
struct posix_place {
	int dir;     /* open folder; the place owns it */
	pid_t pid;   /* whose /dev/shm it is; 0 = our own */
	uint64_t ns; /* /dev/shm: the mount namespace; mqueue: the IPC namespace */
	uint32_t major, minor;
	bool visible; /* mqueue: a mount of the system, not a detached one of ours */
};

/*
 * Our /dev/shm, or the one that process pid sees: /proc/PID/root/dev/shm by openat2()
 * RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS, and only when it is a tmpfs.  place->ns is not set.
 * 0, IPCK_ERR_UNSUPPORTED (there is none, or it is no tmpfs), IPCK_ERR_DENIED, IPCK_ERR_NOT_FOUND
 * (no such process).
 */
int posix_shm_open(struct ipck *ctx, pid_t pid, struct posix_place *place);

/*
 * The queues of the calling thread's IPC namespace: a detached mount by fsopen("mqueue"), or where
 * that is refused /dev/mqueue, when it is an mqueue file system.
 */
int posix_mq_open(struct ipck *ctx, struct posix_place *place);

void posix_close(struct posix_place *place);

typedef int posix_row(struct ipck_object *object, void *data);

/*
 * The objects of a place: of /dev/shm regular files, those of subfolders too; kinds says whether
 * IPCK_POSIX_SHM, IPCK_POSIX_SEM or both.  Values of semaphores are read when permitted, bytes and
 * notification of queues only with IPCK_WANT_CONTENT.  Names live in the pool.
 * 0, the row function's value, IPCK_ERR_DENIED when some could not be seen, or IPCK_ERR_MEMORY.
 */
int posix_each(struct ipck *ctx, const struct posix_place *place, unsigned kinds, unsigned want,
	       struct pool *pool, posix_row *row, void *data);

/* The object of a name, "/name".  0, IPCK_ERR_NOT_FOUND, IPCK_ERR_DENIED, IPCK_ERR_MEMORY. */
int posix_read(struct ipck *ctx, const struct posix_place *place, enum ipck_kind kind,
	       const char *name, unsigned want, struct pool *pool, struct ipck_object *object);

/*
 * The object of a device and inode that has no name any more, through a process that holds it
 * (/proc/PID/fd/FD, or /proc/PID/map_files when fd is -1).  What cannot be read stays unknown.
 */
int posix_read_deleted(struct ipck *ctx, enum ipck_kind kind, pid_t pid, int fd, uint64_t start,
		       uint64_t end, struct pool *pool, const char *name,
		       struct ipck_object *object);

/* Unlink, when the name still means that device and inode.  0 or a reason. */
int posix_unlink(struct ipck *ctx, const struct posix_place *place,
		 const struct ipck_object *object);

/* The bytes of a glibc (64-bit: 32 bytes, 32-bit: 16 bytes) or musl semaphore.  False: neither. */
bool posix_parse_semaphore(const unsigned char *bytes, size_t size, struct ipck_posix_sem *sem);

/* "QSIZE:129 NOTIFY:2 SIGNO:0 NOTIFY_PID:8260", the text of a queue's file. */
bool posix_parse_queue(const char *text, struct ipck_posix_mq *mq);

#endif
