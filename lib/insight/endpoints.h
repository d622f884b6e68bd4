/* SPDX-License-Identifier: MIT */
/* Objects that exist only through the descriptors and mappings of a scan: pipes, sockets ... */
#ifndef INSIGHT_ENDPOINTS_H
#define INSIGHT_ENDPOINTS_H

#include "source/scan.h"

/*
 * One row an object of these kinds (of IPCK_ENDPOINTS), in the order of kinds, with readers,
 * writers, status and, as want says, what fdinfo, sock_diag and pidfd_getfd tell.  The row's
 * holders are not filled in.  Strings and watches live in the pool. 0, the row function's value, or
 * IPCK_ERR_MEMORY.
 */
int endpoints_each(struct ipck *ctx, const struct scan *scan, unsigned kinds, unsigned want,
		   struct pool *pool, int (*row)(struct ipck_object *object, void *data),
		   void *data);

#endif
