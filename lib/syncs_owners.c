/* SPDX-License-Identifier: MIT */
/*
 * Who has the locks that were read, and which of them nobody can unlock any more.  The bytes are
 * read, then the processes, then the bytes again: only what stayed the same is a verdict.
 */
#include "base/lines.h"
#include "insight/lock_owners.h"
#include "source/process.h"
#include "syncs.h"

#include <fcntl.h>
#include <stdio.h>

#define ROUNDS 3 /* for a lock that goes from one to the next meanwhile */

static bool has_owner(const struct pthread_bytes *bytes)
{
	return bytes->owner != 0 && (bytes->state == IPCK_SYNC_TAKEN || bytes->inconsistent);
}

/* ---- What the bytes say ---- */

static void set_evidence(struct sync_row *row)
{
	struct ipck_sync *lock = &row->lock;

	lock->proof = IPCK_PROOF_NONE;
	if (lock->recorded_owner != 0 || lock->state == IPCK_SYNC_OWNER_DIED)
		lock->proof = row->bytes.by_kernel ? IPCK_PROOF_KERNEL : IPCK_PROOF_LIBC;
	else if (lock->state == IPCK_SYNC_UNUSABLE)
		lock->proof = IPCK_PROOF_LIBC;
}

static void take_bytes(struct sync_row *row)
{
	const struct pthread_bytes *bytes = &row->bytes;
	struct ipck_sync *lock = &row->lock;

	lock->state = bytes->state;
	lock->attributes = bytes->attributes;
	lock->recorded_owner = bytes->owner;
	lock->count = bytes->count;
	lock->waiters = bytes->waiters;
	lock->waiters_counted = bytes->waiters_counted;
	lock->waiters_some = bytes->waiters_some;
	lock->readers_waiting = bytes->readers_waiting;
	lock->writers_waiting = bytes->writers_waiting;
	set_evidence(row);
	if (bytes->destroyed)
		lock->finding = "it was destroyed";
	if (lock->state == IPCK_SYNC_TAKEN && bytes->between && bytes->owner == 0) {
		lock->state = IPCK_SYNC_UNTOLD;
		lock->why = IPCK_ERR_CHANGED;
		lock->why_text = "it is locked, but by whom is not recorded: a thread is about to "
				 "do that, or was killed before";
	}
}

static int tell_death(struct ipck_syncs *syncs, struct sync_row *row)
{
	struct ipck_sync *lock = &row->lock;

	if (lock->state == IPCK_SYNC_UNUSABLE)
		lock->finding = "its owner ended and nobody made it consistent: whoever locks it "
				"gets ENOTRECOVERABLE";
	else if (lock->state == IPCK_SYNC_OWNER_DIED && row->bytes.inconsistent)
		lock->finding = "an owner of it ended, and who has it now did not make it "
				"consistent yet";
	else if (lock->state == IPCK_SYNC_OWNER_DIED && lock->recorded_owner == 0)
		lock->finding = "its owner ended: the next to lock it gets EOWNERDEAD";
	else if (lock->state == IPCK_SYNC_OWNER_DIED)
		lock->finding = syncs_text(syncs,
					   "its owner, thread %d, has ended: the next to lock it "
					   "gets EOWNERDEAD",
					   (int)lock->recorded_owner);
	else
		return IPCK_OK;
	return lock->finding != NULL ? IPCK_OK : syncs_no_memory(syncs);
}

/* ---- Nobody ---- */

static int tell_abandoned(struct ipck_syncs *syncs, struct sync_row *row,
			  const struct lock_matches *matches)
{
	struct ipck_sync *lock = &row->lock;
	const bool other = matches->ended == 0 && lock_number_lives(lock->recorded_owner);

	lock->state = IPCK_SYNC_ABANDONED;
	lock->finding = syncs_text(
		syncs, "its %s, thread %d, has ended%s%s: whoever locks it waits for ever",
		lock->kind == IPCK_SYNC_RWLOCK ? "writer" : "owner", (int)lock->recorded_owner,
		other ? ", or does not map it any more" : "",
		(lock->attributes & IPCK_SYNC_ROBUST) != 0 ? ", and its robust list was not handled"
							   : "");
	return lock->finding != NULL ? IPCK_OK : syncs_no_memory(syncs);
}

static int tell_untold(struct ipck_syncs *syncs, struct sync_row *row, int why, const char *text)
{
	struct ipck_sync *lock = &row->lock;

	lock->state = IPCK_SYNC_UNTOLD;
	lock->why = why;
	lock->why_text = syncs_text(syncs, "owner %d %s", (int)lock->recorded_owner, text);
	return lock->why_text != NULL ? IPCK_OK : syncs_no_memory(syncs);
}

/* ---- Somebody ---- */

/* The command is the thread's own; it may have ended by now. */
static bool fill_owner(struct ipck_syncs *syncs, const struct scan *scan, pid_t pid, pid_t tid,
		       struct ipck_sync_owner *owner)
{
	char path[64], text[1024];
	const char *command = NULL;
	uint64_t start_time;

