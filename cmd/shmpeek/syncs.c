/* SPDX-License-Identifier: MIT */
/* --as mutex, rwlock, cond, sem: a lock at one place; --find-mutexes: all mutexes. */
#include "common/program.h"
#include "sync_columns.h"

#include <pthread.h>
#include <stdlib.h>

#define BATCH 4096 /* locks in memory at once */

/* What was met, to be told at the end. */
struct tally {
	uint64_t shown, none, untold;
};

/* ---- Rows ---- */

static bool name_owners(const struct ipck_sync *lock, struct ipck_wait *wait)
{
	const bool gone =
		lock->owner_count == 0 && lock->recorded_owner != 0 &&
		(lock->state == IPCK_SYNC_ABANDONED || lock->state == IPCK_SYNC_OWNER_DIED);
	struct ipck_awaited *awaited = calloc(lock->owner_count + 1, sizeof(*awaited));
	const struct ipck_sync_owner *owner;

	if (awaited == NULL)
		return false;
	for (size_t i = 0; (owner = ipck_sync_owner_at(lock, i)) != NULL; i++)
		awaited[i] = (struct ipck_awaited){ .process = owner->process,
						    .tid = owner->tid,
						    .command = owner->command,
						    .proof = lock->proof };
	if (gone)
		awaited[0] = (struct ipck_awaited){ .process = { .pid = lock->recorded_owner },
						    .proof = lock->proof,
						    .gone = true };
	wait->awaited = awaited;
	wait->awaited_count = gone ? 1 : lock->owner_count;
	return true;
}

/* A thread's system call is the kernel's word. */
static bool name_waiting(const struct ipck_sync *lock, struct ipck_wait *wait)
{
	struct ipck_awaited *awaited = calloc(lock->waiting_count + 1, sizeof(*awaited));
	const struct ipck_wait *thread;

	if (awaited == NULL)
		return false;
	for (size_t i = 0; (thread = ipck_sync_waiting_at(lock, i)) != NULL; i++)
		awaited[i] = (struct ipck_awaited){ .process = thread->process,
						    .tid = thread->tid,
						    .command = thread->command,
						    .proof = IPCK_PROOF_KERNEL };
	wait->awaited = awaited;
	wait->awaited_count = lock->waiting_count;
	return true;
}

static bool show_lock(struct peeking *peeking, const struct ipck_sync *lock)
{
	struct sync_row row = { .row = { peeking }, .lock = lock };
	bool shown = name_owners(lock, &row.owners) && name_waiting(lock, &row.waiting);

	if (shown)
		shown = writer_row(peeking->writer, &row);
	free((void *)row.owners.awaited);
	free((void *)row.waiting.awaited);
	return shown;
}

/* ---- What remains to be said ---- */

static void complain_of(const struct peeking *peeking, const struct ipck_sync *lock,
			struct tally *tally)
{
	const unsigned long long offset = lock->offset;

	tally->shown++;
	if (lock->state == IPCK_SYNC_NONE) {
		tally->none++;
		complain("%s+0x%llx: no %s there%s%s", peeking->ref, offset,
			 ipck_sync_kind_name(lock->kind), lock->finding != NULL ? ": " : "",
			 lock->finding != NULL ? lock->finding : "");
	}
	/* of what is in swap or may not be there the driver tells */
	if (lock->state == IPCK_SYNC_UNTOLD && lock->why != IPCK_ERR_FOOTPRINT &&
	    tally->untold++ == 0)
		complain("%s+0x%llx: %s: %s", peeking->ref, offset, lock->why_text,
			 ipck_strerror(lock->why));
}

static int settle(struct peeking *peeking, const struct tally *tally)
{
	if (tally->untold > 1)
		complain("%s: the owners of %llu more are unknown", peeking->ref,
			 (unsigned long long)tally->untold - 1);
	return tally->shown == 0 || tally->none > 0 || tally->untold > 0 ? EXIT_PARTIAL : EXIT_DONE;
}

/* ---- Reading ---- */

/* A lock at begin, or up to so many from there on; behind the last of these *begin is put. */
static int show_some(struct peeking *peeking, uint64_t *begin, uint64_t most, struct tally *tally)
{
	const struct request *request = peeking->request;
	const struct ipck_syncs_query query = { .size = sizeof(query),
						.kind = request->find_mutexes ? IPCK_SYNC_MUTEX
									      : request->sync,
						.begin = *begin,
						.end = peeking->end,
						.find = request->find_mutexes,
						.waiting = true,
						.most = (size_t)most,
						.swapped = &peeking->swapped,
						.unknown = &peeking->unknown };
	const struct ipck_sync *lock;
	struct ipck_syncs *syncs;
	int rc = ipck_syncs_read(peeking->ctx, peeking->object, peeking->content.peek, &query,
				 &syncs);
	int status = EXIT_DONE;

	if (rc != IPCK_OK) {
		complain("%s: %s", peeking->ref, ipck_message(peeking->ctx));
		return rc == IPCK_ERR_ARGUMENT ? EXIT_USAGE : EXIT_PARTIAL;
	}
	for (size_t i = 0; status == EXIT_DONE && (lock = ipck_syncs_at(syncs, i)) != NULL; i++) {
		status = show_lock(peeking, lock) ? EXIT_DONE : EXIT_USAGE;
		complain_of(peeking, lock, tally);
		*begin = lock->offset + sizeof(pthread_mutex_t);
	}
	if (ipck_syncs_count(syncs) < most)
		*begin = peeking->end;
	ipck_syncs_free(syncs);
	return status;
}

int show_syncs(struct peeking *peeking)
{
	const struct request *request = peeking->request;
	uint64_t begin = peeking->begin, left = request->head > 0 ? request->head : UINT64_MAX;
	struct tally tally = { 0 };
	int status;

	peeking->writer->quiet = true; /* as with --find: nothing is printed of nothing */
	do {
		const uint64_t before = tally.shown, most = left < BATCH ? left : BATCH;

		status = show_some(peeking, &begin, most, &tally);
		left -= tally.shown - before;
	} while (status == EXIT_DONE && request->find_mutexes && begin < peeking->end && left > 0);
	return status != EXIT_DONE ? status : settle(peeking, &tally);
}
