/* SPDX-License-Identifier: MIT */
/*
 * The threads of processes, and the system call that each sleeps in.  All files are read through
 * the folder of the process, so that no later one of the same number answers.
 */
#include "source/threads.h"

#include "base/lines.h"
#include "base/parse.h"
#include "source/process.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KERNEL_THREAD 0x00200000u /* PF_KTHREAD of the kernel's sched.h */

struct visit {
	struct thread_counts *counts;
	bool with_runs;
	int (*row)(const struct thread *thread, void *data);
	void *data;
};

static bool ended(long error)
{
	return error == -ENOENT || error == -ESRCH;
}

long thread_read(const struct thread *thread, const char *file, char *text, size_t size)
{
	char path[48];

	if (thread->path[0] == '\0')
		return file_read_once(thread->dir, file, text, size);
	snprintf(path, sizeof(path), "%s%s", thread->path, file);
	return file_read_once(thread->dir, path, text, size);
}

bool thread_lasts(const struct thread *thread)
{
	struct syscall_state now;
	char text[256];

	return thread_read(thread, "syscall", text, sizeof(text)) > 0 &&
	       syscall_parse(text, &now) && syscall_is_same(&now, &thread->call);
}

/* ---- What a thread is ---- */

/* The fields behind the command, "S 1 1 ...": state, flags, number of threads, processor. */
static bool parse_fields(const char *p, struct thread *thread)
{
	uint64_t value;

	thread->state = *p;
	for (int field = 3; field < 39; field++) {
		p = strchr(p, ' ');
		if (p == NULL)
			return false;
		p++;
		if (field + 1 != 9 && field + 1 != 20 && field + 1 != 39)
			continue;
		if (!parse_upto(&p, 10, UINT32_MAX, &value))
			return false;
		if (field + 1 == 9)
			thread->flags = (unsigned)value;
		else if (field + 1 == 20)
			thread->threads = (size_t)value;
		else
			thread->cpu = (int)value;
	}
	return true;
}

/* 0 or -errno; the command lies in text. */
static int read_stat(struct thread *thread, char *text, size_t size)
{
	long got = thread_read(thread, "stat", text, size);
	uint64_t started;

	if (got <= 0)
		return got == 0 ? -ESRCH : (int)got;
	if (!process_parse_stat(text, &thread->command, &started) ||
	    !parse_fields(thread->command + strlen(thread->command) + 2, thread))
		return -EIO;
	if (thread->path[0] == '\0') /* a thread's own is later */
		thread->start_time = started;
	return 0;
}

