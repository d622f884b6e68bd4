/* SPDX-License-Identifier: MIT */
/*
 * What the descriptors of one process are on.  The link of /proc/PID/fd tells most; statx() through
 * it follows without opening, so that no pipe gets another end and no file another reader, and
 * without asking a file server that may have gone away.
 */
#include "base/entries.h"
#include "base/lines.h"
#include "base/parse.h"
#include "source/descriptors.h"
#include "source/fdinfo.h"
#include "source/scanner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MQUEUE 0x19800202

struct folder {
	struct scanner *scanner;
	const char *path; /* "fd" or "task/TID/fd" */
	int fd;
	bool denied; /* some descriptor was not to be looked at */
};

/* ---- Paths ---- */

/*
 * Each file system is asked once: does it hold message queues?  Only where the file could be one
 * (they are all of one size and have no blocks), since asking can wait for a file server.
 */
static int is_queue(struct folder *folder, const char *number, const struct stat *status,
		    bool *queue)
{
	enum { SIZE = 80 };
	static char yes, no;
	struct table_slot *slot;
	struct statfs system;
	struct stat again;
	char path[64];

	*queue = false;
	/* devices without a disk have major 0: the minor tells them apart */
	if (major(status->st_dev) != 0 || status->st_size != SIZE || status->st_blocks != 0)
		return IPCK_OK;
	slot = table_slot(&folder->scanner->queues, minor(status->st_dev));
	if (slot == NULL)
		return IPCK_ERR_MEMORY;
	if (slot->value == NULL) {
		snprintf(path, sizeof(path), "/proc/%d/%s/%s", (int)folder->scanner->pid,
			 folder->path, number);
		/* it may have been closed, or be another file by now */
		if (statfs(path, &system) != 0 || !descriptor_status(folder->fd, number, &again) ||
		    again.st_dev != status->st_dev)
			return IPCK_OK;
		slot->value = (long)system.f_type == MQUEUE ? &yes : &no;
	}
	*queue = slot->value == &yes;
	return IPCK_OK;
}

/* A descriptor on a path: a FIFO, a memory file, a POSIX object, or nothing of ours. */
static int classify_path(struct folder *folder, const char *number, const char *link,
			 struct use *use)
{
	struct scanner *scanner = folder->scanner;
	struct stat status;
	bool memory, queue = false;
	int rc = IPCK_OK;

	if (!descriptor_status(folder->fd, number, &status))
		return IPCK_OK;
	use->object.major = major(status.st_dev);
	use->object.minor = minor(status.st_dev);
	use->object.number = status.st_ino;
	use->status_known = true;
	use->uid = status.st_uid;
	use->gid = status.st_gid;
	use->mode = status.st_mode;
	use->size = (uint64_t)status.st_size;
	use->blocks = (uint64_t)status.st_blocks;
	memory = memory_devices_have(&scanner->memory, use->object.major, use->object.minor);
	use->object.kind = descriptor_of_file(link, &status, memory);
	if (use->object.kind != 0 || !S_ISREG(status.st_mode))
		return IPCK_OK;
	if (scanner_is_posix(scanner, use->object.major, use->object.minor))
		use->object.kind = IPCK_POSIX_SHM;
	else if (!memory && (scanner->kinds & IPCK_POSIX_MQ) != 0)
		rc = is_queue(folder, number, &status, &queue);
	if (queue)
		use->object.kind = IPCK_POSIX_MQ;
	return rc;
}

/* ---- fdinfo ---- */

static bool read_info(const struct folder *folder, const char *number, char *text, size_t size)
{
	const size_t base = strlen(folder->path) - strlen("fd");
	char path[64];

	snprintf(path, sizeof(path), "%.*sfdinfo/%s", (int)base, folder->path, number);
	return file_read(scanner_dir(folder->scanner), path, text, size) > 0;
}

static void add_flags(const char *text, struct use *use)
{
	static const struct {
		uint64_t open;
		uint8_t flag;
	} flags[] = {
		{ O_NONBLOCK, IPCK_FLAG_NONBLOCK },
		{ O_ASYNC, IPCK_FLAG_ASYNC },
		{ O_CLOEXEC, IPCK_FLAG_CLOEXEC },
		{ O_APPEND, IPCK_FLAG_APPEND },
	};
	const char *p = strstr(text, "flags:\t");
	uint64_t word;

	if (p == NULL || !parse_literal(&p, "flags:\t") || !parse_upto(&p, 8, UINT32_MAX, &word))
		return;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if ((word & flags[i].open) != 0)
			use->flags |= flags[i].flag;
}

static void look_into_info(const struct folder *folder, const char *number, struct use *use)
{
	char text[4096];
	uint64_t count, id;

	if (use->object.kind != IPCK_EVENTFD && !folder->scanner->query->flags)
		return;
	if (!read_info(folder, number, text, sizeof(text)))
		return;
	if (folder->scanner->query->flags)
		add_flags(text, use);
	/* Before Linux 5.2 an eventfd has no id: it keeps a number of our own, above all ids. */
	if (use->object.kind == IPCK_EVENTFD && fdinfo_parse_eventfd(text, &count, &id)) {
		use->object.number = id;
		use->size = count;
	}
}

