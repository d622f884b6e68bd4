/* SPDX-License-Identifier: MIT */
/* Which objects a selection takes. */
#ifndef SELECTION_H
#define SELECTION_H

#include "base/context.h"

bool selection_takes(const struct ipck_selection *select, const struct ipck_object *object,
		     int64_t now);

#endif
