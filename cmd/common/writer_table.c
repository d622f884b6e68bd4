/* SPDX-License-Identifier: MIT */
/* Aligned tables, by libsmartcols: it knows terminal widths and wide characters. */
#include "common/writer_plain.h"
#include "common/writer_tree.h"

#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define COLUMN_WIDTH_MAX 255

/* As many as the column was wide in a table that was printed. */
static void fill_blanks(char *blanks, struct libscols_table *table, size_t i)
{
	const size_t width =
		table != NULL ? scols_column_get_width(scols_table_get_column(table, i)) : 0;
	const size_t length = width < COLUMN_WIDTH_MAX ? width : COLUMN_WIDTH_MAX;

	memset(blanks, ' ', length);
	blanks[length] = '\0';
}

/* before: what was printed already; columns are at least as wide then, and have no headings. */
static struct libscols_table *make_table(const struct writer *writer, struct libscols_table *before)
{
	const bool headings = writer->options->headings && before == NULL;
	struct libscols_table *table = scols_new_table();
	char blanks[COLUMN_WIDTH_MAX + 1];

	if (table == NULL)
		return NULL;
	/* The cells are safe already, and encoding them again would show \x1b as \x5cx1b. */
	scols_table_enable_noencoding(table, 1);
	scols_table_enable_noheadings(table, !headings);
	scols_table_enable_colors(table, writer->options->color);
	if (writer->options->out != NULL)
		scols_table_set_stream(table, writer->options->out);
	if (writer->options->lines == LINES_ASCII)
		scols_table_enable_ascii(table, 1);
	for (size_t i = 0; i < writer->columns.count; i++) {
		const struct column *column = writer->columns.columns[i];
		int flags = 0;

		if (value_is_numeric(column->type))
			flags |= SCOLS_FL_RIGHT;
		if (writer->options->truncate && (column->flags & COLUMN_TRUNC) != 0)
			flags |= SCOLS_FL_TRUNC;
		if (writer->tree != NULL && (column->flags & COLUMN_TREE) != 0)
			flags |= SCOLS_FL_TREE;
		if (column->type == VALUE_LINES)
			flags |= SCOLS_FL_WRAP;
		/* a hidden heading still claims its width: here it shall, there it shall not */
		fill_blanks(blanks, before, i);
		if (scols_table_new_column(table, headings ? column->name : blanks, 0, flags) ==
		    NULL) {
			scols_unref_table(table);
			return NULL;
		}
		if (column->type == VALUE_LINES)
			scols_column_set_wrapfunc(scols_table_get_column(table, i),
						  scols_wrapnl_chunksize, scols_wrapnl_nextchunk,
						  NULL);
	}
	return table;
}

static bool table_begin(struct writer *writer, const char *json_name)
{
	if (writer_plain_does(writer)) {
		writer->format = &writer_plain;
		return writer_plain.begin(writer, json_name);
	}
	writer->private = make_table(writer, NULL);
	return writer->private != NULL;
}

/* A list that is long enough to be printed in parts has large numbers behind small ones. */
static bool widen(struct writer *writer)
{
	for (size_t i = 0; i < writer->columns.count; i++) {
		const struct column *column = writer->columns.columns[i];
		const int width = column->type == VALUE_OFFSET ? sizeof("0x1fffff000") - 1
				  : column->type == VALUE_SIZE ? sizeof("99.9K") - 1
							       : 0;
		char heading[COLUMN_WIDTH_MAX + 1];

		snprintf(heading, sizeof(heading), "%*s", width,
			 writer->options->headings ? column->name : "");
		if (scols_cell_set_data(
			    scols_column_get_header(scols_table_get_column(writer->private, i)),
			    heading) != 0)
			return false;
	}
	return true;
}

/*
 * Print the rows that there are, and forget them: no list takes more memory than a part of it.
 */
static bool print_part(struct writer *writer)
{
	struct libscols_table *table = writer->private;

	if (writer->sections > 1 && writer->printed == 0)
		putchar('\n');
	if (writer->printed == 0 && !widen(writer))
		return false;
	scols_print_table(table);
	writer->private = make_table(writer, table);
	scols_unref_table(table);
	writer->printed = writer->rows + 1;
	return writer->private != NULL;
}

/* Lines of a tree are put below one another at the end. */
static struct libscols_line *new_line(struct writer *writer)
{
	struct libscols_line *line = scols_table_new_line(writer->private, NULL);

	return line != NULL && (writer->tree == NULL || table_tree_add(writer, line)) ? line : NULL;
}

static const char *const colors[] = {
	[ALERT_NOTICE] = "yellow",
	[ALERT_BAD] = "red",
	[ALERT_OWN] = "bold",
};

