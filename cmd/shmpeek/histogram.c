/* SPDX-License-Identifier: MIT */
/* How often each byte is there, and what follows from it. */
#include "histogram.h"

#include <math.h>
#include <string.h>

static void empty(struct histogram *histogram)
{
	for (size_t i = 0; i < 256; i++)
		for (size_t table = 0; table < 8; table++)
			histogram->sums[i] += histogram->counts[table][i];
	memset(histogram->counts, 0, sizeof(histogram->counts));
	histogram->held = 0;
}

void histogram_add(struct histogram *histogram, const unsigned char *data, size_t size)
{
	uint32_t(*counts)[256] = histogram->counts;
	size_t i = 0;

	if (histogram->held + size > UINT32_MAX)
		empty(histogram);
	histogram->held += size;
	for (; i + 8 <= size; i += 8) {
		uint64_t word;

		memcpy(&word, data + i, sizeof(word));
		counts[0][word & 0xff]++;
		counts[1][word >> 8 & 0xff]++;
		counts[2][word >> 16 & 0xff]++;
		counts[3][word >> 24 & 0xff]++;
		counts[4][word >> 32 & 0xff]++;
		counts[5][word >> 40 & 0xff]++;
		counts[6][word >> 48 & 0xff]++;
		counts[7][word >> 56]++;
	}
	for (; i < size; i++)
		counts[0][data[i]]++;
}

void histogram_take(struct histogram *histogram, uint64_t totals[256])
{
	empty(histogram);
	for (size_t i = 0; i < 256; i++)
		totals[i] += histogram->sums[i];
	memset(histogram->sums, 0, sizeof(histogram->sums));
}

bool histogram_is_zero(const unsigned char *data, size_t size)
{
	return size == 0 || (data[0] == 0 && memcmp(data, data + 1, size - 1) == 0);
}

static uint64_t sum(const uint64_t totals[256])
{
	uint64_t all = 0;

	for (size_t i = 0; i < 256; i++)
		all += totals[i];
	return all;
}

uint64_t histogram_entropy(const uint64_t totals[256])
{
	const double all = (double)sum(totals);
	double bits = 0;

	for (size_t i = 0; i < 256; i++)
		if (totals[i] > 0)
			bits -= (double)totals[i] / all * log2((double)totals[i] / all);
	return bits > 0 ? (uint64_t)llround(bits * 1000) : 0;
}

uint64_t histogram_text(const uint64_t totals[256])
{
	const uint64_t all = sum(totals);
	uint64_t text = totals['\t'] + totals['\n'] + totals['\r'];

	for (size_t i = ' '; i <= '~'; i++)
		text += totals[i];
	/* Rounded down: 100% is said of nothing but text. */
	return all > 0 ? (uint64_t)((long double)text * 1000 / (long double)all) : 0;
}
