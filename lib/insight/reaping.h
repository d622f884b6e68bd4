/* SPDX-License-Identifier: MIT */
/* What a process makes of its ended children. */
#ifndef INSIGHT_REAPING_H
#define INSIGHT_REAPING_H

#include "base/context.h"

/* As ipck_reaping_read(). */
int reaping_read(struct ipck *ctx, const struct ipck_process_id *parent,
		 const struct ipck_process_id *child, struct ipck_reaping *out);
#endif
