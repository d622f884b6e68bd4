/* SPDX-License-Identifier: MIT */
/* The mapped areas of a process, by ioctl or from text. */
#include "source/maps.h"
#include "base/lines.h"
#include "base/parse.h"
#include "ipckit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Debian 12's headers are older than the call: linux/fs.h of 6.11. */
struct query {
	uint64_t size, flags, address;
	uint64_t start, end, vma_flags, page_size, offset, inode;
	uint32_t major, minor, name_size, build_id_size;
	uint64_t name, build_id;
};
#define QUERY _IOWR('f', 17, struct query)
enum {
	VMA_READABLE = 0x01,
	VMA_WRITABLE = 0x02,
	VMA_EXECUTABLE = 0x04,
	VMA_SHARED = 0x08,
	COVERING_OR_NEXT = 0x10,
	FILE_BACKED = 0x20
};

/* ---- By ioctl ---- */

static int query_next(int fd, struct query *query, char *name, size_t size)
{
	const uint64_t flags = query->flags, address = query->address;

	query->size = sizeof(*query);
	query->name = (uint64_t)(uintptr_t)name;
	query->name_size = (uint32_t)size;
	query->build_id_size = 0;
	query->build_id = 0;
	name[0] = '\0';
	if (ioctl(fd, QUERY, query) == 0)
		return 0;
	if (errno != ENAMETOOLONG)
		return -errno;
	/* An area is not lost for its name. */
	query->flags = flags;
	query->address = address;
	query->name = 0;
	query->name_size = 0;
	return ioctl(fd, QUERY, query) == 0 ? 0 : -errno;
}

static int by_ioctl(int fd, bool all, int (*row)(struct area *area, void *data), void *data)
{
	char name[4096 + 16] = ""; /* whole: what the call writes is not known to valgrind */
	uint64_t address = 0;
	int rc;

	for (;;) {
		struct query query = { .flags = COVERING_OR_NEXT | FILE_BACKED |
						(all ? 0 : (uint64_t)VMA_SHARED),
				       .address = address };
		struct area area;

		rc = query_next(fd, &query, name, 4096);
		if (rc != 0)
			return rc == -ENOENT ? 0 : rc;
		area = (struct area){ .start = query.start,
				      .end = query.end,
				      .offset = query.offset,
				      .major = query.major,
				      .minor = query.minor,
				      .inode = query.inode,
				      .shared = (query.vma_flags & VMA_SHARED) != 0,
				      .name = name };
		area.access = ((query.vma_flags & VMA_READABLE) != 0 ? IPCK_ACCESS_READ : 0u) |
			      ((query.vma_flags & VMA_WRITABLE) != 0 ? IPCK_ACCESS_WRITE : 0u) |
			      ((query.vma_flags & VMA_EXECUTABLE) != 0 ? IPCK_ACCESS_EXEC : 0u);
		rc = row(&area, data);
		if (rc != 0 || query.end <= address)
			return rc;
		address = query.end;
	}
}

/* ---- From text ---- */

/* A newline in a path is written \012; all else stands as it is. */
static void unescape(char *name)
{
	char *to = name;

	for (const char *from = name; *from != '\0';)
		if (strncmp(from, "\\012", 4) == 0) {
			*to++ = '\n';
			from += 4;
		} else {
			*to++ = *from++;
		}
	*to = '\0';
}

static bool parse_access(const char **text, struct area *area)
{
	const char *p = *text;

	if ((p[0] != 'r' && p[0] != '-') || (p[1] != 'w' && p[1] != '-') ||
	    (p[2] != 'x' && p[2] != '-') || (p[3] != 's' && p[3] != 'p'))
		return false;
	area->access = (p[0] == 'r' ? IPCK_ACCESS_READ : 0u) |
		       (p[1] == 'w' ? IPCK_ACCESS_WRITE : 0u) |
		       (p[2] == 'x' ? IPCK_ACCESS_EXEC : 0u);
	area->shared = p[3] == 's';
	*text = p + 4;
	return true;
}

bool maps_parse_line(char *line, struct area *area)
{
	const char *p = line;
	uint64_t major, minor;

	if (!parse_upto(&p, 16, UINT64_MAX, &area->start) || !parse_literal(&p, "-") ||
	    !parse_upto(&p, 16, UINT64_MAX, &area->end) || !parse_literal(&p, " ") ||
	    !parse_access(&p, area) || !parse_literal(&p, " ") ||
	    !parse_upto(&p, 16, UINT64_MAX, &area->offset) || !parse_literal(&p, " ") ||
	    !parse_upto(&p, 16, UINT32_MAX, &major) || !parse_literal(&p, ":") ||
	    !parse_upto(&p, 16, UINT32_MAX, &minor) || !parse_literal(&p, " ") ||
	    !parse_upto(&p, 10, UINT64_MAX, &area->inode))
		return false;
	area->major = (uint32_t)major;
	area->minor = (uint32_t)minor;
	while (*p == ' ')
		p++;
	area->name = line + (p - line);
	unescape(area->name);
	return area->end > area->start;
}

static int by_text(int fd, bool all, int (*row)(struct area *area, void *data), void *data)
{
	struct lines lines = { .fd = fd };
	struct area area;
	bool any = false;
	char *line;
	size_t length;

	while ((line = lines_next(&lines, &length)) != NULL) {
		int rc;

		any = true;
		if (!maps_parse_line(line, &area))
			return -EIO;
		/* what has no inode has no file */
		if (area.inode == 0 || (!all && !area.shared))
			continue;
		rc = row(&area, data);
		if (rc != 0)
			return rc;
	}
	if (lines.error != 0)
		return -lines.error;
	/* whoever has memory has areas: the first thread ended, or it is the kernel's */
	return any ? 0 : -ESRCH;
}

/* Older kernels do not know the call, and a seccomp filter may not. */
static bool refused(int rc)
{
	return rc == -ENOTTY || rc == -EINVAL || rc == -ENOSYS || rc == -EPERM || rc == -EACCES;
}

int maps_each(int dir, const char *file, bool all, enum maps_method method,
	      int (*row)(struct area *area, void *data), void *data)
{
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC), rc = -ENOTTY;

	if (fd < 0)
		return -errno;
	if (method != MAPS_TEXT)
		rc = by_ioctl(fd, all, row, data);
	if (refused(rc) && method != MAPS_IOCTL)
		rc = by_text(fd, all, row, data);
	close(fd);
	return rc;
}
