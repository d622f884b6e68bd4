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

#define NAME_SIZE MAPS_NAME_SIZE

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
	/* An area is not lost for its name: it has none then. */
	query->flags = flags;
	query->address = address;
	query->name = 0;
	query->name_size = 0;
	return ioctl(fd, QUERY, query) == 0 ? 0 : -errno;
}

static void area_of_query(const struct query *query, char *name, struct area *area)
{
	*area = (struct area){ .start = query->start,
			       .end = query->end,
			       .offset = query->offset,
			       .major = query->major,
			       .minor = query->minor,
			       .inode = query->inode,
			       .shared = (query->vma_flags & VMA_SHARED) != 0,
			       .name = name };
	area->access = ((query->vma_flags & VMA_READABLE) != 0 ? IPCK_ACCESS_READ : 0u) |
		       ((query->vma_flags & VMA_WRITABLE) != 0 ? IPCK_ACCESS_WRITE : 0u) |
		       ((query->vma_flags & VMA_EXECUTABLE) != 0 ? IPCK_ACCESS_EXEC : 0u);
}

/* answered: the kernel knows the call, and what it gave must not be given again from text. */
static int by_ioctl(int fd, bool all, bool *answered, int (*row)(struct area *area, void *data),
		    void *data)
{
	char name[NAME_SIZE] = ""; /* whole: what the call writes is not known to valgrind */
	uint64_t address = 0;
	int rc;

	for (;;) {
		struct query query = { .flags = COVERING_OR_NEXT | FILE_BACKED |
						(all ? 0 : (uint64_t)VMA_SHARED),
				       .address = address };
		struct area area;

		rc = query_next(fd, &query, name, sizeof(name));
		*answered |= rc == 0 || rc == -ENOENT;
		if (rc != 0)
			return rc == -ENOENT ? 0 : rc;
		area_of_query(&query, name, &area);
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
	    !parse_upto(&p, 10, UINT64_MAX, &area->inode) || (*p != ' ' && *p != '\0'))
		return false;
	area->major = (uint32_t)major;
	area->minor = (uint32_t)minor;
	while (*p == ' ')
		p++;
	area->name = line + (p - line);
	unescape(area->name);
	if (strlen(area->name) >= NAME_SIZE)
		area->name[0] = '\0'; /* as by ioctl */
	return area->end > area->start;
}

/* The first segment has inode 0, as its id: only the device tells that there is no file. */
static bool has_file(const struct area *area)
{
	return area->major != 0 || area->minor != 0 || area->inode != 0;
}

/* A line longer than the buffer has a path that long: keep its head, pass over the rest. */
static char *cut_line(struct lines *lines)
{
	enum { HEAD = 256 };
	ssize_t got;

	memmove(lines->buf, lines->buf + lines->begin, HEAD);
	lines->buf[HEAD] = '\0';
	lines->error = 0;
	do {
		char *newline = NULL;

		do
			got = read(lines->fd, lines->buf + HEAD + 1, sizeof(lines->buf) - HEAD - 1);
		while (got < 0 && errno == EINTR);
		if (got > 0)
			newline = memchr(lines->buf + HEAD + 1, '\n', (size_t)got);
		if (newline != NULL) {
			lines->begin = (size_t)(newline + 1 - lines->buf);
			lines->end = HEAD + 1 + (size_t)got;
			return lines->buf;
		}
	} while (got > 0);
	lines->error = got < 0 ? errno : EIO;
	return NULL;
}

/* The next line as an area: 1, 0 at the end, or -errno.  any: there was one. */
static int next_area(struct lines *lines, bool *any, struct area *area)
{
	size_t length;
	char *line = lines_next(lines, &length);
	bool cut = false;

	if (line == NULL && lines->error == EFBIG) {
		line = cut_line(lines);
		cut = true;
	}
	/* whoever has memory has areas: the first thread ended, or it is the kernel's */
	if (line == NULL)
		return lines->error != 0 ? -lines->error : *any ? 0 : -ESRCH;
	*any = true;
	if (!maps_parse_line(line, area))
		return -EIO;
	if (cut)
		area->name[0] = '\0';
	return 1;
}

static int by_text(int fd, bool all, int (*row)(struct area *area, void *data), void *data)
{
	struct lines lines = { .fd = fd };
	struct area area;
	bool any = false;
	int rc;

	while ((rc = next_area(&lines, &any, &area)) > 0) {
		if (!has_file(&area) || (!all && !area.shared))
			continue;
		rc = row(&area, data);
		if (rc != 0)
			return rc;
	}
	return rc;
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
	bool answered = false;

	if (fd < 0)
		return -errno;
	if (method != MAPS_TEXT)
		rc = by_ioctl(fd, all, &answered, row, data);
	if (!answered && refused(rc) && method != MAPS_IOCTL)
		rc = by_text(fd, all, row, data);
	else if (!answered && refused(rc))
		rc = -ENOTTY;
	close(fd);
	return rc;
}

/* ---- One address ---- */

static int at_by_ioctl(int fd, uint64_t address, struct area *area, char *name)
{
	struct query query = { .address = address };
	int rc = query_next(fd, &query, name, NAME_SIZE);

	if (rc == 0)
		area_of_query(&query, name, area);
	return rc;
}

static int at_by_text(int fd, uint64_t address, struct area *area, char *name)
{
	struct lines lines = { .fd = fd };
	bool any = false;
	int rc;

	while ((rc = next_area(&lines, &any, area)) > 0 && area->end <= address)
		;
	if (rc <= 0 || area->start > address)
		return rc < 0 ? rc : -ENOENT;
	memcpy(name, area->name, strlen(area->name) + 1);
	area->name = name;
	return 0;
}

int maps_at(int dir, const char *file, uint64_t address, enum maps_method method, struct area *area,
	    char *name)
{
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC), rc = -ENOTTY;

	if (fd < 0)
		return -errno;
	memset(name, 0, NAME_SIZE); /* what the call writes is not known to valgrind */
	if (method != MAPS_TEXT)
		rc = at_by_ioctl(fd, address, area, name);
	if (refused(rc))
		rc = method != MAPS_IOCTL ? at_by_text(fd, address, area, name) : -ENOTTY;
	close(fd);
	return rc;
}
