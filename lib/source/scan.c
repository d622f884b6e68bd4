/* SPDX-License-Identifier: MIT */
/*
 * The scan: every process once, the likeliest holders first, until all are seen or all that was
 * wanted is found.
 */
#include "source/scan.h"
#include "base/lines.h"
#include "base/parse.h"
#include "source/namespace.h"
#include "source/process.h"
#include "source/scanner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char marked; /* the value of a table's slot: its number was there before */

static bool done(const struct scanner *scanner)
{
	return scanner->query->attachments != 0 && scanner->found >= scanner->query->attachments;
}

/* ---- One process ---- */

/*
 * Processes can share one memory (vfork, CLONE_VM): the kernel counts its attachments once, and
 * so must we, or the scan would end before the last holder.
 */
static int count_areas(struct scanner *scanner)
{
	size_t low = 0, high = scanner->memories.count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const long order = syscall(SYS_kcmp, scanner->pid, scanner->memories.pids[middle],
					   KCMP_VM, 0, 0);

		/* 0: counted already.  Below: not to be compared, one of them may have ended; to
		 * count less makes the scan longer, to count twice would end it too early. */
		if (order <= 0)
			return IPCK_OK;
		if (order == 1)
			high = middle;
		else
			low = middle + 1;
	}
	if (scanner->memories.count == scanner->memories.size) {
		const size_t size = scanner->memories.size > 0 ? scanner->memories.size * 2 : 64;
		pid_t *pids = realloc(scanner->memories.pids, size * sizeof(*pids));

		if (pids == NULL)
			return IPCK_ERR_MEMORY;
		scanner->memories.pids = pids;
		scanner->memories.size = size;
	}
	memmove(scanner->memories.pids + low + 1, scanner->memories.pids + low,
		(scanner->memories.count - low) * sizeof(*scanner->memories.pids));
	scanner->memories.pids[low] = scanner->pid;
	scanner->memories.count++;
	scanner->found += scanner->areas;
	return IPCK_OK;
}

static int look_at(struct scanner *scanner, pid_t pid, enum scan_seen *seen)
{
	char path[32];
	int rc;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	scanner->pid = pid;
	scanner->index = -1;
	scanner->areas = 0;
	scanner->ipc_known = false;
	scanner->single = (scanner->kinds & SCAN_MAPPED) == 0 &&
			  scanner->query->one_thread != NULL &&
			  scanner->query->one_thread(pid, scanner->query->data);
	scanner->dir = scanner->single ? -1 : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (scanner->dir < 0 && !scanner->single) {
		*seen = scan_failed(errno);
		return IPCK_OK;
	}
	rc = scan_process(scanner, seen);
	if (rc == IPCK_OK && scanner->areas > 0 && scanner->query->attachments != 0)
		rc = count_areas(scanner);
	if (scanner->dir >= 0)
		close(scanner->dir);
	return rc;
}

static int visit(struct scanner *scanner, pid_t pid)
{
	struct ipck_coverage *coverage = &scanner->scan->coverage;
	struct table_slot *slot = table_slot(&scanner->visited, (uint32_t)pid);
	enum scan_seen seen;
	int rc;

	if (slot == NULL)
		return IPCK_ERR_MEMORY;
	if (slot->value != NULL || done(scanner))
		return IPCK_OK;
	slot->value = &marked;
	rc = look_at(scanner, pid, &seen);
	if (rc != IPCK_OK)
		return rc;
	if (seen == SCAN_DENIED)
		coverage->denied++;
	else if (seen == SCAN_VANISHED)
		coverage->vanished++;
	else
		coverage->processes++; /* the kernel's threads and zombies too: they hold nothing */
	return IPCK_OK;
}

/* ---- All processes, or the likeliest first ---- */

static pid_t parent_of(pid_t pid)
{
	char path[32], text[1024];
	const char *p;
	uint64_t parent;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (file_read(AT_FDCWD, path, text, sizeof(text)) <= 0 ||
	    (p = strrchr(text, ')')) == NULL || strlen(p) < 5 ||
	    (p += 4, !parse_upto(&p, 10, INT32_MAX, &parent)))
		return 0;
	return (pid_t)parent;
}

/* What the first thread of a process forked and still runs; each process is asked once. */
static int visit_children(struct scanner *scanner, pid_t pid)
{
	struct table_slot *slot = table_slot(&scanner->asked, (uint32_t)pid);
	char path[64], text[16384];
	const char *p = text;
	uint64_t child;
	int rc = IPCK_OK;

	if (slot == NULL)
		return IPCK_ERR_MEMORY;
	if (slot->value != NULL)
		return IPCK_OK;
	slot->value = &marked;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	if (file_read(AT_FDCWD, path, text, sizeof(text)) <= 0)
		return IPCK_OK;
	while (rc == IPCK_OK && !done(scanner) && parse_upto(&p, 10, INT32_MAX, &child) &&
	       *p == ' ') {
		rc = visit(scanner, (pid_t)child);
		p++;
	}
	return rc;
}

