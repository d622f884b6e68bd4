/* SPDX-License-Identifier: MIT */
/* What a scan is asked for, and what tells the objects apart: devices and namespaces. */
#include "source/scanner.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

bool scanner_is_posix(const struct scanner *scanner, uint32_t major, uint32_t minor)
{
	for (size_t i = 0; i < scanner->query->device_count; i++)
		if (scanner->query->devices[i].major == major &&
		    scanner->query->devices[i].minor == minor)
			return true;
	return false;
}

static int by_identity(const void *a, const void *b)
{
	return identity_compare(a, b);
}

bool scanner_wants(const struct scanner *scanner, const struct identity *object)
{
	const struct scan_query *query = scanner->query;

	return query->wanted == NULL || bsearch(object, query->wanted, query->wanted_count,
						sizeof(*query->wanted), by_identity) != NULL;
}

uint64_t scanner_ipc(struct scanner *scanner)
{
	char path[48] = "ns/ipc";
	struct stat status;

	/* that of a thread that has ended leads nowhere */
	if (scanner->alive != 0)
		snprintf(path, sizeof(path), "task/%d/ns/ipc", (int)scanner->alive);
	if (!scanner->ipc_known)
		scanner->ipc = fstatat(scanner->dir, path, &status, 0) == 0 ? status.st_ino : 0;
	scanner->ipc_known = true;
	return scanner->ipc;
}
