/* SPDX-License-Identifier: MIT */
/* --watch of memory: does the object still live? */
#include "watch_life.h"
#include "common/program.h"
#include "common/watch_clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define SCAN_EVERY 1000 /* milliseconds; longer where a scan takes more than a SHARE of that */
#define SHARE 20

void life_begin(struct life *life, const struct peeking *peeking)
{
	*life = (struct life){ .peeking = peeking,
			       .end = peeking->end,
			       .next_scan = watch_clock() + SCAN_EVERY };
}

__attribute__((format(printf, 2, 3))) static bool ended(struct life *life, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(life->ended, sizeof(life->ended), format, args);
	va_end(args);
	return false;
}

/* It cannot be told: what is open stays readable, so the watch goes on. */
static bool cannot_tell(struct life *life, const char *why)
{
	if (!life->unseen)
		complain("%s: whether it is still there cannot be told: %s", life->peeking->ref,
			 why);
	life->unseen = true;
	return true;
}

/* The object as it is now, and how its reading went; to be freed.  NULL: complained of. */
static struct ipck_objects *read_now(struct life *life, bool exact, unsigned want, int *result,
				     struct ipck_coverage *coverage)
{
	struct ipck_objects *objects = NULL;
	struct ipck_ref ref;
	const struct ipck_query query = { .size = sizeof(query),
					  .refs = &ref,
					  .ref_count = 1,
					  .ref_results = result,
					  .want = want,
					  .coverage = coverage };

	ipck_object_ref(life->peeking->object, exact, &ref);
	if (ipck_objects_read(life->peeking->ctx, &query, &objects) == IPCK_OK)
		return objects;
	cannot_tell(life, ipck_message(life->peeking->ctx));
	ipck_objects_free(objects);
	return NULL;
}

/* ---- Segments ---- */

/* Do we hold it, and nobody else?  That is so when it is read from an attachment of our own. */
static bool held_by_us_alone(struct life *life)
{
	int result = IPCK_OK;
	struct ipck_objects *objects = read_now(life, false, IPCK_WANT_HOLDERS, &result, NULL);
	const struct ipck_object *now = objects != NULL ? ipck_objects_at(objects, 0) : NULL;
	const struct ipck_holder *holder = now != NULL ? ipck_holder_at(now, 0) : NULL;
	const bool ours = holder != NULL && now->shm.nattch == 1 && holder->process.pid == getpid();

	ipck_objects_free(objects);
	return ours;
}

/* It lives; was it marked for removal, and goes with the last that is attached? */
static bool look_at_mark(struct life *life)
{
	const bool attaches =
		ipck_peek_about(life->peeking->content.peek)->method == IPCK_PEEK_ATTACH;
	int result = IPCK_OK;
	struct ipck_objects *objects;
	const struct ipck_object *now;
	bool marked, last;

	if (life->marked && !attaches)
		return true;
	objects = read_now(life, false, 0, &result, NULL);
	now = objects != NULL ? ipck_objects_at(objects, 0) : NULL;
	marked = now != NULL && now->shm.dest;
	last = marked && attaches && now->shm.nattch == 1;
	if (marked && !life->marked)
		complain("%s: marked for removal, %llu attached", life->peeking->ref,
			 (unsigned long long)now->shm.nattch);
	life->marked |= marked;
	ipck_objects_free(objects);
	return !last || !held_by_us_alone(life) ||
	       ended(life, "removed: the last attachment but ours is gone");
}

static bool segment_lives(struct life *life)
{
	bool gone = false;
	int rc =
		ipck_wait(life->peeking->ctx, &life->peeking->object, 1, IPCK_UNTIL_GONE, 0, &gone);

	if (gone)
		return ended(life, "removed: the last attachment is gone");
	if (rc != IPCK_OK && rc != IPCK_ERR_BUSY)
		return cannot_tell(life, ipck_message(life->peeking->ctx));
	return look_at_mark(life);
}

/* ---- Files ---- */

