/* SPDX-License-Identifier: MIT */
/*
 * The list of processes, for questions about all of them: owner, start, number of threads.  Every
 * file is read through the folder of its process, so that no later one of the same number answers.
 */
#include "source/process_list.h"

#include "base/lines.h"
#include "base/parse.h"
#include "source/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define KERNEL_THREAD 0x00200000u /* PF_KTHREAD of the kernel's sched.h */

/* Field number of a line of numbers with one blank between them; fields[0] is field 3. */
static bool field_at(const char *fields, int field, uint64_t *value)
{
	for (int i = 3; i < field; i++) {
		fields = strchr(fields, ' ');
		if (fields == NULL)
			return false;
		fields++;
	}
	return parse_upto(&fields, 10, UINT64_MAX, value) && (*fields == ' ' || *fields == '\n');
}

bool process_parse_fields(const char *fields, struct listed_process *process, char *state)
{
	uint64_t flags;

	*state = fields[0];
	if (fields[0] == '\0' || fields[1] != ' ' || !field_at(fields, 9, &flags) ||
	    !field_at(fields, 20, &process->threads))
		return false;
	process->kernel = (flags & KERNEL_THREAD) != 0;
	return true;
}

/* The name that a process gives itself comes first, with its newlines escaped: it forges no line.
 */
bool process_parse_uids(const char *status, struct listed_process *process)
{
	uid_t *const ids[] = { &process->real, &process->effective, &process->saved };
	const char *p = strstr(status, "\nUid:");

	if (p == NULL)
		return false;
	p += strlen("\nUid:");
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		uint64_t id;

		if (!parse_literal(&p, "\t") || !parse_upto(&p, 10, UINT32_MAX, &id))
			return false;
		*ids[i] = (uid_t)id;
	}
	return *p == '\t';
}

/* 0 or -errno; ESRCH: it has ended, if only as far as a zombie. */
static int look_at(struct listed_process *process, double boot)
{
	char text[4096]; /* a status may be longer, but its user ids stand at the top */
	const char *command;
	uint64_t ticks;
	char state;
	long got = file_read(process->dir, "stat", text, sizeof(text));

	if (got > 0 && (!process_parse_stat(text, &command, &ticks) ||
			!process_parse_fields(command + strlen(command) + 2, process, &state)))
		got = -EIO;
	if (got > 0 && (state == 'Z' || state == 'X') && process->threads <= 1)
		got = -ESRCH;
	if (got > 0) {
		process->started = boot + (double)ticks / (double)sysconf(_SC_CLK_TCK);
		got = file_read(process->dir, "status", text, sizeof(text));
	}
	if (got > 0 && !process_parse_uids(text, process))
		got = -EIO;
	/* an empty file is what remains of a process that ends meanwhile */
	return got > 0 ? 0 : got == 0 ? -ESRCH : (int)got;
}

int process_each(struct ipck *ctx, struct process_counts *counts,
		 int (*row)(const struct listed_process *process, void *data), void *data)
{
	DIR *proc = process_proc_is_ours() ? opendir("/proc") : NULL;
	const double boot = process_boot_time();
	struct dirent *entry;
	int rc = IPCK_OK;

	*counts = (struct process_counts){ 0 };
	if (proc == NULL)
		return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED, "processes: no /proc of our own");
	while (rc == IPCK_OK && (entry = readdir(proc)) != NULL) {
		struct listed_process process = { 0 };
		uint64_t pid;
		int looked;

		if (ipck_parse_number(entry->d_name, INT32_MAX, &pid) != IPCK_OK)
			continue;
		process.pid = (pid_t)pid;
		process.dir = openat(dirfd(proc), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		looked = process.dir < 0 ? -errno : look_at(&process, boot);
		if (looked == 0) {
			counts->seen++;
			rc = row(&process, data);
		} else if (looked == -ENOENT || looked == -ESRCH) {
			counts->vanished++;
		} else {
			counts->denied++;
		}
		if (process.dir >= 0)
			close(process.dir);
	}
	closedir(proc);
	return rc;
}
