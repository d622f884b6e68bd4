/* SPDX-License-Identifier: MIT */
/* Processes that a signal to the holders of something must not hit by the way. */
#include "signalling.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* 0: none, or not to be seen. */
static pid_t parent_of(pid_t pid)
{
	char path[32], text[1024];
	const char *end;
	size_t length;
	int parent = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	/* the command may hold anything: what follows its last parenthesis is the state */
	end = strrchr(text, ')');
	if (end == NULL || sscanf(end, ") %*c %d", &parent) != 1)
		return 0;
	return (pid_t)parent;
}

bool is_init_or_ancestor(pid_t pid)
{
	enum { DEPTH = 4096 };
	pid_t ancestor = getppid();

	for (int i = 0; i < DEPTH && ancestor > 1; i++) {
		if (ancestor == pid)
			return true;
		ancestor = parent_of(ancestor);
	}
	return pid == 1;
}
