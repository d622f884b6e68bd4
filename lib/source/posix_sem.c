/* SPDX-License-Identifier: MIT */
/*
 * Named semaphores: the sem_t that the C library keeps in the file.  It is read, never opened with
 * sem_open(), and what the bytes mean is known for the C libraries below only.
 */
#include "source/posix.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

/* What glibc keeps in "private" of a semaphore between processes; musl keeps 0 there. */
#define GLIBC_SHARED 128u

static bool sane(uint32_t value, uint32_t waiters, struct ipck_posix_sem *sem)
{
	if (value > INT32_MAX || waiters > INT32_MAX)
		return false;
	*sem = (struct ipck_posix_sem){ .value = value, .waiters = waiters };
	return true;
}

/*
 * musl, in words of 32 bits: value, waiters, 0.  Bit 31 of the value says that somebody waits;
 * before musl 1.2.4 a value of -1 did.
 */
static bool parse_musl(const uint32_t *words, struct ipck_posix_sem *sem)
{
	return sane(words[0] == UINT32_MAX ? 0 : words[0] & INT32_MAX, words[1], sem);
}

bool posix_parse_semaphore(const unsigned char *bytes, size_t size, struct ipck_posix_sem *sem)
{
	uint32_t words[4];
	uint64_t data;

	if (size != 32 && size != 16)
		return false;
	memcpy(words, bytes, sizeof(words));
	memcpy(&data, bytes, sizeof(data));
	if (size == 32 && words[2] == GLIBC_SHARED)
		/* glibc with 64-bit atomics: one number, waiters in its high half; private; pad */
		return sane((uint32_t)data, (uint32_t)(data >> 32), sem);
	if (size == 16 && words[1] == GLIBC_SHARED)
		/* glibc without: value * 2 + "somebody waits"; private; pad; waiters */
		return sane(words[0] >> 1, words[3], sem);
	return words[2] == 0 && parse_musl(words, sem);
}

/*
 * Open the file behind an O_PATH descriptor, which is known to be a regular one by now: a FIFO or
 * device that took the name's place meanwhile is never opened.  To be allowed to leave the time of
 * access alone one must own the file; on a mount that keeps none, it does not matter.
 */
static int open_untouched(int handle)
{
	char path[POSIX_HANDLE_PATH];
	struct statfs fs;
	int fd;

	posix_handle_path(handle, path);
	fd = open(path, O_RDONLY | O_NOATIME | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 || errno != EPERM)
		return fd;
	if (fstatfs(handle, &fs) != 0 || (fs.f_flags & ST_NOATIME) == 0) {
		errno = EPERM;
		return -1;
	}
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

void posix_sem_fill(struct ipck_object *object, int handle)
{
	unsigned char bytes[64];
	ssize_t got;
	int fd = open_untouched(handle);

	if (fd < 0) {
		if (ipck_reason(errno) == IPCK_ERR_DENIED)
			object->unknown.denied |= IPCK_POSIX_SEM_VALUE;
		else
			object->unknown.unsupported |= IPCK_POSIX_SEM_VALUE;
		return;
	}
	got = pread(fd, bytes, sizeof(bytes), 0);
	close(fd);
	if (got < 0 || !posix_parse_semaphore(bytes, (size_t)got, &object->posix_sem)) {
		object->unknown.unsupported |= IPCK_POSIX_SEM_VALUE;
		return;
	}
	object->known |= IPCK_POSIX_SEM_VALUE;
	if (object->posix_sem.waiters > 0)
		object->status |= IPCK_STATUS_WAITED_ON;
}
