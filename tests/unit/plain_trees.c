/* SPDX-License-Identifier: MIT */
/* Trees for files are to the byte what libsmartcols prints: both print many shapes of trees. */
#include "unit.h"

#include "common/writer_plain.h"

#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS_MAX 600

struct node {
	size_t depth;
	uint64_t number;
	const char *name, *tag;
	bool heading; /* of several processes: a text in the tree's column */
};

struct shape {
	struct node nodes[ROWS_MAX];
	size_t count;
};

#define GETTER(name, statement)                                                                    \
	static void name(const void *row, const struct style *style, struct value *value)          \
	{                                                                                          \
		const struct node *node = row;                                                     \
                                                                                                   \
		(void)style;                                                                       \
		statement;                                                                         \
	}
GETTER(get_number, value->number = node->number)
GETTER(get_name, value->text = node->name)
GETTER(get_tag, value->text = node->tag; value->state = node->tag == NULL ? VALUE_NONE : VALUE_SET)

static const struct column columns[] = {
	{ "NUMBER", "number", 0, VALUE_NUMBER, 0, 0, 0, get_number, "" },
	{ "TAG", "tag", 0, VALUE_TEXT, COLUMN_TRUNC, 0, 0, get_tag, "" },
	{ "N", "n", 0, VALUE_NUMBER, 0, 0, 0, get_number, "" },
	{ "NAME", "name", 0, VALUE_TEXT, COLUMN_TREE | COLUMN_TRUNC, 0, 0, get_name, "" },
	{ 0 },
};
static const struct column_set set = { ONE_TABLE(columns), NULL, NULL };

/* ---- Both ways ---- */

static void write_shape(struct writer *writer, const struct shape *shape, bool as_texts)
{
	for (size_t i = 0; i < shape->count; i++) {
		const struct node *node = &shape->nodes[i];
		struct value value = { .text = node->name };
		char shown[VALUE_TEXT_MAX];
		char *texts[] = { shown, shown, shown, shown };
		enum alert alerts[COUNT(texts)] = { ALERT_NONE };
		const struct row_texts row = { node->depth, writer->columns.count, texts, alerts,
					       NULL };

		value_text(&value, VALUE_TEXT, &writer->options->style, shown);
		writer->depth = node->depth;
		if (node->heading)
			assert_true(writer_heading(writer, node->name));
		else if (as_texts)
			assert_true(writer_texts(writer, &row));
		else
			assert_true(writer_row(writer, node));
	}
}

/* Without an alert nothing is coloured, but libsmartcols is what prints then. */
static char *print(const struct shape *shape, struct writer_options options, const char *order,
		   bool as_texts, bool plain)
{
	struct column_list list = { 0 };
	struct writer writer;
	char *text = NULL;
	size_t size = 0;

	options.out = open_memstream(&text, &size);
	assert_non_null(options.out);
	options.color = !plain;
	column_list_fill(&list, &set, order, order, 0);
	writer_open(&writer, &options);
	writer.tree = "children";
	assert_true(writer_begin(&writer, &list, "nodes"));
	assert_true((writer.format == &writer_plain) == plain);
	write_shape(&writer, shape, as_texts);
	writer_end(&writer);
	assert_true(writer_close(&writer));
	assert_int_equal(fclose(options.out), 0);
	return text;
}

static void compare(const struct shape *shape, const struct writer_options *options,
		    const char *order, bool as_texts)
{
	char *plain = print(shape, *options, order, as_texts, true);
	char *table = print(shape, *options, order, as_texts, false);

	if (strcmp(plain, table) != 0)
		fprintf(stderr, "# %s, headings %d:\n'%s'\n'%s'\n", order, options->headings, plain,
			table);
	assert_string_equal(plain, table);
	free(plain);
	free(table);
}

/* Every step-th way to print it; nothing is fitted to the terminal that this may be run on. */
static void compare_all(const struct shape *shape, unsigned step)
{
	static const char *const orders[] = { "NUMBER,TAG,N,NAME", "NAME", "NAME,TAG",
					      "TAG,NAME,NUMBER", "NAME,N,TAG" };
	const int out = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	assert_true(out >= 0 && null >= 0);
	fflush(stdout);
	assert_true(dup2(null, STDOUT_FILENO) >= 0);
	for (unsigned i = 0; i < COUNT(orders) * 8; i += step) {
		const struct writer_options options = {
			.format = OUTPUT_TABLE,
			.headings = (i & 1) != 0,
			.truncate = (i & 4) != 0,
			.lines = (i & 2) != 0 ? LINES_ASCII : LINES_BY_LOCALE,
		};

		compare(shape, &options, orders[i / 8], (i & 4) != 0);
	}
	assert_true(dup2(out, STDOUT_FILENO) >= 0);
	close(out);
	close(null);
}

/* ---- Shapes ---- */

static unsigned chance(unsigned below)
{
	static uint64_t state = 20;

	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(state >> 33) % below;
}

static struct node any_node(size_t depth)
{
	static const char *const names[] = { "sh",       "a long name with blanks ",
					     "",         "日本語",
					     "naïve",    "e\u0301",
					     "\x1b[31m", "\xff\xfe",
					     "-",        "tab\tnew\nline" };
	static const uint64_t numbers[] = { 0, 7, 42, 4194304, UINT64_MAX };
	const unsigned tag = chance(COUNT(names) + 2);

	return (struct node){
		.depth = depth,
		.number = numbers[chance(COUNT(numbers))],
		.name = names[chance(COUNT(names))],
		.tag = tag < COUNT(names) ? names[tag] : NULL,
	};
}

static void any_shapes(const char *locale)
{
	static struct shape shape;

	assert_non_null(setlocale(LC_ALL, locale));
	for (size_t round = 0; round < 60; round++) {
		size_t depth = 0;

		shape.count = chance(round % 4 == 0 ? 3 : 30);
		for (size_t i = 0; i < shape.count; i++) {
			shape.nodes[i] = any_node(depth);
			if (chance(8) == 0) {
				shape.nodes[i].heading = true;
				shape.nodes[i].name = "group 4711";
			}
			depth = chance(3) == 0 ? chance((unsigned)depth + 2) : depth + chance(2);
		}
		compare_all(&shape, 1 + chance(4));
	}
}

static void trees_of_any_shape_are_the_same(void **state)
{
	(void)state;
	any_shapes("C.UTF-8");
}

static void so_they_are_in_ascii(void **state)
{
	(void)state;
	any_shapes("C");
}

static void chain_deeper_than_is_drawn_is_the_same(void **state)
{
	static struct shape shape;

	(void)state;
	assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
	shape.count = 520;
	for (size_t i = 0; i < shape.count; i++)
		shape.nodes[i] = any_node(i < 512 ? i : 520 - i);
	compare_all(&shape, 13);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST("Trees of any shape are the same", trees_of_any_shape_are_the_same),
		TEST("So they are in ASCII", so_they_are_in_ascii),
		TEST("A chain that is deeper than is drawn is the same",
		     chain_deeper_than_is_drawn_is_the_same),
	};

	return RUN(tests);
}
