/* SPDX-License-Identifier: MIT */
/*
 * Memory for locks: a segment, POSIX shared memory, a memfd, anonymous, a file, private.
 */
#include "park_memory.h"
#include "park.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE 8192

static char *map(int fd, int flags)
{
	char *area;

	if (fd >= 0)
		park_check(ftruncate(fd, SIZE), "ftruncate");
	area = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (area == MAP_FAILED)
		park_die("mmap");
	return area;
}

/* As /proc/self/maps has it: the device that stat(2) tells of a file may be another. */
static void name_area(struct park_memory *memory)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned major_number, minor_number;
	unsigned long start, inode;
	char line[4200];

	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%lx-%*x %*s %*x %x:%x %lu", &start, &major_number, &minor_number,
			   &inode) == 4 &&
		    start == (unsigned long)memory->area)
			snprintf(memory->ref, sizeof(memory->ref), "mmap:%u:%u:%lu", major_number,
				 minor_number, inode);
	if (maps != NULL)
		fclose(maps);
}

struct park_memory park_segment(void)
{
	const int id = park_check(shmget(IPC_PRIVATE, SIZE, 0600), "shmget");
	struct park_memory memory = { .area = shmat(id, NULL, 0) };

	if (memory.area == (char *)-1)
		park_die("shmat");
	snprintf(memory.ref, sizeof(memory.ref), "shm:%d", id);
	return memory;
}

char *park_attach_again(const struct park_memory *segment)
{
	char *area = shmat(atoi(segment->ref + strlen("shm:")), NULL, 0);

	if (area == (char *)-1)
		park_die("shmat");
	return area;
}

struct park_memory park_posix_shm(void)
{
	const char *name = park_object();
	const int fd = park_check(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600), name);
	struct park_memory memory = { .area = map(fd, MAP_SHARED) };

	snprintf(memory.ref, sizeof(memory.ref), "posix-shm:%s", name);
	close(fd);
	return memory;
}

struct park_memory park_memfd(void)
{
	const int fd = park_check(memfd_create(park_state, 0), "memfd_create");
	struct park_memory memory = { .area = map(fd, MAP_SHARED) };

	snprintf(memory.ref, sizeof(memory.ref), "memfd:%llu", park_inode(fd));
	close(fd);
	return memory;
}

struct park_memory park_anonymous(void)
{
	struct park_memory memory = { .area = map(-1, MAP_SHARED | MAP_ANONYMOUS) };

	name_area(&memory);
	return memory;
}

struct park_memory park_file(void)
{
	const int fd = park_check(open(park_path(), O_RDWR | O_CREAT, 0600), park_path());
	struct park_memory memory = { .area = map(fd, MAP_SHARED) };

	name_area(&memory);
	close(fd);
	return memory;
}

struct park_memory park_private(void)
{
	return (struct park_memory){ .area = map(-1, MAP_PRIVATE | MAP_ANONYMOUS), .ref = "none" };
}

void *park_place(const struct park_memory *memory)
{
	return memory->area + PARK_OFFSET;
}

const char *park_where(const struct park_memory *memory)
{
	static char text[256];

	if (memory->ref[0] == 'n')
		snprintf(text, sizeof(text), "ref=none object=private_%p", park_place(memory));
	else
		snprintf(text, sizeof(text), "ref=%s object=%s+0x%x", memory->ref, memory->ref,
			 PARK_OFFSET);
	return text;
}
