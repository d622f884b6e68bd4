/* SPDX-License-Identifier: MIT */
/* What is wrong, below the table of the overview, each with the command that shows more. */
#include "overview.h"

#include <stdarg.h>
#include <stdio.h>

const char *overview_plural(uint64_t number)
{
	return number == 1 ? "" : "s";
}

struct findings {
	const struct request *request;
	size_t count;
};

/* One line: what is wrong, and under it the command that shows more. */
__attribute__((format(printf, 4, 5))) static void finding(struct findings *findings,
							  enum alert alert, const char *command,
							  const char *format, ...)
{
	const bool color = findings->request->output.color;
	va_list args;

	if (findings->count++ == 0)
		printf("\nNeeds attention\n");
	printf("  %s", color ? alert_escape[alert] : "");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("%s\n      %s\n", color ? "\033[0m" : "", command);
}

static void find_in_kind(struct findings *findings, const struct summary *summary)
{
	char bytes[32];

	const bool posix = (summary->kind->kind & IPCK_POSIX) != 0;

	if (summary->full > 0)
		finding(findings, ALERT_BAD,
			posix ? "ipcls -Q --sort FULL:desc" : "ipcls -q --sort FULL:desc",
			"%llu %squeue%s full: %s waits, or fails: \"Resource temporarily "
			"unavailable\"",
			(unsigned long long)summary->full, posix ? "POSIX " : "",
			summary->full == 1 ? " is" : "s are", posix ? "mq_send" : "msgsnd");
	if (summary->waiting > 0)
		finding(findings, ALERT_NOTICE,
			posix ? "ipcls -S --sort WAITERS:desc" : "ipcls -s --sort WAITING:desc",
			"%llu thread%s wait%s on %llu %s%s", (unsigned long long)summary->waiting,
			overview_plural(summary->waiting), summary->waiting == 1 ? "s" : "",
			(unsigned long long)summary->waiting_sets,
			ipck_kind_title(summary->kind->kind),
			overview_plural(summary->waiting_sets));
	if (summary->unattached > 0) {
		ipck_format_size(summary->unattached_bytes, bytes, sizeof(bytes));
		finding(findings, ALERT_NOTICE, "ipcls -m --unattached",
			"%llu segment%s (%s) that nobody is attached to",
			(unsigned long long)summary->unattached,
			overview_plural(summary->unattached), bytes);
	}
	if (summary->unseen > 0)
		finding(findings, ALERT_NONE,
			summary->kind->kind == IPCK_MSG ? "sudo ipcls -q" : "sudo ipcls -s",
			"%llu %s%s may hide %s: permission denied",
			(unsigned long long)summary->unseen, ipck_kind_title(summary->kind->kind),
			overview_plural(summary->unseen),
			summary->kind->kind == IPCK_MSG ? "that they are full" : "waiters");
}

/* "shmget fails: ENOSPC ..." is said of limits that are reached, or nearly. */
static void find_limits(struct findings *findings, const struct ipck_limits *limits)
{
	for (size_t i = 0; i < ipck_limits_count(limits); i++) {
		const struct ipck_limit *limit = ipck_limits_at(limits, i);
		struct value share;

		if (!limit->used_known || limit->unlimited)
			continue;
		value_share(&share, limit->used, limit->limit);
		if (share.alert != ALERT_NONE)
			finding(findings, share.alert, "ipcls -l", "%s (%s) %s%llu%%%s: %s",
				limit->resource, limit->description,
				share.alert == ALERT_BAD ? "is reached, " : "is at ",
				(unsigned long long)(share.number / 10),
				share.alert == ALERT_BAD ? "" : "; when it is reached",
				limit->when_exhausted);
	}
}

void print_attention(const struct request *request, const struct summaries *summaries,
		     const struct ipck_limits *limits)
{
	struct findings findings = { .request = request };

	find_limits(&findings, limits);
	for (size_t i = 0; i < summaries->count; i++)
		find_in_kind(&findings, &summaries->of[i]);
}
