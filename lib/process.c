/* SPDX-License-Identifier: MIT */
/* One process as the header offers it: each part read where it was asked for, or why it was not. */
#include "source/process.h"
#include "base/context.h"
#include "base/lines.h"
#include "base/names.h"
#include "source/container.h"
#include "source/process_exit.h"
#include "source/process_files.h"
#include "source/process_list.h"
#include "source/process_locks.h"
#include "source/process_status.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WANTS                                                                                      \
	(IPCK_PROCESS_OWNER | IPCK_PROCESS_SIGNALS | IPCK_PROCESS_ARGS | IPCK_PROCESS_PARENT |     \
	 IPCK_PROCESS_CONTAINER | IPCK_PROCESS_NAMESPACES | IPCK_PROCESS_DESCRIPTORS |             \
	 IPCK_PROCESS_TERMINAL | IPCK_PROCESS_LOCKS | IPCK_PROCESS_UMASK | IPCK_PROCESS_CWD |      \
	 IPCK_PROCESS_EXIT)

struct reader {
	struct ipck_process process; /* first: what the caller frees */
	struct pool pool;
	struct ipck *ctx;
	unsigned want;
	int dir;   /* /proc/PID */
	int alive; /* the same, or of a thread where the first one has ended */
};

static int no_memory(struct reader *reader)
{
	return ipck_fail(reader->ctx, IPCK_ERR_MEMORY, "out of memory");
}

static int ended(struct reader *reader)
{
	return ipck_fail(reader->ctx, IPCK_ERR_NOT_FOUND, "pid:%d: no such process",
			 (int)reader->process.id.pid);
}

/* A part that was read, or not: what error means for the fields. */
static int settle(struct reader *reader, uint32_t field, int error)
{
	struct ipck_process *process = &reader->process;

	if (error == ENOMEM)
		return no_memory(reader);
	if (error == ESRCH || error == ENOENT)
		return ended(reader);
	if (error == 0)
		process->known |= field;
	else if (ipck_reason(error) == IPCK_ERR_DENIED)
		process->unknown.denied |= field;
	else
		process->unknown.unsupported |= field;
	return IPCK_OK;
}

/* ---- Parts ---- */

static int read_stat(struct reader *reader, const struct ipck_ref *ref)
{
	struct ipck_process *process = &reader->process;
	struct process_stat stat;
	char text[1024];
	long got = file_read(reader->dir, "stat", text, sizeof(text));

	if (got == 0 || got == -ESRCH || got == -ENOENT)
		return ended(reader);
	if (got < 0 || !process_stat_parse(text, &stat))
		return ipck_fail(reader->ctx, got < 0 ? ipck_reason((int)-got) : IPCK_ERR_SYSTEM,
				 "/proc/%d/stat: %s", (int)process->id.pid,
				 got < 0 ? strerror((int)-got) : "malformed");
	if (ref->exact && ref->generation.start_time != stat.start_time)
		return ipck_fail(reader->ctx, IPCK_ERR_CHANGED,
				 "pid:%d%%%llu: changed since it was listed", (int)process->id.pid,
				 (unsigned long long)ref->generation.start_time);
	process->id.start_time = stat.start_time;
	process->state = stat.state;
	process->kernel = stat.kernel;
	process->ppid = stat.ppid;
	process->pgid = stat.pgid > 0 ? stat.pgid : 0;
	process->sid = stat.sid > 0 ? stat.sid : 0;
	process->tty_major = stat.tty_major;
	process->tty_minor = stat.tty_minor;
	process->threads = stat.threads;
	process->started = (int64_t)(process_boot_time() +
				     (double)stat.start_time / (double)sysconf(_SC_CLK_TCK));
	process->command = pool_string(&reader->pool, stat.command);
	return process->command != NULL ? IPCK_OK : no_memory(reader);
}

/* The folder of a thread's number is there, too, but shows no process. */
static int check_thread(struct reader *reader, const char *status)
{
	const pid_t pid = reader->process.id.pid;
	pid_t tgid;

	if (process_tgid_parse(status, &tgid) && tgid != pid)
		return ipck_fail(reader->ctx, IPCK_ERR_NOT_FOUND,
				 "pid:%d: no process, but a thread of pid:%d", (int)pid, (int)tgid);
	return IPCK_OK;
}

