/* SPDX-License-Identifier: MIT */
/* The context behind struct ipck: the last failure in words, and nothing a caller could share. */
#ifndef BASE_CONTEXT_H
#define BASE_CONTEXT_H

#include "ipckit.h"

#define IPCK_API __attribute__((visibility("default")))

struct ipck {
	char message[512];
	/* The namespace that was entered last, and a process that lives in it: see
	 * namespace_member(). */
	uint64_t member_of;
	int member;
};

/*
 * Record a failure and give its reason back, so that a failing line reads
 * "return ipck_fail(ctx, IPCK_ERR_DENIED, ...)".  The text is sanitised here, once for all.
 */
__attribute__((format(printf, 3, 4))) int ipck_fail(struct ipck *ctx, enum ipck_error reason,
						    const char *format, ...);

/*
 * Take a struct that a caller filled, who may have been built when it was smaller: what it lacks
 * is 0.  False for a size that no version had.
 */
bool ipck_take(void *own, size_t own_size, const void *theirs, size_t their_size);

/* The reason for an errno of the kernel. */
enum ipck_error ipck_reason(int error);

#endif
