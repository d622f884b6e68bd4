/* SPDX-License-Identifier: MIT */
/* Who bears the number that is recorded in a lock, by the numbers of all threads that map it. */
#include "insight/lock_owners.h"

#include "base/lines.h"
#include "base/parse.h"
#include "source/namespace.h"
#include "source/sysv.h"
#include "source/thread_ids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Processes ---- */

/* A process that maps a lock, read once. */
struct lock_process {
	size_t depth;              /* of its pid namespace; 0: it ended */
	uint64_t ns;               /* that namespace, unless it is ours */
	int why;                   /* errno: not all of its threads are known */
	struct thread_names names; /* unless it is in our namespace */
};

int lock_open_process(pid_t pid)
{
	char path[32];
	int dir;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir >= 0 ? dir : -errno;
}

bool lock_thread_has_ended(int dir, pid_t tid)
{
	char path[48], text[1024];
	const char *p;

	snprintf(path, sizeof(path), "task/%d/stat", (int)tid);
	if (file_read(dir, path, text, sizeof(text)) <= 0 || (p = strrchr(text, ')')) == NULL)
		return true;
	return p[1] == ' ' && (p[2] == 'Z' || p[2] == 'X');
}

static void read_process(pid_t pid, struct lock_process *process)
{
	const int dir = lock_open_process(pid);
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
static const struct lock_process *process_of(struct lock_owners *owners, pid_t pid)
{
	struct table_slot *slot = table_slot(&owners->processes, (uint32_t)pid);

	if (slot == NULL)
		return NULL;
	if (slot->value == NULL) {
		slot->value = calloc(1, sizeof(struct lock_process));
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
struct lock_search {
	struct lock_search *next; /* of the same hash */
	struct lock_number number;
	struct lock_matches matches;
};

static int no_memory(struct lock_owners *owners)
{
	return ipck_fail(owners->ctx, IPCK_ERR_MEMORY, "out of memory");
}

static void add_match(struct lock_matches *matches, pid_t pid, pid_t tid)
{
	const int dir = lock_open_process(pid);

	if (dir < 0)
		return;
	if (lock_thread_has_ended(dir, tid)) {
		matches->ended++;
	} else {
		if (matches->count < LOCK_MATCHES) {
			matches->rows[matches->count].pid = pid;
			matches->rows[matches->count].tid = tid;
		}
		matches->count++;
	}
	close(dir);
}

static int by_own(const void *a, const void *b)
{
	const struct thread_name *x = a, *y = b;

	return (x->own > y->own) - (x->own < y->own);
}

/* group: the process of ours that has a thread of this number. */
static int search_process(struct lock_owners *owners, pid_t pid, pid_t group,
			  struct lock_search *search)
{
	const struct lock_process *process = process_of(owners, pid);
	const struct lock_number *number = &search->number;
	const struct thread_name key = { .own = number->number };
	const struct thread_name *found;

	if (process == NULL)
		return no_memory(owners);
	if (process->why != 0)
		search->matches.why = process->why;
	if (number->depth == 1 || (number->depth == 0 && process->depth == 1)) {
		if (pid == group)
			add_match(&search->matches, pid, number->number);
		return IPCK_OK;
	}
	/* below the waiter's namespace a thread has a number of that one too: it is not kept */
	if ((number->depth != 0 && number->ns != process->ns) || process->names.count == 0)
		return IPCK_OK;
	found = bsearch(&key, process->names.rows, process->names.count, sizeof(key), by_own);
	if (found != NULL)
		add_match(&search->matches, pid, found->tid);
	return IPCK_OK;
}

static int search_all(struct lock_owners *owners, struct lock_search *search)
{
	const pid_t group = group_of(search->number.number);
	const struct use *uses;
	size_t count;
	pid_t last = 0;
	int rc = IPCK_OK;

	if (!search->number.is_shared)
		return search_process(owners, search->number.pid, group, search);
	uses = scan_find(owners->scan, &search->number.object, &count);
	for (size_t i = 0; rc == IPCK_OK && i < count; i++) {
		const pid_t pid = owners->scan->processes[uses[i].process].id.pid;

		if (uses[i].fd >= 0 || pid == last) /* by pid, areas first */
			continue;
		last = pid;
		rc = search_process(owners, pid, group, search);
	}
	return rc;
}

static bool same(const struct lock_number *a, const struct lock_number *b)
{
	return a->number == b->number && a->is_shared == b->is_shared && a->pid == b->pid &&
	       a->depth == b->depth && a->ns == b->ns &&
	       identity_compare(&a->object, &b->object) == 0;
}

static uint32_t hash_of(const struct lock_number *number)
{
	const uint64_t mixed = (uint64_t)(uint32_t)number->number * 31 +
			       (uint64_t)(uint32_t)number->pid * 8191 + number->object.number * 127;

	return (uint32_t)(mixed ^ mixed >> 32);
}

bool lock_owners_within(struct lock_owners *owners, pid_t pid, struct lock_number *number)
{
	const struct lock_process *process = process_of(owners, pid);

	if (process == NULL)
		return false;
	number->depth = process->depth;
	number->ns = process->ns;
	return true;
}

int lock_owners_find(struct lock_owners *owners, const struct lock_number *number,
		     struct lock_matches *matches)
{
	struct table_slot *slot = table_slot(&owners->searches, hash_of(number));
	struct lock_search *search;
	int rc;

	if (slot == NULL)
		return no_memory(owners);
	for (search = slot->value; search != NULL && !same(&search->number, number);
	     search = search->next)
		;
	if (search == NULL) {
		search = pool_alloc(owners->pool, sizeof(*search));
		if (search == NULL)
			return no_memory(owners);
		*search = (struct lock_search){ .next = slot->value, .number = *number };
		slot->value = search;
		rc = search_all(owners, search);
		if (rc != IPCK_OK)
			return rc;
	}
	*matches = search->matches;
	return IPCK_OK;
}

/* ---- Nobody ---- */

/* Is the segment attached as often as we have seen it, so that nobody has it out of our sight? */
static bool all_attachments_seen(struct lock_owners *owners, const struct identity *segment)
{
	struct ipck_object object;
	uint64_t seen = 0;
	const struct use *uses;
	size_t count;

	if (segment->kind != IPCK_SHM || segment->ns != namespace_own_ipc() ||
	    sysv_read(owners->ctx, IPCK_SHM, (int32_t)segment->number, &object) != IPCK_OK)
		return false;
	uses = scan_find(owners->scan, segment, &count);
	for (size_t i = 0; i < count; i++)
		seen += uses[i].fd < 0;
	return seen == object.shm.nattch;
}

int lock_owners_doubt(struct lock_owners *owners, const struct lock_number *number,
		      const struct lock_matches *matches)
{
	const struct ipck_coverage *coverage = &owners->scan->coverage;

	if (matches->why != 0)
		return matches->why == EAGAIN ? IPCK_ERR_CHANGED : ipck_reason(matches->why);
	if (!number->is_shared || all_attachments_seen(owners, &number->object))
		return 0;
	if (coverage->denied > 0 || coverage->hidden)
		return IPCK_ERR_DENIED;
	return coverage->inner ? IPCK_ERR_OUTSIDE : 0;
}

bool lock_number_lives(pid_t number)
{
	const int dir = lock_open_process(number);
	struct thread_ids ids = { .depth = 0 };
	const bool lives = dir >= 0 && thread_ids_read(dir, "", &ids) == 0 && ids.depth == 1 &&
			   !lock_thread_has_ended(dir, number);

	if (dir >= 0)
		close(dir);
	return lives;
}

void lock_owners_free(struct lock_owners *owners)
{
	for (size_t i = 0; i < owners->processes.size; i++) {
		struct lock_process *process = owners->processes.slots[i].value;

		if (process != NULL)
			free(process->names.rows);
		free(process);
	}
	table_free(&owners->processes);
	table_free(&owners->searches);
}
