/* SPDX-License-Identifier: MIT */
/* Scenes of lockup in which nobody is stuck. */
#ifndef LOCKUP_H
#define LOCKUP_H

/* Eight processes that lock two of four mutexes each, again and again, for ever. */
void lockup_contend(void); /* in cyclic order, the second with a time limit */
void lockup_order(void);   /* in one order, without */

#endif
