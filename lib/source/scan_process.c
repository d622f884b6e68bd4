/* SPDX-License-Identifier: MIT */
/*
 * One process of a scan: its memory and its tables of descriptors, also where the first thread has
 * ended or another one has a table of its own; and the keeping of what was found there.
 */
#include "base/lines.h"
#include "base/parse.h"
#include "source/process.h"
#include "source/scanner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- Keeping ---- */

int scanner_dir(struct scanner *scanner)
{
	if (scanner->dir < 0)
		scanner->dir = openat(scanner->opened, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return scanner->dir;
}

/* The effective user: /proc/PID itself may belong to root for a process that may not be dumped. */
static uid_t effective_user(const struct scanner *scanner)
{
	char text[2048];
	const char *p;
	uint64_t real, effective;
	struct stat status;

	if (file_read_once(scanner->dir, "status", text, sizeof(text)) > 0 &&
	    (p = strstr(text, "\nUid:\t")) != NULL && parse_literal(&p, "\nUid:\t") &&
	    parse_upto(&p, 10, UINT32_MAX, &real) && parse_literal(&p, "\t") &&
	    parse_upto(&p, 10, UINT32_MAX, &effective))
		return (uid_t)effective;
	return fstatat(scanner->dir, "", &status, AT_EMPTY_PATH) == 0 ? status.st_uid : (uid_t)-1;
}

/* 0, IPCK_ERR_MEMORY, or IPCK_ERR_NOT_FOUND when the process ended meanwhile. */
static int add_process(struct scanner *scanner)
{
	struct scan *scan = scanner->scan;
	struct scanned_process process = { .id.pid = scanner->pid };
	char text[1024];
	const char *command;

	if (file_read_once(scanner_dir(scanner), "stat", text, sizeof(text)) <= 0 ||
	    !process_parse_stat(text, &command, &process.id.start_time))
		return IPCK_ERR_NOT_FOUND;
	process.command = pool_string(&scan->pool, command);
	if (!scanner->query->without_users)
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
	if (name == NULL || name[0] == '\0')
		return IPCK_OK;
	/* areas and descriptors on one file follow one another */
	if (scanner->name == NULL || strcmp(scanner->name, name) != 0)
		scanner->name = pool_string(&scanner->scan->pool, name);
	use->name = scanner->name;
	return use->name == NULL ? IPCK_ERR_MEMORY : IPCK_OK;
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
	if (use->object.kind == IPCK_SHM) {
		scan->processes[scanner->index].ipc_ns = use->object.ns;
		scanner->areas++;
	}
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

/* ---- Threads ---- */

enum scan_seen scan_failed(int error)
{
	return error == ENOENT || error == ESRCH ? SCAN_VANISHED : SCAN_DENIED;
}

int scan_stream_failed(int fd, int error, enum scan_seen *seen)
{
	close(fd);
	*seen = scan_failed(error);
	return error == ENOMEM ? IPCK_ERR_MEMORY : IPCK_OK;
}

static int list_threads(const struct scanner *scanner, DIR *stream, size_t size, pid_t **threads,
			size_t *count)
{
	struct dirent *entry;

	*threads = calloc(size, sizeof(**threads));
	if (*threads == NULL)
		return IPCK_ERR_MEMORY;
	(*threads)[(*count)++] = scanner->pid;
	while (*count < size && (entry = readdir(stream)) != NULL) {
		const char *p = entry->d_name;
		uint64_t tid;

		if (parse_upto(&p, 10, INT32_MAX, &tid) && *p == '\0' &&
		    tid != (uint64_t)scanner->pid)
			(*threads)[(*count)++] = (pid_t)tid;
	}
	return IPCK_OK;
}

/*
 * The threads of the process in hand, the first one leading: to be freed.  None when it is the only
 * one.  Those that start meanwhile have the table of the one that starts them, as a rule.
 */
static int threads_of(const struct scanner *scanner, pid_t **threads, size_t *count,
		      enum scan_seen *seen)
{
	struct stat status;
	DIR *stream;
	int fd, rc;

	*threads = NULL;
	*count = 0;
	/* "task" has a link from each thread's folder, and two of its own */
	if (fstatat(scanner->dir, "task", &status, 0) != 0 || status.st_nlink <= 3)
		return IPCK_OK;
	fd = openat(scanner->dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		*seen = scan_failed(errno);
		return IPCK_OK;
	}
	stream = fdopendir(fd);
	if (stream == NULL)
		return scan_stream_failed(fd, errno, seen);
	rc = list_threads(scanner, stream, (size_t)status.st_nlink + 64, threads, count);
	closedir(stream);
	return rc;
}

/* The first thread has ended, or this is a thread of the kernel: memory is that of any other. */
static int look_at_memory_of_threads(struct scanner *scanner, enum scan_seen *seen)
{
	pid_t *threads;
	size_t count;
	int rc = threads_of(scanner, &threads, &count, seen);

	for (size_t i = 1; rc == IPCK_OK && *seen == SCAN_EMPTY && i < count; i++) {
		char path[48];

		snprintf(path, sizeof(path), "task/%d/maps", (int)threads[i]);
		scanner->alive = threads[i];
		rc = scan_areas(scanner, path, seen);
		if (*seen == SCAN_VANISHED)
			*seen = SCAN_EMPTY;
	}
	free(threads);
	return rc;
}

/*
 * Is the table of this thread one of those that were looked at?  Where the kernel does not compare
 * them it is taken for the first one's, unless that one ended and left none; but then nobody can
 * say that all was seen.
 */
static bool is_known_table(const pid_t *known, size_t count, pid_t tid, bool first_is_empty,
			   enum scan_seen *seen)
{
	bool compared = true;

	for (size_t i = 0; i < count; i++) {
		const long order = syscall(SYS_kcmp, known[i], tid, KCMP_FILES, 0, 0);

		if (order == 0)
			return true;
		compared &= order > 0;
		if (order < 0 && errno != ESRCH)
			*seen = SCAN_DENIED;
	}
	return !compared && !(first_is_empty && count == 1);
}

/* Threads that left the common table of descriptors, or outlived the first one. */
static int look_at_other_tables(struct scanner *scanner, bool first_is_empty, enum scan_seen *seen)
{
	pid_t *threads;
	size_t count, known = 1;
	int rc = threads_of(scanner, &threads, &count, seen);

	for (size_t i = 1; rc == IPCK_OK && i < count; i++) {
		enum scan_seen its = SCAN_SEEN;
		char path[48];

		if (is_known_table(threads, known, threads[i], first_is_empty, seen))
			continue;
		scanner->tid = threads[i];
		snprintf(path, sizeof(path), "task/%d/fd", (int)threads[i]);
		rc = scan_descriptors(scanner, path, &its);
		if (its == SCAN_DENIED)
			*seen = its;
		if (its != SCAN_VANISHED)
			threads[known++] = threads[i];
	}
	scanner->tid = 0;
	free(threads);
	return rc;
}

int scan_process(struct scanner *scanner, enum scan_seen *seen)
{
	enum scan_seen opened = SCAN_SEEN;
	int rc = IPCK_OK;

	*seen = SCAN_SEEN;
	scanner->alive = 0;
	if ((scanner->kinds & SCAN_MAPPED) != 0) {
		rc = scan_areas(scanner, "maps", seen);
		if (rc == IPCK_OK && *seen == SCAN_EMPTY)
			rc = look_at_memory_of_threads(scanner, seen);
	}
	if (rc != IPCK_OK || *seen == SCAN_VANISHED ||
	    ((scanner->kinds & SCAN_OPENED) == 0 && !scanner->query->files))
		return rc;
	rc = scan_descriptors(scanner, "fd", &opened);
	if (rc == IPCK_OK && !scanner->single && (opened == SCAN_SEEN || opened == SCAN_EMPTY))
		rc = look_at_other_tables(scanner, opened == SCAN_EMPTY, &opened);
	if (opened == SCAN_DENIED || (opened == SCAN_VANISHED && *seen != SCAN_DENIED))
		*seen = opened;
	return rc;
}
