/* SPDX-License-Identifier: MIT */
/*
 * Rows to standard output as an aligned table, raw fields, NAME="value" pairs, or JSON.  All four
 * take their cells from the same columns, so they cannot drift apart.
 */
#ifndef COMMON_WRITER_H
#define COMMON_WRITER_H

#include "common/columns.h"

#include <stdio.h>

enum output_format { OUTPUT_TABLE, OUTPUT_RAW, OUTPUT_EXPORT, OUTPUT_JSON };

struct json_object;

/* A row as texts: what the cells of a table show, or one single text, its JSON object. */
struct row_texts {
	size_t depth; /* in a tree */
	size_t count;
	char **texts;
	enum alert *alerts; /* of each */
	const char *color;  /* of the whole row, as libsmartcols has it; NULL: none */
};

struct writer_options {
	enum output_format format;
	bool headings;
	bool truncate; /* tables: cut columns to the width of a terminal */
	bool color;
	/* Lines of trees: as the locale has it, or in these characters. */
	enum { LINES_BY_LOCALE, LINES_ASCII, LINES_UTF8 } lines;
	size_t part;   /* tables: rows to be kept for the widths of columns; 0: all */
	FILE *out;     /* tables: where to; NULL: standard output */
	bool one_line; /* JSON: no line breaks between rows */
	struct style style;
};

/* How often a column that was asked for was unknown in one section, to be said at its end. */
struct hidden {
	unsigned rows;
	int why;
};

#define WRITER_MEMBERS 4

struct writer {
	const struct writer_options *options;
	const struct writer_format *format;
	struct column_list columns;
	size_t sections, rows; /* rows: of this section */
	size_t printed;        /* tables: rows of it that were printed already */
	struct hidden hidden[COLUMNS_MAX];
	bool quiet; /* tables: of a section without rows not even headings */
	/*
	 * A tree: rows come parents first, each with its depth.  Tables draw lines in the column
	 * that is COLUMN_TREE, JSON puts rows into the member "children" of the one above them; raw
	 * fields and pairs have no tree.  To be set before writer_begin().
	 */
	const char *tree; /* the JSON name of the rows below a row: "children"; NULL: no tree */
	size_t depth;     /* of the next row; at most one more than that of the last */
	struct {          /* JSON and tables, their own: rows of a tree */
		void **lines;
		size_t room, open;
	} above;
	bool failed; /* out of memory */
	char *notes; /* lines below the table; NULL: none */
	void *private;
	/*
	 * Tables and JSON: rows are given to this, and none is printed.  The texts are its own from
	 * then on; false: out of memory.  To be set before writer_begin().  NULL: they are printed.
	 */
	bool (*take)(struct writer *writer, const void *row, struct row_texts *texts);
	void *take_data;
	/* JSON: members more of each row, which no column can make.  key NULL: none.  *why: the
	 * reason for NULL. */
	struct writer_member {
		const char *key;
		struct json_object *(*make)(const void *row, void *data, int *why);
		void *data;
	} more[WRITER_MEMBERS];
};

struct writer_format {
	bool (*begin)(struct writer *writer, const char *json_name);
	bool (*row)(struct writer *writer, const void *row);
	bool (*texts)(struct writer *writer, const struct row_texts *texts); /* NULL: cannot */
	void (*end)(struct writer *writer);
	void (*finish)(struct writer *writer);
	bool (*heading)(struct writer *writer, const char *text); /* NULL: nothing is shown */
};

extern const struct writer_format writer_table, writer_raw, writer_export, writer_json;

void writer_open(struct writer *writer, const struct writer_options *options);
/* A section: rows of one sort under one heading, or one JSON array. */
bool writer_begin(struct writer *writer, const struct column_list *columns, const char *json_name);
bool writer_row(struct writer *writer, const void *row);
/* A row that was taken from a writer of the same format. */
bool writer_texts(struct writer *writer, const struct row_texts *texts);
void row_texts_free(struct row_texts *texts);
/* Tables that are trees: a line with no more than a text in the tree's column, which rows can be
 * put below.  Nothing in other formats. */
bool writer_heading(struct writer *writer, const char *text);
/* A line below the table of this section, if it has headings; nothing in other formats. */
__attribute__((format(printf, 2, 3))) void writer_note(struct writer *writer, const char *format,
						       ...);
void writer_end(struct writer *writer);
/* JSON: a section that could not be read at all is null. */
void writer_null(struct writer *writer, const char *json_name);
/* The end of the output.  False when memory ran out on the way. */
bool writer_close(struct writer *writer);

/* For the formats: the value of a cell, with unknown ones counted. */
void writer_value(struct writer *writer, size_t column, const void *row, struct value *value);

/* Is colour wanted?  when: "auto", "always" or "never". */
bool color_wanted(const char *when);
extern const char *const alert_escape[]; /* by enum alert */

#endif
