/* SPDX-License-Identifier: MIT */
/*
 * What waits in IPC namespaces have in common.  Those in our own are read while the thread is
 * looked at; all others afterwards, in one visit to each namespace.
 */
#include "insight/wait_sysv.h"

#include "base/lines.h"
#include "base/parse.h"
#include "source/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void wait_sysv_free(struct wait_sysv *sysv)
{
	if (sysv != NULL)
		table_free(&sysv->semaphores);
	free(sysv);
}

/* ---- Looking ---- */

struct wait_sysv *ipc_wait_kept(struct waits_reading *reading)
{
	if (reading->sysv == NULL)
		reading->sysv = calloc(1, sizeof(*reading->sysv));
	if (reading->sysv == NULL)
		waits_no_memory(reading);
	return reading->sysv;
}

static int name(struct waits_reading *reading, struct waiting *waiting, enum ipck_kind kind)
{
	struct ipc_wait *ipc = waiting->detail;
	struct ipck_ref ref = { .kind = kind, .form = IPCK_BY_ID };

	ipc->id = ref.id = (int32_t)(uint32_t)waiting->call.args[0]; /* an int to the kernel too */
	if (ipc->ns == 0)                                            /* whose is not known */
		return IPCK_OK;
	if (ipc->ns != reading->ipc)
		ref.ns = ipc->ns;
	waiting->object =
		(struct identity){ .kind = kind, .number = (uint32_t)ref.id, .ns = ipc->ns };
	return waits_name(reading, waiting, &ref);
}

/*
 * The thread's own: setns() and unshare() move threads.  The text of the link, "ipc:[4026532201]":
 * to follow it the kernel would make an inode.  0 or -errno.
 */
static int find_namespace(const struct thread *thread, uint64_t *ns)
{
	char path[40], link[64];
	const char *p = link;
	ssize_t length;

	snprintf(path, sizeof(path), "%sns/ipc", thread->path);
	length = readlinkat(thread->dir, path, link, sizeof(link) - 1);
	if (length < 0)
		return -errno;
	link[length] = '\0';
	if (parse_literal(&p, "ipc:[") && parse_upto(&p, 10, UINT64_MAX, ns) && strcmp(p, "]") == 0)
		return 0;
	*ns = 0;
	return -EIO;
}

int ipc_wait_begin(struct waits_reading *reading, const struct thread *thread,
		   struct waiting *waiting, enum ipck_kind kind)
{
	struct ipc_wait *ipc = pool_alloc(&reading->pool, sizeof(*ipc));
	int error;

	if (ipc == NULL)
		return waits_no_memory(reading);
	*ipc = (struct ipc_wait){ 0 };
	waiting->detail = ipc;
	waiting->wait.open = true; /* whoever may use the object */
	snprintf(ipc->path, sizeof(ipc->path), "/proc/%d/%s", (int)thread->pid, thread->path);
	error = find_namespace(thread, &ipc->ns);
	if (error == -ENOENT || error == -ESRCH)
		return WAITS_STALE;
	if (error != 0)
		waits_unknown(waiting, error);
	return (kind & IPCK_SYSV) != 0 ? name(reading, waiting, kind) : IPCK_OK;
}

bool ipc_wait_is_ours(const struct waits_reading *reading, const struct waiting *waiting)
{
	const struct ipc_wait *ipc = waiting->detail;

	return ipc->ns != 0 && ipc->ns == reading->ipc;
}

int ipc_wait_read(struct waits_reading *reading, struct waiting *waiting)
{
	struct ipc_wait *ipc = waiting->detail;

	if (ipc_wait_is_ours(reading, waiting))
		return ipc->read(reading, waiting);
	ipc->pending = ipc->ns != 0;
	return IPCK_OK;
}

bool ipc_wait_lasts(const struct waiting *waiting)
{
	const struct ipc_wait *ipc = waiting->detail;
	struct syscall_state now = { 0 };
	char path[64], text[256];

	snprintf(path, sizeof(path), "%ssyscall", ipc->path);
	return file_read_once(AT_FDCWD, path, text, sizeof(text)) > 0 &&
	       syscall_parse(text, &now) && syscall_is_same(&now, &waiting->call);
}

/* ---- Other namespaces ---- */

struct visit {
	struct waits_reading *reading;
	size_t first;
	uint64_t ns;
};

static struct ipc_wait *detail_of(const struct waiting *waiting)
{
	switch (waiting->family) {
	case CALL_SEMOP:
	case CALL_MSGSND:
	case CALL_MSGRCV:
	case CALL_MQ_SEND:
	case CALL_MQ_RECEIVE:
		return waiting->detail;
	default:
		return NULL;
	}
}

