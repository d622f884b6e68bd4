/* SPDX-License-Identifier: MIT */
/*
 * JSON by json-c.  One row object is made a section and filled again for each row, so memory does
 * not grow with the number of rows.
 */
#include "common/json_values.h"
#include "common/row_json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json_section {
	struct json_object *row;
	struct json_cell {
		struct json_object *object; /* owned by row; NULL while the cell is null */
		const char *text;           /* what a text cell was last made from */
		char number[24];            /* what a number cell prints */
	} cells[COLUMNS_MAX];
};

static struct json_object *json_text(const struct value *value, enum value_type type)
{
	static const struct style machine = { .machine = true };
	char text[VALUE_TEXT_MAX], valid[VALUE_TEXT_MAX];

	if (type == VALUE_TEXT)
		return json_object_new_string(json_utf8(value->text, valid, sizeof(valid)));
	value_text(value, type, &machine, text);
	return json_object_new_string(text);
}

/* A number that prints the digits in its cell: json-c would use printf for each. */
static struct json_object *json_number(struct json_cell *cell)
{
	struct json_object *number = json_object_new_uint64(0);

	if (number != NULL)
		json_object_set_serializer(number, json_object_userdata_to_json_string,
					   cell->number, NULL);
	return number;
}

static bool is_number(enum value_type type)
{
	return type == VALUE_TIME || type == VALUE_PROCESSES ||
	       (value_is_numeric(type) && type != VALUE_TALLY);
}

/* What the cell holds from now on.  NULL: null. */
static struct json_object *json_value(struct json_cell *cell, const struct value *value,
				      enum value_type type)
{
	if (is_number(type))
		return json_number(cell);
	switch (type) {
	case VALUE_BOOLEAN:
		return json_object_new_boolean(value->number != 0);
	case VALUE_BYTES:
		return json_bytes(value->text, (size_t)value->bytes);
	case VALUE_HEX:
		return json_hex(value->text, (size_t)value->bytes);
	case VALUE_PROCESS:
		return json_process(value->process);
	case VALUE_SEMAPHORES:
		return json_semaphores(value->object);
	case VALUE_HOLDERS:
		return json_holders(value->object);
	case VALUE_WATCHES:
		return json_watches(value->object);
	case VALUE_WANTS:
		return json_wants(value->wait);
	case VALUE_AWAITED:
		return json_awaited(value->wait);
	case VALUE_TALLY:
		return json_tally(value);
	case VALUE_MARKS:
		return json_marks(value->marked);
	case VALUE_EXIT:
		return json_exit((int)value->number);
	case VALUE_WORDS:
		return json_words(value->words, value->word_count);
	default:
		return json_text(value, type);
	}
}

/* Let the cell say a new value with the object it has.  False: it needs another one. */
static bool reuse(struct json_cell *cell, const struct value *value, enum value_type type)
{
	char text[VALUE_TEXT_MAX];

	if (cell->object == NULL)
		return false;
	switch (type) {
	case VALUE_TEXT:
		return json_object_set_string(cell->object,
					      json_utf8(value->text, text, sizeof(text))) != 0;
	case VALUE_REF:
		return json_object_set_string(cell->object, value->text) != 0;
	default:
		return is_number(type);
	}
}

/* Out of memory: false, since a null in its place would say that something is unknown. */
static bool set_cell(struct json_object *row, struct json_cell *cell, const struct value *value,
		     const struct column *column)
{
	static const struct style machine = { .machine = true, .bytes = true };
	/* Names come from a cache: the same pointer is the same text. */
	const char *text = column->type == VALUE_TEXT && value->text != value->buffer &&
					   (column->flags & COLUMN_FLEETING) == 0
				   ? value->text
				   : NULL;

	if (value->state != VALUE_SET) {
		if (cell->object != NULL)
			json_object_object_add(row, column->json, NULL);
		cell->object = NULL;
		return true;
	}
	if (is_number(column->type)) {
		const enum value_type type =
			column->type == VALUE_PROCESSES ? VALUE_NUMBER : column->type;
		char number[VALUE_TEXT_MAX];

		value_text(value, type, &machine, number);
		memcpy(cell->number, number, sizeof(cell->number));
	}
	if (cell->object != NULL && text != NULL && text == cell->text)
		return true;
	cell->text = text;
	if (reuse(cell, value, column->type))
		return true;
	cell->object = json_value(cell, value, column->type);
	if (json_object_object_add(row, column->json, cell->object) != 0)
		return false;
	/* A process may be null although the value is set: nobody has done it yet. */
	return cell->object != NULL || column->type == VALUE_PROCESS;
}

