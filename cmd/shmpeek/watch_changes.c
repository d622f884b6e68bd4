/* SPDX-License-Identifier: MIT */
/* --watch of memory: old and new bytes, as they are compared, into lines of what differs. */
#include "watch_changes.h"
#include "common/json_values.h"
#include "common/program.h"

#include <stdlib.h>
#include <string.h>

#define TOGETHER 8 /* runs with fewer equal bytes between are one */

bool changes_begin(struct changes *changes, const struct peeking *peeking)
{
	const struct request *request = peeking->request;
	struct json_object *ref;

	*changes = (struct changes){ .peeking = peeking };
	if (request->view == VIEW_ELEMENTS)
		changes->element = element_size(request->element_type);
	if (request->output.format != OUTPUT_JSON)
		return true;
	ref = json_object_new_string(peeking->ref);
	if (ref != NULL)
		changes->ref = strdup(json_object_to_json_string_ext(
			ref, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(ref);
	if (changes->ref == NULL)
		complain("out of memory");
	else
		changes_print_begin(changes);
	return changes->ref != NULL;
}

void changes_free(struct changes *changes)
{
	free(changes->ref);
}

void changes_flush(struct changes *changes)
{
	/* Of an element all bytes are shown, with zeros where it ends behind the content. */
	if (changes->differing > 0 && !changes->unknown)
		changes_print(changes,
			      changes->element > 0 ? changes->element : changes->differing);
	changes->bytes = changes->differing = 0;
	changes->unknown = false;
}

/* ---- Runs of bytes ---- */

static void add(struct changes *changes, uint64_t offset, unsigned char before, unsigned char now)
{
	/* Cut where a line of sixteen ends, so that the next begins with one. */
	const size_t most = CHANGE_MAX - (size_t)(changes->offset % 16);
	const bool differs = before != now;

	if (changes->bytes > 0 &&
	    (changes->offset + changes->bytes != offset || changes->bytes == most ||
	     (!differs && changes->bytes - changes->differing == TOGETHER - 1)))
		changes_flush(changes);
	if (changes->bytes == 0) {
		if (!differs)
			return;
		changes->offset = offset;
	}
	changes->before[changes->bytes] = before;
	changes->now[changes->bytes++] = now;
	if (differs)
		changes->differing = changes->bytes;
}

static void feed_run(struct changes *changes, uint64_t offset, const unsigned char *before,
		     const unsigned char *now, size_t bytes)
{
	if (bytes >= TOGETHER && memcmp(before, now, bytes) == 0) {
		changes_flush(changes);
		return;
	}
	for (size_t i = 0; i < bytes; i++)
		add(changes, offset + i, before[i], now[i]);
}

/* ---- Elements of --as ---- */

/* The element that a byte is of becomes the one that is gathered. */
static void turn_to(struct changes *changes, uint64_t offset)
{
	const uint64_t begin = changes->peeking->begin;
	const uint64_t element = offset - (offset - begin) % changes->element;

	if (changes->bytes > 0 && changes->offset == element)
		return;
	changes_flush(changes);
	changes->offset = element;
	changes->bytes = changes->element;
	memset(changes->before, 0, changes->element);
	memset(changes->now, 0, changes->element);
}

static void feed_elements(struct changes *changes, uint64_t offset, const unsigned char *before,
			  const unsigned char *now, size_t bytes)
{
	const bool equal = bytes > 2 * changes->element && memcmp(before, now, bytes) == 0;

	for (size_t i = 0; i < bytes; i++) {
		size_t at;

		/* Of equal ones only the first and the last may be half of one that differs. */
		if (equal && i == changes->element)
			i = bytes - changes->element;
		turn_to(changes, offset + i);
		at = (size_t)(offset + i - changes->offset);
		changes->before[at] = before[i];
		changes->now[at] = now[i];
		if (before[i] != now[i])
			changes->differing = changes->element;
	}
}

void changes_feed(struct changes *changes, uint64_t offset, const unsigned char *before,
		  const unsigned char *now, size_t bytes)
{
	if (changes->element > 0)
		feed_elements(changes, offset, before, now, bytes);
	else
		feed_run(changes, offset, before, now, bytes);
}

void changes_feed_unknown(struct changes *changes, uint64_t offset, uint64_t bytes)
{
	if (changes->element == 0) {
		changes_flush(changes);
		return;
	}
	turn_to(changes, offset);
	changes->unknown = true;
	turn_to(changes, offset + bytes - 1);
	changes->unknown = true;
}
