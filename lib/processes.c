/* SPDX-License-Identifier: MIT */
/* All processes as the header offers them: rows, and how they belong together. */
#include "base/context.h"
#include "base/names.h"
#include "insight/marks.h"
#include "insight/process_snapshot.h"
#include "insight/reaping.h"
#include "insight/sessions.h"
#include "processes_again.h"
#include "source/container.h"
#include "source/process.h"
#include "source/process_exit.h"
#include "source/process_files.h"
#include "source/process_row.h"
#include "source/thread_clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WANTS                                                                                      \
	(IPCK_PROCESS_MARKS | IPCK_PROCESS_EXIT | IPCK_PROCESS_ENDED | IPCK_PROCESS_OWNER |        \
	 IPCK_PROCESS_TERMINAL)

struct ipck_processes {
	struct sessions sessions;
	unsigned want;
};

/* ---- Reading ---- */

static void tell_starts(struct sessions *sessions)
{
	const double boot = process_boot_time();
	const double ticks = (double)sysconf(_SC_CLK_TCK);

	for (size_t i = 0; i < sessions->count; i++) {
		struct ipck_process *row = &sessions->nodes[i].row;

		row->started = (int64_t)(boot + (double)row->id.start_time / ticks);
	}
}

static bool name_owners(struct sessions *sessions)
{
	struct names names = { .pool = &sessions->pool };
	bool good = true;

	for (size_t i = 0; good && i < sessions->count; i++) {
		struct ipck_process *row = &sessions->nodes[i].row;

		row->user = names_user(&names, row->uid);
		row->known |= IPCK_PROCESS_OWNER;
		good = row->user != NULL;
	}
	names_free(&names);
	return good;
}

static bool name_terminals(struct sessions *sessions)
{
	const struct ipck_process *last = NULL;

	for (size_t i = 0; i < sessions->count; i++) {
		struct ipck_process *row = &sessions->nodes[i].row;

		row->known |= IPCK_PROCESS_TERMINAL;
		if (row->tty_major == 0 && row->tty_minor == 0)
			continue;
		if (last == NULL || last->tty_major != row->tty_major ||
		    last->tty_minor != row->tty_minor)
			row->terminal =
				process_terminal(&sessions->pool, row->tty_major, row->tty_minor);
		else
			row->terminal = last->terminal;
		if (row->terminal == NULL)
			return false;
		last = row;
	}
	return true;
}

/* False: it is gone, or its number is another one's by now. */
static bool read_exit(struct ipck_process *row)
{
	char path[32];
	int dir, error;

	snprintf(path, sizeof(path), "/proc/%d", (int)row->id.pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	error = dir < 0 ? -errno : process_exit_status(dir, row->id.start_time, &row->exit_status);
	if (dir >= 0)
		close(dir);
	if (error == -ENOENT || error == -ESRCH)
		return false;
	if (error == 0)
		row->known |= IPCK_PROCESS_EXIT;
	else if (ipck_reason(-error) == IPCK_ERR_DENIED)
		row->unknown.denied |= IPCK_PROCESS_EXIT;
	else
		row->unknown.unsupported |= IPCK_PROCESS_EXIT;
	return true;
}

/* Zombies that were asked for meanwhile are left out, as those that were before. */
static void read_exits(struct sessions *sessions)
{
	size_t kept = 0;

	for (size_t i = 0; i < sessions->count; i++) {
		struct ipck_process *row = &sessions->nodes[i].row;

		if (process_has_ended(row->state, row->threads) && !read_exit(row))
			continue;
		if (kept != i)
			sessions->nodes[kept] = sessions->nodes[i];
		kept++;
	}
	sessions->count = kept;
}

/* A zombie never runs again: since it last ran it has ended. */
static int read_ended(struct thread_clock *clock, struct ipck_process *row)
{
	struct thread thread;
	int rc = thread_open(&row->id, &thread);

	if (rc != 0)
		return (int)ipck_reason(-rc);
	rc = thread_clock_since(clock, &thread, &row->ended);
	close(thread.dir);
	return rc;
}

static int read_ends(struct sessions *sessions)
{
	struct thread_clock clock = { 0 };
	int rc = IPCK_OK;

	for (size_t i = 0; rc != IPCK_ERR_MEMORY && i < sessions->count; i++) {
		struct ipck_process *row = &sessions->nodes[i].row;

		if (!process_has_ended(row->state, row->threads))
			continue;
		rc = read_ended(&clock, row);
		if (rc == IPCK_OK)
			row->known |= IPCK_PROCESS_ENDED;
		else if (rc == IPCK_ERR_DENIED)
			row->unknown.denied |= IPCK_PROCESS_ENDED;
		else
			row->unknown.unsupported |= IPCK_PROCESS_ENDED;
	}
	thread_clock_free(&clock);
	return rc == IPCK_ERR_MEMORY ? rc : IPCK_OK;
}

static int read_all(struct ipck_processes *processes)
{
	struct sessions *sessions = &processes->sessions;
	const struct look_again again = {
		.sessions = sessions,
		.read = process_row_read,
		.add = process_snapshot_add,
		.data = sessions,
	};
	int rc;

	rc = process_snapshot_rows(sessions);
	if (rc == IPCK_OK)
		rc = processes_look_again(&again);
	if (rc != IPCK_OK)
		return rc;
	tell_starts(sessions);
	sessions->hidden = processes_files_are_hidden();
	sessions->global = process_init_is_global();
	sessions->control_group = control_group_path;
	if ((processes->want & IPCK_PROCESS_EXIT) != 0)
		read_exits(sessions);
	if ((processes->want & IPCK_PROCESS_ENDED) != 0 && read_ends(sessions) != IPCK_OK)
		return IPCK_ERR_MEMORY;
	if ((processes->want & IPCK_PROCESS_OWNER) != 0 && !name_owners(sessions))
		return IPCK_ERR_MEMORY;
	if ((processes->want & IPCK_PROCESS_TERMINAL) != 0 && !name_terminals(sessions))
		return IPCK_ERR_MEMORY;
	if (!sessions_tie(sessions))
		return IPCK_ERR_MEMORY;
	return (processes->want & IPCK_PROCESS_MARKS) != 0 ? marks_find(sessions) : IPCK_OK;
}

IPCK_API int ipck_processes_read(struct ipck *ctx, const struct ipck_processes_query *query,
				 struct ipck_processes **out)
{
	struct ipck_processes_query own = { .size = sizeof(own) };
	struct ipck_processes *processes;
	int rc;

	*out = NULL;
	if (!ipck_take(&own, sizeof(own), query, query->size) || (own.want & ~(unsigned)WANTS) != 0)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "processes: invalid argument");
	processes = calloc(1, sizeof(*processes));
	if (processes == NULL)
		return ipck_fail(ctx, IPCK_ERR_MEMORY, "out of memory");
	processes->want = own.want;
	rc = read_all(processes);
	if (rc == IPCK_OK) {
		*out = processes;
		return IPCK_OK;
	}
	ipck_processes_free(processes);
	return ipck_fail(ctx, (enum ipck_error)rc, "%s",
			 rc == IPCK_ERR_UNSUPPORTED
				 ? "/proc: not available, or of another pid namespace"
			 : rc == IPCK_ERR_MEMORY ? "out of memory"
						 : "/proc: the processes cannot be read");
}

