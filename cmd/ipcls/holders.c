/* SPDX-License-Identifier: MIT */
/* --holders, and the end of a page: a row for each area and each descriptor that holds an object.
 */
#include "common/held.h"
#include "common/object_columns.h"
#include "common/program.h"
#include "ipcls.h"

#include <stdio.h>
#include <stdlib.h>

struct entry {
	const struct ipck_object *object;
	const struct ipck_holder *holder; /* NULL: nobody holds it */
};

#define ENTRY ((const struct entry *)row)
#define HOLDER (ENTRY->holder)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

/* Is there a holder to tell of? */
static bool somebody(const struct entry *entry, struct value *value)
{
	if (entry->holder == NULL)
		value->state = VALUE_NONE;
	return entry->holder != NULL;
}

static void set_text(struct value *value, const char *text)
{
	if (text != NULL && *text != '\0')
		value->text = text;
	else
		value->state = VALUE_NONE;
}

GETTER(get_ref)
{
	struct ipck_ref ref;

	(void)style;
	ipck_object_ref(ENTRY->object, false, &ref);
	ipck_ref_format(&ref, value->buffer, sizeof(value->buffer));
	value->text = value->buffer;
	value->number = ref.form == IPCK_BY_ID ? (uint64_t)ref.id : ref.number;
}

GETTER(get_pid)
{
	(void)style;
	if (somebody(ENTRY, value))
		value->number = (uint64_t)HOLDER->process.pid;
}

GETTER(get_tid)
{
	(void)style;
	if (somebody(ENTRY, value) && HOLDER->tid != 0)
		value->number = (uint64_t)HOLDER->tid;
	else
		value->state = VALUE_NONE;
}

GETTER(get_user)
{
	(void)style;
	if (somebody(ENTRY, value))
		set_text(value, HOLDER->user);
}

GETTER(get_uid)
{
	(void)style;
	if (somebody(ENTRY, value))
		value->number = HOLDER->uid;
}

/* Where nobody was found, this is where it is said. */
GETTER(get_command)
{
	(void)style;
	if (somebody(ENTRY, value)) {
		set_text(value, HOLDER->command);
	} else if (ENTRY->object->holders_complete) {
		value->text = "nobody";
	} else {
		value->state = VALUE_UNKNOWN;
		value->why = IPCK_ERR_DENIED;
	}
}

GETTER(get_how)
{
	(void)style;
	if (somebody(ENTRY, value))
		value->text = HOLDER->how == IPCK_HOLDS_MAP ? "map" : "fd";
}

GETTER(get_access)
{
	(void)style;
	if (somebody(ENTRY, value))
		value->text = held_access(HOLDER->access, value->buffer);
	if (value->text != NULL && *value->text == '\0')
		value->state = VALUE_NONE;
}

GETTER(get_fd)
{
	(void)style;
	if (somebody(ENTRY, value) && HOLDER->how == IPCK_HOLDS_FD)
		value->number = (uint64_t)HOLDER->fd;
	else
		value->state = VALUE_NONE;
}

GETTER(get_address)
{
	(void)style;
	if (somebody(ENTRY, value) && HOLDER->how == IPCK_HOLDS_MAP) {
		snprintf(value->buffer, sizeof(value->buffer), "0x%llx",
			 (unsigned long long)HOLDER->address);
		value->text = value->buffer;
	} else {
		value->state = VALUE_NONE;
	}
}

GETTER(get_bytes)
{
	(void)style;
	if (somebody(ENTRY, value) && HOLDER->how == IPCK_HOLDS_MAP)
		value->number = HOLDER->bytes;
	else
		value->state = VALUE_NONE;
}

GETTER(get_flags)
{
	(void)style;
	if (somebody(ENTRY, value))
		value->word_count = held_flags(HOLDER->flags, value->words);
}

GETTER(get_container)
{
	(void)style;
	if (somebody(ENTRY, value))
		set_text(value, HOLDER->container);
}

#define CUT COLUMN_TRUNC

static const struct column columns[] = {
	{ "REF", "ref", 0, VALUE_REF, 0, 0, 0, get_ref, "what is held" },
	{ "PID", "pid", 0, VALUE_NUMBER, 0, 0, 0, get_pid, "process that holds it" },
	{ "TID", "tid", 0, VALUE_NUMBER, 0, 0, 0, get_tid,
	  "thread, where it has descriptors of its own" },
	{ "USER", "user", 0, VALUE_TEXT, CUT, IPCK_WANT_NAMES, 0, get_user,
	  "effective user of the process" },
	{ "UID", "uid", 0, VALUE_NUMBER, 0, 0, 0, get_uid, "the same as a number" },
	{ "COMMAND", "command", 0, VALUE_TEXT, CUT, 0, 0, get_command, "command of the process" },
	{ "HOW", "how", 0, VALUE_TEXT, 0, 0, 0, get_how, "map or fd" },
	{ "ACCESS", "access", 0, VALUE_TEXT, 0, 0, 0, get_access, "of r, w and x" },
	{ "FD", "fd", 0, VALUE_NUMBER, 0, 0, 0, get_fd, "number of the descriptor" },
	{ "ADDRESS", "address", 0, VALUE_TEXT, 0, 0, 0, get_address, "where it is mapped" },
	{ "BYTES", "bytes", 0, VALUE_SIZE, 0, 0, 0, get_bytes, "how much of it is mapped there" },
	{ "FLAGS", "flags", 0, VALUE_WORDS, CUT, 0, 0, get_flags,
	  "nonblock, async, cloexec, append, private" },
	{ "CONTAINER", "container", 0, VALUE_TEXT, CUT, IPCK_WANT_CONTAINERS, 0, get_container,
	  "container or unit of the process" },
	{ 0 },
};

