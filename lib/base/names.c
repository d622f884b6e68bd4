/* SPDX-License-Identifier: MIT */
/* Names of users and groups, each looked up once: NSS may read a file or ask a server each time. */
#include "base/names.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

/* One look-up with a buffer of this size; NULL with *error ERANGE when it was too small. */
typedef const char *lookup(uint32_t id, char *buf, size_t size, int *error);

static const char *lookup_user(uint32_t id, char *buf, size_t size, int *error)
{
	struct passwd entry, *found = NULL;

	*error = getpwuid_r(id, &entry, buf, size, &found);
	return found != NULL ? found->pw_name : NULL;
}

static const char *lookup_group(uint32_t id, char *buf, size_t size, int *error)
{
	struct group entry, *found = NULL;

	*error = getgrgid_r(id, &entry, buf, size, &found);
	return found != NULL ? found->gr_name : NULL;
}

static const char *named(struct names *names, struct table *table, lookup *look, uint32_t id)
{
	struct table_slot *slot = table_slot(table, id);
	char number[16], fixed[1024], *buf = fixed;
	size_t size = sizeof(fixed);
	const char *name;
	int error;

	if (slot == NULL)
		return NULL;
	if (slot->value != NULL)
		return slot->value;
	/* A group with many members needs room for all their names. */
	while ((name = look(id, buf, size, &error)) == NULL && error == ERANGE &&
	       size < (size_t)16 << 20) {
		char *larger;

		size *= 4;
		larger = realloc(buf == fixed ? NULL : buf, size);
		if (larger == NULL)
			break;
		buf = larger;
	}
	if (name == NULL || *name == '\0') {
		snprintf(number, sizeof(number), "%u", (unsigned)id);
		name = number;
	}
	slot->value = pool_string(names->pool, name);
	if (buf != fixed)
		free(buf);
	return slot->value;
}

const char *names_user(struct names *names, uid_t uid)
{
	return named(names, &names->users, lookup_user, uid);
}

const char *names_group(struct names *names, gid_t gid)
{
	return named(names, &names->groups, lookup_group, gid);
}

void names_free(struct names *names)
{
	table_free(&names->users);
	table_free(&names->groups);
}
