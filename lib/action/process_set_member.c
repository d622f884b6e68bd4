/* SPDX-License-Identifier: MIT */
/* One member of a set: looking at it again, and signalling it, through its open folder. */
#include "action/process_set.h"
#include "action/send.h"
#include "base/entries.h"
#include "base/lines.h"
#include "source/threads.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SPARE_DESCRIPTORS                                                                          \
	16 /* what a look at all processes and at threads takes, and some more                     \
	    */

static int read_stat(int dir, const char *path, struct process_stat *stat, char *text, size_t size)
{
	const long got = file_read_once(dir, path, text, size);

	if (got < 0)
		return (int)-got;
	if (got == 0)
		return ESRCH;
	return process_stat_parse(text, stat) ? 0 : EIO;
}

int member_stat(const struct set_member *member, struct process_stat *stat)
{
	const pid_t pid = member->row.process.pid;
	char text[1024];
	int error = member->folder >= 0
			    ? read_stat(member->folder, "stat", stat, text, sizeof(text))
			    : EACCES;

	/* hidepid says so of one that became another user's, too */
	if (error == ENOENT)
		error = kill(pid, 0) != 0 && errno == ESRCH ? ESRCH : EACCES;
	if (error == 0 && (stat->pgid < 0 || stat->state == 'X' || stat->state == 'x'))
		error = ESRCH; /* on its way out */
	stat->command = "";
	return error;
}

bool stat_ended(const struct process_stat *stat)
{
	/* a first thread may end before the others */
	return stat->state == 'Z' && stat->threads <= 1;
}

bool stat_stopped(const struct process_stat *stat)
{
	return stat->state == 'T' || stat->state == 't';
}

static enum stance stance_of(const struct process_stat *stat)
{
	if (stat_stopped(stat) || strchr("ZXx", stat->state) != NULL)
		return STANCE_STOPPED;
	if (stat->state == 'D')
		return STANCE_BLOCKED;
	return stat->state == 'S' ? STANCE_ASLEEP : STANCE_MOVING;
}

/* One that sleeps moves, unless it can be told later whether it slept all the while. */
static enum stance count_runs(enum stance stance, int dir, const char *path, uint64_t *runs)
{
	const bool sleeps = stance == STANCE_ASLEEP || stance == STANCE_BLOCKED;
	const uint64_t more = sleeps ? thread_runs(dir, path) : 0;

	*runs += more;
	return sleeps && more == 0 ? STANCE_MOVING : stance;
}

static enum stance thread_stance(int task, const char *tid, uint64_t *runs)
{
	enum stance stance;
	struct process_stat stat;
	char path[32], text[1024];
	int error;

	if (snprintf(path, sizeof(path), "%s/stat", tid) >= (int)sizeof(path))
		return STANCE_MOVING;
	error = read_stat(task, path, &stat, text, sizeof(text));
	if (error != 0)
		return error == ESRCH || error == ENOENT ? STANCE_STOPPED : STANCE_MOVING;
	stance = stance_of(&stat);
	snprintf(path, sizeof(path), "%s/", tid);
	return count_runs(stance, task, path, runs);
}

