/* SPDX-License-Identifier: MIT */
/* Options as data: one table drives parsing and --help. */
#ifndef COMMON_OPTIONS_H
#define COMMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct option_row {
	int code;            /* the letter, or a number from OPTION_LONG on; 0: a heading in help */
	const char *name;    /* the long name */
	const char *operand; /* "USER"; NULL: takes none; "[=WORD]": optional, attached */
	const char *help;
};

enum {
	OPTION_END = -1,    /* no more options: the operands are at argv[optind] on */
	OPTION_BAD = -2,    /* complained of: end with EXIT_USAGE */
	OPTION_LONG = 256,  /* first code without a letter */
	OPTION_SHARED = 512 /* first code of the tables that commands share */
};

struct options {
	int argc;
	char **argv;
	const struct option_row *const *tables; /* ends with NULL */
	const char *operand;                    /* of the option just returned, or NULL */
	void *parser;                           /* private */
};

/* Tables end with a row whose name is NULL.  options_free() after the last call. */
bool options_begin(struct options *options, int argc, char **argv,
		   const struct option_row *const *tables);
int options_next(struct options *options);
void options_free(struct options *options);

/* The option as the user would type it: "--key". */
const char *options_name(const struct options *options, int code);

/* What --help prints before the options: a user's question and the line that answers it. */
struct help_example {
	const char *question, *line;
};

void options_help(const char *usage, const struct help_example *examples,
		  const struct option_row *const *tables, const char *ending);

#endif
