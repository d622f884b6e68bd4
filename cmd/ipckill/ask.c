/* SPDX-License-Identifier: MIT */
/* Questions to the person at the terminal, which standard input may not be. */
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
