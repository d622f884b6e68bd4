/* SPDX-License-Identifier: MIT */
/*
 * One row a line, for programs: fields with a blank between (raw), or NAME="value" pairs that a
 * shell may eval (export).  Streamed: a row is written when it is read and then forgotten.
 */
#include "common/writer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A byte of a field that would end it, or that the shell would read as more than itself. */
static bool special(unsigned char byte, bool quoted)
{
	if (quoted)
		return byte == '"' || byte == '\\' || byte == '$' || byte == '`';
	return byte == ' ' || byte == '\\';
}

/* value_text() has made all else harmless, and its own \xHH must not be escaped twice. */
static void put_field(const char *text, bool quoted)
{
	for (; *text != '\0'; text++) {
		if (special((unsigned char)*text, quoted) &&
		    !(*text == '\\' && text[1] == 'x' && isxdigit((unsigned char)text[2]) &&
		      isxdigit((unsigned char)text[3])))
			fprintf(stdout, "\\x%02x", (unsigned char)*text);
		else
			putchar_unlocked(*text);
	}
}

/* A field of any length. */
static bool put_value(const struct value *value, enum value_type type, const struct style *style,
		      bool quoted)
{
	char text[VALUE_TEXT_MAX], *whole;

	if (value_is_list(type)) {
		whole = value_text_whole(value, type, style);
		if (whole != NULL)
			put_field(whole, quoted);
		free(whole);
		return whole != NULL;
	}
	value_text(value, type, style, text);
	put_field(*text != '\0' || quoted ? text : "-", quoted);
	return true;
}

static bool raw_begin(struct writer *writer, const char *json_name)
{
	(void)json_name;
	if (!writer->options->headings || writer->format == &writer_export)
		return true;
	for (size_t i = 0; i < writer->columns.count; i++)
		printf("%s%s", i > 0 ? " " : "", writer->columns.columns[i]->name);
	putchar('\n');
	return true;
}

static bool raw_row(struct writer *writer, const void *row)
{
	for (size_t i = 0; i < writer->columns.count; i++) {
		struct value value;

		writer_value(writer, i, row, &value);
		if (i > 0)
			putchar_unlocked(' ');
		if (!put_value(&value, writer->columns.columns[i]->type, &writer->options->style,
			       false))
			return false;
	}
	putchar_unlocked('\n');
	return true;
}

static bool export_row(struct writer *writer, const void *row)
{
	for (size_t i = 0; i < writer->columns.count; i++) {
		struct value value;

		writer_value(writer, i, row, &value);
		if (i > 0)
			putchar_unlocked(' ');
		/* a shell name: no dash, no percent sign */
		for (const char *name = writer->columns.columns[i]->name; *name != '\0'; name++)
			if (*name != '%')
				putchar_unlocked(*name == '-' ? '_' : *name);
		fputs("=\"", stdout);
		/* none is empty here: a shell tests it with -z */
		if ((value.state != VALUE_NONE || value.text != NULL) &&
		    !put_value(&value, writer->columns.columns[i]->type, &writer->options->style,
			       true))
			return false;
		putchar_unlocked('"');
	}
	putchar_unlocked('\n');
	return true;
}

static void nothing(struct writer *writer)
{
	(void)writer;
}

const struct writer_format writer_raw = { raw_begin, raw_row, NULL, nothing, nothing, NULL };
const struct writer_format writer_export = { raw_begin, export_row, NULL, nothing, nothing, NULL };
