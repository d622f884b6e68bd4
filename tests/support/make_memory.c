/* SPDX-License-Identifier: MIT */
/*
 * Takes shared memory in all its forms as told, and holds it until it is ended.  Each page is
 * written, so BYTES are in memory.
 *
 *   make_memory WORD...        each word takes one thing, in order:
 *     memfd=BYTES              a memfd
 *     anonymous=BYTES          memory mapped MAP_SHARED | MAP_ANONYMOUS
 *     file=BYTES,PATH          a file
 *     deleted=BYTES,PATH       a file that is unlinked but open
 *     unmapped=BYTES,PATH      a file that is unlinked and closed but mapped
 *     mq=MAXMSG,MSGSIZE,NAME   a POSIX queue; prints "mq ok", or the error in words
 *     default=NAME             one without attributes, likewise
 *     send=BYTES               a message to the last queue; prints "send ok", or the error
 *     sem=NAME                 a named semaphore
 *     rlimit=BYTES             RLIMIT_MSGQUEUE from here on
 *     uid=N                    goes on as this user
 *     fork                     goes on in a child that shares all, while the parent waits for it
 *     hold                     prints "ready" and waits for a signal; without it: exits at the end
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static mqd_t queue = (mqd_t)-1;

static void check(long rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "make_memory: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void tell(const char *what, long rc)
{
	printf("%s %s\n", what, rc >= 0 ? "ok" : strerror(errno));
}

static size_t next(char **words)
{
	char *word = strsep(words, ",");

	return word != NULL ? strtoul(word, NULL, 0) : 0;
}

static void *map(int fd, size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, fd, 0);

	check(memory == MAP_FAILED ? -1 : 0, "mmap");
	return memory;
}

static void fill(int fd, size_t bytes)
{
	check(ftruncate(fd, (off_t)bytes), "ftruncate");
	void *memory = map(fd, bytes);

	memset(memory, 0x5a, bytes);
	munmap(memory, bytes);
}

static void take_file(const char *how, char *rest)
{
	size_t bytes = next(&rest);
	int fd = open(rest, O_RDWR | O_CREAT | O_EXCL, 0600);

	check(fd, rest);
	fill(fd, bytes);
	if (strcmp(how, "file") != 0)
		check(unlink(rest), "unlink");
	if (strcmp(how, "unmapped") == 0)
		map(fd, bytes);
	if (strcmp(how, "deleted") != 0)
		close(fd);
}

static void open_queue(char *rest, bool attributes)
{
	struct mq_attr attr = { 0 };

	if (attributes) {
		attr.mq_maxmsg = (long)next(&rest);
		attr.mq_msgsize = (long)next(&rest);
	}
	queue = mq_open(rest, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600,
			attributes ? &attr : NULL);
	tell("mq", queue);
}

static void fork_on(void)
{
	pid_t child = fork();

	check(child, "fork");
	if (child > 0) {
		waitpid(child, NULL, 0);
		exit(0);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void act(const char *word, char *rest)
{
	if (strcmp(word, "memfd") == 0) {
		int fd = memfd_create("make_memory", MFD_CLOEXEC);

		check(fd, "memfd_create");
		fill(fd, next(&rest));
	} else if (strcmp(word, "anonymous") == 0) {
		size_t bytes = next(&rest);

		memset(map(-1, bytes), 0x5a, bytes);
	} else if (strcmp(word, "mq") == 0 || strcmp(word, "default") == 0) {
		open_queue(rest, word[0] == 'm');
	} else if (strcmp(word, "send") == 0) {
		size_t bytes = next(&rest);
		char *message = calloc(1, bytes + 1);

		tell("send", mq_send(queue, message, bytes, 0));
		free(message);
	} else if (strcmp(word, "rlimit") == 0) {
		struct rlimit limit = { next(&rest), 0 };

		limit.rlim_max = limit.rlim_cur;
		check(setrlimit(RLIMIT_MSGQUEUE, &limit), "setrlimit");
	} else if (strcmp(word, "sem") == 0) {
		check(sem_open(rest, O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED ? -1 : 0, "sem_open");
	} else if (strcmp(word, "uid") == 0) {
		check(setuid((uid_t)next(&rest)), "setuid");
	} else if (strcmp(word, "fork") == 0) {
		fork_on();
	} else if (strcmp(word, "hold") == 0) {
		puts("ready");
		fflush(stdout);
		for (;;)
			pause();
	} else {
		take_file(word, rest);
	}
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
