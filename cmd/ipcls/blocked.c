/* SPDX-License-Identifier: MIT */
/* --blocked: which threads wait, for what, and on whom. */
#include "common/program.h"
#include "ipcls.h"

#include <stdio.h>

int show_blocked(struct ipck *ctx, struct request *request)
{
	const struct ipck_waits_query query = {
		.size = sizeof(query),
		.want = IPCK_WAITS_WHOM | IPCK_WAITS_SINCE |
			(request->all ? (unsigned)IPCK_WAITS_IDLE : 0u),
	};
	const struct ipck_awaited *awaited;
	const struct ipck_wait *wait;
	struct ipck_waits *waits;

	if (ipck_waits_read(ctx, &query, &waits) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		return EXIT_USAGE;
	}
	for (size_t i = 0; (wait = ipck_waits_at(waits, i)) != NULL; i++) {
		printf("%s[%d/%d] %c idle=%d what=%d call=%s timeout=%d fd=%d ref=%s object=%s "
		       "wants=%s finding=%s why=%d %s ns=%llu open=%d",
		       wait->command, (int)wait->process.pid, (int)wait->tid, wait->state,
		       wait->idle, (int)wait->what, wait->call, wait->timeout, wait->fd, wait->ref,
		       wait->object, wait->wants, wait->finding, wait->why, wait->why_text,
		       (unsigned long long)wait->nanoseconds, wait->open);
		for (size_t j = 0; (awaited = ipck_awaited_at(wait, j)) != NULL; j++)
			printf(" [%u:%s[%d/%d] %s%s]", awaited->group, awaited->command,
			       (int)awaited->process.pid, (int)awaited->tid,
			       ipck_proof_name(awaited->proof), awaited->gone ? " gone" : "");
		putchar('\n');
	}
	ipck_waits_free(waits);
	return EXIT_DONE;
}
