/* SPDX-License-Identifier: MIT */
/* The limits of System V IPC and the kernel's own totals, as the *_INFO calls give them. */
#ifndef SOURCE_SYSV_LIMITS_H
#define SOURCE_SYSV_LIMITS_H

#include "ipckit.h"

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

#endif
