/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a segment, read with as little trace as can be: see peek.c.  A copy must be whole,
 * so what is in swap is read as well, and where it is not told what was never written all is.
 */
#include "action/save.h"
#include "action/sparse.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 20)

static int copy_range(struct save *save, struct ipck_peek *peek, const struct ipck_range *range,
		      char *buffer)
{
	uint64_t at = range->offset, end = range->offset + range->bytes;
	int rc = IPCK_OK;

	for (size_t size; rc == IPCK_OK && at < end; at += size) {
		int error;

		size = end - at < PIECE ? (size_t)(end - at) : PIECE;
		rc = ipck_peek_read(peek, at, buffer, size);
		if (rc != IPCK_OK)
			break;
		error = sparse_write(save->fd, buffer, size, at);
		if (error != 0)
			rc = save_fail(save, "saved", error);
	}
	return rc;
}

static int copy_ranges(struct save *save, struct ipck_peek *peek, char *buffer)
{
	const uint64_t bytes = ipck_peek_about(peek)->bytes;
	struct ipck_range range;
	int rc = IPCK_OK;

	for (uint64_t at = 0; rc == IPCK_OK && at < bytes; at = range.offset + range.bytes) {
		rc = ipck_peek_range(peek, at, &range);
		if (rc == IPCK_OK && range.content != IPCK_CONTENT_HOLE)
			rc = copy_range(save, peek, &range, buffer);
	}
	if (rc == IPCK_OK && ftruncate(save->fd, (off_t)bytes) != 0)
		rc = save_fail(save, "saved", errno);
	return rc;
}

int save_shm(struct save *save)
{
	const struct ipck_peek_options options = { .size = sizeof(options),
						   .may_change = IPCK_CHANGES_ATTACHMENT |
								 IPCK_CHANGES_PAGES |
								 IPCK_CHANGES_SWAP };
	struct ipck_peek *peek;
	char *buffer;
	int rc = ipck_peek_open(save->ctx, save->object, &options, &peek);

	if (rc != IPCK_OK)
		return rc;
	save->result.touched = (ipck_peek_about(peek)->changes & IPCK_CHANGES_ATTACHMENT) != 0;
	save->result.bytes = ipck_peek_about(peek)->bytes;
	buffer = malloc(PIECE);
	rc = buffer != NULL ? copy_ranges(save, peek, buffer) : save_fail(save, "saved", ENOMEM);
	free(buffer);
	ipck_peek_close(peek);
	return rc;
}
