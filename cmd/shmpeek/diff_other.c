/* SPDX-License-Identifier: MIT */
/* --diff: what the object is compared with, a file or another object. */
#include "common/program.h"
#include "shmpeek.h"

static int open_first(struct ipck *ctx, struct request *request, const struct ipck_objects *objects)
{
	struct peeking peeking = { .ctx = ctx,
				   .request = request,
				   .object = ipck_objects_at(objects, 0),
				   .ref = request->other,
				   .content = { .fd = -1 } };
	const int status = open_object(&peeking);

	request->other_content = peeking.content;
	return status;
}

static int find_object(struct ipck *ctx, struct request *request, struct operands *operands)
{
	struct ipck_objects *objects;
	int status;

	if ((view_row(request, operands->refs[0].kind)->kinds & operands->refs[0].kind) == 0) {
		complain("--diff: %s: not shared memory", request->other);
		return EXIT_USAGE;
	}
	status = read_objects(ctx, operands, 0, &objects);
	if (status == EXIT_DONE)
		status = ipck_objects_count(objects) > 0 ? open_first(ctx, request, objects)
							 : EXIT_PARTIAL;
	ipck_objects_free(objects);
	return status;
}

int other_open(struct ipck *ctx, struct request *request)
{
	struct operands operands = { 0 };
	struct ipck_ref ref;
	char *word = (char *)request->other;
	int status = EXIT_USAGE;

	const int rc = ipck_ref_parse(request->other, &ref);

	if (rc == IPCK_OK || rc == IPCK_ERR_RANGE) {
		if (operands_read(&operands, &word, 1, false))
			status = find_object(ctx, request, &operands);
		operands_free(&operands);
		return status;
	}
	if (content_of_file(&request->other_content, ctx, request->other))
		return EXIT_DONE;
	content_close(&request->other_content);
	return EXIT_USAGE;
}
