/* SPDX-License-Identifier: MIT */
/* The process table as a test keeps it, read in this thread or in another one. */
#ifndef PROCESS_ROWS_H
#define PROCESS_ROWS_H

#include "unit.h"

#include "waiters.h"

#include "source/process_table.h"

#include <pthread.h>

struct table {
	struct process_row rows[256];
	char names[256][72];
	size_t count;
};

static inline int keep(const struct process_row *row, void *data)
{
	struct table *table = data;

	if (table->count == COUNT(table->rows))
		return IPCK_ERR_STOPPED;
	snprintf(table->names[table->count], sizeof(table->names[0]), "%s", row->command);
	table->rows[table->count] = *row;
	table->rows[table->count].command = table->names[table->count];
	table->count++;
	return 0;
}

static inline const struct process_row *row_of(const struct table *table, pid_t pid)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].pid == pid)
			return &table->rows[i];
	return NULL;
}

static inline int read_table(struct table *table)
{
	table->count = 0;
	return process_table_read(keep, table);
}

static inline void *read_in_thread(void *data)
{
	return (void *)(intptr_t)read_table(data);
}

/* In a thread that is not the program's first. */
static inline int read_elsewhere(struct table *table)
{
	pthread_t thread;
	void *result;

	CHILD(pthread_create(&thread, NULL, read_in_thread, table) == 0);
	CHILD(pthread_join(thread, &result) == 0);
	return (int)(intptr_t)result;
}

/* A field of /proc/PID/status that is a number, the second one there for the effective user. */
static inline long status_number(pid_t pid, const char *name, int which)
{
	char path[64], line[256], format[64];
	long numbers[2] = { -1, -1 };
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	snprintf(format, sizeof(format), "%s:", name);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, format, strlen(format)) == 0)
			sscanf(line + strlen(format), "%ld %ld", &numbers[0], &numbers[1]);
	fclose(file);
	return numbers[which];
}

#endif
