/* SPDX-License-Identifier: MIT */
/* Bytes to be shown: of an object, or of a file to compare with; and their pieces in order. */
#ifndef SHMPEEK_CONTENT_H
#define SHMPEEK_CONTENT_H

#include "ipckit.h"

struct content {
	struct ipck *ctx;
	const char *name;       /* reference or path, for complaints; the caller's */
	struct ipck_peek *peek; /* an object's; NULL: of a file */
	int fd;                 /* a file's; -1: of an object */
	uint64_t bytes;
	bool holes_known;
};

/* 0 or a reason, with a message in ctx. */
int content_of_object(struct content *content, struct ipck *ctx, const struct ipck_object *object,
		      const struct ipck_peek_options *options);
/* A file that can be read at any offset; complains and returns false. */
bool content_of_file(struct content *content, struct ipck *ctx, const char *path);
void content_close(struct content *content);

/* As ipck_peek_range() and ipck_peek_read(); complain and return false. */
bool content_range(const struct content *content, uint64_t offset, struct ipck_range *range);
bool content_read(const struct content *content, uint64_t offset, void *to, size_t size);

#define PIECE_MAX ((size_t)256 << 10) /* bytes of data at once: as much as the caches hold */

struct piece {
	uint64_t offset, bytes;
	enum ipck_content content;
	const unsigned char *data; /* of DATA, valid until the next piece; else NULL */
};

struct pieces {
	const struct content *content;
	uint64_t at, end;
	struct ipck_range range; /* the one that at lies in, or one that is behind it */
	unsigned char *buffer;
	bool failed; /* complained of: what was given is not all */
	/* bytes met that could not be shown */
	uint64_t swapped, unknown;
};

/*
 * The content from begin to end in pieces: data in pieces of at most PIECE_MAX, all else as it
 * comes.  pieces_next() is false at the end and after a failure.  pieces_end() after the last.
 */
void pieces_begin(struct pieces *pieces, const struct content *content, uint64_t begin,
		  uint64_t end);
bool pieces_next(struct pieces *pieces, struct piece *piece);
/*
 * Before the first: can all of it be read?  Else what cannot is counted.  Pages can be swapped out
 * all the same before they are come to.
 */
bool pieces_readable(struct pieces *pieces);
void pieces_end(struct pieces *pieces);

#endif
