/* SPDX-License-Identifier: MIT */
/* The part of a process's page that tells which objects it uses, how, and with whom. */
#include "common/held.h"
#include "common/object_columns.h"
#include "common/program.h"
#include "common/row_json.h"
#include "process.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

/* An object with one process's use of it. */
struct used {
	const struct ipck_object *object;
	pid_t pid;
	struct ipck_object others;   /* the same with the holders that are not this process */
	struct ipck_holder *holders; /* of others */
};

#define USED ((const struct used *)row)
#define OBJECT (USED->object)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

/* The next holding of the process itself; NULL: no more. */
static const struct ipck_holder *own_holding(const struct used *used, size_t *i)
{
	const struct ipck_holder *holder;

	while ((holder = ipck_holder_at(used->object, (*i)++)) != NULL)
		if (holder->process.pid == used->pid)
			return holder;
	return NULL;
}

GETTER(get_ref)
{
	struct ipck_ref ref;

	(void)style;
	ipck_object_ref(OBJECT, false, &ref);
	ipck_ref_format(&ref, value->buffer, sizeof(value->buffer));
	value->text = value->buffer;
}

GETTER(get_access)
{
	const struct ipck_holder *holder;
	unsigned access = 0;

	(void)style;
	for (size_t i = 0; (holder = own_holding(USED, &i)) != NULL;)
		access |= holder->access;
	if (access == 0)
		value->state = VALUE_NONE;
	else
		value->text = held_access(access, value->buffer);
}

#define FDS_SHOWN 8

/* The descriptors; more than a few are counted: a server may have one pipe open in many places. */
GETTER(get_fds)
{
	const struct ipck_holder *holder;
	char *room = value->buffer;
	size_t count = 0;

	(void)style;
	for (size_t i = 0; (holder = own_holding(USED, &i)) != NULL;) {
		if (holder->how != IPCK_HOLDS_FD || count++ >= FDS_SHOWN)
			continue;
		value->words[value->word_count++] = room;
		room += snprintf(room, 16, "%d", holder->fd) + 1;
	}
	if (count > FDS_SHOWN) {
		snprintf(room, 32, "+%zu", count - FDS_SHOWN);
		value->words[value->word_count++] = room;
	}
}

GETTER(get_mapped)
{
	const struct ipck_holder *holder;
	bool mapped = false;

	(void)style;
	value->number = 0;
	for (size_t i = 0; (holder = own_holding(USED, &i)) != NULL;)
		if (holder->how == IPCK_HOLDS_MAP) {
			value->number += holder->bytes;
			mapped = true;
		}
	if (!mapped)
		value->state = VALUE_NONE;
}

static void add_role(const struct used *used, const struct ipck_operator *process, const char *role,
		     struct value *value)
{
	if (process->pid == used->pid && process->state != IPCK_OPERATOR_LATER)
		value->words[value->word_count++] = role;
}

static void add_semaphore_role(const struct used *used, struct value *value)
{
	const struct ipck_semaphore *semaphore;

	for (size_t i = 0; (semaphore = ipck_semaphore_at(used->object, i)) != NULL; i++)
		if (semaphore->last_operator.pid == used->pid) {
			add_role(used, &semaphore->last_operator, "last-operator", value);
			return;
		}
}

/* What the kernel recorded of it. */
GETTER(get_role)
{
	(void)style;
	switch (OBJECT->kind) {
	case IPCK_SHM:
		add_role(USED, &OBJECT->shm.creator, "creator", value);
		add_role(USED, &OBJECT->shm.last_operator, "last-operator", value);
		break;
	case IPCK_MSG:
		add_role(USED, &OBJECT->msg.sender, "sender", value);
		add_role(USED, &OBJECT->msg.receiver, "receiver", value);
		break;
	case IPCK_SEM:
		add_semaphore_role(USED, value);
		break;
	default:
		break;
	}
}

GETTER(get_others)
{
	(void)style;
	value->object = &USED->others;
	value->access = 0;
	value->number = USED->others.held;
	if (USED->others.holder_count == 0) {
		value->state = VALUE_NONE;
		value->text = (OBJECT->kind & HOLDABLE) == 0 ? NULL
			      : OBJECT->holders_complete     ? "nobody"
							     : "?";
	}
}

