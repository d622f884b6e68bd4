/* SPDX-License-Identifier: MIT */
/*
 * Lines of a table that are a tree.  A tree may be deeper than a terminal is wide, and libsmartcols
 * calls itself for each level: below the deepest one that is drawn, rows stand side by side and say
 * how much deeper they are.
 */
#include "common/writer_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define LEVELS_MIN 4     /* however narrow the terminal */
#define NAME_ROOM 16     /* columns for what stands behind the lines */
#define CUT_WIDTH_MAX 20 /* what other columns that may be cut get at least, when they want it */

bool table_tree_add(struct writer *writer, struct libscols_line *line)
{
	if (writer->above.open == writer->above.room) {
		const size_t room = writer->above.room * 2 + 64;
		void **lines = realloc(writer->above.lines, room * sizeof(*lines));

		if (lines == NULL)
			return false;
		writer->above.lines = lines;
		writer->above.room = room;
	}
	writer->above.lines[writer->above.open++] = line;
	return scols_line_set_userdata(line, (void *)(uintptr_t)writer->depth) == 0;
}

static size_t depth_of(struct libscols_line *line)
{
	return (size_t)(uintptr_t)scols_line_get_userdata(line);
}

size_t table_text_width(const char *text)
{
	mbstate_t state = { 0 };
	size_t width = 0;

	/* most are ASCII, and to look each character up would cost more than to print it */
	for (; text != NULL && *text >= ' ' && *text <= '~'; text++)
		width++;
	while (text != NULL && *text != '\0') {
		wchar_t wide = 0;
		const size_t bytes = mbrtowc(&wide, text, MB_CUR_MAX, &state);

		if (bytes == (size_t)-1 || bytes == (size_t)-2)
			return width + strlen(text);
		width += (size_t)(wcwidth(wide) > 0 ? wcwidth(wide) : 0);
		text += bytes;
	}
	return width;
}

/* What all columns but the tree take, with the blanks behind them. */
static size_t others_width(const struct writer *writer)
{
	size_t sum = 0;

	for (size_t i = 0; i < writer->columns.count; i++) {
		const struct column *column = writer->columns.columns[i];
		size_t widest = writer->options->headings ? strlen(column->name) : 0;

		if ((column->flags & COLUMN_TREE) != 0)
			continue;
		for (size_t j = 0; j < writer->above.open; j++) {
			struct libscols_cell *cell = scols_line_get_cell(writer->above.lines[j], i);
			const size_t width = table_text_width(scols_cell_get_data(cell));

			widest = width > widest ? width : widest;
		}
		if ((column->flags & COLUMN_TRUNC) != 0 && widest > CUT_WIDTH_MAX)
			widest = CUT_WIDTH_MAX;
		sum += widest + 1;
	}
	return sum;
}

/* How many levels below the first are drawn. */
static size_t levels_drawn(const struct writer *writer, size_t deepest)
{
	size_t width, others, levels;

	if (!writer->options->truncate || !isatty(STDOUT_FILENO))
		return LEVELS_MAX;
	width = scols_table_get_termwidth(writer->private);
	if (deepest <= LEVELS_MIN)
		return LEVELS_MIN;
	others = others_width(writer) + NAME_ROOM;
	levels = width > others ? (width - others) / LEVEL_WIDTH : 0;
	return levels < LEVELS_MIN ? LEVELS_MIN : levels < LEVELS_MAX ? levels : LEVELS_MAX;
}

/* "+3 sh": three levels deeper than it is drawn. */
static bool say_depth(const struct writer *writer, struct libscols_line *line, size_t deeper)
{
	for (size_t i = 0; i < writer->columns.count; i++) {
		struct libscols_cell *cell = scols_line_get_cell(line, i);
		const char *text = scols_cell_get_data(cell);
		char *longer = NULL;

		if ((writer->columns.columns[i]->flags & COLUMN_TREE) == 0)
			continue;
		if (asprintf(&longer, "+%zu %s", deeper, text != NULL ? text : "") < 0 ||
		    scols_cell_refer_data(cell, longer) != 0) {
			free(longer);
			return false;
		}
	}
	return true;
}

bool table_tree_link(struct writer *writer)
{
	struct libscols_line **above = NULL; /* the last line of each level */
	size_t deepest = 0, levels;
	bool good = true;

	for (size_t i = 0; i < writer->above.open; i++)
		if (depth_of(writer->above.lines[i]) > deepest)
			deepest = depth_of(writer->above.lines[i]);
	levels = levels_drawn(writer, deepest);
	above = calloc(levels + 1, sizeof(struct libscols_line *));
	for (size_t i = 0; above != NULL && good && i < writer->above.open; i++) {
		struct libscols_line *line = writer->above.lines[i];
		const size_t depth = depth_of(line), drawn = depth < levels ? depth : levels;

		if (depth > levels)
			good = say_depth(writer, line, depth - levels);
		if (good && drawn > 0)
			good = scols_line_add_child(above[drawn - 1], line) == 0;
		above[drawn] = line;
	}
	writer->above.open = 0;
	good = good && above != NULL;
	free(above);
	return good;
}
