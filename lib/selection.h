/* SPDX-License-Identifier: MIT */
/* Which objects a selection takes. */
#ifndef SELECTION_H
#define SELECTION_H

#include "base/context.h"

/* CANNOT_TELL: a test asks for what the kernel does not tell of this object. */
enum verdict { LEAVES, TAKES, CANNOT_TELL };

enum verdict selection_takes(const struct ipck_selection *select, const struct ipck_object *object,
			     int64_t now);

#endif
