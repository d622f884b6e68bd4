/* SPDX-License-Identifier: MIT */
/*
 * The locks of the GNU C library (64-bit, 2.25 to 2.40), told by the bytes around the word that a
 * thread waits on.  Pure: nothing is read here.  Any field that does not fit makes it none.
 */
#ifndef INSIGHT_PTHREAD_LAYOUT_H
#define INSIGHT_PTHREAD_LAYOUT_H

#include "insight/pthread_fields.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A call of futex(2) that waits, whichever of its forms it was. */
struct futex_call {
	uint64_t address;
	uint32_t value;        /* what the word was to be; not of pi */
	uint32_t words;        /* futex_waitv(): how many; else 1 */
	bool priority_inherit; /* the word holds its owner's number, for the kernel */
	bool requeued;         /* to a lock, once it is woken */
	bool is_private;       /* between the threads of one process */
	bool realtime, timeout;
	uint32_t threads; /* of the process: so many can wait for what is private; 0: not known */
};

/* From the arguments of futex(); false: a command that does not wait for a word. */
bool futex_parse(const uint64_t args[6], struct futex_call *call);

#define PTHREAD_BEFORE 48
#define PTHREAD_AFTER 56

struct futex_window {
	size_t before, after; /* bytes that are valid before the word, and from it on */
	unsigned char bytes[PTHREAD_BEFORE + PTHREAD_AFTER]; /* the word is at PTHREAD_BEFORE */
};

enum pthread_kind {
	PTHREAD_NONE,
	PTHREAD_MUTEX,
	PTHREAD_READ_LOCK,
	PTHREAD_WRITE_LOCK,
	PTHREAD_CONDITION,
	PTHREAD_SEMAPHORE,
	PTHREAD_BARRIER,
	PTHREAD_THREAD /* that is joined: its owner is its own number */
};

struct pthread_object {
	enum pthread_kind kind;
	int32_t offset; /* of the object from the word: 0 or less */
	/*
	 * Who has it: as the C library wrote it, a number of the owner's pid namespace; 0: nobody
	 * is recorded.  by_kernel: in the word that the kernel acts on.
	 */
	pid_t owner;
	int32_t owner_offset; /* of the field that says so, from the word */
	bool by_kernel;
	bool by_waiter;       /* and it is a number of the waiter's pid namespace */
	bool robust;          /* the kernel lets go when the owner ends */
	bool owner_may_wait;  /* who has it can wait for it again, and does so for ever */
	uint32_t here, count; /* barrier: threads that are there, and that it needs */
};

/* kind PTHREAD_NONE when it is none of them; its owner is still set for priority_inherit. */
void pthread_recognize(const struct futex_call *call, const struct futex_window *window,
		       struct pthread_object *object);

/* The word that a thread waits on. */
uint32_t futex_word(const struct futex_window *window);

#endif
