/* SPDX-License-Identifier: MIT */
/* Ctrl-C and its like: noticed between two objects, so that the report is whole. */
#ifndef IPCKILL_INTERRUPT_H
#define IPCKILL_INTERRUPT_H

#include <poll.h>
#include <stdbool.h>

/* From here on SIGINT, SIGTERM and SIGHUP are noted, unless they were ignored all along. */
void interrupts_note(void);
bool interrupted(void);
/* As poll(2), but ended by one of them also when it came just before. */
void interruptible_poll(struct pollfd *pollers, nfds_t count, int milliseconds);

#endif
