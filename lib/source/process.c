/* SPDX-License-Identifier: MIT */
/*
 * Single processes by pid.  For the few pids that IPC objects record; the whole process table is
 * libproc2's business.
 */
#include "source/process.h"

#include "base/lines.h"
#include "ipckit.h"
#include "source/process_list.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The command may hold blanks and parentheses: it ends at the last ')'. */
bool process_parse_stat(char *text, const char **command, uint64_t *start_ticks)
{
	char *open = strchr(text, '('), *close = strrchr(text, ')');
	const char *p;
	char *end;

	if (open == NULL || close == NULL || close < open)
		return false;
	*close = '\0';
	*command = open + 1;
	/* close + 2 is field 3, the state; starttime is field 22. */
	p = close[1] == ' ' ? close + 2 : NULL;
	for (int field = 3; p != NULL && field < 22; field++) {
		p = strchr(p, ' ');
		if (p != NULL)
			p++;
	}
	if (p == NULL || *p < '0' || *p > '9')
		return false;
	errno = 0;
	*start_ticks = strtoull(p, &end, 10);
	return errno == 0 && (*end == ' ' || *end == '\n' || *end == '\0');
}

/* A /proc that was mounted for another pid namespace shows other processes under our numbers. */
bool process_proc_is_ours(void)
{
	char self[32];
	ssize_t length = readlink("/proc/self", self, sizeof(self) - 1);

	if (length < 0)
		length = 0;
	self[length] = '\0';
	return atol(self) == (long)getpid();
}

#define FIRST_PID_NAMESPACE 0xEFFFFFFCu /* PID_NS_INIT_INO of linux/nsfs.h, which is new in 6.18   \
					 */

bool process_init_is_global(void)
{
	struct stat namespace;

	return stat("/proc/self/ns/pid", &namespace) == 0 &&
	       namespace.st_ino == FIRST_PID_NAMESPACE;
}

/* It moves when the clock is set, as btime does. */
double process_boot_time(void)
{
	struct timespec real, boot;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (double)(real.tv_sec - boot.tv_sec) + (double)(real.tv_nsec - boot.tv_nsec) / 1e9;
}

static bool proc_is_ours(struct processes *processes)
{
	if (processes->proc_is_ours == 0)
		processes->proc_is_ours = process_proc_is_ours() ? 1 : -1;
	return processes->proc_is_ours > 0;
}

static double boot_time(struct processes *processes)
{
	if (processes->boot == 0)
		processes->boot = process_boot_time();
	return processes->boot;
}

/* Fill in command and start time.  False where /proc does not show the process. */
static bool read_stat(struct processes *processes, pid_t pid, struct process *process, char *text,
		      size_t size)
{
	struct listed_process listed = { 0 };
	char path[32], state = '\0';
	uint64_t ticks;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (!proc_is_ours(processes) || file_read(AT_FDCWD, path, text, size) <= 0 ||
	    !process_parse_stat(text, &process->command, &ticks))
		return false;
	process->start_time = ticks;
	/* a first thread may end before the others; a process that ended counts as one thread */
	process->zombie = process_parse_fields(process->command + strlen(process->command) + 2,
					       &listed, &state) &&
			  state == 'Z' && listed.threads <= 1;
	process->started = boot_time(processes) + (double)ticks / (double)sysconf(_SC_CLK_TCK);
	return true;
}

int process_start_time(pid_t pid, uint64_t *start_time)
{
	const char *command;
	char path[32], text[1024];

	if (!process_proc_is_ours())
		return IPCK_ERR_UNSUPPORTED;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (file_read(AT_FDCWD, path, text, sizeof(text)) <= 0 ||
	    !process_parse_stat(text, &command, start_time))
		return IPCK_ERR_NOT_FOUND;
	return IPCK_OK;
}

/* Signal 0 sends nothing.  It spares the failing open for the dead, and finds the hidden. */
static bool exists(pid_t pid)
{
	return kill(pid, 0) == 0 || errno != ESRCH;
}

const struct process *process_look(struct processes *processes, pid_t pid)
{
	struct table_slot *slot = table_slot(&processes->seen, (uint32_t)pid);
	struct process *process;
	char text[1024];

	if (slot == NULL || slot->value != NULL)
		return slot != NULL ? slot->value : NULL;
	process = pool_alloc(processes->pool, sizeof(*process));
	if (process == NULL)
		return NULL;
	*process = (struct process){ .presence = PROCESS_GONE };
	if (exists(pid)) {
		if (read_stat(processes, pid, process, text, sizeof(text))) {
			process->presence = PROCESS_SEEN;
			process->command = pool_string(processes->pool, process->command);
			if (process->command == NULL)
				return NULL;
		} else if (exists(pid)) {
			process->presence = PROCESS_HIDDEN;
		}
	}
	slot->value = process;
	return process;
}

void processes_free(struct processes *processes)
{
	table_free(&processes->seen);
}
