/* SPDX-License-Identifier: MIT */
/*
 * One answer to one query, between the files that make it: reading_lists.c and reading_named.c take
 * objects from the sources, reading.c completes a row, reading_held.c does what must wait until all
 * are there since the processes are scanned for them.
 */
#ifndef READING_H
#define READING_H

#include "base/names.h"
#include "base/pool.h"
#include "insight/orphans.h"
#include "source/container.h"
#include "source/namespace.h"
#include "source/posix.h"
#include "source/process.h"
#include "source/scan.h"

#define NO_REF SIZE_MAX

struct reading_row {
	struct ipck_object object; /* kind 0: it goes nowhere */
	size_t ref;                /* number of the reference that led to it, or NO_REF */
};

struct reading {
	struct ipck *ctx;
	struct ipck_query own;          /* the caller's, as large as this version knows it */
	const struct ipck_query *query; /* it */
	unsigned want; /* the caller's, and what its tests and verdicts need on top */
	int64_t now;
	uint64_t ipc, mount; /* our own namespaces */
	struct pool pool;    /* names, commands, holders */
	struct names names;
	struct processes processes;
	struct containers containers;
	struct ipck_semaphore *elements; /* of the row in hand */
	size_t elements_size;

	/* Where the source in hand looks. */
	uint64_t ns;
	bool foreign;
	size_t ref;

	bool deferred;            /* rows are kept until the processes were scanned */
	struct reading_row *rows; /* deferred: all; by reference: what they led to */
	size_t row_count, row_size;
	struct scan_device *devices; /* of each /dev/shm that was listed */
	size_t device_count, device_size;
	bool leftovers; /* a /dev/shm holds more than its names account for */

	struct namespaces_seen seen;
	bool seen_read;
	struct scan scan; /* deferred: what the processes hold */
	bool blind;       /* there is no /proc to look at them in */
	struct orphan_facts facts;
	struct ipck_coverage coverage;

	int stopped;    /* what the caller's row function gave to end the listing */
	int row_result; /* of the row in hand: 0, or why it did not go out */
	int (*row)(const struct ipck_object *object, void *data);
	void *data;
};

int reading_begin(struct reading *reading, struct ipck *ctx, const struct ipck_query *query);
int reading_run(struct reading *reading);
void reading_end(struct reading *reading);

/* A row as a source gives it: select it, then hand it on or keep it. */
int reading_take(struct ipck_object *object, void *data);
/* A row that is taken: names, operators, verdict; then to the caller.  0 or why to stop. */
int reading_give(struct reading *reading, struct ipck_object *object);
/* Keep a row, and what of it the source owns. */
int reading_keep(struct reading *reading, const struct ipck_object *object);
int reading_memory(struct reading *reading); /* says so; IPCK_ERR_MEMORY */

/* What the query's kinds hold, from the sources. */
int reading_lists(struct reading *reading);
/* What the query's references name; those to be found among the holders only are left to the scan.
 */
int reading_named(struct reading *reading);
/* Is this object the one that an exact reference means? */
bool reading_fits(const struct ipck_ref *ref, const struct ipck_object *object);
int reading_changed(struct reading *reading, const struct ipck_ref *ref);
/* Take what only the scan shows, as the lists and the references ask. */
int reading_found(struct reading *reading);
/* Scan the processes for the rows that were kept, add what only they show, give all out. */
int reading_held(struct reading *reading);
/* A kept row's holders and verdict.  IPCK_ERR_NOT_SELECTED when its late tests leave it out. */
int reading_add_held(struct reading *reading, struct ipck_object *object);

unsigned reading_kinds(const struct reading *reading); /* that lists or references ask for */
/* The namespaces of all processes, read once. */
int reading_namespaces(struct reading *reading);
/* Add the device of a /dev/shm; *news is false when it was there. */
int reading_device(struct reading *reading, const struct posix_place *place, bool *news);

#endif
