/* SPDX-License-Identifier: MIT */
/*
 * Unix sockets.  A descriptor says only that it is a socket; which are unix sockets, and who talks
 * to whom, the lists of the network namespaces tell.  A socket stays in the namespace that it was
 * made in, whoever has it today.
 */
#include "insight/endpoint_kinds.h"
#include "source/namespace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct visit { /* a network namespace that was asked for its sockets */
	uint64_t ns;
	int rc;
};

struct finding {
	struct endpoint_reading *reading;
	struct visit *visits;
	size_t visit_count, visit_size;
	struct unix_socket *unlisted; /* in no list that could be had, and yet unix sockets */
	size_t unlisted_count, unlisted_size;
};

/* Room for one more. */
static void *grow(void *rows, size_t count, size_t *size, size_t row_size)
{
	if (count < *size)
		return rows;
	rows = reallocarray(rows, *size * 2 + 16, row_size);
	if (rows != NULL)
		*size = *size * 2 + 16;
	return rows;
}

static int visit(struct finding *finding, pid_t pid, uint64_t ns, int *result)
{
	struct visit *visits;

	for (size_t i = 0; i < finding->visit_count; i++)
		if (finding->visits[i].ns == ns) {
			*result = finding->visits[i].rc;
			return 0;
		}
	visits = grow(finding->visits, finding->visit_count, &finding->visit_size, sizeof(*visits));
	if (visits == NULL)
		return IPCK_ERR_MEMORY;
	finding->visits = visits;
	*result = unix_sockets_add(finding->reading->ctx, &finding->reading->sockets, pid, ns);
	if (*result == IPCK_ERR_MEMORY)
		return IPCK_ERR_MEMORY;
	visits[finding->visit_count++] = (struct visit){ .ns = ns, .rc = *result };
	return 0;
}

static int add_unlisted(struct finding *finding, uint64_t inode, int why)
{
	struct unix_socket *rows = grow(finding->unlisted, finding->unlisted_count,
					&finding->unlisted_size, sizeof(*rows));

	if (rows == NULL)
		return IPCK_ERR_MEMORY;
	finding->unlisted = rows;
	rows[finding->unlisted_count++] = (struct unix_socket){ .inode = inode, .why = why };
	return 0;
}

/* 1: a unix socket; 0: another one, or gone; -1: nobody can tell. */
static int ask(struct endpoint_reading *reading, const struct endpoint_group *group)
{
	int answer = 0;

	for (size_t i = 0; i < group->count; i++) {
		char path[ENDPOINT_PATH_MAX];
		int rc;

		endpoint_path(reading, &group->uses[i], "fd", path);
		rc = unix_socket_ask(path);
		if (rc >= 0)
			return rc;
		if (rc != -ENOENT && rc != -ESRCH)
			answer = -1;
	}
	return answer;
}

/* A socket that no list shows yet. */
static int find(struct finding *finding, const struct endpoint_group *group)
{
	struct endpoint_reading *reading = finding->reading;
	const uint64_t inode = group->uses[0].object.number;
	const pid_t pid = reading->scan->processes[group->uses[0].process].id.pid;
	int answer = ask(reading, group), why = IPCK_ERR_DENIED;
	uint64_t ns;

	if (answer == 0)
		return 0;
	if (namespace_net_of(pid, &ns) == 0 && visit(finding, pid, ns, &why) != 0)
		return IPCK_ERR_MEMORY;
	if (unix_sockets_find(&reading->sockets, inode) != NULL)
		return 0;
	if (answer > 0)
		return add_unlisted(finding, inode, why != 0 ? why : IPCK_ERR_OUTSIDE);
	if (why != 0)
		reading->failed = why;
	return 0;
}

static int find_all(struct finding *finding)
{
	struct endpoint_reading *reading = finding->reading;
	const struct scan *scan = reading->scan;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < scan->use_count;) {
		struct endpoint_group group = { .uses = &scan->uses[i] };

		while (i < scan->use_count &&
		       identity_compare(&group.uses->object, &scan->uses[i].object) == 0) {
			group.count++;
			i++;
		}
		if (group.uses->object.kind == IPCK_UNIX &&
		    unix_sockets_find(&reading->sockets, group.uses->object.number) == NULL)
			rc = find(finding, &group);
	}
	return rc;
}

int endpoint_list_sockets(struct endpoint_reading *reading)
{
	struct finding finding = { .reading = reading };
	int own, rc;

	if (reading->sockets_listed)
		return 0;
	reading->sockets_listed = true;
	rc = visit(&finding, 0, namespace_own_net(), &own);
	if (rc == 0)
		rc = find_all(&finding);
	if (rc == 0)
		rc = unix_sockets_put(&reading->sockets, finding.unlisted, finding.unlisted_count);
	free(finding.visits);
	free(finding.unlisted);
	return rc;
}

/* Descriptors of the sockets that send to this one. */
static uint64_t count_senders(const struct endpoint_reading *reading, uint64_t inode)
{
	size_t senders, uses;
	const struct unix_socket *const *from = unix_sockets_to(&reading->sockets, inode, &senders);
	uint64_t count = 0;

	for (size_t i = 0; i < senders; i++) {
		const struct identity identity = { .kind = IPCK_UNIX, .number = from[i]->inode };

		if (scan_find(reading->scan, &identity, &uses) != NULL)
			count += uses;
	}
	return count;
}

static void take_queue(const struct unix_socket *row, struct ipck_object *object)
{
	if (row->listening) { /* connections that wait, not bytes */
		object->unknown.unsupported |= IPCK_ENDPOINT_USED;
		if (row->queued > row->backlog)
			object->status |= IPCK_STATUS_FULL;
		return;
	}
	object->endpoint.used = row->queued;
	object->known |= IPCK_ENDPOINT_USED;
	if (row->queued == 0)
		object->status |= IPCK_STATUS_EMPTY;
	/* One that shut down its own sending still has a reader: only both together mean a hangup.
	 */
	if (row->read_closed)
		object->status |= IPCK_STATUS_NO_WRITER;
	if (row->read_closed && row->write_closed && row->peer == 0)
		object->status |= IPCK_STATUS_NO_READER;
}

int endpoint_socket(struct endpoint_reading *reading, const struct endpoint_group *group,
		    struct ipck_object *object)
{
	const uint32_t fields = IPCK_ENDPOINT_PEER | IPCK_ENDPOINT_USED;
	const struct unix_socket *row;
	int rc = endpoint_list_sockets(reading);

	if (rc != 0)
		return rc;
	row = unix_sockets_find(&reading->sockets, object->number);
	if (row == NULL)
		return ENDPOINT_SKIP;
	object->name = row->name;
	object->endpoint.socket_type = row->type;
	if (row->listening)
		object->status |= IPCK_STATUS_LISTENING;
	object->endpoint.readers = group->count;
	object->endpoint.writers = 0;
	if (row->why != 0) {
		rc = endpoint_settle(object, fields, row->why);
	} else {
		object->known |= IPCK_ENDPOINT_PEER;
		object->endpoint.peer = row->peer;
		object->endpoint.writers = count_senders(reading, object->number);
		take_queue(row, object);
	}
	return rc == 0 ? endpoint_owner(reading, group, object) : rc;
}
