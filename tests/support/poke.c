/* SPDX-License-Identifier: MIT */
/*
 * Shared memory that is written on command, so that a test knows what changes and when.
 *
 *   poke shm SIZE              a segment; prints "shm ID"
 *   poke posix-shm NAME SIZE   prints "posix-shm"
 *   poke memfd NAME SIZE       prints "memfd INODE"
 *
 * then "ready".  Each line of standard input is a command, and is printed again when it is done:
 *     write OFFSET HEX         these bytes
 *     fill OFFSET BYTES HEX    so many bytes of this one
 *     hole OFFSET BYTES        gives whole pages back
 *     truncate SIZE            of a file
 *     allow                    all users to read and write the segment
 *     mark                     marks the segment for removal
 *     unlink                   takes the name away
 *     replace                  gives the name to another file
 * At the end of its input it exits.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

static int id = -1, fd = -1;
static const char *name;
static unsigned char *mapped;

static void check(long rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "poke: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void make_segment(size_t size)
{
	id = shmget(IPC_PRIVATE, size, IPC_CREAT | SHM_NORESERVE | 0600);
	check(id, "shmget");
	mapped = shmat(id, NULL, 0);
	check(mapped == (void *)-1 ? -1 : 0, "shmat");
	printf("shm %d\n", id);
}

static void make_file(const char *kind, size_t size)
{
	struct stat status;

	fd = kind[0] == 'p' ? shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600)
			    : memfd_create(name, MFD_CLOEXEC);
	check(fd, name);
	check(ftruncate(fd, (off_t)size), "ftruncate");
	check(fstat(fd, &status), "fstat");
	mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
	check(mapped == MAP_FAILED ? -1 : 0, "mmap");
	printf("%s %llu\n", kind, (unsigned long long)status.st_ino);
}

static unsigned char byte_of(const char *hex)
{
	const char pair[3] = { hex[0], hex[1], '\0' };

	return (unsigned char)strtoul(pair, NULL, 16);
}

/* All at once, so that nobody sees half of them. */
static void write_bytes(size_t offset, const char *hex)
{
	unsigned char bytes[4096];
	size_t count = 0;

	for (; count < sizeof(bytes) && hex[2 * count] != '\0'; count++)
		bytes[count] = byte_of(hex + 2 * count);
	memcpy(mapped + offset, bytes, count);
}

static void allow(void)
{
	struct shmid_ds status;

	check(shmctl(id, IPC_STAT, &status), "IPC_STAT");
	status.shm_perm.mode = 0666;
	check(shmctl(id, IPC_SET, &status), "IPC_SET");
}

static void replace(void)
{
	check(shm_unlink(name), name);
	check(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600), name);
}

static void act(char *line)
{
	const char *command = strsep(&line, " "), *first = strsep(&line, " "),
		   *second = strsep(&line, " ");
	const size_t offset = first != NULL ? strtoul(first, NULL, 0) : 0;
	const size_t bytes = second != NULL ? strtoul(second, NULL, 0) : 0;

	if (strcmp(command, "write") == 0)
		write_bytes(offset, second);
	else if (strcmp(command, "fill") == 0)
		memset(mapped + offset, byte_of(line), bytes);
	else if (strcmp(command, "hole") == 0)
		check(madvise(mapped + offset, bytes, MADV_REMOVE), "MADV_REMOVE");
	else if (strcmp(command, "truncate") == 0)
		check(ftruncate(fd, (off_t)offset), "ftruncate");
	else if (strcmp(command, "allow") == 0)
		allow();
	else if (strcmp(command, "mark") == 0)
		check(shmctl(id, IPC_RMID, NULL), "IPC_RMID");
	else if (strcmp(command, "unlink") == 0)
		check(shm_unlink(name), name);
	else if (strcmp(command, "replace") == 0)
		replace();
	else
		check(-1, command);
}

int main(int argc, char **argv)
{
	char *line = NULL, *copy;
	size_t room = 0;
	ssize_t length;

	if (argc == 3 && strcmp(argv[1], "shm") == 0) {
		make_segment(strtoul(argv[2], NULL, 0));
	} else if (argc == 4) {
		name = argv[2];
		make_file(argv[1], strtoul(argv[3], NULL, 0));
	} else {
		return 2;
	}
	puts("ready");
	fflush(stdout);
	while ((length = getline(&line, &room, stdin)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		copy = strdup(line);
		act(line);
		puts(copy);
		fflush(stdout);
		free(copy);
	}
	free(line);
	return 0;
}
