/* SPDX-License-Identifier: MIT */
/* What the families of calls share: names, texts, whom a thread waits for. */
#include "insight/waits.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int waits_no_memory(struct waits_reading *reading)
{
	return ipck_fail(reading->ctx, IPCK_ERR_MEMORY, "out of memory");
}

char *waits_text(struct waits_reading *reading, const char *format, ...)
{
	va_list arguments, again;
	char *text;
	int length;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	text = length >= 0 ? pool_alloc(&reading->pool, (size_t)length + 1) : NULL;
	if (text != NULL)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	va_end(arguments);
	return text;
}

void waits_unknown(struct waiting *waiting, int error)
{
	if (waiting->wait.why != 0)
		return;
	waiting->wait.why = ipck_reason(error < 0 ? -error : error);
	if (error == EFAULT || error == -EFAULT)
		waiting->wait.why_text = "the call points to memory that is not there any more";
}

int waits_place(struct waits_reading *reading, const struct thread *thread, struct waiting *waiting)
{
	char text[128];
	long got;

	if (waiting->wait.wchan != NULL)
		return IPCK_OK;
	got = thread_read(thread, "wchan", text, sizeof(text));
	if (got <= 0 || strcmp(text, "0") == 0)
		return IPCK_OK;
	waiting->wait.wchan = pool_string(&reading->pool, text);
	return waiting->wait.wchan != NULL ? IPCK_OK : waits_no_memory(reading);
}

int waits_name(struct waits_reading *reading, struct waiting *waiting, const struct ipck_ref *ref)
{
	char text[IPCK_REF_MAX];

	if (ipck_ref_format(ref, text, sizeof(text)) < 0)
		return IPCK_OK;
	waiting->wait.ref = pool_string(&reading->pool, text);
	waiting->wait.kind = ref->kind;
	if (waiting->wait.object == NULL)
		waiting->wait.object = waiting->wait.ref;
	return waiting->wait.ref != NULL ? IPCK_OK : waits_no_memory(reading);
}

int waits_want_holders(struct waits_reading *reading, const struct identity *object)
{
	struct identity *wanted;

	if (reading->wanted_count == reading->wanted_size) {
		const size_t size = reading->wanted_size > 0 ? reading->wanted_size * 2 : 64;

		wanted = realloc(reading->wanted, size * sizeof(*wanted));
		if (wanted == NULL)
			return waits_no_memory(reading);
		reading->wanted = wanted;
		reading->wanted_size = size;
	}
	reading->wanted[reading->wanted_count++] = *object;
	reading->wanted_kinds |= object->kind;
	reading->wanted_files |= object->kind == 0;
	return IPCK_OK;
}

/* ---- On whom ---- */

/* Room for one more at the end: in steps of powers of two, since the list is in a pool. */
static struct ipck_awaited *grow(struct waits_reading *reading, struct ipck_wait *wait)
{
	const size_t count = wait->awaited_count;
	struct ipck_awaited *list = (struct ipck_awaited *)wait->awaited;

	if ((count & (count - 1)) == 0) {
		list = pool_alloc(&reading->pool, (count > 0 ? count * 2 : 1) * sizeof(*list));
		if (list == NULL)
			return NULL;
		if (count > 0)
			memcpy(list, wait->awaited, count * sizeof(*list));
		wait->awaited = list;
	}
	wait->awaited_count++;
	return &list[count];
}

static bool same(const struct ipck_awaited *a, const struct ipck_awaited *b)
{
	return a->process.pid == b->process.pid && a->tid == b->tid && a->group == b->group &&
	       a->gone == b->gone;
}

/* Each once: compared with the first of the list, of that number, and the last one. */
static int add_to(struct waits_reading *reading, struct waiting *waiting,
		  const struct ipck_awaited *awaited, size_t first)
{
	const struct ipck_wait *wait = &waiting->wait;
	struct ipck_awaited *room;

	if (wait->awaited_count > 0 && same(&wait->awaited[wait->awaited_count - 1], awaited))
		return IPCK_OK;
	for (size_t i = 0; i < first; i++)
		if (same(&wait->awaited[i], awaited))
			return IPCK_OK;
	room = grow(reading, &waiting->wait);
	if (room == NULL)
		return waits_no_memory(reading);
	*room = *awaited;
	return IPCK_OK;
}

int waits_await(struct waits_reading *reading, struct waiting *waiting, pid_t pid, pid_t tid,
		enum ipck_proof proof, unsigned group)
{
	const struct process *process = process_look(&reading->processes, pid);
	struct ipck_awaited awaited = {
		.process.pid = pid, .tid = tid, .proof = proof, .group = group
	};

	if (process == NULL)
		return waits_no_memory(reading);
	awaited.gone = process->presence == PROCESS_GONE;
	awaited.command = process->command;
	awaited.process.start_time = process->start_time;
	return add_to(reading, waiting, &awaited, 0);
}

int waits_await_gone(struct waits_reading *reading, struct waiting *waiting, pid_t recorded,
		     enum ipck_proof proof, unsigned group)
{
	const struct ipck_awaited awaited = {
		.process.pid = recorded, .proof = proof, .group = group, .gone = true
	};

	return add_to(reading, waiting, &awaited, 0);
}

/* The uses of one process stand together, and tell who it is: nothing is looked up for each. */
/* Thousands of readers of one pipe that all have its other end would each list all others. */
#define HOLDERS_LISTED 64

int waits_await_holders(struct waits_reading *reading, struct waiting *waiting,
			const struct identity *object, unsigned access, bool others,
			enum ipck_proof proof, unsigned group)
{
	const size_t before = waiting->wait.awaited_count;
	size_t count;
	const struct use *uses = scan_find(&reading->scan, object, &count);
	pid_t last = 0;
	int rc = IPCK_OK;

	for (size_t i = 0; rc == IPCK_OK && i < count; i++) {
		const struct scanned_process *process = &reading->scan.processes[uses[i].process];
		const struct ipck_awaited awaited = { .process = process->id,
						      .tid = uses[i].tid,
						      .command = process->command,
						      .proof = proof,
						      .group = group };

		if ((access != 0 && (uses[i].access & access) == 0) ||
		    others == (process->id.pid == waiting->wait.process.pid))
			continue;
		if (waiting->wait.awaited_count - before < HOLDERS_LISTED)
			rc = add_to(reading, waiting, &awaited, before);
		else
			waiting->wait.more += last != process->id.pid;
		last = process->id.pid;
	}
	return rc;
}
