/* SPDX-License-Identifier: MIT */
/* What became of each process that was named: lines as soon as it is so, and the end of it. */
#include "common/program.h"
#include "common/signals.h"
#include "interrupt.h"
#include "names.h"
#include "processes.h"
#include "signalling.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const result_words[] = {
	[PROCESS_PLANNED] = "planned",         [PROCESS_SPARED] = "spared",
	[PROCESS_SIGNALLED] = "signalled",     [PROCESS_ENDED] = "ended",
	[PROCESS_SURVIVED] = "survived",       [PROCESS_ESCAPED] = "escaped",
	[PROCESS_OUTSIDE] = "outside",         [PROCESS_FAILED] = "failed",
	[PROCESS_MISSING] = "missing",         [PROCESS_REFUSED] = "refused",
	[PROCESS_INTERRUPTED] = "interrupted",
};

static const struct {
	const char *word, *reason;
} spared[] = {
	[IPCK_SPARED_NOT] = { NULL, "" },
	[IPCK_SPARED_SELF] = { "self", "this command itself" },
	[IPCK_SPARED_ANCESTOR] = { "ancestor", "this command descends from it" },
	[IPCK_SPARED_INIT] = { "init", "the first process of this pid namespace" },
	[IPCK_SPARED_KERNEL] = { "kernel", "a thread of the kernel" },
	[IPCK_SPARED_SESSION] = { "session", "in the session of this command; --force would signal "
					     "it as well" },
	[IPCK_SPARED_ZOMBIE] = { "ended", "it has ended already" },
};

const char *process_result_word(enum process_result result)
{
	return result_words[result];
}

const char *spared_word(enum ipck_spared why)
{
	return spared[why].word;
}

/* It stays pending until somebody continues the process. */
static bool must_be_continued(const struct ipck_member *member, int signo)
{
	return member->stopped && signo != SIGKILL && signo != SIGCONT && signo != SIGSTOP;
}

void process_tell(const struct process_run *run, int signo, const bool *over, size_t count)
{
	const struct ipck_member *member;

	for (size_t i = 0; (member = ipck_process_set_at(run->set, i)) != NULL; i++) {
		if (member->signo != signo || (i < count && over[i]))
			continue;
		signalling_tell("signalled", signo, member->command, member->process.pid,
				member->uid);
		if (member->late && signo == run->request->signo)
			fputs(", which came meanwhile", stdout);
		if (must_be_continued(member, signo))
			fputs(", which is stopped: the signal waits until it is continued", stdout);
		putchar('\n');
	}
}

#define REASON(row, ...) snprintf((row)->reason, sizeof((row)->reason), __VA_ARGS__)

static void judge_survivor(const struct process_run *run, struct process_row *row)
{
	const struct request *request = run->request;
	char after[32];

	if (interrupted() && !run->waited && processes_wait(request)) {
		row->result = PROCESS_INTERRUPTED;
		REASON(row, "signalled, and not seen to end: interrupted");
		return;
	}
	row->result = run->waited ? PROCESS_SURVIVED : PROCESS_SIGNALLED;
	if (!run->waited)
		return;
	ipck_format_duration(request->timeout, after, sizeof(after));
	REASON(row, "after %s still running%s%s", after,
	       must_be_continued(row->member, row->member->signo)
		       ? ": stopped, and the signal waits until it is continued"
		       : "",
	       row->member->signo == SIGKILL       ? ", in spite of KILL"
	       : means_the_end(row->member->signo) ? "; --then KILL would end it"
						   : "");
}

/* Who is outside of the set: it left, or had done so before anybody looked. */
static void judge_outside(const struct process_run *run, size_t i, struct process_row *row)
{
	const struct ipck_ref exact = {
		.kind = IPCK_PROCESS,
		.form = IPCK_BY_PID,
		.pid = row->member->process.pid,
		.exact = true,
		.generation = { .start_time = row->member->process.start_time },
	};
	const bool left = i < run->opened || row->member->late;
	char from[IPCK_REF_MAX], name[IPCK_REF_MAX];

	ipck_ref_format(row->ref, from, sizeof(from));
	ipck_ref_format(&exact, name, sizeof(name));
	row->result = left ? PROCESS_ESCAPED : PROCESS_OUTSIDE;
	REASON(row, "%s %.80s and was not signalled; name it by %.80s",
	       left ? "left" : "descends from", from, name);
}