/* A mapped program's class; it is told by its header, in the first bytes. */
bool thread_is_foreign(const struct thread *thread)
{
	unsigned char header[EI_CLASS + 1];
	ssize_t got;
	int fd;

	if (MACHINE_OWN == MACHINE_X86_64 && (thread->call.number & 0x40000000) != 0)
		return true; /* x32 */
	if (thread->call.sp > UINT32_MAX || thread->call.pc > UINT32_MAX)
		return false;
	fd = openat(thread->dir, "exe", O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return true;
	got = pread(fd, header, sizeof(header), 0);
	close(fd);
	return got != (ssize_t)sizeof(header) || memcmp(header, ELFMAG, SELFMAG) != 0 ||
	       header[EI_CLASS] != ELFCLASS64;
}

/* ---- Runs ---- */

static uint64_t switches(const char *text, const char *name)
{
	const char *p = strstr(text, name);
	uint64_t value;

	if (p == NULL)
		return 0;
	p += strlen(name);
	return parse_upto(&p, 10, UINT64_MAX, &value) ? value : 0;
}

uint64_t thread_runs(int dir, const char *prefix)
{
	char text[8192], path[48];
	const char *p = text;
	uint64_t value;

	snprintf(path, sizeof(path), "%sschedstat", prefix);
	/* time on a processor, time waiting for one, how often it got one */
	if (file_read(dir, path, text, sizeof(text)) > 0 &&
	    parse_upto(&p, 10, UINT64_MAX, &value) && parse_literal(&p, " ") &&
	    parse_upto(&p, 10, UINT64_MAX, &value) && parse_literal(&p, " ") &&
	    parse_upto(&p, 10, UINT64_MAX, &value) && value > 0)
		return value;
	snprintf(path, sizeof(path), "%sstatus", prefix);
	if (file_read(dir, path, text, sizeof(text)) <= 0)
		return 0;
	return switches(text, "\nvoluntary_ctxt_switches:\t") +
	       switches(text, "\nnonvoluntary_ctxt_switches:\t");
}

/* ---- Threads ---- */

static bool sleeps(const struct thread *thread)
{
	return thread->state != 'R' && thread->state != 'Z' && thread->state != 'X';
}

/* One thread whose stat was read.  0 or row()'s value. */
static int look_at(struct visit *visit, struct thread *thread)
{
	char text[256];
	long got;

	if (!sleeps(thread))
		return 0;
	if (visit->with_runs)
		thread->runs = thread_runs(thread->dir, thread->path);
	got = thread_read(thread, "syscall", text, sizeof(text));
	if (got <= 0 || !syscall_parse(text, &thread->call)) {
		if (got != 0 && !ended(got)) /* an empty file is of one that ends */
			visit->counts->denied++;
		return 0;
	}
	visit->counts->threads++;
	return thread->call.where != SYSCALL_RUNNING ? visit->row(thread, visit->data) : 0;
}

static int look_at_task(struct visit *visit, const struct thread *process, pid_t tid)
{
	struct thread thread = *process;
	char text[1024];

	thread.tid = tid;
	snprintf(thread.path, sizeof(thread.path), "task/%d/", (int)tid);
	if (read_stat(&thread, text, sizeof(text)) != 0)
		return 0; /* it ended */
	return look_at(visit, &thread);
}

static int look_at_tasks(struct visit *visit, const struct thread *process)
{
	const int fd = openat(process->dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	int rc = 0;

	if (stream == NULL) {
		if (errno == ENOMEM)
			rc = IPCK_ERR_MEMORY;
		else if (!ended(-errno))
			visit->counts->denied += process->threads;
		if (fd >= 0)
			close(fd);
		return rc;
	}
	while (rc == 0 && (entry = readdir(stream)) != NULL) {
		const char *p = entry->d_name;
		uint64_t tid;

		if (parse_upto(&p, 10, INT32_MAX, &tid) && *p == '\0' && tid > 0)
			rc = look_at_task(visit, process, (pid_t)tid);
	}
	closedir(stream);
	return rc;
}

static int look_at_process(struct visit *visit, struct thread *process)
{
	struct thread_counts *counts = visit->counts;
	const size_t seen = counts->threads, denied = counts->denied;
	char text[1024];
	int rc = read_stat(process, text, sizeof(text));

	if (rc != 0) {
		if (ended(rc))
			counts->vanished++;
		else
			counts->processes_denied++;
		return 0;
	}
	if ((process->flags & KERNEL_THREAD) != 0)
		return 0;
	rc = process->threads > 1 ? look_at_tasks(visit, process) : look_at(visit, process);
	if (counts->denied > denied && counts->threads == seen)
		counts->processes_denied++;
	else
		counts->processes++;
	return rc;
}

static int look_at_pid(struct visit *visit, int proc, const char *name, pid_t pid)
{
	struct thread process = { .pid = pid, .tid = pid };
	int rc = 0;

	process.dir = openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (process.dir < 0) {
		if (ended(-errno))
			visit->counts->vanished++;
		else
			visit->counts->processes_denied++;
		return 0;
	}
	rc = look_at_process(visit, &process);
	close(process.dir);
	return rc;
}

int threads_each(struct ipck *ctx, pid_t only, bool with_runs, struct thread_counts *counts,
		 int (*row)(const struct thread *thread, void *data), void *data)
{
	struct visit visit = { counts, with_runs, row, data };
	DIR *proc = process_proc_is_ours() ? opendir("/proc") : NULL;
	struct dirent *entry;
	char name[16];
	int rc = 0;

	*counts = (struct thread_counts){ 0 };
	if (proc == NULL)
		return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED,
				 "/proc: not available, or of another pid namespace");
	if (only != 0) {
		snprintf(name, sizeof(name), "%d", (int)only);
		rc = look_at_pid(&visit, dirfd(proc), name, only);
		if (rc == 0 && counts->vanished > 0)
			rc = ipck_fail(ctx, IPCK_ERR_NOT_FOUND, "process %d: no such process",
				       (int)only);
	}
	while (rc == 0 && only == 0 && (entry = readdir(proc)) != NULL) {
		const char *p = entry->d_name;
		uint64_t pid;

		if (parse_upto(&p, 10, INT32_MAX, &pid) && *p == '\0' && pid > 0)
			rc = look_at_pid(&visit, dirfd(proc), entry->d_name, (pid_t)pid);
	}
	closedir(proc);
	return rc;
}

int thread_open(const struct ipck_process_id *process, struct thread *thread)
{
	char path[32], text[1024];
	int error;

	*thread = (struct thread){ .pid = process->pid, .tid = process->pid };
	snprintf(path, sizeof(path), "/proc/%d", (int)process->pid);
	thread->dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (thread->dir < 0)
		return -errno;
	error = read_stat(thread, text, sizeof(text));
	thread->command = NULL; /* it lay in text */
	if (error == 0 && thread->start_time == process->start_time)
		return 0;
	close(thread->dir);
	return error != 0 ? error : -ESRCH;
}

size_t threads_count(const struct ipck_process_id *process)
{
	struct thread thread;

	if (thread_open(process, &thread) != 0)
		return 0;
	close(thread.dir);
	return thread.threads;
}