static int read_status(struct reader *reader)
{
	struct ipck_process *process = &reader->process;
	struct listed_process listed = { 0 };
	struct process_masks masks = { 0 };
	char text[16384];
	long got = file_read(reader->dir, "status", text, sizeof(text));
	int error = got < 0 ? (int)-got : got == 0 ? ESRCH : 0;
	int rc = error == 0 ? check_thread(reader, text) : IPCK_OK;

	if (rc == IPCK_OK && (reader->want & IPCK_PROCESS_OWNER) != 0) {
		struct names names = { .pool = &reader->pool };

		if (error == 0 && process_parse_uids(text, &listed)) {
			process->uid = listed.effective;
			process->user = names_user(&names, process->uid);
			rc = settle(reader, IPCK_PROCESS_OWNER, process->user == NULL ? ENOMEM : 0);
		} else {
			rc = settle(reader, IPCK_PROCESS_OWNER, error != 0 ? error : EINVAL);
		}
		names_free(&names);
	}
	if (rc != IPCK_OK || (reader->want & IPCK_PROCESS_SIGNALS) == 0)
		return rc;
	if (error == 0 && !process_masks_parse(text, &masks))
		error = EINVAL;
	process->thread_pending = masks.thread_pending;
	process->pending = masks.pending;
	process->blocked = masks.blocked;
	process->ignored = masks.ignored;
	process->caught = masks.caught;
	return settle(reader, IPCK_PROCESS_SIGNALS, error);
}

static int read_args(struct reader *reader)
{
	static const char more[] = "...";
	char text[IPCK_ARGS_MAX + 1];
	size_t length;
	long got = file_read(reader->alive, "cmdline", text, IPCK_ARGS_MAX);

	if (got < 0)
		return settle(reader, IPCK_PROCESS_ARGS, (int)-got);
	length = process_args_join(text, (size_t)got);
	if (got == IPCK_ARGS_MAX - 1) /* as many as fit */
		memcpy(text + IPCK_ARGS_MAX - sizeof(more), more, sizeof(more));
	reader->process.args = length > 0 ? pool_string(&reader->pool, text) : NULL;
	return settle(reader, IPCK_PROCESS_ARGS,
		      length > 0 && reader->process.args == NULL ? ENOMEM : 0);
}

static int read_parent(struct reader *reader)
{
	struct ipck_operator *parent = &reader->process.parent;
	struct processes processes = { .pool = &reader->pool };
	const struct process *found;

	parent->pid = reader->process.ppid;
	parent->state = IPCK_OPERATOR_NEVER;
	if (parent->pid == 0)
		return settle(reader, IPCK_PROCESS_PARENT, 0);
	found = process_look(&processes, parent->pid);
	processes_free(&processes);
	if (found == NULL)
		return no_memory(reader);
	parent->command = found->presence == PROCESS_SEEN ? found->command : NULL;
	parent->state = found->presence == PROCESS_SEEN   ? IPCK_OPERATOR_RUNNING
			: found->presence == PROCESS_GONE ? IPCK_OPERATOR_GONE
							  : IPCK_OPERATOR_HIDDEN;
	return settle(reader, IPCK_PROCESS_PARENT, 0);
}

static int read_container(struct reader *reader)
{
	struct containers containers = { .pool = &reader->pool };
	struct ipck_process *process = &reader->process;
	bool memory = true;

	process->container = container_of(&containers, process->id.pid, &memory);
	containers_free(&containers);
	return settle(reader, IPCK_PROCESS_CONTAINER,
		      !memory                      ? ENOMEM
		      : process->container == NULL ? EACCES
						   : 0);
}

static int read_terminal(struct reader *reader)
{
	struct ipck_process *process = &reader->process;

	if (process->tty_major == 0 && process->tty_minor == 0)
		return settle(reader, IPCK_PROCESS_TERMINAL, 0);
	process->terminal = process_terminal(&reader->pool, process->tty_major, process->tty_minor);
	return settle(reader, IPCK_PROCESS_TERMINAL, process->terminal == NULL ? ENOMEM : 0);
}

static bool has_ended(const struct reader *reader)
{
	return process_has_ended(reader->process.state, reader->process.threads);
}

/* What has ended has no umask: then there is nothing to know. */
static int read_umask(struct reader *reader)
{
	char text[16384];
	long got;

	if (has_ended(reader))
		return IPCK_OK;
	got = file_read(reader->alive, "status", text, sizeof(text));
	if (got > 0 && !process_umask_parse(text, &reader->process.umask))
		got = -EOPNOTSUPP; /* before Linux 4.7 */
	return settle(reader, IPCK_PROCESS_UMASK, got < 0 ? (int)-got : got == 0 ? ESRCH : 0);
}

static int read_cwd(struct reader *reader)
{
	return settle(reader, IPCK_PROCESS_CWD,
		      has_ended(reader)
			      ? 0
			      : -process_cwd(reader->alive, &reader->pool, &reader->process.cwd));
}

static int read_exit(struct reader *reader)
{
	if (!has_ended(reader))
		return IPCK_OK;
	return settle(reader, IPCK_PROCESS_EXIT,
		      -process_exit_status(reader->dir, reader->process.id.start_time,
					   &reader->process.exit_status));
}

