/* SPDX-License-Identifier: MIT */
/* One process, through one open folder, so that no later process of the number answers. */
#include "source/process_row.h"

#include "base/lines.h"
#include "source/process_status.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The number of a thread leads to a folder, too, though none lists it. */
static bool is_process(int dir, pid_t pid)
{
	char text[4096]; /* the process that a thread belongs to stands at the top */
	pid_t tgid;

	return file_read(dir, "status", text, sizeof(text)) > 0 &&
	       process_tgid_parse(text, &tgid) && tgid == pid;
}

static bool read_from(int dir, pid_t pid, char *text, struct process_row *row)
{
	struct process_stat stat = { 0 };
	struct stat folder;

	if (file_read_once(dir, "stat", text, PROCESS_ROW_TEXT) <= 0 ||
	    !process_stat_parse(text, &stat) || fstat(dir, &folder) != 0 || !is_process(dir, pid))
		return false;
	*row = (struct process_row){
		.pid = pid,
		.ppid = stat.ppid,
		.pgid = stat.pgid,
		.sid = stat.sid,
		.tpgid = stat.tpgid,
		.command = stat.command,
		.state = stat.state,
		.kernel = stat.kernel,
		.tty_major = stat.tty_major,
		.tty_minor = stat.tty_minor,
		.threads = stat.threads,
		.start_time = stat.start_time,
		.uid = folder.st_uid,
	};
	return true;
}

bool process_row_read(pid_t pid, char text[PROCESS_ROW_TEXT], struct process_row *row)
{
	char path[32];
	bool good;
	int dir;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return false;
	good = read_from(dir, pid, text, row);
	close(dir);
	return good;
}
