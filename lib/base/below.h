/* SPDX-License-Identifier: MIT */
/* Opening what lies in a folder that somebody else arranges. */
#ifndef BASE_BELOW_H
#define BASE_BELOW_H

/*
 * Open a path ("dev/shm", "/dev/shm") inside the folder root: no component may be a link, and
 * nothing leads out of it.  A descriptor, or -1 and errno.
 */
int open_below(int root, const char *path, int flags);
/*
 * What a path inside the folder root leads to for whoever has that folder as root: links are
 * followed, and none leads out of it.  A descriptor of O_PATH, or -1 and errno.
 */
int path_inside(int root, const char *path);

#endif
