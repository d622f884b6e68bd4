/* SPDX-License-Identifier: MIT */
/* --watch into a file: the table of the first look, then a line for each row that is new or gone;
 * and the same as JSON, one object a line. */
#include "common/watch_clock.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static size_t width_of(const char *text)
{
	wchar_t wide[512];
	const size_t length = mbstowcs(wide, text, sizeof(wide) / sizeof(wide[0]));
	int width;

	if (length == (size_t)-1 || length == sizeof(wide) / sizeof(wide[0]))
		return strlen(text);
	width = wcswidth(wide, length);
	return width < 0 ? strlen(text) : (size_t)width;
}

/* ---- Text ---- */

struct logging {
	struct watching *watching;
	struct writer writer;
};

static void widen(struct watching *watching, const struct row_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++) {
		const size_t width = width_of(texts->texts[i]);

		if (strchr(texts->texts[i], '\n') == NULL && width > watching->widths[i])
			watching->widths[i] = width;
	}
}

/* A cell of several lines becomes one line. */
static void put_cell(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '\n')
			fputs(", ", stdout);
		else
			putchar(*text);
}

static void put_line(const struct watching *watching, const struct row_texts *texts, char sign)
{
	const char *color = sign == '+' ? "\033[32m" : "\033[31m";
	const bool colored = watching->request->output.color;
	char time[WATCH_TIME_MAX];

	printf("%s %s%c", watch_time_text(time), colored ? color : "", sign);
	for (size_t i = 1; i < texts->count; i++) {
		const struct column *column = watching->columns.columns[i];
		const size_t width = width_of(texts->texts[i]);
		const size_t blanks = watching->widths[i] > width ? watching->widths[i] - width : 0;
		const bool right = value_is_numeric(column->type);

		printf(" %*s", right ? (int)blanks : 0, "");
		put_cell(texts->texts[i]);
		if (!right && i + 1 < texts->count)
			printf("%*s", (int)blanks, "");
	}
	puts(colored ? "\033[0m" : "");
}

static bool log_first(void *data, const struct watched_row *row, enum watched_change change,
		      size_t depth)
{
	struct logging *logging = data;
	struct row_texts texts = row->texts;

	(void)change;
	(void)depth;
	widen(logging->watching, &texts);
	/* there is no change in it: the column for that stays out */
	texts.texts++;
	texts.alerts++;
	texts.count--;
	return writer_texts(&logging->writer, &texts);
}

static bool log_change(void *data, const struct watched_row *row, enum watched_change change,
		       size_t depth)
{
	struct watching *watching = data;

	(void)depth;
	if (change != WATCHED_SAME)
		put_line(watching, &row->texts, change == WATCHED_NEW ? '+' : '-');
	return true;
}

static bool log_table(struct watching *watching)
{
	struct logging logging = { .watching = watching };
	struct column_list list = watching->columns;
	bool good;

	list.count--;
	memmove(list.columns, list.columns + 1, list.count * sizeof(const struct column *));
	for (size_t i = 0; i < watching->columns.count; i++)
		watching->widths[i] = strlen(watching->columns.columns[i]->name);
	writer_open(&logging.writer, &watching->request->output);
	logging.writer.tree = watching->view->tree;
	good = writer_begin(&logging.writer, &list, watching->view->json) &&
	       watched_compare(&watching->before, &watching->now, true, log_first, &logging);
	writer_end(&logging.writer);
	return writer_close(&logging.writer) && good;
}

bool watch_log(struct watching *watching)
{
	if (watching->first)
		return log_table(watching);
	return watched_compare(&watching->before, &watching->now, false, log_change, watching);
}

/* ---- JSON ---- */

static bool put_object(void *data, const struct watched_row *row, enum watched_change change,
		       size_t depth)
{
	(void)change;
	(void)depth;
	return writer_texts(data, &row->texts);
}

static bool json_all(const struct watching *watching)
{
	struct writer_options options = watching->request->output;
	struct watched_rows none = { 0 };
	struct writer writer;
	bool good;

	options.one_line = true;
	writer_open(&writer, &options);
	writer.tree = watching->view->tree;
	writer.sections = 1; /* the time stands before it */
	good = writer_begin(&writer, &watching->columns, watching->view->json) &&
	       watched_compare(&none, (struct watched_rows *)&watching->now, true, put_object,
			       &writer);
	writer_end(&writer);
	return writer_close(&writer) && good;
}

struct changes {
	enum watched_change wanted;
	size_t count;
	bool print;
};

static bool put_change(void *data, const struct watched_row *row, enum watched_change change,
		       size_t depth)
{
	struct changes *changes = data;

	(void)depth;
	if (change != changes->wanted)
		return true;
	if (changes->print)
		printf("%s%s", changes->count > 0 ? "," : "", row->texts.texts[0]);
	changes->count++;
	return true;
}

static bool each_change(struct watching *watching, struct changes *changes)
{
	return watched_compare(&watching->before, &watching->now, false, put_change, changes);
}

bool watch_json(struct watching *watching)
{
	struct changes fresh = { .wanted = WATCHED_NEW }, gone = { .wanted = WATCHED_GONE };
	char time[WATCH_TIME_MAX];
	bool good;

	if (!watching->first && (!each_change(watching, &fresh) || !each_change(watching, &gone)))
		return false;
	if (!watching->first && fresh.count + gone.count == 0)
		return true;
	printf("{\"time\":%s", watch_time_number(time));
	if (watching->first)
		return json_all(watching);
	fresh = (struct changes){ .wanted = WATCHED_NEW, .print = true };
	gone = (struct changes){ .wanted = WATCHED_GONE, .print = true };
	fputs(",\"new\":[", stdout);
	good = each_change(watching, &fresh);
	fputs("],\"gone\":[", stdout);
	good = each_change(watching, &gone) && good;
	puts("]}");
	return good;
}
