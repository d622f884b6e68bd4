/* SPDX-License-Identifier: MIT */
/*
 * The memory that a lock of park lies in, and the words that ipcls has for a place in it.
 */
#ifndef PARK_MEMORY_H
#define PARK_MEMORY_H

#include <stdbool.h>

struct park_memory {
	char *area;   /* two pages */
	char ref[96]; /* "none": private */
};

struct park_memory park_segment(void);
/* Another address of the same segment. */
char *park_attach_again(const struct park_memory *segment);
struct park_memory park_posix_shm(void);
struct park_memory park_memfd(void);
struct park_memory park_anonymous(void);
struct park_memory park_file(void);
struct park_memory park_private(void);

/* Where locks lie: past the first page, so that the offset is seen to be counted. */
#define PARK_OFFSET 0x1040

void *park_place(const struct park_memory *memory);
/* "ref=REF object=REF+0xOFFSET", or of private memory "ref=none object=private_0xADDRESS" */
const char *park_where(const struct park_memory *memory);

#endif
