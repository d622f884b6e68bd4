/* SPDX-License-Identifier: MIT */
/* --namespaces: the IPC namespaces in use, who lives in each, and how much there is in it. */
#include "common/hidden.h"
#include "common/program.h"
#include "ipcls.h"

#include <stdlib.h>

#define SPACE ((const struct ipck_namespace *)row)
#define GETTER(name)                                                                               \
	static void name(const void *row, const struct style *style, struct value *value)

GETTER(get_namespace)
{
	(void)style;
	value->number = SPACE->ns;
}

GETTER(get_own)
{
	(void)style;
	value->number = SPACE->own;
}

GETTER(get_processes)
{
	(void)style;
	value->number = SPACE->processes;
}

GETTER(get_pid)
{
	(void)style;
	value->number = (uint64_t)SPACE->process.pid;
}

static void set_text(struct value *value, const char *text)
{
	value->text = text;
	if (text == NULL)
		value->state = VALUE_NONE;
}

GETTER(get_command)
{
	(void)style;
	set_text(value, SPACE->command);
}

GETTER(get_container)
{
	(void)style;
	set_text(value, SPACE->container);
}

/* How many objects of a kind, and where these have bytes, how many.  The bytes in POSIX queues are
 * not counted: to read them would move the times of the queues. */
#define TALLY_GETTER(name, member, has_bytes)                                                      \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->number = SPACE->member.objects;                                             \
		value->bytes = SPACE->member.bytes;                                                \
		value->sized = has_bytes;                                                          \
	}
#define BYTES_GETTER(name, member)                                                                 \
	GETTER(name)                                                                               \
	{                                                                                          \
		(void)style;                                                                       \
		value->number = SPACE->member.bytes;                                               \
	}

TALLY_GETTER(get_shm, shm, true)
TALLY_GETTER(get_msg, msg, true)
TALLY_GETTER(get_sem, sem, false)
TALLY_GETTER(get_posix_shm, posix_shm, true)
TALLY_GETTER(get_posix_sem, posix_sem, false)
TALLY_GETTER(get_posix_mq, posix_mq, false)
BYTES_GETTER(get_shm_bytes, shm)
BYTES_GETTER(get_msg_bytes, msg)
BYTES_GETTER(get_posix_shm_bytes, posix_shm)

GETTER(get_posix)
{
	(void)style;
	value->number =
		SPACE->posix_shm.objects + SPACE->posix_sem.objects + SPACE->posix_mq.objects;
}

#define COUNTED 1u /* want: the namespaces are to be entered */

static const struct column columns[] = {
	{ "NAMESPACE", "namespace", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_namespace,
	  "inode of the IPC namespace" },
	{ "OWN", "own", 0, VALUE_BOOLEAN, COLUMN_JSON, 0, 0, get_own, "it is that of ipcls" },
	{ "PROCS", "processes", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_processes,
	  "processes in it that could be seen" },
	{ "PID", "pid", 0, VALUE_NUMBER, COLUMN_JSON, 0, 0, get_pid,
	  "the one with the lowest number" },
	{ "COMMAND", "command", 0, VALUE_TEXT, COLUMN_JSON | COLUMN_TRUNC, 0, 0, get_command,
	  "its command" },
	{ "CONTAINER", "container", 0, VALUE_TEXT, COLUMN_JSON | COLUMN_TRUNC, 0, 0, get_container,
	  "its container or unit" },
	{ "SHM", "shm", 0, VALUE_TALLY, COLUMN_JSON, COUNTED, IPCK_SHM, get_shm,
	  "shared memory segments" },
	{ "MSG", "msg", 0, VALUE_TALLY, COLUMN_JSON, COUNTED, IPCK_MSG, get_msg, "message queues" },
	{ "SEM", "sem", 0, VALUE_TALLY, COLUMN_JSON, COUNTED, IPCK_SEM, get_sem, "semaphore sets" },
	{ "POSIX-SHM", "posix_shm", 0, VALUE_TALLY, COLUMN_JSON, COUNTED, IPCK_POSIX_SHM,
	  get_posix_shm, "POSIX shared memory on each /dev/shm that its processes see" },
	{ "POSIX-SEM", "posix_sem", 0, VALUE_TALLY, COLUMN_JSON, COUNTED, IPCK_POSIX_SEM,
	  get_posix_sem, "POSIX semaphores, likewise" },
	{ "POSIX-MQ", "posix_mq", 0, VALUE_TALLY, COLUMN_JSON, COUNTED, IPCK_POSIX_MQ, get_posix_mq,
	  "POSIX message queues" },
	{ "POSIX", "posix", 0, VALUE_NUMBER, 0, COUNTED, IPCK_POSIX, get_posix,
	  "these three together" },
	{ "SHM-BYTES", "shm_bytes", 0, VALUE_SIZE, 0, COUNTED, IPCK_SHM, get_shm_bytes,
	  "bytes of the segments, in whole pages" },
	{ "MSG-BYTES", "msg_bytes", 0, VALUE_SIZE, 0, COUNTED, IPCK_MSG, get_msg_bytes,
	  "bytes in the queues" },
	{ "POSIX-SHM-BYTES", "posix_shm_bytes", 0, VALUE_SIZE, 0, COUNTED, IPCK_POSIX_SHM,
	  get_posix_shm_bytes, "bytes allocated to POSIX shared memory" },
	{ 0 },
};

