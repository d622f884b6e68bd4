/* SPDX-License-Identifier: MIT */
/* --watch of memory: the view, then at each tick what changed since the last one. */
#include "common/program.h"
#include "common/watch_clock.h"
#include "watch_life.h"
#include "watch_snapshot.h"

#include <stdlib.h>

/* What cannot be shown is said once, at the end: the most of it that any look met. */
static void note_unshown(struct peeking *peeking, const struct snapshot *snapshot)
{
	if (snapshot->swapped > peeking->swapped)
		peeking->swapped = snapshot->swapped;
	if (snapshot->unknown > peeking->unknown)
		peeking->unknown = snapshot->unknown;
}

static int too_much(const struct peeking *peeking, uint64_t bytes)
{
	char size[32];

	ipck_format_size(bytes, size, sizeof(size));
	complain("%s: %s of data to be watched: choose a part by -s and -l", peeking->ref, size);
	return EXIT_USAGE;
}

int watch_view(struct peeking *peeking)
{
	const struct request *request = peeking->request;
	const struct view_row *row = view_row(request, peeking->object->kind);
	struct column_list columns;
	struct writer writer;
	int status;

	if (row->defaults == NULL)
		return row->show(peeking);
	column_list_fill(&columns, row->columns, request->columns, row->defaults, row->kinds);
	writer_open(&writer, &request->output);
	if (!writer_begin(&writer, &columns, row->json)) {
		writer_close(&writer);
		return EXIT_USAGE;
	}
	peeking->writer = &writer;
	status = row->show(peeking);
	peeking->writer = NULL;
	writer_end(&writer);
	return writer_close(&writer) ? status : EXIT_USAGE;
}

static int watch_changes(struct peeking *peeking, struct snapshot *snapshot,
			 struct changes *changes)
{
	enum snapshot_result result = SNAPSHOT_DONE;
	struct life life;
	bool lives = true;

	life_begin(&life, peeking);
	while (lives && watch_tick()) {
		/* In this order: what was written last is seen even when the object is gone. */
		lives = life_goes_on(&life);
		result = snapshot_look(snapshot, life.end, changes);
		note_unshown(peeking, snapshot);
		if (result != SNAPSHOT_DONE)
			break;
	}
	if (result == SNAPSHOT_TOO_MUCH) {
		too_much(peeking, SNAPSHOT_MAX);
		return EXIT_PARTIAL;
	}
	if (result == SNAPSHOT_FAILED)
		return EXIT_PARTIAL;
	if (!lives)
		complain("%s: %s", peeking->ref, life.ended);
	return lives ? watch_status() : EXIT_DONE;
}

/*
 * The copy is made before the view: what is written in between is told twice, and never missed.
 * Signals are handled after it: while it is shown they end it as they end every view.
 */
static int watch_all(struct peeking *peeking, struct snapshot *snapshot, struct changes *changes)
{
	const struct request *request = peeking->request;
	int status = EXIT_DONE;

	switch (snapshot_look(snapshot, peeking->end, NULL)) {
	case SNAPSHOT_TOO_MUCH:
		return too_much(peeking, SNAPSHOT_MAX);
	case SNAPSHOT_FAILED:
		return EXIT_PARTIAL;
	default:
		break;
	}
	if (request->output.format != OUTPUT_JSON)
		status = watch_view(peeking);
	note_unshown(peeking, snapshot);
	/* EXIT_PARTIAL: nothing was found so far */
	if (status == EXIT_USAGE)
		return status;
	if (!watch_begin(request->interval, request->timeout) || !changes_begin(changes, peeking))
		return EXIT_USAGE;
	return watch_changes(peeking, snapshot, changes);
}

int watch(struct peeking *peeking)
{
	struct snapshot snapshot = { .peeking = peeking };
	struct changes *changes;
	uint64_t bytes;
	int status;

	if (!snapshot_needs(peeking, &bytes))
		return EXIT_PARTIAL;
	if (bytes > SNAPSHOT_MAX)
		return too_much(peeking, bytes);
	changes = calloc(1, sizeof(*changes));
	if (changes == NULL) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	status = watch_all(peeking, &snapshot, changes);
	snapshot_free(&snapshot);
	changes_free(changes);
	free(changes);
	return status;
}
