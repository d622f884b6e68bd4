/* SPDX-License-Identifier: MIT */
/* Aligned tables, by libsmartcols: it knows terminal widths and wide characters. */
#include "common/writer.h"

#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

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
		if (scols_table_new_column(table, column->name, 0, flags) == NULL)
			return false;
	}
	return true;
}

/*
 * Characters that this locale cannot show, or to which it gives no width, become \xHH.  Besides
 * being unreadable, they make libsmartcols 2.38 search for ever when it cuts a column.
 */
static void fit_locale(char *text)
{
	char fitted[VALUE_TEXT_MAX];
	size_t used = 0;
	mbstate_t state = { 0 };
	const char *p = text;

	while (*p != '\0' && (unsigned char)*p < 0x80)
		p++;
	if (*p == '\0')
		return;
	for (p = text; *p != '\0' && used + 5 < sizeof(fitted);) {
		wchar_t wide;
		size_t length = mbrtowc(&wide, p, MB_CUR_MAX, &state);
		bool shown = length != (size_t)-1 && length != (size_t)-2 && wcwidth(wide) >= 0;

		if (shown && used + length < sizeof(fitted)) {
			memcpy(fitted + used, p, length);
			used += length;
			p += length;
		} else {
			memset(&state, 0, sizeof(state));
			used += (size_t)snprintf(fitted + used, sizeof(fitted) - used, "\\x%02x",
						 (unsigned char)*p++);
		}
	}
	fitted[used] = '\0';
	memcpy(text, fitted, used + 1);
}

static bool table_row(struct writer *writer, const void *row)
{
	struct libscols_line *line = scols_table_new_line(writer->private, NULL);

	if (line == NULL)
		return false;
	for (size_t i = 0; i < writer->columns.count; i++) {
		struct value value;
		char text[VALUE_TEXT_MAX];
		char *copy;

		writer_value(writer, i, row, &value);
		value_text(&value, writer->columns.columns[i]->type, &writer->options->style, text);
		fit_locale(text);
		copy = strdup(text);
		if (copy == NULL || scols_line_refer_data(line, i, copy) != 0) {
			free(copy);
			return false;
		}
		if (value.alert != ALERT_NONE && writer->options->color)
			scols_cell_set_color(scols_line_get_cell(line, i),
					     value.alert == ALERT_BAD ? "red" : "yellow");
	}
	return true;
}

static void table_end(struct writer *writer)
{
	if (writer->private == NULL)
		return;
	if (writer->sections > 1)
		putchar('\n');
	/* libsmartcols says nothing of an empty table; its headings tell that nothing was found. */
	if (writer->rows > 0) {
		scols_print_table(writer->private);
	} else if (writer->options->headings) {
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