static int read_descriptors(struct reader *reader)
{
	return settle(reader, IPCK_PROCESS_DESCRIPTORS,
		      -process_descriptors(reader->alive, &reader->pool, &reader->process));
}

static int read_locks(struct reader *reader)
{
	return settle(reader, IPCK_PROCESS_LOCKS,
		      -process_locks(reader->dir, &reader->pool, &reader->process));
}

static int read_namespaces(struct reader *reader)
{
	struct ipck_process *process = &reader->process;
	int error = -process_namespaces(reader->alive, process);

	/* a zombie has left its namespaces, and its links lead nowhere */
	if (error == ENOENT && (process->state == 'Z' || process->state == 'X'))
		error = 0;
	return settle(reader, IPCK_PROCESS_NAMESPACES, error);
}

/* ---- All of it ---- */

static int read_parts(struct reader *reader)
{
	static const struct {
		uint32_t field;
		int (*read)(struct reader *reader);
	} parts[] = {
		{ IPCK_PROCESS_ARGS, read_args },
		{ IPCK_PROCESS_PARENT, read_parent },
		{ IPCK_PROCESS_TERMINAL, read_terminal },
		{ IPCK_PROCESS_DESCRIPTORS, read_descriptors },
		{ IPCK_PROCESS_LOCKS, read_locks },
		{ IPCK_PROCESS_NAMESPACES, read_namespaces },
		{ IPCK_PROCESS_CONTAINER, read_container },
		{ IPCK_PROCESS_UMASK, read_umask },
		{ IPCK_PROCESS_CWD, read_cwd },
		{ IPCK_PROCESS_EXIT, read_exit },
	};
	int rc = read_status(reader), thread = -1;
	char text[8];

	if (reader->process.state == 'Z' && reader->process.threads > 1)
		thread = process_living_thread(reader->dir);
	reader->alive = thread >= 0 ? thread : reader->dir;
	for (size_t i = 0; rc == IPCK_OK && i < sizeof(parts) / sizeof(parts[0]); i++)
		if ((reader->want & parts[i].field) != 0)
			rc = parts[i].read(reader);
	if (thread >= 0)
		close(thread);
	/* what was not read through the folder was of this process if it is still there */
	if (rc == IPCK_OK && file_read(reader->dir, "stat", text, sizeof(text)) <= 0)
		rc = ended(reader);
	return rc;
}

static int open_folder(struct reader *reader)
{
	const pid_t pid = reader->process.id.pid;
	char path[32];

	if (!process_proc_is_ours())
		return ipck_fail(reader->ctx, IPCK_ERR_UNSUPPORTED,
				 "/proc: not available, or of another pid namespace");
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	reader->dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (reader->dir >= 0)
		return IPCK_OK;
	if (errno == ENOENT && kill(pid, 0) != 0 && errno == ESRCH)
		return ended(reader);
	return ipck_fail(reader->ctx, IPCK_ERR_DENIED, "pid:%d: /proc does not show it", (int)pid);
}

IPCK_API int ipck_process_read(struct ipck *ctx, const struct ipck_ref *ref, unsigned want,
			       const struct ipck_process **out)
{
	struct reader *reader;
	int rc;

	*out = NULL;
	if (ref->kind != IPCK_PROCESS || ref->form != IPCK_BY_PID || ref->pid < 1 ||
	    (want & ~(unsigned)WANTS) != 0)
		return ipck_fail(ctx, IPCK_ERR_ARGUMENT, "process: invalid argument");
	reader = calloc(1, sizeof(*reader));
	if (reader == NULL)
		return ipck_fail(ctx, IPCK_ERR_MEMORY, "out of memory");
	reader->ctx = ctx;
	reader->want = want;
	reader->process.id.pid = ref->pid;
	rc = open_folder(reader);
	if (rc == IPCK_OK) {
		rc = read_stat(reader, ref);
		if (rc == IPCK_OK)
			rc = read_parts(reader);
		close(reader->dir);
	}
	if (rc == IPCK_OK)
		*out = &reader->process;
	else
		ipck_process_free(&reader->process);
	return rc;
}

IPCK_API void ipck_process_free(const struct ipck_process *process)
{
	struct reader *reader = (struct reader *)process;

	if (reader == NULL)
		return;
	pool_free(&reader->pool);
	free(reader);
}

IPCK_API const struct ipck_file_lock *ipck_process_lock_at(const struct ipck_process *process,
							   size_t i)
{
	return i < process->lock_count ? &process->locks[i] : NULL;
}

IPCK_API int ipck_process_why(const struct ipck_process *process, uint32_t field)
{
	if ((process->known & field) != 0)
		return IPCK_OK;
	if ((process->unknown.denied & field) != 0)
		return IPCK_ERR_DENIED;
	return (process->unknown.unsupported & field) != 0 ? IPCK_ERR_UNSUPPORTED
							   : IPCK_ERR_NOT_WANTED;
}
