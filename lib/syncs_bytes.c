/* SPDX-License-Identifier: MIT */
/* Locks in shared memory by their bytes: at one place, or wherever there are some. */
#include "insight/pthread_fields.h"
#include "syncs.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define AGAIN 4               /* looks, one right after the other */
#define WAITS 20              /* and so many with a pause */
#define PAUSE 1000000         /* nanoseconds: who was interrupted is put on a processor again */
#define CHUNK ((size_t)65536) /* bytes of data at once */
#define OVERLAP ((size_t)MUTEX_SIZE - 8)

/* ---- One ---- */

int syncs_look(struct ipck_syncs *syncs, struct sync_row *row)
{
	const struct timespec pause = { .tv_nsec = PAUSE };
	const size_t size = pthread_bytes_size(row->lock.kind);
	unsigned char bytes[PTHREAD_BYTES_MAX];
	int rc = IPCK_OK;

	for (unsigned i = 0; i < AGAIN + WAITS; i++) {
		if (i >= AGAIN) {
			if (syncs->patience == 0)
				break;
			syncs->patience--;
			nanosleep(&pause, NULL);
		}
		rc = ipck_peek_read(syncs->peek, row->lock.offset, bytes, size);
		if (rc != IPCK_OK)
			break;
		pthread_bytes_read(row->lock.kind, bytes, &row->bytes);
		if (!row->bytes.between)
			break;
	}
	return rc;
}

static struct sync_row *add_row(struct ipck_syncs *syncs, uint64_t offset)
{
	if (syncs->count == syncs->size) {
		const size_t size = syncs->size > 0 ? syncs->size * 2 : 4;
		void *rows = reallocarray(syncs->rows, size, sizeof(*syncs->rows));

		if (rows == NULL)
			return NULL;
		syncs->rows = rows;
		syncs->size = size;
	}
	syncs->rows[syncs->count] =
		(struct sync_row){ .lock = { .offset = offset, .kind = syncs->query->kind } };
	return &syncs->rows[syncs->count++];
}

/* Is all of it there to be read?  Else *missing is what some of it is. */
static int check_content(struct ipck_syncs *syncs, uint64_t offset, size_t size,
			 enum ipck_content *missing)
{
	const uint64_t end = offset + size;
	struct ipck_range range;
	int rc = IPCK_OK;

	*missing = IPCK_CONTENT_DATA;
	while (rc == IPCK_OK && offset < end) {
		rc = ipck_peek_range(syncs->peek, offset, &range);
		if (rc != IPCK_OK)
			break;
		if (range.content == IPCK_CONTENT_SWAPPED || range.content == IPCK_CONTENT_UNKNOWN)
			*missing = range.content;
		offset = range.offset + range.bytes;
	}
	return rc;
}

static void count_missing(const struct ipck_syncs_query *query, enum ipck_content content,
			  uint64_t bytes)
{
	if (content == IPCK_CONTENT_SWAPPED && query->swapped != NULL)
		*query->swapped += bytes;
	if (content == IPCK_CONTENT_UNKNOWN && query->unknown != NULL)
		*query->unknown += bytes;
}

int syncs_read_one(struct ipck_syncs *syncs)
{
	const uint64_t offset = syncs->query->begin, bytes = ipck_peek_about(syncs->peek)->bytes;
	const size_t size = pthread_bytes_size(syncs->query->kind);
	enum ipck_content missing;
	struct sync_row *row;
	int rc;

	if (offset > bytes || size > bytes - offset)
		return ipck_fail(syncs->ctx, IPCK_ERR_ARGUMENT,
				 "offset %llu: a %s, of %zu bytes, reaches past the end at %llu",
				 (unsigned long long)offset,
				 ipck_sync_kind_name(syncs->query->kind), size,
				 (unsigned long long)bytes);
	rc = check_content(syncs, offset, size, &missing);
	if (rc != IPCK_OK)
		return rc;
	row = add_row(syncs, offset);
	if (row == NULL)
		return syncs_no_memory(syncs);
	if (missing != IPCK_CONTENT_DATA) {
		row->bytes.state = row->lock.state = IPCK_SYNC_UNTOLD;
		row->lock.why = IPCK_ERR_FOOTPRINT;
		count_missing(syncs->query, missing, size);
		row->lock.why_text = missing == IPCK_CONTENT_SWAPPED
					     ? "its bytes are in swap"
					     : "whether its bytes are there is not known";
		return IPCK_OK;
	}
	if (offset % 4 != 0) { /* no word that the kernel could wait on */
		row->bytes.state = IPCK_SYNC_NONE;
		row->lock.finding = "not at a multiple of 4";
		return IPCK_OK;
	}
	return syncs_look(syncs, row);
}

