/* SPDX-License-Identifier: MIT */
/*
 * Who lives where: the inodes behind /proc/PID/ns of all processes, grouped.  Links are looked at,
 * never opened, so no namespace is kept alive by the looking.
 */
#include "base/lines.h"
#include "source/namespace.h"
#include "source/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel gives its first IPC namespace this inode: PROC_IPC_INIT_INO. */
#define INITIAL_IPC_NAMESPACE UINT64_C(0xefffffff)

/* One process; of a namespace_seen only the identity. */
static int look_at_links(int dir, struct namespace_seen *row)
{
	static const char *const links[] = { "ns/ipc", "ns/mnt", "ns/net" };
	uint64_t *const inodes[] = { &row->ipc, &row->mount, &row->net };
	struct stat status;
	char byte;

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (fstatat(dir, links[i], &status, 0) != 0)
			return -errno;
		*inodes[i] = status.st_ino;
	}
	/* Kernel threads stand in the first namespaces, but live in none: they have no program. */
	if (row->ipc == INITIAL_IPC_NAMESPACE && readlinkat(dir, "exe", &byte, 1) < 0)
		return -errno;
	return 0;
}

static int open_process(int proc, const char *name)
{
	return openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool grow(struct namespaces_seen *seen)
{
	const size_t size = seen->size > 0 ? seen->size * 2 : 256;
	struct namespace_seen *rows;

	if (seen->count < seen->size)
		return true;
	rows = reallocarray(seen->rows, size, sizeof(*rows));
	if (rows == NULL)
		return false;
	seen->rows = rows;
	seen->size = size;
	return true;
}

/* One entry of /proc; false: no memory. */
static bool add_process(struct namespaces_seen *seen, int proc, const char *name)
{
	struct namespace_seen *row;
	uint64_t pid;
	int dir, rc;

	if (ipck_parse_number(name, INT32_MAX, &pid) != 0)
		return true;
	if (!grow(seen))
		return false;
	row = &seen->rows[seen->count];
	*row = (struct namespace_seen){ .pid = (pid_t)pid, .processes = 1 };
	dir = open_process(proc, name);
	if (dir < 0) {
		rc = -errno;
		seen->vanished += rc == -ENOENT || rc == -ESRCH;
	} else {
		rc = look_at_links(dir, row);
		close(dir);
	}
	if (rc == 0)
		seen->count++;
	else if (rc != -ENOENT && rc != -ESRCH) /* these: zombies and kernel threads */
		seen->denied++;
	return true;
}

static int by_inode(uint64_t a, uint64_t b, uint64_t own)
{
	if ((a == own) != (b == own))
		return a == own ? -1 : 1;
	return (a > b) - (a < b);
}

static int by_spaces(const struct namespace_seen *a, const struct namespace_seen *b,
		     const struct namespace_seen *own)
{
	int order = by_inode(a->ipc, b->ipc, own->ipc);

	if (order == 0)
		order = by_inode(a->mount, b->mount, own->mount);
	return order != 0 ? order : by_inode(a->net, b->net, own->net);
}

static int by_spaces_and_pid(const void *a, const void *b, void *own)
{
	const struct namespace_seen *left = a, *right = b;
	int order = by_spaces(left, right, own);

	return order != 0 ? order : (left->pid > right->pid) - (left->pid < right->pid);
}

/* Its start time, if the number is still a process of these namespaces. */
static bool confirm(int proc, struct namespace_seen *row)
{
	struct namespace_seen now = { 0 };
	char name[16], text[1024];
	const char *command;
	bool same = false;
	int dir;

	snprintf(name, sizeof(name), "%d", (int)row->pid);
	dir = open_process(proc, name);
	if (dir < 0)
		return false;
	if (look_at_links(dir, &now) == 0 && by_spaces(&now, row, row) == 0 &&
	    file_read(dir, "stat", text, sizeof(text)) > 0)
		same = process_parse_stat(text, &command, &row->start_time);
	close(dir);
	return same;
}

/*
 * Make one row of each combination, with the first of its processes that is still there.  A
 * combination whose processes have all ended meanwhile is gone.
 */
static void group(struct namespaces_seen *seen, int proc, const struct namespace_seen *own)
{
	const size_t all = seen->count;
	size_t end;

	seen->count = 0;
	for (size_t begin = 0; begin < all; begin = end) {
		struct namespace_seen *row = &seen->rows[begin];
		size_t first = begin;

		for (end = begin + 1; end < all; end++)
			if (by_spaces(row, &seen->rows[end], own) != 0)
				break;
		while (first < end && !confirm(proc, &seen->rows[first]))
			first++;
		seen->vanished += first - begin;
		if (first == end)
			continue;
		seen->rows[first].processes = end - first;
		seen->processes += end - first;
		seen->rows[seen->count++] = seen->rows[first];
	}
}

int namespaces_find(struct ipck *ctx, struct namespaces_seen *seen)
{
	DIR *proc = opendir("/proc");
	struct namespace_seen own = { 0 };
	struct dirent *entry;
	int self;

	*seen = (struct namespaces_seen){ 0 };
	self = proc != NULL ? open_process(dirfd(proc), "thread-self") : -1;
	if (self < 0) {
		if (proc != NULL)
			closedir(proc);
		return ipck_fail(ctx, IPCK_ERR_UNSUPPORTED, "namespaces: no /proc");
	}
	look_at_links(self, &own);
	close(self);
	while ((entry = readdir(proc)) != NULL)
		if (!add_process(seen, dirfd(proc), entry->d_name)) {
			closedir(proc);
			namespaces_free(seen);
			return ipck_fail(ctx, IPCK_ERR_MEMORY, "namespaces: out of memory");
		}
	if (seen->count > 0)
		qsort_r(seen->rows, seen->count, sizeof(*seen->rows), by_spaces_and_pid, &own);
	group(seen, dirfd(proc), &own);
	closedir(proc);
	return IPCK_OK;
}

void namespaces_free(struct namespaces_seen *seen)
{
	free(seen->rows);
	*seen = (struct namespaces_seen){ 0 };
}

/* Does the process that was found last still live there? */
static bool still_member(const struct ipck *ctx, uint64_t ns)
{
	struct namespace_seen row = { 0 };
	char path[32];
	bool member;
	int dir;

	if (ctx->member_of != ns || ctx->member <= 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d", ctx->member);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return false;
	member = look_at_links(dir, &row) == 0 && (row.ipc == ns || row.mount == ns);
	close(dir);
	return member;
}

int namespace_member(struct ipck *ctx, uint64_t ns, pid_t *pid)
{
	struct namespaces_seen seen;
	int rc;

	*pid = 0;
	if (ns == namespace_own_ipc() || ns == namespace_own_mount())
		return IPCK_OK;
	if (!still_member(ctx, ns)) {
		ctx->member = 0;
		rc = namespaces_find(ctx, &seen);
		if (rc != IPCK_OK)
			return rc;
		for (size_t i = 0; i < seen.count && ctx->member == 0; i++)
			if (seen.rows[i].ipc == ns || seen.rows[i].mount == ns)
				ctx->member = (int)seen.rows[i].pid;
		ctx->member_of = ns;
		namespaces_free(&seen);
	}
	if (ctx->member == 0)
		return ipck_fail(ctx, IPCK_ERR_OUTSIDE,
				 "namespace %llu: no process that we can see lives in it",
				 (unsigned long long)ns);
	*pid = (pid_t)ctx->member;
	return IPCK_OK;
}