enum stance member_stance(const struct set_member *member, const struct process_stat *stat,
			  uint64_t *runs)
{
	enum stance stance = stance_of(stat), one;
	struct entries entries;
	const char *name;
	int task;

	*runs = 0;
	/* stat shows the first thread: another one may be on its way through fork(2) yet */
	if (stat->threads <= 1)
		return count_runs(stance, member->folder, "", runs);
	task = openat(member->folder, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (task < 0)
		return STANCE_MOVING;
	stance = STANCE_STOPPED;
	entries_begin(&entries, task);
	while (stance != STANCE_MOVING && (name = entries_next(&entries)) != NULL) {
		one = name[0] == '.' ? STANCE_STOPPED : thread_stance(task, name, runs);
		stance = one > stance ? one : stance;
	}
	close(task);
	return entries.error == 0 ? stance : STANCE_MOVING;
}

bool set_names(const struct ipck_process_set *set, pid_t pgid, pid_t sid)
{
	for (size_t i = 0; i < set->ref_count; i++) {
		const struct set_ref *ref = &set->refs[i];

		if (ref->result == IPCK_OK && ((ref->kind == IPCK_PGRP && ref->pid == pgid) ||
					       (ref->kind == IPCK_SESSION && ref->pid == sid)))
			return true;
	}
	return false;
}

void member_fail(struct set_member *member, int error)
{
	if (error == ESRCH) {
		member->row.state = IPCK_MEMBER_ENDED;
		return;
	}
	member->row.state = IPCK_MEMBER_FAILED;
	member->row.reason = error == EINVAL ? IPCK_ERR_ARGUMENT : (int)ipck_reason(error);
}

bool member_counts(const struct set_member *member)
{
	return member->row.spared == IPCK_SPARED_NOT && member->folder >= 0 &&
	       (member->row.state == IPCK_MEMBER_PLANNED || member->row.state == IPCK_MEMBER_SENT);
}

bool member_refresh(const struct ipck_process_set *set, struct set_member *member,
		    struct process_stat *stat)
{
	struct ipck_member *row = &member->row;
	int error = member_stat(member, stat);

	if (error == 0 && stat_ended(stat))
		error = ESRCH;
	if (error == 0 && stat->start_time != row->process.start_time)
		error = ESRCH;
	if (error != 0) {
		member_fail(member, error);
		return false;
	}
	if (member->by_identity || member->sent || set_names(set, stat->pgid, stat->sid))
		return true;
	row->state = IPCK_MEMBER_ESCAPED;
	row->pgid = stat->pgid;
	row->sid = stat->sid;
	return false;
}

int member_send(struct set_member *member, int signo)
{
	const struct ipck_process_id *id = &member->row.process;
	struct process_stat stat;
	int error;

	if (member->folder < 0 || member->row.spared != IPCK_SPARED_NOT || id->pid < 2)
		return EACCES;
	error = send_through(member->folder, signo);
	if (error != ENOSYS)
		return error;
	/* A number: its process can end and be replaced between these two calls. */
	error = member_stat(member, &stat);
	/* what we stopped is continued, though it cannot be seen any more */
	if (error == ESRCH || (error != 0 && signo != SIGCONT))
		return error;
	return kill(id->pid, signo) == 0 ? 0 : errno;
}

struct set_member *set_find(const struct ipck_process_set *set, pid_t pid)
{
	void *place = table_find(&set->by_pid, (uint32_t)pid);

	return place != NULL ? &set->members[(uintptr_t)place - 1] : NULL;
}

struct set_member *set_find_row(const struct ipck_process_set *set, const struct ipck_process *row)
{
	struct set_member *member = set_find(set, row->id.pid);

	return member != NULL && member->row.process.start_time == row->id.start_time ? member
										      : NULL;
}

struct set_member *set_add(struct ipck_process_set *set, const struct ipck_member *row)
{
	const char *command = pool_string(&set->pool, row->command);
	struct set_member *member;

	if (command == NULL)
		return NULL;
	if (set->count == set->room) {
		const size_t room = set->room > 0 ? set->room * 2 : 64;
		struct set_member *members = realloc(set->members, room * sizeof(*members));

		if (members == NULL)
			return NULL;
		set->members = members;
		set->room = room;
	}
	member = &set->members[set->count++];
	*member = (struct set_member){ .row = *row, .folder = -1 };
	member->row.command = command;
	return member;
}

bool set_has_room(void)
{
	int held[SPARE_DESCRIPTORS], count = 0;

	while (count < SPARE_DESCRIPTORS &&
	       (held[count] = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) >= 0)
		count++;
	for (int i = 0; i < count; i++)
		close(held[i]);
	return count == SPARE_DESCRIPTORS;
}

uint64_t set_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
