/* SPDX-License-Identifier: MIT */
/*
 * What the bytes of a lock of the C library say by themselves, whether anybody waits for it or not.
 * Pure: nothing is read here.  Bytes that contradict themselves are no lock.
 */
#ifndef INSIGHT_PTHREAD_BYTES_H
#define INSIGHT_PTHREAD_BYTES_H

#include "ipckit.h"

#define PTHREAD_BYTES_MAX 56

struct pthread_bytes {
	/* Never ABANDONED nor UNTOLD: that takes a look at processes. */
	enum ipck_sync_state state;
	/*
	 * Its fields are written one after the other, and some are still to come: look again.  Who
	 * finds them so for long sees what a thread left that was killed in between.
	 */
	bool between;
	unsigned attributes; /* IPCK_SYNC_* */
	pid_t owner;         /* 0: none is recorded */
	bool by_kernel;      /* the word that the kernel acts on says who, or that he died */
	bool inconsistent;   /* OWNER_DIED, and owner has it now, but did not mend it yet */
	bool destroyed;      /* NONE: pthread_mutex_destroy() was here */
	uint64_t count;      /* see struct ipck_sync, for this and what follows */
	uint64_t waiters, readers_waiting, writers_waiting;
	bool waiters_counted, waiters_some;
};

/* How many bytes of it are looked at: to its end, or a little less. */
size_t pthread_bytes_size(enum ipck_sync_kind kind);
void pthread_bytes_read(enum ipck_sync_kind kind, const unsigned char *bytes,
			struct pthread_bytes *lock);

/*
 * The first multiple of 8 below size - MUTEX_SIZE + 1 at which there may be a mutex that processes
 * share, by its kind alone; size where there is none.  The bytes are aligned to 8.
 */
size_t pthread_bytes_find(const unsigned char *bytes, size_t from, size_t size);
/* Is it a mutex that processes share, as far as can be told from what was read? */
bool pthread_bytes_shared_mutex(const struct pthread_bytes *lock);

#endif
