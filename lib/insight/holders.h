/* SPDX-License-Identifier: MIT */
/* Who holds an object, out of a scan of the processes. */
#ifndef INSIGHT_HOLDERS_H
#define INSIGHT_HOLDERS_H

#include "base/names.h"
#include "source/container.h"
#include "source/scan.h"

/*
 * Fill in holders, holder_count, held, holders_complete and IPCK_FIELD_HOLDERS.  The holders and
 * their strings live in the pool.  names and containers may be NULL: not wanted.
 * A segment's list is complete when as many areas were found as it has attachments; all others when
 * every process that can be seen was looked into.  0 or IPCK_ERR_MEMORY.
 */
int holders_add(const struct scan *scan, struct ipck_object *object, struct pool *pool,
		struct names *names, struct containers *containers);

#endif
