/* SPDX-License-Identifier: MIT */
/* The part of a process's page that tells what its threads wait for, and on whom. */
#include "blocked.h"
#include "common/program.h"
#include "process.h"
#include "wait_sentence.h"

#include <stdio.h>

#define THREAD_COLUMNS "WAITER,STATE,SINCE,CALL,OBJECT,HELD-BY,EVIDENCE"
#define SENTENCES_MAX 16 /* more of them nobody reads: the table has all */

static void print_line(const char *line)
{
	printf("  %s\n", line);
}

/* Below the table: what is no ordinary idling, in plain words. */
static void print_sentences(const struct blocked_rows *rows)
{
	size_t shown = 0, left = 0;

	for (size_t i = 0; i < rows->count; i++) {
		char line[WAIT_SENTENCE_MAX];

		if (rows->rows[i].wait->idle && rows->rows[i].wait->finding == NULL)
			continue;
		if (shown == SENTENCES_MAX) {
			left++;
			continue;
		}
		if (shown++ == 0)
			putchar('\n');
		wait_sentence(rows->rows[i].wait, rows->rows[i].threads, line, sizeof(line));
		print_line(line);
	}
	if (left > 0)
		printf("  %zu more wait; see ipcls --blocked --each\n", left);
}

static bool write_waits(const struct process_page *page, const struct ipck_waits *waits)
{
	struct column_list list;
	struct blocked_rows rows;
	struct writer writer;

	if (!blocked_rows_make(&rows, waits, page->request, NULL, false)) {
		complain("out of memory");
		return false;
	}
	putchar('\n');
	column_list_fill(&list, &blocked_columns, NULL, THREAD_COLUMNS, 0);
	writer_open(&writer, &page->request->output);
	writer_begin(&writer, &list, "threads");
	for (size_t i = 0; i < rows.count && !writer.failed; i++)
		writer_row(&writer, &rows.rows[i]);
	writer_end(&writer);
	print_sentences(&rows);
	blocked_rows_free(&rows);
	return writer_close(&writer);
}

static void print_rest(const struct process_page *page, size_t waiting)
{
	const uint64_t seen = waiting + page->threads_denied;
	const uint64_t rest = page->process->threads > seen ? page->process->threads - seen : 0;

	if (page->threads_denied > 0)
		printf("\n  What %zu of its threads wait%s for could not be seen.\n",
		       page->threads_denied, page->threads_denied == 1 ? "s" : "");
	if (rest == 0)
		return;
	if (page->process->threads == 1)
		puts("\n  It runs.");
	else
		printf("\n  %llu of its threads run%s.\n", (unsigned long long)rest,
		       rest == 1 ? "s" : "");
}

int read_threads(struct process_page *page, struct ipck_waits **waits)
{
	const struct ipck_process *process = page->process;
	const struct ipck_waits_query query = {
		.size = sizeof(query),
		.want = IPCK_WAITS_IDLE | IPCK_WAITS_SINCE | IPCK_WAITS_WHOM | IPCK_WAITS_WCHAN |
			IPCK_WAITS_USERS,
		.pid = process->id.pid,
		.coverage = &page->coverage,
		.threads_denied = &page->threads_denied,
	};
	const struct ipck_wait *wait;
	int rc;

	*waits = NULL;
	if (process->kernel || process->state == 'X' ||
	    (process->state == 'Z' && process->threads <= 1))
		return IPCK_OK; /* it waits for nothing that anybody could tell */
	rc = ipck_waits_read(page->ctx, &query, waits);
	wait = rc == IPCK_OK ? ipck_waits_at(*waits, 0) : NULL;
	if (wait != NULL && wait->process.start_time != process->id.start_time) {
		ipck_waits_free(*waits); /* another process has the number by now */
		*waits = NULL;
		rc = IPCK_ERR_CHANGED;
	}
	return rc;
}

bool print_threads(struct process_page *page)
{
	struct ipck_waits *waits;
	const int rc = read_threads(page, &waits);
	bool good = true;

	if (rc == IPCK_ERR_DENIED) {
		printf("\n  What it waits for could not be seen (%s).\n", ipck_strerror(rc));
		return true;
	}
	if (rc != IPCK_OK) { /* it has ended meanwhile */
		complain("pid:%d: %s", (int)page->process->id.pid,
			 rc == IPCK_ERR_CHANGED ? ipck_strerror(rc) : ipck_message(page->ctx));
		page->status = rc == IPCK_ERR_MEMORY ? EXIT_USAGE : EXIT_PARTIAL;
		return rc != IPCK_ERR_MEMORY;
	}
	if (waits == NULL)
		return true;
	if (ipck_waits_count(waits) > 0)
		good = write_waits(page, waits);
	print_rest(page, ipck_waits_count(waits));
	ipck_waits_free(waits);
	return good;
}
