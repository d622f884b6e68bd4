/* SPDX-License-Identifier: MIT */
/* Names of users and groups, each looked up once. */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include "base/pool.h"
#include "base/table.h"

#include <sys/types.h>

struct names {
	struct pool *pool; /* keeps the strings; set by the owner */
	struct table users, groups;
};

/* The name, or the number as text where there is no name.  NULL: no memory. */
const char *names_user(struct names *names, uid_t uid);
const char *names_group(struct names *names, gid_t gid);
void names_free(struct names *names);

#endif
