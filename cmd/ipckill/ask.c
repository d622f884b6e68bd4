/* SPDX-License-Identifier: MIT */
/* Questions to the person at the terminal, which standard input may not be. */
#include "common/program.h"
#include "ipckill.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

bool can_ask(void)
{
	FILE *terminal = fopen("/dev/tty", "r+e");

	if (terminal != NULL)
		fclose(terminal);
	return terminal != NULL;
}

enum answer ask(const char *format, ...)
{
	FILE *terminal = fopen("/dev/tty", "r+e");
	char line[64];
	va_list args;
	enum answer answer = ANSWER_NO;

	if (terminal == NULL)
		return ANSWER_NO_TERMINAL;
	fflush(stdout);
	va_start(args, format);
	vfprintf(terminal, format, args);
	va_end(args);
	fflush(terminal);
	if (fgets(line, sizeof(line), terminal) != NULL &&
	    (strcasecmp(line, "y\n") == 0 || strcasecmp(line, "yes\n") == 0))
		answer = ANSWER_YES;
	fclose(terminal);
	return answer;
}

int confirm(const struct request *request, const struct question *question, const char *words)
{
	if (request->yes || question->pending == 0)
		return EXIT_DONE;
	if (request->json) {
		complain("%zu to be %s: -J asks nothing; give -y or --dry-run", question->pending,
			 question->done);
		return EXIT_USAGE;
	}
	if (!question->show(question->shown, request))
		return EXIT_USAGE;
	program_flush();
	if (!program_output_good()) {
		complain("the plan could not be shown: nothing %s", question->done);
		return EXIT_USAGE;
	}
	switch (ask("%s [y/N] ", words)) {
	case ANSWER_YES:
		return EXIT_DONE;
	case ANSWER_NO_TERMINAL:
		complain("%zu to be %s: no terminal to ask on; give -y", question->pending,
			 question->done);
		return EXIT_USAGE;
	default:
		complain("not confirmed: nothing %s", question->done);
		return EXIT_PARTIAL;
	}
}