/* Who forked it, and that one's parent, with all that they forked; but not what init adopted. */
static int visit_family(struct scanner *scanner, pid_t pid)
{
	int rc = IPCK_OK;

	for (int level = 0; rc == IPCK_OK && !done(scanner) && level < 2; level++) {
		pid = parent_of(pid);
		if (pid <= 1)
			break;
		rc = visit(scanner, pid);
		if (rc == IPCK_OK && !done(scanner))
			rc = visit_children(scanner, pid);
	}
	return rc;
}

/* Creators and last operators, then what they forked, then who forked them and with whom. */
static int visit_likeliest(struct scanner *scanner)
{
	enum { FEW = 64 }; /* with more of them, everybody is some relative */
	const struct scan_query *query = scanner->query;
	const size_t asked = query->first_count < FEW ? query->first_count : FEW;
	int rc = IPCK_OK;

	for (size_t i = 0; rc == IPCK_OK && !done(scanner) && i < query->first_count; i++)
		if (query->first[i] > 0)
			rc = visit(scanner, query->first[i]);
	if (query->attachments == 0)
		return rc;
	for (size_t i = 0; rc == IPCK_OK && !done(scanner) && i < asked; i++)
		if (query->first[i] > 1)
			rc = visit_children(scanner, query->first[i]);
	for (size_t i = 0; rc == IPCK_OK && !done(scanner) && i < asked; i++)
		if (query->first[i] > 1)
			rc = visit_family(scanner, query->first[i]);
	return rc;
}

static int visit_listed(struct scanner *scanner)
{
	DIR *stream = opendir("/proc");
	struct dirent *entry;
	int rc = IPCK_OK;

	if (stream == NULL)
		return ipck_fail(scanner->ctx, IPCK_ERR_UNSUPPORTED, "/proc: not available");
	while (rc == IPCK_OK && !done(scanner) && (entry = readdir(stream)) != NULL) {
		const char *p = entry->d_name;
		uint64_t pid;

		if (parse_upto(&p, 10, INT32_MAX, &pid) && *p == '\0' && pid > 0)
			rc = visit(scanner, (pid_t)pid);
	}
	closedir(stream);
	return rc;
}

/*
 * Who forks and ends hands on what it holds, maybe to a number that the look at /proc has passed.
 * Where it is to be proven that nobody holds a thing, look again until nobody is new.
 */
static int visit_all(struct scanner *scanner)
{
	enum { LOOKS = 4 };
	const int looks = scanner->query->all_areas ? LOOKS : 1;
	size_t before;
	int rc = IPCK_OK;

	for (int look = 0; rc == IPCK_OK && look < looks && !done(scanner); look++) {
		before = scanner->visited.used;
		rc = visit_listed(scanner);
		if (scanner->visited.used == before)
			break;
	}
	return rc;
}

/* ---- The whole ---- */

static int by_use(const void *a, const void *b, void *data)
{
	const struct scan *scan = data;
	const struct use *x = a, *y = b;
	int order = identity_compare(&x->object, &y->object);
	pid_t left, right;

	if (order != 0)
		return order;
	left = scan->processes[x->process].id.pid;
	right = scan->processes[y->process].id.pid;
	if (left != right)
		return left < right ? -1 : 1;
	if ((x->fd < 0) != (y->fd < 0))
		return x->fd < 0 ? -1 : 1; /* areas before descriptors */
	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	if (x->fd != y->fd)
		return x->fd < y->fd ? -1 : 1;
	return x->address < y->address ? -1 : x->address > y->address;
}

int scan_run(struct ipck *ctx, const struct scan_query *query, struct scan *scan)
{
	struct scanner scanner = { .ctx = ctx, .query = query, .scan = scan };
	int rc;

	*scan = (struct scan){ 0 };
	scanner.kinds = query->kinds;
	if ((query->kinds & IPCK_POSIX_SEM) != 0)
		scanner.kinds |= IPCK_POSIX_SHM;
	if (!process_proc_is_ours())
		return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED,
				 "/proc: not available, or of another pid namespace");
	scan->coverage.hidden = processes_are_hidden();
	scan->coverage.inner = namespace_pids_are_inner();
	if ((scanner.kinds & (IPCK_SHM | IPCK_MEMFD | IPCK_MMAP)) != 0)
		memory_devices_find(&scanner.memory);
	if (query->only != 0)
		rc = visit(&scanner, query->only);
	else
		rc = visit_likeliest(&scanner);
	if (rc == IPCK_OK && query->only == 0 && !done(&scanner))
		rc = visit_all(&scanner);
	scan->coverage.early = done(&scanner);
	scan->one = query->only != 0;
	if (rc == IPCK_OK)
		rc = scan_shared(&scanner);
	if (rc == IPCK_OK && scan->use_count > 0)
		qsort_r(scan->uses, scan->use_count, sizeof(*scan->uses), by_use, scan);
	table_free(&scanner.queues);
	table_free(&scanner.visited);
	table_free(&scanner.asked);
	free(scanner.memories.pids);
	if (rc == IPCK_ERR_MEMORY)
		ipck_fail(ctx, rc, "out of memory");
	return rc;
}

void scan_free(struct scan *scan)
{
	pool_free(&scan->pool);
	free(scan->processes);
	free(scan->uses);
	*scan = (struct scan){ 0 };
}