/* A column may need several kinds: all of them, or it is unknown. */
static int why(const void *row, uint32_t kinds)
{
	return (SPACE->known & kinds) == kinds ? IPCK_OK : SPACE->why;
}

static const struct column_set namespace_set = { .tables = ONE_TABLE(columns), .why = why };

#define DEFAULT_COLUMNS "NAMESPACE,PROCS,PID,COMMAND,CONTAINER,SHM,MSG,SEM,POSIX"

static bool write_rows(const struct request *request, const struct column_list *list,
		       const struct ipck_namespaces *namespaces)
{
	const size_t count = ipck_namespaces_count(namespaces);
	const void **rows = calloc(count + 1, sizeof(*rows));
	struct writer writer;

	writer_open(&writer, &request->output);
	writer_begin(&writer, list, "namespaces");
	writer.failed |= rows == NULL;
	for (size_t i = 0; rows != NULL && i < count; i++)
		rows[i] = ipck_namespaces_at(namespaces, i);
	if (rows != NULL)
		sort_rows(rows, count, &request->sort, &namespace_set, 0, &request->output.style);
	for (size_t i = 0; i < count && !writer.failed; i++)
		writer_row(&writer, rows[i]);
	writer_end(&writer);
	complain_hidden(&writer, "namespaces");
	free(rows);
	return writer_close(&writer);
}

static bool wants_counts(const struct column_list *list, const struct sort_order *sort)
{
	const struct column *by = sort->given ? column_find(&namespace_set, sort->name, 0) : NULL;

	return ((column_list_wants(list) | (by != NULL ? by->want : 0)) & COUNTED) != 0;
}

static void complain_unseen(const struct ipck_coverage *coverage)
{
	if (coverage->denied > 0)
		complain("%zu %s: namespaces unknown: %s; root sees more", coverage->denied,
			 coverage->denied == 1 ? "process" : "processes",
			 ipck_strerror(IPCK_ERR_DENIED));
	if (coverage->hidden)
		complain("/proc hides the processes of others: their namespaces are not shown; "
			 "root sees them");
}

int show_namespaces(struct ipck *ctx, const struct request *request)
{
	struct ipck_coverage coverage = { .size = sizeof(coverage) };
	struct ipck_namespaces *namespaces;
	struct column_list list;
	bool written;

	if ((request->columns != NULL &&
	     !column_list_check(&namespace_set, request->columns, ~0u)) ||
	    (request->sort.given && !column_check(&namespace_set, request->sort.name, ~0u)))
		return EXIT_USAGE;
	if (request->output.format == OUTPUT_JSON && request->columns == NULL)
		column_list_json(&list, &namespace_set, 0);
	else
		column_list_fill(&list, &namespace_set, request->columns, DEFAULT_COLUMNS, 0);
	if (ipck_namespaces_read(ctx, wants_counts(&list, &request->sort), &coverage,
				 &namespaces) != IPCK_OK) {
		complain("%s", ipck_message(ctx));
		return EXIT_USAGE;
	}
	written = write_rows(request, &list, namespaces);
	complain_unseen(&coverage);
	ipck_namespaces_free(namespaces);
	return written ? EXIT_DONE : EXIT_USAGE;
}