/* A key stands once in an object, however often its column was asked for. */
static void drop_repeated(struct column_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		size_t j = 0;

		while (j < kept && strcmp(list->columns[j]->json, list->columns[i]->json) != 0)
			j++;
		if (j == kept)
			list->columns[kept++] = list->columns[i];
	}
	list->count = kept;
}

/* The row object, with all keys in the order of the columns. */
static bool section_make(struct writer *writer)
{
	struct json_section *section = calloc(1, sizeof(*section));

	writer->private = section;
	if (section == NULL || (section->row = json_object_new_object()) == NULL)
		return false;
	drop_repeated(&writer->columns);
	for (size_t i = 0; i < writer->columns.count; i++)
		json_object_object_add(section->row, writer->columns.columns[i]->json, NULL);
	return true;
}

static void section_free(struct writer *writer)
{
	struct json_section *section = writer->private;

	if (section != NULL)
		json_object_put(section->row);
	free(section);
	writer->private = NULL;
}

/* What stands between two rows, and before the first of them. */
static const char *between(const struct writer *writer)
{
	return writer->options->one_line ? "," : ",\n";
}

static bool json_begin(struct writer *writer, const char *json_name)
{
	if (writer->take == NULL)
		printf("%s\"%s\": [", writer->sections == 0 ? "{" : between(writer), json_name);
	return section_make(writer);
}

/* Why a cell is unknown, in as many words as there are. */
static struct json_object *json_reason(const struct value *value)
{
	char valid[VALUE_TEXT_MAX];

	return json_object_new_string(value->why_text != NULL
					      ? json_utf8(value->why_text, valid, sizeof(valid))
					      : ipck_strerror(value->why));
}

/* Say why a member is unknown; the object for that is made with the first. */
static bool add_unknown(struct json_object **unknown, const char *key, struct json_object *reason)
{
	if (*unknown == NULL)
		*unknown = json_object_new_object();
	return *unknown != NULL && json_object_object_add(*unknown, key, reason) == 0;
}

/* A member of that name takes the place of the cell, and its object away from it. */
static bool is_member(const struct writer *writer, const struct column *column)
{
	for (size_t i = 0; i < WRITER_MEMBERS && writer->more[i].key != NULL; i++)
		if (strcmp(writer->more[i].key, column->json) == 0)
			return true;
	return false;
}

static bool fill_cells(struct writer *writer, const void *row, struct json_object **unknown)
{
	struct json_section *section = writer->private;

	for (size_t i = 0; i < writer->columns.count; i++) {
		const struct column *column = writer->columns.columns[i];
		struct value value;

		if (is_member(writer, column))
			continue;
		writer_value(writer, i, row, &value);
		if (value.state == VALUE_UNKNOWN &&
		    !add_unknown(unknown, column->json, json_reason(&value)))
			return false;
		if (!set_cell(section->row, &section->cells[i], &value, column))
			return false;
	}
	return true;
}

static bool add_more(struct writer *writer, const void *row, struct json_object **unknown)
{
	struct json_section *section = writer->private;

	for (size_t i = 0; i < WRITER_MEMBERS && writer->more[i].key != NULL; i++) {
		const struct writer_member *more = &writer->more[i];
		int why = 0;
		struct json_object *member = more->make(row, more->data, &why);

		if (member == NULL &&
		    (why == 0 ||
		     !add_unknown(unknown, more->key, json_object_new_string(ipck_strerror(why)))))
			return false;
		if (json_object_object_add(section->row, more->key, member) != 0)
			return false;
	}
	return true;
}