static void judge(const struct process_run *run, size_t i, struct process_row *row)
{
	const struct ipck_member *member = ipck_process_set_at(run->set, i);

	*row = (struct process_row){ .member = member,
				     .ref = &run->request->operands.refs[member->ref] };
	switch (member->state) {
	case IPCK_MEMBER_SPARED:
		row->result = member->spared == IPCK_SPARED_ZOMBIE ? PROCESS_ENDED : PROCESS_SPARED;
		REASON(row, "%s", spared[member->spared].reason);
		break;
	case IPCK_MEMBER_ENDED:
		row->result = PROCESS_ENDED;
		if (member->spared == IPCK_SPARED_ZOMBIE)
			REASON(row, "%s", spared[member->spared].reason);
		break;
	case IPCK_MEMBER_ESCAPED:
		judge_outside(run, i, row);
		break;
	case IPCK_MEMBER_FAILED:
		row->result = PROCESS_FAILED;
		REASON(row, "%s", ipck_strerror(member->reason));
		break;
	case IPCK_MEMBER_SENT:
		judge_survivor(run, row);
		break;
	default:
		if (run->request->dry_run)
			break;
		row->result = interrupted() ? PROCESS_INTERRUPTED : PROCESS_FAILED;
		REASON(row, "not signalled: %s",
		       interrupted() ? "interrupted" : ipck_strerror(run->error));
		break;
	}
}

static void judge_reference(const struct ipck_ref *ref, int why, struct process_row *row)
{
	*row = (struct process_row){ .ref = ref };
	row->result = why == IPCK_ERR_NOT_FOUND ? PROCESS_MISSING
		      : why == IPCK_ERR_CHANGED ? PROCESS_REFUSED
						: PROCESS_FAILED;
	REASON(row, "%s",
	       why == IPCK_ERR_NOT_FOUND ? "no such process"
	       : why == IPCK_ERR_DENIED  ? "/proc hides who that is"
					 : ipck_strerror(why));
}

/* That this command itself is left is what everybody expects. */
static bool went_wrong(const struct process_row *row)
{
	switch (row->result) {
	case PROCESS_PLANNED:
	case PROCESS_SIGNALLED:
	case PROCESS_ENDED:
	case PROCESS_OUTSIDE:
		return false;
	case PROCESS_SPARED:
		return row->member->spared != IPCK_SPARED_SELF;
	default:
		return true;
	}
}

static void tell_reference(const struct process_row *row)
{
	char text[IPCK_REF_MAX];

	ipck_ref_format(row->ref, text, sizeof(text));
	complain("%s: %s%s", text, row->result == PROCESS_REFUSED ? "refused: " : "", row->reason);
}

static bool same_fate(const struct process_row *a, const struct process_row *b)
{
	return b->member != NULL && a->result == b->result && strcmp(a->reason, b->reason) == 0;
}

static bool is_told(const struct process_row *row, const struct request *request)
{
	switch (row->result) {
	case PROCESS_ENDED:
		return !request->json;
	case PROCESS_OUTSIDE:
		return means_the_end(request->signo);
	default:
		return went_wrong(row) || row->result == PROCESS_SPARED;
	}
}

/* One line for all processes of one fate, which is that of the row at place. */
static void tell_fate(const struct process_row *rows, size_t count, size_t place)
{
	const struct process_row *first = &rows[place];
	struct names names = { 0 };

	for (size_t i = place; i < count; i++)
		if (same_fate(first, &rows[i]))
			names_add(&names, rows[i].member->command, rows[i].member->process.pid);
	names_end(&names);
	if (first->result == PROCESS_ENDED)
		printf("%s: %s\n", first->reason[0] != '\0' ? "ended already" : "ended",
		       names.text);
	else
		complain("%s: %s%s", names.text,
			 first->result == PROCESS_SPARED ? "not signalled: " : "", first->reason);
}

static void tell(const struct process_row *rows, size_t count, const struct request *request)
{
	for (size_t i = 0; i < count; i++) {
		size_t before = 0;

		if (rows[i].member == NULL)
			tell_reference(&rows[i]);
		if (rows[i].member == NULL || !is_told(&rows[i], request))
			continue;
		while (before < i && !same_fate(&rows[i], &rows[before]))
			before++;
		if (before == i)
			tell_fate(rows, count, i);
	}
}

int process_report(const struct process_run *run)
{
	const struct operands *operands = &run->request->operands;
	const size_t members = ipck_process_set_count(run->set);
	struct process_row *rows = calloc(members + operands->count + 1, sizeof(*rows));
	int status = run->error == IPCK_OK ? EXIT_DONE : EXIT_PARTIAL;
	size_t count = 0;

	if (rows == NULL) {
		complain("out of memory");
		return EXIT_PARTIAL;
	}
	for (; count < members; count++)
		judge(run, count, &rows[count]);
	for (size_t i = 0; i < operands->count; i++)
		if (operands->results[i] != IPCK_OK)
			judge_reference(&operands->refs[i], operands->results[i], &rows[count++]);
	tell(rows, count, run->request);
	for (size_t i = 0; i < count; i++)
		if (went_wrong(&rows[i]))
			status = EXIT_PARTIAL;
	if (run->request->json && !process_json(rows, count, run->request)) {
		complain("out of memory");
		status = EXIT_PARTIAL;
	}
	free(rows);
	return status;
}
