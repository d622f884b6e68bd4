/* SPDX-License-Identifier: MIT */
/*
 * What a process makes of its ended children: what it does on SIGCHLD, and which of its threads
 * sit in a wait4() or waitid() that would take a certain child.
 */
#include "insight/reaping.h"

#include "base/lines.h"
#include "base/parse.h"
#include "insight/wait_choice.h"
#include "source/process.h"
#include "source/process_status.h"
#include "source/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct reading {
	const struct ipck_process_id *parent, *child;
	bool plain; /* the child tells its end by SIGCHLD, as that of a fork does */
	struct stat own;
	bool own_known; /* own: our pid namespace */
	struct ipck_reaping *out;
};

static int changed(struct ipck *ctx, const struct ipck_process_id *process)
{
	return ipck_fail(ctx, IPCK_ERR_CHANGED, "pid:%d%%%llu: changed since it was listed",
			 (int)process->pid, (unsigned long long)process->start_time);
}

static void unsure(struct ipck_reaping *out, enum ipck_error why)
{
	if (out->why == IPCK_OK)
		out->why = why;
}

/* ---- Who they are ---- */

/* 0; or 0 with *seen false: /proc hides it; or a reason, with a message. */
static int identify(struct ipck *ctx, const struct ipck_process_id *process, bool *seen)
{
	struct pool pool = { 0 };
	struct processes processes = { .pool = &pool };
	const struct process *found = process_look(&processes, process->pid);
	int rc = IPCK_OK;

	if (found == NULL)
		rc = ipck_fail(ctx, IPCK_ERR_MEMORY, "out of memory");
	else if (found->presence == PROCESS_GONE)
		rc = ipck_fail(ctx, IPCK_ERR_NOT_FOUND, "pid:%d: no such process",
			       (int)process->pid);
	else if (found->presence == PROCESS_SEEN && found->start_time != process->start_time)
		rc = changed(ctx, process);
	*seen = rc == IPCK_OK && found->presence == PROCESS_SEEN;
	processes_free(&processes);
	pool_free(&pool);
	return rc;
}

/* The 38th field, counted from the state, which is the third: the signal that tells its end. */
static bool parse_exit_signal(const char *fields, uint64_t *signal)
{
	for (int field = 3; field < 38; field++) {
		fields = strchr(fields, ' ');
		if (fields == NULL)
			return false;
		fields++;
	}
	return parse_upto(&fields, 10, 64, signal); /* -1: it goes without being asked */
}

static int read_child(struct ipck *ctx, struct reading *reading)
{
	struct process_stat stat;
	uint64_t signal;
	char path[32], text[1024];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)reading->child->pid);
	if (file_read(AT_FDCWD, path, text, sizeof(text)) <= 0 || !process_stat_parse(text, &stat))
		return ipck_fail(ctx, IPCK_ERR_NOT_FOUND, "pid:%d: no such process",
				 (int)reading->child->pid);
	if (stat.ppid != reading->parent->pid || stat.start_time != reading->child->start_time)
		return changed(ctx, reading->child);
	reading->plain = parse_exit_signal(stat.command + strlen(stat.command) + 2, &signal) &&
			 signal == SIGCHLD;
	return IPCK_OK;
}

/* ---- What it does on the signal ---- */

static void read_masks(struct reading *reading)
{
	const uint64_t bit = UINT64_C(1) << (SIGCHLD - 1);
	struct ipck_reaping *out = reading->out;
	struct process_masks masks;
	char path[32], text[16384];
	long got;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)reading->parent->pid);
	got = file_read(AT_FDCWD, path, text, sizeof(text));
	if (got <= 0 || !process_masks_parse(text, &masks)) {
		unsure(out, got < 0 ? ipck_reason((int)-got) : IPCK_ERR_SYSTEM);
		return;
	}
	out->ignores = (masks.ignored & bit) != 0 ? IPCK_YES : IPCK_NO;
	out->catches = (masks.caught & bit) != 0 ? IPCK_YES : IPCK_NO;
	out->blocks = (masks.blocked & bit) != 0 ? IPCK_YES : IPCK_NO;
}

/* ---- Whether it waits ---- */

/* Is the child one of this very thread, and not of another one of the process?  "4711 4712 ". */
static enum ipck_answer is_own_child(const struct thread *thread, pid_t child)
{
	char path[40], text[16384];
	const char *p = text;
	uint64_t pid;
	long got;

	if (thread->threads == 1)
		return IPCK_YES;
	snprintf(path, sizeof(path), "task/%d/children", (int)thread->tid);
	got = file_read(thread->dir, path, text, sizeof(text));
	if (got < 0 || got == (long)sizeof(text) - 1)
		return IPCK_UNKNOWN;
	while (parse_upto(&p, 10, INT32_MAX, &pid) && parse_literal(&p, " "))
		if ((pid_t)pid == child)
			return IPCK_YES;
	return IPCK_NO;
}

