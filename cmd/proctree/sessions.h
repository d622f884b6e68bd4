/* SPDX-License-Identifier: MIT */
/* --by session: sessions, the groups of each, and the members of those. */
#ifndef PROCTREE_SESSIONS_H
#define PROCTREE_SESSIONS_H

#include "chosen.h"

struct json_object;

/* A session in JSON. */
struct session_line {
	const struct ipck_session *session;
	struct ipck_operator leader;
};

extern const struct column_set session_columns;

/* Is a member of it shown? */
bool session_is_shown(const struct look *look, const struct ipck_session *session);
bool group_is_shown(const struct look *look, const struct ipck_group *group);
/* The member "groups" of a session; NULL: no memory. */
struct json_object *sessions_make_groups(const void *row, void *look, int *why);

#endif