/* Is all that is watched still there?  What a file got behind its end is not watched. */
static bool is_as_long(struct life *life, uint64_t bytes)
{
	const uint64_t known = life->peeking->content.bytes;
	char then[32], now[32];

	ipck_format_size(known, then, sizeof(then));
	ipck_format_size(bytes, now, sizeof(now));
	if (bytes < known) {
		life->end = bytes < life->end ? bytes : life->end;
		return ended(life, "truncated from %s to %s", then, now);
	}
	if (bytes > known && !life->grown) {
		complain("%s: grew from %s to %s: what is new is not watched", life->peeking->ref,
			 then, now);
		life->grown = true;
	}
	return true;
}

static bool name_lives(struct life *life)
{
	int result = IPCK_OK;
	struct ipck_objects *objects = read_now(life, true, 0, &result, NULL);
	const struct ipck_object *now = objects != NULL ? ipck_objects_at(objects, 0) : NULL;
	bool lives = true;

	if (objects == NULL)
		return true;
	if (now != NULL && (now->known & IPCK_POSIX_SHM_SIZE) != 0)
		lives = is_as_long(life, now->posix_shm.size);
	else if (result == IPCK_ERR_NOT_FOUND)
		lives = ended(life, "removed: its name is gone");
	else if (result == IPCK_ERR_CHANGED)
		lives = ended(life, "removed: its name means another object by now");
	else if (result != IPCK_OK)
		cannot_tell(life, ipck_strerror(result));
	ipck_objects_free(objects);
	return lives;
}

/* ---- Files without a name: they live as long as somebody holds them ---- */

/* We ourselves hold it open to read it. */
static bool held_by_another(const struct ipck_object *object)
{
	const struct ipck_holder *holder;

	for (size_t i = 0; (holder = ipck_holder_at(object, i)) != NULL; i++)
		if (holder->process.pid != getpid())
			return true;
	return false;
}

static bool scan_for_holders(struct life *life)
{
	struct ipck_coverage coverage = { .size = sizeof(coverage) };
	int result = IPCK_OK;
	struct ipck_objects *objects =
		read_now(life, true, IPCK_WANT_HOLDERS | IPCK_WANT_ENDPOINT, &result, &coverage);
	const struct ipck_object *now = objects != NULL ? ipck_objects_at(objects, 0) : NULL;
	bool lives = true;

	if (objects == NULL)
		return true;
	if (now != NULL && held_by_another(now)) {
		if (now->kind == IPCK_POSIX_SHM && (now->known & IPCK_POSIX_SHM_SIZE) != 0)
			lives = is_as_long(life, now->posix_shm.size);
		else if (now->kind != IPCK_POSIX_SHM && (now->known & IPCK_ENDPOINT_SIZE) != 0)
			lives = is_as_long(life, now->endpoint.size);
	} else if (coverage.denied > 0 || coverage.hidden) {
		cannot_tell(life, "not all processes can be looked into");
	} else {
		lives = ended(life, "removed: nobody holds it any more");
	}
	ipck_objects_free(objects);
	return lives;
}

static bool holder_has_ended(const struct life *life)
{
	const struct ipck_peek_about *about = ipck_peek_about(life->peeking->content.peek);
	int rc;

	if (about->through.pid == 0)
		return false;
	rc = ipck_signal(life->peeking->ctx, &about->through, 0, NULL);
	return rc == IPCK_ERR_NOT_FOUND || rc == IPCK_ERR_CHANGED;
}

static bool is_held(struct life *life)
{
	const uint64_t begun = watch_clock();
	uint64_t ended_at;
	bool lives;

	if (begun < life->next_scan && (life->holder_ended || !holder_has_ended(life)))
		return true;
	life->holder_ended |= begun < life->next_scan;
	lives = scan_for_holders(life);
	ended_at = watch_clock();
	life->next_scan = ended_at + SCAN_EVERY;
	if ((ended_at - begun) * SHARE > SCAN_EVERY)
		life->next_scan = ended_at + (ended_at - begun) * SHARE;
	return lives;
}

bool life_goes_on(struct life *life)
{
	const struct ipck_object *object = life->peeking->object;

	if (object->kind == IPCK_SHM)
		return segment_lives(life);
	/* what was met in no namespace was found through its holders alone */
	if (object->kind == IPCK_POSIX_SHM && object->ns != 0 &&
	    (object->status & IPCK_STATUS_DELETED) == 0)
		return name_lives(life);
	return is_held(life);
}
