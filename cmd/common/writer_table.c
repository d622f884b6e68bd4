/* SPDX-License-Identifier: MIT */
/* Aligned tables, by libsmartcols: it knows terminal widths and wide characters. */
#include "common/writer.h"

#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool table_begin(struct writer *writer, const char *json_name)
{
	struct libscols_table *table = scols_new_table();

	(void)json_name;
	writer->private = table;
	if (table == NULL)
		return false;
	/* The cells are safe already, and encoding them again would show \x1b as \x5cx1b. */
	scols_table_enable_noencoding(table, 1);
	scols_table_enable_noheadings(table, !writer->options->headings);
	scols_table_enable_colors(table, writer->options->color);
	for (size_t i = 0; i < writer->columns.count; i++) {
		const struct column *column = writer->columns.columns[i];
		int flags = 0;

		if (value_is_numeric(column->type))
			flags |= SCOLS_FL_RIGHT;
		if (writer->options->truncate && (column->flags & COLUMN_TRUNC) != 0)
			flags |= SCOLS_FL_TRUNC;
		/* a hidden heading would still claim its width */
		if (scols_table_new_column(table, writer->options->headings ? column->name : "", 0,
					   flags) == NULL)
			return false;
	}
	return true;
}

/* A list that is long enough to be printed in parts has large numbers behind small ones. */
static double least_width(enum value_type type)
{
	return type == VALUE_OFFSET ? sizeof("0x1fffff000") - 1
	       : type == VALUE_SIZE ? sizeof("99.9K") - 1
				    : 0;
}

static void set_least_widths(struct writer *writer, bool again)
{
	for (size_t i = 0; i < writer->columns.count; i++) {
		struct libscols_column *column = scols_table_get_column(writer->private, i);

		scols_column_set_whint(column,
				       again ? (double)scols_column_get_width(column)
					     : least_width(writer->columns.columns[i]->type));
	}
}

/*
 * Print the rows that there are, and forget them: no list takes more memory than a part of it.
 * What comes behind has columns at least as wide.
 */
static void print_part(struct writer *writer)
{
	struct libscols_table *table = writer->private;

	if (writer->sections > 1 && writer->printed == 0)
		putchar('\n');
	if (writer->printed == 0)
		set_least_widths(writer, false);
	scols_print_table(table);
	set_least_widths(writer, true);
	scols_table_remove_lines(table);
	scols_table_enable_noheadings(table, 1);
	writer->printed = writer->rows + 1;
}

static bool table_row(struct writer *writer, const void *row)
{
	struct libscols_line *line = scols_table_new_line(writer->private, NULL);

	if (line == NULL)
		return false;
	for (size_t i = 0; i < writer->columns.count; i++) {
		struct value value;
		char *copy;

		writer_value(writer, i, row, &value);
		copy = value_text_whole(&value, writer->columns.columns[i]->type,
					&writer->options->style);
		if (copy == NULL || scols_line_refer_data(line, i, copy) != 0) {
			free(copy);
			return false;
		}
		if (value.alert != ALERT_NONE && writer->options->color)
			scols_cell_set_color(scols_line_get_cell(line, i),
					     value.alert == ALERT_BAD ? "red" : "yellow");
	}
	if (writer->options->part > 0 &&
	    writer->rows + 1 - writer->printed >= writer->options->part)
		print_part(writer);
	return true;
}

static void table_end(struct writer *writer)
{
	if (writer->private == NULL)
		return;
	if (writer->sections > 1 && writer->printed == 0)
		putchar('\n');
	/* libsmartcols says nothing of an empty table; its headings tell that nothing was found. */
	if (writer->rows > writer->printed) {
		scols_print_table(writer->private);
	} else if (writer->options->headings && writer->rows == 0) {
		for (size_t i = 0; i < writer->columns.count; i++)
			printf("%s%s", i > 0 ? " " : "", writer->columns.columns[i]->name);
		putchar('\n');
	}
	scols_unref_table(writer->private);
	writer->private = NULL;
}

static void table_finish(struct writer *writer)
{
	(void)writer;
}

const struct writer_format writer_table = { table_begin, table_row, table_end, table_finish };
