/* SPDX-License-Identifier: MIT */
/*
 * For how long a thread has slept.  How far the scheduler's clock of a processor is ahead of the
 * monotonic one is learnt on that processor itself, by a thread of our own that is put there: the
 * caller's affinity is not touched.
 */
#include "source/thread_clock.h"

#include "base/lines.h"
#include "base/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MILLISECOND INT64_C(1000000)
#define SECOND (1000 * MILLISECOND)
#define PATIENCE SECOND /* with a processor that gives us no time: a group's quota takes 0.1 s */
#define STACK (256 * 1024)
#define CPUS (1 << 16) /* above all that any kernel is built for */
#define SAMPLES 16
#define PRECISE (50 * 1000) /* good enough, nanoseconds */

/* ---- Text ---- */

/* "se.exec_start      :      23274998.412911": milliseconds. */
static bool parse_line(const char *p, uint64_t *nanoseconds)
{
	uint64_t whole, rest;
	const char *point;

	if (!parse_literal(&p, "se.exec_start"))
		return false;
	p += strspn(p, " ");
	if (!parse_literal(&p, ":"))
		return false;
	p += strspn(p, " ");
	if (!parse_upto(&p, 10, INT64_MAX / MILLISECOND - 1, &whole) || !parse_literal(&p, "."))
		return false;
	point = p;
	if (!parse_upto(&p, 10, (uint64_t)MILLISECOND - 1, &rest) || p != point + 6 || *p != '\n')
		return false;
	*nanoseconds = whole * (uint64_t)MILLISECOND + rest;
	return true;
}

/* A command's name comes first, and can hold newlines: what is not of the form is passed over. */
bool thread_clock_parse(const char *text, uint64_t *nanoseconds)
{
	while ((text = strchr(text, '\n')) != NULL)
		if (parse_line(++text, nanoseconds))
			return true;
	return false;
}

/* ---- A processor's clock ---- */

static int64_t monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

/*
 * How far the clock of the processor that we are on is ahead.  Asking for our own processor time
 * makes the scheduler stamp us; the shortest of a few tries is the one that nothing came between.
 */
static bool learn_here(int64_t *ahead)
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < SAMPLES && best > PRECISE; i++) {
		const int64_t before = monotonic();
		struct timespec spent;
		char text[512];
		uint64_t stamp;
		int64_t taken;

		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
		if (file_read(AT_FDCWD, "/proc/thread-self/sched", text, sizeof(text)) <= 0 ||
		    !thread_clock_parse(text, &stamp) || stamp == 0)
			return false;
		taken = monotonic() - before;
		if (taken < best) {
			best = taken;
			*ahead = (int64_t)stamp - before;
		}
	}
	return true;
}

struct helper {
	pthread_t thread;
	int cpu;
	atomic_int tid;      /* 0: not started yet */
	atomic_bool give_up; /* the processor gives us no time */
	bool known;
	int64_t ahead;
};

static size_t mask_size(int cpu)
{
	return CPU_ALLOC_SIZE((size_t)cpu + 1);
}

static bool move_to(int cpu)
{
	cpu_set_t *mask = CPU_ALLOC((size_t)cpu + 1);
	bool moved;

	if (mask == NULL)
		return false;
	CPU_ZERO_S(mask_size(cpu), mask);
	CPU_SET_S((size_t)cpu, mask_size(cpu), mask);
	moved = sched_setaffinity(0, mask_size(cpu), mask) == 0;
	CPU_FREE(mask);
	return moved;
}

static void *help(void *data)
{
	struct helper *helper = data;

	atomic_store(&helper->tid, gettid());
	if (!atomic_load(&helper->give_up) && move_to(helper->cpu))
		helper->known = learn_here(&helper->ahead) && sched_getcpu() == helper->cpu;
	return NULL;
}

/*
 * A processor that a real-time thread never leaves would keep the helper for ever: let it go
 * anywhere then, so that it ends.
 */
