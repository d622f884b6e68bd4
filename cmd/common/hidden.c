/* SPDX-License-Identifier: MIT */
/* Which cells of a list were unknown, said once at its end, with what would show them. */
#include "common/hidden.h"
#include "common/program.h"

#include <stdio.h>

static bool same_hidden(const struct hidden *a, const struct hidden *b)
{
	return a->rows == b->rows && a->why == b->why;
}

/* The names of all columns that were hidden like this one; false if an earlier one said so. */
static bool hidden_names(const struct writer *writer, size_t column, char *names, size_t size)
{
	const struct hidden *hidden = &writer->hidden[column];
	size_t used = 0;

	for (size_t i = 0; i < column; i++)
		if (same_hidden(&writer->hidden[i], hidden))
			return false;
	for (size_t i = column; i < writer->columns.count && used < size; i++)
		if (same_hidden(&writer->hidden[i], hidden))
			used += (size_t)snprintf(names + used, size - used, "%s%s",
						 used > 0 ? ", " : "",
						 writer->columns.columns[i]->name);
	return true;
}

/* Who holds what is the coverage's to tell. */
static bool told_otherwise(const struct column *column)
{
	return column->field == IPCK_FIELD_HOLDERS;
}

void complain_hidden(const struct writer *writer, const char *plural)
{
	for (size_t i = 0; i < writer->columns.count; i++) {
		const struct hidden *hidden = &writer->hidden[i];
		char names[256];

		if (hidden->rows == 0 || told_otherwise(writer->columns.columns[i]) ||
		    !hidden_names(writer, i, names, sizeof(names)))
			continue;
		complain("%u of %zu %s: %s unknown: %s; %s", hidden->rows, writer->rows, plural,
			 names, ipck_strerror(hidden->why),
			 hidden->why == IPCK_ERR_DENIED    ? "their owner or root would see it"
			 : hidden->why == IPCK_ERR_OUTSIDE ? "seen from the host it is known"
			 : hidden->why == IPCK_ERR_NOT_FOUND || hidden->why == IPCK_ERR_CHANGED
				 ? "they ended meanwhile"
				 : "it needs a whole /proc");
	}
}
