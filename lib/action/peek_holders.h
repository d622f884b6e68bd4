/* SPDX-License-Identifier: MIT */
/* Between the methods that read a segment: its namespace, and the processes that map it. */
#ifndef ACTION_PEEK_HOLDERS_H
#define ACTION_PEEK_HOLDERS_H

#include "action/peek.h"
#include "source/scan.h"

/* Run work(data) where the segment lives, as namespace_run(). */
int peek_inside(const struct ipck_peek *peek, int (*work)(void *data), void *data);

/* The segment as it is now, when it is still the same: as again_read(), from wherever it lives. */
int peek_again(const struct ipck_peek *peek, struct ipck_object *now);

struct peek_holders {
	struct scan scan;
	const struct use *uses; /* of the object; count of them */
	size_t count;
};

/*
 * The areas that processes map of an object.  now: the segment; NULL for other kinds.
 * attachments: of a segment, so many areas are enough; 0: all that there are.
 * 0 and what peek_holders_free() frees, or a reason with a message.
 */
int peek_holders_find(const struct ipck_peek *peek, const struct ipck_object *now,
		      uint64_t attachments, struct peek_holders *holders);
void peek_holders_free(struct peek_holders *holders);

/* Is any of them an area?  To others it is only open. */
bool peek_holders_map(const struct peek_holders *holders);

static inline const struct scanned_process *peek_holder(const struct peek_holders *holders,
							const struct use *use)
{
	return &holders->scan.processes[use->process];
}

/*
 * Is it still that process, and, of a segment, does it live in the same IPC namespace?  The number
 * of an area means a segment of the namespace that its process lives in, and of no other.
 */
bool peek_holder_stays(const struct ipck_peek *peek, const struct ipck_process_id *process);

/*
 * Nobody who maps it is to be seen: IPCK_ERR_FOOTPRINT, or without the right to look into the
 * processes of others that reason; the message says what is missing.  rights: "CAP_X and CAP_Y".
 */
int peek_no_holder(const struct ipck_peek *peek, enum ipck_error without, const char *rights);

#endif
