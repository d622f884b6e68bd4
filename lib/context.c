/* SPDX-License-Identifier: MIT */
/* Opening and closing a context. */
#include "base/context.h"
#include "source/namespace.h"

#include <stdlib.h>

IPCK_API int ipck_open(const struct ipck_options *options, struct ipck **out)
{
	struct ipck_options own;

	*out = NULL;
	if (options != NULL && !ipck_take(&own, sizeof(own), options, options->size))
		return IPCK_ERR_ARGUMENT;
	*out = calloc(1, sizeof(**out));
	return *out != NULL ? IPCK_OK : IPCK_ERR_MEMORY;
}

IPCK_API void ipck_close(struct ipck *ctx)
{
	free(ctx);
}

IPCK_API uint64_t ipck_own_namespace(struct ipck *ctx)
{
	(void)ctx;
	return namespace_own_ipc();
}
