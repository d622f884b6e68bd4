/* SPDX-License-Identifier: MIT */
/*
 * Where the C library (glibc 2.25 to 2.40, 64-bit) keeps the fields of its locks.  Static
 * initialisers have made these offsets part of its interface; x86_64 and aarch64 agree.
 */
#ifndef INSIGHT_PTHREAD_FIELDS_H
#define INSIGHT_PTHREAD_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PTHREAD_OWNER_BITS 0x3fffffffu /* of a word that holds the number: FUTEX_TID_MASK */
#define PTHREAD_NUMBERS 0x400000u      /* numbers of threads are below */

static inline uint32_t pthread_field(const unsigned char *bytes, size_t offset)
{
	uint32_t value;

	memcpy(&value, bytes + offset, sizeof(value));
	return value;
}

static inline uint64_t pthread_wide(const unsigned char *bytes, size_t offset)
{
	return pthread_field(bytes, offset) | (uint64_t)pthread_field(bytes, offset + 4) << 32;
}

static inline bool pthread_is_number(uint32_t tid)
{
	return tid > 0 && tid < PTHREAD_NUMBERS;
}

/* ---- Mutexes ---- */

enum {
	MUTEX_LOCK = 0,
	MUTEX_COUNT = 4,
	MUTEX_OWNER = 8,
	MUTEX_USERS = 12, /* who has it, and those who wait on a condition with it */
	MUTEX_KIND = 16,
	MUTEX_CORE = 20, /* what comes next is no part of every lock's interface */
	MUTEX_SPINS = 20,
	MUTEX_ELISION = 22,
	MUTEX_PREVIOUS = 24, /* links of the owner's robust list */
	MUTEX_NEXT = 32,
	MUTEX_SIZE = 40
};
enum {
	TYPE_NORMAL = 0,
	TYPE_RECURSIVE = 1,
	TYPE_ERRORCHECK = 2,
	TYPE_ADAPTIVE = 3,
	TYPE_BITS = 3,
	KIND_ROBUST = 16,
	KIND_INHERIT = 32,
	KIND_PROTECT = 64,
	KIND_SHARED = 128, /* of robust ones always set */
	KIND_ELISION = 256 | 512,
	KIND_KNOWN =
		TYPE_BITS | KIND_ROBUST | KIND_INHERIT | KIND_PROTECT | KIND_SHARED | KIND_ELISION
};
#define CEILING_BITS 0xfff80000u /* of the lock of a mutex that protects priorities */
#define CEILING_SHIFT 19

/*
 * Is that how often it may be locked?  Only recursive ones count; but robust ones and those with a
 * protocol begin with 1, and leave it there.
 */
static inline bool pthread_count_fits(uint32_t kind, uint32_t count)
{
	if ((kind & TYPE_BITS) == TYPE_RECURSIVE)
		return count > 0;
	return count <= ((kind & (KIND_ROBUST | KIND_INHERIT | KIND_PROTECT)) != 0 ? 1u : 0u);
}

/* ---- Read-write locks ---- */

enum {
	RWLOCK_READERS = 0,
	RWLOCK_WRITERS = 4,
	RWLOCK_PHASE = 8,
	RWLOCK_QUEUE = 12,
	RWLOCK_PAD = 16,
	RWLOCK_OWNER = 24,
	RWLOCK_SHARED = 28,
	RWLOCK_MORE_PAD = 32,
	RWLOCK_FLAGS = 48,
	RWLOCK_CORE = 52,
	RWLOCK_SIZE = 56
};
enum { PHASE_WRITE = 1, WRITE_LOCKED = 2, READERS_WAIT = 4, READER_SHIFT = 3, WORD_USED = 2 };
#define WRITERS_HAND_OVER 0x80000000u
#define FLAGS_PREFER_WRITER 2u /* 1, which may be set, does nothing */

/* Do the fields that no lock in use fills otherwise say that it is one?  RWLOCK_CORE bytes. */
static inline bool pthread_rwlock_fits(const unsigned char *bytes)
{
	for (size_t i = 0; i < 8; i += 4)
		if (pthread_field(bytes, RWLOCK_PAD + i) != 0)
			return false;
	for (size_t i = 0; i < 16; i += 4)
		if (pthread_field(bytes, RWLOCK_MORE_PAD + i) != 0)
			return false;
	return pthread_field(bytes, RWLOCK_PHASE) <= (PHASE_WRITE | WORD_USED) &&
	       pthread_field(bytes, RWLOCK_QUEUE) <= (1 | WORD_USED) &&
	       pthread_field(bytes, RWLOCK_OWNER) < PTHREAD_NUMBERS &&
	       pthread_field(bytes, RWLOCK_SHARED) <= 1 &&
	       pthread_field(bytes, RWLOCK_FLAGS) <= FLAGS_PREFER_WRITER;
}

/* ---- Conditions ---- */

enum {
	COND_SEQUENCE = 0,
	COND_GROUP_START = 8,
	COND_REFERENCES = 16,
	COND_LAST_SIZE = 32,
	COND_USES = 36,
	COND_SIGNALS = 40,
	COND_SIZE = 48
};
enum { COND_SHARED = 1, COND_WAITER_SHIFT = 3 };

/*
 * Do the counts of waiters, which are kept for the whole and for each of two groups, and of waits
 * agree?  There were not so many waits yet as to reach the highest bits.  COND_SIZE bytes.
 */
static inline bool pthread_cond_fits(const unsigned char *bytes)
{
	const uint64_t sequence = pthread_wide(bytes, COND_SEQUENCE);
	const uint64_t start = pthread_wide(bytes, COND_GROUP_START);
	const uint64_t references = (uint64_t)(pthread_field(bytes, COND_REFERENCES) >> 1) +
				    (pthread_field(bytes, COND_REFERENCES + 4) >> 1);
	const uint64_t waiters = pthread_field(bytes, COND_USES) >> COND_WAITER_SHIFT;

	return waiters < PTHREAD_NUMBERS && references <= waiters &&
	       pthread_field(bytes, COND_LAST_SIZE) >> 2 < PTHREAD_NUMBERS && sequence >> 48 == 0 &&
	       sequence >> 1 >= start >> 1;
}

/* ---- Semaphores ---- */

enum { SEM_WAITERS = 4, SEM_SHARED = 8, SEM_CORE = 16, SEM_SIZE = 32, IS_SHARED = 128 };

#endif
