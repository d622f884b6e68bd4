/* SPDX-License-Identifier: MIT */
/*
 * Reading content, between the files of it: peek.c chooses a method, peek_*.c each open by one of
 * them, peek_fd.c reads what they opened.
 */
#ifndef ACTION_PEEK_H
#define ACTION_PEEK_H

#include "base/context.h"

/* How bytes and ranges come out of what a method opened.  0 or a reason, with a message. */
struct peek_source {
	int (*range)(struct ipck_peek *peek, uint64_t offset, struct ipck_range *out);
	int (*read)(struct ipck_peek *peek, uint64_t offset, void *to, size_t size);
	int (*pages)(struct ipck_peek *peek, uint64_t offset, size_t count, unsigned char *states);
	void (*close)(struct ipck_peek *peek); /* NULL: nothing but fd */
};

struct ipck_peek {
	struct ipck *ctx;
	struct ipck_object object; /* its strings are not ours: gone after the opening */
	char ref[IPCK_REF_MAX];    /* for messages */
	struct ipck_peek_about about;
	unsigned may_change;
	const struct peek_source *source;
	int fd;        /* the file; -1: none */
	/* of a file that is told in parts: from data_next on it was data up to data_end */
	uint64_t data_next, data_end;
	void *private; /* the source's */
};

/*
 * The methods.  Each fills about, source and fd, or leaves them alone and gives a reason with a
 * message; IPCK_ERR_FOOTPRINT for what is not allowed in may_change.  object's strings are valid
 * during the call.
 */
int peek_map_files(struct ipck_peek *peek);
int peek_file(struct ipck_peek *peek);
int peek_attach(struct ipck_peek *peek);
int peek_vm(struct ipck_peek *peek);

/* The file of an object without a name, for reading.  0 or a reason, with a message. */
int peek_held_open(struct ipck_peek *peek, int *fd, bool *touched, struct ipck_process_id *through);

/* A file with holes: SEEK_DATA, pread(2), cachestat(2). */
extern const struct peek_source peek_fd_source;
/* Read from it from now on: fd and source, and of about what the file tells.  0 or a reason. */
int peek_fd_take(struct ipck_peek *peek, int fd);

/* "shm:5: cannot be WHAT: why".  error: an errno, negative or not. */
int peek_fail(const struct ipck_peek *peek, const char *what, int error);

#endif