	owner->tid = tid;
	owner->process.pid = pid;
	for (size_t i = 0; i < scan->process_count; i++)
		if (scan->processes[i].id.pid == pid) {
			owner->process = scan->processes[i].id;
			command = scan->processes[i].command;
		}
	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid, (int)tid);
	if (tid != pid && file_read(AT_FDCWD, path, text, sizeof(text)) > 0)
		process_parse_stat(text, &command, &start_time);
	owner->command = command != NULL ? pool_string(&syncs->pool, command) : NULL;
	return command == NULL || owner->command != NULL;
}

static int tell_owners(struct ipck_syncs *syncs, const struct scan *scan, struct sync_row *row,
		       const struct lock_matches *matches)
{
	const size_t count = matches->count < LOCK_MATCHES ? matches->count : LOCK_MATCHES;
	struct ipck_sync_owner *owners = pool_alloc(&syncs->pool, count * sizeof(*owners));
	struct ipck_sync *lock = &row->lock;

	if (owners == NULL)
		return syncs_no_memory(syncs);
	for (size_t i = 0; i < count; i++)
		if (!fill_owner(syncs, scan, matches->rows[i].pid, matches->rows[i].tid,
				&owners[i]))
			return syncs_no_memory(syncs);
	lock->owners = owners;
	lock->owner_count = count;
	if (matches->count == 1)
		return IPCK_OK;
	/* the pid namespace of the number is not recorded: any of them may be the one */
	lock->proof = IPCK_PROOF_LAST_OP;
	lock->why = IPCK_ERR_OUTSIDE;
	lock->why_text =
		syncs_text(syncs, "owner %d: so %zu threads are numbered, in pid namespaces",
			   (int)lock->recorded_owner, matches->count);
	return lock->why_text != NULL ? IPCK_OK : syncs_no_memory(syncs);
}

/* ---- All ---- */

static int settle(struct ipck_syncs *syncs, struct lock_owners *owners,
		  const struct identity *object, struct sync_row *row)
{
	const pid_t first = row->bytes.owner;
	struct lock_number number = { .is_shared = true, .object = *object };
	struct lock_matches matches = { .count = 0 };
	struct pthread_bytes before;
	bool same = false;
	int rc = IPCK_OK, why;

	for (unsigned i = 0; rc == IPCK_OK && !same && i < ROUNDS && has_owner(&row->bytes); i++) {
		before = row->bytes;
		number.number = before.owner;
		rc = lock_owners_find(owners, &number, &matches);
		if (rc == IPCK_OK)
			rc = syncs_look(syncs, row);
		same = row->bytes.owner == before.owner && row->bytes.state == before.state;
	}
	take_bytes(row);
	if (rc != IPCK_OK || !has_owner(&row->bytes))
		return rc;
	if (!same)
		return tell_untold(syncs, row, IPCK_ERR_CHANGED, "was another one a moment ago");
	if (matches.count > 0)
		return tell_owners(syncs, owners->scan, row, &matches);
	if (row->bytes.owner != first) /* who took it since may have come after the scan */
		return tell_untold(syncs, row, IPCK_ERR_CHANGED, "took it a moment ago");
	why = lock_owners_doubt(owners, &number, &matches);
	return why != 0 ? tell_untold(syncs, row, why, "is not to be seen from here")
			: tell_abandoned(syncs, row, &matches);
}

static int scan_for(struct ipck_syncs *syncs, const struct identity *object, struct scan *scan)
{
	const struct scan_device device = { .major = object->major, .minor = object->minor };
	const bool posix = object->kind == IPCK_POSIX_SHM;
	const struct scan_query query = { .kinds = object->kind,
					  .without_users = true,
					  .devices = posix ? &device : NULL,
					  .device_count = posix ? 1 : 0,
					  .wanted = object,
					  .wanted_count = 1 };

	return scan_run(syncs->ctx, &query, scan);
}

int syncs_add_owners(struct ipck_syncs *syncs)
{
	struct scan scan = { .process_count = 0 };
	struct lock_owners owners = { .ctx = syncs->ctx, .scan = &scan, .pool = &syncs->pool };
	struct identity object;
	bool scanned = false;
	int rc = IPCK_OK;

	identity_of(syncs->object, &object);
	for (size_t i = 0; i < syncs->count && !scanned; i++)
		scanned = has_owner(&syncs->rows[i].bytes);
	if (scanned)
		rc = scan_for(syncs, &object, &scan);
	for (size_t i = 0; rc == IPCK_OK && i < syncs->count; i++) {
		struct sync_row *row = &syncs->rows[i];

		if (row->lock.state == IPCK_SYNC_UNTOLD) /* its bytes were not read */
			continue;
		if (has_owner(&row->bytes))
			rc = settle(syncs, &owners, &object, row);
		else
			take_bytes(row);
		if (rc == IPCK_OK)
			rc = tell_death(syncs, row);
	}
	lock_owners_free(&owners);
	scan_free(&scan);
	return rc;
}
