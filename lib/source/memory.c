/* SPDX-License-Identifier: MIT */
/* Reads a line or two of /proc/meminfo, and one small file a number of the huge pages. */
#include "source/memory.h"

#include "base/lines.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "Shmem:     8856 kB": the number in bytes. */
static bool take(const char *line, const char *name, uint64_t *bytes)
{
	const size_t length = strlen(name);
	char *end;

	if (strncmp(line, name, length) != 0 || line[length] != ':')
		return false;
	*bytes = strtoull(line + length + 1, &end, 10);
	return strcmp(end, " kB") == 0 && !__builtin_mul_overflow(*bytes, 1024, bytes);
}

int memory_read(struct memory *memory)
{
	uint64_t swap_total = 0, swap_free = 0;
	struct lines lines;
	size_t length;
	char *line;
	bool found = false;
	int rc = lines_open(&lines, "/proc/meminfo");

	*memory = (struct memory){ 0 };
	if (rc != 0)
		return rc;
	while ((line = lines_next(&lines, &length)) != NULL) {
		found |= take(line, "Shmem", &memory->shmem);
		take(line, "SwapTotal", &swap_total);
		take(line, "SwapFree", &swap_free);
	}
	rc = -lines.error;
	lines_close(&lines);
	memory->swap_used = swap_total > swap_free ? swap_total - swap_free : 0;
	return rc != 0 || found ? rc : -ENOSYS;
}

/* ---- Huge pages ---- */

#define HUGE_PAGES "/sys/kernel/mm/hugepages"

/* "hugepages-2048kB" */
static bool read_pool(int dir, const char *name, struct huge_pool *pool)
{
	const struct {
		const char *file;
		uint64_t *number;
	} files[] = {
		{ "nr_hugepages", &pool->pages },
		{ "free_hugepages", &pool->free },
		{ "resv_hugepages", &pool->reserved },
		{ "surplus_hugepages", &pool->surplus },
		{ "nr_overcommit_hugepages", &pool->overcommit },
	};
	unsigned long long kilobytes;
	char path[NAME_MAX + 32];
	int length = 0;

	if (sscanf(name, "hugepages-%llukB%n", &kilobytes, &length) != 1 || length == 0 ||
	    name[length] != '\0' || __builtin_mul_overflow(kilobytes, 1024, &pool->page))
		return false;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", name, files[i].file);
		if (!file_numbers(dir, path, (uint64_t *[]){ files[i].number }, 1))
			return false;
	}
	return true;
}

static int by_page(const void *a, const void *b)
{
	const struct huge_pool *left = a, *right = b;

	return (left->page > right->page) - (left->page < right->page);
}

size_t huge_pools_read(struct huge_pool pools[HUGE_POOLS_MAX])
{
	DIR *folder = opendir(HUGE_PAGES);
	struct dirent *entry;
	size_t count = 0;

	if (folder == NULL)
		return 0;
	while (count < HUGE_POOLS_MAX && (entry = readdir(folder)) != NULL)
		if (read_pool(dirfd(folder), entry->d_name, &pools[count]))
			count++;
	closedir(folder);
	qsort(pools, count, sizeof(pools[0]), by_page);
	return count;
}

/* pages counts the surplus too; the kernel makes a surplus up to overcommit when asked. */
uint64_t huge_pool_limit(const struct huge_pool *pool)
{
	const uint64_t own = pool->pages > pool->surplus ? pool->pages - pool->surplus : 0;

	return (own + pool->overcommit) * pool->page;
}

/* A segment is promised its pages when it is made, and takes them when it is touched. */
uint64_t huge_pool_used(const struct huge_pool *pool)
{
	const uint64_t taken = pool->pages > pool->free ? pool->pages - pool->free : 0;

	return (taken + pool->reserved) * pool->page;
}
