/* SPDX-License-Identifier: MIT */
/* --deadlocks: threads that wait for one another. */
#include "common/program.h"
#include "ipcls.h"

int show_deadlocks(struct ipck *ctx, struct request *request)
{
	struct ipck_deadlocks *deadlocks;
	const struct ipck_deadlocks_query query = { .size = sizeof(query) };

	(void)request;
	if (ipck_deadlocks_read(ctx, &query, &deadlocks) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		return EXIT_USAGE;
	}
	ipck_deadlocks_free(deadlocks);
	return EXIT_DONE;
}
