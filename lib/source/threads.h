/* SPDX-License-Identifier: MIT */
/* The threads of all processes, or of one, with the system call that each is in. */
#ifndef SOURCE_THREADS_H
#define SOURCE_THREADS_H

#include "base/context.h"
#include "source/syscalls.h"

struct thread {
	pid_t pid, tid;
	uint64_t start_time; /* of its process */
	size_t threads;      /* of its process */
	const char *command; /* of the thread, raw */
	char state;
	unsigned flags; /* PF_* of the kernel's sched.h */
	int cpu;        /* that it ran on last */
	int dir;        /* /proc/PID, open during the call */
	char path[24];  /* of its own folder below dir: "" or "task/TID/" */
	struct syscall_state call;
	/*
	 * How often it was put on a processor, read before the call: as long as that stays the
	 * same it has not run.  0: not asked for, or not to be seen.
	 */
	uint64_t runs;
};

struct thread_counts {
	size_t threads;          /* whose call was seen */
	size_t denied;           /* whose call was not to be seen */
	size_t processes;        /* looked into */
	size_t processes_denied; /* of which no thread could be seen */
	size_t vanished;         /* processes that ended meanwhile */
};

/*
 * Call row() for each thread that was seen to sleep, process after process, in no certain order;
 * threads of the kernel, zombies and those that run are left out.  only: this process; 0: all.
 * with_runs: also runs.
 * Reads /proc/PID/stat, and of each thread stat and syscall (PTRACE_MODE_ATTACH).
 * 0; row()'s value when that is not 0, which ends it; IPCK_ERR_UNSUPPORTED (no /proc, or that of
 * another pid namespace); IPCK_ERR_NOT_FOUND: there is no process only.
 */
int threads_each(struct ipck *ctx, pid_t only, bool with_runs, struct thread_counts *counts,
		 int (*row)(const struct thread *thread, void *data), void *data);

/* A file of the thread: "wchan".  The length or -errno. */
long thread_read(const struct thread *thread, const char *file, char *text, size_t size);

/* Is the thread still in the call that was read?  False also where it is not to be seen. */
bool thread_lasts(const struct thread *thread);

/*
 * Does the thread run a 32-bit program, or the x32 ABI?  Then the numbers and arguments of its
 * calls are those of another machine.  Addresses above 4 GiB tell that it does not; else the file
 * of the program is asked, and where that may not be read the answer is yes.
 */
bool thread_is_foreign(const struct thread *thread);

/*
 * The first thread of a process, be it asleep or not: all but its command, call and runs.  0, and a
 * folder dir that is to be closed, or -errno; -ESRCH: it has ended.
 */
int thread_open(const struct ipck_process_id *process, struct thread *thread);

/* How many threads a process has now; 0: it has ended, or is not to be seen. */
size_t threads_count(const struct ipck_process_id *process);

/* "switches of a task": its runs now, by schedstat, or where that is missing from status; 0. */
uint64_t thread_runs(int dir, const char *path);

#endif