/* Let the row object say this row. */
static bool section_fill(struct writer *writer, const void *row)
{
	struct json_section *section = writer->private;
	struct json_object *unknown = NULL;

	if (!fill_cells(writer, row, &unknown) || !add_more(writer, row, &unknown)) {
		json_object_put(unknown);
		return false;
	}
	if (unknown != NULL)
		json_object_object_add(section->row, "unknown", unknown);
	return true;
}

static const char *row_text(struct json_object *row)
{
	return json_object_to_json_string_ext(row, JSON_C_TO_STRING_PLAIN |
							   JSON_C_TO_STRING_NOSLASHESCAPE);
}

/* Close the rows of a tree that have no more below them. */
static void close_rows(struct writer *writer, size_t depth)
{
	for (; writer->above.open > depth; writer->above.open--)
		fputs("]}", stdout);
}

/* A row that others may follow below is left open. */
static void put_tree_row(struct writer *writer, const char *text)
{
	const bool first = writer->above.open == writer->depth; /* below the row above it */

	close_rows(writer, writer->depth);
	fputs(between(writer) + (writer->rows == 0 || (first && writer->depth > 0)), stdout);
	printf("%.*s%s\"%s\":[", (int)strlen(text) - 1, text, text[1] == '}' ? "" : ",",
	       writer->tree);
	writer->above.open++;
}

static void put_row(struct writer *writer, const char *text)
{
	if (writer->tree != NULL) {
		put_tree_row(writer, text);
	} else {
		fputs(between(writer) + (writer->rows == 0), stdout);
		fputs(text, stdout);
	}
}

static bool take_row(struct writer *writer, const void *row, const char *text)
{
	struct row_texts texts = { .depth = writer->depth,
				   .texts = calloc(1, sizeof(*texts.texts)),
				   .alerts = calloc(1, sizeof(*texts.alerts)) };

	if (texts.texts != NULL && texts.alerts != NULL &&
	    (texts.texts[texts.count++] = strdup(text)) != NULL)
		return writer->take(writer, row, &texts);
	row_texts_free(&texts);
	return false;
}

static bool json_texts(struct writer *writer, const struct row_texts *texts)
{
	writer->depth = texts->depth;
	put_row(writer, texts->texts[0]);
	return true;
}

static bool json_row(struct writer *writer, const void *row)
{
	struct json_section *section = writer->private;
	const char *text = section_fill(writer, row) ? row_text(section->row) : NULL;
	bool good = text != NULL;

	if (good && writer->take != NULL)
		good = take_row(writer, row, text);
	else if (good)
		put_row(writer, text);
	json_object_object_del(section->row, "unknown");
	return good;
}

static void json_end(struct writer *writer)
{
	if (writer->take == NULL) {
		close_rows(writer, 0);
		fputs(writer->rows == 0 || writer->options->one_line ? "]" : "\n]", stdout);
	}
	section_free(writer);
}

static void json_finish(struct writer *writer)
{
	if (writer->take == NULL)
		fputs(writer->sections == 0 ? "{}\n" : "}\n", stdout);
}

const struct writer_format writer_json = { json_begin, json_row,    json_texts,
					   json_end,   json_finish, NULL };

char *writer_json_text(const struct column_list *columns, const void *row, struct json_object *more)
{
	static const struct writer_options options = { .format = OUTPUT_JSON };
	struct writer writer = { .options = &options, .columns = *columns };
	struct json_object *object;
	const char *text;
	char *copy = NULL;

	if (section_make(&writer) && section_fill(&writer, row)) {
		object = ((struct json_section *)writer.private)->row;
		json_object_object_foreach(more, key, value)
		{
			json_object_object_add(object, key, json_object_get(value));
		}
		text = row_text(object);
		copy = text != NULL ? strdup(text) : NULL;
	}
	section_free(&writer);
	return copy;
}

/* By way of the text: numbers in the section's own object lie in its cells. */
struct json_object *writer_json_object(const struct column_list *columns, const void *row)
{
	struct json_object *none = json_object_new_object();
	char *text = writer_json_text(columns, row, none);
	struct json_object *object = text != NULL ? json_tokener_parse(text) : NULL;

	json_object_put(none);
	free(text);
	return object;
}
