/* SPDX-License-Identifier: MIT */
/* Reads every /proc/PID/task/TID/syscall once: the least that a look at all threads can cost. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int read_tasks(const char *pid)
{
	char path[600], text[512];
	struct dirent *task;
	DIR *tasks;
	int count = 0;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	tasks = opendir(path);
	while (tasks != NULL && (task = readdir(tasks)) != NULL) {
		int fd;

		if (!isdigit((unsigned char)task->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/task/%s/syscall", pid, task->d_name);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		count += read(fd, text, sizeof(text)) > 0;
		close(fd);
	}
	if (tasks != NULL)
		closedir(tasks);
	return count;
}

int main(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *process;
	int count = 0;

	while (proc != NULL && (process = readdir(proc)) != NULL)
		if (isdigit((unsigned char)process->d_name[0]))
			count += read_tasks(process->d_name);
	printf("%d\n", count);
	return count > 0 ? 0 : 1;
}
