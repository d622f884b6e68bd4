/* SPDX-License-Identifier: MIT */
/*
 * Who bears the number that is recorded in a lock.  It is one of the owner's own pid namespace, so
 * it is looked for among those who can have written it: all that map the lock.
 */
#include "insight/wait_futex.h"

#include "base/lines.h"
#include "base/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Processes ---- */

/* A process that maps a lock, read once. */
struct futex_process {
	size_t depth;              /* of its pid namespace; 0: it ended */
	uint64_t ns;               /* that namespace, unless it is ours */
	int why;                   /* errno: not all of its threads are known */
	struct thread_names names; /* unless it is in our namespace */
};

int futex_open_process(pid_t pid)
{
	char path[32];
	int dir;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir >= 0 ? dir : -errno;
}

bool futex_has_ended(int dir, pid_t tid)
{
	char path[48], text[1024];
	const char *p;

	snprintf(path, sizeof(path), "task/%d/stat", (int)tid);
	if (file_read(dir, path, text, sizeof(text)) <= 0 || (p = strrchr(text, ')')) == NULL)
		return true;
	return p[1] == ' ' && (p[2] == 'Z' || p[2] == 'X');
}

static void read_process(pid_t pid, struct futex_process *process)
{
	const int dir = futex_open_process(pid);
	struct thread_ids ids;
	struct stat status;
	int rc = dir >= 0 ? thread_ids_read(dir, "", &ids) : dir;

	if (rc == 0) {
		process->depth = ids.depth;
		if (ids.depth > 1) {
			process->ns = fstatat(dir, "ns/pid", &status, 0) == 0 ? status.st_ino : 0;
			rc = thread_names_read(dir, &process->names);
		}
	}
	process->why = rc == -ENOENT || rc == -ESRCH ? 0 : -rc;
	if (dir >= 0)
		close(dir);
}

/* NULL: no memory. */
static const struct futex_process *process_of(struct waits_reading *reading, pid_t pid)
{
	struct wait_futexes *futexes = futexes_of(reading);
	struct table_slot *slot =
		futexes != NULL ? table_slot(&futexes->processes, (uint32_t)pid) : NULL;

	if (slot == NULL)
		return NULL;
	if (slot->value == NULL) {
		slot->value = calloc(1, sizeof(struct futex_process));
		if (slot->value != NULL)
			read_process(pid, slot->value);
	}
	return slot->value;
}

/* Of which process a thread of ours by that number is; 0: there is none. */
static pid_t group_of(pid_t number)
{
	char path[32], text[8192];
	uint64_t pid;
	const char *p;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)number);
	if (file_read(AT_FDCWD, path, text, sizeof(text)) <= 0 ||
	    (p = strstr(text, "\nTgid:\t")) == NULL || !parse_literal(&p, "\nTgid:\t") ||
	    !parse_upto(&p, 10, INT32_MAX, &pid))
		return 0;
	return (pid_t)pid;
}

/* ---- A number ---- */

/* A search that was made: many threads wait for one lock. */
struct futex_search {
	struct futex_search *next; /* of the same hash */
	bool is_shared;
	struct identity object; /* is_shared */
	pid_t pid;              /* or the process */
	pid_t number;
	/* How deep the pid namespace is that the number is of, and which; 0: the owner's own. */
	size_t depth;
	uint64_t ns;
	struct futex_owners owners;
};

static void add_owner(struct futex_owners *owners, pid_t pid, pid_t tid)
{
	const int dir = futex_open_process(pid);

	if (dir < 0)
		return;
	if (futex_has_ended(dir, tid)) {
		owners->ended++;
	} else {
		if (owners->count < FUTEX_OWNERS) {
			owners->rows[owners->count].pid = pid;
			owners->rows[owners->count].tid = tid;
		}
		owners->count++;
	}
	close(dir);
}

static int by_own(const void *a, const void *b)
{
	const struct thread_name *x = a, *y = b;

	return (x->own > y->own) - (x->own < y->own);
}

