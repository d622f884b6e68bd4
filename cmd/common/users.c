/* SPDX-License-Identifier: MIT */
/* Users by name. */
#include "common/users.h"

#include <pwd.h>
#include <stdio.h>

void value_user(struct value *value, uid_t uid)
{
	/* Most rows are of the user of the row before, and a look-up costs more than all the rest.
	 */
	static char name[256];
	static uid_t named;
	const struct passwd *user;

	if (name[0] == '\0' || named != uid) {
		named = uid;
		user = getpwuid(uid);
		if (user != NULL)
			snprintf(name, sizeof(name), "%s", user->pw_name);
		else
			snprintf(name, sizeof(name), "%u", uid);
	}
	snprintf(value->buffer, sizeof(value->buffer), "%s", name);
	value->text = value->buffer;
}
