/* SPDX-License-Identifier: MIT */
/* pid:N: the one page for a process that is stuck. */
#include "common/coverage.h"
#include "common/program.h"
#include "process.h"

#include <stdio.h>
#include <string.h>

static void print_more(const struct column *column, const void *row, const struct value *value)
{
	const struct ipck_process *process = row;

	if (strcmp(column->name, "USER") == 0 && value->state == VALUE_SET)
		printf(" (uid %u)", process->uid);
}

static bool print_page(struct process_page *page)
{
	struct column_list columns;

	printf("pid:%d  %s\n", (int)page->process->id.pid,
	       page->process->kernel ? "thread of the kernel" : ipck_kind_title(IPCK_PROCESS));
	column_list_fill(&columns, &process_columns, NULL, PROCESS_PAGE_COLUMNS, 0);
	print_fields(&columns, page->process, page->request, print_more);
	return print_threads(page) && print_objects(page) && print_locks(page);
}

/* Parts that are unknown say so where they would stand; who may see them is said once. */
void complain_unseen(const struct process_page *page)
{
	if (page->process->unknown.denied != 0 || page->threads_denied > 0)
		complain("pid:%d: not all of it could be seen: %s; %s", (int)page->process->id.pid,
			 ipck_strerror(IPCK_ERR_DENIED), coverage_remedy());
	else
		coverage_complain(&page->coverage, &page->request->selecting.selection);
}

int show_process(struct ipck *ctx, const struct request *request, const struct ipck_ref *ref)
{
	struct process_page page = { .ctx = ctx,
				     .request = request,
				     .coverage = { .size = sizeof(page.coverage) } };
	int rc = ipck_process_read(ctx, ref, PROCESS_WANTS, &page.process);

	if (rc != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		return rc == IPCK_ERR_MEMORY || rc == IPCK_ERR_UNSUPPORTED ? EXIT_USAGE
									   : EXIT_PARTIAL;
	}
	if (!print_page(&page))
		page.status = EXIT_USAGE;
	complain_unseen(&page);
	ipck_process_free(page.process);
	return page.status;
}
