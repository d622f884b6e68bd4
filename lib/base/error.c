/* SPDX-License-Identifier: MIT */
/* Reasons and their words, and the arguments that callers of any version give. */
#include "base/context.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const words[] = {
	[-IPCK_OK] = "success",
	[-IPCK_ERR_MEMORY] = "out of memory",
	[-IPCK_ERR_ARGUMENT] = "invalid argument",
	[-IPCK_ERR_SYNTAX] = "malformed",
	[-IPCK_ERR_RANGE] = "out of range",
	[-IPCK_ERR_NOT_FOUND] = "no such object",
	[-IPCK_ERR_DENIED] = "permission denied",
	[-IPCK_ERR_CHANGED] = "changed since it was listed",
	[-IPCK_ERR_BUSY] = "in use",
	[-IPCK_ERR_UNSUPPORTED] = "not available from this kernel",
	[-IPCK_ERR_OUTSIDE] = "in another namespace",
	[-IPCK_ERR_NOT_WANTED] = "not asked for",
	[-IPCK_ERR_STOPPED] = "stopped",
	[-IPCK_ERR_NOT_SELECTED] = "not selected",
	[-IPCK_ERR_SYSTEM] = "system error",
	[-IPCK_ERR_FOOTPRINT] = "would leave a trace",
};

IPCK_API const char *ipck_strerror(enum ipck_error reason)
{
	int index = -(int)reason;

	if (index < 0 || (size_t)index >= sizeof(words) / sizeof(words[0]))
		return "unknown reason";
	return words[index];
}

IPCK_API const char *ipck_message(const struct ipck *ctx)
{
	return ctx->message;
}

int ipck_fail(struct ipck *ctx, enum ipck_error reason, const char *format, ...)
{
	char raw[sizeof(ctx->message)];
	va_list args;

	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	ipck_sanitise(raw, ctx->message, sizeof(ctx->message));
	return reason;
}

enum ipck_error ipck_reason(int error)
{
	switch (error) {
	case 0:
		return IPCK_OK;
	case ENOMEM:
		return IPCK_ERR_MEMORY;
	case EACCES:
	case EPERM:
		return IPCK_ERR_DENIED;
	case EINVAL: /* what shmctl and its kin say of an id that is not in use */
	case EIDRM:
	case ENOENT:
	case ESRCH:
		return IPCK_ERR_NOT_FOUND;
	case ENOSYS:
	case ENOTTY:
	case EOPNOTSUPP:
		return IPCK_ERR_UNSUPPORTED;
	default:
		return IPCK_ERR_SYSTEM;
	}
}

bool ipck_take(void *own, size_t own_size, const void *theirs, size_t their_size)
{
	memset(own, 0, own_size);
	if (their_size < sizeof(size_t) || their_size > own_size)
		return false;
	memcpy(own, theirs, their_size);
	return true;
}