static struct ipc_wait *pending(const struct visit *visit, size_t row)
{
	struct ipc_wait *ipc = detail_of(&visit->reading->rows[row]);

	return ipc != NULL && ipc->pending && ipc->ns == visit->ns ? ipc : NULL;
}

/* All that live there, from the first on. */
static int read_inside(void *data)
{
	const struct visit *visit = data;

	for (size_t i = visit->first; i < visit->reading->count; i++) {
		struct ipc_wait *ipc = pending(visit, i);
		int rc;

		if (ipc == NULL)
			continue;
		rc = ipc->read(visit->reading, &visit->reading->rows[i]);
		if (rc == IPCK_ERR_MEMORY)
			return rc;
		ipc->pending = false;
		ipc->stale = rc == WAITS_STALE;
	}
	return IPCK_OK;
}

/* Not to be entered. */
static void give_up(const struct visit *visit, int reason)
{
	for (size_t i = visit->first; i < visit->reading->count; i++) {
		struct ipck_wait *wait = &visit->reading->rows[i].wait;
		struct ipc_wait *ipc = pending(visit, i);

		if (ipc == NULL)
			continue;
		ipc->pending = false;
		if (wait->why == 0) {
			wait->why = reason;
			wait->why_text = "it is in another IPC namespace";
		}
	}
}

static void leave_out_stale(struct waits_reading *reading)
{
	size_t kept = 0;

	for (size_t i = 0; i < reading->count; i++) {
		const struct ipc_wait *ipc = detail_of(&reading->rows[i]);

		if (ipc == NULL || !ipc->stale)
			reading->rows[kept++] = reading->rows[i];
	}
	reading->count = kept;
}

int wait_sysv_visit(struct waits_reading *reading)
{
	int rc = IPCK_OK;

	for (size_t i = 0; i < reading->count && rc != IPCK_ERR_MEMORY; i++) {
		struct visit visit = { reading, i, 0 };
		struct ipc_wait *ipc = detail_of(&reading->rows[i]);

		if (ipc == NULL || !ipc->pending)
			continue;
		visit.ns = ipc->ns;
		rc = namespace_run(reading->ctx, NAMESPACE_IPC, reading->rows[i].wait.tid, ipc->ns,
				   read_inside, &visit);
		if (rc == IPCK_ERR_NOT_FOUND) { /* it ended, or moved: the next one leads there */
			ipc->pending = false;
			ipc->stale = true;
		} else if (rc != IPCK_OK && rc != IPCK_ERR_MEMORY) {
			give_up(&visit, rc);
		}
	}
	leave_out_stale(reading);
	return rc == IPCK_ERR_MEMORY ? rc : IPCK_OK;
}

/* ---- On whom ---- */

static int await_ended(struct waits_reading *reading, struct waiting *waiting, pid_t pid,
		       const char *what, const char *outcome)
{
	if (outcome != NULL) {
		waiting->wait.finding =
			waits_text(reading, "last %s %d has exited%s", what, (int)pid, outcome);
		if (waiting->wait.finding == NULL)
			return waits_no_memory(reading);
	}
	return waits_await_gone(reading, waiting, pid, IPCK_PROOF_LAST_OP, 0);
}

static int await_outsider(struct waits_reading *reading, struct waiting *waiting, const char *what)
{
	if (waiting->wait.why != 0)
		return IPCK_OK;
	waiting->wait.why = IPCK_ERR_OUTSIDE;
	waiting->wait.why_text =
		waits_text(reading, "the last %s may be outside of this pid namespace", what);
	return waiting->wait.why_text != NULL ? IPCK_OK : waits_no_memory(reading);
}

int ipc_wait_for(struct waits_reading *reading, struct waiting *waiting,
		 const struct ipck_operator *operator, const char * what, const char *outcome)
{
	const struct process *process;

	if (operator->pid == waiting->wait.process.pid)
		return IPCK_OK; /* its own act: nobody else is recorded */
	switch (operator->state) {
	case IPCK_OPERATOR_RUNNING:
	case IPCK_OPERATOR_HIDDEN:
		process = process_look(&reading->processes, operator->pid);
		if (process == NULL)
			return waits_no_memory(reading);
		if (process->zombie)
			return await_ended(reading, waiting, operator->pid, what, outcome);
		return waits_await(reading, waiting, operator->pid, 0, IPCK_PROOF_LAST_OP, 0);
	case IPCK_OPERATOR_GONE:
	case IPCK_OPERATOR_LATER:
		return await_ended(reading, waiting, operator->pid, what, outcome);
	case IPCK_OPERATOR_OUTSIDE:
		return await_outsider(reading, waiting, what);
	default:
		return IPCK_OK;
	}
}
