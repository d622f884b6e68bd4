/* SPDX-License-Identifier: MIT */
/*
 * What the kernel says of POSIX shared memory, semaphores and message queues: files on the tmpfs at
 * /dev/shm and on the mqueue file system.  Nothing is mounted where anybody could see it, nothing
 * created, no semaphore opened by sem_open(), no time of a file touched (but for
 * IPCK_WANT_CONTENT).
 *
 * Counting the messages of a queue opens and closes it, and the kernel takes any close for the end
 * of a notification that the closing process itself has asked for by mq_notify(3).
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
 * that is refused /dev/mqueue, when it is an mqueue file system and a queue on it shows that it is
 * this namespace's: one that was mounted before unshare(CLONE_NEWIPC) has the queues of another.
 * 0, IPCK_ERR_DENIED or IPCK_ERR_UNSUPPORTED; the message says what would help.
 */
int posix_mq_open(struct ipck *ctx, struct posix_place *place);

void posix_close(struct posix_place *place);

/*
 * The device of the queues of the calling thread's IPC namespace, without a look at any of them.
 * 0, or -errno where no detached mount is to be had.
 */
int posix_mq_device(uint32_t *major_number, uint32_t *minor_number);

typedef int posix_row(struct ipck_object *object, void *data);

/*
 * The objects of a place: of /dev/shm regular files, those of subfolders too (not on other file
 * systems mounted there, and not below the 32nd level), one row a file however many names it has;
 * kinds says whether IPCK_POSIX_SHM, IPCK_POSIX_SEM or both.  A semaphore is a file sem.NAME right
 * in /dev/shm that is as large as one.  Values of semaphores are read when permitted, bytes and
 * notification of queues only with IPCK_WANT_CONTENT.  Names live in the pool.
 * 0, the row function's value, IPCK_ERR_DENIED when some could not be seen, or IPCK_ERR_MEMORY.
 */
int posix_each(struct ipck *ctx, const struct posix_place *place, unsigned kinds, unsigned want,
	       struct pool *pool, posix_row *row, void *data);

/*
 * The object of a name, "/name"; of shared memory also "/folder/name".
 * 0, IPCK_ERR_NOT_FOUND (also for a name that is none), IPCK_ERR_DENIED, IPCK_ERR_MEMORY.
 */
int posix_read(struct ipck *ctx, const struct posix_place *place, enum ipck_kind kind,
	       const char *name, unsigned want, struct pool *pool, struct ipck_object *object);

/*
 * The object of a device and inode that has no name any more, through a process that holds it
 * (/proc/PID/fd/FD, or /proc/PID/map_files when fd is -1).  name is the path that it had, or NULL.
 * object->kind says what the file is by its size; status has IPCK_STATUS_DELETED unless another
 * name leads to it.  What cannot be read stays unknown. 0, IPCK_ERR_NOT_FOUND, IPCK_ERR_DENIED or
 * IPCK_ERR_MEMORY.
 */
int posix_read_deleted(struct ipck *ctx, enum ipck_kind kind, pid_t pid, int fd, uint64_t start,
		       uint64_t end, struct pool *pool, const char *name,
		       struct ipck_object *object);

/*
 * Open the file for reading, its time of access untouched where that is allowed, when the name
 * still means that device and inode.  touched may be set: reading moves it.  0 or a reason, with a message.
 */
int posix_open(struct ipck *ctx, const struct posix_place *place, const struct ipck_object *object,
	       int *fd, bool *touched);

/*
 * The same of the regular file that an O_PATH descriptor stands for: 0 or an errno.  touched:
 * reading moves its time of access.
 */
int posix_open_handle(int handle, int *fd, bool *touched);

/* Unlink, when the name still means that device and inode.  0 or a reason. */
int posix_unlink(struct ipck *ctx, const struct posix_place *place,
		 const struct ipck_object *object);

/*
 * The bytes of a semaphore of glibc (64-bit: 32 bytes, 32-bit: 16 bytes) or musl (as many).  False
 * when they are of neither.
 */
bool posix_parse_semaphore(const unsigned char *bytes, size_t size, struct ipck_posix_sem *sem);

/*
 * "QSIZE:129 NOTIFY:2 SIGNO:0 NOTIFY_PID:8260", the text of a queue's file: bytes and notify_pid.
 * mq is changed only with true.
 */
bool posix_parse_queue(const char *text, struct ipck_posix_mq *mq);

/* ---- Between the files of this source --------------------------------------------------- */

struct stat;

#define POSIX_MQUEUE_MAGIC 0x19800202 /* of statfs(2); <linux/magic.h> lacks it */

/* One listing of a place: what posix_each() was given. */
struct posix_walk {
	struct ipck *ctx;
	const struct posix_place *place;
	unsigned kinds, want;
	struct pool *pool;
	posix_row *row;
	void *data;
	size_t unseen; /* folders and files that could not be looked at */
};

const char *posix_word(enum ipck_kind kind); /* "posix-shm", for messages */
int posix_no_memory(struct ipck *ctx);       /* says so; IPCK_ERR_MEMORY */

/* A folder to read, its own time of access untouched where that is allowed.  Or -1 and errno. */
int posix_folder(int dir, const char *name);
/* A path that opens what an O_PATH descriptor stands for, and nothing else. */
#define POSIX_HANDLE_PATH 48
void posix_handle_path(int handle, char *path);
/* Is it a regular file of the place's own file system? */
bool posix_is_file(const struct posix_place *place, const struct stat *status);
/* What every kind has of a file: owner, mode, times, identity.  All else is zeroed. */
void posix_fill(struct ipck_object *object, enum ipck_kind kind, const struct stat *status);

/* The kind of a file on /dev/shm, by its path in there and its size. */
enum ipck_kind posix_shm_kind(const char *path, const struct stat *status);
void posix_shm_fill(struct ipck_object *object, const struct stat *status);
int posix_shm_each(struct posix_walk *walk);

/* Value and waiters by an O_PATH descriptor of the semaphore's file, or why not. */
void posix_sem_fill(struct ipck_object *object, int handle);

/* Counts, limits and with IPCK_WANT_CONTENT the content, of a queue's file that dir and name lead
 * to. */
void posix_mq_fill(struct ipck_object *object, int dir, const char *name, unsigned want);
int posix_mq_each(struct posix_walk *walk);

#endif
