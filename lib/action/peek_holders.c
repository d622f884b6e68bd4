/* SPDX-License-Identifier: MIT */
/* The processes that map an object, and the namespace that a segment lives in. */
#include "action/peek_holders.h"
#include "action/again.h"
#include "source/namespace.h"
#include "source/process.h"

#include <string.h>

struct inside {
	const struct ipck_peek *peek;
	int (*work)(void *data);
	void *data;
};

/* By a thread that is in the object's IPC namespace. */
static int work_there(void *data)
{
	const struct inside *inside = data;

	if (inside->peek->object.ns != namespace_own_ipc())
		return ipck_fail(inside->peek->ctx, IPCK_ERR_OUTSIDE,
				 "%s: in another IPC namespace", inside->peek->ref);
	return inside->work(inside->data);
}

int peek_inside(const struct ipck_peek *peek, int (*work)(void *data), void *data)
{
	const struct ipck_object *object = &peek->object;
	struct inside inside = { peek, work, data };
	pid_t pid = 0; /* a process of its namespace; 0: that is ours */
	int rc = object->foreign ? namespace_member(peek->ctx, object->ns, &pid) : IPCK_OK;

	if (rc != IPCK_OK)
		return rc;
	return namespace_run(peek->ctx, NAMESPACE_IPC, pid, pid != 0 ? object->ns : 0, work_there,
			     &inside);
}

struct again {
	const struct ipck_peek *peek;
	struct ipck_object *now;
};

static int read_again(void *data)
{
	const struct again *again = data;

	return again_read(again->peek->ctx, &again->peek->object, again->now);
}

int peek_again(const struct ipck_peek *peek, struct ipck_object *now)
{
	struct again again = { peek, now };

	return peek_inside(peek, read_again, &again);
}

int peek_holders_find(const struct ipck_peek *peek, const struct ipck_object *now,
		      uint64_t attachments, struct peek_holders *holders)
{
	const struct ipck_object *object = &peek->object;
	const struct scan_device device = { .major = object->major,
					    .minor = object->minor,
					    .ns = object->ns,
					    .foreign = object->foreign };
	pid_t first[2];
	struct identity wanted;
	struct scan_query query = { .kinds = object->kind,
				    .without_users = true,
				    .wanted = &wanted,
				    .wanted_count = 1,
				    .attachments = attachments,
				    .first = first };
	int rc;

	if (now != NULL) { /* who used it last is the likeliest to have it still */
		first[query.first_count++] = now->shm.last_operator.pid;
		first[query.first_count++] = now->shm.creator.pid;
	} else if (object->kind != IPCK_MEMFD) {
		query.devices = &device;
		query.device_count = 1;
	}
	*holders = (struct peek_holders){ 0 };
	identity_of(object, &wanted);
	rc = scan_run(peek->ctx, &query, &holders->scan);
	if (rc != IPCK_OK) {
		scan_free(&holders->scan);
		return rc;
	}
	holders->uses = scan_find(&holders->scan, &wanted, &holders->count);
	return IPCK_OK;
}

void peek_holders_free(struct peek_holders *holders)
{
	scan_free(&holders->scan);
	holders->uses = NULL;
	holders->count = 0;
}

bool peek_holders_map(const struct peek_holders *holders)
{
	for (size_t i = 0; i < holders->count; i++)
		if (holders->uses[i].fd < 0)
			return true;
	return false;
}

bool peek_holder_stays(const struct ipck_peek *peek, const struct ipck_process_id *process)
{
	uint64_t ns, start_time;

	if (process_start_time(process->pid, &start_time) != IPCK_OK ||
	    start_time != process->start_time)
		return false;
	return peek->object.kind != IPCK_SHM ||
	       (namespace_ipc_of(process->pid, &ns) == 0 && ns == peek->object.ns);
}

int peek_no_holder(const struct ipck_peek *peek, enum ipck_error without, const char *rights)
{
	if (processes_may_be_inspected())
		return ipck_fail(peek->ctx, IPCK_ERR_FOOTPRINT,
				 "%s: no process that has it attached is to be seen", peek->ref);
	return ipck_fail(peek->ctx, without,
			 "%s: needs %s to be read through a process that has it attached",
			 peek->ref, rights);
}