/* libsmartcols cuts only the first line of a cell: the others are cut here, to a third. */
static void cut_lines(const struct writer *writer, char *text)
{
	const size_t room = scols_table_get_termwidth(writer->private) / 3;
	mbstate_t state = { 0 };
	char *to = text;
	size_t width = 0;

	if (!writer->options->truncate || !isatty(STDOUT_FILENO))
		return;
	while (*text != '\0') {
		wchar_t wide = 0;
		size_t bytes = mbrtowc(&wide, text, MB_CUR_MAX, &state);

		if (bytes == (size_t)-1 || bytes == (size_t)-2) {
			bytes = 1;
			memset(&state, 0, sizeof(state));
		}
		width = *text == '\n' ? 0 : width + (size_t)(wcwidth(wide) > 0 ? wcwidth(wide) : 0);
		if (width <= room) {
			memmove(to, text, bytes);
			to += bytes;
		}
		text += bytes;
	}
	*to = '\0';
}

/* What a cell shows, to be freed; NULL: no memory. */
static char *cell_text(const struct writer *writer, size_t column, const struct value *value)
{
	const enum value_type type = writer->columns.columns[column]->type;
	char *text = value_text_whole(value, type, &writer->options->style);

	if (text != NULL && type == VALUE_LINES)
		cut_lines(writer, text);
	return text;
}

/* What the cells of a row show. */
static bool make_texts(struct writer *writer, const void *row, struct row_texts *texts)
{
	const size_t count = writer->columns.count;

	*texts = (struct row_texts){ .depth = writer->depth,
				     .texts = calloc(count + 1, sizeof(*texts->texts)),
				     .alerts = calloc(count + 1, sizeof(*texts->alerts)) };
	if (texts->texts == NULL || texts->alerts == NULL)
		return false;
	for (; texts->count < count; texts->count++) {
		const size_t i = texts->count;
		struct value value;

		writer_value(writer, i, row, &value);
		texts->alerts[i] = value.alert;
		texts->texts[i] = cell_text(writer, i, &value);
		if (texts->texts[i] == NULL)
			return false;
	}
	return true;
}

static bool take_row(struct writer *writer, const void *row)
{
	struct row_texts texts;

	if (make_texts(writer, row, &texts))
		return writer->take(writer, row, &texts);
	row_texts_free(&texts);
	return false;
}

static bool table_texts(struct writer *writer, const struct row_texts *texts)
{
	struct libscols_line *line;

	writer->depth = texts->depth;
	line = new_line(writer);
	if (line == NULL || (writer->options->color && texts->color != NULL &&
			     scols_line_set_color(line, texts->color) != 0))
		return false;
	for (size_t i = 0; i < texts->count; i++) {
		if (scols_line_set_data(line, i, texts->texts[i]) != 0)
			return false;
		if (texts->alerts[i] != ALERT_NONE && writer->options->color)
			scols_cell_set_color(scols_line_get_cell(line, i),
					     colors[texts->alerts[i]]);
	}
	return true;
}

static bool table_row(struct writer *writer, const void *row)
{
	struct libscols_line *line;

	if (writer->take != NULL)
		return take_row(writer, row);
	line = new_line(writer);
	if (line == NULL)
		return false;
	for (size_t i = 0; i < writer->columns.count; i++) {
		struct value value;
		char *copy;

		writer_value(writer, i, row, &value);
		copy = cell_text(writer, i, &value);
		if (copy == NULL || scols_line_refer_data(line, i, copy) != 0) {
			free(copy);
			return false;
		}
		if (value.alert != ALERT_NONE && writer->options->color)
			scols_cell_set_color(scols_line_get_cell(line, i), colors[value.alert]);
	}
	if (writer->options->part > 0 && writer->tree == NULL &&
	    writer->rows + 1 - writer->printed >= writer->options->part)
		return print_part(writer);
	return true;
}

static bool table_heading(struct writer *writer, const char *text)
{
	struct libscols_line *line = new_line(writer);

	for (size_t i = 0; line != NULL && i < writer->columns.count; i++)
		if ((writer->columns.columns[i]->flags & COLUMN_TREE) != 0 &&
		    scols_line_set_data(line, i, text) != 0)
			return false;
	return line != NULL;
}

static void table_end(struct writer *writer)
{
	FILE *out = writer->options->out != NULL ? writer->options->out : stdout;

	if (writer->private == NULL)
		return;
	if (writer->tree != NULL && !table_tree_link(writer))
		writer->failed = true;
	if (writer->take != NULL) {
		scols_unref_table(writer->private);
		writer->private = NULL;
		return;
	}
	if (writer->sections > 1 && writer->printed == 0)
		putc('\n', out);
	/* libsmartcols says nothing of an empty table; its headings tell that nothing was found. */
	if (writer->rows > writer->printed)
		scols_print_table(writer->private);
	else if (writer->rows == 0)
		table_empty(writer, out);
	scols_unref_table(writer->private);
	writer->private = NULL;
}

static void table_finish(struct writer *writer)
{
	free(writer->above.lines);
}

const struct writer_format writer_table = { table_begin, table_row,    table_texts,
					    table_end,   table_finish, table_heading };
