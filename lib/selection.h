/* SPDX-License-Identifier: MIT */
/* Which objects a selection takes. */
#ifndef SELECTION_H
#define SELECTION_H

#include "base/context.h"

/* All tests that this version knows. */
#define SELECTION_TESTS                                                                            \
	(IPCK_SELECT_OWNER | IPCK_SELECT_CREATOR | IPCK_SELECT_CREATED_BY | IPCK_SELECT_KEY |      \
	 IPCK_SELECT_UNATTACHED | IPCK_SELECT_DELETED | IPCK_SELECT_OLDER_THAN |                   \
	 IPCK_SELECT_UNUSED_FOR | IPCK_SELECT_LARGER_THAN | IPCK_SELECT_USED_BY |                  \
	 IPCK_SELECT_ORPHANED)
/* Those that need to know who uses an object: settled by selection_keeps(). */
#define SELECTION_LATE (IPCK_SELECT_USED_BY | IPCK_SELECT_ORPHANED)

/* CANNOT_TELL: a test asks for what the kernel does not tell of this object. */
enum verdict { LEAVES, TAKES, CANNOT_TELL };

enum verdict selection_takes(const struct ipck_selection *select, const struct ipck_object *object,
			     int64_t now);

/* The tests that selection_takes() leaves open, once holders and the verdict are there. */
bool selection_keeps(const struct ipck_selection *select, const struct ipck_object *object);

#endif
