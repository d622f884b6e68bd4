/* SPDX-License-Identifier: MIT */
/* A bar of characters: where a range lies in an object, and what of it is in memory. */
#ifndef SHMPEEK_PICTURE_H
#define SHMPEEK_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#define PICTURE_CELLS 18

enum picture_mark {
	PICTURE_RESIDENT,
	PICTURE_SWAPPED,
	PICTURE_DATA, /* in memory or not: not told */
	PICTURE_UNKNOWN,
	PICTURE_HOLE,
	PICTURE_MARKS
};

struct picture {
	uint64_t bytes; /* of the object */
	uint64_t share[PICTURE_CELLS][PICTURE_MARKS];
};

void picture_begin(struct picture *picture, uint64_t bytes);
void picture_add(struct picture *picture, uint64_t begin, uint64_t end, enum picture_mark mark);

/* In each cell that it has half of, or most of all, what takes most of it; else a blank. */
#define PICTURE_TEXT_MAX (PICTURE_CELLS + 3)
void picture_text(const struct picture *picture, char *text);

#endif
