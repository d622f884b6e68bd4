/* SPDX-License-Identifier: MIT */
/* Sending a signal through a descriptor. */
#ifndef ACTION_SEND_H
#define ACTION_SEND_H

/*
 * fd: a pidfd, or an open folder /proc/PID, which the kernel takes as one.  Returns 0; an errno
 * that speaks of the process; ENOSYS where the kernel lacks the call or a filter answers in its
 * place: then nothing was sent, and the caller may compare once more and use kill(2).
 */
int send_through(int fd, int signo);

#endif
