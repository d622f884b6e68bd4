/* SPDX-License-Identifier: MIT */
/*
 * Trees for files and pipes, byte by byte what libsmartcols prints there.  Nothing is fitted to a
 * terminal, so columns are as wide as their widest cell: that is known once all rows were added.
 * libsmartcols takes six times as long for the same, an eighth of all that a list of processes
 * takes.
 */
#include "common/writer_plain.h"
#include "common/writer_tree.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct line {
	size_t at;      /* its cells: texts behind one another */
	unsigned depth; /* as it is drawn */
	bool last;      /* of its siblings */
};

struct plain {
	char *texts;
	size_t used, room;
	struct line *lines;
	size_t count, line_room;
	size_t widths[COLUMNS_MAX];
};

/* ---- Adding ---- */

bool writer_plain_does(const struct writer *writer)
{
	const struct writer_options *options = writer->options;

	if (writer->tree == NULL || writer->take != NULL || options->color ||
	    options->style.machine || isatty(STDOUT_FILENO))
		return false;
	for (size_t i = 0; i < writer->columns.count; i++) {
		const enum value_type type = writer->columns.columns[i]->type;

		/* longer than any other, or of more than one line */
		if (type == VALUE_SEMAPHORES || type == VALUE_LINES)
			return false;
	}
	return true;
}

static bool plain_begin(struct writer *writer, const char *json_name)
{
	struct plain *plain = calloc(1, sizeof(*plain));

	(void)json_name;
	writer->private = plain;
	if (plain == NULL)
		return false;
	for (size_t i = 0; i < writer->columns.count; i++)
		plain->widths[i] = writer->options->headings
					   ? table_text_width(writer->columns.columns[i]->name)
					   : 1; /* as libsmartcols has it, even of empty cells */
	return true;
}

static struct line *new_line(struct writer *writer)
{
	struct plain *plain = writer->private;
	struct line *line;

	if (plain == NULL)
		return NULL;
	if (plain->count == plain->line_room) {
		const size_t room = plain->line_room * 2 + 64;
		struct line *lines = realloc(plain->lines, room * sizeof(*lines));

		if (lines == NULL)
			return NULL;
		plain->lines = lines;
		plain->line_room = room;
	}
	line = &plain->lines[plain->count++];
	line->at = plain->used;
	line->depth = writer->depth < LEVELS_MAX ? (unsigned)writer->depth : LEVELS_MAX;
	return line;
}

/* Room for a text of this size behind those that there are; NULL: no memory. */
static char *text_room(struct plain *plain, size_t size)
{
	if (plain->room - plain->used < size) {
		const size_t room = plain->room * 2 + size;
		char *texts = realloc(plain->texts, room);

		if (texts == NULL)
			return NULL;
		plain->texts = texts;
		plain->room = room;
	}
	return plain->texts + plain->used;
}

#define DEPTH_ROOM 32 /* what say_depth() says */

/* "+3 " before the text of the tree: three levels deeper than it is drawn. */
static size_t say_depth(const struct writer *writer, size_t column, char *text)
{
	if ((writer->columns.columns[column]->flags & COLUMN_TREE) == 0 ||
	    writer->depth <= LEVELS_MAX)
		return 0;
	return (size_t)snprintf(text, DEPTH_ROOM, "+%zu ", writer->depth - LEVELS_MAX);
}

/* A text was put behind the others. */
static void took_text(struct writer *writer, size_t column, const struct line *line)
{
	struct plain *plain = writer->private;
	const char *text = plain->texts + plain->used;
	size_t width = table_text_width(text);

	if ((writer->columns.columns[column]->flags & COLUMN_TREE) != 0)
		width += (size_t)line->depth * LEVEL_WIDTH;
	if (width > plain->widths[column])
		plain->widths[column] = width;
	plain->used += strlen(text) + 1;
}

static bool add_text(struct writer *writer, size_t column, const struct line *line,
		     const char *text)
{
	const size_t length = strlen(text);
	char *room = text_room(writer->private, length + DEPTH_ROOM);
	size_t before;

	if (room == NULL)
		return false;
	before = say_depth(writer, column, room);
	memcpy(room + before, text, length + 1);
	took_text(writer, column, line);
	return true;
}

static bool plain_row(struct writer *writer, const void *row)
{
	const struct line *line = new_line(writer);

	for (size_t i = 0; line != NULL && i < writer->columns.count; i++) {
		char *text = text_room(writer->private, VALUE_TEXT_MAX + DEPTH_ROOM);
		struct value value;
		size_t before;

		if (text == NULL)
			return false;
		writer_value(writer, i, row, &value);
		before = say_depth(writer, i, text);
		value_text(&value, writer->columns.columns[i]->type, &writer->options->style,
			   text + before);
		took_text(writer, i, line);
	}
	return line != NULL;
}

