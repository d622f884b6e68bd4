/* SPDX-License-Identifier: MIT */
/*
 * Who has the far end of what a thread reads or writes.  Nobody records who will act: whoever has
 * a descriptor of it may, so that all of them are one group.
 */
#include "insight/wait_descriptor.h"

#include "source/namespace.h"
#include "source/unix_sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct far_end {
	struct far_end *next;
	struct identity object;
	unsigned access;
};

struct far_ends { /* the detail of these waits */
	struct far_end *first;
	bool open;
};

struct visit { /* a network namespace that was asked for its sockets */
	uint64_t ns;
	int why;
};

struct wait_files {
	struct unix_sockets sockets;
	struct visit *visits;
	size_t visit_count, visit_size;
};

void wait_files_free(struct wait_files *files)
{
	if (files == NULL)
		return;
	unix_sockets_free(&files->sockets);
	free(files->visits);
	free(files);
}

/* ---- Looking ---- */

static struct far_ends *ends_of(struct waits_reading *reading, struct waiting *waiting)
{
	if (waiting->detail == NULL) {
		struct far_ends *ends = pool_alloc(&reading->pool, sizeof(*ends));

		if (ends != NULL)
			*ends = (struct far_ends){ 0 };
		waiting->detail = ends;
	}
	return waiting->detail;
}

int waits_want_end(struct waits_reading *reading, struct waiting *waiting,
		   const struct identity *object, unsigned access, bool open)
{
	struct far_ends *ends = ends_of(reading, waiting);
	struct far_end *end = pool_alloc(&reading->pool, sizeof(*end));

	if (ends == NULL || end == NULL)
		return waits_no_memory(reading);
	*end = (struct far_end){ .next = ends->first, .object = *object, .access = access };
	ends->first = end;
	ends->open |= open;
	return (reading->want & IPCK_WAITS_WHOM) != 0 ? waits_want_holders(reading, object)
						      : IPCK_OK;
}

/* ---- Unix sockets ---- */

static struct wait_files *files_of(struct waits_reading *reading)
{
	if (reading->files == NULL) {
		reading->files = calloc(1, sizeof(*reading->files));
		if (reading->files != NULL)
			reading->files->sockets.pool = &reading->pool;
	}
	return reading->files;
}

/* List the sockets of a namespace, once.  0, or why there is no list: IPCK_ERR_MEMORY ... */
static int visit(struct waits_reading *reading, pid_t pid, uint64_t ns)
{
	struct wait_files *files = files_of(reading);
	struct visit *visits;
	int rc;

	if (files == NULL)
		return waits_no_memory(reading);
	for (size_t i = 0; i < files->visit_count; i++)
		if (files->visits[i].ns == ns)
			return files->visits[i].why;
	if (files->visit_count == files->visit_size) {
		const size_t size = files->visit_size * 2 + 8;

		visits = reallocarray(files->visits, size, sizeof(*visits));
		if (visits == NULL)
			return waits_no_memory(reading);
		files->visits = visits;
		files->visit_size = size;
	}
	rc = unix_sockets_add(reading->ctx, &files->sockets, pid, ns);
	if (rc != IPCK_ERR_MEMORY)
		files->visits[files->visit_count++] = (struct visit){ .ns = ns, .why = rc };
	return rc;
}

/* A socket stays in the namespace that it was made in: most often that of the thread, or ours. */
static int list_sockets(struct waits_reading *reading, const struct thread *thread)
{
	uint64_t ns, own = namespace_own_net();
	int why = namespace_net_of(thread->pid, &ns);

	why = why != 0 ? ipck_reason(-why) : visit(reading, ns == own ? 0 : thread->pid, ns);
	return why;
}

static int find_socket(struct waits_reading *reading, const struct thread *thread, uint64_t inode,
		       const struct unix_socket **row, int *why)
{
	*row = NULL;
	*why = list_sockets(reading, thread);
	if (*why == IPCK_ERR_MEMORY)
		return *why;
	if (reading->files != NULL)
		*row = unix_sockets_find(&reading->files->sockets, inode);
	if (*row != NULL)
		return IPCK_OK;
	if (visit(reading, 0, namespace_own_net()) == IPCK_ERR_MEMORY)
		return IPCK_ERR_MEMORY;
	*row = unix_sockets_find(&reading->files->sockets, inode);
	if (*row == NULL && *why == 0)
		*why = IPCK_ERR_OUTSIDE;
	return IPCK_OK;
}

