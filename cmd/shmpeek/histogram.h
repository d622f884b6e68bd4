/* SPDX-License-Identifier: MIT */
/* How often each byte is there, and what follows from it. */
#ifndef SHMPEEK_HISTOGRAM_H
#define SHMPEEK_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tables in turn: a byte that repeats would wait for its own counter. */
struct histogram {
	uint32_t counts[8][256];
	uint64_t held; /* bytes in them: emptied before one can overflow */
	uint64_t sums[256];
};

void histogram_add(struct histogram *histogram, const unsigned char *data, size_t size);
/* Add what was counted to totals, and begin again. */
void histogram_take(struct histogram *histogram, uint64_t totals[256]);

bool histogram_is_zero(const unsigned char *data, size_t size);

uint64_t histogram_entropy(const uint64_t totals[256]); /* in thousandths of bits a byte */
uint64_t histogram_text(const uint64_t totals[256]);    /* in tenths of a percent */

#endif
