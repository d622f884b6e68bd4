/* SPDX-License-Identifier: MIT */
/* Objects on request: one by one to the caller's function, or kept in a snapshot. */
#include "reading.h"

#include <stdlib.h>
#include <string.h>

struct ipck_objects {
	struct ipck_object *rows;
	size_t count, size;
	int failed;           /* keeping a row: IPCK_ERR_MEMORY */
	struct pool strings;  /* taken over from the reading, with the holders */
	struct pool elements; /* semaphores of the rows */
};

IPCK_API int ipck_objects_each(struct ipck *ctx, const struct ipck_query *query,
			       int (*row)(const struct ipck_object *object, void *data), void *data)
{
	struct reading reading;
	int rc = reading_begin(&reading, ctx, query);

	reading.row = row;
	reading.data = data;
	if (rc == IPCK_OK)
		rc = reading_run(&reading);
	reading_end(&reading);
	return rc;
}

static int keep(const struct ipck_object *object, void *data)
{
	struct ipck_objects *objects = data;
	struct ipck_object *kept;

	if (objects->count == objects->size) {
		size_t size = objects->size > 0 ? objects->size * 2 : 64;
		struct ipck_object *rows = realloc(objects->rows, size * sizeof(*rows));

		if (rows == NULL)
			return objects->failed = IPCK_ERR_MEMORY;
		objects->rows = rows;
		objects->size = size;
	}
	kept = &objects->rows[objects->count];
	*kept = *object;
	if (object->kind == IPCK_SEM && object->sem.semaphores != NULL) {
		size_t bytes = (size_t)object->sem.nsems * sizeof(*object->sem.semaphores);
		void *copy = pool_alloc(&objects->elements, bytes);

		if (copy == NULL)
			return objects->failed = IPCK_ERR_MEMORY;
		kept->sem.semaphores = memcpy(copy, object->sem.semaphores, bytes);
	}
	objects->count++;
	return IPCK_OK;
}

IPCK_API int ipck_objects_read(struct ipck *ctx, const struct ipck_query *query,
			       struct ipck_objects **out)
{
	struct ipck_objects *objects = calloc(1, sizeof(*objects));
	struct reading reading;
	int rc;

	*out = NULL;
	if (objects == NULL)
		return ipck_fail(ctx, IPCK_ERR_MEMORY, "out of memory");
	rc = reading_begin(&reading, ctx, query);
	reading.row = keep;
	reading.data = objects;
	if (rc == IPCK_OK)
		rc = reading_run(&reading);
	objects->strings = reading.pool;
	reading.pool = (struct pool){ 0 };
	reading_end(&reading);
	if (objects->failed != 0)
		rc = ipck_fail(ctx, objects->failed, "out of memory");
	if (rc == IPCK_OK || rc == IPCK_ERR_UNSUPPORTED || rc == IPCK_ERR_DENIED ||
	    rc == IPCK_ERR_SYSTEM)
		*out = objects; /* what could be seen */
	else
		ipck_objects_free(objects);
	return rc;
}

IPCK_API size_t ipck_objects_count(const struct ipck_objects *objects)
{
	return objects->count;
}

IPCK_API const struct ipck_object *ipck_objects_at(const struct ipck_objects *objects, size_t i)
{
	return i < objects->count ? &objects->rows[i] : NULL;
}

IPCK_API void ipck_objects_free(struct ipck_objects *objects)
{
	if (objects == NULL)
		return;
	free(objects->rows);
	pool_free(&objects->strings);
	pool_free(&objects->elements);
	free(objects);
}
