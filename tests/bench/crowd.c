/* SPDX-License-Identifier: MIT */
/*
 * Makes a crowd: crowd PROCESSES AREAS DESCRIPTORS.  Each process maps so many areas that the
 * kernel cannot join, every other one of a file, and has so many pipe ends open.  Prints "ready",
 * and ends with its standard input.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Every other page another protection: each is an area of its own. */
static void map_areas(int count)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (file < 0)
		fail("open");
	for (int i = 0; i < count; i++)
		if (mmap(NULL, page, i % 4 < 2 ? PROT_READ : PROT_NONE,
			 i % 2 == 0 ? MAP_PRIVATE : MAP_PRIVATE | MAP_ANONYMOUS,
			 i % 2 == 0 ? file : -1, 0) == MAP_FAILED)
			fail("mmap");
	close(file);
}

static void open_pipes(int count)
{
	int ends[2];

	for (int i = 0; i < count; i += 2)
		if (pipe(ends) != 0)
			fail("pipe");
}

static void member(int areas, int descriptors, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	map_areas(areas);
	open_pipes(descriptors);
	if (write(ready, "", 1) != 1)
		_exit(1);
	close(ready);
	pause();
	_exit(0);
}

int main(int argc, char **argv)
{
	const int processes = argc == 4 ? atoi(argv[1]) : 0;
	struct rlimit limit;
	int ends[2];
	char byte;

	if (processes < 1)
		return 2;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (pipe(ends) != 0)
		fail("pipe");
	for (int i = 0; i < processes; i++) {
		pid_t child = fork();

		if (child < 0)
			fail("fork");
		if (child == 0) {
			close(ends[0]);
			member(atoi(argv[2]), atoi(argv[3]), ends[1]);
		}
	}
	for (int i = 0; i < processes; i++)
		if (read(ends[0], &byte, 1) != 1)
			fail("a member");
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
