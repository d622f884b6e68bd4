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
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* ---- What is asked for ---- */

bool scanner_is_memory(const struct scanner *scanner, uint32_t major, uint32_t minor)
{
	for (size_t i = 0; i < 2; i++)
		if (scanner->memory[i].minor != 0 && scanner->memory[i].minor == minor &&
		    scanner->memory[i].major == major)
			return true;
	return false;
}

bool scanner_is_posix(const struct scanner *scanner, uint32_t major, uint32_t minor)
{
	for (size_t i = 0; i < scanner->query->device_count; i++)
		if (scanner->query->devices[i].major == major &&
		    scanner->query->devices[i].minor == minor)
			return true;
	return false;
}

static int by_identity(const void *a, const void *b)
{
	return identity_compare(a, b);
}

bool scanner_wants(const struct scanner *scanner, const struct identity *object)
{
	const struct scan_query *query = scanner->query;

	return query->wanted == NULL || bsearch(object, query->wanted, query->wanted_count,
						sizeof(*query->wanted), by_identity) != NULL;
}

/* Segments and memory files lie on devices that the kernel shows nowhere: ours are on them too. */
static void find_memory(struct scanner *scanner)
{
	const unsigned flags[2] = { MFD_CLOEXEC, MFD_CLOEXEC | MFD_HUGETLB };

	for (size_t i = 0; i < 2; i++) {
		const int fd = memfd_create("", flags[i]);
		struct stat status;

		if (fd < 0)
			continue;
		if (fstat(fd, &status) == 0) {
			scanner->memory[i].major = major(status.st_dev);
			scanner->memory[i].minor = minor(status.st_dev);
		}
		close(fd);
	}
}

/* ---- Keeping ---- */

/* The effective user: /proc/PID itself may belong to root for a process that may not be dumped. */
static uid_t effective_user(const struct scanner *scanner)
{
	char text[2048];
	const char *p;
	uint64_t real, effective;
	struct stat status;

	if (file_read(scanner->dir, "status", text, sizeof(text)) > 0 &&
	    (p = strstr(text, "\nUid:\t")) != NULL && parse_literal(&p, "\nUid:\t") &&
	    parse_upto(&p, 10, UINT32_MAX, &real) && parse_literal(&p, "\t") &&
	    parse_upto(&p, 10, UINT32_MAX, &effective))
		return (uid_t)effective;
	return fstatat(scanner->dir, "", &status, AT_EMPTY_PATH) == 0 ? status.st_uid : 0;
}

/* 0, IPCK_ERR_MEMORY, or IPCK_ERR_NOT_FOUND when the process ended meanwhile. */
static int add_process(struct scanner *scanner)
{
	struct scan *scan = scanner->scan;
	struct scanned_process process = { .id.pid = scanner->pid };
	char text[1024];
	const char *command;

	if (file_read(scanner->dir, "stat", text, sizeof(text)) <= 0 ||
	    !process_parse_stat(text, &command, &process.id.start_time))
		return IPCK_ERR_NOT_FOUND;
	process.command = pool_string(&scan->pool, command);
	process.uid = effective_user(scanner);
	if (scan->process_count == scan->process_size) {
		size_t size = scan->process_size > 0 ? scan->process_size * 2 : 64;
		struct scanned_process *processes =
			realloc(scan->processes, size * sizeof(*processes));

		if (processes == NULL)
			return IPCK_ERR_MEMORY;
		scan->processes = processes;
		scan->process_size = size;
	}
	if (process.command == NULL)
		return IPCK_ERR_MEMORY;
	scanner->index = (int64_t)scan->process_count;
	scan->processes[scan->process_count++] = process;
	return IPCK_OK;
}

static int add_name(struct scanner *scanner, struct use *use, const char *name)
{
	/* areas and descriptors on one file follow one another */
	if (name != NULL && (scanner->name == NULL || strcmp(scanner->name, name) != 0))
		scanner->name = pool_string(&scanner->scan->pool, name);
	use->name = name != NULL ? scanner->name : NULL;
	return name != NULL && use->name == NULL ? IPCK_ERR_MEMORY : IPCK_OK;
}

