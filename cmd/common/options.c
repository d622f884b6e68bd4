/* SPDX-License-Identifier: MIT */
/* Options as data: one table drives getopt_long and --help. */
#include "common/options.h"
#include "common/program.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	char letters[256];
	struct option *longs;
};

static int operand_kind(const struct option_row *row)
{
	if (row->operand == NULL)
		return no_argument;
	return strncmp(row->operand, "[=", 2) == 0 ? optional_argument : required_argument;
}

static size_t count_rows(const struct option_row *const *tables)
{
	size_t count = 0;

	for (size_t t = 0; tables[t] != NULL; t++)
		for (const struct option_row *row = tables[t]; row->name != NULL; row++)
			count++;
	return count;
}

bool options_begin(struct options *options, int argc, char **argv,
		   const struct option_row *const *tables)
{
	struct parser *parser = calloc(1, sizeof(*parser));
	char *letter;
	size_t count = 0;

	*options = (struct options){ argc, argv, tables, NULL, parser };
	if (parser != NULL)
		parser->longs = calloc(count_rows(tables) + 1, sizeof(*parser->longs));
	if (parser == NULL || parser->longs == NULL) {
		complain("out of memory");
		return false;
	}
	letter = parser->letters;
	*letter++ = ':'; /* tell a missing operand from an unknown option */
	for (size_t t = 0; tables[t] != NULL; t++)
		for (const struct option_row *row = tables[t]; row->name != NULL; row++) {
			int kind = operand_kind(row);

			if (row->code == 0)
				continue;
			if (row->code < OPTION_LONG) {
				*letter++ = (char)row->code;
				for (int i = 0; i < kind; i++)
					*letter++ = ':';
			}
			parser->longs[count++] =
				(struct option){ row->name, kind, NULL, row->code };
		}
	opterr = 0;
	return true;
}

static bool is_known(const struct options *options, int code)
{
	for (size_t t = 0; options->tables[t] != NULL; t++)
		for (const struct option_row *row = options->tables[t]; row->name != NULL; row++)
			if (row->code == code && code != 0)
				return true;
	return false;
}

/* The word that getopt could not take, as the user typed it. */
static const char *bad_word(const struct options *options, char *buf)
{
	if (optopt > 0 && optopt < OPTION_LONG) {
		buf[0] = '-';
		buf[1] = (char)optopt;
		buf[2] = '\0';
		return buf;
	}
	return options->argv[optind - 1];
}

/* The long option that getopt has just taken, as the user typed it. */
static const char *typed_option(const struct options *options)
{
	const bool separate =
		options->operand != NULL && options->operand == options->argv[optind - 1];

	return options->argv[optind - (separate ? 2 : 1)];
}

/* getopt takes "--dry" for --dry-run: a script would change its meaning with the next new option.
 */
static bool in_full(const struct options *options, const char *name)
{
	const char *typed = typed_option(options) + 2;

	return strcspn(typed, "=") == strlen(name);
}

int options_next(struct options *options)
{
	const struct parser *parser = options->parser;
	char buf[4];
	int code, index = -1;

	optopt = 0;
	code = getopt_long(options->argc, options->argv, parser->letters, parser->longs, &index);
	options->operand = optarg;
	if (code > 0 && index >= 0 && !in_full(options, parser->longs[index].name)) {
		complain("%s: unknown option, did you mean --%s? see %s --help",
			 typed_option(options), parser->longs[index].name, program_name());
		return OPTION_BAD;
	}
	if (code == ':') {
		complain("%s: needs an operand; see %s --help",
			 optopt >= OPTION_LONG ? options_name(options, optopt)
					       : bad_word(options, buf),
			 program_name());
		return OPTION_BAD;
	}
	if (code == '?') {
		/* An option that exists is only refused for the operand in "--json=yes". */
		const bool known = is_known(options, optopt);

		complain("%s: %s; see %s --help",
			 known ? options->argv[optind - 1] : bad_word(options, buf),
			 known ? "takes no operand" : "unknown option", program_name());
		return OPTION_BAD;
	}
	return code;
}

void options_free(struct options *options)
{
	struct parser *parser = options->parser;

	if (parser != NULL)
		free(parser->longs);
	free(parser);
	options->parser = NULL;
}

const char *options_name(const struct options *options, int code)
{
	static char name[64];

	for (size_t t = 0; options->tables[t] != NULL; t++)
		for (const struct option_row *row = options->tables[t]; row->name != NULL; row++)
			if (row->code == code) {
				snprintf(name, sizeof(name), "--%s", row->name);
				return name;
			}
	return "?";
}

void options_help(const char *usage, const struct help_example *examples,
		  const struct option_row *const *tables, const char *ending)
{
	printf("%s\n", usage);
	for (; examples->question != NULL; examples++)
		printf("  %-47s %s\n", examples->question, examples->line);
	for (size_t t = 0; tables[t] != NULL; t++)
		for (const struct option_row *row = tables[t]; row->name != NULL; row++) {
			char words[64];
			int length;

			if (row->code == 0) {
				printf("\n%s\n", row->name);
				continue;
			}
			length = row->code < OPTION_LONG
					 ? snprintf(words, sizeof(words), "  -%c, ", row->code)
					 : snprintf(words, sizeof(words), "      ");
			snprintf(words + length, sizeof(words) - (size_t)length, "--%s%s%s",
				 row->name, operand_kind(row) == required_argument ? " " : "",
				 row->operand != NULL ? row->operand : "");
			printf("%-27s %s\n", words, row->help);
		}
	printf("\n%s\n", ending);
}
