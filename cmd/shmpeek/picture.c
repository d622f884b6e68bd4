/* SPDX-License-Identifier: MIT */
/* A bar of characters: where a range lies in an object, and what of it is in memory. */
#include "picture.h"

#include <stdbool.h>

void picture_begin(struct picture *picture, uint64_t bytes)
{
	*picture = (struct picture){ .bytes = bytes };
}

/* Of what is larger than 64 bits can hold here, a few bytes do not matter. */
static unsigned shift_of(const struct picture *picture)
{
	return picture->bytes >> 58 != 0 ? 6 : 0;
}

/*
 * In units of which the object has bytes * PICTURE_CELLS and a cell has bytes: so all borders are
 * whole numbers.
 */
void picture_add(struct picture *picture, uint64_t begin, uint64_t end, enum picture_mark mark)
{
	const unsigned shift = shift_of(picture);
	const uint64_t cell = picture->bytes >> shift;
	const uint64_t from = (begin >> shift) * PICTURE_CELLS;
	const uint64_t to = (end >> shift) * PICTURE_CELLS;

	for (uint64_t i = cell > 0 ? from / cell : 0; i < PICTURE_CELLS && i * cell < to; i++) {
		const uint64_t low = from > i * cell ? from : i * cell;
		const uint64_t high = to < (i + 1) * cell ? to : (i + 1) * cell;

		if (high > low)
			picture->share[i][mark] += high - low;
	}
}

static uint64_t taken(const uint64_t share[PICTURE_MARKS])
{
	uint64_t sum = 0;

	for (size_t mark = 0; mark < PICTURE_MARKS; mark++)
		sum += share[mark];
	return sum;
}

static char mark_of(const uint64_t share[PICTURE_MARKS])
{
	static const char marks[PICTURE_MARKS] = {
		[PICTURE_RESIDENT] = '#', [PICTURE_SWAPPED] = 's', [PICTURE_DATA] = 'd',
		[PICTURE_UNKNOWN] = '?',  [PICTURE_HOLE] = '.',
	};
	size_t most = 0;

	for (size_t mark = 1; mark < PICTURE_MARKS; mark++)
		if (share[mark] > share[most])
			most = mark;
	return marks[most];
}

void picture_text(const struct picture *picture, char *text)
{
	const uint64_t cell = picture->bytes >> shift_of(picture);
	uint64_t most = 0;

	for (size_t i = 0; i < PICTURE_CELLS; i++)
		if (taken(picture->share[i]) > most)
			most = taken(picture->share[i]);
	*text++ = '[';
	for (size_t i = 0; i < PICTURE_CELLS; i++) {
		const uint64_t here = taken(picture->share[i]);
		const bool shown = here > 0 && (here == most || here >= cell / 2);

		*text++ = (char)(shown ? mark_of(picture->share[i]) : ' ');
	}
	*text++ = ']';
	*text = '\0';
}