int scanner_add(struct scanner *scanner, struct use *use, const char *name)
{
	struct scan *scan = scanner->scan;
	int rc = scanner->index < 0 ? add_process(scanner) : IPCK_OK;

	if (rc == IPCK_ERR_NOT_FOUND)
		return IPCK_OK;
	if (rc == IPCK_OK)
		rc = add_name(scanner, use, name);
	if (rc != IPCK_OK)
		return rc;
	if (use->object.kind == IPCK_SHM)
		scan->processes[scanner->index].ipc_ns = use->object.ns;
	if (scan->use_count == scan->use_size) {
		size_t size = scan->use_size > 0 ? scan->use_size * 2 : 256;
		struct use *uses = realloc(scan->uses, size * sizeof(*uses));

		if (uses == NULL)
			return IPCK_ERR_MEMORY;
		scan->uses = uses;
		scan->use_size = size;
	}
	use->process = (uint32_t)scanner->index;
	scan->uses[scan->use_count++] = *use;
	return IPCK_OK;
}

/* ---- One process ---- */

/* The threads of the process in hand, when there are several: their numbers, to be freed. */
static pid_t *threads_of(const struct scanner *scanner, size_t *count)
{
	struct stat status;
	struct dirent *entry;
	pid_t *threads;
	DIR *stream;
	int fd;

	*count = 0;
	/* "task" has a link from each thread's folder, and two of its own */
	if (fstatat(scanner->dir, "task", &status, 0) != 0 || status.st_nlink <= 3)
		return NULL;
	fd = openat(scanner->dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	stream = fd >= 0 ? fdopendir(fd) : NULL;
	if (stream == NULL) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	/* threads that start meanwhile share the table of the one that starts them, as a rule */
	threads = calloc((size_t)status.st_nlink + 64, sizeof(*threads));
	while (threads != NULL && *count < (size_t)status.st_nlink + 64 &&
	       (entry = readdir(stream)) != NULL) {
		const char *p = entry->d_name;
		uint64_t tid;

		if (parse_upto(&p, 10, INT32_MAX, &tid) && *p == '\0' &&
		    tid != (uint64_t)scanner->pid)
			threads[(*count)++] = (pid_t)tid;
	}
	closedir(stream);
	return threads;
}

/* That of the first thread, or of any other when the first one has ended. */
static uint64_t find_ipc(const struct scanner *scanner)
{
	struct stat status;
	uint64_t ns = 0;
	pid_t *threads;
	size_t count;

	if (fstatat(scanner->dir, "ns/ipc", &status, 0) == 0)
		return status.st_ino;
	threads = threads_of(scanner, &count);
	for (size_t i = 0; ns == 0 && i < count; i++) {
		char path[48];

		snprintf(path, sizeof(path), "task/%d/ns/ipc", (int)threads[i]);
		if (fstatat(scanner->dir, path, &status, 0) == 0)
			ns = status.st_ino;
	}
	free(threads);
	return ns;
}

uint64_t scanner_ipc(const struct scanner *scanner)
{
	struct scan *scan = scanner->scan;
	uint64_t ns;

	if (scanner->index >= 0 && scan->processes[scanner->index].ipc_ns != 0)
		return scan->processes[scanner->index].ipc_ns;
	ns = find_ipc(scanner);
	if (scanner->index >= 0)
		scan->processes[scanner->index].ipc_ns = ns;
	return ns;
}

/*
 * The first thread may have ended, or have nothing open: memory and descriptors are then those of
 * any other.  *common is the thread that was looked at last.
 */
static int look_through_threads(struct scanner *scanner, const char *what,
				int (*look)(struct scanner *, const char *, enum scan_seen *),
				enum scan_seen *seen, pid_t *common)
{
	size_t count;
	pid_t *threads = threads_of(scanner, &count);
	int rc = IPCK_OK;

	for (size_t i = 0; rc == IPCK_OK && *seen == SCAN_EMPTY && i < count; i++) {
		char path[48];

		snprintf(path, sizeof(path), "task/%d/%s", (int)threads[i], what);
		*common = threads[i];
		/* descriptors are found again below the folder of their thread alone */
		scanner->tid = look == scan_descriptors ? threads[i] : 0;
		rc = look(scanner, path, seen);
		if (*seen == SCAN_VANISHED)
			*seen = SCAN_EMPTY;
	}
	scanner->tid = 0;
	free(threads);
	return rc;
}

/* Threads that left the common table of descriptors, that of the thread given. */
static int look_at_separate_tables(struct scanner *scanner, pid_t common)
{
	size_t count;
	pid_t *threads = threads_of(scanner, &count);
	int rc = IPCK_OK;

	for (size_t i = 0; rc == IPCK_OK && i < count; i++) {
		enum scan_seen seen;
		char path[48];

		if (threads[i] == common ||
		    syscall(SYS_kcmp, common, threads[i], KCMP_FILES, 0, 0) <= 0)
			continue;
		scanner->tid = threads[i];
		snprintf(path, sizeof(path), "task/%d/fd", (int)threads[i]);
		rc = scan_descriptors(scanner, path, &seen);
	}
	scanner->tid = 0;
	free(threads);
	return rc;
}

static int look_at_process(struct scanner *scanner, enum scan_seen *seen)
{
	enum scan_seen opened = SCAN_SEEN;
	pid_t common = scanner->pid;
	int rc = IPCK_OK;

	*seen = SCAN_SEEN;
	if ((scanner->kinds & SCAN_MAPPED) != 0) {
		rc = scan_areas(scanner, "maps", seen);
		if (rc == IPCK_OK && *seen == SCAN_EMPTY)
			rc = look_through_threads(scanner, "maps", scan_areas, seen, &common);
	}
	if (rc != IPCK_OK || (scanner->kinds & SCAN_OPENED) == 0 || *seen == SCAN_VANISHED)
		return rc;
	common = scanner->pid;
	rc = scan_descriptors(scanner, "fd", &opened);
	if (rc == IPCK_OK && opened == SCAN_EMPTY)
		rc = look_through_threads(scanner, "fd", scan_descriptors, &opened, &common);
	if (rc == IPCK_OK && opened == SCAN_SEEN)
		rc = look_at_separate_tables(scanner, common);
	if (opened == SCAN_DENIED || opened == SCAN_VANISHED)
		*seen = opened;
	return rc;
}

static bool done(const struct scanner *scanner)
{
	return scanner->query->attachments != 0 && scanner->found >= scanner->query->attachments;
}

static int visit(struct scanner *scanner, pid_t pid)
{
	static char visited;
	struct ipck_coverage *coverage = &scanner->scan->coverage;
	struct table_slot *slot = table_slot(&scanner->visited, (uint32_t)pid);
	enum scan_seen seen;
	char path[32];
	int rc;

	if (slot == NULL)
		return IPCK_ERR_MEMORY;
	if (slot->value != NULL || done(scanner))
		return IPCK_OK;
	slot->value = &visited;
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	scanner->pid = pid;
	scanner->index = -1;
	scanner->dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (scanner->dir < 0) {
		coverage->vanished++;
		return IPCK_OK;
	}
	rc = look_at_process(scanner, &seen);
	close(scanner->dir);
	if (seen == SCAN_DENIED)
		coverage->denied++;
	else if (seen == SCAN_VANISHED)
		coverage->vanished++;
	else
		coverage->processes++;
	return rc;
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

/* What the first thread of a process forked and still runs. */
static int visit_children(struct scanner *scanner, pid_t pid)
{
	char path[64], text[16384];
	const char *p = text;
	uint64_t child;
	int rc = IPCK_OK;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	if (file_read(AT_FDCWD, path, text, sizeof(text)) <= 0)
		return IPCK_OK;
	while (rc == IPCK_OK && !done(scanner) && parse_upto(&p, 10, INT32_MAX, &child)) {
		rc = visit(scanner, (pid_t)child);
		p += *p == ' ';
	}
	return rc;
}

/* Creators and last operators, then what they forked, then who forked them and with whom. */
static int visit_likeliest(struct scanner *scanner)
{
	const struct scan_query *query = scanner->query;
	int rc = IPCK_OK;

	for (size_t i = 0; rc == IPCK_OK && i < query->first_count; i++)
		if (query->first[i] > 0)
			rc = visit(scanner, query->first[i]);
	for (size_t i = 0; rc == IPCK_OK && !done(scanner) && i < query->first_count; i++)
		rc = visit_children(scanner, query->first[i]);
	for (size_t i = 0; rc == IPCK_OK && !done(scanner) && i < query->first_count; i++) {
		const pid_t parent = parent_of(query->first[i]);

		if (parent <= 1)
			continue;
		rc = visit(scanner, parent);
		if (rc == IPCK_OK)
			rc = visit_children(scanner, parent);
	}
	return rc;
}

static int visit_all(struct scanner *scanner)
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
		find_memory(&scanner);
	if (query->only != 0)
		rc = visit(&scanner, query->only);
	else
		rc = visit_likeliest(&scanner);
	if (rc == IPCK_OK && query->only == 0 && !done(&scanner))
		rc = visit_all(&scanner);
	scan->coverage.early = done(&scanner);
	if (rc == IPCK_OK)
		rc = scan_shared(&scanner);
	if (rc == IPCK_OK && scan->use_count > 0)
		qsort_r(scan->uses, scan->use_count, sizeof(*scan->uses), by_use, scan);
	table_free(&scanner.queues);
	table_free(&scanner.visited);
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