const struct column_set holder_columns = { .tables = ONE_TABLE(columns) };

#define DEFAULT_COLUMNS "REF,PID,USER,COMMAND,ACCESS,FD,ADDRESS,BYTES,FLAGS"
#define PAGE_COLUMNS "PID,USER,COMMAND,ACCESS,FD,ADDRESS,BYTES,FLAGS"

bool print_holders(const struct ipck_object *object, const struct request *request)
{
	const struct ipck_holder *holder;
	struct column_list list;
	struct writer writer;
	bool contained = false;

	if ((object->kind & HOLDABLE) == 0)
		return true;
	putchar('\n');
	if (object->holder_count == 0) {
		puts(object->holders_complete &&
				     (object->evidence & IPCK_EVIDENCE_NOT_INITIAL_NS) == 0
			     ? "  Nobody holds it."
			     : "  Nobody that could be seen holds it.");
		return true;
	}
	for (size_t i = 0; (holder = ipck_holder_at(object, i)) != NULL; i++)
		contained |= holder->container != NULL && *holder->container != '\0';
	column_list_fill(&list, &holder_columns, contained ? "+CONTAINER" : NULL, PAGE_COLUMNS, 0);
	writer_open(&writer, &request->output);
	writer_begin(&writer, &list, "holders");
	for (size_t i = 0; (holder = ipck_holder_at(object, i)) != NULL && !writer.failed; i++) {
		const struct entry row = { object, holder };

		writer_row(&writer, &row);
	}
	writer_end(&writer);
	return writer_close(&writer);
}

/* All entries of the objects, one behind the other; *count of them.  NULL: no memory. */
static struct entry *entries_of(const struct ipck_objects *objects, bool named, size_t *count)
{
	const struct ipck_object *object;
	struct entry *entries;
	size_t most = 1;

	for (size_t i = 0; (object = ipck_objects_at(objects, i)) != NULL; i++)
		most += object->holder_count + 1;
	*count = 0;
	entries = calloc(most, sizeof(*entries));
	for (size_t i = 0; entries != NULL && (object = ipck_objects_at(objects, i)) != NULL; i++) {
		if (object->holder_count == 0 && named && (object->kind & HOLDABLE) != 0)
			entries[(*count)++] = (struct entry){ object, NULL };
		for (size_t j = 0; j < object->holder_count; j++)
			entries[(*count)++] = (struct entry){ object, ipck_holder_at(object, j) };
	}
	return entries;
}

static bool write_entries(const struct request *request, const struct column_list *list,
			  const struct ipck_objects *objects)
{
	size_t count;
	struct entry *entries = entries_of(objects, request->operands.count > 0, &count);
	const void **rows = calloc(count + 1, sizeof(*rows));
	struct writer writer;

	writer_open(&writer, &request->output);
	writer_begin(&writer, list, "holders");
	writer.failed |= entries == NULL || rows == NULL;
	for (size_t i = 0; i < count && !writer.failed; i++)
		rows[i] = &entries[i];
	if (!writer.failed)
		sort_rows(rows, count, &request->sort, &holder_columns, 0, &request->output.style);
	for (size_t i = 0; i < count && !writer.failed; i++)
		writer_row(&writer, rows[i]);
	writer_end(&writer);
	free(entries);
	free(rows);
	return writer_close(&writer);
}

/* Queues and sets are held by whoever knows their id: the kernel keeps no list. */
static void complain_unheld(const struct request *request)
{
	const unsigned kinds = requested_kinds(request) & ~HOLDABLE;

	for (const struct object_kind *kind = object_kinds; kind->kind != 0; kind++)
		if ((kinds & kind->kind) != 0)
			complain("%s: the kernel does not record who uses them; see ipcls -p",
				 kind->plural);
}

static int read_objects(struct ipck *ctx, struct request *request, struct ipck_query *query,
			struct ipck_objects **objects)
{
	int rc;

	*objects = NULL;
	if (!selecting_query(&request->selecting, ctx, query))
		rc = IPCK_ERR_NOT_FOUND;
	else
		rc = ipck_objects_read(ctx, query, objects);
	if (rc != IPCK_OK)
		complain("%s", ipck_message(ctx));
	if (*objects == NULL)
		return rc == IPCK_ERR_NOT_FOUND ? EXIT_PARTIAL : EXIT_USAGE;
	return list_status(request, query->kinds & ~(unsigned)IPCK_SHM, rc);
}

int show_holders(struct ipck *ctx, struct request *request)
{
	struct ipck_coverage coverage = { .size = sizeof(coverage) };
	struct ipck_query query = { .size = sizeof(query),
				    .kinds = requested_kinds(request) & HOLDABLE,
				    .refs = request->operands.refs,
				    .ref_count = request->operands.count,
				    .ref_results = request->operands.results,
				    .coverage = &coverage };
	struct ipck_objects *objects;
	struct column_list list;
	int status;

	column_list_fill(&list, &holder_columns, request->columns, DEFAULT_COLUMNS, 0);
	query.want = IPCK_WANT_HOLDERS | IPCK_WANT_FLAGS | column_list_wants(&list) |
		     requested_wants(request);
	complain_unheld(request);
	if (request->operands.count == 0 && request->operands.from_input)
		return EXIT_DONE; /* an empty list names nothing */
	status = read_objects(ctx, request, &query, &objects);
	if (objects == NULL)
		return status;
	if (!write_entries(request, &list, objects))
		status = EXIT_USAGE;
	ipck_objects_free(objects);
	coverage_complain(&coverage, &request->selecting.selection);
	if (operands_complain(&request->operands) > 0 && status == EXIT_DONE)
		status = EXIT_PARTIAL;
	return status;
}
