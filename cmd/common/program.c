/* SPDX-License-Identifier: MIT */
/* What every command does alike: complain on stderr, end with a meaning, notice lost output. */
#include "common/program.h"

#include "ipckit.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *name = "ipckit";

bool program_called(const char *argv0, const char *wanted)
{
	const char *slash = argv0 != NULL ? strrchr(argv0, '/') : NULL;

	return argv0 != NULL && strcmp(slash != NULL ? slash + 1 : argv0, wanted) == 0;
}

void program_begin(const char *command)
{
	static char buffer[65536];

	name = command;
	setlocale(LC_CTYPE, "");
	/* Lists are long and written in small pieces; a terminal keeps its lines. */
	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
}

const char *program_name(void)
{
	return name;
}

void complain_args(const char *format, va_list args)
{
	char raw[2048], safe[4096];

	vsnprintf(raw, sizeof(raw), format, args);
	ipck_sanitise(raw, safe, sizeof(safe));
	fflush(stdout); /* keep the order where both go to one place */
	fprintf(stderr, "%s: %s\n", name, safe);
}

void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain_args(format, args);
	va_end(args);
}

static int lost; /* the errno of the first write that failed */

void program_flush(void)
{
	errno = 0;
	if (fflush(stdout) != 0)
		program_lost(errno != 0 ? errno : EIO);
}

void program_lost(int error)
{
	if (lost == 0)
		lost = error;
}

bool program_output_good(void)
{
	return lost == 0 && ferror(stdout) == 0;
}

int program_end(int status)
{
	const bool failed = ferror(stdout) != 0;

	program_flush();
	if (failed && lost == 0)
		lost = EIO;
	if (lost == 0 || lost == EPIPE)
		return status;
	clearerr(stdout);
	complain("standard output: %s", strerror(lost));
	return EXIT_USAGE;
}
