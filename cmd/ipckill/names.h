/* SPDX-License-Identifier: MIT */
/* Processes by name in one line, as many as fit: "cat[12], dog[13] and 3 more". */
#ifndef IPCKILL_NAMES_H
#define IPCKILL_NAMES_H

#include <stddef.h>
#include <sys/types.h>

struct names {
	char text[272];
	size_t used, named, processes;
};

/* Add a process; its raw command is made harmless. */
void names_add(struct names *names, const char *command, pid_t pid);
/* After the last one.  "": there was none. */
const char *names_end(struct names *names);

#endif
