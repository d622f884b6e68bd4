/* SPDX-License-Identifier: MIT */
/* The states that glibc's locks have, told by their fields. */
#include "insight/pthread_bytes.h"
#include "insight/pthread_fields.h"
#include "source/posix.h"

#include <limits.h>
#include <linux/futex.h>

/* What stands for the owner of a robust mutex whose owner died. */
#define OWNER_INCONSISTENT ((uint32_t)INT_MAX)         /* somebody has it, to mend it */
#define OWNER_NOT_RECOVERABLE ((uint32_t)INT_MAX - 1u) /* nobody did */

static bool is_number(uint32_t tid)
{
	return pthread_is_number(tid);
}

/* ---- Mutexes ---- */

static unsigned attributes_of(uint32_t kind)
{
	static const unsigned types[] = { 0, IPCK_SYNC_RECURSIVE, IPCK_SYNC_ERRORCHECK,
					  IPCK_SYNC_ADAPTIVE };

	return types[kind & TYPE_BITS] | ((kind & KIND_SHARED) != 0 ? IPCK_SYNC_PSHARED : 0u) |
	       ((kind & KIND_ROBUST) != 0 ? IPCK_SYNC_ROBUST : 0u) |
	       ((kind & KIND_INHERIT) != 0 ? IPCK_SYNC_PI : 0u) |
	       ((kind & KIND_PROTECT) != 0 ? IPCK_SYNC_PROTECT : 0u);
}

/* Of a list of robust mutexes: 0, or an address of user space, whose lowest bit says "PI". */
static bool is_link(uint64_t link)
{
	return link == 0 || (link >= 4096 && link >> 56 == 0 && (link & 6) == 0);
}

/* What pthread_mutex_init() makes of attributes: not all of them go together. */
static bool kind_is_made(uint32_t kind)
{
	const uint32_t elision = kind & (uint32_t)KIND_ELISION;

	return (kind & ~(uint32_t)KIND_KNOWN) == 0 &&
	       ((kind & KIND_PROTECT) == 0 || (kind & (KIND_ROBUST | KIND_INHERIT)) == 0) &&
	       (elision == 0 || (kind & TYPE_BITS) == TYPE_NORMAL) && elision != KIND_ELISION;
}

static bool ceiling_fits(uint32_t kind, uint32_t word)
{
	const uint32_t ceiling = (word & CEILING_BITS) >> CEILING_SHIFT;

	return (kind & KIND_PROTECT) == 0 || (ceiling >= 1 && ceiling <= 99);
}

static bool kind_fits(const unsigned char *bytes, uint32_t kind)
{
	const uint64_t previous = pthread_wide(bytes, MUTEX_PREVIOUS);
	const uint64_t next = pthread_wide(bytes, MUTEX_NEXT);
	const uint32_t spins = pthread_field(bytes, MUTEX_SPINS);
	const uint32_t by_word = kind & (KIND_ROBUST | KIND_INHERIT);
	const bool adaptive = (kind & TYPE_BITS) == TYPE_ADAPTIVE && by_word == 0;

	if (!kind_is_made(kind) || !ceiling_fits(kind, pthread_field(bytes, MUTEX_LOCK)))
		return false;
	/* 16 bits each: how long adaptive ones spin, and what elision has learned */
	if ((spins & 0xffff) > (adaptive ? SHRT_MAX : 0) ||
	    spins >> 16 > ((kind & KIND_ELISION) != 0 ? SHRT_MAX : 0))
		return false;
	return (kind & KIND_ROBUST) != 0 ? is_link(previous) && is_link(next)
					 : previous == 0 && next == 0;
}

/* Fields that contradict each other: they may fit a moment later. */
static void unsettled(struct pthread_bytes *lock)
{
	lock->between = true;
	lock->state = IPCK_SYNC_NONE;
}

static void set_free(struct pthread_bytes *lock, uint32_t kind, uint32_t owner, uint32_t count)
{
	const bool recursive = (kind & TYPE_BITS) == TYPE_RECURSIVE;

	lock->state = IPCK_SYNC_FREE;
	if (owner != 0 || (recursive ? count != 0 : !pthread_count_fits(kind, count)))
		unsettled(lock);
}

static void set_taken(struct pthread_bytes *lock, uint32_t kind, uint32_t owner, uint32_t users,
		      uint32_t count)
{
	lock->state = IPCK_SYNC_TAKEN;
	lock->owner = (pid_t)owner;
	lock->count = (kind & TYPE_BITS) == TYPE_RECURSIVE ? count : 1;
	if (users == 0 || !pthread_count_fits(kind, count))
		unsettled(lock);
}

