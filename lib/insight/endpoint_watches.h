/* SPDX-License-Identifier: MIT */
/* What epoll sets and inotify descriptors watch. */
#ifndef INSIGHT_ENDPOINT_WATCHES_H
#define INSIGHT_ENDPOINT_WATCHES_H

#include "insight/endpoint_kinds.h"

/* Both fill in the watches, in the order of their numbers, and are for endpoint_try(). */
int endpoint_look_epoll(struct endpoint_reading *reading, const struct use *use,
			struct ipck_object *object);
int endpoint_look_inotify(struct endpoint_reading *reading, const struct use *use,
			  struct ipck_object *object);

#endif
