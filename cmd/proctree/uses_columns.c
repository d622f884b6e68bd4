/* SPDX-License-Identifier: MIT */
/* The columns IPC and WAITS: for people a line an object, for programs one list. */
#include "common/held.h"
#include "common/waited.h"
#include "uses.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW ((const struct row *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

#define LINES_SHOWN 8 /* for people: what more there is is counted; --notruncate shows all */
#define LINE_MAX_BYTES (2 * IPCK_REF_MAX)

/* A cell that is being written. */
struct cell {
	FILE *out;
	char *text;
	size_t size;
	bool machine;
	size_t lines, most, left_out;
};

static bool cell_begin(struct cell *cell, const struct row *row, const struct style *style)
{
	*cell = (struct cell){ .machine = style->machine,
			       .most = style->machine || !row->request->output.truncate
					       ? SIZE_MAX
					       : LINES_SHOWN };
	cell->out = open_memstream(&cell->text, &cell->size);
	return cell->out != NULL;
}

/* count: so many of it. */
static void cell_line(struct cell *cell, const char *raw, size_t count)
{
	char line[VALUE_TEXT_MAX];

	if (cell->lines == cell->most) {
		cell->left_out += count;
		return;
	}
	ipck_sanitise(raw, line, sizeof(line));
	value_fit_locale(line);
	if (cell->lines++ > 0)
		putc(cell->machine ? ',' : '\n', cell->out);
	if (count > 1)
		fprintf(cell->out, "%zu*", count);
	fputs(line, cell->out);
}

/* NULL: no memory. */
static char *cell_end(struct cell *cell)
{
	if (cell->left_out > 0)
		fprintf(cell->out, "\n+%zu", cell->left_out);
	if (fclose(cell->out) == 0)
		return cell->text;
	free(cell->text);
	return NULL;
}

/* ---- Uses ---- */

static void put_use(struct cell *cell, const struct use *use)
{
	char ref_text[IPCK_REF_MAX], access[4], bytes[32], line[LINE_MAX_BYTES];
	const char *how = use->how == USE_MAP || use->how == USE_FD
				  ? held_access(use->access, access)
				  : use_how_name(use->how);
	struct ipck_ref ref;

	ipck_object_ref(use->object, false, &ref);
	ipck_ref_format(&ref, ref_text, sizeof(ref_text));
	ipck_format_size(use->bytes, bytes, sizeof(bytes));
	if (cell->machine)
		snprintf(line, sizeof(line), "%s(%s)", ref_text, how);
	else
		snprintf(line, sizeof(line), "%s %s%s%s", ref_text, how,
			 use->how == USE_MAP ? " " : "", use->how == USE_MAP ? bytes : "");
	cell_line(cell, line, 1);
}

static char *uses_text(const struct row *row, const struct style *style)
{
	const struct uses *uses = row->uses;
	struct cell cell;

	if (!cell_begin(&cell, row, style))
		return NULL;
	for (size_t i = 0; i < uses->count; i++)
		/* a descriptor of what is mapped says nothing more */
		if (uses->uses[i].how != USE_FD || i == 0 ||
		    uses->uses[i - 1].object != uses->uses[i].object)
			put_use(&cell, &uses->uses[i]);
	return cell_end(&cell);
}

/* ---- Waits ---- */

static void wait_line(const struct cell *cell, const struct ipck_wait *wait, char *line)
{
	static const struct style people = { .machine = false };
	const char *object = wait->object != NULL ? wait->object : wait->ref;
	const char *call = wait->call != NULL ? wait->call : "in the kernel";
	struct value value = { .wait = wait };
	char whom[VALUE_TEXT_MAX];

	if (cell->machine) {
		snprintf(line, LINE_MAX_BYTES, "%s(%s)", call, object != NULL ? object : "");
		return;
	}
	waited_processes(&value, &people, whom, sizeof(whom));
	snprintf(line, LINE_MAX_BYTES, "%s%s%s%s%s", call, object != NULL ? " " : "",
		 object != NULL ? object : "", wait->awaited_count > 0 ? " on " : "",
		 wait->awaited_count > 0 ? whom : "");
}

/* Threads that wait alike, and stand together, are told of once. */
static char *waits_text(const struct row *row, const struct style *style)
{
	const struct uses *uses = row->uses;
	char line[LINE_MAX_BYTES], next[LINE_MAX_BYTES];
	struct cell cell;
	size_t alike = 0;

	if (!cell_begin(&cell, row, style))
		return NULL;
	for (size_t i = 0; i < uses->wait_count; i++) {
		wait_line(&cell, uses->waits[i], next);
		if (alike > 0 && strcmp(line, next) != 0) {
			cell_line(&cell, line, alike);
			alike = 0;
		}
		memcpy(line, next, strlen(next) + 1);
		alike++;
	}
	if (alike > 0)
		cell_line(&cell, line, alike);
	return cell_end(&cell);
}

/* ---- Columns ---- */

static void take_text(struct value *value, const char *text, size_t count, int why)
{
	value->text = text;
	value->number = count;
	if (count > 0 && text != NULL)
		return;
	value->state = why != 0 || text == NULL ? VALUE_UNKNOWN : VALUE_NONE;
	value->why = why != 0 ? why : IPCK_ERR_MEMORY;
	value->text = NULL;
}

GETTER(get_ipc)
{
	struct uses *uses = (struct uses *)ROW->uses; /* whose texts are made when first shown */

	if (uses == NULL) {
		take_text(value, NULL, 0, IPCK_ERR_NOT_WANTED);
		return;
	}
	if (uses->text == NULL)
		uses->text = uses_text(ROW, style);
	take_text(value, uses->text, uses->count, uses->why);
}

GETTER(get_waits)
{
	struct uses *uses = (struct uses *)ROW->uses;

	if (uses == NULL) {
		take_text(value, NULL, 0, IPCK_ERR_NOT_WANTED);
		return;
	}
	if (uses->wait_text == NULL)
		uses->wait_text = waits_text(ROW, style);
	take_text(value, uses->wait_text, uses->wait_count, uses->wait_why);
}

const struct column uses_columns[] = {
	{ "IPC", "ipc", 0, VALUE_LINES, COLUMN_TRUNC, USES_WANT, 0, get_ipc,
	  "objects that it uses, how, and how much of them it maps" },
	{ "WAITS", "waits", 0, VALUE_LINES, COLUMN_TRUNC, USES_WANT, 0, get_waits,
	  "what its threads wait for, and on whom" },
	{ 0 },
};
