/* SPDX-License-Identifier: MIT */
/*
 * The threads that wait: each is looked at while its files are open, by the functions of its family
 * of calls; then the holders that they asked for are found in one scan, and all are settled.
 */
#include "insight/waits.h"

#include "base/lines.h"
#include "source/namespace.h"
#include "source/process_list.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct family {
	waits_look *look;
	waits_settle *settle; /* NULL: nobody in particular */
	enum ipck_wait_for what;
	bool idle;
} families[CALL_FAMILIES] = {
	[CALL_OTHER] = { wait_look_other, NULL, IPCK_WAIT_OTHER, false },
	[CALL_SEMOP] = { wait_look_semop, wait_settle_semop, IPCK_WAIT_SEMAPHORE, false },
	[CALL_MSGSND] = { wait_look_msgsnd, wait_settle_messages, IPCK_WAIT_ROOM, false },
	[CALL_MSGRCV] = { wait_look_msgrcv, wait_settle_messages, IPCK_WAIT_MESSAGE, false },
	[CALL_MQ_SEND] = { wait_look_mq, NULL, IPCK_WAIT_ROOM, false },
	[CALL_MQ_RECEIVE] = { wait_look_mq, NULL, IPCK_WAIT_MESSAGE, false },
	[CALL_READ] = { wait_look_read, wait_settle_files, IPCK_WAIT_DATA, false },
	[CALL_WRITE] = { wait_look_write, wait_settle_files, IPCK_WAIT_SPACE, false },
	[CALL_OPEN] = { wait_look_open, wait_settle_files, IPCK_WAIT_PEER, false },
	[CALL_CONNECT] = { wait_look_connect, wait_settle_files, IPCK_WAIT_PEER, false },
	[CALL_ACCEPT] = { wait_look_accept, NULL, IPCK_WAIT_CONNECTION, true },
	[CALL_FLOCK] = { wait_look_flock, wait_settle_locks, IPCK_WAIT_FILE_LOCK, false },
	[CALL_FCNTL] = { wait_look_fcntl, wait_settle_locks, IPCK_WAIT_FILE_LOCK, false },
	[CALL_FUTEX] = { wait_look_futex, wait_settle_futex, IPCK_WAIT_FUTEX, false },
	[CALL_FUTEX_WAIT] = { wait_look_futex, wait_settle_futex, IPCK_WAIT_FUTEX, false },
	[CALL_FUTEX_WAITV] = { wait_look_futex, wait_settle_futex, IPCK_WAIT_FUTEX, false },
	[CALL_WAIT4] = { wait_look_wait, wait_settle_children, IPCK_WAIT_CHILD, true },
	[CALL_WAITID] = { wait_look_wait, wait_settle_children, IPCK_WAIT_CHILD, true },
	[CALL_VFORK] = { wait_look_vfork, wait_settle_children, IPCK_WAIT_CHILD, false },
	[CALL_CLONE] = { wait_look_vfork, wait_settle_children, IPCK_WAIT_CHILD, false },
	[CALL_CLONE3] = { wait_look_vfork, wait_settle_children, IPCK_WAIT_CHILD, false },
	[CALL_POLL] = { wait_look_poll, NULL, IPCK_WAIT_POLL, true },
	[CALL_SELECT] = { wait_look_select, NULL, IPCK_WAIT_POLL, true },
	[CALL_EPOLL] = { wait_look_epoll, NULL, IPCK_WAIT_POLL, true },
	[CALL_SLEEP] = { wait_look_sleep, NULL, IPCK_WAIT_TIME, true },
	[CALL_PAUSE] = { wait_look_signal, NULL, IPCK_WAIT_SIGNAL, true },
	[CALL_SIGSUSPEND] = { wait_look_signal, NULL, IPCK_WAIT_SIGNAL, true },
	[CALL_SIGWAIT] = { wait_look_signal, NULL, IPCK_WAIT_SIGNAL, true },
};

/* ---- Looking ---- */

/* The name of the call that a sleep goes on with: clock numbers are small, or those of processes,
 * and all ones above; addresses are neither. */
static const char *sleep_by_arguments(const uint64_t *args)
{
	enum { LOWEST_ADDRESS = 4096 };

	return args[0] < LOWEST_ADDRESS || (int64_t)args[0] < 0 || (args[0] >> 28) == 0xf
		       ? "clock_nanosleep"
		       : "nanosleep";
}

/*
 * restart_syscall keeps the arguments of the call that it goes on with, not its number.  There are
 * three such: futex, poll and the sleeps; these last have no place in the kernel of their own.
 * NULL: it cannot be told.
 */
static const struct syscall_row *restarted(const struct waiting *waiting)
{
	const char *place = waiting->wait.wchan;
	const char *name;
	int number;

	if (place == NULL)
		return NULL;
	name = strstr(place, "futex") != NULL  ? "futex"
	       : strstr(place, "poll") != NULL ? "poll"
					       : sleep_by_arguments(waiting->call.args);
	number = syscall_number(MACHINE_OWN, name);
	return number >= 0 ? syscall_look(MACHINE_OWN, (uint64_t)number) : NULL;
}

