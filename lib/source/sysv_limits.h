/* SPDX-License-Identifier: MIT */
/* The limits of System V IPC and the kernel's own totals, as the *_INFO calls give them. */
#ifndef SOURCE_SYSV_LIMITS_H
#define SOURCE_SYSV_LIMITS_H

#include "base/context.h"

struct sysv_limits {
	struct {
		uint64_t mni, all, max, min; /* all: pages */
	} shm;
	struct {
		uint64_t mni, max, mnb;
	} msg;
	struct {
		uint64_t mni, mns, msl, opm, vmx;
	} sem;
};

/* Both fill the part of one kind and return 0 or -errno. */
int sysv_read_limits(enum ipck_kind kind, struct sysv_limits *limits);
int sysv_read_usage(enum ipck_kind kind, struct ipck_usage *usage);

/*
 * The same, and where the kernel does not add up, or only as far as its counters go, from a list of
 * the objects.  usage->known is the caller's.  0, or a reason as sysv_each() gives it.
 */
int sysv_read_totals(struct ipck *ctx, enum ipck_kind kind, struct ipck_usage *usage);

#endif
