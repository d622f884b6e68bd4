/* SPDX-License-Identifier: MIT */
/* What a process makes of its ended children. */
#include "insight/reaping.h"

int reaping_read(struct ipck *ctx, const struct ipck_process_id *parent,
		 const struct ipck_process_id *child, struct ipck_reaping *out)
{
	(void)ctx;
	(void)parent;
	(void)child;
	out->ignores = out->catches = out->waits = IPCK_UNKNOWN;
	return IPCK_OK;
}
