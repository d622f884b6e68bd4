/* SPDX-License-Identifier: MIT */
/* The container or unit of a process, as its control group's path tells. */
#ifndef SOURCE_CONTAINER_H
#define SOURCE_CONTAINER_H

#include "base/pool.h"
#include "base/table.h"

#include <stdbool.h>
#include <sys/types.h>

struct containers {        /* each process is looked up once */
	struct pool *pool; /* keeps the strings; set by the owner */
	struct table seen;
};

/*
 * "docker:3f4e1a2b9c0d", "podman:...", "cri:...", "systemd:nginx.service"; "" when it is in none,
 * NULL when that cannot be seen; *memory is set false when memory ran out.
 */
const char *container_of(struct containers *containers, pid_t pid, bool *memory);
void containers_free(struct containers *containers);

/*
 * The path of a process's control group, raw, as its service manager has it: of version 2, or where
 * that is none the one named systemd.  False: it cannot be seen, or is longer than buf.
 */
bool control_group_path(pid_t pid, char *buf, size_t size);
/* The same from the text of /proc/PID/cgroup. */
bool control_group_parse(const char *text, char *buf, size_t size);

#define CONTAINER_MAX 272 /* bytes that any name fits in, its NUL included */

/*
 * From the text of /proc/PID/cgroup (v1, v2 or mixed); "" when no line tells, or when buf is too
 * small.  Names are raw bytes.  A last line without its newline was cut, and tells nothing.
 */
void container_parse(const char *text, char *buf, size_t size);

#endif