static int want_socket(struct waits_reading *reading, struct waiting *waiting, uint64_t inode,
		       bool open)
{
	const struct identity identity = { .kind = IPCK_UNIX, .number = inode };

	return waits_want_end(reading, waiting, &identity, 0, open);
}

/* Datagrams come from whoever connected to it, or knows its name. */
static int want_senders(struct waits_reading *reading, struct waiting *waiting,
			const struct unix_socket *row)
{
	const struct unix_sockets *sockets = &reading->files->sockets;
	const struct unix_socket *const *from;
	size_t count;
	int rc = IPCK_OK;

	from = unix_sockets_to(sockets, row->inode, &count);
	for (size_t i = 0; rc == IPCK_OK && i < count; i++)
		rc = want_socket(reading, waiting, from[i]->inode, row->name != NULL);
	return rc;
}

int waits_want_peers(struct waits_reading *reading, const struct thread *thread,
		     struct waiting *waiting, bool reads)
{
	struct far_ends *ends = ends_of(reading, waiting);
	const struct unix_socket *row;
	int why, rc;

	if (ends == NULL)
		return waits_no_memory(reading);
	if ((reading->want & IPCK_WAITS_WHOM) == 0)
		return IPCK_OK;
	rc = find_socket(reading, thread, waiting->object.number, &row, &why);
	if (rc != IPCK_OK)
		return rc;
	if (row == NULL || row->why != 0) {
		ends->open = true;
		waiting->wait.why = row != NULL ? row->why : why;
		waiting->wait.why_text = "the other end of the socket is not to be seen";
		return IPCK_OK;
	}
	if (reads && row->type == SOCK_DGRAM)
		return want_senders(reading, waiting, row);
	return row->peer != 0 ? want_socket(reading, waiting, row->peer, false) : IPCK_OK;
}

int waits_want_listener(struct waits_reading *reading, const struct thread *thread,
			struct waiting *waiting, const char *name)
{
	struct far_ends *ends = ends_of(reading, waiting);
	int rc;

	if (ends == NULL)
		return waits_no_memory(reading);
	if ((reading->want & IPCK_WAITS_WHOM) == 0)
		return IPCK_OK;
	rc = list_sockets(reading, thread);
	if (rc != IPCK_OK || reading->files == NULL)
		return rc == IPCK_ERR_MEMORY ? rc : IPCK_OK;
	for (size_t i = 0; rc == IPCK_OK && i < reading->files->sockets.count; i++) {
		const struct unix_socket *row = &reading->files->sockets.rows[i];

		if (row->listening && row->name != NULL && strcmp(row->name, name) == 0)
			rc = want_socket(reading, waiting, row->inode, false);
	}
	return rc;
}

/* ---- Settling ---- */

static bool saw_all(const struct waits_reading *reading)
{
	const struct ipck_coverage *coverage = &reading->coverage;

	return coverage->denied == 0 && !coverage->hidden && !coverage->inner;
}

static int await_ends(struct waits_reading *reading, struct waiting *waiting, bool others)
{
	const struct far_ends *ends = waiting->detail;
	int rc = IPCK_OK;

	for (const struct far_end *end = ends->first; rc == IPCK_OK && end != NULL; end = end->next)
		rc = waits_await_holders(reading, waiting, &end->object, end->access, others,
					 IPCK_PROOF_LAST_OP, 0);
	return rc;
}

/* Another thread of the process may act; a process of one thread sleeps, and will not. */
int wait_settle_files(struct waits_reading *reading, struct waiting *waiting)
{
	const struct far_ends *ends = waiting->detail;
	struct ipck_wait *wait = &waiting->wait;
	bool others;
	int rc;

	if (ends == NULL) { /* a file, a device, a peer on another machine */
		wait->open = true;
		return IPCK_OK;
	}
	rc = await_ends(reading, waiting, true);
	others = wait->awaited_count > 0;
	if (rc == IPCK_OK && (!others || wait->threads > 1))
		rc = await_ends(reading, waiting, false);
	wait->open |= ends->open || wait->awaited_count == 0 || !saw_all(reading);
	if (!others && wait->awaited_count > 0 && wait->threads <= 1 && !ends->open)
		wait->finding = saw_all(reading) ? "only this process has the other end"
						 : "no other process is seen to have the other end";
	if (wait->awaited_count == 0 && ends->first != NULL && wait->why == 0) {
		wait->why = reading->coverage.denied > 0 || reading->coverage.hidden
				    ? IPCK_ERR_DENIED
			    : reading->coverage.inner ? IPCK_ERR_OUTSIDE
						      : 0;
	}
	return rc;
}
