/* SPDX-License-Identifier: MIT */
/* A segment through the file behind a mapping of one of its holders: nothing of the segment
 * changes. */
#include "action/peek.h"

int peek_map_files(struct ipck_peek *peek)
{
	return ipck_fail(peek->ctx, IPCK_ERR_UNSUPPORTED, "%s: not yet", peek->ref);
}
