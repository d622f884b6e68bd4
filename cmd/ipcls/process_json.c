/* SPDX-License-Identifier: MIT */
/* Processes by reference in JSON: an array of them, and one of what their threads wait for. */
#include "blocked.h"
#include "common/program.h"
#include "process.h"

#include <stdlib.h>

struct listed {
	struct process_page *pages; /* of those that are there */
	struct ipck_waits **waits;  /* of each; NULL: could not be read */
	size_t count;
};

static bool read_one(struct ipck *ctx, const struct request *request, const struct ipck_ref *ref,
		     struct listed *listed, int *status)
{
	struct process_page *page = &listed->pages[listed->count];
	int rc;

	*page = (struct process_page){ .ctx = ctx,
				       .request = request,
				       .coverage = { .size = sizeof(page->coverage) } };
	rc = ipck_process_read(ctx, ref, PROCESS_WANTS, &page->process);
	if (rc == IPCK_OK)
		rc = read_threads(page, &listed->waits[listed->count++]);
	if (rc == IPCK_OK || rc == IPCK_ERR_DENIED)
		return true;
	complain("%s", ipck_message(ctx));
	*status = EXIT_PARTIAL;
	return rc != IPCK_ERR_MEMORY && rc != IPCK_ERR_UNSUPPORTED;
}

static struct json_object *make_objects(const void *row, void *data, int *why)
{
	const struct listed *listed = data;

	for (size_t i = 0; i < listed->count; i++)
		if (listed->pages[i].process == row)
			return objects_json(&listed->pages[i], why);
	return NULL;
}

static struct json_object *make_locks(const void *row, void *data, int *why)
{
	(void)data;
	return locks_json(row, why);
}

static void write_processes(struct writer *writer, struct listed *listed)
{
	struct column_list list;

	column_list_json(&list, &process_columns, 0);
	writer_begin(writer, &list, "processes");
	writer->more[0] = (struct writer_member){ "objects", make_objects, listed };
	writer->more[1] = (struct writer_member){ "locks", make_locks, NULL };
	for (size_t i = 0; i < listed->count && !writer->failed; i++)
		writer_row(writer, listed->pages[i].process);
	writer->more[0].key = NULL;
	writer_end(writer);
}

static void write_waits(struct writer *writer, const struct listed *listed,
			const struct request *request)
{
	struct column_list list;

	column_list_json(&list, &blocked_columns, 0);
	writer_begin(writer, &list, "blocked");
	for (size_t i = 0; i < listed->count && !writer->failed; i++) {
		struct blocked_rows rows;

		if (listed->waits[i] == NULL)
			continue;
		if (!blocked_rows_make(&rows, listed->waits[i], request, NULL, true)) {
			writer->failed = true;
			break;
		}
		for (size_t j = 0; j < rows.count && !writer->failed; j++)
			writer_row(writer, &rows.rows[j]);
		blocked_rows_free(&rows);
	}
	writer_end(writer);
}

int list_processes(struct ipck *ctx, const struct request *request, struct writer *writer)
{
	const struct operands *operands = &request->operands;
	const size_t most = operands->count - operands->objects;
	struct listed listed = { .pages = calloc(most + 1, sizeof(*listed.pages)),
				 .waits = calloc(most + 1, sizeof(*listed.waits)) };
	bool good = listed.pages != NULL && listed.waits != NULL;
	int status = EXIT_DONE;

	writer->failed |= !good;
	for (size_t i = operands->objects; good && i < operands->count; i++)
		good = read_one(ctx, request, &operands->refs[i], &listed, &status);
	if (good) {
		write_processes(writer, &listed);
		write_waits(writer, &listed, request);
	}
	for (size_t i = 0; i < listed.count; i++) {
		complain_unseen(&listed.pages[i]);
		ipck_waits_free(listed.waits[i]);
		ipck_process_free(listed.pages[i].process);
	}
	free(listed.pages);
	free(listed.waits);
	return good && !writer->failed ? status : EXIT_USAGE;
}
