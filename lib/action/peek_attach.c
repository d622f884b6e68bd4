/* SPDX-License-Identifier: MIT */
/* A segment by attaching to it for as long as it takes to open the file behind the mapping. */
#include "action/peek.h"

int peek_attach(struct ipck_peek *peek)
{
	return ipck_fail(peek->ctx, IPCK_ERR_UNSUPPORTED, "%s: not yet", peek->ref);
}