IPCK_API void ipck_processes_free(struct ipck_processes *processes)
{
	if (processes == NULL)
		return;
	free(processes->sessions.nodes);
	pool_free(&processes->sessions.pool);
	free(processes);
}

/* ---- Rows ---- */

static const struct process_node *node_of(const struct ipck_process *process)
{
	return (const struct process_node *)process;
}

static const struct ipck_process *row_of(const struct process_node *node)
{
	return node != NULL ? &node->row : NULL;
}

IPCK_API size_t ipck_processes_count(const struct ipck_processes *processes)
{
	return processes->sessions.count;
}

IPCK_API const struct ipck_process *ipck_processes_at(const struct ipck_processes *processes,
						      size_t i)
{
	return i < processes->sessions.count ? &processes->sessions.nodes[i].row : NULL;
}

IPCK_API const struct ipck_process *ipck_processes_find(const struct ipck_processes *processes,
							pid_t pid)
{
	return row_of(sessions_find(&processes->sessions, pid));
}

IPCK_API bool ipck_processes_hidden(const struct ipck_processes *processes)
{
	return processes->sessions.hidden;
}

IPCK_API const struct ipck_process *ipck_process_parent(const struct ipck_process *process)
{
	return row_of(node_of(process)->parent);
}

IPCK_API const struct ipck_process *ipck_process_child_at(const struct ipck_process *process,
							  size_t i)
{
	const struct process_node *node = node_of(process);

	return i < node->child_count ? &node->children[i]->row : NULL;
}

IPCK_API const struct ipck_process *ipck_processes_root_at(const struct ipck_processes *processes,
							   size_t i)
{
	return i < processes->sessions.root_count ? &processes->sessions.roots[i]->row : NULL;
}

IPCK_API const struct ipck_session *ipck_session_at(const struct ipck_processes *processes,
						    size_t i)
{
	return i < processes->sessions.session_count ? &processes->sessions.sessions[i].row : NULL;
}

IPCK_API const struct ipck_group *ipck_group_at(const struct ipck_session *session, size_t i)
{
	const struct group_node *groups = (const struct group_node *)session->groups;

	return i < session->group_count ? &groups[i].row : NULL;
}

IPCK_API const struct ipck_process *ipck_group_member_at(const struct ipck_group *group, size_t i)
{
	return i < group->count ? group->members[i] : NULL;
}

IPCK_API const struct ipck_session *ipck_process_session(const struct ipck_process *process)
{
	return &node_of(process)->session->row;
}

IPCK_API const struct ipck_group *ipck_process_group(const struct ipck_process *process)
{
	return &node_of(process)->group->row;
}

/* ---- Marks ---- */

IPCK_API const char *ipck_mark_name(enum ipck_mark mark)
{
	static const char *const names[IPCK_MARK_COUNT] = {
		"zombie",        "zombie-leader",  "orphan",         "parent-hidden", "daemon",
		"service",       "reaper",         "orphaned-group", "stopped",       "foreground",
		"hung-terminal", "session-leader", "group-leader",   "kernel",
	};

	for (size_t i = 0; i < IPCK_MARK_COUNT; i++)
		if ((unsigned)mark == 1u << i)
			return names[i];
	return NULL;
}

IPCK_API size_t ipck_mark_reason(const struct ipck_process *process, enum ipck_mark mark, char *buf,
				 size_t size)
{
	return mark_reason(node_of(process), mark, buf, size);
}

IPCK_API int ipck_reaping_read(struct ipck *ctx, const struct ipck_process_id *parent,
			       const struct ipck_process_id *child, struct ipck_reaping *out)
{
	if (out->size != sizeof(*out) || parent->pid < 1 || child->pid < 1)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "reaping: invalid argument");
	return reaping_read(ctx, parent, child, out);
}
