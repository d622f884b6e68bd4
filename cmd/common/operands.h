/* SPDX-License-Identifier: MIT */
/* References as operands, and one a line from standard input. */
#ifndef COMMON_OPERANDS_H
#define COMMON_OPERANDS_H

#include "ipckit.h"

struct operands {
	struct ipck_ref *refs;
	int *results;          /* one a reference, for ipck_query.ref_results */
	size_t count, objects; /* objects: the first so many are; processes come last */
	bool from_input;       /* "-" was among them */
};

/*
 * Read all operands; "-" stands for the lines of standard input, where empty ones are passed over.
 * The first that is no reference is complained of, and false returned: nothing may be done then.
 * whole_lines: so is a last line without its newline, which may be the half of another reference.
 */
bool operands_read(struct operands *operands, char **words, size_t count, bool whole_lines);
void operands_free(struct operands *operands);

/*
 * The same for operands of other sorts: take() is given each, and complains when it returns false,
 * which ends it.
 */
bool operands_each(char **words, size_t count, bool whole_lines, bool *from_input,
		   bool (*take)(const char *word, void *data), void *data);

/* The first that names a process, which is no object; NULL: none does. */
const struct ipck_ref *operands_process(const struct operands *operands);

/* Complain of each reference that results say names no object; how many there were. */
size_t operands_complain(const struct operands *operands);

#endif