/* ---- All ---- */

struct finding {
	struct ipck_syncs *syncs;
	unsigned char *buffer; /* OVERLAP + CHUNK bytes */
	uint64_t behind;       /* of the last that was found: they do not overlap */
};

static bool enough(const struct ipck_syncs *syncs)
{
	return syncs->query->most != 0 && syncs->count >= syncs->query->most;
}

/* What begins at this place of the buffer looks like one by its kind. */
static int look_closer(struct finding *finding, const unsigned char *bytes, uint64_t offset)
{
	struct ipck_syncs *syncs = finding->syncs;
	struct sync_row row = { .lock = { .offset = offset, .kind = IPCK_SYNC_MUTEX } };
	struct sync_row *kept;
	int rc = IPCK_OK;

	pthread_bytes_read(IPCK_SYNC_MUTEX, bytes, &row.bytes);
	if (row.bytes.between)
		rc = syncs_look(syncs, &row);
	if (rc != IPCK_OK || !pthread_bytes_shared_mutex(&row.bytes))
		return rc;
	kept = add_row(syncs, offset);
	if (kept == NULL)
		return syncs_no_memory(syncs);
	kept->bytes = row.bytes;
	finding->behind = offset + sizeof(pthread_mutex_t);
	return IPCK_OK;
}

static int find_in_buffer(struct finding *finding, uint64_t offset, size_t size)
{
	size_t at = 0;
	int rc = IPCK_OK;

	while (rc == IPCK_OK && !enough(finding->syncs) &&
	       (at = pthread_bytes_find(finding->buffer, at, size)) < size) {
		if (offset + at >= finding->behind)
			rc = look_closer(finding, finding->buffer + at, offset + at);
		at += 8;
	}
	return rc;
}

/* overlap: so many bytes before it are data, too. */
static int find_in_data(struct finding *finding, uint64_t offset, uint64_t end, size_t *overlap)
{
	struct ipck_syncs *syncs = finding->syncs;
	int rc = IPCK_OK;

	while (rc == IPCK_OK && offset < end && !enough(syncs)) {
		const size_t size = end - offset < CHUNK ? (size_t)(end - offset) : CHUNK;
		const size_t all = *overlap + size;

		rc = ipck_peek_read(syncs->peek, offset - *overlap, finding->buffer, all);
		if (rc == IPCK_OK)
			rc = find_in_buffer(finding, offset - *overlap, all);
		*overlap = all < OVERLAP ? all : OVERLAP;
		offset += size;
	}
	return rc;
}

int syncs_find(struct ipck_syncs *syncs)
{
	const struct ipck_syncs_query *query = syncs->query;
	const uint64_t bytes = ipck_peek_about(syncs->peek)->bytes;
	const uint64_t end = query->end < bytes ? query->end : bytes;
	struct finding finding = { .syncs = syncs, .buffer = malloc(OVERLAP + CHUNK) };
	uint64_t at = (query->begin + 7) & ~UINT64_C(7), next;
	struct ipck_range range;
	size_t overlap = 0;
	int rc = IPCK_OK;

	if (finding.buffer == NULL)
		return syncs_no_memory(syncs);
	if (query->begin >= end) /* and at may have wrapped */
		at = end;
	for (; rc == IPCK_OK && at < end && !enough(syncs); at = next) {
		rc = ipck_peek_range(syncs->peek, at, &range);
		if (rc != IPCK_OK)
			break;
		next = range.bytes < end - at ? at + range.bytes : end;
		if (range.content == IPCK_CONTENT_DATA) {
			rc = find_in_data(&finding, at, next, &overlap);
			continue;
		}
		overlap = 0;
		count_missing(query, range.content, next - at);
	}
	free(finding.buffer);
	return rc;
}
