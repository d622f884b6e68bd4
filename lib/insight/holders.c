/* SPDX-License-Identifier: MIT */
/* Who holds an object, out of a scan of the processes. */
#include "insight/holders.h"

/* previous: the holder before it, whose strings serve as long as it is the same process. */
static int fill(struct ipck_holder *holder, const struct ipck_holder *previous,
		const struct scanned_process *process, const struct use *use, struct pool *pool,
		struct names *names, struct containers *containers)
{
	bool memory = true;

	*holder = (struct ipck_holder){ .process = process->id,
					.tid = use->tid,
					.uid = process->uid,
					.how = use->fd < 0 ? IPCK_HOLDS_MAP : IPCK_HOLDS_FD,
					.access = use->access,
					.flags = use->flags,
					.fd = use->fd,
					.address = use->address,
					.bytes = use->bytes,
					.offset = use->offset };
	if (previous != NULL && previous->process.pid == process->id.pid) {
		holder->command = previous->command;
		holder->user = previous->user;
		holder->container = previous->container;
		return IPCK_OK;
	}
	holder->command = pool_string(pool, process->command);
	if (names != NULL)
		holder->user = names_user(names, process->uid);
	if (containers != NULL)
		holder->container = container_of(containers, process->id.pid, &memory);
	if (holder->container != NULL && holder->container[0] == '\0')
		holder->container = NULL; /* it is in none */
	return holder->command != NULL && memory && (names == NULL || holder->user != NULL)
		       ? IPCK_OK
		       : IPCK_ERR_MEMORY;
}

static bool complete(const struct scan *scan, const struct ipck_object *object, uint64_t areas)
{
	const struct ipck_coverage *coverage = &scan->coverage;

	if (object->kind == IPCK_SHM)
		return areas == object->shm.nattch;
	return !scan->one && coverage->processes > 0 && coverage->denied == 0 &&
	       !coverage->hidden && !coverage->early;
}

int holders_add(const struct scan *scan, struct ipck_object *object, struct pool *pool,
		struct names *names, struct containers *containers)
{
	struct identity identity;
	struct ipck_holder *holders = NULL;
	const struct use *uses;
	size_t count;
	pid_t last = 0;

	identity_of(object, &identity);
	uses = scan_find(scan, &identity, &count);
	if (count > 0) {
		holders = pool_alloc(pool, count * sizeof(*holders));
		if (holders == NULL)
			return IPCK_ERR_MEMORY;
	}
	object->held = 0;
	for (size_t i = 0; i < count; i++) {
		const struct scanned_process *process = &scan->processes[uses[i].process];
		int rc = fill(&holders[i], i > 0 ? &holders[i - 1] : NULL, process, &uses[i], pool,
			      names, containers);

		if (rc != IPCK_OK)
			return rc;
		object->held += process->id.pid != last; /* they are in the order of pids */
		last = process->id.pid;
	}
	object->holders = holders;
	object->holder_count = count;
	object->holders_complete = complete(scan, object, count);
	object->known |= IPCK_FIELD_HOLDERS;
	return IPCK_OK;
}
