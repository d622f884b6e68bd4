/* SPDX-License-Identifier: MIT */
/* A segment through the memory of a process that maps it, which allocates what was never written.
 */
#include "action/peek.h"

int peek_vm(struct ipck_peek *peek)
{
	return ipck_fail(peek->ctx, IPCK_ERR_UNSUPPORTED, "%s: not yet", peek->ref);
}
