/* SPDX-License-Identifier: MIT */
/* --list-columns: the columns themselves, as data. */
#include "common/object_columns.h"
#include "common/program.h"
#include "ipcls.h"

#include <stdio.h>

/* "sysv,posix-shm": groups by their name, what is left kind by kind. */
static void print_kinds(unsigned kinds, char *buf, size_t size)
{
	static const struct {
		unsigned kinds;
		const char *name;
	} groups[] = { { IPCK_KINDS, "all" },
		       { IPCK_SYSV, "sysv" },
		       { IPCK_POSIX, "posix" },
		       { IPCK_ENDPOINTS, "endpoints" } };
	size_t used = 0;

	buf[0] = '\0';
	kinds = kinds != 0 ? kinds : IPCK_KINDS;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if ((kinds & groups[i].kinds) == groups[i].kinds) {
			kinds &= ~groups[i].kinds;
			used += (size_t)snprintf(buf + used, size - used, "%s%s",
						 used > 0 ? "," : "", groups[i].name);
		}
	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++)
		if ((kinds & kind->kind) != 0)
			used += (size_t)snprintf(buf + used, size - used, "%s%s",
						 used > 0 ? "," : "", ipck_kind_name(kind->kind));
}

int list_columns(const struct column_set *set)
{
	printf("%-14s %-36s %-11s %-16s %s\n", "COLUMN", "KINDS", "TYPE", "JSON", "MEANING");
	for (const struct column *const *table = set->tables; *table != NULL; table++)
		for (const struct column *column = *table; column->name != NULL; column++) {
			char kinds[256];

			print_kinds(column->kinds, kinds, sizeof(kinds));
			printf("%-14s %-36s %-11s %-16s %s\n", column->name, kinds,
			       value_type_name(column->type), column->json, column->help);
		}
	return EXIT_DONE;
}
