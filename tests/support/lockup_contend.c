/* SPDX-License-Identifier: MIT */
/* Contention: processes that often wait for one another, but never for ever. */
#include "lockup.h"
#include "park.h"
#include "park_memory.h"
#include <time.h>
#include <unistd.h>

#define PROCESSES 8
#define MUTEXES 4

static struct park_memory memory;
static bool ordered;

static pthread_mutex_t *place(unsigned number)
{
	return (pthread_mutex_t *)park_place(&memory) + number;
}

static void contend(void *data)
{
	const unsigned own = *(const unsigned *)data;

	for (unsigned turn = own;; turn++) {
		unsigned first = turn % MUTEXES, second = (first + 1) % MUTEXES;
		struct timespec limit;

		if (ordered && first > second) {
			first = second;
			second = turn % MUTEXES;
		}
		pthread_mutex_lock(place(first));
		if (turn % 3 == 0)
			usleep(300);
		clock_gettime(CLOCK_REALTIME, &limit);
		limit.tv_nsec += 2000000;
		if (limit.tv_nsec >= 1000000000) {
			limit.tv_nsec -= 1000000000;
			limit.tv_sec++;
		}
		if (ordered ? pthread_mutex_lock(place(second)) == 0
			    : pthread_mutex_timedlock(place(second), &limit) == 0)
			pthread_mutex_unlock(place(second));
		pthread_mutex_unlock(place(first));
	}
}

static void start_all(void)
{
	static unsigned numbers[PROCESSES];
	pthread_mutexattr_t attributes;

	memory = park_segment();
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	for (unsigned i = 0; i < MUTEXES; i++)
		pthread_mutex_init(place(i), &attributes);
	for (unsigned i = 0; i < PROCESSES; i++) {
		numbers[i] = i;
		park_start(contend, &numbers[i]);
	}
}

void lockup_contend(void)
{
	start_all();
}

void lockup_order(void)
{
	ordered = true;
	start_all();
}
