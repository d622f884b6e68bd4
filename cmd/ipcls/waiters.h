/* SPDX-License-Identifier: MIT */
/* Who waits on the objects of pages: all threads are looked at once for all of them. */
#ifndef IPCLS_WAITERS_H
#define IPCLS_WAITERS_H

#include "ipcls.h"

struct json_object;

struct waiters {
	struct ipck_waits *waits; /* NULL: they could not be read */
	int why;                  /* then */
	size_t denied;            /* threads that could not be looked at */
};

/* False: out of memory, which was said. */
bool waiters_read(struct ipck *ctx, const struct ipck_objects *objects, struct waiters *waiters);
void waiters_free(struct waiters *waiters);

/* The end of an object's page; false: out of memory, which was said. */
bool print_waiters(const struct waiters *waiters, const struct ipck_object *object,
		   const struct request *request);
/* The value of "waiting"; NULL: null. */
struct json_object *waiters_json(const struct waiters *waiters, const struct ipck_object *object,
				 const struct request *request);

#endif
