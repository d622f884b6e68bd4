/* SPDX-License-Identifier: MIT */
/* The views as data: what shows which kinds, by which columns. */
#include "common/object_columns.h"
#include "common/program.h"
#include "common/semaphore_columns.h"
#include "shmpeek.h"

#include <stdio.h>

#define MEMORY (IPCK_SHM | IPCK_POSIX_SHM | IPCK_MEMFD)
#define QUEUES (IPCK_MSG | IPCK_POSIX_MQ)
#define SEMAPHORES (IPCK_SEM | IPCK_POSIX_SEM)

static const struct view_row rows[] = {
	{ VIEW_HEX, "hexadecimal", MEMORY, NULL, NULL, NULL, 0, show_hex },
	{ VIEW_ELEMENTS, "--as", MEMORY, NULL, NULL, NULL, 0, show_elements },
	{ VIEW_SYNCS, "--as", MEMORY, "locks", &sync_columns,
	  "REF,OFFSET,KIND,STATE,COUNT,OWNER,WAITERS,EVIDENCE,ATTRIBUTES,FINDING", 0, show_syncs },
	{ VIEW_STRINGS, "--strings", MEMORY, "strings", &string_columns, NULL, 0, show_strings },
	{ VIEW_RAW, "--raw", MEMORY, NULL, NULL, NULL, 0, show_raw },
	{ VIEW_SAVE, "--save", MEMORY, NULL, NULL, NULL, 0, show_save },
	{ VIEW_MAP, "--map", MEMORY, "ranges", &map_columns,
	  "REF,OFFSET,SIZE,CONTENT,RESIDENT,SWAPPED,PICTURE", 0, show_map },
	{ VIEW_FIND, "--find", MEMORY, "matches", &find_columns, NULL, 0, show_find },
	{ VIEW_STATS, "--stats", MEMORY, "stats", &stats_columns,
	  "REF,OFFSET,SIZE,CONTENT,ZERO-PAGES,ENTROPY,TEXT%,DISTINCT", 0, show_stats },
	{ VIEW_DIFF, "--diff", MEMORY, "differences", &diff_columns, NULL, 0, show_diff },
	{ VIEW_MESSAGES, "messages", IPCK_MSG, "messages", &message_columns,
	  "REF,INDEX,TYPE,SIZE,TEXT", IPCK_WANT_PROCESSES, show_messages },
	{ VIEW_MESSAGES, "messages", IPCK_POSIX_MQ, "posix_mq", &object_columns,
	  "REF,MSGS,MAX-MSGS,FULL,MAX-SIZE", IPCK_WANT_NAMES, show_posix_queue },
	{ VIEW_SEMAPHORES, "semaphores", SEMAPHORES, "semaphores", &semaphore_columns,
	  "REF,NUM,VALUE,NCOUNT,ZCOUNT,LAST-OPERATOR",
	  IPCK_WANT_ELEMENTS | IPCK_WANT_WAITERS | IPCK_WANT_PROCESSES, show_semaphores },
};

static enum view default_view(enum ipck_kind kind)
{
	return (kind & QUEUES) != 0       ? VIEW_MESSAGES
	       : (kind & SEMAPHORES) != 0 ? VIEW_SEMAPHORES
					  : VIEW_HEX;
}

const struct view_row *view_row(const struct request *request, enum ipck_kind kind)
{
	const bool one = request->one_message && (kind & QUEUES) != 0;
	const enum view view = request->view == VIEW_DEFAULT || (request->view == VIEW_RAW && one)
				       ? default_view(kind)
				       : request->view;
	const struct view_row *found = NULL;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].view == view && (found == NULL || (rows[i].kinds & kind) != 0))
			found = &rows[i];
	return found;
}

void get_row_ref(const void *row, const struct style *style, struct value *value)
{
	(void)style;
	value->text = ((const struct row *)row)->peeking->ref;
}

void get_row_exact(const void *row, const struct style *style, struct value *value)
{
	struct ipck_ref ref;

	(void)style;
	ipck_object_ref(((const struct row *)row)->peeking->object, true, &ref);
	ipck_ref_format(&ref, value->buffer, sizeof(value->buffer));
	value->text = value->buffer;
}

static void list_table(const struct column *column, const char *rows_name)
{
	for (; column->name != NULL; column++)
		printf("%-14s %-12s %-11s %-16s %s\n", column->name, rows_name,
		       value_type_name(column->type), column->json, column->help);
}

int list_columns(enum view view)
{
	printf("%-14s %-12s %-11s %-16s %s\n", "COLUMN", "ROWS", "TYPE", "JSON", "MEANING");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].columns == NULL || rows[i].columns == &object_columns ||
		    (view != VIEW_DEFAULT && view != rows[i].view)) /* ipcls lists those */
			continue;
		for (const struct column *const *table = rows[i].columns->tables; *table != NULL;
		     table++)
			list_table(*table, rows[i].json);
	}
	return EXIT_DONE;
}