/* group: the process of ours that has a thread of this number. */
static int search_process(struct waits_reading *reading, pid_t pid, pid_t group,
			  struct futex_search *search)
{
	const struct futex_process *process = process_of(reading, pid);
	const struct thread_name key = { .own = search->number };
	const struct thread_name *found;

	if (process == NULL)
		return waits_no_memory(reading);
	if (process->why != 0)
		search->owners.why = process->why;
	if (search->depth == 1 || (search->depth == 0 && process->depth == 1)) {
		if (pid == group)
			add_owner(&search->owners, pid, search->number);
		return IPCK_OK;
	}
	/* below the waiter's namespace a thread has a number of that one too: it is not kept */
	if ((search->depth != 0 && search->ns != process->ns) || process->names.count == 0)
		return IPCK_OK;
	found = bsearch(&key, process->names.rows, process->names.count, sizeof(key), by_own);
	if (found != NULL)
		add_owner(&search->owners, pid, found->tid);
	return IPCK_OK;
}

static int search_all(struct waits_reading *reading, struct futex_search *search)
{
	const pid_t group = group_of(search->number);
	const struct use *uses;
	size_t count;
	pid_t last = 0;
	int rc = IPCK_OK;

	if (!search->is_shared)
		return search_process(reading, search->pid, group, search);
	uses = scan_find(&reading->scan, &search->object, &count);
	for (size_t i = 0; rc == IPCK_OK && i < count; i++) {
		const pid_t pid = reading->scan.processes[uses[i].process].id.pid;

		if (uses[i].fd >= 0 || pid == last) /* by pid, areas first */
			continue;
		last = pid;
		rc = search_process(reading, pid, group, search);
	}
	return rc;
}

static bool same(const struct futex_search *a, const struct futex_search *b)
{
	return a->number == b->number && a->is_shared == b->is_shared && a->pid == b->pid &&
	       a->depth == b->depth && a->ns == b->ns &&
	       identity_compare(&a->object, &b->object) == 0;
}

static uint32_t hash_of(const struct futex_search *search)
{
	const uint64_t mixed = (uint64_t)(uint32_t)search->number * 31 +
			       (uint64_t)(uint32_t)search->pid * 8191 + search->object.number * 127;

	return (uint32_t)(mixed ^ mixed >> 32);
}

int futex_find_owners(struct waits_reading *reading, const struct waiting *waiting,
		      const struct futex_wait *futex, struct futex_owners *owners)
{
	const pid_t pid = waiting->wait.process.pid;
	struct futex_search key = { .is_shared = futex->is_shared, .number = futex->object.owner };
	struct wait_futexes *futexes = futexes_of(reading);
	const struct futex_process *own;
	struct futex_search *search;
	struct table_slot *slot;
	int rc;

	if (futex->is_shared)
		key.object = waiting->object;
	else
		key.pid = pid;
	if (futex->object.by_waiter && (own = process_of(reading, pid)) != NULL) {
		key.depth = own->depth;
		key.ns = own->ns;
	}
	slot = futexes != NULL ? table_slot(&futexes->searches, hash_of(&key)) : NULL;
	if (slot == NULL)
		return waits_no_memory(reading);
	for (search = slot->value; search != NULL && !same(search, &key); search = search->next)
		;
	if (search == NULL) {
		search = pool_alloc(&reading->pool, sizeof(*search));
		if (search == NULL)
			return waits_no_memory(reading);
		*search = key;
		search->next = slot->value;
		slot->value = search;
		rc = search_all(reading, search);
		if (rc != IPCK_OK)
			return rc;
	}
	*owners = search->owners;
	return IPCK_OK;
}

void futex_owners_free(struct wait_futexes *futexes)
{
	for (size_t i = 0; i < futexes->processes.size; i++) {
		struct futex_process *process = futexes->processes.slots[i].value;

		if (process != NULL)
			free(process->names.rows);
		free(process);
	}
	table_free(&futexes->processes);
	table_free(&futexes->searches);
}
