/* SPDX-License-Identifier: MIT */
/* Processes by name in one line, as many as fit: "cat[12], dog[13] and 3 more". */
#include "names.h"

#include "ipckit.h"

#include <stdio.h>

#define COMMAND_MAX 64
#define NAME_MAX_BYTES (COMMAND_MAX + 26) /* with its pid, and " and N more" after the last */

void names_add(struct names *names, const char *command, pid_t pid)
{
	char harmless[COMMAND_MAX];

	names->processes++;
	if (names->used + NAME_MAX_BYTES > sizeof(names->text) - NAME_MAX_BYTES)
		return;
	ipck_sanitise(command, harmless, sizeof(harmless));
	names->used +=
		(size_t)snprintf(names->text + names->used, sizeof(names->text) - names->used,
				 "%s%s[%d]", names->named++ > 0 ? ", " : "", harmless, (int)pid);
}

const char *names_end(struct names *names)
{
	if (names->processes > names->named)
		snprintf(names->text + names->used, sizeof(names->text) - names->used,
			 " and %zu more", names->processes - names->named);
	return names->text;
}
