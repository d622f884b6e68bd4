/* SPDX-License-Identifier: MIT */
/* Single processes by pid, as /proc/PID/stat has them; each read once in a reading. */
#ifndef SOURCE_PROCESS_H
#define SOURCE_PROCESS_H

#include "base/pool.h"
#include "base/table.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
	enum process_presence { PROCESS_GONE, PROCESS_HIDDEN, PROCESS_SEEN } presence;
	const char *command; /* raw, PROCESS_SEEN only */
	double started;      /* seconds since the epoch, by today's clock; PROCESS_SEEN only */
	uint64_t start_time; /* the same in clock ticks since boot */
	bool zombie;         /* it has ended, but its parent did not ask yet */
};

struct processes {
	struct pool *pool; /* keeps the strings; set by the owner */
	struct table seen;
	int proc_is_ours; /* 0 not asked yet, 1 yes, -1 /proc shows another pid namespace or none */
	double boot;      /* the epoch time of the boot clock's zero; 0 = not read yet */
};

/* Does /proc show our own pid namespace?  Otherwise its numbers are other processes than ours. */
bool process_proc_is_ours(void);
/* Is our pid namespace the first one, so that its process 1 is init of the whole machine? */
bool process_init_is_global(void);
/* The epoch time of the boot clock's zero, by today's clock: what start times are counted from. */
double process_boot_time(void);

/* NULL: no memory. */
const struct process *process_look(struct processes *processes, pid_t pid);
void processes_free(struct processes *processes);

/*
 * The start time of one process, in clock ticks since boot.  0; IPCK_ERR_NOT_FOUND where /proc does
 * not show it, be it gone or hidden; IPCK_ERR_UNSUPPORTED where /proc is another pid namespace's.
 */
int process_start_time(pid_t pid, uint64_t *start_time);

/* The command and start time (clock ticks since boot) of a /proc/PID/stat text. */
bool process_parse_stat(char *text, const char **command, uint64_t *start_ticks);

/*
 * Is /proc mounted with hidepid=2 (invisible) or 4 (ptraceable), and have we none of the rights
 * that lift it?  Then the processes of others are not even listed.
 */
bool processes_are_hidden(void);
/* The same for hidepid=1 (noaccess), too, where only their numbers are listed. */
bool processes_files_are_hidden(void);
/*
 * Have we the right to look into the processes of all users, CAP_SYS_PTRACE?  Those that are
 * refused all the same are under the guard of a security module, as the first process of a sandbox
 * can be.
 */
bool processes_may_be_inspected(void);

/* One line of /proc/self/mountinfo: is it a /proc that hides processes from those without group? */
enum process_hiding { HIDING_NONE, HIDING_FILES, HIDING_FROM_OTHERS, HIDING_FROM_ALL };
bool process_parse_mount(const char *line, enum process_hiding *hiding, gid_t *group);

#endif
