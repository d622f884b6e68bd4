/* SPDX-License-Identifier: MIT */
/* The kinds of object as data: how each is called, named in a reference, and told from others. */
#ifndef KIND_H
#define KIND_H

#include "ipckit.h"

enum generation { /* what follows '%' in an exact reference */
		  GENERATION_NONE,
		  GENERATION_CTIME,   /* key "." ctime */
		  GENERATION_CREATOR, /* key "." cuid "." cgid */
		  GENERATION_INODE,   /* major ":" minor ":" inode */
		  GENERATION_START    /* start time of the process */
};

struct kind {
	enum ipck_kind kind;
	const char *name, *title;
	unsigned forms; /* set of 1u << enum ipck_ref_form */
	enum generation generation;
};

extern const struct kind all_kinds[]; /* in the order of output; ends with kind 0 */

const struct kind *kind_of(enum ipck_kind kind); /* NULL: no such kind */

/* Is this a name that a POSIX object or FIFO can have: absolute, and no way out of its folder? */
bool kind_name_fits(enum ipck_kind kind, const char *name);

#endif