static void wait_for(struct helper *helper)
{
	unsigned long everywhere[4096 / (8 * sizeof(unsigned long))];
	struct timespec until;
	int64_t end = monotonic() + PATIENCE;

	memset(everywhere, 0xff, sizeof(everywhere));
	for (;;) {
		until.tv_sec = end / SECOND;
		until.tv_nsec = end % SECOND;
		if (pthread_clockjoin_np(helper->thread, NULL, CLOCK_MONOTONIC, &until) !=
		    ETIMEDOUT)
			return;
		atomic_store(&helper->give_up, true);
		if (atomic_load(&helper->tid) != 0)
			sched_setaffinity(atomic_load(&helper->tid), sizeof(everywhere),
					  (cpu_set_t *)everywhere);
		end += PATIENCE / 10;
	}
}

/* All signals are the caller's own threads' business. */
static bool learn_on(int cpu, int64_t *ahead)
{
	struct helper helper = { .cpu = cpu };
	pthread_attr_t attributes;
	sigset_t all, before;
	int rc;

	if (pthread_attr_init(&attributes) != 0)
		return false;
	pthread_attr_setstacksize(&attributes, STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&helper.thread, &attributes, help, &helper);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (rc != 0)
		return false;
	wait_for(&helper);
	*ahead = helper.ahead;
	return helper.known;
}

/* Where we may not be put (a cpuset) the clock of the processor that we are on has to do. */
static const struct thread_clock_cpu *learn(struct thread_clock *clock, int cpu)
{
	struct thread_clock_cpu *cpus = clock->cpus;

	if ((size_t)cpu >= clock->count) {
		const size_t count = (size_t)cpu + 1;

		cpus = realloc(cpus, count * sizeof(*cpus));
		if (cpus == NULL)
			return NULL;
		memset(cpus + clock->count, 0, (count - clock->count) * sizeof(*cpus));
		clock->cpus = cpus;
		clock->count = count;
	}
	if (!cpus[cpu].read) {
		cpus[cpu].read = true;
		cpus[cpu].known = learn_on(cpu, &cpus[cpu].ahead) || learn_here(&cpus[cpu].ahead);
	}
	return &cpus[cpu];
}

/* ---- Threads ---- */

/* Why there is no sched file: the thread has ended, or the kernel writes none. */
static int why_not(const struct thread *thread, long got)
{
	char text[64];

	if (got == 0 || got == -ESRCH)
		return IPCK_ERR_NOT_FOUND;
	if (got == -ENOENT)
		return thread_read(thread, "stat", text, sizeof(text)) > 0 ? IPCK_ERR_UNSUPPORTED
									   : IPCK_ERR_NOT_FOUND;
	return (int)ipck_reason((int)-got);
}

int thread_clock_since(struct thread_clock *clock, const struct thread *thread,
		       uint64_t *nanoseconds)
{
	const struct thread_clock_cpu *cpu;
	char text[512];
	uint64_t stamp;
	int64_t since;
	long got = thread_read(thread, "sched", text, sizeof(text));

	if (got <= 0)
		return why_not(thread, got);
	/* the kernel forgets the stamp of a thread that it moves to another processor */
	if (!thread_clock_parse(text, &stamp) || stamp == 0 || thread->cpu < 0 ||
	    thread->cpu >= CPUS)
		return IPCK_ERR_UNSUPPORTED;
	cpu = learn(clock, thread->cpu);
	if (cpu == NULL)
		return IPCK_ERR_MEMORY;
	if (!cpu->known)
		return IPCK_ERR_UNSUPPORTED;
	since = monotonic() + cpu->ahead - (int64_t)stamp;
	*nanoseconds = since > 0 ? (uint64_t)since : 0;
	return IPCK_OK;
}

void thread_clock_free(struct thread_clock *clock)
{
	free(clock->cpus);
	*clock = (struct thread_clock){ 0 };
}
