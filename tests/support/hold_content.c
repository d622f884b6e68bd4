/* SPDX-License-Identifier: MIT */
/*
 * Makes shared memory with content that it knows, and holds it until it is ended.
 *
 *   hold_content WORD...        each word makes one thing, in order:
 *     shm=SIZE                  a segment, never reserved; prints "shm ID ADDRESS"
 *     posix-shm=NAME,SIZE       prints "posix-shm MAJOR:MINOR:INODE FD ADDRESS"
 *     memfd=NAME,SIZE           prints "memfd INODE FD ADDRESS"
 *     huge=NAME,SIZE            one of huge pages, not mapped: prints "huge INODE FD 0"
 *     random=OFFSET,BYTES       bytes of a generator into the last one
 *     text=OFFSET,TEXT          a text, likewise
 *     file=PATH                 what a file has, but not its holes; not compared
 *     mutex=OFFSET              a process-shared mutex, locked by the main thread
 *     destroy                   marks the last segment for removal
 *     unlink=NAME               takes the name of a posix-shm away
 *     mode=MODE                 of the last file
 *     shrink=SIZE               of the last file, at SIGUSR2; prints "shrunk"
 *     hold                      prints "ready"; at SIGUSR1 prints "same", or "changed OFFSET" when
 *                               a byte that it wrote is not what it was
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MOST 64

static struct piece {
	char *at;
	size_t offset, bytes;
	unsigned char *copy;
} pieces[MOST];
static size_t piece_count;

static int id = -1, fd = -1;
static char *mapped;
static off_t shrunk = -1;
static uint64_t state = 88172645463325252u; /* the same bytes in every run */

static void check(long rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "hold_content: %s: %s\n", what, strerror(errno));
	exit(1);
}

static unsigned long number(char **words)
{
	const char *word = strsep(words, ",");

	return word != NULL ? strtoul(word, NULL, 0) : 0;
}

static unsigned char next_byte(void)
{
	state ^= state << 13; /* xorshift64 */
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned char)(state >> 32);
}

static void keep(size_t offset, size_t bytes)
{
	struct piece *piece = &pieces[piece_count++];

	if (piece_count > MOST)
		abort();
	*piece = (struct piece){ mapped + offset, offset, bytes, malloc(bytes) };
	memcpy(piece->copy, mapped + offset, bytes);
}

static void make_segment(char *rest)
{
	id = shmget(IPC_PRIVATE, number(&rest), IPC_CREAT | SHM_NORESERVE | 0600);
	check(id, "shmget");
	mapped = shmat(id, NULL, 0);
	check(mapped == (void *)-1 ? -1 : 0, "shmat");
	printf("shm %d %lx\n", id, (unsigned long)mapped);
}

static void make_file(const char *word, char *rest)
{
	const char *name = strsep(&rest, ",");
	const size_t size = number(&rest);
	struct stat status;

	fd = word[0] == 'p' ? shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600)
			    : memfd_create(name, word[0] == 'h' ? MFD_HUGETLB : 0);
	check(fd, name);
	check(ftruncate(fd, (off_t)size), "ftruncate");
	check(fstat(fd, &status), "fstat");
	mapped = NULL;
	if (word[0] != 'h') { /* these need not be there */
		mapped =
			mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
		check(mapped == MAP_FAILED ? -1 : 0, "mmap");
	}
	printf("%s ", word);
	if (word[0] == 'p')
		printf("%u:%u:", major(status.st_dev), minor(status.st_dev));
	printf("%llu %d %lx\n", (unsigned long long)status.st_ino, fd, (unsigned long)mapped);
}

static void write_mutex(size_t offset)
{
	pthread_mutex_t *mutex = (void *)(mapped + offset);
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(mutex, &attributes);
	pthread_mutex_lock(mutex);
	keep(offset, sizeof(pthread_mutex_t));
}

static void write_content(const char *word, char *rest)
{
	const size_t offset = number(&rest);
	size_t bytes;

	if (word[0] == 'm') {
		write_mutex(offset);
		return;
	}
	bytes = word[0] == 't' ? strlen(rest) : number(&rest);
	for (size_t i = 0; i < bytes; i++)
		mapped[offset + i] = word[0] == 't' ? rest[i] : (char)next_byte();
	keep(offset, bytes);
}

/* Holes of the file stay what they are. */
static void copy_file(const char *path)
{
	const int from = open(path, O_RDONLY | O_CLOEXEC);
	off_t data = 0, hole = 0;

	check(from, path);
	while ((data = lseek(from, hole, SEEK_DATA)) >= 0) {
		hole = lseek(from, data, SEEK_HOLE);
		for (ssize_t part; data < hole; data += part) {
			part = pread(from, mapped + data, (size_t)(hole - data), data);
			check(part > 0 ? 0 : -1, "pread");
		}
	}
	close(from);
}

static void compare(void)
{
	for (size_t i = 0; i < piece_count; i++)
		for (size_t j = 0; j < pieces[i].bytes; j++)
			if ((unsigned char)pieces[i].at[j] != pieces[i].copy[j]) {
				printf("changed %zu\n", pieces[i].offset + j);
				return;
			}
	puts("same");
}

static void hold(void)
{
	sigset_t set;
	int signo;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	puts("ready");
	for (;;) {
		fflush(stdout);
		if (sigwait(&set, &signo) != 0)
			continue;
		if (signo == SIGUSR1) {
			compare();
		} else if (shrunk >= 0) {
			check(ftruncate(fd, shrunk), "ftruncate");
			puts("shrunk");
		}
	}
}

static void act(const char *word, char *rest)
{
	if (strcmp(word, "shm") == 0)
		make_segment(rest);
	else if (strcmp(word, "posix-shm") == 0 || strcmp(word, "memfd") == 0 ||
		 strcmp(word, "huge") == 0)
		make_file(word, rest);
	else if (strcmp(word, "random") == 0 || strcmp(word, "text") == 0 ||
		 strcmp(word, "mutex") == 0)
		write_content(word, rest);
	else if (strcmp(word, "file") == 0)
		copy_file(rest);
	else if (strcmp(word, "destroy") == 0)
		check(shmctl(id, IPC_RMID, NULL), "IPC_RMID");
	else if (strcmp(word, "unlink") == 0)
		check(shm_unlink(rest), rest);
	else if (strcmp(word, "mode") == 0)
		check(fchmod(fd, (mode_t)number(&rest)), "fchmod");
	else if (strcmp(word, "shrink") == 0)
		shrunk = (off_t)number(&rest);
	else if (strcmp(word, "hold") == 0)
		hold();
	else
		check(-1, word);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *rest = argv[i], *word = strsep(&rest, "=");

		act(word, rest != NULL ? rest : (char *)"");
		fflush(stdout);
	}
	return 0;
}
