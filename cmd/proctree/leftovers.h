/* SPDX-License-Identifier: MIT */
/* The flat views: zombies with their parents, orphans, and daemons. */
#ifndef PROCTREE_LEFTOVERS_H
#define PROCTREE_LEFTOVERS_H

#include "proctree.h"

/* A parent of zombies; or, apart from that, of processes whose first thread alone has ended. */
struct guilty {
	struct ipck_operator who;
	const struct ipck_process *process; /* NULL: not listed */
	const struct ipck_process *heir; /* who gets its children once it ends; NULL: who knows */
	bool heir_guilty;                /* and does not ask for its own ones either */
	bool lives;                      /* the children live: their first thread has ended */
	size_t count;                    /* of them */
	struct ipck_reaping reaping;
	int error; /* why that is not known; IPCK_OK */
};

/* A row of these views. */
struct leftover {
	struct row row; /* first: the columns of a process work on it */
	const struct guilty *guilty;
	char advice[512];
	char reason[IPCK_REASON_MAX]; /* of the mark that it is shown for */
};

extern const struct column_set zombie_columns, orphan_columns, daemon_columns;

int show_zombies(struct look *look);
int show_orphans(struct look *look);
int show_daemons(struct look *look);

/* Rows for all that are chosen and have one of these marks, of which each says its reason.  NULL:
 * no memory. */
struct leftover *leftovers_find(struct look *look, uint32_t marks, size_t *count);
void leftovers_free(struct leftover *rows, size_t count);
/* Write them, in another order where one was asked for; false: no memory. */
bool leftovers_write(struct look *look, struct leftover *rows, size_t count);

/* What a parent does, "has a handler for SIGCHLD, and does not ask", and what helps.  Both are
 * harmless for a terminal. */
void guilty_says(const struct guilty *guilty, char *buf, size_t size);
void guilty_advice(const struct guilty *guilty, char *buf, size_t size);

#endif