static const struct column columns[] = {
	{ "REF", "ref", 0, VALUE_REF, COLUMN_JSON, 0, 0, get_ref, "what it uses" },
	{ "ACCESS", "access", 0, VALUE_TEXT, COLUMN_JSON, 0, 0, get_access, "of r, w and x" },
	{ "FDS", "", 0, VALUE_WORDS, 0, 0, 0, get_fds, "by which descriptors" },
	{ "MAPPED", "mapped", 0, VALUE_SIZE, COLUMN_JSON, 0, 0, get_mapped,
	  "how much of it is mapped" },
	{ "ROLE", "role", 0, VALUE_WORDS, COLUMN_JSON, 0, 0, get_role, "what the kernel recorded" },
	{ "OTHERS", "others", 0, VALUE_HOLDERS, COLUMN_TRUNC, 0, 0, get_others,
	  "who else holds it" },
	{ 0 },
};

static const struct column_set used_columns = { .tables = ONE_TABLE(columns) };

/* The others that hold it; false: no memory. */
static bool find_others(struct used *used)
{
	const struct ipck_object *object = used->object;
	pid_t last = 0;

	used->others = *object;
	used->others.holder_count = used->others.held = 0;
	used->others.holders = used->holders =
		calloc(object->holder_count + 1, sizeof(*used->holders));
	for (size_t i = 0; used->holders != NULL && i < object->holder_count; i++) {
		const struct ipck_holder *holder = ipck_holder_at(object, i);

		if (holder->process.pid == used->pid)
			continue;
		used->holders[used->others.holder_count++] = *holder;
		used->others.held += holder->process.pid != last;
		last = holder->process.pid;
	}
	return used->holders != NULL;
}

static bool write_objects(const struct process_page *page, const struct ipck_objects *objects)
{
	const size_t count = ipck_objects_count(objects);
	struct column_list list;
	struct writer writer;

	if (ipck_process_why(page->process, IPCK_PROCESS_DESCRIPTORS) == IPCK_ERR_DENIED)
		printf("\n  What it holds could not be seen (%s).\n",
		       ipck_strerror(IPCK_ERR_DENIED));
	else if (count == 0)
		puts("\n  It uses no objects.");
	if (count == 0)
		return true;
	putchar('\n');
	column_list_fill(&list, &used_columns, NULL, "REF,ACCESS,FDS,MAPPED,ROLE,OTHERS", 0);
	writer_open(&writer, &page->request->output);
	writer_begin(&writer, &list, "objects");
	for (size_t i = 0; i < count && !writer.failed; i++) {
		struct used used = { .object = ipck_objects_at(objects, i),
				     .pid = page->process->id.pid };

		if (find_others(&used))
			writer_row(&writer, &used);
		else
			writer.failed = true;
		free(used.holders);
	}
	writer_end(&writer);
	return writer_close(&writer);
}

static int read_objects(struct process_page *page, struct ipck_objects **objects)
{
	const struct ipck_process *process = page->process;
	struct ipck_query query = { .size = sizeof(query),
				    .kinds = IPCK_KINDS,
				    .want = IPCK_WANT_HOLDERS | IPCK_WANT_PROCESSES |
					    IPCK_WANT_ELEMENTS | IPCK_WANT_WAITERS,
				    .select = { .tests = IPCK_SELECT_USED_BY,
						.used_by = process->id.pid },
				    .coverage = &page->coverage };
	int rc;

	if ((process->foreign & 1u << IPCK_NAMESPACE_IPC) != 0) {
		query.where = IPCK_NS_ONE;
		query.ns = process->namespaces[IPCK_NAMESPACE_IPC];
	}
	rc = ipck_objects_read(page->ctx, &query, objects);
	/* kinds that are not there, and objects out of sight, end well: the rest is shown */
	if (rc != IPCK_OK && rc != IPCK_ERR_UNSUPPORTED)
		complain("%s", ipck_message(page->ctx));
	return rc;
}

bool print_objects(struct process_page *page)
{
	struct ipck_objects *objects;
	const int rc = read_objects(page, &objects);
	bool good;

	if (objects == NULL)
		return rc != IPCK_ERR_MEMORY;
	good = write_objects(page, objects);
	ipck_objects_free(objects);
	return good;
}

struct json_object *objects_json(struct process_page *page, int *why)
{
	struct json_object *array = json_object_new_array();
	struct ipck_objects *objects;
	const struct ipck_object *object;
	struct column_list list;

	read_objects(page, &objects);
	column_list_json(&list, &used_columns, 0);
	for (size_t i = 0; objects != NULL && (object = ipck_objects_at(objects, i)) != NULL; i++) {
		const struct used used = { .object = object, .pid = page->process->id.pid };

		json_object_array_add(array, writer_json_object(&list, &used));
	}
	ipck_objects_free(objects);
	*why = ipck_process_why(page->process, IPCK_PROCESS_DESCRIPTORS);
	if (*why != IPCK_OK && json_object_array_length(array) == 0) {
		json_object_put(array);
		return NULL;
	}
	return array;
}
