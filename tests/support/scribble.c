/* SPDX-License-Identifier: MIT */
/*
 * A segment that many processes write all the time, each word of which says by itself where it
 * belongs: every 8 bytes hold their own offset in the segment, shifted by 8, and in the lowest byte
 * a count that grows.  However a reader and writers meet, what is read is such a word.
 *
 *   scribble hold PROCESSES PAGES[,GAP]   prints "shm ID", writes PAGES pages with GAP pages
 * between each and the next, then "ready" once all PROCESSES write.  At SIGUSR1 prints "rounds N
 * interrupted M": of all of them, M being calls that EINTR ended scribble check FILE PAGES,GAP is
 * FILE such a segment?  Prints "good", and what makes two copies differ: the sum of all counts; or
 * "bad OFFSET WORD"
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <unistd.h>

#define PAGE 4096u
#define WORDS (PAGE / 8)

static struct tally {
	atomic_ulong ready, rounds, interrupted;
} * tally; /* of all processes; not in the segment */

static size_t pages, gap;

static void check(long rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "scribble: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void take_pages(char *words)
{
	pages = strtoul(words, &words, 0);
	gap = *words == ',' ? strtoul(words + 1, NULL, 0) : 0;
}

static size_t offset_of(size_t page)
{
	return page * (gap + 1) * PAGE;
}

static void write_all(_Atomic uint64_t *memory, unsigned count)
{
	for (size_t page = 0; page < pages; page++)
		for (size_t word = 0; word < WORDS; word++) {
			const size_t offset = offset_of(page) + word * 8;

			atomic_store_explicit(&memory[offset / 8],
					      (uint64_t)offset << 8 | (count & 0xff),
					      memory_order_relaxed);
		}
}

/* The wait in between is one that any stop of the process ends with EINTR. */
static void write_on(int id)
{
	_Atomic uint64_t *memory = shmat(id, NULL, 0);
	const int nothing = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event;

	check(memory == (void *)-1 ? -1 : 0, "shmat");
	check(nothing, "epoll_create1");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned count = 1;; count++) {
		write_all(memory, count);
		if (count == 1)
			tally->ready++;
		tally->rounds++;
		if (epoll_wait(nothing, &event, 1, 20) < 0 && errno == EINTR)
			tally->interrupted++;
	}
}

static void hold(unsigned long processes)
{
	const size_t size = offset_of(pages - 1) + PAGE;
	const int id = shmget(IPC_PRIVATE, size, IPC_CREAT | SHM_NORESERVE | 0600);
	sigset_t set;
	int signo;

	check(id, "shmget");
	printf("shm %d\n", id);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	check(tally == MAP_FAILED ? -1 : 0, "mmap");
	fflush(stdout);
	for (unsigned long i = 0; i < processes; i++) {
		const pid_t child = fork();

		check(child, "fork");
		if (child == 0)
			write_on(id);
	}
	while (tally->ready < processes)
		usleep(1000);
	puts("ready");
	for (;;) {
		fflush(stdout);
		if (sigwait(&set, &signo) == 0)
			printf("rounds %lu interrupted %lu\n", (unsigned long)tally->rounds,
			       (unsigned long)tally->interrupted);
	}
}

/* A page that nobody writes is zero. */
static int judge(const char *path)
{
	static uint64_t page[WORDS];
	unsigned long long sum = 0;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t offset = 0, end = offset_of(pages - 1) + PAGE;

	check(fd, path);
	for (; offset < end; offset += PAGE) {
		const int written = offset % ((gap + 1) * PAGE) == 0;

		if (read(fd, page, PAGE) != PAGE)
			break;
		for (size_t i = 0; i < WORDS; i++) {
			const uint64_t wanted = written ? (uint64_t)(offset + i * 8) : 0;

			if (page[i] >> 8 != wanted || (!written && page[i] != 0)) {
				printf("bad %zu %llx\n", offset + i * 8,
				       (unsigned long long)page[i]);
				return 1;
			}
			sum += page[i] & 0xff;
		}
	}
	if (offset != end || read(fd, page, 1) != 0) {
		printf("bad length: differs at %zu of %zu\n", offset, end);
		return 1;
	}
	printf("good %llu\n", sum);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	take_pages(argv[2]);
	if (pages == 0)
		return 2;
	if (strcmp(argv[3], "check") == 0)
		return judge(argv[1]);
	hold(strtoul(argv[1], NULL, 0));
}
