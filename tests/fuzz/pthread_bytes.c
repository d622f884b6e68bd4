/* SPDX-License-Identifier: MIT */
/* The bytes of locks, which any process that maps the memory writes. */
#include "fuzz.h"

#include "insight/pthread_bytes.h"

static void check(enum ipck_sync_kind kind, const struct pthread_bytes *lock)
{
	MUST(ipck_sync_state_name(lock->state) != NULL);
	MUST(lock->state != IPCK_SYNC_ABANDONED && lock->state != IPCK_SYNC_UNTOLD);
	MUST(lock->owner >= 0);
	MUST(lock->state != IPCK_SYNC_FREE || lock->owner == 0);
	MUST(kind == IPCK_SYNC_MUTEX || !pthread_bytes_shared_mutex(lock) ||
	     lock->state != IPCK_SYNC_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *bytes = calloc(1, size + PTHREAD_BYTES_MAX);
	struct pthread_bytes lock;
	size_t at = 0;

	if (bytes == NULL)
		abort();
	if (size > 0)
		memcpy(bytes, data, size);
	for (int kind = 0; ipck_sync_kind_name((enum ipck_sync_kind)kind) != NULL; kind++) {
		MUST(pthread_bytes_size((enum ipck_sync_kind)kind) <= PTHREAD_BYTES_MAX);
		pthread_bytes_read((enum ipck_sync_kind)kind, bytes, &lock);
		check((enum ipck_sync_kind)kind, &lock);
	}
	while ((at = pthread_bytes_find(bytes, at, size)) < size) {
		MUST(at % 8 == 0);
		pthread_bytes_read(IPCK_SYNC_MUTEX, bytes + at, &lock);
		check(IPCK_SYNC_MUTEX, &lock);
		at += 8;
	}
	free(bytes);
	return 0;
}
