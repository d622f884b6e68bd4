/* SPDX-License-Identifier: MIT */
/* What the four output formats share: sections, counting what was unknown, colour. */
#include "common/writer.h"
#include "common/program.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const alert_escape[] = {
	[ALERT_NONE] = "",
	[ALERT_NOTICE] = "\033[33m",
	[ALERT_BAD] = "\033[31m",
	[ALERT_OWN] = "\033[1m",
};

void writer_open(struct writer *writer, const struct writer_options *options)
{
	static const struct writer_format *const formats[] = {
		[OUTPUT_TABLE] = &writer_table,
		[OUTPUT_RAW] = &writer_raw,
		[OUTPUT_EXPORT] = &writer_export,
		[OUTPUT_JSON] = &writer_json,
	};

	*writer = (struct writer){ .options = options, .format = formats[options->format] };
}

bool writer_begin(struct writer *writer, const struct column_list *columns, const char *json_name)
{
	writer->columns = *columns;
	writer->rows = 0;
	writer->printed = 0;
	writer->quiet = false;
	memset(writer->hidden, 0, sizeof(writer->hidden));
	if (!writer->format->begin(writer, json_name))
		writer->failed = true;
	writer->sections++;
	return !writer->failed;
}

bool writer_row(struct writer *writer, const void *row)
{
	if (!writer->format->row(writer, row))
		writer->failed = true;
	writer->rows++;
	return !writer->failed;
}

bool writer_texts(struct writer *writer, const struct row_texts *texts)
{
	if (!writer->format->texts(writer, texts))
		writer->failed = true;
	writer->rows++;
	return !writer->failed;
}

void row_texts_free(struct row_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->texts[i]);
	free(texts->texts);
	free(texts->alerts);
	*texts = (struct row_texts){ 0 };
}

bool writer_heading(struct writer *writer, const char *text)
{
	if (writer->format->heading != NULL) {
		if (!writer->format->heading(writer, text))
			writer->failed = true;
		writer->rows++;
	}
	return !writer->failed;
}

void writer_note(struct writer *writer, const char *format, ...)
{
	const char *before = writer->notes != NULL ? writer->notes : "";
	char *line = NULL, *notes = NULL;
	va_list args;

	if (writer->options->format != OUTPUT_TABLE || !writer->options->headings)
		return;
	va_start(args, format);
	if (vasprintf(&line, format, args) < 0)
		line = NULL;
	va_end(args);
	if (line == NULL || asprintf(&notes, "%s%s\n", before, line) < 0) {
		writer->failed = true;
		notes = NULL;
	}
	free(line);
	if (notes == NULL)
		return;
	free(writer->notes);
	writer->notes = notes;
}

void writer_end(struct writer *writer)
{
	writer->format->end(writer);
	if (writer->notes != NULL)
		fputs(writer->notes, stdout);
	free(writer->notes);
	writer->notes = NULL;
}

void writer_null(struct writer *writer, const char *json_name)
{
	if (writer->format == &writer_json) {
		printf("%s\"%s\": null", writer->sections == 0 ? "{" : ",\n", json_name);
		writer->sections++;
	}
}

bool writer_close(struct writer *writer)
{
	writer->format->finish(writer);
	if (writer->failed)
		complain("out of memory");
	return !writer->failed;
}

void writer_value(struct writer *writer, size_t column, const void *row, struct value *value)
{
	column_value(writer->columns.set, writer->columns.columns[column], row,
		     &writer->options->style, value);
	if (value->state == VALUE_UNKNOWN && value->why != IPCK_ERR_NOT_WANTED) {
		writer->hidden[column].rows++;
		writer->hidden[column].why = value->why;
	}
}

bool color_wanted(const char *when)
{
	const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	if (refused != NULL && *refused != '\0')
		return false;
	return isatty(STDOUT_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}
