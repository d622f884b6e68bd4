/* SPDX-License-Identifier: MIT */
/* Users by name. */
#ifndef COMMON_USERS_H
#define COMMON_USERS_H

#include "common/value.h"

/* The name of a user, or the number as text, as the text of a cell. */
void value_user(struct value *value, uid_t uid);

#endif
