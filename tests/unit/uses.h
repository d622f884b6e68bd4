/* SPDX-License-Identifier: MIT */
/* A scan made by hand: the uses that a test says there are, and the rows that follow from them. */
#ifndef USES_H
#define USES_H

#include "insight/endpoints.h"
#include "source/process.h"

#include "base/lines.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MOST 64

struct world {
	struct ipck *ctx;
	struct scan scan;
	struct scanned_process processes[MOST];
	struct use uses[MOST];
	struct pool pool;
	struct ipck_object rows[MOST];
	size_t count;
};

static inline struct world *world_new(void)
{
	static struct world world;

	memset(&world, 0, sizeof(world));
	assert_int_equal(ipck_open(NULL, &world.ctx), 0);
	world.scan.processes = world.processes;
	world.scan.uses = world.uses;
	return &world;
}

static inline void world_free(struct world *world)
{
	pool_free(&world->pool);
	ipck_close(world->ctx);
}

/* Processes are to be added in the order of their pids, as a scan has them. */
static inline uint32_t add_process(struct world *world, pid_t pid)
{
	struct scanned_process *process = &world->processes[world->scan.process_count];
	char path[32], text[1024] = "";
	const char *command;

	process->id.pid = pid;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (file_read(AT_FDCWD, path, text, sizeof(text)) > 0)
		process_parse_stat(text, &command, &process->id.start_time);
	return (uint32_t)world->scan.process_count++;
}

static inline struct use *add_use(struct world *world, enum ipck_kind kind, uint32_t process,
				  int fd, uint64_t number)
{
	struct use *use = &world->uses[world->scan.use_count++];

	*use = (struct use){ .object = { .kind = kind, .number = number },
			     .process = process,
			     .fd = fd,
			     .access = IPCK_ACCESS_READ | IPCK_ACCESS_WRITE };
	return use;
}

/* A descriptor as it is: device, inode and access by stat() and the mode of its link. */
static inline struct use *add_fd(struct world *world, enum ipck_kind kind, uint32_t process, int fd)
{
	struct stat status, link;
	struct use *use;
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)world->processes[process].id.pid, fd);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(lstat(path, &link), 0);
	use = add_use(world, kind, process, fd, status.st_ino);
	use->access = (uint8_t)((link.st_mode & S_IRUSR ? IPCK_ACCESS_READ : 0u) |
				(link.st_mode & S_IWUSR ? IPCK_ACCESS_WRITE : 0u));
	if ((kind & (IPCK_FIFO | IPCK_MEMFD | IPCK_MMAP)) != 0) {
		use->object.major = major(status.st_dev);
		use->object.minor = minor(status.st_dev);
	}
	return use;
}

/* One of the kinds that a descriptor names. */
static inline struct use *add_numbered(struct world *world, enum ipck_kind kind, uint32_t process,
				       int fd)
{
	return add_use(world, kind, process, fd,
		       (uint64_t)world->processes[process].id.pid << 32 | (uint64_t)fd);
}

static inline int use_order(const void *a, const void *b)
{
	const struct use *left = a, *right = b;
	int order = identity_compare(&left->object, &right->object);

	if (order == 0)
		order = (left->process > right->process) - (left->process < right->process);
	if (order == 0)
		order = (left->fd > right->fd) - (left->fd < right->fd);
	return order;
}

static inline int keep_row(struct ipck_object *object, void *data)
{
	struct world *world = data;

	assert_true(world->count < MOST);
	world->rows[world->count++] = *object;
	return 0;
}

static inline int read_rows(struct world *world, unsigned kinds, unsigned want)
{
	world->count = 0;
	qsort(world->uses, world->scan.use_count, sizeof(world->uses[0]), use_order);
	return endpoints_each(world->ctx, &world->scan, kinds, want, &world->pool, keep_row, world);
}

static inline const struct ipck_object *row_of(const struct world *world, uint64_t number)
{
	for (size_t i = 0; i < world->count; i++)
		if (world->rows[i].number == number)
			return &world->rows[i];
	return NULL;
}

static inline uint64_t inode_of(int fd)
{
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	return status.st_ino;
}

/* A child that holds what this process has at the moment, until it is told to end. */
static inline pid_t child_new(int *tell)
{
	int ends[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ends[1]);
		(void)!read(ends[0], &byte, 1);
		_exit(0);
	}
	close(ends[0]);
	*tell = ends[1];
	return child;
}

#endif
