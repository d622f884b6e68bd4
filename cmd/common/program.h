/* SPDX-License-Identifier: MIT */
/* What every command does alike: complain on stderr, end with a meaning, notice lost output. */
#ifndef COMMON_PROGRAM_H
#define COMMON_PROGRAM_H

#include <stdarg.h>
#include <stdbool.h>

enum exit_status {
	EXIT_DONE = 0,
	EXIT_PARTIAL = 1, /* something asked for by name is missing, denied or failed */
	EXIT_USAGE = 2,   /* usage or fatal error: nothing done */
	EXIT_FOUND = 3    /* a deadlock */
};

/* Was the command called by this name?  argv0 may be NULL or hold a path. */
bool program_called(const char *argv0, const char *name);

/* Name the command for its messages, and take the character type of the locale, nothing else. */
void program_begin(const char *name);
const char *program_name(void);

/* "NAME: what: why" on stderr, on one line, with outside bytes made harmless. */
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);
void complain_args(const char *format, va_list args);

/* Write out what was printed so far.  What goes wrong is remembered for the end. */
void program_flush(void);
bool program_output_good(void); /* has all that was flushed been written? */
/* For output that does not go through stdio: a write to standard output failed. */
void program_lost(int error);

/*
 * Flush standard output.  Lost output (a full disk) is complained of and gives EXIT_USAGE; a reader
 * that went away is not an error.  Otherwise status comes back.
 */
int program_end(int status);

#endif
