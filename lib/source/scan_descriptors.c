/* SPDX-License-Identifier: MIT */
/*
 * What the descriptors of one process are on.  The link of /proc/PID/fd tells most; stat() through
 * it follows without opening, so that no pipe gets another end and no file another reader.
 */
#include "base/lines.h"
#include "base/parse.h"
#include "source/fdinfo.h"
#include "source/scanner.h"

#include <dirent.h>
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
};

/* "pipe:[4711]" and "socket:[4711]": the inode is unique on a device of their own. */
static bool numbered(const char *link, const char *name, uint64_t *number)
{
	const char *p = link;

	return parse_literal(&p, name) && parse_literal(&p, ":[") &&
	       parse_upto(&p, 10, UINT64_MAX, number) && strcmp(p, "]") == 0;
}

static const struct {
	const char *link;
	enum ipck_kind kind;
} anonymous[] = {
	{ "anon_inode:[eventfd]", IPCK_EVENTFD }, { "anon_inode:[eventpoll]", IPCK_EPOLL },
	{ "anon_inode:[timerfd]", IPCK_TIMERFD }, { "anon_inode:[signalfd]", IPCK_SIGNALFD },
	{ "anon_inode:inotify", IPCK_INOTIFY },   { "anon_inode:[pidfd]", IPCK_PIDFD },
};

/* What the link alone tells; 0 when it is a path, or nothing of ours. */
static enum ipck_kind kind_of_link(const char *link, uint64_t *number)
{
	if (numbered(link, "pipe", number))
		return IPCK_PIPE;
	if (numbered(link, "socket", number))
		return IPCK_UNIX;
	if (numbered(link, "pidfd", number))
		return IPCK_PIDFD;
	for (size_t i = 0; i < sizeof(anonymous) / sizeof(anonymous[0]); i++)
		if (strcmp(link, anonymous[i].link) == 0)
			return anonymous[i].kind;
	return 0;
}

/* Each file system is asked once: does it hold message queues? */
static int is_queue(struct folder *folder, const char *number, uint32_t major, uint32_t minor,
		    bool *queue)
{
	static char yes, no;
	struct scanner *scanner = folder->scanner;
	/* devices without a disk have major 0: the minor tells them apart */
	struct table_slot *slot = major == 0 ? table_slot(&scanner->queues, minor) : NULL;

	*queue = false;
	if (major != 0)
		return IPCK_OK;
	if (slot == NULL)
		return IPCK_ERR_MEMORY;
	if (slot->value == NULL) {
		struct statfs status;
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/%s/%s", (int)scanner->pid, folder->path,
			 number);
		slot->value =
			statfs(path, &status) == 0 && (long)status.f_type == MQUEUE ? &yes : &no;
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
	bool queue = false;
	int rc = IPCK_OK;

	if (fstatat(folder->fd, number, &status, 0) != 0)
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
	if (S_ISFIFO(status.st_mode)) {
		use->object.kind = IPCK_FIFO;
		return IPCK_OK;
	}
	if (!S_ISREG(status.st_mode))
		return IPCK_OK;
	if (scanner_is_posix(scanner, use->object.major, use->object.minor))
		use->object.kind = IPCK_POSIX_SHM;
	else if (scanner_is_memory(scanner, use->object.major, use->object.minor))
		use->object.kind = strncmp(link, "/memfd:", 7) == 0 ? IPCK_MEMFD : 0;
	else if ((scanner->kinds & IPCK_POSIX_MQ) != 0)
		rc = is_queue(folder, number, use->object.major, use->object.minor, &queue);
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
	return file_read(folder->scanner->dir, path, text, size) > 0;
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
	/* Before Linux 5.2 an eventfd has no id: then each descriptor stands for itself. */
	if (use->object.kind == IPCK_EVENTFD && fdinfo_parse_eventfd(text, &count, &id)) {
		use->object.number = id;
		use->object.minor = 0;
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

static uint64_t own_number(const struct scanner *scanner, int32_t fd)
{
	return (uint64_t)(uint32_t)scanner->pid << 32 | (uint32_t)fd;
}

static int look_at(struct folder *folder, const char *number, int32_t fd)
{
	struct scanner *scanner = folder->scanner;
	struct use use = { .fd = fd, .tid = scanner->tid };
	char link[4096 + 16];
	ssize_t length = readlinkat(folder->fd, number, link, sizeof(link) - 1);
	bool path;
	int rc = IPCK_OK;

	if (length < 0)
		return IPCK_OK; /* closed meanwhile */
	link[length] = '\0';
	use.object.kind = kind_of_link(link, &use.object.number);
	if ((use.object.kind & SCAN_ANONYMOUS) != 0 || use.object.kind == IPCK_EVENTFD) {
		use.object.number = own_number(scanner, fd);
		use.object.minor =
			use.object.kind == IPCK_EVENTFD; /* apart from the kernel's ids */
	}
	path = use.object.kind == 0 && link[0] == '/';
	if (path && (scanner->kinds & (IPCK_FIFO | IPCK_MEMFD | IPCK_POSIX)) != 0)
		rc = classify_path(folder, number, link, &use);
	if (rc != IPCK_OK || (scanner->kinds & use.object.kind) == 0)
		return rc;
	look_into_info(folder, number, &use);
	if (!scanner_wants(scanner, &use.object))
		return IPCK_OK;
	look_at_access(folder, number, &use);
	use.deleted = path && scan_cut_deleted(link);
	return scanner_add(scanner, &use, path ? link : NULL);
}

int scan_descriptors(struct scanner *scanner, const char *path, enum scan_seen *seen)
{
	struct folder folder = { scanner, path, -1 };
	struct dirent *entry;
	DIR *stream;
	int rc = IPCK_OK;

	folder.fd = openat(scanner->dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	stream = folder.fd >= 0 ? fdopendir(folder.fd) : NULL;
	if (stream == NULL) {
		*seen = errno == ENOENT || errno == ESRCH ? SCAN_VANISHED
			: errno == ENOMEM                 ? SCAN_EMPTY
							  : SCAN_DENIED;
		if (folder.fd >= 0)
			close(folder.fd);
		return IPCK_OK;
	}
	*seen = SCAN_EMPTY;
	errno = 0;
	while (rc == IPCK_OK && (entry = readdir(stream)) != NULL) {
		const char *p = entry->d_name;
		uint64_t number;

		if (!parse_upto(&p, 10, INT32_MAX, &number) || *p != '\0')
			continue;
		*seen = SCAN_SEEN;
		rc = look_at(&folder, entry->d_name, (int32_t)number);
	}
	closedir(stream);
	return rc;
}
