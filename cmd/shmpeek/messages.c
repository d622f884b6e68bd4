/* SPDX-License-Identifier: MIT */
/* . */
#include "common/program.h"
#include "shmpeek.h"

static const struct column columns[] = {
	{ "REF", "ref", 0, VALUE_REF, COLUMN_JSON, 0, 0, get_row_ref, "reference of the object" },
	{ 0 },
};

const struct column_set message_columns = { .tables = ONE_TABLE(columns) };

int show_messages(struct peeking *peeking)
{
	complain("%s: not yet", peeking->ref);
	return EXIT_PARTIAL;
}