/* The word is 0, 1, or 2 when somebody may wait. */
static void by_field(const unsigned char *bytes, uint32_t kind, struct pthread_bytes *lock)
{
	const uint32_t ceiling = (kind & KIND_PROTECT) != 0 ? CEILING_BITS : 0;
	const uint32_t word = pthread_field(bytes, MUTEX_LOCK) & ~ceiling;
	const uint32_t owner = pthread_field(bytes, MUTEX_OWNER);
	const uint32_t users = pthread_field(bytes, MUTEX_USERS);
	const uint32_t count = pthread_field(bytes, MUTEX_COUNT);

	if (word > 2 || (owner != 0 && !is_number(owner)))
		return;
	lock->waiters_some = word == 2;
	if (word == 0) {
		set_free(lock, kind, owner, count);
	} else if (owner == 0) { /* locked, or unlocked, by somebody who is about to say so */
		lock->state = IPCK_SYNC_TAKEN;
		lock->between = true;
	} else {
		set_taken(lock, kind, owner, users, count);
	}
}

/* The word is 0: a robust one may be so for ever. */
static void word_is_free(const unsigned char *bytes, uint32_t kind, struct pthread_bytes *lock)
{
	const uint32_t owner = pthread_field(bytes, MUTEX_OWNER);

	if ((kind & KIND_ROBUST) != 0 && owner == OWNER_NOT_RECOVERABLE)
		lock->state = IPCK_SYNC_UNUSABLE;
	else
		set_free(lock, kind, owner, pthread_field(bytes, MUTEX_COUNT));
	/* it leaves the list before the word is written */
	if (pthread_wide(bytes, MUTEX_PREVIOUS) != 0 || pthread_wide(bytes, MUTEX_NEXT) != 0)
		unsettled(lock);
}

/* The kernel has taken it from its owner, who ended. */
static void word_is_dead(uint32_t kind, uint32_t owner, struct pthread_bytes *lock)
{
	if ((kind & KIND_ROBUST) == 0)
		return;
	lock->state = IPCK_SYNC_OWNER_DIED;
	lock->by_kernel = true;
	lock->owner = is_number(owner) ? (pid_t)owner : 0;
}

/* The word holds the number of the owner, for the kernel: robust, or with priority inheritance. */
static void by_word(const unsigned char *bytes, uint32_t kind, struct pthread_bytes *lock)
{
	const uint32_t word = pthread_field(bytes, MUTEX_LOCK), tid = word & PTHREAD_OWNER_BITS;
	const uint32_t owner = pthread_field(bytes, MUTEX_OWNER);
	const uint32_t users = pthread_field(bytes, MUTEX_USERS);
	const uint32_t count = pthread_field(bytes, MUTEX_COUNT);
	const bool robust = (kind & KIND_ROBUST) != 0;

	if (owner != 0 && !is_number(owner) &&
	    (!robust || (owner != OWNER_INCONSISTENT && owner != OWNER_NOT_RECOVERABLE)))
		return;
	lock->waiters_some = (word & FUTEX_WAITERS) != 0;
	if (word == 0) {
		word_is_free(bytes, kind, lock);
	} else if (tid == 0) {
		if ((word & FUTEX_OWNER_DIED) != 0)
			word_is_dead(kind, owner, lock);
	} else if (is_number(tid)) {
		lock->by_kernel = true;
		if (owner == tid) {
			set_taken(lock, kind, tid, users, count);
		} else if (owner == OWNER_INCONSISTENT) {
			lock->state = IPCK_SYNC_OWNER_DIED;
			lock->inconsistent = true;
		} else { /* between the word and the field */
			unsettled(lock);
			if (owner == 0)
				lock->state = IPCK_SYNC_TAKEN;
		}
		if ((word & FUTEX_OWNER_DIED) != 0 && lock->state == IPCK_SYNC_TAKEN) {
			lock->state = IPCK_SYNC_OWNER_DIED;
			lock->inconsistent = true;
		}
		lock->owner = (pid_t)tid;
	}
}

static void read_mutex(const unsigned char *bytes, struct pthread_bytes *lock)
{
	const uint32_t kind = pthread_field(bytes, MUTEX_KIND);

	lock->destroyed = kind == UINT32_MAX && pthread_field(bytes, MUTEX_OWNER) == 0;
	if (!kind_fits(bytes, kind) || pthread_field(bytes, MUTEX_USERS) >= PTHREAD_NUMBERS)
		return;
	lock->attributes = attributes_of(kind);
	if ((kind & (KIND_ROBUST | KIND_INHERIT)) != 0)
		by_word(bytes, kind, lock);
	else
		by_field(bytes, kind, lock);
}

/* ---- Read-write locks ---- */