/* The permission bits of the link are the access that the descriptor gives. */
static void look_at_access(const struct folder *folder, const char *number, struct use *use)
{
	struct stat status;

	if (fstatat(folder->fd, number, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	use->access = (uint8_t)(((status.st_mode & S_IRUSR) != 0 ? IPCK_ACCESS_READ : 0u) |
				((status.st_mode & S_IWUSR) != 0 ? IPCK_ACCESS_WRITE : 0u));
}

/* What is under way in a socket is in nobody's table: whoever reads it next will hold it. */
static bool has_in_flight(const struct folder *folder, const char *number)
{
	char text[4096];
	uint64_t count;

	return read_info(folder, number, text, sizeof(text)) &&
	       fdinfo_parse_in_flight(text, &count) && count > 0;
}

/* As what it is, or else as a file like any other. */
static bool is_wanted(const struct folder *folder, const char *number, struct use *use, bool path)
{
	const struct scanner *scanner = folder->scanner;

	if ((scanner->kinds & use->object.kind) != 0) {
		look_into_info(folder, number, use);
		if (scanner_wants(scanner, &use->object))
			return true;
	}
	use->object.kind = 0;
	return path && scanner->query->files && scanner_wants(scanner, &use->object);
}

/*
 * Where pipes and sockets alone are asked for, the type tells most others apart, at half of what
 * the text of the link costs.
 */
static bool is_of_another_type(const struct folder *folder, const char *number)
{
	const struct scanner *scanner = folder->scanner;
	const bool pipes = (scanner->kinds & (IPCK_PIPE | IPCK_FIFO)) != 0;
	const bool sockets = (scanner->kinds & IPCK_UNIX) != 0;
	struct statx status;

	if ((scanner->kinds & ~(unsigned)(IPCK_PIPE | IPCK_FIFO | IPCK_UNIX)) != 0 ||
	    scanner->query->files || scanner->query->in_flight ||
	    statx(folder->fd, number, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &status) !=
		    0)
		return false;
	return !(pipes && S_ISFIFO(status.stx_mode)) && !(sockets && S_ISSOCK(status.stx_mode));
}

static int look_at(struct folder *folder, const char *number, int32_t fd)
{
	struct scanner *scanner = folder->scanner;
	const pid_t task = scanner->tid != 0 ? scanner->tid : scanner->pid;
	struct use use = { .fd = fd, .tid = scanner->tid };
	char link[4096];
	ssize_t length;
	bool path;
	int rc = IPCK_OK;

	if (is_of_another_type(folder, number))
		return IPCK_OK;
	length = readlinkat(folder->fd, number, link, sizeof(link) - 1);
	if (length < 0 && errno != ENAMETOOLONG) { /* ENOENT: closed meanwhile */
		folder->denied |= scan_failed(errno) == SCAN_DENIED;
		return IPCK_OK;
	}
	path = length < 0 || link[0] == '/';
	link[length < 0 ? 0 : length] = '\0';
	if (!path)
		use.object.kind = descriptor_of_link(link, &use.object.number);
	if (use.object.kind == IPCK_UNIX && scanner->query->in_flight)
		folder->denied |= has_in_flight(folder, number);
	if ((use.object.kind & (SCAN_ANONYMOUS | IPCK_EVENTFD)) != 0)
		use.object.number = scan_own_number(task, fd);
	if (path && ((scanner->kinds & (IPCK_FIFO | IPCK_MEMFD | IPCK_POSIX)) != 0 ||
		     scanner->query->files))
		rc = classify_path(folder, number, link, &use);
	if (rc != IPCK_OK || !is_wanted(folder, number, &use, path))
		return rc;
	look_at_access(folder, number, &use);
	use.deleted = path && descriptor_cut_deleted(link);
	return scanner_add(scanner, &use, path ? link : NULL);
}

static int look_at_all(struct folder *folder, enum scan_seen *seen)
{
	struct entries entries;
	const char *name;
	int rc = IPCK_OK;

	*seen = SCAN_EMPTY;
	entries_begin(&entries, folder->fd);
	while (rc == IPCK_OK && (name = entries_next(&entries)) != NULL) {
		const char *p = name;
		uint64_t number;

		if (!parse_upto(&p, 10, INT32_MAX, &number) || *p != '\0')
			continue;
		*seen = SCAN_SEEN;
		rc = look_at(folder, name, (int32_t)number);
	}
	/* a zombie's folder opens and then has nothing: ENOENT */
	if (rc == IPCK_OK && entries.error != 0 && scan_failed(entries.error) == SCAN_DENIED)
		folder->denied = true;
	if (folder->denied)
		*seen = SCAN_DENIED;
	return rc;
}

int scan_descriptors(struct scanner *scanner, const char *path, enum scan_seen *seen)
{
	struct folder folder = { .scanner = scanner, .path = path };
	char whole[32];
	int rc;

	snprintf(whole, sizeof(whole), "/proc/%d/fd", (int)scanner->pid);
	folder.fd = openat(scanner->dir, scanner->single ? whole : path,
			   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scanner->opened = folder.fd;
	if (folder.fd < 0) {
		*seen = scan_failed(errno);
		return IPCK_OK;
	}
	rc = look_at_all(&folder, seen);
	close(folder.fd);
	return rc;
}