static bool plain_texts(struct writer *writer, const struct row_texts *texts)
{
	const struct line *line;

	writer->depth = texts->depth;
	line = new_line(writer);
	for (size_t i = 0; line != NULL && i < writer->columns.count; i++)
		if (!add_text(writer, i, line, i < texts->count ? texts->texts[i] : ""))
			return false;
	return line != NULL;
}

static bool plain_heading(struct writer *writer, const char *text)
{
	const struct line *line = new_line(writer);

	for (size_t i = 0; line != NULL && i < writer->columns.count; i++) {
		const bool tree = (writer->columns.columns[i]->flags & COLUMN_TREE) != 0;

		if (!add_text(writer, i, line, tree ? text : ""))
			return false;
	}
	return line != NULL;
}

/* ---- Printing ---- */

/* Backwards: is there one of the same level before one of a higher level comes? */
static void find_last(struct plain *plain)
{
	bool more[LEVELS_MAX + 1] = { false };
	unsigned deepest = 0;

	for (size_t i = plain->count; i-- > 0;) {
		struct line *line = &plain->lines[i];

		for (; deepest > line->depth; deepest--)
			more[deepest] = false;
		deepest = line->depth;
		line->last = !more[deepest];
		more[deepest] = true;
	}
}

struct lines {
	const char *branch, *vertical, *right;
};

static const struct lines *drawn_with(const struct writer *writer)
{
	static const struct lines utf8 = { "├─", "│ ", "└─" }, ascii = { "|-", "| ", "`-" };

	return writer->options->lines != LINES_ASCII && strcmp(nl_langinfo(CODESET), "UTF-8") == 0
		       ? &utf8
		       : &ascii;
}

/* last: of each line above, whether it was the last of its siblings. */
static void draw(FILE *out, const struct lines *lines, const struct line *line, bool *last)
{
	for (unsigned level = 1; level < line->depth; level++)
		fputs_unlocked(last[level] ? "  " : lines->vertical, out);
	if (line->depth > 0)
		fputs_unlocked(line->last ? lines->right : lines->branch, out);
	last[line->depth] = line->last;
}

static void put_blanks(FILE *out, size_t count)
{
	while (count-- > 0)
		putc_unlocked(' ', out);
}

/* line NULL: the headings. */
static void print_cell(const struct writer *writer, FILE *out, size_t column, const char *text,
		       const struct line *line, bool *last)
{
	const struct plain *plain = writer->private;
	const struct column *of = writer->columns.columns[column];
	const bool tree = line != NULL && (of->flags & COLUMN_TREE) != 0;
	const size_t width =
		table_text_width(text) + (tree ? (size_t)line->depth * LEVEL_WIDTH : 0);
	const size_t blanks = plain->widths[column] - width;
	const bool last_column = column + 1 == writer->columns.count;

	/* there is nothing to move to the right, and nothing stands behind it */
	if (value_is_numeric(of->type) && !(last_column && *text == '\0'))
		put_blanks(out, blanks);
	if (tree)
		draw(out, drawn_with(writer), line, last);
	fputs_unlocked(text, out);
	if (last_column) {
		putc_unlocked('\n', out);
		return;
	}
	if (!value_is_numeric(of->type))
		put_blanks(out, blanks);
	putc_unlocked(' ', out);
}

static void print(const struct writer *writer, FILE *out)
{
	struct plain *plain = writer->private;
	bool last[LEVELS_MAX + 1] = { false };

	find_last(plain);
	for (size_t i = 0; writer->options->headings && i < writer->columns.count; i++)
		print_cell(writer, out, i, writer->columns.columns[i]->name, NULL, last);
	for (size_t i = 0; i < plain->count; i++) {
		const char *text = plain->texts + plain->lines[i].at;

		for (size_t j = 0; j < writer->columns.count; j++) {
			print_cell(writer, out, j, text, &plain->lines[i], last);
			text += strlen(text) + 1;
		}
	}
}

void table_empty(const struct writer *writer, FILE *out)
{
	if (!writer->options->headings || writer->quiet)
		return;
	for (size_t i = 0; i < writer->columns.count; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", writer->columns.columns[i]->name);
	putc('\n', out);
}

static void plain_end(struct writer *writer)
{
	FILE *out = writer->options->out != NULL ? writer->options->out : stdout;
	struct plain *plain = writer->private;

	if (plain == NULL)
		return;
	if (writer->sections > 1)
		putc('\n', out);
	if (plain->count > 0)
		print(writer, out);
	else
		table_empty(writer, out);
	free(plain->texts);
	free(plain->lines);
	free(plain);
	writer->private = NULL;
	writer->format = &writer_table; /* the next section decides for itself */
}

static void plain_finish(struct writer *writer)
{
	(void)writer;
}

const struct writer_format writer_plain = { plain_begin, plain_row,    plain_texts,
					    plain_end,   plain_finish, plain_heading };