static int look_inside(struct waits_reading *reading, const struct thread *thread,
		       struct waiting *waiting)
{
	const struct syscall_row *row = NULL;
	struct ipck_wait *wait = &waiting->wait;

	if (thread_is_foreign(thread)) {
		wait->why = IPCK_ERR_UNSUPPORTED;
		wait->why_text = "a 32-bit program";
		return wait_look_other(reading, thread, waiting);
	}
	row = syscall_look(MACHINE_OWN, waiting->call.number);
	if (row != NULL && row->family == CALL_RESTART) {
		if (waits_place(reading, thread, waiting) != IPCK_OK)
			return IPCK_ERR_MEMORY;
		wait->call = row->name;
		row = restarted(waiting);
		if (row == NULL)
			return wait_look_other(reading, thread, waiting);
	}
	if (row == NULL) {
		wait->call = waits_text(reading, "syscall %llu",
					(unsigned long long)waiting->call.number);
		return wait->call == NULL ? waits_no_memory(reading)
					  : wait_look_other(reading, thread, waiting);
	}
	waiting->family = row->family;
	wait->call = row->name;
	if (row->takes_fd)
		wait->fd = (int)waiting->call.args[0];
	wait->what = families[row->family].what;
	wait->idle = families[row->family].idle;
	return families[row->family].look(reading, thread, waiting);
}

static int keep(struct waits_reading *reading, const struct waiting *waiting)
{
	struct waiting *rows;

	if (reading->count == reading->size) {
		const size_t size = reading->size > 0 ? reading->size * 2 : 64;

		rows = realloc(reading->rows, size * sizeof(*rows));
		if (rows == NULL)
			return waits_no_memory(reading);
		reading->rows = rows;
		reading->size = size;
	}
	reading->rows[reading->count++] = *waiting;
	return IPCK_OK;
}

static int add_since(struct waits_reading *reading, const struct thread *thread,
		     struct ipck_wait *wait)
{
	int rc = thread_clock_since(&reading->clock, thread, &wait->nanoseconds);

	wait->bound = rc == IPCK_OK ? IPCK_BOUND_EXACT : IPCK_BOUND_UNKNOWN;
	return rc == IPCK_ERR_MEMORY ? waits_no_memory(reading) : IPCK_OK;
}

/* The threads of a process come one after the other: its user is read once. */
static int add_user(struct waits_reading *reading, const struct thread *thread,
		    struct ipck_wait *wait)
{
	struct listed_process process;
	char text[4096]; /* a status may be longer, but its user ids stand at the top */

	if (reading->user_of != thread->pid) {
		if (file_read(thread->dir, "status", text, sizeof(text)) <= 0 ||
		    !process_parse_uids(text, &process))
			return WAITS_STALE;
		reading->user_of = thread->pid;
		reading->user = process.effective;
	}
	wait->uid = reading->user;
	return IPCK_OK;
}

/*
 * Its call was interrupted, or is done already, which looks the same: it may have what it asked
 * for.  It goes on or returns only when it is continued.
 */
static void stopped(struct ipck_wait *wait)
{
	wait->idle = false;
	wait->open = true;
	if (wait->finding == NULL)
		wait->finding = wait->state == 't' ? "stopped by its tracer" : "stopped";
	if (wait->wants == NULL)
		wait->wants = "to be continued";
}

/* A thread of a frozen control group sleeps like any other: the same holds for it, and only the
 * place tells.  Where that is not to be seen, nobody froze anything. */
static int look_for_frost(struct waits_reading *reading, const struct thread *thread,
			  struct waiting *waiting)
{
	const char *place;
	int rc = waits_place(reading, thread, waiting);

	place = waiting->wait.wchan;
	if (rc != IPCK_OK || place == NULL ||
	    (strstr(place, "freezer") == NULL && strstr(place, "refrigerator") == NULL))
		return rc;
	waiting->wait.open = true;
	if (waiting->wait.finding == NULL)
		waiting->wait.finding = "frozen";
	return IPCK_OK;
}