/* Would the call, in which the thread sits, take the child once that has ended? */
static enum ipck_answer takes(const struct reading *reading, const struct thread *thread,
			      enum call_family family)
{
	struct wait_choice choice;
	struct stat status;
	bool ours = false;

	if (reading->own_known && fstatat(thread->dir, "ns/pid", &status, 0) == 0)
		ours = status.st_ino == reading->own.st_ino && status.st_dev == reading->own.st_dev;
	if (!wait_choice_read(thread, family, ours, &choice))
		return choice.fd >= 0 ? IPCK_NO : IPCK_UNKNOWN;
	if ((choice.options & WEXITED) == 0 || (choice.options & WNOWAIT) != 0)
		return IPCK_NO;
	/* as the kernel's eligible_child() has it */
	if ((choice.options & (unsigned)__WALL) == 0 &&
	    reading->plain == ((choice.options & (unsigned)__WCLONE) != 0))
		return IPCK_NO;
	if (!wait_choice_place(thread, &choice))
		return IPCK_UNKNOWN;
	if (!wait_choice_fits(&choice, reading->child->pid))
		return IPCK_NO;
	return (choice.options & (unsigned)__WNOTHREAD) != 0
		       ? is_own_child(thread, reading->child->pid)
		       : IPCK_YES;
}

/* While it sits in sigwait(3) the kernel takes the awaited signals out of its mask. */
static bool awaits_signal(const struct thread *thread)
{
	uint64_t set;

	return remote_read(thread->tid, thread->call.args[0], &set, sizeof(set)) == 0 &&
	       (set & UINT64_C(1) << (SIGCHLD - 1)) != 0 && thread_lasts(thread);
}

static int look_at(const struct thread *thread, void *data)
{
	struct reading *reading = data;
	struct ipck_reaping *out = reading->out;
	const struct syscall_row *row;

	if (thread->start_time != reading->parent->start_time)
		return IPCK_ERR_CHANGED;
	if (thread->call.where != SYSCALL_INSIDE)
		return IPCK_OK;
	if (thread_is_foreign(thread)) {
		unsure(out, IPCK_ERR_UNSUPPORTED);
		return IPCK_OK;
	}
	row = syscall_look(MACHINE_OWN, thread->call.number);
	if (row != NULL && row->family == CALL_SIGWAIT && awaits_signal(thread))
		out->blocks = IPCK_YES;
	if (row == NULL || (row->family != CALL_WAIT4 && row->family != CALL_WAITID))
		return IPCK_OK;
	switch (takes(reading, thread, row->family)) {
	case IPCK_YES:
		out->waits = IPCK_YES;
		break;
	case IPCK_NO:
		out->waits_for_others = IPCK_YES;
		break;
	default:
		unsure(out, IPCK_ERR_SYSTEM);
	}
	return IPCK_OK;
}

static int read_waits(struct ipck *ctx, struct reading *reading)
{
	struct ipck_reaping *out = reading->out;
	struct thread_counts counts;
	int rc;

	reading->own_known = stat("/proc/self/ns/pid", &reading->own) == 0;
	out->waits = out->waits_for_others = IPCK_NO;
	rc = threads_each(ctx, reading->parent->pid, false, &counts, look_at, reading);
	if (rc == IPCK_ERR_CHANGED)
		return changed(ctx, reading->parent);
	if (counts.denied > 0 || counts.processes_denied > 0)
		unsure(out, IPCK_ERR_DENIED);
	if (out->why != IPCK_OK && out->waits != IPCK_YES)
		out->waits = IPCK_UNKNOWN;
	if (out->why != IPCK_OK && out->waits_for_others != IPCK_YES)
		out->waits_for_others = IPCK_UNKNOWN;
	return rc;
}

/* ---- All of it ---- */

int reaping_read(struct ipck *ctx, const struct ipck_process_id *parent,
		 const struct ipck_process_id *child, struct ipck_reaping *out)
{
	struct reading reading = { .parent = parent, .child = child, .out = out };
	bool parent_seen, child_seen;
	int rc;

	out->ignores = out->catches = out->blocks = IPCK_UNKNOWN;
	out->waits = out->waits_for_others = IPCK_UNKNOWN;
	out->why = IPCK_OK;
	if (!process_proc_is_ours())
		return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED,
				 "/proc: not available, or of another pid namespace");
	rc = identify(ctx, parent, &parent_seen);
	if (rc == IPCK_OK)
		rc = identify(ctx, child, &child_seen);
	if (rc == IPCK_OK && (!parent_seen || !child_seen)) {
		out->why = IPCK_ERR_DENIED;
		return IPCK_OK;
	}
	if (rc == IPCK_OK)
		rc = read_child(ctx, &reading);
	if (rc == IPCK_OK) {
		read_masks(&reading);
		rc = read_waits(ctx, &reading);
	}
	/* all was of these two if they still are there: numbers are not given twice meanwhile */
	if (rc == IPCK_OK)
		rc = identify(ctx, parent, &parent_seen);
	return rc == IPCK_OK ? identify(ctx, child, &child_seen) : rc;
}