/* The state of the two lowest bits tells who has it, and who the readers are that are counted. */
static void read_rwlock(const unsigned char *bytes, struct pthread_bytes *lock)
{
	const uint32_t word = pthread_field(bytes, RWLOCK_READERS), readers = word >> READER_SHIFT;
	const uint32_t writers = pthread_field(bytes, RWLOCK_WRITERS) & ~WRITERS_HAND_OVER;
	const uint32_t owner = pthread_field(bytes, RWLOCK_OWNER);
	const bool write_phase = (word & PHASE_WRITE) != 0, locked = (word & WRITE_LOCKED) != 0;

	if (!pthread_rwlock_fits(bytes) || readers >= PTHREAD_NUMBERS || writers >= PTHREAD_NUMBERS)
		return;
	if (pthread_field(bytes, RWLOCK_SHARED) != 0)
		lock->attributes |= IPCK_SYNC_PSHARED;
	if (pthread_field(bytes, RWLOCK_FLAGS) == FLAGS_PREFER_WRITER)
		lock->attributes |= IPCK_SYNC_PREFER_WRITER;
	/* the first writer, who waits for readers to leave, is not among those that are counted */
	lock->writers_waiting = writers + (locked && !write_phase ? 1u : 0u);
	if (write_phase && locked) {
		lock->state = IPCK_SYNC_TAKEN;
		lock->owner = (pid_t)owner;
		lock->between = owner == 0;
		lock->readers_waiting = readers;
	} else if (owner != 0) {
		unsettled(lock);
	} else {
		lock->state = readers > 0 ? IPCK_SYNC_SHARED : IPCK_SYNC_FREE;
		lock->count = readers;
	}
	/* nor are readers who let a writer go first, and writers who let readers do so */
	lock->waiters_counted = (word & READERS_WAIT) == 0 &&
				(pthread_field(bytes, RWLOCK_FLAGS) != 0 ||
				 (pthread_field(bytes, RWLOCK_QUEUE) & (uint32_t)WORD_USED) == 0);
	lock->waiters = lock->readers_waiting + lock->writers_waiting;
	lock->waiters_some = !lock->waiters_counted || lock->waiters > 0;
}

/* ---- Conditions and semaphores ---- */

static void read_cond(const unsigned char *bytes, struct pthread_bytes *lock)
{
	const uint32_t uses = pthread_field(bytes, COND_USES);

	if (!pthread_cond_fits(bytes))
		return;
	lock->waiters = uses >> COND_WAITER_SHIFT;
	lock->waiters_some = lock->waiters > 0;
	lock->waiters_counted = true;
	lock->state = lock->waiters > 0 ? IPCK_SYNC_WAITED : IPCK_SYNC_FREE;
	if ((uses & COND_SHARED) != 0)
		lock->attributes |= IPCK_SYNC_PSHARED;
}

static void read_sem(const unsigned char *bytes, struct pthread_bytes *lock)
{
	struct ipck_posix_sem sem;

	if (!posix_parse_semaphore(bytes, SEM_SIZE, &sem) || sem.waiters >= PTHREAD_NUMBERS)
		return;
	lock->count = sem.value;
	lock->waiters = sem.waiters;
	lock->waiters_some = sem.waiters > 0;
	lock->waiters_counted = true;
	lock->state = sem.value > 0 ? IPCK_SYNC_FREE : IPCK_SYNC_TAKEN;
	if (pthread_field(bytes, SEM_SHARED) == IS_SHARED)
		lock->attributes |= IPCK_SYNC_PSHARED;
}

/* ---- All ---- */

static const struct {
	size_t size;
	void (*read)(const unsigned char *bytes, struct pthread_bytes *lock);
} kinds[] = {
	[IPCK_SYNC_MUTEX] = { MUTEX_SIZE, read_mutex },
	[IPCK_SYNC_RWLOCK] = { RWLOCK_SIZE, read_rwlock },
	[IPCK_SYNC_COND] = { COND_SIZE, read_cond },
	[IPCK_SYNC_SEM] = { SEM_SIZE, read_sem },
};

size_t pthread_bytes_size(enum ipck_sync_kind kind)
{
	return kinds[kind].size;
}

void pthread_bytes_read(enum ipck_sync_kind kind, const unsigned char *bytes,
			struct pthread_bytes *lock)
{
	*lock = (struct pthread_bytes){ .state = IPCK_SYNC_NONE };
	kinds[kind].read(bytes, lock);
	if (lock->state == IPCK_SYNC_NONE) /* what it would have been is of no use */
		*lock = (struct pthread_bytes){ .state = IPCK_SYNC_NONE,
						.between = lock->between,
						.destroyed = lock->destroyed };
}

/* ---- Finding ---- */

bool pthread_bytes_shared_mutex(const struct pthread_bytes *lock)
{
	return lock->state != IPCK_SYNC_NONE && !lock->between &&
	       (lock->attributes & IPCK_SYNC_PSHARED) != 0;
}

size_t pthread_bytes_find(const unsigned char *bytes, size_t from, size_t size)
{
	for (size_t at = from; at + MUTEX_SIZE <= size; at += 8) {
		const uint32_t kind = pthread_field(bytes, at + MUTEX_KIND);

		if ((kind & ~(uint32_t)KIND_KNOWN) == 0 && (kind & KIND_SHARED) != 0)
			return at;
	}
	return size;
}
