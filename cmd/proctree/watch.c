/* SPDX-License-Identifier: MIT */
/* --watch: look again and again, and tell what is new and what is gone. */
#include "watch.h"
#include "chosen.h"
#include "common/program.h"
#include "common/watch_clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Empty until a row is found to be new or gone. */
static void get_change(const void *row, const struct style *style, struct value *value)
{
	(void)row;
	(void)style;
	value->state = VALUE_NONE;
	value->text = "";
}

static const struct column change_column = { "C", "", 0,          VALUE_TEXT,     0,
					     0,   0,  get_change, "+ new, - gone" };

/* A process by its start too, whatever else a row is of by what stands first in it. */
static char *key_of(const struct writer *writer, const void *row)
{
	static const struct style machine = { .machine = true };
	const struct column_set *set = writer->columns.set;
	const struct column *column = column_find(set, "EXACT", set->kind ? set->kind(row) : 0);
	struct value value;

	if (column == NULL)
		column = &set->tables[0][0];
	column_value(set, column, row, &machine, &value);
	return value_text_whole(&value, column->type, &machine);
}

static bool take(struct writer *writer, const void *row, struct row_texts *texts)
{
	struct watching *watching = writer->take_data;

	return watched_add(&watching->now, key_of(writer, row), texts);
}

static void count(struct watching *watching, const struct look *look)
{
	const struct ipck_process *process;

	watching->processes = watching->zombies = watching->orphans = 0;
	for (size_t i = 0; (process = ipck_processes_at(look->processes, i)) != NULL; i++) {
		if (!is_shown(look, process))
			continue;
		watching->processes++;
		watching->zombies += (process->marks & IPCK_MARK_ZOMBIE) != 0;
		watching->orphans += (process->marks & IPCK_MARK_ORPHAN) != 0;
	}
}

void watch_look(struct watching *watching, struct look *look, struct writer *writer)
{
	struct column_list *list = &look->columns;

	if (watching == NULL)
		return;
	writer->take = take;
	writer->take_data = watching;
	if (look->request->output.format != OUTPUT_JSON && list->count < COLUMNS_MAX) {
		memmove(list->columns + 1, list->columns,
			list->count * sizeof(const struct column *));
		list->columns[0] = &change_column;
		list->count++;
	}
	watching->columns = *list;
	count(watching, look);
}

static bool on_screen(const struct request *request)
{
	const char *terminal = getenv("TERM");

	return request->output.format == OUTPUT_TABLE && isatty(STDOUT_FILENO) &&
	       terminal != NULL && *terminal != '\0' && strcmp(terminal, "dumb") != 0;
}

static bool tell(struct watching *watching)
{
	const bool good = watching->request->output.format == OUTPUT_JSON ? watch_json(watching)
			  : watching->on_screen                           ? watch_screen(watching)
									  : watch_log(watching);

	if (!good)
		complain("out of memory");
	return good;
}

static int look_once(struct ipck *ctx, struct watching *watching)
{
	int status;

	watching->request->output.style.now = time(NULL);
	watched_free(&watching->before);
	watching->before = watching->now;
	watching->now = (struct watched_rows){ 0 };
	status = look_at(ctx, watching->request, watching);
	/* a first look that nothing was found at has not even columns */
	if (status == EXIT_USAGE || (watching->first && watching->columns.count == 0))
		return status;
	return tell(watching) ? status : EXIT_USAGE;
}

int watch(struct ipck *ctx, struct request *request)
{
	struct watching watching = { .request = request,
				     .view = view_row(request->view),
				     .on_screen = on_screen(request),
				     .first = true };
	int status;

	if (!watch_begin(request->interval, request->timeout))
		return EXIT_USAGE;
	if (watching.on_screen)
		watch_for_size();
	status = look_once(ctx, &watching);
	while (status == EXIT_DONE && watch_tick()) {
		if (watch_resized()) {
			status = tell(&watching) ? EXIT_DONE : EXIT_USAGE;
			continue;
		}
		watching.first = false;
		status = look_once(ctx, &watching);
	}
	watched_free(&watching.before);
	watched_free(&watching.now);
	return status != EXIT_DONE ? status : watch_status();
}
