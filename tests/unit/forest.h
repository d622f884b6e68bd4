/* SPDX-License-Identifier: MIT */
/* Processes that are made by hand, tied and marked as those that were read are. */
#ifndef FOREST_H
#define FOREST_H

#include "unit.h"

#include "insight/marks.h"

/* rows of a table leave out what is as usual */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define FOREST_MAX 16
#define PTS 136u /* major of pseudo terminals */

struct planted {
	pid_t pid, ppid, pgid, sid;
	const char *marks; /* expected, in the order of the enum; "orphan?": likely */
	const char *says;  /* expected in the reason of one of the marks; NULL: not judged */
	uint64_t start;    /* 0: as the pid */
	uint32_t tty;      /* 0: none, 3: pts/3 */
	pid_t tpgid;
	char state; /* 0: 'S' */
	uint64_t threads;
	bool kernel;
	const char *command;
	const char *group; /* control group; NULL: not to be seen */
	bool exited;       /* the exit status is known */
	int exit_status;
};

struct forest {
	struct sessions sessions;
	struct process_node nodes[FOREST_MAX];
};

/* What the hook, which is told no more than a pid, looks up; and whom it was asked for. */
static const struct planted *planted_rows;
static char planted_asked[256];

static inline bool planted_group(pid_t pid, char *path, size_t size)
{
	const size_t used = strlen(planted_asked);

	snprintf(planted_asked + used, sizeof(planted_asked) - used, "%d ", (int)pid);
	for (const struct planted *row = planted_rows; row->pid != 0; row++)
		if (row->pid == pid && row->group != NULL && strlen(row->group) < size) {
			memcpy(path, row->group, strlen(row->group) + 1);
			return true;
		}
	return false;
}

static inline struct ipck_process planted_row(const struct planted *from)
{
	return (struct ipck_process){
		.id = { .pid = from->pid,
			.start_time = from->start != 0 ? from->start : (uint64_t)from->pid },
		.ppid = from->ppid,
		.pgid = from->pgid,
		.sid = from->sid,
		.command = from->command != NULL ? from->command : "x",
		.state = from->state != 0 ? from->state : 'S',
		.threads = from->threads != 0 ? from->threads : 1,
		.kernel = from->kernel,
		.tty_major = from->tty != 0 ? PTS : 0,
		.tty_minor = from->tty,
		.tpgid = from->tty != 0 ? from->tpgid : -1,
		.terminal = from->tty != 0 ? "pts/3" : NULL,
		.known = from->exited ? IPCK_PROCESS_EXIT : 0,
		.exit_status = from->exit_status,
	};
}

/* Rows by pid, and one of pid 0 behind them. */
static inline void forest_plant(struct forest *forest, const struct planted *rows)
{
	memset(forest, 0, sizeof(*forest));
	planted_rows = rows;
	planted_asked[0] = '\0';
	forest->sessions.nodes = forest->nodes;
	forest->sessions.control_group = planted_group;
	for (; rows->pid != 0; rows++) {
		assert_true(forest->sessions.count < FOREST_MAX);
		forest->nodes[forest->sessions.count++].row = planted_row(rows);
	}
}

static inline void forest_free(struct forest *forest)
{
	pool_free(&forest->sessions.pool);
}

#endif
