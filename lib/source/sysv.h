/* SPDX-License-Identifier: MIT */
/* What the kernel says of System V objects.  Knows the two interfaces, not what follows from them.
 */
#ifndef SOURCE_SYSV_H
#define SOURCE_SYSV_H

#include "base/context.h"

/* What a row function gets: an object whose names and operator states are not filled in yet. */
typedef int sysv_row(struct ipck_object *object, void *data);

/*
 * All objects of one kind in index order.  want: only IPCK_WANT_RSS matters here.
 * 0, the row function's value, IPCK_ERR_UNSUPPORTED when neither interface answers, or
 * IPCK_ERR_DENIED when some objects could not be seen through either (the others were given).
 */
int sysv_each(struct ipck *ctx, enum ipck_kind kind, unsigned want, sysv_row *row, void *data);

/* One object.  0, IPCK_ERR_NOT_FOUND, IPCK_ERR_DENIED or IPCK_ERR_UNSUPPORTED. */
int sysv_read(struct ipck *ctx, enum ipck_kind kind, int32_t id, struct ipck_object *object);

/* The id that a key names.  Creates nothing. */
int sysv_find_key(struct ipck *ctx, enum ipck_kind kind, uint32_t key, int32_t *id);

/*
 * Add rss and swap to one segment (object set), or to all of a list of ids.  Those that
 * /proc/sysvipc/shm does not show keep them unknown.
 */
void sysv_add_rss(struct ipck_object *const *objects, size_t count);

/*
 * The parts of a semaphore set that cost calls of their own.  values and waiters say which;
 * elements has room for nsems.  Unknown bits are set in the object where reading is refused.
 * IPCK_ERR_NOT_FOUND when the set vanished meanwhile.
 */
int sysv_read_semaphores(struct ipck *ctx, struct ipck_object *object, bool values, bool waiters,
			 struct ipck_semaphore *elements);

/*
 * One number of one semaphore.  Needs read permission on the set.  The count of waiters is found by
 * going through all of them.  The number, of PID 0: nobody, or somebody outside of our pid
 * namespace; or -errno: EACCES; EINVAL and EIDRM: there is no such set, or no such semaphore in it.
 */
enum sysv_semaphore_number {
	SEMAPHORE_VALUE,
	SEMAPHORE_NCOUNT,
	SEMAPHORE_ZCOUNT,
	SEMAPHORE_PID /* who used it last */
};
int sysv_semaphore(int32_t id, uint32_t index, enum sysv_semaphore_number number);

/* ---- Between the files of this source --------------------------------------------------- */

/* One kind of object, as data. */
struct sysv_ops {
	enum ipck_kind kind;
	const char *name; /* "shm", for messages */
	const char *proc_path;
	const char *proc_column; /* the second word of the file's heading */
	int (*count)(void);      /* objects in use, or -errno */
	int (*max_index)(void);  /* highest index in use, or -errno */
	int (*stat_index)(int index, struct ipck_object *object); /* 0 or -errno */
	int (*stat_id)(int32_t id, struct ipck_object *object);   /* needs read permission */
	int (*find_key)(uint32_t key);                            /* id or -errno */
	int (*remove)(int32_t id);                                /* 0 or -errno */
	bool (*parse)(const char *line, struct ipck_object *object);
};

const struct sysv_ops *sysv_ops(enum ipck_kind kind);

/*
 * The objects of /proc/sysvipc from this index on.  IPCK_ERR_UNSUPPORTED, with no row given, when
 * the file is absent, empty or not what it should be.  IPCK_ERR_SYSTEM when it was not read to its
 * end, or had rows that are none.
 */
int sysv_proc_each(const struct sysv_ops *ops, int first_index, int max_index, sysv_row *row,
		   void *data);
bool sysv_parse_shm(const char *line, struct ipck_object *object);
bool sysv_parse_msg(const char *line, struct ipck_object *object);
bool sysv_parse_sem(const char *line, struct ipck_object *object);

#endif
