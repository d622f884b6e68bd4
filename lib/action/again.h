/* SPDX-License-Identifier: MIT */
/* Reading an object again: is it still the one that was read before? */
#ifndef ACTION_AGAIN_H
#define ACTION_AGAIN_H

#include "base/context.h"

/*
 * The System V object of the same id, as it is now.  IPCK_ERR_CHANGED when that is another one, or
 * this one was changed; IPCK_ERR_NOT_FOUND, IPCK_ERR_DENIED; with a message.
 */
int again_read(struct ipck *ctx, const struct ipck_object *object, struct ipck_object *now);

#endif
