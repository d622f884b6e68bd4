/* SPDX-License-Identifier: MIT */
/*
 * Mounts by /proc/PID/mountinfo, use by statfs().  The root of another process is that process's to
 * arrange, so paths are resolved inside it, and what they lead to must be the device looked for.
 */
#include "source/tmpfs.h"

#include "base/below.h"
#include "base/lines.h"
#include "source/files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

/* ---- Lines of mountinfo ---- */

/* Blank, tab, newline and backslash are written \ooo. */
static void unescape(char *text)
{
	char *out = text;

	for (; *text != '\0'; text++) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] >= '0' &&
		    text[2] <= '7' && text[3] >= '0' && text[3] <= '7') {
			*out++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 +
					(text[3] - '0'));
			text += 3;
		} else {
			*out++ = *text;
		}
	}
	*out = '\0';
}

/* "30 25 0:27 / /dev/shm rw,relatime shared:1 - tmpfs tmpfs rw,size=64k" */
bool mount_parse_line(char *line, struct mount_line *mount)
{
	char *fields[6], *rest = strstr(line, " - ");
	int end = 0;

	if (rest == NULL)
		return false;
	*rest = '\0';
	mount->type = rest + 3;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if ((fields[i] = strsep(&line, " ")) == NULL)
			return false;
	if (sscanf(fields[2], "%9u:%9u%n", &mount->major, &mount->minor, &end) != 2 ||
	    fields[2][end] != '\0')
		return false;
	rest += 3 + strcspn(rest + 3, " ");
	if (*rest != ' ')
		return false;
	*rest = '\0';
	unescape(fields[3]);
	unescape(fields[4]);
	mount->root = fields[3];
	mount->path = fields[4];
	return true;
}

/* ---- One file system ---- */

/* Is this what is mounted there, and not something above it? */
static bool leads_to(int fd, const struct tmpfs *row)
{
	struct stat status;

	return fstat(fd, &status) == 0 && major(status.st_dev) == row->major &&
	       minor(status.st_dev) == row->minor;
}

static void look_at_files(int fd, struct tmpfs *row)
{
	struct files files;

	row->files_why = files_add_up(fd, &files);
	row->listed = files.listed;
	row->nested = files.nested;
}

static int measure(int root, const struct mount_line *mount, struct tmpfs *row)
{
	const int fd = open_below(root, mount->path, O_PATH | O_CLOEXEC);
	struct statfs status;
	int rc = IPCK_OK;

	if (fd < 0)
		return ipck_reason(errno);
	if (!leads_to(fd, row)) {
		rc = IPCK_ERR_NOT_FOUND;
	} else if (fstatfs(fd, &status) != 0) {
		rc = ipck_reason(errno);
	} else if (status.f_type != TMPFS_MAGIC) { /* a devtmpfs of a kernel without tmpfs */
		rc = IPCK_ERR_UNSUPPORTED;
	} else {
		row->limited = status.f_blocks > 0;
		row->shm = strcmp(mount->path, "/dev/shm") == 0;
		row->used = (status.f_blocks - status.f_bfree) * (uint64_t)status.f_bsize;
		if (row->shm || !row->limited)
			look_at_files(fd, row);
		if (!row->limited)
			row->used = row->listed + row->nested;
		/* A folder of it shows a part of its files. */
		if ((row->shm || !row->limited) && strcmp(mount->root, "/") != 0)
			row->files_why = IPCK_ERR_OUTSIDE;
	}
	close(fd);
	return rc;
}

/* ---- All of a process ---- */

static struct tmpfs *row_of(struct tmpfs_list *list, uint32_t major, uint32_t minor)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->rows[i].major == major && list->rows[i].minor == minor)
			return &list->rows[i];
	if (list->count == list->size) {
		const size_t size = list->size > 0 ? list->size * 2 : 16;
		void *rows = reallocarray(list->rows, size, sizeof(*list->rows));

		if (rows == NULL)
			return NULL;
		list->rows = rows;
		list->size = size;
	}
	list->rows[list->count] = (struct tmpfs){ .major = major, .minor = minor };
	return &list->rows[list->count++];
}

/* Does this mount tell more of its file system than those before? */
static bool tells_more(const struct tmpfs *row, const struct mount_line *mount)
{
	if (row->path == NULL || row->why != 0)
		return true;
	if (strcmp(mount->path, "/dev/shm") == 0 && !row->shm)
		return true;
	return row->files_why == IPCK_ERR_OUTSIDE && strcmp(mount->root, "/") == 0;
}

static int add_mount(int root, uint64_t ns, const struct mount_line *mount, struct tmpfs_list *list)
{
	struct tmpfs *row, seen;

	if (strcmp(mount->type, "tmpfs") != 0 && strcmp(mount->type, "devtmpfs") != 0)
		return IPCK_OK;
	row = row_of(list, mount->major, mount->minor);
	if (row == NULL)
		return IPCK_ERR_MEMORY;
	if (!tells_more(row, mount))
		return IPCK_OK;
	seen = (struct tmpfs){ .major = mount->major, .minor = mount->minor, .ns = ns };
	seen.why = measure(root, mount, &seen);
	if (row->path != NULL && seen.why != 0)
		return IPCK_OK; /* no better than what is known */
	seen.path = pool_string(list->pool, mount->path);
	if (seen.path == NULL) {
		list->count -= row->path == NULL;
		return IPCK_ERR_MEMORY;
	}
	*row = seen;
	return IPCK_OK;
}

static int add_mounts(int root, const char *mounts, uint64_t ns, struct tmpfs_list *list)
{
	struct mount_line mount;
	struct lines lines;
	size_t length;
	char *line;
	int rc = lines_open(&lines, mounts);

	if (rc != 0)
		return ipck_reason(-rc);
	while (rc == IPCK_OK && (line = lines_next(&lines, &length)) != NULL)
		if (mount_parse_line(line, &mount))
			rc = add_mount(root, ns, &mount, list);
	if (rc == IPCK_OK && lines.error != 0)
		rc = ipck_reason(lines.error);
	lines_close(&lines);
	return rc;
}

int tmpfs_add(pid_t pid, uint64_t ns, struct tmpfs_list *list)
{
	char path[64], mounts[64];
	int root, rc;

	if (pid == 0) {
		snprintf(path, sizeof(path), "/");
		snprintf(mounts, sizeof(mounts), "/proc/thread-self/mountinfo");
	} else {
		snprintf(path, sizeof(path), "/proc/%d/root", pid);
		snprintf(mounts, sizeof(mounts), "/proc/%d/mountinfo", pid);
	}
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return ipck_reason(errno);
	rc = add_mounts(root, mounts, ns, list);
	close(root);
	return rc;
}

void tmpfs_free(struct tmpfs_list *list)
{
	free(list->rows);
	*list = (struct tmpfs_list){ .pool = list->pool };
}
