/* SPDX-License-Identifier: MIT */
/* All processes at one look, by libproc2. */
#include "source/process_table.h"

#include "base/lines.h"
#include "ipckit.h"
#include "source/process.h"
#include "source/process_status.h"
#include "source/process_table_thread.h"

#include <errno.h>
#include <fcntl.h>
#include <libproc2/pids.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define PF_KTHREAD 0x00200000u

#ifdef PIDS_VAL_TAKES_INFO
#define VALUE(item, type) PIDS_VAL(item, type, stack, info)
#else
#define VALUE(item, type) PIDS_VAL(item, type, stack)
#endif

enum item {
	ITEM_PID,
	ITEM_PPID,
	ITEM_PGRP,
	ITEM_SESSION,
	ITEM_TTY,
	ITEM_TPGID,
	ITEM_STATE,
	ITEM_FLAGS,
	ITEM_THREADS,
	ITEM_START,
	ITEM_UID,
	ITEM_COMMAND
};

static enum pids_item items[] = {
	[ITEM_PID] = PIDS_ID_PID,         [ITEM_PPID] = PIDS_ID_PPID, [ITEM_PGRP] = PIDS_ID_PGRP,
	[ITEM_SESSION] = PIDS_ID_SESSION, [ITEM_TTY] = PIDS_TTY,      [ITEM_TPGID] = PIDS_ID_TPGID,
	[ITEM_STATE] = PIDS_STATE,        [ITEM_FLAGS] = PIDS_FLAGS,  [ITEM_THREADS] = PIDS_NLWP,
	[ITEM_START] = PIDS_TICS_BEGAN,   [ITEM_UID] = PIDS_ID_EUID,  [ITEM_COMMAND] = PIDS_CMD,
};

struct reading {
	int (*row)(const struct process_row *process, void *data);
	void *data;
};

static struct process_row read_row(const struct pids_stack *stack, struct pids_info *info)
{
	const unsigned tty = (unsigned)VALUE(ITEM_TTY, s_int);

	(void)info;
	return (struct process_row){
		.pid = VALUE(ITEM_PID, s_int),
		.ppid = VALUE(ITEM_PPID, s_int),
		.pgid = VALUE(ITEM_PGRP, s_int),
		.sid = VALUE(ITEM_SESSION, s_int),
		.tpgid = VALUE(ITEM_TPGID, s_int),
		.command = VALUE(ITEM_COMMAND, str),
		.state = VALUE(ITEM_STATE, s_ch),
		.kernel = (VALUE(ITEM_FLAGS, ul_int) & PF_KTHREAD) != 0,
		.tty_major = tty >> 8 & 0xfff,
		.tty_minor = (tty & 0xff) | (tty >> 12 & 0xfff00),
		.threads = (uint64_t)VALUE(ITEM_THREADS, s_int),
		.start_time = VALUE(ITEM_START, ull_int),
		.uid = VALUE(ITEM_UID, u_int),
	};
}

/*
 * libproc2 makes names fit to be shown: what is not printable becomes '?' or '.', by the locale,
 * and in the C locale all that is not ASCII.
 */
static bool may_be_altered(const char *command)
{
	return command == NULL || strpbrk(command, "?.") != NULL;
}

/*
 * Give the row with the name that the kernel has.  A process that is gone by now, or that has
 * become another one of its number, is left out, as one that ended before.
 */
static int give_raw(struct process_row *process, const struct reading *reading)
{
	struct process_stat stat;
	char path[32], text[1024];
	long got;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)process->pid);
	got = file_read_once(AT_FDCWD, path, text, sizeof(text));
	if (got == 0 || got == -ENOENT || got == -ESRCH)
		return 0;
	/* hidepid=1: it has become another user's since it was listed, as those that are left out
	 */
	if (got == -EACCES || got == -EPERM)
		return 0;
	if (got < 0 || !process_stat_parse(text, &stat))
		return got == -ENOMEM ? IPCK_ERR_MEMORY : IPCK_ERR_SYSTEM;
	if (stat.start_time != process->start_time)
		return 0;
	process->command = stat.command;
	return reading->row(process, reading->data);
}

static int give(struct process_row *process, const struct reading *reading)
{
	return may_be_altered(process->command) ? give_raw(process, reading)
						: reading->row(process, reading->data);
}

static int read_rows(void *data)
{
	const struct reading *reading = data;
	struct pids_info *info = NULL;
	struct pids_fetch *fetch;
	int rc = 0;

	if (!process_proc_is_ours())
		return IPCK_ERR_UNSUPPORTED;
	rc = procps_pids_new(&info, items, sizeof(items) / sizeof(items[0]));
	if (rc < 0)
		return rc == -ENOMEM ? IPCK_ERR_MEMORY : IPCK_ERR_SYSTEM;
	rc = 0;
	errno = 0;
	fetch = procps_pids_reap(info, PIDS_FETCH_TASKS_ONLY);
	if (fetch == NULL) /* also where not one process could be read */
		rc = errno == ENOMEM ? IPCK_ERR_MEMORY : IPCK_ERR_SYSTEM;
	for (int i = 0; rc == 0 && i < fetch->counts->total; i++) {
		struct process_row process = read_row(fetch->stacks[i], info);

		rc = give(&process, reading);
	}
	procps_pids_unref(&info);
	return rc;
}

int process_table_read(int (*row)(const struct process_row *process, void *data), void *data)
{
	struct reading reading = { .row = row, .data = data };

	return process_table_thread_run(read_rows, &reading);
}
