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
 * The same, but links are followed, as one does whose root this folder is.  Without openat2()
 * (Linux 5.6) none is.
 */
int open_inside(int root, const char *path, int flags);

#endif