static int on_thread(const struct thread *thread, void *data)
{
	struct waits_reading *reading = data;
	struct waiting waiting = {
		.wait = { .process = { thread->pid, thread->start_time },
			  .tid = thread->tid,
			  .threads = thread->threads,
			  .state = thread->state,
			  .fd = -1,
			  .bound = IPCK_BOUND_UNKNOWN },
		.call = thread->call,
		.runs = thread->runs,
	};
	int rc;

	if (thread->call.where == SYSCALL_INSIDE)
		rc = look_inside(reading, thread, &waiting);
	else
		rc = wait_look_other(reading, thread, &waiting);
	if (rc == IPCK_OK && (thread->state == 'T' || thread->state == 't'))
		stopped(&waiting.wait);
	if (rc == IPCK_OK && (reading->want & WAITS_RUNS) != 0)
		rc = look_for_frost(reading, thread, &waiting);
	if (rc == IPCK_OK && waiting.wait.idle && (reading->want & IPCK_WAITS_IDLE) == 0)
		return IPCK_OK;
	if (rc == IPCK_OK && (reading->want & IPCK_WAITS_USERS) != 0)
		rc = add_user(reading, thread, &waiting.wait);
	if (rc == WAITS_STALE)
		return IPCK_OK;
	if (rc != IPCK_OK)
		return rc;
	waiting.wait.command = pool_string(&reading->pool, thread->command);
	if (waiting.wait.command == NULL)
		return waits_no_memory(reading);
	if ((reading->want & IPCK_WAITS_SINCE) != 0)
		rc = add_since(reading, thread, &waiting.wait);
	if (rc == IPCK_OK && (reading->want & IPCK_WAITS_WCHAN) != 0)
		rc = waits_place(reading, thread, &waiting);
	return rc == IPCK_OK ? keep(reading, &waiting) : rc;
}

/* ---- Settling ---- */

static int by_thread(const void *a, const void *b)
{
	const struct ipck_wait *x = &((const struct waiting *)a)->wait;
	const struct ipck_wait *y = &((const struct waiting *)b)->wait;

	if (x->process.pid != y->process.pid)
		return x->process.pid < y->process.pid ? -1 : 1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

static int by_identity(const void *a, const void *b)
{
	return identity_compare(a, b);
}

/* Told by a thread of it that sleeps; it may have made more since, as at any look. */
static bool had_one_thread(pid_t pid, const void *data)
{
	const struct waits_reading *reading = data;
	size_t low = 0, high = reading->count;

	while (low < high) { /* the first of the process */
		const size_t middle = low + (high - low) / 2;

		if (reading->rows[middle].wait.process.pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < reading->count && reading->rows[low].wait.process.pid == pid &&
	       reading->rows[low].wait.threads == 1;
}

static int find_holders(struct waits_reading *reading)
{
	struct scan_query query = { .kinds = reading->wanted_kinds,
				    .all_areas = reading->wanted_all_areas,
				    .files = reading->wanted_files,
				    .without_users = true,
				    .one_thread = had_one_thread,
				    .data = reading,
				    .wanted = reading->wanted,
				    .wanted_count = reading->wanted_count };
	int rc;

	if (reading->wanted_count == 0)
		return IPCK_OK;
	qsort(reading->wanted, reading->wanted_count, sizeof(*reading->wanted), by_identity);
	rc = scan_run(reading->ctx, &query, &reading->scan);
	reading->coverage = reading->scan.coverage;
	reading->unprivileged = reading->coverage.denied > 0 && !processes_may_be_inspected();
	return rc;
}

static int settle(struct waits_reading *reading)
{
	int rc = find_holders(reading);

	for (size_t i = 0; rc == IPCK_OK && i < reading->count; i++) {
		struct waiting *waiting = &reading->rows[i];

		if (families[waiting->family].settle != NULL)
			rc = families[waiting->family].settle(reading, waiting);
	}
	return rc;
}

int waits_run(struct waits_reading *reading, struct ipck *ctx, pid_t only, unsigned want)
{
	int rc;

	*reading = (struct waits_reading){ .ctx = ctx, .want = want, .only = only };
	reading->processes.pool = &reading->pool;
	reading->ipc = namespace_own_ipc();
	rc = threads_each(ctx, only, (want & WAITS_RUNS) != 0, &reading->counts, on_thread,
			  reading);
	if (rc == IPCK_OK)
		rc = wait_sysv_visit(reading);
	if (rc == IPCK_OK && reading->count > 0) {
		qsort(reading->rows, reading->count, sizeof(*reading->rows), by_thread);
		if ((want & IPCK_WAITS_WHOM) != 0)
			rc = settle(reading);
	}
	reading->coverage.processes = reading->counts.processes;
	reading->coverage.vanished = reading->counts.vanished;
	reading->coverage.hidden = processes_are_hidden();
	reading->coverage.inner = namespace_pids_are_inner();
	if (reading->counts.processes_denied > reading->coverage.denied)
		reading->coverage.denied = reading->counts.processes_denied;
	return rc;
}

void waits_tell(const struct waits_reading *reading, struct ipck_coverage *coverage,
		size_t *threads_denied)
{
	if (coverage != NULL) {
		struct ipck_coverage own = reading->coverage;
		const size_t size = coverage->size;

		own.size = size;
		memcpy(coverage, &own, size < sizeof(own) ? size : sizeof(own));
	}
	if (threads_denied != NULL)
		*threads_denied = reading->counts.denied;
}

void waits_end(struct waits_reading *reading)
{
	wait_sysv_free(reading->sysv);
	wait_files_free(reading->files);
	wait_locks_free(reading->locks);
	wait_futexes_free(reading->futexes);
	wait_children_free(reading->children);
	thread_clock_free(&reading->clock);
	processes_free(&reading->processes);
	scan_free(&reading->scan);
	pool_free(&reading->pool);
	free(reading->wanted);
	free(reading->rows);
}
