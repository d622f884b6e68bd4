/* SPDX-License-Identifier: MIT */
/* Copying bytes to a file in which what is zero takes no room. */
#ifndef ACTION_SPARSE_H
#define ACTION_SPARSE_H

#include <stddef.h>
#include <stdint.h>

/* Write all of it at this offset, blocks of zeros left out.  0 or -errno. */
int sparse_write(int to, const char *bytes, size_t size, uint64_t offset);

/*
 * Copy the data of a file of that size and none of its holes, as far as SEEK_DATA tells them; the
 * copy gets that size.  0 or -errno.
 */
int sparse_copy_file(int from, int to, uint64_t size);

/* Write all of it at this offset.  0 or -errno. */
int write_all(int fd, const void *bytes, size_t size, uint64_t offset);

#endif
